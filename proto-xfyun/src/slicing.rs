//! How a file is cut.

use core::ops::Range;

use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::limits::Limits;
use crate::options::Options;

/// How a file goes to the vendor: fixed when the upload begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Way {
    OneRequest,
    Slices(Slicing),
}

impl Way {
    pub(crate) fn of(options: &Options, len: u64) -> Self {
        if len <= options.one_request_most() {
            return Self::OneRequest;
        }
        let size = options.part_size.max(len.div_ceil(options.limits.parts.max(1)));
        Self::Slices(Slicing { len, size })
    }

    /// What the vendor would refuse is not even begun.
    ///
    /// # Errors
    /// When the file is too large, or the slice size is none of the vendor's.
    pub(crate) fn check(self, limits: &Limits) -> Result<(), Fault> {
        let Self::Slices(Slicing { len, size }) = self else { return Ok(()) };
        if len > limits.file_max() {
            return Err(Fault::FileTooBig { len, most: limits.file_max() });
        }
        if !(limits.part_min..=limits.part_max).contains(&size) {
            return Err(Fault::BadPartSize { size, least: limits.part_min, most: limits.part_max });
        }
        Ok(())
    }
}

/// Slices of one size, but for the last one, which is what is left and never nothing. Their ids count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Slicing {
    pub(crate) len: u64,
    pub(crate) size: u64,
}

impl Slicing {
    pub(crate) fn count(self) -> u64 {
        self.len.div_ceil(self.size.max(1))
    }

    /// The bytes of a slice. Only ids from 1 to [`Slicing::count`] have any.
    pub(crate) fn bytes_of(self, slice_id: u64) -> Range<u64> {
        let start = slice_id.saturating_sub(1).saturating_mul(self.size).min(self.len);
        start..start + self.size.min(self.len - start)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn slices_cover_the_file_once(len in 1u64..1000, part_size in 1u64..50, parts in 1u64..40) {
            let limits = Limits { part_min: 1, part_max: 1000, parts };
            let options = Options { part_size, one_request_max: 0, limits, ..Options::default() };
            let Way::Slices(slicing) = Way::of(&options, len) else { panic!() };
            prop_assert!(slicing.count() <= parts && slicing.size >= part_size);
            let mut end = 0;
            for slice_id in 1..=slicing.count() {
                let bytes = slicing.bytes_of(slice_id);
                prop_assert!(bytes.start == end && bytes.end > bytes.start);
                prop_assert!(bytes.end - bytes.start == slicing.size || slice_id == slicing.count());
                end = bytes.end;
            }
            prop_assert_eq!(end, len);
            prop_assert!(slicing.bytes_of(slicing.count() + 1).is_empty());
        }

        #[test]
        fn what_is_begun_is_within_the_vendors_limits(len in 1u64..=u64::MAX, by in 0u32..60, part_size in 1u64..12 << 30) {
            let (limits, len) = (Limits::default(), len >> by);
            prop_assume!(len > 0);
            let options = Options { part_size, one_request_max: 0, ..Options::default() };
            let way = Way::of(&options, len);
            let Way::Slices(slicing) = way else { panic!() };
            let enough = len.div_ceil(part_size) <= limits.parts;
            prop_assert!(slicing.count() <= limits.parts && (slicing.size == part_size) == enough);
            prop_assert!(enough || len.div_ceil(slicing.size - 1) > limits.parts, "no larger than it must be");
            prop_assert_eq!(slicing.bytes_of(1), 0..slicing.size.min(len));
            let last = slicing.bytes_of(slicing.count());
            prop_assert!(last.start < last.end && last.end == len && last.end - last.start <= slicing.size);
            match way.check(&limits) {
                Ok(()) => prop_assert!(
                    len <= limits.file_max() && (limits.part_min..=limits.part_max).contains(&slicing.size)
                ),
                Err(Fault::FileTooBig { .. }) => prop_assert!(len > limits.file_max()),
                Err(Fault::BadPartSize { .. }) => {
                    prop_assert!(!(limits.part_min..=limits.part_max).contains(&slicing.size));
                }
                Err(other) => prop_assert!(false, "{other:?}"),
            }
        }
    }

    #[test]
    fn the_real_limits() {
        let way = |len| Way::of(&Options::default(), len);
        let size = |len| match way(len) {
            Way::Slices(slicing) => (slicing.size, slicing.count()),
            Way::OneRequest => (0, 0),
        };
        assert_eq!(size(29_999_999), (0, 0));
        assert_eq!(size(30_000_000), (8 << 20, 4));
        assert_eq!(size((8 << 20) * 10_000), (8 << 20, 10_000));
        assert_eq!(size((8 << 20) * 10_000 + 1), ((8 << 20) + 1, 10_000));
        let most = Limits::default().file_max();
        assert_eq!(size(most), (5 << 30, 10_000));
        assert_eq!(way(most).check(&Limits::default()), Ok(()));
        let too_big = Fault::FileTooBig { len: most + 1, most };
        assert_eq!(way(most + 1).check(&Limits::default()), Err(too_big));
    }

    #[test]
    fn one_request_never_takes_more_than_the_vendor() {
        let all = Options { one_request_max: u64::MAX, ..Options::default() };
        assert_eq!(Way::of(&all, (30 << 20) - 1), Way::OneRequest);
        assert_eq!(Way::of(&all, 30 << 20), Way::Slices(Slicing { len: 30 << 20, size: 8 << 20 }));
    }

    #[test]
    fn a_slice_size_outside_the_limits_is_a_fault() {
        for (size, fits) in [((5 << 20) - 1, false), (5 << 20, true), (5 << 30, true), ((5 << 30) + 1, false)] {
            let options = Options { part_size: size, ..Options::default() };
            assert_eq!(Way::of(&options, 30_000_000).check(&Limits::default()).is_ok(), fits, "{size}");
        }
    }
}
