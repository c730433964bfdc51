//! `PUT /<key>`: a whole object in one request (reference §6.8).
//!
//! Headers: `Content-Length` or chunks, what [`Description`] keeps, `x-oss-object-acl`, `Content-MD5`, `x-oss-forbid-overwrite`, the callback. Answers the
//! object's `ETag` (the MD5) and CRC-64, or what the callback answered; the same request again does the same again.

use super::answer::Success;
use super::call::Call;
use super::description::{self, Description};
use super::error::{Error, NOT_IMPLEMENTED};
use super::objects::Made;

pub(super) fn run(call: &mut Call<'_>) -> Result<Success, Error> {
    if call.headers.contains_key("x-oss-copy-source") {
        return Err(NOT_IMPLEMENTED.error());
    }
    let callback = call.callback()?;
    let (description, acl) = (Description::of(call.headers)?, description::acl(call.headers)?);
    let (file, digests) = call.take_bytes()?;
    let made = Made {
        length: file.length,
        etag: hex::encode_upper(digests.md5),
        crc64: digests.crc64,
        sha1: digests.sha1,
        description,
        acl,
        is_multipart: false,
    };
    let (objects, place) = (&call.server.objects, (call.bucket, call.key));
    objects.put(place, &made, call.clock, call.forbids_overwrite(), |name| file.spool.into_object(name))?;
    call.stored = made.length;
    call.conclude(&made, callback.as_ref(), Success::empty(200))
}
