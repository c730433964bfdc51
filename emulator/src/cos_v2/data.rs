//! `op=upload_slice_data`: one slice (reference §5.2).
//!
//! Fields: `session`, `offset`, `filecontent`, and the whole file's `sha` if init had one. Answers `datalen`, `offset` and
//! `session` as echoes. A slice sent again unchanged changes nothing; one that contradicts `uploadparts` is -4016.
//! `datamd5` and `sliceSize`, which some SDKs add, are not looked at.

use std::io;

use super::answer::{Data, SliceData};
use super::bucket::Bucket;
use super::call::{Call, Received, storage_code};
use super::parts::Claim;
use super::session::{Proof, Session};
use super::{ChangedSlice, SerialUpload};
use crate::cos::code::{self, Code};
use crate::cos::form::Fields;
use crate::cos::path::Name;
use crate::storage::Storage;

const CHUNK: usize = 64 * 1024;

/// Checks what can be checked of a slice without holding its session: other requests go on meanwhile.
pub(super) fn prove(bucket: &Bucket, name: &Name, fields: &Fields, file: &mut Received) -> io::Result<Vec<Proof>> {
    let offset = fields.text("offset").and_then(|text| text.parse::<u64>().ok());
    let (Some(offset), Some("upload_slice_data")) = (offset, fields.text("op")) else {
        return Ok(Vec::new());
    };
    let end = offset.saturating_add(file.length);
    let claims = bucket.with_slot(name.key(), |slot| {
        let session = slot.as_ref().filter(|session| Some(session.id.as_str()) == fields.text("session"));
        session.map_or_else(Vec::new, |session| session.claims(offset, end))
    });
    let prove = |(index, claim): (usize, Claim)| {
        let holds = claim.holds(&mut |at, buf| file.spool.read(at.saturating_sub(offset), buf))?;
        Ok(Proof { index, holds })
    };
    claims.into_iter().map(prove).collect()
}

pub(super) fn run(call: &mut Call<'_>) -> Result<Data, Code> {
    let offset = call.number("offset")?;
    let mut file = call.file.take().ok_or(code::PARAMETER.because("ERROR_CGI_PARAM: filecontent"))?;
    let promised = call.session()?.sha;
    call.check_sha(promised)?;
    let switches = &call.config.switches;
    let (storage, proofs) = (call.storage, std::mem::take(&mut call.proofs));
    let session = call.session()?;
    check_shape(session, offset, file.length, switches.aligned_slices)?;
    let length = file.length;
    let data = SliceData { datalen: length, offset, session: session.id.clone() };
    if is_known(session, offset, &mut file, storage).map_err(storage_code)? {
        return Ok(Data::Slice(data));
    }
    if session.length_at(offset).is_some() {
        if session.has_parts() || switches.changed_slice == ChangedSlice::Refuse {
            return Err(code::SHA_MISMATCH);
        }
        session.forget(offset, storage).map_err(storage_code)?;
    } else if switches.serial_upload == SerialUpload::One && offset != session.frontier() {
        return Err(code::PARAMETER.because("ERROR_CGI_PARAM: slice out of order"));
    }
    store(session, offset, file, &proofs, storage)?;
    call.stored = length;
    Ok(Data::Slice(data))
}

fn check_shape(session: &Session, offset: u64, length: u64, aligned: bool) -> Result<(), Code> {
    let bad = Err(code::PARAMETER.because("ERROR_CGI_PARAM: slice does not fit"));
    let Some(end) = offset.checked_add(length) else {
        return bad;
    };
    if length == 0 || end > session.file_size || length > session.slice_size {
        return bad;
    }
    if aligned {
        let starts = offset.is_multiple_of(session.slice_size);
        let fills = length == session.slice_size || end == session.file_size;
        return if starts && fills { Ok(()) } else { bad };
    }
    let again = session.length_at(offset) == Some(length);
    if again || !session.overlaps(offset, end) { Ok(()) } else { bad }
}

/// Whether the same bytes are there already.
fn is_known(session: &Session, offset: u64, file: &mut Received, storage: &dyn Storage) -> io::Result<bool> {
    if session.length_at(offset) != Some(file.length) {
        return Ok(false);
    }
    if !storage.keeps_bytes() {
        return Ok(true);
    }
    let size = usize::try_from(file.length).map_or(CHUNK, |length| length.min(CHUNK));
    let (mut ours, mut theirs) = (vec![0; size], vec![0; size]);
    let mut done = 0;
    while done < file.length {
        let wanted = usize::try_from(file.length - done).map_or(size, |rest| rest.min(size));
        let (ours, theirs) = (&mut ours[..wanted], &mut theirs[..wanted]);
        storage.read_draft(&session.draft(), offset + done, ours)?;
        file.spool.read(done, theirs)?;
        if ours != theirs {
            return Ok(false);
        }
        done += wanted as u64;
    }
    Ok(true)
}

fn store(
    session: &mut Session,
    offset: u64,
    file: Received,
    proofs: &[Proof],
    storage: &dyn Storage,
) -> Result<(), Code> {
    let Received { spool, length } = file;
    spool.into_draft(&session.draft(), offset).map_err(storage_code)?;
    match session.add(offset, length, proofs, storage) {
        Ok(true) => Ok(()),
        Ok(false) => Err(code::SHA_MISMATCH),
        Err(error) => Err(storage_code(error)),
    }
}
