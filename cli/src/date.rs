//! Points in time, to read.

use std::time::Duration;

use jiff::Timestamp;
use resumable::machine::Modified;

/// Like `2026-01-31 03:04:05 UTC`.
pub(crate) fn show_unix(unix: Duration) -> String {
    format!("{} UTC", seconds(i64::try_from(unix.as_secs()).unwrap_or(i64::MAX)))
}

/// Like `2026-01-31 03:04:05.123456789 UTC`.
pub(crate) fn show_modified(modified: Modified) -> String {
    format!("{}.{:09} UTC", seconds(modified.secs), modified.nanos)
}

/// Like `2026-01-31T03:04:05.123Z`.
pub(crate) fn show_stamp(unix: Duration) -> String {
    let stamp = i64::try_from(unix.as_millis()).ok().and_then(|millis| Timestamp::from_millisecond(millis).ok());
    stamp.map_or_else(|| seconds(i64::MAX), |stamp| format!("{stamp:.3}"))
}

/// What is beyond the years 9999 in either direction is shown as the seconds that it is.
fn seconds(secs: i64) -> String {
    let shown = |time: Timestamp| time.strftime("%Y-%m-%d %H:%M:%S").to_string();
    Timestamp::from_second(secs).map_or_else(|_| format!("{secs} s after 1970"), shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments_are_shown_right() {
        for (secs, shown) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_400, "2000-02-29 00:00:00"),
            (1_000_000_000, "2001-09-09 01:46:40"),
            (1_472_647_600, "2016-08-31 12:46:40"),
            (4_107_542_400, "2100-03-01 00:00:00"),
            (-1, "1969-12-31 23:59:59"),
            (i64::MAX, "9223372036854775807 s after 1970"),
        ] {
            assert_eq!(seconds(secs), shown);
        }
    }

    #[test]
    fn fractions_of_a_second_are_kept() {
        assert_eq!(show_modified(Modified { secs: 0, nanos: 5 }), "1970-01-01 00:00:00.000000005 UTC");
        assert_eq!(show_unix(Duration::from_millis(1_999)), "1970-01-01 00:00:01 UTC");
        assert_eq!(show_stamp(Duration::from_millis(1_999)), "1970-01-01T00:00:01.999Z");
        assert_eq!(show_stamp(Duration::from_secs(5)), "1970-01-01T00:00:05.000Z");
    }
}
