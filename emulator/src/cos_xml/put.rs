//! `PUT /<key>`: a whole object in one request (reference §3.1).
//!
//! Headers: `Content-Length`, `Content-MD5`, `x-cos-forbid-overwrite`, `x-cos-traffic-limit`, and what [`description`] keeps. Answers
//! no body, the object's `ETag` (the MD5) and its CRC-64; the same request again does the same again.

use super::answer::Success;
use super::call::{Call, not_put};
use super::description;
use super::error::{Error, NOT_IMPLEMENTED};
use super::vendor::Object;

pub(super) fn run(call: &mut Call<'_>) -> Result<Success, Error> {
    if call.headers.contains_key("x-cos-copy-source") {
        return Err(NOT_IMPLEMENTED.error());
    }
    let description = description::of(call.headers)?;
    let (file, digests) = call.take_bytes()?;
    let object = Object {
        length: file.length,
        modified: call.clock,
        etag: call.etag_of(digests.md5),
        crc64: digests.crc64,
        is_multipart: false,
        description,
        own: (),
    };
    let (objects, place) = (&call.server.objects, (call.bucket, call.key));
    objects.put(place, object.clone(), call.overwrite(), |name| file.spool.into_object(name)).map_err(not_put)?;
    call.stored = object.length;
    Ok(Success::empty(200).with(call.told(&object)))
}
