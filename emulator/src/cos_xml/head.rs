//! `HEAD /<key>`: what is known of an object. An error has no body, so its status is all that is told (reference §3.8).

use super::answer::{Length, Success};
use super::call::Call;
use super::description;
use super::error::{Error, NO_SUCH_KEY};
use super::vendor::Object;
use crate::date;

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    let (object, success) = found(call)?;
    Ok(Success { length: Length::Of(object.length), ..success })
}

/// An object, and the head that tells of it.
pub(super) fn found(call: &Call<'_>) -> Result<(Object, Success), Error> {
    let found = call.server.objects.find(call.bucket, call.key, call.storage());
    let object = found.ok_or_else(|| NO_SUCH_KEY.error())?;
    let success = Success {
        kind: Some(object.description.content_type.clone()),
        described: description::told(&object.description).collect(),
        ..Success::empty(200)
    };
    let success = success.with(call.told(&object)).with([
        ("accept-ranges", "bytes".to_owned()),
        ("last-modified", date::imf_fixdate(object.modified)),
        ("x-cos-object-type", "normal".to_owned()),
    ]);
    Ok((object, success))
}
