//! `POST /<key>?uploads`: begins an upload in parts (reference §3.2).
//!
//! No body. What is said of the object is said here, and kept. Every call begins another upload.

use super::answer::Success;
use super::call::Call;
use super::description;
use super::error::{Error, INTERNAL_ERROR};
use super::vendor::Purpose;
use crate::part_store::{KeyStyle, Xml};

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    if call.server.config.switches.initiate_checks_forbid {
        call.check_overwrite()?;
    }
    let purpose = Purpose {
        bucket: call.bucket.to_owned(),
        key: call.key.to_owned(),
        begun: call.clock,
        description: description::of(call.headers)?,
        own: (),
    };
    let id = call.server.uploads.begin(purpose, call.storage()).map_err(|_| INTERNAL_ERROR.error())?;
    Ok(Success::xml(Xml::document("InitiateMultipartUploadResult", |xml| {
        xml.leaf("Bucket", call.bucket);
        call.write_key(xml, "Key", call.key, KeyStyle::Plain);
        xml.leaf("UploadId", &id);
    })))
}
