//! `HEAD /<key>`: what is known of an object (reference §3.7). The answer has no body, an error's neither; checksums are told only
//! to those who ask for them.

use super::answer::Success;
use super::call::Call;
use super::description;
use super::error::{ACCESS_DENIED, Error, INVALID_ARGUMENT, NO_SUCH_KEY};
use super::switches::MissingObject;
use super::vendor::Object;
use crate::date;

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    if call.header("x-amz-server-side-encryption").is_some() {
        return Err(
            INVALID_ARGUMENT.because("x-amz-server-side-encryption header is not supported for this operation.")
        );
    }
    let (object, success) = found(call)?;
    let count = object.own.parts.len();
    let asks_for_parts = call.query.has("partNumber") && count > 0;
    let count = asks_for_parts.then(|| ("x-amz-mp-parts-count".to_owned(), count.to_string()));
    Ok(Success { length: Some(object.length), ..success.with_all(count) })
}

/// An object, and the head that tells of it.
pub(super) fn found(call: &Call<'_>) -> Result<(Object, Success), Error> {
    let found = call.server.objects.find(call.bucket, call.key, call.storage());
    let missing = || match call.server.config.switches.missing_object {
        MissingObject::NotFound => NO_SUCH_KEY.error().with("Key", call.key),
        MissingObject::Forbidden => ACCESS_DENIED.error(),
    };
    let object = found.ok_or_else(missing)?;
    description::check_key(&object.description, call.headers)?;
    let asks = call.header("x-amz-checksum-mode").is_some_and(|mode| mode.eq_ignore_ascii_case("ENABLED"));
    let checksum = call.told_checksum(object.own.checksum.clone().filter(|_| asks));
    let success = Success::empty(200)
        .with("content-type", object.description.content_type.clone())
        .with("accept-ranges", "bytes")
        .with("last-modified", date::imf_fixdate(object.modified))
        .with_all(checksum.iter().flat_map(|checksum| [checksum.header(), checksum.kind_header()]))
        .with_all(description::told(&object.description));
    let success = call.identified(success, &object);
    Ok((object, success))
}
