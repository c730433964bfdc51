//! `PUT /<key>?partNumber=N&uploadId=U`: one part (reference §3.2). In any order, with any gaps; a number that comes again
//! replaces the older part.
//!
//! Headers: `Content-Length`, `Content-MD5`, one `x-amz-checksum-*`. Answers the part's `ETag`, and its checksum where one was
//! declared or claimed.

use std::sync::Arc;

use super::answer::Success;
use super::call::{Call, OTHER};
use super::checksums::{Checksum, Claimed, Declared, Kind, other_algorithm};
use super::description;
use super::error::{Error, INTERNAL_ERROR, INVALID_ARGUMENT, NOT_IMPLEMENTED};
use super::switches::{Checksums, PartAgain, UndeclaredPart};
use super::vendor::{Purpose, Upload};
use crate::part_store::Algorithm;

pub(super) fn run(call: &mut Call<'_>) -> Result<Success, Error> {
    call.check_no_copy()?;
    let number = part_number(call)?;
    // An upload that is not there is worse than bytes that are wrong.
    let purpose = call.with_upload(|upload| check(call, upload, number))?;
    let declared = purpose.own.checksum;
    let (file, digests, claimed) = call.take_bytes()?;
    check_claim(declared, claimed.as_ref())?;
    let length = file.length;
    call.with_upload(|upload| {
        let parts = upload.open(call.upload_id()).map_err(|_| call.no_such_upload())?;
        parts.put(number, file, &digests, call.clock, call.storage()).map_err(|_| INTERNAL_ERROR.error())
    })?;
    call.stored = length;
    let told = told(call, declared, claimed.as_ref()).and_then(|algorithm| Checksum::of(&digests, algorithm));
    let told = call.told_checksum(told).map(|checksum| checksum.header());
    let etag = call.told_etag(&call.etag_of(digests.md5)).map(|etag| ("etag".to_owned(), etag));
    Ok(Success::empty(200).with_all(etag).with_all(told).with_all(description::encryption(&purpose.description)))
}

/// What can be judged without the bytes.
fn check(call: &Call<'_>, upload: &mut Upload, number: u32) -> Result<Arc<Purpose>, Error> {
    let purpose = Arc::clone(&upload.purpose);
    let parts = upload.open(call.upload_id()).map_err(|_| call.no_such_upload())?;
    if call.server.config.switches.part_again == PartAgain::NotImplemented && parts.get(number).is_some() {
        return Err(NOT_IMPLEMENTED.because("A part cannot be uploaded again."));
    }
    description::check_key(&purpose.description, call.headers)?;
    Ok(purpose)
}

fn part_number(call: &Call<'_>) -> Result<u32, Error> {
    let limit = call.server.config.limits.parts;
    let text = call.query.get("partNumber").unwrap_or_default();
    let good = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| good && (1..=limit).contains(number));
    number.ok_or_else(|| {
        let error =
            INVALID_ARGUMENT.because(format!("Part number must be an integer between 1 and {limit}, inclusive"));
        error.with("ArgumentName", "partNumber").with("ArgumentValue", text)
    })
}

/// Parts have the checksum that the upload declares; those of a composite one have to.
fn check_claim(declared: Option<Declared>, claimed: Option<&Claimed>) -> Result<(), Error> {
    let Some(declared) = declared else { return Ok(()) };
    match claimed {
        Some(claimed) if claimed.algorithm == declared.algorithm => Ok(()),
        None if declared.kind == Kind::FullObject => Ok(()),
        _ => Err(other_algorithm(Some(declared.algorithm), claimed.map(|it| it.algorithm))),
    }
}

/// Which checksum the answer has.
fn told(call: &Call<'_>, declared: Option<Declared>, claimed: Option<&Claimed>) -> Option<Algorithm> {
    let switches = &call.server.config.switches;
    let own = (switches.undeclared_part == UndeclaredPart::Crc64Nvme).then_some(Algorithm::Crc64Nvme);
    let true_one = declared.map(|it| it.algorithm).or(claimed.map(|it| it.algorithm)).or(own);
    match switches.checksums {
        Checksums::Kept => true_one,
        Checksums::Ignored => None,
        Checksums::Other => true_one.map(|_| OTHER),
    }
}
