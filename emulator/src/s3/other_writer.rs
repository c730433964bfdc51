//! Somebody else who writes to the same place: a fault, before the request is handled.

use std::collections::BTreeMap;

use super::call::Call;
use super::checksums::Checksum;
use super::error::{Error, INTERNAL_ERROR};
use super::vendor::{Made, Object};
use crate::body_sink::Received;
use crate::part_store::{Algorithm, Description, Digests, Hashes, Overwrite};

const TEXT: &[u8] = b"another writer was here\n";

/// Replaces the upload's first part by as many other bytes, or the object by another one.
pub(super) fn write(call: &Call<'_>) -> Result<(), Error> {
    if call.told_upload_id().is_empty() { replace_object(call) } else { replace_part(call) }
}

fn replace_object(call: &Call<'_>) -> Result<(), Error> {
    let (file, digests) = received(call, TEXT.len() as u64)?;
    let object = Object {
        length: file.length,
        modified: call.clock,
        etag: call.etag_of(digests.md5),
        crc64: digests.crc64,
        is_multipart: false,
        description: Description::default(),
        own: Made {
            checksum: Checksum::of(&digests, Algorithm::Crc64Nvme),
            parts: BTreeMap::new(),
            version: call.server.next_version(),
        },
    };
    let place = (call.bucket, call.key);
    let put = call.server.objects.put(place, object, Overwrite::Allowed, |name| file.spool.into_object(name));
    put.map_err(|why| call.not_put(why))
}

fn replace_part(call: &Call<'_>) -> Result<(), Error> {
    call.with_upload(|upload| {
        let parts = upload.open(call.upload_id()).map_err(|_| call.no_such_upload())?;
        let Some((number, length)) = parts.all().next().map(|(number, part)| (number, part.length)) else {
            return Ok(());
        };
        let (file, digests) = received(call, length)?;
        parts.put(number, file, &digests, call.clock, call.storage()).map_err(|_| INTERNAL_ERROR.error())
    })
}

/// So many bytes of the text, over and over.
fn received(call: &Call<'_>, length: u64) -> Result<(Received, Digests), Error> {
    let failed = |_| INTERNAL_ERROR.error();
    let (mut spool, mut hashes) = (call.storage().spool().map_err(failed)?, Hashes::new(&Algorithm::ALL));
    let mut left = length;
    while left > 0 {
        let piece = &TEXT[..usize::try_from(left).map_or(TEXT.len(), |left| left.min(TEXT.len()))];
        spool.write(piece).map_err(failed)?;
        hashes.update(piece);
        left -= piece.len() as u64;
    }
    Ok((Received { spool, length }, hashes.finish()))
}
