//! Dates of the Gregorian calendar, in UTC. Nothing here reads a clock: a time is a duration since 1970-01-01.

use alloc::string::{String, ToString};
use core::time::Duration;

use jiff::civil::DateTime;

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

const HTTP: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// Writes a time as `format` says, in the language of C's `strftime`; times after the year 9999 are its end.
pub fn strftime(format: &str, unix: Duration) -> String {
    EPOCH.saturating_add(unix).strftime(format).to_string()
}

/// Reads a time after 1970 as `format` says, in the language of C's `strptime`; `None` if the text is no such time.
pub fn strptime(format: &str, text: &str) -> Option<Duration> {
    DateTime::strptime(format, text).ok()?.duration_since(EPOCH).try_into().ok()
}

/// A date as HTTP writes it: `Wed, 21 Oct 2015 07:28:00 GMT`. Fractions of a second are left out.
pub fn http_date(unix: Duration) -> String {
    strftime(HTTP, unix)
}

/// A date in a header of HTTP that ends in `GMT`.
///
/// Other forms are refused on purpose: the `Date` of the COS samples is in asctime form, which HTTP reads as GMT,
/// but it is Beijing time, eight hours off.
pub fn parse_gmt_date(text: &str) -> Option<Duration> {
    let text = text.trim();
    strptime(HTTP, text).or_else(|| strptime("%A, %d-%b-%y %H:%M:%S GMT", text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The last second of the year 9999.
    const END: u64 = 253_402_300_799;

    /// The date by the rule of the calendar, day by day of a year: years, months, days, hours, minutes, seconds, and the day
    /// of the week from Sunday on.
    fn by_the_rule(unix: u64) -> [u64; 7] {
        let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days_of = |year: u64| if leap(year) { 366 } else { 365 };
        let (days, second) = (unix / 86_400, unix % 86_400);
        let (mut year, mut left) = (1970, days);
        while left >= days_of(year) {
            left -= days_of(year);
            year += 1;
        }
        let february = if leap(year) { 29 } else { 28 };
        let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut month = 0;
        while left >= months[month] {
            left -= months[month];
            month += 1;
        }
        [year, month as u64 + 1, left + 1, second / 3600, second / 60 % 60, second % 60, (days + 4) % 7]
    }

    proptest! {
        #[test]
        fn dates_are_those_of_the_calendar_and_are_read_again(unix in 0..=END, nanos in 0u32..1_000_000_000) {
            let (time, whole) = (Duration::new(unix, nanos), Duration::from_secs(unix));
            let [year, month, day, hour, minute, second, weekday] = by_the_rule(unix);
            let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
            let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
            let (name, of_week) = (months[usize::try_from(month - 1).unwrap()], weekdays[usize::try_from(weekday).unwrap()]);
            let text = format!("{of_week}, {day:02} {name} {year:04} {hour:02}:{minute:02}:{second:02} GMT");
            prop_assert_eq!(&http_date(time), &text);
            prop_assert_eq!(parse_gmt_date(&text), Some(whole));
            let basic = format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z");
            prop_assert_eq!(&strftime("%Y%m%dT%H%M%SZ", time), &basic);
            prop_assert_eq!(strptime("%Y%m%dT%H%M%SZ", &basic), Some(whole));
        }

        #[test]
        fn what_is_read_is_what_would_be_written(unix in 0..=END, at in 0usize..29, to in "[ -~]") {
            let mut text = http_date(Duration::from_secs(unix));
            text.replace_range(at..=at, &to);
            if let Some(time) = parse_gmt_date(&text) {
                // The parser takes any case, blanks, zeros and a plus before a number, and a leap second for the one before.
                let text = text.replace(":60 ", ":59 ");
                let bare = |text: &str| text.to_ascii_lowercase().replace([' ', '0', '+'], "");
                prop_assert_eq!(bare(&http_date(time)), bare(&text));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            parse_gmt_date(&text);
            strptime("%Y%m%dT%H%M%SZ", &text);
        }
    }

    #[test]
    fn only_gmt_is_believed() {
        let then = Some(Duration::from_secs(1_445_412_480));
        assert_eq!(parse_gmt_date("Wed, 21 Oct 2015 07:28:00 GMT"), then);
        assert_eq!(parse_gmt_date(" Wednesday, 21-Oct-15 07:28:00 GMT"), then, "the older form (RFC 9110, 5.6.7)");
        assert_eq!(parse_gmt_date("Wed Oct 21 07:28:00 2015"), None);
        assert_eq!(parse_gmt_date("Wed Oct 21 07:28:00 GMT"), None);
        assert_eq!(parse_gmt_date("Wed, 31 Dec 1969 23:59:59 GMT"), None);
        assert_eq!(parse_gmt_date(""), None);
    }

    #[test]
    fn what_is_written_is_read_again() {
        for seconds in [0, 951_782_399, 951_782_400, 4_107_542_400, 253_402_300_799] {
            let time = Duration::from_secs(seconds);
            assert_eq!(parse_gmt_date(&http_date(time)), Some(time));
        }
        assert_eq!(http_date(Duration::MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
        assert_eq!(http_date(Duration::from_millis(1_445_412_480_999)), "Wed, 21 Oct 2015 07:28:00 GMT");
    }
}
