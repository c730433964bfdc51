//! Points in time as the vendor's documents write them.

use std::time::Duration;

/// `2026-01-01T01:00:00.000Z`, with a fraction or without, as time since 1970; the fraction is left out.
pub fn unix_time(text: &str) -> Option<Duration> {
    let (date, time) = text.trim().strip_suffix('Z')?.split_once('T')?;
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time.split_once('.').map_or(time, |(whole, _)| whole), ':')?;
    let is_date = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(Duration::from_secs(((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second))
}

fn numbers(text: &str, separator: char) -> Option<[u64; 3]> {
    let numbers: Vec<u64> = text.split(separator).map(|number| number.parse().ok()).collect::<Option<_>>()?;
    numbers.try_into().ok()
}

/// Days from 1970-01-01: whole years before this one, then whole months of a year that begins in March, so that the
/// leap day is its last.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + (153 * month + 2) / 5 + (day - 1) - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_a_fraction_and_without() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00.000Z", 0),
            ("2026-01-01T00:00:00Z", 1_767_225_600),
            (" 2024-02-29T23:59:59.999Z\n", 1_709_251_199),
            ("2024-03-01T00:00:00.000Z", 1_709_251_200),
        ] {
            assert_eq!(unix_time(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for bad in ["", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "1-1-1T0Z"]
        {
            assert_eq!(unix_time(bad), None, "{bad}");
        }
    }
}
