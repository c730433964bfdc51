//! `PUT /<key>`: a whole object in one request (reference §6.8).
//!
//! Headers: `Content-Length` or chunks, what [`description`] keeps, `x-oss-object-acl`, `Content-MD5`, `x-oss-forbid-overwrite`, the callback. Answers the
//! object's `ETag` (the MD5) and CRC-64, or what the callback answered; the same request again does the same again.

use super::answer::Success;
use super::call::Call;
use super::description;
use super::error::{Error, NOT_IMPLEMENTED};
use super::vendor::{Made, Object};
use crate::part_store::Algorithm;

pub(super) fn run(call: &mut Call<'_>) -> Result<Success, Error> {
    if call.headers.contains_key("x-oss-copy-source") {
        return Err(NOT_IMPLEMENTED.error());
    }
    let callback = call.callback()?;
    let (description, acl) = (description::of(call.headers)?, description::acl(call.headers)?);
    let (file, digests) = call.take_bytes()?;
    let made = Object {
        length: file.length,
        modified: call.clock,
        etag: hex::encode_upper(digests.md5),
        crc64: digests.crc64,
        is_multipart: false,
        description,
        own: Made { acl, sha1: digests.further.get(&Algorithm::Sha1).cloned() },
    };
    let (objects, place) = (&call.server.objects, (call.bucket, call.key));
    let put = objects.put(place, made.clone(), call.overwrite(), |name| file.spool.into_object(name));
    put.map_err(|why| call.not_put(why))?;
    call.stored = made.length;
    call.conclude(&made, callback.as_ref(), Success::empty(200))
}
