//! How fast something grows.

use std::collections::VecDeque;
use std::time::Duration;

/// The speed is that of this long.
const WINDOW: Duration = Duration::from_secs(10);
/// Nothing is known of the speed before this.
const LEAST: Duration = Duration::from_secs(1);
/// Moments closer than this are taken as one.
const GRAIN: Duration = Duration::from_millis(200);

/// Measures the speed of the last seconds. What was there at the first look, like what an earlier run had sent, is no speed.
#[derive(Clone, Debug, Default)]
pub(super) struct Meter(VecDeque<(Duration, u64)>);

impl Meter {
    /// Forgets what was measured.
    pub(super) fn reset(&mut self) {
        self.0.clear();
    }

    /// So many bytes are done now. Less than before begins anew.
    pub(super) fn note(&mut self, now: Duration, bytes: u64) {
        if self.0.back().is_some_and(|(_, before)| bytes < *before) {
            self.reset();
        }
        match (self.0.len(), self.0.back_mut()) {
            (2.., Some((at, before))) if now.saturating_sub(*at) < GRAIN => *before = bytes,
            _ => self.0.push_back((now, bytes)),
        }
        // The one that is older than the window stays: without it the window had no beginning.
        while self.0.get(1).is_some_and(|(at, _)| now.saturating_sub(*at) > WINDOW) {
            self.0.pop_front();
        }
    }

    /// Bytes per second over the last seconds; `None` while nothing can be said.
    pub(super) fn speed(&self, now: Duration) -> Option<u64> {
        let (&(first, from), &(_, to)) = (self.0.front()?, self.0.back()?);
        let span = now.saturating_sub(first);
        if span < LEAST {
            return None;
        }
        let speed = u128::from(to - from) * 1000 / span.as_millis().max(1);
        Some(u64::try_from(speed).unwrap_or(u64::MAX))
    }

    /// How long `rest` bytes will take; `None` while nothing can be said, or nothing moves.
    pub(super) fn left(&self, now: Duration, rest: u64) -> Option<Duration> {
        let speed = self.speed(now).filter(|speed| *speed > 0)?;
        Some(Duration::from_secs(rest.div_ceil(speed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn what_was_there_before_is_no_speed() {
        let mut meter = Meter::default();
        meter.note(at(0), 128 << 20);
        assert_eq!((meter.speed(at(0)), meter.left(at(0), 1)), (None, None));
        meter.note(at(500), (128 << 20) + 500_000);
        assert_eq!(meter.speed(at(900)), None, "too soon");
        meter.note(at(1000), (128 << 20) + 1_000_000);
        assert_eq!(meter.speed(at(1000)), Some(1_000_000));
        assert_eq!(meter.left(at(1000), 3_500_000), Some(Duration::from_secs(4)));
    }

    #[test]
    fn the_speed_is_that_of_the_last_seconds() {
        let mut meter = Meter::default();
        for second in 0..=20 {
            meter.note(at(second * 1000), second * 5_000_000);
        }
        for second in 1..=20 {
            meter.note(at(20_000 + second * 1000), 100_000_000 + second * 1_000_000);
        }
        assert_eq!(meter.speed(at(40_000)), Some(1_000_000));
        assert!(meter.0.len() < 20, "it forgets");
    }

    #[test]
    fn what_stands_still_gets_slower_and_has_no_end() {
        let mut meter = Meter::default();
        meter.note(at(0), 0);
        meter.note(at(1000), 1_000_000);
        assert_eq!(meter.speed(at(4000)), Some(250_000));
        meter.note(at(11_500), 1_000_000);
        assert_eq!(meter.left(at(13_000), 1_000_000), None);
    }

    #[test]
    fn falling_back_begins_anew() {
        let mut meter = Meter::default();
        meter.note(at(0), 10);
        meter.note(at(2000), 2010);
        meter.note(at(3000), 5);
        assert_eq!(meter.speed(at(3500)), None);
    }

    #[test]
    fn many_looks_keep_the_first() {
        let mut meter = Meter::default();
        for millis in 0..2000 {
            meter.note(at(millis), millis * 1000);
        }
        assert!(meter.0.len() < 15);
        let speed = meter.speed(at(2000)).unwrap();
        assert!((990_000..=1_000_000).contains(&speed), "{speed}");
    }
}
