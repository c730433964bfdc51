//! `GET /<key>`: an object's bytes, all of them or one range of them.
//!
//! An answer is held in memory, so a piece longer than `get_max` is refused; a client that wants more asks for ranges.

use std::ops::Range;

use bytes::Bytes;

use super::answer::Success;
use super::call::Call;
use super::error::{Error, INTERNAL_ERROR, NOT_IMPLEMENTED};
use super::{head, objects};

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    let (object, success) = head::found(call)?;
    let asked = call.header("range").and_then(|range| read(range, object.length));
    let piece = asked.clone().unwrap_or(0..object.length);
    let length = piece.end - piece.start;
    if length > call.server.config.limits.get_max {
        return Err(NOT_IMPLEMENTED.because("The emulator does not send so much at once: ask for a range."));
    }
    let name = objects::name(call.bucket, call.key)?;
    let mut bytes = vec![0; usize::try_from(length).map_err(|_| INTERNAL_ERROR.error())?];
    let read = call.storage().read_object(&name, piece.start, &mut bytes).map_err(|_| INTERNAL_ERROR.error())?;
    if read < bytes.len() {
        return Err(INTERNAL_ERROR.error());
    }
    let success = Success { body: Bytes::from(bytes), ..success };
    match asked {
        None => Ok(success),
        Some(Range { start, end }) => {
            let range = format!("bytes {start}-{}/{}", end - 1, object.length);
            Ok(Success { status: 206, ..success }.with([("content-range", range)]))
        }
    }
}

/// One range of bytes that is within the object; any other is ignored, as OSS does.
fn read(text: &str, length: u64) -> Option<Range<u64>> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let range = match (first.parse::<u64>().ok(), last.parse::<u64>().ok()) {
        (None, Some(count)) if first.is_empty() => length.saturating_sub(count)..length,
        (Some(first), None) if last.is_empty() => first..length,
        (Some(first), Some(last)) => first..last.checked_add(1)?.min(length),
        _ => return None,
    };
    (range.start < range.end).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (text, range) in [
            ("bytes=0-0", Some(0..1)),
            ("bytes=3-", Some(3..10)),
            ("bytes=3-99", Some(3..10)),
            ("bytes=-4", Some(6..10)),
            ("bytes=-99", Some(0..10)),
            ("bytes=10-", None),
            ("bytes=5-4", None),
            ("bytes=-0", None),
            ("bytes=1-2,3-4", None),
            ("bytes=-", None),
            ("items=1-2", None),
            ("bytes=0-18446744073709551615", None),
        ] {
            assert_eq!(read(text, 10), range, "{text}");
        }
    }
}
