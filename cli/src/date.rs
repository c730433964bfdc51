//! Points in time, to read.

use std::time::Duration;

use resumable_core::Modified;

const DAY: i64 = 86_400;

/// Like `2026-01-31 03:04:05 UTC`.
pub(crate) fn show_unix(unix: Duration) -> String {
    format!("{} UTC", seconds(i64::try_from(unix.as_secs()).unwrap_or(i64::MAX)))
}

/// Like `2026-01-31 03:04:05.123456789 UTC`.
pub(crate) fn show_modified(modified: Modified) -> String {
    format!("{}.{:09} UTC", seconds(modified.secs), modified.nanos)
}

fn seconds(secs: i64) -> String {
    let (year, month, day) = civil(secs.div_euclid(DAY));
    let of_day = secs.rem_euclid(DAY);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}", of_day / 3600, of_day / 60 % 60, of_day % 60)
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar: years begin in March here, so that
/// a leap day is the last of its year, and 400 of them are an era of 146,097 days.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
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
        ] {
            assert_eq!(seconds(secs), shown);
        }
    }

    #[test]
    fn fractions_of_a_second_are_kept() {
        assert_eq!(show_modified(Modified { secs: 0, nanos: 5 }), "1970-01-01 00:00:00.000000005 UTC");
        assert_eq!(show_unix(Duration::from_millis(1_999)), "1970-01-01 00:00:01 UTC");
    }
}
