//! How fast parts were taken, and how long the next upload's are to be.

use std::time::Duration;

/// So long a part may be under way: what a kill costs at most, for each request of the window.
const SECONDS: u64 = 4;
/// More brings nothing: what a request costs besides its bytes is spread over enough of them.
const LONGEST: u64 = 64 << 20;
/// A file has so many parts for each request of the window, before parts grow.
const ROUNDS: u64 = 4;
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

/// How long the parts of a file of `len` bytes are to be, in place of `own`: a power of two that one request of `window`
/// carries in two to four seconds at this speed. Parts become longer only where enough of them are left for the whole window.
pub(super) fn part_size(own: u64, speed: u64, len: u64, window: usize) -> u64 {
    let wish = rounded_down(speed.saturating_mul(SECONDS).min(LONGEST));
    if wish <= own {
        return wish;
    }
    wish.min(rounded_down(len / (ROUNDS * window.max(1) as u64))).max(own)
}

fn rounded_down(bytes: u64) -> u64 {
    1 << bytes.max(1).ilog2()
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
    fn parts_take_some_seconds() {
        let (own, large) = (8 * MIB, 40 << 30);
        for (speed, size) in [
            (0, 1),
            (25_000, 65_536),
            (100 << 10, 256 << 10),
            (MIB, 4 * MIB),
            (2 * MIB, 8 * MIB),
            (8 * MIB, 32 * MIB),
            (1 << 30, 64 * MIB),
            (u64::MAX, 64 * MIB),
        ] {
            assert_eq!(part_size(own, speed, large, 32), size, "{speed}");
        }
    }

    #[test]
    fn parts_of_a_short_file_stay_short_enough_for_the_window() {
        let own = 8 * MIB;
        assert_eq!(part_size(own, u64::MAX, 1 << 30, 32), own);
        assert_eq!(part_size(own, u64::MAX, 2 << 30, 32), 16 * MIB);
        assert_eq!(part_size(own, u64::MAX, 1 << 30, 4), 64 * MIB);
        assert_eq!(part_size(own, u64::MAX, 0, 0), own);
        // What is no longer than its own is no matter of the window.
        assert_eq!(part_size(own, MIB, 0, 128), 4 * MIB);
    }

    proptest! {
        #[test]
        fn no_part_takes_longer_than_its_time_unless_the_vendors_own_does(
            own in 1u64..1 << 34, speed: u64, len: u64, window in 0usize..200,
        ) {
            let size = part_size(own, speed, len, window);
            prop_assert!(size >= 1 && size <= own.max(LONGEST));
            prop_assert!(size <= own || size <= speed.saturating_mul(SECONDS));
            prop_assert!(size <= own || len / size >= ROUNDS * window.max(1) as u64);
            prop_assert!(size >= own || size > speed.saturating_mul(SECONDS) / 2 || size == LONGEST);
            prop_assert!(part_size(own, speed.saturating_add(1), len, window) >= size);
        }
    }
}
