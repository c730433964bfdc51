//! `HEAD /<key>`: what is known of an object. Errors have no body; `x-oss-err` holds it (reference §6.1, §6.12).

use super::answer::Success;
use super::call::Call;
use super::description;
use super::error::{Error, NO_SUCH_KEY};
use super::vendor::Object;
use crate::date;

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    let (object, success) = found(call)?;
    Ok(Success { length: Some(object.length), ..success })
}

/// An object, and the head that tells of it.
pub(super) fn found(call: &Call<'_>) -> Result<(Object, Success), Error> {
    let found = call.server.objects.find(call.bucket, call.key, call.storage());
    let object = found.ok_or_else(|| NO_SUCH_KEY.error().with("Key", call.key))?;
    let success = Success {
        kind: Some(object.description.content_type.clone()),
        described: description::told(&object.description).collect(),
        ..Success::empty(200)
    };
    let kind = if object.is_multipart { "Multipart" } else { "Normal" };
    let success = success.with(call.told(&object.etag, object.crc64)).with([
        ("accept-ranges", "bytes".to_owned()),
        ("last-modified", date::imf_fixdate(object.modified)),
        ("x-oss-object-type", kind.to_owned()),
    ]);
    Ok((object, success))
}
