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
    /// The rate that they were taken at, if it was changed since.
    changed_from: Option<NonZeroU64>,
}

impl Pace {
    /// A limit of so many bytes per second.
    pub fn new(bytes_per_second: NonZeroU64) -> Self {
        Self { bytes_per_second, paid_until: Duration::ZERO, changed_from: None }
    }

    /// The limit.
    pub fn bytes_per_second(&self) -> NonZeroU64 {
        self.bytes_per_second
    }

    /// Changes the limit for what is taken from now on. No burst is earned by it. What was taken before is not waited for
    /// any longer than it was to be, and less long if the new limit is higher.
    pub fn set(&mut self, bytes_per_second: NonZeroU64) {
        self.changed_from.get_or_insert(self.bytes_per_second);
        self.bytes_per_second = bytes_per_second;
    }

    /// Takes `bytes` at the time `mono`, and says how long to wait after it.
    pub fn take(&mut self, bytes: u64, mono: Duration) -> Duration {
        if let Some(before) = self.changed_from.take() {
            self.settle(before, mono);
        }
        let cost = micros(u128::from(bytes) * 1_000_000 / u128::from(self.bytes_per_second.get()));
        let floor = mono.saturating_sub(Duration::from_secs(1));
        self.paid_until = self.paid_until.max(floor).saturating_add(cost);
        self.paid_until.saturating_sub(mono)
    }

    /// What is still to be waited for was taken at another rate: a higher one shortens it, and a lower one must not make
    /// everybody wait for pieces that have their time already.
    fn settle(&mut self, before: NonZeroU64, mono: Duration) {
        let left = self.paid_until.saturating_sub(mono);
        let bytes = left.as_micros().saturating_mul(u128::from(before.get()));
        let at_this_rate = micros(bytes / u128::from(self.bytes_per_second.get()));
        self.paid_until = mono.saturating_add(left.min(at_this_rate));
    }
}

fn micros(micros: u128) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    /// What happens to a limit.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        /// So many bytes are taken after so many milliseconds.
        Take { after: u64, bytes: u64 },
        /// So many bytes are taken as soon as what was taken last has its time.
        TakeNext { bytes: u64 },
        /// Another rate holds.
        Set { rate: u64 },
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => (0u64..3_000, 0u64..20_000).prop_map(|(after, bytes)| Step::Take { after, bytes }),
            3 => (0u64..20_000).prop_map(|bytes| Step::TakeNext { bytes }),
            1 => (1u64..50_000).prop_map(|rate| Step::Set { rate }),
        ]
    }

    proptest! {
        /// The model is a debt that is paid at the rate, and a credit of one second's worth at most.
        #[test]
        fn what_is_taken_is_paid_at_the_rate_of_its_time(
            rate in 1u64..50_000, steps in prop::collection::vec(step(), 1..40),
        ) {
            let mut limit = pace(rate);
            let (mut now, mut wait) = (1_000_000_000_i128, 0_i128);
            // In microseconds: how long it takes to pay all, less than nothing if there is a credit.
            let (mut debt, mut rate, mut before) = (-1_000_000_i128, i128::from(rate), None);
            for step in steps {
                let (after, bytes) = match step {
                    Step::Set { rate: next } => {
                        before.get_or_insert(rate);
                        rate = i128::from(next);
                        limit.set(NonZeroU64::new(next).unwrap());
                        continue;
                    }
                    Step::Take { after, bytes } => (i128::from(after) * 1000, bytes),
                    Step::TakeNext { bytes } => (wait, bytes),
                };
                (now, debt) = (now + after, (debt - after).max(-1_000_000));
                if let Some(before) = before.take() {
                    debt = debt.max(0).min(debt.max(0) * before / rate);
                }
                debt += i128::from(bytes) * 1_000_000 / rate;
                let waits = limit.take(bytes, Duration::from_micros(u64::try_from(now).unwrap()));
                wait = debt.max(0);
                prop_assert_eq!(waits.as_micros(), u128::try_from(wait).unwrap(), "at {} by {:?}", now, step);
            }
        }

        #[test]
        fn no_span_has_more_than_its_rate_and_one_second_of_it(
            rate in 1u64..50_000, steps in prop::collection::vec((0u64..3_000, 1u64..20_000), 1..40),
        ) {
            let (mut limit, mut now, mut sent) = (pace(rate), 1_000_000, Vec::new());
            for (idle, bytes) in steps {
                now += idle * 1000;
                // Whoever takes a piece waits, and sends it then.
                now += u64::try_from(limit.take(bytes, Duration::from_micros(now)).as_micros()).unwrap();
                sent.push((now, bytes));
            }
            for (first, (from, _)) in sent.iter().enumerate() {
                // What was sent at the beginning of the span was paid for before it.
                let mut within = 0;
                for (until, bytes) in &sent[first + 1..] {
                    within += u128::from(*bytes);
                    let worth = u128::from(rate) * u128::from(until - from + 1_000_000) / 1_000_000;
                    // Each piece's time is cut to whole microseconds.
                    let slack = 40 * u128::from(rate) / 1_000_000 + 1;
                    prop_assert!(within <= worth + slack, "{within} bytes from {from} until {until}, at {rate}/s");
                }
            }
        }
    }

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
    fn a_changed_rate_holds_from_then_on_and_earns_no_burst() {
        let (mut pace, an_hour) = (pace(1000), Duration::from_secs(3600));
        pace.set(NonZeroU64::new(500).unwrap());
        assert_eq!(pace.take(500, an_hour), Duration::from_secs(1));
        pace.set(NonZeroU64::new(2000).unwrap());
        pace.set(NonZeroU64::new(1000).unwrap());
        assert_eq!(pace.take(1000, an_hour), Duration::from_millis(1500), "half a second's worth was not sent yet");
    }

    #[test]
    fn what_was_taken_at_a_higher_rate_is_not_waited_for_at_a_lower_one() {
        let mut pace = pace(1_000_000);
        pace.take(2_000_000, Duration::from_secs(10));
        pace.set(NonZeroU64::new(1).unwrap());
        assert_eq!(pace.take(1, Duration::from_secs(10)), Duration::from_secs(2));
    }

    #[test]
    fn no_rate_stops_the_upload_for_ever() {
        assert!(pace(1).take(10, Duration::ZERO) <= Duration::from_secs(10));
    }
}
