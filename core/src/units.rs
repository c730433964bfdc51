//! Numbers for people: sizes, rates, times and counts are written in one way everywhere.

use alloc::string::String;
use core::time::Duration;

/// Units of size, the largest first.
const UNITS: [(&str, u64); 4] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

/// A size, rounded down to a tenth: `12.3 MiB`, `1 byte`, `0 bytes`.
pub fn show_size(bytes: u64) -> String {
    match unit_of(bytes) {
        Some((name, scale)) => format!("{} {name}", tenths(bytes, scale)),
        None => show_count(bytes, "byte", "bytes"),
    }
}

/// A rate in bytes per second, rounded down to a tenth: `12.3 MiB/s`.
pub fn show_rate(bytes_per_second: u64) -> String {
    format!("{}/s", show_size(bytes_per_second))
}

/// A part of a whole, both in the unit of the whole and rounded down: `128.0 of 400.0 MiB`.
pub fn show_part(part: u64, whole: u64) -> String {
    match unit_of(whole) {
        Some((_, scale)) => format!("{} of {}", tenths(part, scale), show_size(whole)),
        None => format!("{part} of {}", show_size(whole)),
    }
}

/// From one byte to another, in the unit of the end and rounded down: `30.0–31.0 MiB`.
pub fn show_range(from: u64, to: u64) -> String {
    match unit_of(to) {
        Some((_, scale)) => format!("{}–{}", tenths(from, scale), show_size(to)),
        None => format!("{from}–{}", show_size(to)),
    }
}

fn unit_of(bytes: u64) -> Option<(&'static str, u64)> {
    UNITS.into_iter().find(|(_, scale)| bytes >= *scale)
}

fn tenths(bytes: u64, scale: u64) -> String {
    let tenths = u128::from(bytes) * 10 / u128::from(scale);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A time: `0.8 s`, `15 s`, `2 min 5 s`, `3 h 20 min`, `2 days 4 h`. The last unit is rounded to the nearest; below ten
/// seconds it is a tenth of a second, rounded down.
pub fn show_time(time: Duration) -> String {
    let (secs, tenths) = (time.as_secs(), time.subsec_millis() / 100);
    let nearest = |unit: u64| secs.saturating_add(unit / 2) / unit;
    let two = |units: u64, per: u64, large: &str, small: &str| match units % per {
        0 => format!("{} {large}", units / per),
        rest => format!("{} {large} {rest} {small}", units / per),
    };
    match secs {
        0..10 if tenths > 0 || secs == 0 => format!("{secs}.{tenths} s"),
        0..60 => format!("{secs} s"),
        60..3_600 => two(secs, 60, "min", "s"),
        _ if nearest(60) < 48 * 60 => two(nearest(60), 60, "h", "min"),
        _ => two(nearest(3_600), 24, "days", "h"),
    }
}

/// A number with its groups of three digits: `4,998`.
pub fn show_number(number: u64) -> String {
    let digits = format!("{number}");
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// So many of them: `1 file`, `4,998 files`.
pub fn show_count(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", show_number(count), if count == 1 { one } else { many })
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
    fn sizes_can_be_read() {
        for (bytes, shown) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1_023, "1,023 bytes"),
            (1_024, "1.0 KiB"),
            (3 << 19, "1.5 MiB"),
            ((1 << 30) - 1, "1023.9 MiB"),
            (u64::MAX, "16777215.9 TiB"),
        ] {
            assert_eq!(show_size(bytes), shown);
        }
        assert_eq!(show_rate(20_000_000), "19.0 MiB/s");
        assert_eq!(show_range(30 << 20, 31 << 20), "30.0–31.0 MiB");
        assert_eq!(show_range(0, 1), "0–1 byte");
    }

    #[test]
    fn a_part_has_the_unit_of_its_whole() {
        for (part, whole, shown) in [
            (128 << 20, 400 << 20, "128.0 of 400.0 MiB"),
            (5, 400 << 20, "0.0 of 400.0 MiB"),
            (0, 3, "0 of 3 bytes"),
            (0, 1, "0 of 1 byte"),
            (1_500, 2_048, "1.4 of 2.0 KiB"),
        ] {
            assert_eq!(show_part(part, whole), shown);
        }
    }

    #[test]
    fn times_can_be_read() {
        for (millis, shown) in [
            (0, "0.0 s"),
            (850, "0.8 s"),
            (9_950, "9.9 s"),
            (9_000, "9 s"),
            (15_900, "15 s"),
            (125_000, "2 min 5 s"),
            (3_599_000, "59 min 59 s"),
            (3_600_000, "1 h"),
            (12_000_000, "3 h 20 min"),
            (86_399_000, "24 h"),
            (172_799_000, "2 days"),
            (190_000_000, "2 days 5 h"),
        ] {
            assert_eq!(show_time(Duration::from_millis(millis)), shown, "{millis}");
        }
        assert_eq!(show_time(Duration::MAX), "213503982334601 days 7 h");
    }

    #[test]
    fn numbers_are_grouped_and_one_is_singular() {
        for (number, shown) in [(0, "0"), (999, "999"), (1_000, "1,000"), (4_998, "4,998"), (1_234_567, "1,234,567")] {
            assert_eq!(show_number(number), shown);
        }
        assert_eq!(show_count(1, "file", "files"), "1 file");
        assert_eq!(show_count(0, "file", "files"), "0 files");
        assert_eq!(show_count(4_998, "file", "files"), "4,998 files");
    }

    #[test]
    fn an_empty_file_is_wholly_there() {
        assert_eq!(percent(0, 0), 100);
        assert_eq!(percent(1, 3), 33);
        assert_eq!(percent(399, 400), 99);
        assert_eq!(percent(u64::MAX, u64::MAX), 100);
    }
}
