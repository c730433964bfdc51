//! When a failed call is tried again.

use core::time::Duration;

/// Exponential backoff with jitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The pause after the first failure, before jitter.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
}

impl Default for Backoff {
    /// 1 s, doubling to 60 s.
    fn default() -> Self {
        Self { first: Duration::from_secs(1), longest: Duration::from_secs(60) }
    }
}

impl Backoff {
    /// The pause after `failures` (at least 1) failures in a row: between half of the exponential value and all of it.
    pub(crate) fn pause(&self, failures: u32, chance: &mut fastrand::Rng) -> Duration {
        let factor = 1u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        let full = self.first.saturating_mul(factor).min(self.longest).max(Duration::from_millis(1));
        let half = full / 2;
        let spread = u64::try_from(full.saturating_sub(half).as_micros()).unwrap_or(u64::MAX);
        half + Duration::from_micros(chance.u64(0..=spread))
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pauses_double_up_to_the_longest(seed: u64, failures in 1u32..100) {
            let backoff = Backoff::default();
            let pause = backoff.pause(failures, &mut fastrand::Rng::with_seed(seed));
            let full = Duration::from_secs(1u64.checked_shl(failures - 1).unwrap_or(60).clamp(1, 60));
            prop_assert!(full / 2 <= pause && pause <= full, "{pause:?} of {full:?}");
        }

        #[test]
        fn whatever_the_backoff_is_bounds_never_shrink_and_the_jitter_is_the_seeds(
            first in duration(), longest in duration(), failures in prop_oneof![0u32..70, any::<u32>()], seed: u64,
        ) {
            let backoff = Backoff { first, longest };
            let full = |failures: u32| {
                let doubled = first.as_nanos().saturating_mul(1 << failures.saturating_sub(1).min(32));
                doubled.min(longest.as_nanos()).max(1_000_000)
            };
            let pause = backoff.pause(failures, &mut fastrand::Rng::with_seed(seed));
            let again = backoff.pause(failures, &mut fastrand::Rng::with_seed(seed));
            prop_assert_eq!(pause, again);
            // Pauses are of whole microseconds above the half.
            let (least, most) = (full(failures) / 2, full(failures));
            prop_assert!((least..=most).contains(&pause.as_nanos()), "{pause:?} is not in {least}..={most} ns");
            prop_assert!(full(failures) <= full(failures.saturating_add(1)));
        }
    }

    fn duration() -> impl Strategy<Value = Duration> {
        prop_oneof![
            (0u64..120_000).prop_map(Duration::from_millis),
            any::<u64>().prop_map(Duration::from_nanos),
            Just(Duration::MAX),
        ]
    }

    #[test]
    fn jitter_comes_from_the_seed_alone() {
        let pauses = |seed| {
            let mut chance = fastrand::Rng::with_seed(seed);
            (1..9).map(|failures| Backoff::default().pause(failures, &mut chance)).collect::<Vec<_>>()
        };
        assert_eq!(pauses(1), pauses(1));
        assert_ne!(pauses(1), pauses(2));
    }

    #[test]
    fn no_pause_is_ever_zero() {
        let backoff = Backoff { first: Duration::ZERO, longest: Duration::ZERO };
        assert!(backoff.pause(1, &mut fastrand::Rng::with_seed(0)) > Duration::ZERO);
    }
}
