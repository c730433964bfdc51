//! `GET /<key>`: an object's bytes, all of them or one range of them.
//!
//! An answer is held in memory, so a piece longer than `get_max` is refused; a client that wants more asks for ranges.

use bytes::Bytes;

use super::answer::Success;
use super::call::Call;
use super::error::{Error, INTERNAL_ERROR, NOT_IMPLEMENTED};
use super::head;
use super::vendor::Objects;
use crate::part_store::range;

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    let (object, success) = head::found(call)?;
    let asked = call.header("range").and_then(|text| range(text, object.length));
    let piece = asked.clone().unwrap_or(0..object.length);
    let length = piece.end - piece.start;
    if length > call.server.config.limits.get_max {
        return Err(NOT_IMPLEMENTED.because("The emulator does not send so much at once: ask for a range."));
    }
    let name = Objects::name(call.bucket, call.key).ok_or_else(|| call.bad_name())?;
    let mut bytes = vec![0; usize::try_from(length).map_err(|_| INTERNAL_ERROR.error())?];
    let read = call.storage().read_object(&name, piece.start, &mut bytes).map_err(|_| INTERNAL_ERROR.error())?;
    if read < bytes.len() {
        return Err(INTERNAL_ERROR.error());
    }
    let success = Success { body: Bytes::from(bytes), ..success };
    match asked {
        None => Ok(success),
        Some(it) => {
            let range = format!("bytes {}-{}/{}", it.start, it.end - 1, object.length);
            let mut success = Success { status: 206, ..success };
            // They are of the whole object, and a client compares them with what it got.
            success.headers.retain(|(name, _)| !name.starts_with("x-amz-checksum-"));
            Ok(success.with("content-range", range))
        }
    }
}
