//! `PUT /<key>?partNumber=N&uploadId=U`: one part (reference §6.4).
//!
//! Answers the part's `ETag` (the MD5), CRC-64 and `Content-MD5`. In sequential mode a part that is not the next one is
//! refused: above it `PartNotSequential`, below it `PartAlreadyExist` with the tag of what is there. Else a part that comes
//! again replaces the older one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::answer::Success;
use super::call::{Call, part_etag};
use super::error::{Error, INTERNAL_ERROR, INVALID_ARGUMENT, NOT_IMPLEMENTED, PART_ALREADY_EXIST, PART_NOT_SEQUENTIAL};
use super::vendor::Upload;
use crate::part_store::Parts;

pub(super) fn run(call: &mut Call<'_>) -> Result<Success, Error> {
    if call.headers.contains_key("x-oss-copy-source") {
        return Err(NOT_IMPLEMENTED.error());
    }
    let number = part_number(call)?;
    // An upload that is not there is worse than bytes that are wrong.
    call.with_upload(|upload| Ok(upload.open(call.upload_id()).map(|_| ())?))?;
    let (file, digests) = call.take_bytes()?;
    let length = file.length;
    call.with_upload(|upload| {
        check_order(call, upload, number)?;
        let parts = upload.open(call.upload_id())?;
        parts.put(number, file, &digests, call.clock, call.storage()).map_err(|_| INTERNAL_ERROR.error())
    })?;
    call.stored = length;
    let md5 = [("content-md5", STANDARD.encode(digests.md5))];
    Ok(Success::empty(200).with(call.told(&hex::encode_upper(digests.md5), digests.crc64)).with(md5))
}

fn part_number(call: &Call<'_>) -> Result<u32, Error> {
    let limit = call.server.config.limits.parts;
    let Some(text) = call.query.get("partNumber").filter(|text| !text.is_empty()) else {
        return Err(INVALID_ARGUMENT.because("Part number is missing.").numbered("0017-00000219"));
    };
    let good = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| good && (1..=limit).contains(number));
    number.ok_or_else(|| {
        let error =
            INVALID_ARGUMENT.because(format!("Part number must be an integer between 1 and {limit}, inclusive"));
        error.numbered("0017-00000220").with("ArgumentName", "partNumber").with("ArgumentValue", text)
    })
}

fn check_order(call: &Call<'_>, upload: &mut Upload, number: u32) -> Result<(), Error> {
    if !upload.purpose.own.sequential {
        return Ok(());
    }
    let parts: &Parts = upload.open(call.upload_id())?;
    if number > parts.next() {
        return Err(PART_NOT_SEQUENTIAL.error().with("PartNumber", number.to_string()));
    }
    match parts.get(number) {
        None => Ok(()),
        Some(there) => {
            let etag = format!("\"{}\"", call.etag(&part_etag(there)));
            Err(PART_ALREADY_EXIST.error().with("ETag", etag).with("PartNumber", number.to_string()))
        }
    }
}
