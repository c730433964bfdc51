//! `PUT /<key>?partNumber=N&uploadId=U`: one part, in any order (reference §3.3).
//!
//! Headers: `Content-Length`, `Content-MD5`, `x-cos-traffic-limit`. Answers no body, the part's `ETag` (the MD5) and its CRC-64. A part
//! that comes again replaces the older one.

use super::answer::Success;
use super::call::{Call, wrong_argument};
use super::error::{ENTITY_TOO_SMALL, Error, INTERNAL_ERROR, NOT_IMPLEMENTED};

pub(super) fn run(call: &mut Call<'_>) -> Result<Success, Error> {
    if call.headers.contains_key("x-cos-copy-source") {
        return Err(NOT_IMPLEMENTED.error());
    }
    let number = part_number(call)?;
    // An upload that is not there is worse than bytes that are wrong.
    call.with_upload(|upload| Ok(upload.open(call.upload_id()).map(|_| ())?))?;
    let (file, digests) = call.take_bytes()?;
    let length = file.length;
    if length == 0 {
        return Err(ENTITY_TOO_SMALL.error());
    }
    call.with_upload(|upload| {
        let parts = upload.open(call.upload_id())?;
        parts.put(number, file, &digests, call.clock, call.storage()).map_err(|_| INTERNAL_ERROR.error())
    })?;
    call.stored = length;
    let etag = ("etag", format!("\"{}\"", call.etag(&call.etag_of(digests.md5))));
    Ok(Success::empty(200).with([etag]).with(call.told_crc64(digests.crc64, false)))
}

fn part_number(call: &Call<'_>) -> Result<u32, Error> {
    const NAME: &str = "partNumber";
    // No part has the number 0.
    match call.number(NAME, 0, 1..=call.server.config.limits.parts)? {
        0 => Err(wrong_argument(NAME)),
        number => Ok(number),
    }
}
