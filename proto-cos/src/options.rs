//! What both versions ask of a user's choices.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use crate::limits::{FILE_BYTES, SIGNATURE_LIFE, SLICE_SIZE_BELIEVED};

/// The shortest life of a signature: what is signed must arrive while it is good.
pub const SHORTEST_SIGNATURE: Duration = Duration::from_secs(60);

/// Choices that no request could be made by.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOptions {
    /// The part size is none of those that may be asked for.
    #[error("part_size must be {} bytes, and is {size}", among(sizes))]
    PartSize {
        /// What was to be asked for, in bytes.
        size: u64,
        /// What may be, in bytes.
        sizes: Vec<u64>,
    },
    /// A signature would be dead before its request arrives, or live longer than the vendor allows.
    #[error("signature_life must be from 1m to 90d, and is {} s", life.as_secs())]
    SignatureLife {
        /// How long signatures were to live.
        life: Duration,
    },
    /// The largest file is larger than the vendor's.
    #[error("file_max must be at most {FILE_BYTES} bytes, and is {size}")]
    FileMax {
        /// What was to be the largest, in bytes.
        size: u64,
    },
    /// The attribute is not one line of text.
    #[error("biz_attr must be one line without control characters")]
    BizAttr,
}

resumable_core::debug_in_words!(InvalidOptions);

impl InvalidOptions {
    /// The name of the option.
    pub fn name(&self) -> &'static str {
        match self {
            Self::PartSize { .. } => "part_size",
            Self::SignatureLife { .. } => "signature_life",
            Self::FileMax { .. } => "file_max",
            Self::BizAttr => "biz_attr",
        }
    }
}

/// The choices that both versions have.
#[derive(Clone, Copy, Debug)]
pub struct Shared<'a> {
    /// The part size to ask for, in bytes.
    pub part_size: u64,
    /// The part sizes that may be asked for, in bytes; none above [`SLICE_SIZE_BELIEVED`] counts.
    pub part_sizes: &'a [u64],
    /// The largest file, in bytes.
    pub file_max: u64,
    /// The vendor's opaque attribute of the object.
    pub biz_attr: Option<&'a str>,
    /// How long each signature is good for.
    pub signature_life: Duration,
}

impl Shared<'_> {
    /// Checks the choices.
    ///
    /// # Errors
    /// When no request could be made by them.
    pub fn check(&self) -> Result<(), InvalidOptions> {
        let Self { part_size: size, part_sizes: sizes, file_max, biz_attr, signature_life: life } = *self;
        if !(1..=SLICE_SIZE_BELIEVED).contains(&size) || !sizes.contains(&size) {
            return Err(InvalidOptions::PartSize { size, sizes: believed(sizes).collect() });
        }
        if !(SHORTEST_SIGNATURE..=SIGNATURE_LIFE).contains(&life) {
            return Err(InvalidOptions::SignatureLife { life });
        }
        if file_max > FILE_BYTES {
            return Err(InvalidOptions::FileMax { size: file_max });
        }
        if biz_attr.is_some_and(|text| text.contains(char::is_control)) {
            return Err(InvalidOptions::BizAttr);
        }
        Ok(())
    }
}

/// The longest of the part sizes that may be asked for and are at most `bytes` long, or else the shortest of all.
pub fn next_smaller(sizes: &[u64], bytes: u64) -> Option<u64> {
    believed(sizes).filter(|size| *size <= bytes).max().or_else(|| believed(sizes).min())
}

fn believed(sizes: &[u64]) -> impl Iterator<Item = u64> {
    sizes.iter().copied().filter(|size| (1..=SLICE_SIZE_BELIEVED).contains(size))
}

fn among(sizes: &[u64]) -> String {
    let sizes: Vec<String> = sizes.iter().map(u64::to_string).collect();
    match sizes.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "one that the server takes".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn check(part_size: u64, part_sizes: &[u64], signature_life: Duration) -> Result<(), InvalidOptions> {
        Shared { part_size, part_sizes, file_max: FILE_BYTES, biz_attr: None, signature_life }.check()
    }

    #[test]
    fn what_is_wrong_is_said_with_what_is_possible() {
        let minute = Duration::from_secs(60);
        let size = check(7, &[512 << 10, 1 << 20], minute).unwrap_err();
        assert_eq!(size.to_string(), "part_size must be 524288 or 1048576 bytes, and is 7");
        assert_eq!(check(0, &[0], minute).unwrap_err().name(), "part_size");
        let life = check(16, &[16], Duration::ZERO).unwrap_err();
        assert_eq!(
            (life.to_string().as_str(), life.name()),
            ("signature_life must be from 1m to 90d, and is 0 s", "signature_life")
        );
        assert_eq!(check(16, &[16], minute), Ok(()));
        assert!(check(16, &[16], SIGNATURE_LIFE + minute).is_err());
    }
}
