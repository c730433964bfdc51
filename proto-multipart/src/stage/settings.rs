//! What is decided once for an upload.

use serde::{Deserialize, Serialize};

use crate::checksum::ChecksumKind;
use crate::fault::Fault;
use crate::limits::{Limits, PAGE_MAX};

/// How one file is to go; [`super::Stage::new`] pins it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// The length of a part in bytes, within `limits`; it grows with the file, so that the largest number of parts
    /// suffices.
    pub part_size: u64,
    /// Files up to this many bytes, and empty ones, go in one request; at most `limits.put_max`.
    pub one_request_max: u64,
    /// Parts come one after the other, and none is replaced.
    pub sequential: bool,
    /// The vendor refuses to overwrite an object that is there already.
    pub forbid_overwrite: bool,
    /// Who finds out whether an object is complete after an answer was lost.
    pub probe: Probe,
    /// The sum that proves content, if any does.
    pub checksum: Option<ChecksumKind>,
    /// What tags are.
    pub tags: Tags,
    /// Whether signatures cover the bytes of the file.
    pub payload: Payload,
    /// The vendor's limits.
    pub limits: Limits,
}

impl Default for Settings {
    /// Parts of 8 MiB side by side, files up to 5 MiB in one request, objects are overwritten and asked for with HEAD.
    fn default() -> Self {
        Self {
            part_size: 8 << 20,
            one_request_max: 5 << 20,
            sequential: false,
            forbid_overwrite: false,
            probe: Probe::Head,
            checksum: Some(ChecksumKind::Crc64),
            tags: Tags::Md5,
            payload: Payload::Unsigned,
            limits: Limits::default(),
        }
    }
}

impl Settings {
    resumable_core::setters! {
        part_size: u64,
        one_request_max: u64,
        sequential: bool,
        forbid_overwrite: bool,
        probe: Probe,
        checksum: Option<ChecksumKind>,
        tags: Tags,
        payload: Payload,
        limits: Limits,
    }

    /// Whether files can be cut by these numbers.
    ///
    /// # Errors
    /// [`InvalidSizes::Limits`] and [`InvalidSizes::PartSize`].
    pub fn check(&self) -> Result<(), InvalidSizes> {
        let Limits { part_min: least, part_max: most, parts, page, .. } = self.limits;
        if least == 0 || most < least || parts == 0 || !(1..=PAGE_MAX).contains(&page) {
            return Err(InvalidSizes::Limits);
        }
        if !(least..=most).contains(&self.part_size) {
            return Err(InvalidSizes::PartSize { size: self.part_size, least, most });
        }
        Ok(())
    }
}

/// Sizes and limits that no upload could go by.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSizes {
    /// The part size is none that the limits allow.
    #[error("part_size is {size} bytes; the vendor takes {least} to {most}")]
    PartSize {
        /// The size, in bytes.
        size: u64,
        /// The smallest possible size, in bytes.
        least: u64,
        /// The largest possible size, in bytes.
        most: u64,
    },
    /// The limits allow no part at all, or no page of parts.
    #[error(
        "limits: part_min must be 1 byte at least and not above part_max, parts 1 at least, page from 1 to {PAGE_MAX}"
    )]
    Limits,
}

resumable_core::debug_in_words!(InvalidSizes);

/// What the tags of parts, and of objects in one request, are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tags {
    /// The MD5 of the content, unless an answer says that it is encrypted.
    #[default]
    Md5,
    /// Anything: they are sent back as they came, and prove nothing.
    Opaque,
}

/// Whether signatures cover the bytes of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// No: the connection and the checksums protect them.
    #[default]
    Unsigned,
    /// Yes: they are read once more before they are sent, for their SHA-256.
    Signed,
}

/// Who finds out whether an object is complete after an answer was lost, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Probe {
    /// The stage: a complete is asked again, and `HeadObject` once the upload is gone.
    Head,
    /// The stage, by `HeadObject` before it asks again: the vendor may be at it still.
    Look,
    /// Whoever embeds it: [`super::StageStep::Unknown`] asks for it.
    Owner,
}

/// Parts that grew have a length of so many bytes' multiple, where that fits.
const GRAIN: u64 = 1 << 20;

/// How a file is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Way {
    OneRequest,
    Parts { size: u64 },
    TooBig { most: u64 },
    BadPartSize { size: u64, least: u64, most: u64 },
}

impl Way {
    pub(crate) fn of(settings: &Settings, len: u64) -> Self {
        let Limits { part_min, part_max, parts, put_max, .. } = settings.limits;
        if len <= settings.one_request_max.min(put_max) {
            return Self::OneRequest;
        }
        if len > settings.limits.file_max() {
            return Self::TooBig { most: settings.limits.file_max() };
        }
        let size = settings.part_size;
        if size == 0 || !(part_min..=part_max).contains(&size) {
            return Self::BadPartSize { size, least: part_min, most: part_max };
        }
        let needed = len.div_ceil(u64::from(parts.max(1)));
        let grown = needed.checked_next_multiple_of(GRAIN).filter(|grown| *grown <= part_max && part_max > GRAIN);
        Self::Parts { size: if needed > size { grown.unwrap_or(needed) } else { size } }
    }

    /// Whether it can be done at all.
    pub(crate) fn check(self, len: u64) -> Result<(), Fault> {
        match self {
            Self::OneRequest | Self::Parts { .. } => Ok(()),
            Self::TooBig { most } => Err(Fault::FileTooBig { len, most }),
            Self::BadPartSize { size, least, most } => Err(Fault::BadPartSize { size, least, most }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stage::Stage;

    fn way(len: u64) -> Way {
        Way::of(&Settings::default(), len)
    }

    #[test]
    fn small_and_empty_files_go_in_one_request() {
        assert_eq!((way(0), way(5 << 20)), (Way::OneRequest, Way::OneRequest));
        assert_eq!(way((5 << 20) + 1), Way::Parts { size: 8 << 20 });
        let none = Settings { one_request_max: 0, ..Settings::default() };
        assert_eq!((Way::of(&none, 0), Way::of(&none, 1)), (Way::OneRequest, Way::Parts { size: 8 << 20 }));
        let all = Settings { one_request_max: u64::MAX, ..Settings::default() };
        assert_eq!(
            (Way::of(&all, 5 << 30), Way::of(&all, (5 << 30) + 1)),
            (Way::OneRequest, Way::Parts { size: 8 << 20 })
        );
    }

    #[test]
    fn parts_grow_so_that_their_number_suffices() {
        assert_eq!(way(80_000 << 20), Way::Parts { size: 8 << 20 });
        assert_eq!(way((80_000 << 20) + 1), Way::Parts { size: 9 << 20 });
        assert_eq!(way(Limits::default().file_max()), Way::Parts { size: 5 << 30 });
        assert_eq!(way(Limits::default().file_max() + 1), Way::TooBig { most: Limits::default().file_max() });
    }

    #[test]
    fn a_part_size_outside_the_limits_is_an_error() {
        for size in [0, 1, (100 << 10) - 1, (5 << 30) + 1] {
            let settings = Settings { part_size: size, ..Settings::default() };
            let way = Way::of(&settings, 1 << 30);
            assert_eq!(way.check(1 << 30), Err(Fault::BadPartSize { size, least: 100 << 10, most: 5 << 30 }));
        }
    }

    proptest! {
        #[test]
        fn parts_always_fit(len in 1u64..5000, part in 5u64..40) {
            let limits = Limits { part_min: 5, part_max: 40, parts: 120, put_max: 30, object_max: 4700, page: 3 };
            let settings = Settings { part_size: part, one_request_max: 0, limits, ..Settings::default() };
            match Way::of(&settings, len) {
                Way::Parts { size } => {
                    prop_assert!((part..=40).contains(&size) && len.div_ceil(size) <= 120);
                }
                way => prop_assert_eq!(way, Way::TooBig { most: 4700 }),
            }
        }

        #[test]
        fn parts_of_one_size_cover_any_file_and_are_as_small_as_they_may_be(
            limits in limits(), wish in share(), of_most in share(), beyond in prop::bool::weighted(0.1),
        ) {
            let most = if beyond { u64::MAX } else { limits.file_max() };
            let (len, part_size) = (between(1, most, of_most), between(limits.part_min, limits.part_max, wish));
            let settings = Settings { part_size, one_request_max: 0, limits, ..Settings::default() };
            prop_assert_eq!(settings.check(), Ok(()));
            let stage = Stage::new(&settings, len);
            if len > limits.file_max() {
                let most = limits.file_max();
                prop_assert_eq!(stage.check(), Err(Fault::FileTooBig { len, most }));
                return Ok(());
            }
            prop_assert_eq!(stage.check(), Ok(()));
            let (size, count) = (stage.part_size().unwrap(), stage.parts());
            prop_assert!(count <= limits.parts.into() && (part_size..=limits.part_max).contains(&size));
            // It grows when it must, and no further than to the next multiple of the grain.
            let fits = |size: u64| size > 0 && len.div_ceil(size) <= limits.parts.into();
            prop_assert!(size == part_size || !fits(part_size) && (!fits(size - 1) || !fits(size.saturating_sub(GRAIN))));
            let mut end = 0;
            for number in 1..=u32::try_from(count).unwrap() {
                let span = stage.span(number);
                prop_assert_eq!(span.start, end);
                prop_assert!(span.end - span.start == size || (span.end == len && span.start < len));
                end = span.end;
            }
            prop_assert_eq!(end, len);
            for beyond in [u32::try_from(count).unwrap() + 1, u32::MAX] {
                prop_assert!(stage.span(beyond).is_empty(), "{beyond}");
            }
        }
    }

    /// Those of the vendors, and others.
    fn limits() -> impl Strategy<Value = Limits> {
        let real = |part_min, object_max| Limits { part_min, object_max, ..Limits::default() };
        let reals = [real(100 << 10, u64::MAX), real(5 << 20, 50 << 40), real(1 << 20, 50_000_000_000_000)];
        let other = (part_max(), share(), 1u32..3_000, 1u64..1 << 50).prop_map(|(part_max, min, parts, object_max)| {
            let part_min = between(1, part_max, min);
            Limits { part_min, part_max, parts, put_max: part_max, object_max, page: 1000 }
        });
        prop_oneof![prop::sample::select(reals.to_vec()), other]
    }

    /// As small as a few bytes as often as larger than memories.
    fn part_max() -> impl Strategy<Value = u64> {
        (1u64..1 << 41, 0u32..41).prop_map(|(most, by)| (most >> by).max(1))
    }

    fn share() -> impl Strategy<Value = f64> {
        prop_oneof![Just(0.0), 0.0..=1.0, Just(1.0)]
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "any number between the two will do"
    )]
    fn between(least: u64, most: u64, share: f64) -> u64 {
        least.saturating_add(((most - least) as f64 * share) as u64).min(most)
    }
}
