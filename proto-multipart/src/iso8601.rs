//! Points in time as the vendor's documents write them.

use core::time::Duration;

use resumable_core::calendar::strptime;

/// `2026-01-01T01:00:00.000Z`, with a fraction or without, as time since 1970; the fraction is left out.
pub fn unix_time(text: &str) -> Option<Duration> {
    let time = text.trim().strip_suffix('Z')?;
    strptime("%Y-%m-%dT%H:%M:%S", time.split_once('.').map_or(time, |(whole, _)| whole))
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
