//! A limit on bytes per second.

use core::num::NonZeroU64;
use core::time::Duration;

/// Spreads bytes evenly: after every piece it says how long to wait before the next.
///
/// Shared by everything that is to stay below the rate together; a pause never earns more than one second's worth.
#[derive(Clone, Debug)]
pub struct Pace {
    bytes_per_second: NonZeroU64,
    /// When the bytes taken so far would all have passed at exactly the rate.
    paid_until: Duration,
}

impl Pace {
    /// A limit of so many bytes per second.
    pub fn new(bytes_per_second: NonZeroU64) -> Self {
        Self { bytes_per_second, paid_until: Duration::ZERO }
    }

    /// The limit.
    pub fn bytes_per_second(&self) -> NonZeroU64 {
        self.bytes_per_second
    }

    /// Takes `bytes` at the time `mono`, and says how long to wait after it.
    pub fn take(&mut self, bytes: u64, mono: Duration) -> Duration {
        let micros = u128::from(bytes) * 1_000_000 / u128::from(self.bytes_per_second.get());
        let cost = Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX));
        let floor = mono.saturating_sub(Duration::from_secs(1));
        self.paid_until = self.paid_until.max(floor).saturating_add(cost);
        self.paid_until.saturating_sub(mono)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(bytes_per_second: u64) -> Pace {
        Pace::new(NonZeroU64::new(bytes_per_second).unwrap())
    }

    #[test]
    fn the_rate_holds_over_any_number_of_pieces() {
        let mut pace = pace(1000);
        let mut now = Duration::from_secs(5);
        for _ in 0..100 {
            now += pace.take(500, now);
        }
        assert_eq!(now, Duration::from_secs(5 + 50 - 1), "100 × 500 bytes at 1000/s, with one second's worth at once");
    }

    #[test]
    fn a_long_pause_earns_one_second_only() {
        let mut pace = pace(1000);
        pace.take(1000, Duration::from_secs(1));
        assert_eq!(pace.take(3000, Duration::from_secs(3600)), Duration::from_secs(2));
    }

    #[test]
    fn no_rate_stops_the_upload_for_ever() {
        assert!(pace(1).take(10, Duration::ZERO) <= Duration::from_secs(10));
    }
}
