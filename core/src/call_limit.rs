//! A limit on calls per second.

use core::time::Duration;

/// Spreads calls: a few may leave at once, the others one by one, so far apart.
///
/// One of these for all uploads of a program tells when to answer [`crate::Action::Acquire`], for vendors that count the calls of a
/// whole account; the calls it is asked for are those of the lanes that [`crate::Options::gated`] names. It reads no
/// clock: the time is an argument, on any clock that never goes back.
///
/// ```
/// use std::time::Duration;
/// use resumable_core::CallLimit;
///
/// let mut limit = CallLimit::new(Duration::from_secs(1), 2);
/// assert_eq!(limit.take(Duration::ZERO), Ok(()));
/// assert_eq!(limit.take(Duration::ZERO), Ok(()));
/// assert_eq!(limit.take(Duration::ZERO), Err(Duration::from_secs(1)));
/// assert_eq!(limit.take(Duration::from_secs(1)), Ok(()));
/// ```
#[derive(Clone, Debug)]
pub struct CallLimit {
    every: Duration,
    /// How far the calls may be ahead of their even spacing.
    ahead: Duration,
    /// When the calls so far would have left one by one.
    even: Duration,
}

impl CallLimit {
    /// A limit of one call in `every`, of which `burst`, at least 1, may leave at once after a pause. An `every` of zero
    /// is no limit.
    pub fn new(every: Duration, burst: u32) -> Self {
        Self { every, ahead: every.saturating_mul(burst.saturating_sub(1)), even: Duration::ZERO }
    }

    /// Takes one call at the time `mono`.
    ///
    /// # Errors
    /// How long no call may leave; nothing was taken then.
    pub fn take(&mut self, mono: Duration) -> Result<(), Duration> {
        let even = self.even.max(mono);
        let wait = even.saturating_sub(mono).saturating_sub(self.ahead);
        if !wait.is_zero() {
            return Err(wait);
        }
        self.even = even.saturating_add(self.every);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    proptest! {
        /// The model is a bucket of `burst` tokens, one of which comes in `every`: a call may leave if there is a whole one.
        #[test]
        fn it_is_a_bucket_of_tokens(
            every in 0u64..5_000, burst in 0u32..6, steps in prop::collection::vec(0u64..9_000, 1..60),
        ) {
            let mut limit = CallLimit::new(Duration::from_millis(every), burst);
            let full = every * u64::from(burst.max(1));
            // In thousandths of a token's time.
            let (mut held, mut now, mut left) = (full, 0, Vec::new());
            for step in steps {
                (now, held) = (now + step, (held + step).min(full));
                let answer = limit.take(Duration::from_millis(now));
                if held >= every {
                    prop_assert_eq!(answer, Ok(()));
                    held -= every;
                    left.push(now);
                } else {
                    prop_assert_eq!(answer, Err(Duration::from_millis(every - held)));
                }
            }
            // In any span there are no more calls than the rate and one burst.
            for (first, from) in left.iter().enumerate() {
                for (last, until) in left.iter().enumerate().skip(first) {
                    let calls = (last - first + 1) as u64;
                    prop_assert!(calls * every <= until - from + full, "{calls} calls from {from} until {until}");
                }
            }
        }
    }

    #[test]
    fn after_the_burst_the_rate_holds() {
        let mut limit = CallLimit::new(SECOND, 2);
        let (mut now, mut left) = (SECOND * 7, 0);
        while left < 100 {
            match limit.take(now) {
                Ok(()) => left += 1,
                Err(wait) => now += wait,
            }
        }
        assert_eq!(now, SECOND * (7 + 98), "two at once, then one a second");
    }

    #[test]
    fn a_refusal_takes_nothing_and_is_exact() {
        let mut limit = CallLimit::new(SECOND, 1);
        assert_eq!(limit.take(SECOND), Ok(()));
        for _ in 0..1000 {
            assert_eq!(limit.take(SECOND + SECOND / 4), Err(SECOND * 3 / 4));
        }
        assert_eq!(limit.take(SECOND * 2), Ok(()));
    }

    #[test]
    fn a_long_pause_earns_one_burst_only() {
        let mut limit = CallLimit::new(SECOND, 3);
        let hour = SECOND * 3600;
        assert_eq!([0; 4].map(|_| limit.take(hour)), [Ok(()), Ok(()), Ok(()), Err(SECOND)]);
    }

    #[test]
    fn odd_settings_hang_nobody() {
        assert_eq!(CallLimit::new(SECOND, 0).take(SECOND), Ok(()), "a burst of none would be no call for ever");
        let mut none = CallLimit::new(Duration::ZERO, 1);
        assert!((0..1000).all(|_| none.take(SECOND).is_ok()));
        let mut most = CallLimit::new(Duration::MAX, u32::MAX);
        assert_eq!(most.take(SECOND), Ok(()));
    }
}
