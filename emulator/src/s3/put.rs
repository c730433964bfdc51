//! `PUT /<key>`: a whole object in one request (reference §3.8).
//!
//! Headers: `Content-Length`, what [`description`] keeps, `Content-MD5`, `x-amz-checksum-*`, conditions. Answers the object's
//! `ETag` and checksum; the same request again does the same again.

use std::collections::BTreeMap;

use super::answer::Success;
use super::call::Call;
use super::checksums::Checksum;
use super::description;
use super::error::Error;
use super::vendor::{Made, Object};

pub(super) fn run(call: &mut Call<'_>) -> Result<Success, Error> {
    call.check_no_copy()?;
    let description = description::of(call.headers)?;
    let (file, digests, claimed) = call.take_bytes()?;
    let overwrite = call.check_conditions()?;
    let checksum = call.kept_checksum(claimed.as_ref()).and_then(|kept| Checksum::of(&digests, kept.algorithm));
    let object = Object {
        length: file.length,
        modified: call.clock,
        etag: call.etag_of(digests.md5),
        crc64: digests.crc64,
        is_multipart: false,
        description,
        own: Made { checksum, parts: BTreeMap::new(), version: call.server.next_version() },
    };
    let (objects, place) = (&call.server.objects, (call.bucket, call.key));
    let put = objects.put(place, object.clone(), overwrite, |name| file.spool.into_object(name));
    put.map_err(|why| call.not_put(why))?;
    call.stored = object.length;
    let told = call.told_checksum(object.own.checksum.clone());
    let told = told.iter().flat_map(|checksum| [checksum.header(), checksum.kind_header()]);
    let success = call.identified(Success::empty(200), &object);
    Ok(success.with_all(told).with_all(description::encryption(&object.description)))
}
