//! Points in time, to read.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use resumable::machine::Modified;

/// As programs read it: `2026-01-31T03:04:05Z`.
pub(crate) fn show_utc(unix: Duration) -> String {
    timestamp(unix).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// On the clock on the wall: `2026-01-31 03:04`.
pub(crate) fn show_local(unix: Duration, zone: &TimeZone) -> String {
    timestamp(unix).to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// How long ago, in one unit: `12 s`, `5 min`, `30 h`, `4 days`.
pub(crate) fn show_age(age: Duration) -> String {
    match age.as_secs() {
        secs @ 0..100 => format!("{secs} s"),
        secs @ 100..6000 => format!("{} min", secs / 60),
        secs @ 6000..172_800 => format!("{} h", secs / 3600),
        secs => format!("{} days", secs / 86_400),
    }
}

/// What is beyond the year 9999 is shown as its end.
fn timestamp(unix: Duration) -> Timestamp {
    i64::try_from(unix.as_secs()).ok().and_then(|secs| Timestamp::from_second(secs).ok()).unwrap_or(Timestamp::MAX)
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
        assert_eq!(show_stamp(Duration::from_millis(1_999)), "1970-01-01T00:00:01.999Z");
        assert_eq!(show_stamp(Duration::from_secs(5)), "1970-01-01T00:00:05.000Z");
        assert_eq!(show_utc(Duration::from_millis(1_999)), "1970-01-01T00:00:01Z");
    }

    #[test]
    fn a_moment_is_shown_by_the_clock_on_the_wall() {
        let zone = TimeZone::fixed(jiff::tz::offset(-5));
        assert_eq!(show_local(Duration::from_secs(1_000_000_000), &zone), "2001-09-08 20:46");
        assert_eq!(show_utc(Duration::MAX), "9999-12-30T22:00:00Z");
    }

    #[test]
    fn an_age_has_one_unit() {
        for (secs, shown) in [
            (0, "0 s"),
            (99, "99 s"),
            (100, "1 min"),
            (5_999, "99 min"),
            (6_000, "1 h"),
            (172_799, "47 h"),
            (172_800, "2 days"),
            (100 * 86_400, "100 days"),
        ] {
            assert_eq!(show_age(Duration::from_secs(secs)), shown);
        }
    }
}
