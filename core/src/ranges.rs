//! Sets of byte ranges: what has arrived, and what is missing next.

use alloc::vec::Vec;
use core::ops::Range;

use serde::{Deserialize, Serialize};

/// A set of bytes, kept as sorted ranges that neither touch nor overlap; others are no set, and are not read as one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Range<u64>>")]
pub struct Ranges(Vec<Range<u64>>);

impl TryFrom<Vec<Range<u64>>> for Ranges {
    type Error = &'static str;

    fn try_from(ranges: Vec<Range<u64>>) -> Result<Self, Self::Error> {
        let apart = ranges.windows(2).all(|pair| pair[0].end < pair[1].start);
        if apart && ranges.iter().all(|range| range.start < range.end) {
            Ok(Self(ranges))
        } else {
            Err("ranges that are empty, touch, overlap or are out of order")
        }
    }
}

impl Ranges {
    /// The empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a range; an empty one changes nothing.
    pub fn add(&mut self, range: Range<u64>) {
        if range.start >= range.end {
            return;
        }
        let from = self.0.partition_point(|have| have.end < range.start);
        let to = self.0.partition_point(|have| have.start <= range.end);
        let mut merged = range;
        if from < to {
            merged.start = merged.start.min(self.0[from].start);
            merged.end = merged.end.max(self.0[to - 1].end);
        }
        self.0.splice(from..to, [merged]);
    }

    /// How many bytes are in the set.
    pub fn bytes(&self) -> u64 {
        self.0.iter().map(|range| range.end - range.start).sum()
    }

    /// How many bytes of a content of `len` bytes the set stands for, if it is not of bytes but of pieces of `size` bytes,
    /// counted from 0: all are of one size but the last, which is what is left.
    pub fn bytes_in_pieces(&self, size: u64, len: u64) -> u64 {
        let start_of = |piece: u64| piece.saturating_mul(size).min(len);
        self.0.iter().map(|range| start_of(range.end) - start_of(range.start)).sum()
    }

    /// True when every byte of `range` is in the set.
    pub fn contains(&self, range: &Range<u64>) -> bool {
        let at = self.0.partition_point(|have| have.end < range.end);
        range.start >= range.end
            || self.0.get(at).is_some_and(|have| have.start <= range.start && range.end <= have.end)
    }

    /// True when some byte of `range` is in the set.
    pub fn overlaps(&self, range: &Range<u64>) -> bool {
        let at = self.0.partition_point(|have| have.end <= range.start);
        range.start < range.end && self.0.get(at).is_some_and(|have| have.start < range.end)
    }

    /// True when the set is exactly the bytes `0..len`.
    pub fn full(&self, len: u64) -> bool {
        match self.0.as_slice() {
            [] => len == 0,
            [all] => *all == (0..len),
            _ => false,
        }
    }

    /// Where the first missing byte is: 0 for the empty set.
    pub fn contiguous(&self) -> u64 {
        self.0.first().filter(|range| range.start == 0).map_or(0, |range| range.end)
    }

    /// The sorted ranges.
    pub fn iter(&self) -> impl Iterator<Item = &Range<u64>> {
        self.0.iter()
    }

    /// The next piece of `0..len` to send: missing, not `busy` at its first byte, ending at a multiple of `step`
    /// (or where the gap ends), and starting less than `ahead` bytes after the first missing byte.
    pub fn next_missing(
        &self,
        len: u64,
        step: u64,
        ahead: u64,
        mut busy: impl FnMut(u64) -> bool,
    ) -> Option<Range<u64>> {
        let horizon = self.contiguous().saturating_add(ahead.max(1)).min(len);
        let mut at = self.contiguous();
        let mut following = self.0.partition_point(|have| have.end <= at);
        while at < horizon {
            let gap_end = self.0.get(following).map_or(len, |have| have.start.min(len));
            if at >= gap_end {
                at = self.0.get(following).map_or(len, |have| have.end);
                following += 1;
                continue;
            }
            let end = (at - at % step.max(1)).saturating_add(step.max(1)).min(gap_end);
            if !busy(at) {
                return Some(at..end);
            }
            at = end;
        }
        None
    }
}

/// Tells whether one of these calls starts where it is asked, for [`Ranges::next_missing`]: that asks from the first byte
/// to the last, and calls in flight are mostly in that order, so it looks first beside the one that it found last.
pub fn starts_among<C>(calls: &[C], start: impl Fn(&C) -> Option<u64>) -> impl FnMut(u64) -> bool {
    let mut next = 0;
    move |at| {
        let found = (next..calls.len()).chain(0..next).find(|index| start(&calls[*index]) == Some(at));
        next = found.map_or(next, |index| index + 1);
        found.is_some()
    }
}

impl FromIterator<Range<u64>> for Ranges {
    fn from_iter<T: IntoIterator<Item = Range<u64>>>(ranges: T) -> Self {
        let mut set = Self::new();
        ranges.into_iter().for_each(|range| set.add(range));
        set
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn behaves_like_a_set_of_bytes(ranges in prop::collection::vec((0u64..60, 0u64..12), 0..20)) {
            let mut model = BTreeSet::new();
            let mut set = Ranges::new();
            for (start, len) in ranges {
                model.extend(start..start + len);
                set.add(start..start + len);
                prop_assert_eq!(set.bytes(), model.len() as u64);
                prop_assert!(set.0.windows(2).all(|pair| pair[0].end < pair[1].start));
            }
            for start in 0..70 {
                for end in start..70 {
                    prop_assert_eq!(set.contains(&(start..end)), (start..end).all(|b| model.contains(&b)));
                    prop_assert_eq!(set.overlaps(&(start..end)), (start..end).any(|b| model.contains(&b)));
                }
                prop_assert_eq!(set.full(start), model == (0..start).collect());
            }
        }

        #[test]
        fn next_missing_names_each_missing_byte_once(
            ranges in prop::collection::vec((0u64..60, 0u64..12), 0..12), len in 0u64..70, step in 1u64..9,
        ) {
            let set: Ranges = ranges.into_iter().map(|(start, len)| start..start + len).collect();
            let mut named = BTreeSet::new();
            while let Some(piece) = set.next_missing(len, step, u64::MAX, |at| named.contains(&at)) {
                prop_assert!(piece.start < piece.end && piece.end - piece.start <= step);
                for byte in piece {
                    prop_assert!(!set.contains(&(byte..byte + 1)));
                    prop_assert!(named.insert(byte));
                }
            }
            let missing: BTreeSet<u64> = (0..len).filter(|byte| !set.contains(&(*byte..byte + 1))).collect();
            prop_assert_eq!(named, missing);
        }

        #[test]
        fn a_call_is_found_whatever_their_order(calls in prop::collection::vec(0u64..30, 0..20), asked in prop::collection::vec(0u64..30, 0..40)) {
            let mut starts = starts_among(&calls, |call| (*call % 3 > 0).then_some(*call));
            for at in asked {
                prop_assert_eq!(starts(at), at % 3 > 0 && calls.contains(&at));
            }
        }

        #[test]
        fn what_it_says_of_itself_is_true_of_the_bytes(
            ranges in prop::collection::vec((0u64..60, 0u64..12), 0..20), base in edges(), size in 1u64..9, len in 0u64..80,
        ) {
            let set: Ranges = ranges.iter().map(|(start, len)| base + start..base + start + len).collect();
            let model: BTreeSet<u64> = ranges.iter().flat_map(|(start, len)| *start..start + len).collect();
            prop_assert_eq!(set.bytes(), model.len() as u64);
            let told: Vec<u64> = set.iter().flat_map(|range| range.start - base..range.end - base).collect();
            prop_assert_eq!(&told, &model.iter().copied().collect::<Vec<_>>(), "each byte once, in order");
            let first_missing = (0..=80).find(|byte| !model.contains(byte)).unwrap_or(0);
            prop_assert_eq!(set.contiguous(), if base == 0 || first_missing == 0 { first_missing } else { 0 });
            prop_assert_eq!(Ranges::try_from(set.0.clone()).unwrap(), set.clone());
            let of_pieces: Ranges = ranges.iter().map(|(start, len)| *start..start + len).collect();
            let of_content = (0..len).filter(|byte| model.contains(&(byte / size))).count() as u64;
            prop_assert_eq!(of_pieces.bytes_in_pieces(size, len), of_content);
        }

        #[test]
        fn the_next_is_the_first_that_is_free_and_not_too_far_ahead(
            ranges in prop::collection::vec((0u64..60, 0u64..12), 0..12),
            (len, step, ahead) in (0u64..70, 0u64..9, 0u64..40),
            busy in prop::collection::btree_set(0u64..70, 0..30),
        ) {
            let set: Ranges = ranges.iter().map(|(start, len)| *start..start + len).collect();
            let missing = |byte: u64| ranges.iter().all(|(start, len)| !(*start..start + len).contains(&byte));
            let step_or_one = step.max(1);
            let starts = |byte: u64| missing(byte) && (byte.is_multiple_of(step_or_one) || !missing(byte - 1));
            let from = (0..=80).find(|byte| missing(*byte)).unwrap_or(0);
            let horizon = (from + ahead.max(1)).min(len);
            let first = (from..horizon).find(|byte| starts(*byte) && !busy.contains(byte));
            let ends = |byte: &u64| *byte == len || byte.is_multiple_of(step_or_one) || !missing(*byte);
            let expected = first.map(|start| start..(start + 1..=len).find(ends).unwrap_or(len));
            prop_assert_eq!(set.next_missing(len, step, ahead, |byte| busy.contains(&byte)), expected);
        }
    }

    /// Sets at the beginning, at sizes where numbers of 32 bits end, and at the end of all numbers.
    fn edges() -> impl Strategy<Value = u64> {
        prop::sample::select(alloc::vec![0, 1, (1 << 32) - 40, (1 << 53) - 40, u64::MAX - 100])
    }

    #[test]
    fn pieces_have_the_bytes_of_the_content() {
        let set: Ranges = [0..2, 3..4].into_iter().collect();
        for (size, len, bytes) in [(10, 40, 30), (10, 31, 21), (10, 20, 20), (10, 0, 0), (0, 9, 0)] {
            assert_eq!(set.bytes_in_pieces(size, len), bytes, "{size}, {len}");
        }
        let all: Ranges = core::iter::once(0..u64::MAX).collect();
        for size in [1, 2, u64::MAX] {
            assert_eq!(all.bytes_in_pieces(size, u64::MAX), u64::MAX, "{size}");
        }
    }

    #[test]
    fn only_sets_are_read_as_sets() {
        let read = |ranges: &[(u64, u64)]| {
            Ranges::try_from(ranges.iter().map(|(start, end)| *start..*end).collect::<Vec<_>>()).is_ok()
        };
        assert!(read(&[]) && read(&[(0, 1)]) && read(&[(0, 1), (2, 9)]));
        for not in [&[(1, 1)][..], &[(2, 1)], &[(0, 1), (1, 2)], &[(0, 5), (3, 9)], &[(5, 6), (0, 1)]] {
            assert!(!read(not), "{not:?}");
        }
    }

    #[test]
    fn nothing_starts_beyond_the_horizon() {
        let set: Ranges = core::iter::once(0..10).collect();
        let busy = |at: u64| at < 30;
        assert_eq!(set.next_missing(100, 10, 20, busy), None);
        assert_eq!(set.next_missing(100, 10, 21, busy), Some(30..40));
    }

    #[test]
    fn a_gap_that_starts_off_the_grid_gets_back_to_it() {
        let set: Ranges = core::iter::once(0..7).collect();
        assert_eq!(set.next_missing(100, 10, u64::MAX, |_| false), Some(7..10));
    }
}
