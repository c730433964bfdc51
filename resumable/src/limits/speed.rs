//! How fast parts were taken, and how long the next upload's are to be.

use std::time::Duration;

/// So long a part may be under way: what a kill costs at most, for each request of the window.
const SECONDS: u64 = 4;
/// What is shorter, and was taken sooner than in `SLOW`, says more of the way than of its width.
const TELLING: u64 = 1 << 20;
const SLOW: Duration = Duration::from_secs(1);
/// So many parts are remembered.
const REMEMBERED: usize = 8;

/// How fast one request among those that are under way together was carried, in the middle of the last few.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Speed {
    /// In bytes per second.
    last: [u64; REMEMBERED],
    taken: usize,
}

impl Speed {
    /// So many bytes were acknowledged so long after they were given their place.
    pub(super) fn add(&mut self, bytes: u64, took: Duration) {
        if bytes < TELLING && took < SLOW {
            return;
        }
        let speed = u128::from(bytes) * 1_000_000_000 / took.as_nanos().max(1);
        self.last[self.taken % REMEMBERED] = u64::try_from(speed).unwrap_or(u64::MAX);
        self.taken += 1;
    }

    /// In bytes per second; `None` before the first.
    pub(super) fn per_second(&self) -> Option<u64> {
        let mut last = self.last;
        let known = &mut last[..self.taken.min(REMEMBERED)];
        known.sort_unstable();
        known.get(known.len() / 2).copied()
    }
}

/// How long parts are to be in place of `own`: a power of two that one request carries in two to four seconds at this speed.
/// Never longer than `own`: a server may take no longer ones, and more would be sent again after a kill.
pub(super) fn part_size(own: u64, speed: u64) -> u64 {
    let wish = speed.saturating_mul(SECONDS).max(1);
    own.min(1 << wish.ilog2())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn the_middle_of_the_last_few_counts_and_none_that_tells_nothing() {
        let mut speed = Speed::default();
        assert_eq!(speed.per_second(), None);
        speed.add(MIB - 1, SLOW.saturating_sub(Duration::from_nanos(1)));
        assert_eq!(speed.per_second(), None, "a small file");
        speed.add(1000, Duration::from_secs(10));
        assert_eq!(speed.per_second(), Some(100), "a small part on a slow line");
        for _ in 0..3 {
            speed.add(MIB, Duration::from_secs(1));
        }
        speed.add(MIB, Duration::ZERO);
        assert_eq!(speed.per_second(), Some(MIB));
        for _ in 0..REMEMBERED {
            speed.add(2 * MIB, Duration::from_millis(500));
        }
        assert_eq!(speed.per_second(), Some(4 * MIB), "those before are forgotten");
    }

    #[test]
    fn parts_take_some_seconds_at_most() {
        for (speed, size) in [
            (0, 1),
            (25_000, 65_536),
            (100 << 10, 256 << 10),
            (MIB, 4 * MIB),
            (2 * MIB - 1, 4 * MIB),
            (2 * MIB, 8 * MIB),
            (8 * MIB, 8 * MIB),
            (u64::MAX, 8 * MIB),
        ] {
            assert_eq!(part_size(8 * MIB, speed), size, "{speed}");
        }
    }

    proptest! {
        #[test]
        fn no_part_takes_longer_than_its_time_and_none_is_needlessly_short(own: u64, speed: u64) {
            let (size, most) = (part_size(own, speed), speed.saturating_mul(SECONDS));
            prop_assert!(size <= own && size <= most.max(1));
            prop_assert!(size == own || size > most / 2);
            prop_assert!(part_size(own, speed.saturating_add(1)) >= size);
        }
    }
}
