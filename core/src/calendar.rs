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
    use super::*;

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
