//! Sizes, rates and times, as people write and read them.
//!
//! ```
//! use std::time::Duration;
//! use resumable::units::{parse_size, parse_time, show_size};
//!
//! assert_eq!(parse_size("1.5MiB")?, 1_572_864);
//! assert_eq!(parse_time("90s")?, Duration::from_secs(90));
//! assert_eq!(show_size(1_572_864), "1.5 MiB");
//! # Ok::<(), String>(())
//! ```

use std::num::NonZeroU64;
use std::time::Duration;

/// Multipliers by suffix, in lower case; what ends in `i` counts by 1024.
const SIZES: [(&str, u64); 9] = [
    ("", 1),
    ("k", 1_000),
    ("m", 1_000_000),
    ("g", 1_000_000_000),
    ("t", 1_000_000_000_000),
    ("ki", 1 << 10),
    ("mi", 1 << 20),
    ("gi", 1 << 30),
    ("ti", 1 << 40),
];

/// Milliseconds by suffix.
const TIMES: [(&str, u64); 5] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// Reads a size in bytes: `500k`, `2M`, `1.5MiB`, `1048576`. What ends in `i` or `iB` counts by 1024, all else by 1000.
///
/// # Errors
/// When it is none, or more than 2⁶⁴ − 1 bytes.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let (number, suffix) = split(text);
    let suffix = suffix.trim().to_ascii_lowercase();
    let unit = suffix.strip_suffix('b').unwrap_or(&suffix);
    let scale = SIZES.iter().find(|(name, _)| *name == unit).map(|(_, scale)| *scale);
    scale.and_then(|scale| scaled(number, scale)).ok_or_else(|| "a size is like 500k, 2M, 1.5MiB or 1048576".to_owned())
}

/// Reads a rate in bytes per second: `500k`, `2M`, `1.5MiB`, with or without `/s`.
///
/// # Errors
/// When it is none, or zero.
pub fn parse_rate(text: &str) -> Result<NonZeroU64, String> {
    let rate = parse_size(text.strip_suffix("/s").unwrap_or(text));
    let rate = rate.map_err(|_| "a rate is like 500k, 2M or 1.5MiB: bytes per second".to_owned())?;
    NonZeroU64::new(rate).ok_or_else(|| "nothing would ever be sent at that rate: leave it out for no limit".to_owned())
}

/// Reads a time: `500ms`, `90s`, `10m`, `2h`, `1.5h`, `3d`.
///
/// # Errors
/// When it is none; a number alone is not.
pub fn parse_time(text: &str) -> Result<Duration, String> {
    let (number, suffix) = split(text);
    let scale = TIMES.iter().find(|(name, _)| *name == suffix.trim()).map(|(_, scale)| *scale);
    let millis = scale.and_then(|scale| scaled(number, scale));
    millis.map(Duration::from_millis).ok_or_else(|| "a time is like 90s, 10m or 2h".to_owned())
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    text.split_at(text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len()))
}

/// A decimal number times `scale`, rounded down.
fn scaled(number: &str, scale: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if number.is_empty() || fraction.len() > 9 || fraction.contains('.') || number.ends_with('.') {
        return None;
    }
    let digits = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<u64>().ok() };
    let tens = 10u128.pow(u32::try_from(fraction.len()).ok()?);
    let part = u128::from(digits(fraction)?) * u128::from(scale) / tens;
    u64::try_from(u128::from(digits(whole)?) * u128::from(scale) + part).ok()
}

/// A size to read: `12.3 MiB`.
pub fn show_size(bytes: u64) -> String {
    let units = [("TiB", 1u64 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match units.iter().find(|(_, scale)| bytes >= *scale) {
        Some((name, scale)) => {
            let tenths = u128::from(bytes) * 10 / u128::from(*scale);
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
        None => format!("{bytes} bytes"),
    }
}

/// A time to read: `0.8 s`, `2 min 5 s`, `3 h 20 min`.
pub fn show_time(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{}.{} s", time.as_secs(), time.subsec_millis() / 100),
        secs @ 60..3600 if secs % 60 == 0 => format!("{} min", secs / 60),
        secs @ 60..3600 => format!("{} min {} s", secs / 60, secs % 60),
        secs if secs % 3600 < 60 => format!("{} h", secs / 3600),
        secs => format!("{} h {} min", secs / 3600, secs % 3600 / 60),
    }
}

/// How much of the whole, in per cent, rounded down; all of it where the whole is nothing.
pub fn percent(part: u64, whole: u64) -> u64 {
    let share = (u128::from(part) * 100).checked_div(u128::from(whole));
    share.map_or(100, |share| u64::try_from(share).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_both_counts() {
        for (text, bytes) in [
            ("0", 0),
            ("1048576", 1 << 20),
            ("500k", 500_000),
            ("2M", 2_000_000),
            ("2MB", 2_000_000),
            ("1.5MiB", 3 << 19),
            ("1.5 mib", 3 << 19),
            ("64Mi", 64 << 20),
            (".5k", 500),
            ("40GiB", 40 << 30),
            ("0.0000001G", 100),
        ] {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
        for bad in ["", "k", "1.", "1..2", "1.2.3", "-1", "1x", "1kk", "99999999999999T", "1e3", "１"] {
            assert!(parse_size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn rates_are_sizes_above_zero() {
        let rate = |text| parse_rate(text).map(NonZeroU64::get);
        assert_eq!(rate("500k"), Ok(500_000));
        assert_eq!(rate("1.5MiB/s"), Ok(3 << 19));
        for bad in ["/s", "fast", "-1"] {
            assert!(rate(bad).unwrap_err().contains("like 500k"), "{bad}");
        }
        for nothing in ["0", "0.0k", "0.4", "0/s"] {
            assert!(rate(nothing).unwrap_err().contains("nothing would ever be sent"), "{nothing}");
        }
    }

    #[test]
    fn times_need_a_unit() {
        for (text, millis) in [("90s", 90_000), ("10m", 600_000), ("2h", 7_200_000), ("0s", 0), ("1.5h", 5_400_000)] {
            assert_eq!(parse_time(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for bad in ["", "90", "m", "10min", "-1s"] {
            assert!(parse_time(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_shown_can_be_read() {
        assert_eq!(show_size(1023), "1023 bytes");
        assert_eq!(show_size(3 << 19), "1.5 MiB");
        assert_eq!(show_size(u64::MAX), "16777215.9 TiB");
        assert_eq!(show_time(Duration::from_millis(850)), "0.8 s");
        assert_eq!(show_time(Duration::from_secs(125)), "2 min 5 s");
        assert_eq!(show_time(Duration::from_secs(3600)), "1 h");
        assert_eq!(show_time(Duration::from_secs(12_000)), "3 h 20 min");
    }

    #[test]
    fn an_empty_file_is_wholly_there() {
        assert_eq!(percent(0, 0), 100);
        assert_eq!(percent(1, 3), 33);
        assert_eq!(percent(u64::MAX, u64::MAX), 100);
    }
}
