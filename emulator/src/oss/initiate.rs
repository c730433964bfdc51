//! `POST /<key>?uploads`: begins an upload in parts (reference §6.3).
//!
//! Parameters: `sequential`, with or without a value, asks for parts in order and for the SHA-1 of the whole;
//! `encoding-type=url` for an encoded key. Every call begins another upload.

use super::answer::Success;
use super::call::Call;
use super::description::Description;
use super::error::{Error, FILE_ALREADY_EXISTS, INTERNAL_ERROR};
use super::parts::Purpose;
use super::xml::Xml;
use super::{listing, objects, uploads};

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    let encodes = call.encodes_keys()?;
    objects::name(call.bucket, call.key)?;
    if call.forbids_overwrite() && call.server.objects.has(call.bucket, call.key) {
        return Err(FILE_ALREADY_EXISTS.error());
    }
    let purpose = Purpose {
        bucket: call.bucket.to_owned(),
        key: call.key.to_owned(),
        sequential: call.query.has("sequential"),
        description: Description::of(call.headers)?,
        begun: uploads::begun(call.clock),
    };
    let id = call.server.uploads.begin(purpose, call.storage()).map_err(|_| INTERNAL_ERROR.error())?;
    Ok(Success::xml(Xml::document("InitiateMultipartUploadResult", |xml| {
        listing::encoding(xml, encodes);
        xml.leaf("Bucket", call.bucket);
        xml.leaf("Key", &listing::key(call.key, encodes));
        xml.leaf("UploadId", &id);
    })))
}
