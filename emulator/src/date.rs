//! Moments in the forms a client may meet.

use std::time::Duration;

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const BEIJING: u64 = 8 * 3600;

/// `Wed Aug 31 20:46:40 2016`: Beijing time, as the vendor's samples print it.
pub(crate) fn asctime_beijing(unix: Duration) -> String {
    let at = Civil::of(unix.as_secs().saturating_add(BEIJING));
    format!("{} {} {:>2} {} {}", at.day_name, at.month_name, at.day, at.clock, at.year)
}

/// `Wed, 31 Aug 2016 12:46:40 GMT`: what HTTP asks for.
pub(crate) fn imf_fixdate(unix: Duration) -> String {
    let at = Civil::of(unix.as_secs());
    format!("{}, {:02} {} {} {} GMT", at.day_name, at.day, at.month_name, at.year, at.clock)
}

/// `2016-08-31T12:46:40Z`: without a fraction.
pub(crate) fn iso8601_seconds(unix: Duration) -> String {
    let at = Civil::of(unix.as_secs());
    format!("{}-{:02}-{:02}T{}Z", at.year, at.month, at.day, at.clock)
}

/// `160831204640`: Beijing time without anything between, and without a century.
pub(crate) fn digits_beijing(unix: Duration) -> String {
    let at = Civil::of(unix.as_secs().saturating_add(BEIJING));
    format!("{:02}{:02}{:02}{}", at.year % 100, at.month, at.day, at.clock.replace(':', ""))
}

/// `2016-08-31T12:46:40.000Z`: whole seconds, whatever the form promises; clients of the vendor read no other.
pub(crate) fn iso8601(unix: Duration) -> String {
    let at = Civil::of(unix.as_secs());
    format!("{}-{:02}-{:02}T{}.000Z", at.year, at.month, at.day, at.clock)
}

/// The moment of `20160831T124640Z`; none for any other form, and for a time before 1970.
pub(crate) fn of_basic_iso8601(text: &str) -> Option<Duration> {
    let (day, clock) = text.strip_suffix('Z')?.split_once('T')?;
    let number = |digits: &str| -> Option<u64> {
        let good = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        good.then(|| digits.parse().ok()).flatten()
    };
    if day.len() != 8 || clock.len() != 6 || !text.is_ascii() {
        return None;
    }
    let (year, month, day) = (number(&day[..4])?, number(&day[4..6])?, number(&day[6..])?);
    let (hour, minute, second) = (number(&clock[..2])?, number(&clock[2..4])?, number(&clock[4..])?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = days(year, month, day)? * 86_400 + hour * 3600 + minute * 60 + second;
    Some(Duration::from_secs(seconds))
}

/// Days from 1 January 1970 to a date of the proleptic Gregorian calendar; none for a date before that.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let year = if month > 2 { year } else { year.checked_sub(1)? };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era).checked_sub(719_468)
}

struct Civil {
    day_name: &'static str,
    month_name: &'static str,
    /// From 1.
    month: u64,
    day: u64,
    year: u64,
    clock: String,
}

impl Civil {
    /// Proleptic Gregorian date of a moment, in eras of 400 years that start on 1 March.
    fn of(seconds: u64) -> Civil {
        let days = seconds / 86_400;
        let shifted = days + 719_468;
        let era = shifted / 146_097;
        let day_of_era = shifted % 146_097;
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let month = (march_month + 2) % 12;
        let second = seconds % 86_400;
        Civil {
            day_name: pick(&DAYS, days % 7),
            month_name: pick(&MONTHS, month),
            month: month + 1,
            day: day_of_year - (153 * march_month + 2) / 5 + 1,
            year: year_of_era + era * 400 + u64::from(month < 2),
            clock: format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60),
        }
    }
}

fn pick(names: &[&'static str], index: u64) -> &'static str {
    usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or("")
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
