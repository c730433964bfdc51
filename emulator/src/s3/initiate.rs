//! `POST /<key>?uploads`: begins an upload in parts (reference §3.1). Every call begins another one.
//!
//! Headers: what [`description`] keeps, and the checksum that the parts and the object are to have.

use super::answer::Success;
use super::call::Call;
use super::checksums::{Declared, word};
use super::description;
use super::error::{Error, INTERNAL_ERROR};
use super::switches::Checksums;
use super::vendor::{Begun, Objects, Purpose};

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    let style = call.key_style()?;
    Objects::name(call.bucket, call.key).ok_or_else(|| call.bad_name())?;
    let declared = match call.server.config.switches.checksums {
        Checksums::Ignored => None,
        Checksums::Kept | Checksums::Other => Declared::of(call.headers)?,
    };
    let purpose = Purpose {
        bucket: call.bucket.to_owned(),
        key: call.key.to_owned(),
        begun: call.clock,
        description: description::of(call.headers)?,
        own: Begun { checksum: declared },
    };
    let encryption = description::encryption(&purpose.description);
    let id = call.server.uploads.begin(purpose, call.storage()).map_err(|_| INTERNAL_ERROR.error())?;
    let success = call.document("InitiateMultipartUploadResult", |xml| {
        style.tell(xml);
        xml.leaf("Bucket", call.bucket);
        xml.leaf("Key", &style.key(call.key));
        xml.leaf("UploadId", &call.server.told_id(&id));
    });
    let echo = declared
        .iter()
        .flat_map(|it| [("x-amz-checksum-algorithm", word(it.algorithm)), ("x-amz-checksum-type", it.kind.word())]);
    Ok(success.with_all(echo.map(|(name, value)| (name.to_owned(), value.to_owned()))).with_all(encryption))
}
