//! Moments in the forms a client may meet.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, offset};

const BASIC: &str = "%Y%m%dT%H%M%SZ";

/// `Wed Aug 31 20:46:40 2016`: Beijing time, as the vendor's samples print it.
pub(crate) fn asctime_beijing(unix: Duration) -> String {
    written("%a %b %e %H:%M:%S %Y", unix, offset(8))
}

/// `Wed, 31 Aug 2016 12:46:40 GMT`: what HTTP asks for.
pub(crate) fn imf_fixdate(unix: Duration) -> String {
    written("%a, %d %b %Y %H:%M:%S GMT", unix, Offset::UTC)
}

/// `2016-08-31T12:46:40Z`: without a fraction.
pub(crate) fn iso8601_seconds(unix: Duration) -> String {
    written("%Y-%m-%dT%H:%M:%SZ", unix, Offset::UTC)
}

/// `160831204640`: Beijing time without anything between, and without a century.
pub(crate) fn digits_beijing(unix: Duration) -> String {
    written("%y%m%d%H%M%S", unix, offset(8))
}

/// `2016-08-31T12:46:40.000Z`: whole seconds, whatever the form promises; clients of the vendor read no other.
pub(crate) fn iso8601(unix: Duration) -> String {
    written("%Y-%m-%dT%H:%M:%S.000Z", unix, Offset::UTC)
}

/// The moment of `20160831T124640Z`; none for any other form, and for a time before 1970.
pub(crate) fn of_basic_iso8601(text: &str) -> Option<Duration> {
    let at = DateTime::strptime(BASIC, text).ok()?;
    // The reader takes other forms, too.
    (at.strftime(BASIC).to_string() == text).then_some(())?;
    let moment = Offset::UTC.to_timestamp(at).ok()?;
    u64::try_from(moment.as_second()).ok().map(Duration::from_secs)
}

fn written(form: &str, unix: Duration, offset: Offset) -> String {
    let second = i64::try_from(unix.as_secs()).ok();
    let moment = second.and_then(|second| Timestamp::from_second(second).ok()).unwrap_or(Timestamp::MAX);
    offset.to_datetime(moment).strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vendor_samples() {
        let at = Duration::from_secs(1_472_647_600);
        assert_eq!(asctime_beijing(at), "Wed Aug 31 20:46:40 2016");
        assert_eq!(imf_fixdate(at), "Wed, 31 Aug 2016 12:46:40 GMT");
        assert_eq!(iso8601_seconds(at), "2016-08-31T12:46:40Z");
        assert_eq!(digits_beijing(at), "160831204640");
    }

    #[test]
    fn basic_and_extended_iso8601_tell_the_same_moment() {
        for seconds in [0, 951_782_400, 951_868_799, 1_472_647_600, 1_702_743_657, 4_107_542_400, 4_102_444_799] {
            let at = Duration::from_secs(seconds);
            let extended = iso8601(at);
            let basic: String = extended.replace(".000", "").chars().filter(|it| !"-:".contains(*it)).collect();
            assert_eq!(of_basic_iso8601(&basic), Some(at), "{extended}");
        }
        assert_eq!(iso8601(Duration::from_millis(1_472_647_600_042)), "2016-08-31T12:46:40.000Z");
        for bad in [
            "",
            "Z",
            "TZ",
            "20160831T124640",
            "2016-08-31T12:46:40Z",
            "20161331T124640Z",
            "20160831T244640Z",
            "2016083\u{e9}T124640Z",
            "+0160831T124640Z",
            "00000101T000000Z",
            "19691231T235959Z",
        ] {
            assert_eq!(of_basic_iso8601(bad), None, "{bad}");
        }
    }

    #[test]
    fn leap_days_and_year_ends() {
        let cases = [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_483_228_799, "Sat, 31 Dec 2016 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        ];
        for (seconds, text) in cases {
            assert_eq!(imf_fixdate(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn days_of_one_digit_are_padded_with_a_space() {
        let text = asctime_beijing(Duration::from_secs(0));
        assert_eq!(text, "Thu Jan  1 08:00:00 1970");
    }
}
