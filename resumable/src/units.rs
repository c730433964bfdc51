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

pub use resumable_core::units::{
    percent, show_count, show_number, show_part, show_range, show_rate, show_size, show_time,
};

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
/// When it is none, or more than 2⁶⁴ − 1 bytes, or a fraction of bytes without a unit.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let (number, suffix) = split(text);
    let suffix = suffix.trim().to_ascii_lowercase();
    let unit = suffix.strip_suffix('b').unwrap_or(&suffix);
    let scale = SIZES.iter().find(|(name, _)| *name == unit).map(|(_, scale)| *scale);
    let scale = scale.filter(|scale| *scale > 1 || !number.contains('.'));
    scale.and_then(|scale| scaled(number, scale)).ok_or_else(|| "a size is like 500k, 2M, 1.5MiB or 1048576".to_owned())
}

/// Reads a rate in bytes per second: `500k`, `2M`, `1.5MiB`, `9600B`, with or without `/s`. It needs a unit, because a bare
/// number is more often meant in megabytes.
///
/// # Errors
/// When it is none, or zero.
pub fn parse_rate(text: &str) -> Result<NonZeroU64, String> {
    let text = text.strip_suffix("/s").unwrap_or(text);
    let size = match split(text) {
        (number, "") if !number.is_empty() && !number.trim_matches(['0', '.']).is_empty() => {
            return Err(format!("a rate needs a unit: {number}k, {number}M or {number}MiB per second"));
        }
        _ => parse_size(text),
    };
    let rate = size.map_err(|_| "a rate is like 500k, 2M or 1.5MiB, in bytes per second".to_owned())?;
    NonZeroU64::new(rate).ok_or_else(|| "a rate of 0 would never send anything; leave it out for no limit".to_owned())
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
        for bad in
            ["", "k", "1.", "1..2", "1.2.3", "-1", "1x", "1.5", "1.5B", "0.4", "1kk", "99999999999999T", "1e3", "１"]
        {
            assert!(parse_size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn rates_are_sizes_above_zero() {
        let rate = |text| parse_rate(text).map(NonZeroU64::get);
        assert_eq!(rate("500k"), Ok(500_000));
        assert_eq!(rate("1.5MiB/s"), Ok(3 << 19));
        assert_eq!((rate("5B"), rate("5B/s")), (Ok(5), Ok(5)));
        for bad in ["/s", "fast", "-1", "0.4B", "5x"] {
            assert!(rate(bad).unwrap_err().contains("like 500k"), "{bad}");
        }
        for nothing in ["0", "0.0k", "0/s", "0B"] {
            assert!(rate(nothing).unwrap_err().contains("a rate of 0"), "{nothing}");
        }
        for (bare, says) in [("5", "5k, 5M or 5MiB"), ("1.5", "1.5M"), ("0.4", "0.4k"), ("1048576/s", "needs a unit")] {
            assert!(rate(bare).unwrap_err().contains(says), "{bare}");
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
}
