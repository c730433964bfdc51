//! `POST /<key>?uploads`: begins an upload in parts (reference §6.3).
//!
//! Parameters: `sequential`, with or without a value, asks for parts in order and for the SHA-1 of the whole;
//! `encoding-type=url` for an encoded key. Every call begins another upload.

use super::answer::Success;
use super::call::Call;
use super::description;
use super::error::{Error, INTERNAL_ERROR};
use super::vendor::{Begun, Objects, Purpose};
use crate::part_store::Xml;

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    let style = call.key_style()?;
    Objects::name(call.bucket, call.key).ok_or_else(|| call.bad_name())?;
    call.check_overwrite()?;
    let purpose = Purpose {
        bucket: call.bucket.to_owned(),
        key: call.key.to_owned(),
        begun: call.clock,
        description: description::of(call.headers)?,
        own: Begun { sequential: call.query.has("sequential") },
    };
    let id = call.server.uploads.begin(purpose, call.storage()).map_err(|_| INTERNAL_ERROR.error())?;
    Ok(Success::xml(Xml::document("InitiateMultipartUploadResult", |xml| {
        style.tell(xml);
        xml.leaf("Bucket", call.bucket);
        xml.leaf("Key", &style.key(call.key));
        xml.leaf("UploadId", &id);
    })))
}
