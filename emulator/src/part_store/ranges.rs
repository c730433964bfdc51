//! Which bytes of an object a `Range` header asks for.

use std::ops::Range;

/// One range of bytes that is within the object; any other is ignored.
pub(crate) fn range(text: &str, length: u64) -> Option<Range<u64>> {
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
        for (text, expected) in [
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
            assert_eq!(range(text, 10), expected, "{text}");
        }
    }
}
