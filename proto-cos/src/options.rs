//! What both versions ask of a user's choices.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use crate::limits::SIGNATURE_LIFE;

/// The shortest life of a signature: what is signed must arrive while it is good.
pub const SHORTEST_SIGNATURE: Duration = Duration::from_secs(60);

/// Choices that no request could be made by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOptions {
    /// The slice size is none of those that may be asked for.
    #[error("slice_size must be {} bytes, and is {size}", among(sizes))]
    SliceSize {
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
}

impl InvalidOptions {
    /// The name of the option.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SliceSize { .. } => "slice_size",
            Self::SignatureLife { .. } => "signature_life",
        }
    }
}

/// Checks the choices that both versions have.
///
/// # Errors
/// When no request could be made by them.
pub fn check(size: u64, sizes: &[u64], life: Duration) -> Result<(), InvalidOptions> {
    if size == 0 || !sizes.contains(&size) {
        return Err(InvalidOptions::SliceSize { size, sizes: sizes.to_vec() });
    }
    if !(SHORTEST_SIGNATURE..=SIGNATURE_LIFE).contains(&life) {
        return Err(InvalidOptions::SignatureLife { life });
    }
    Ok(())
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

    #[test]
    fn what_is_wrong_is_said_with_what_is_possible() {
        let minute = Duration::from_secs(60);
        let size = check(7, &[512 << 10, 1 << 20], minute).unwrap_err();
        assert_eq!(size.to_string(), "slice_size must be 524288 or 1048576 bytes, and is 7");
        assert_eq!(check(0, &[0], minute).unwrap_err().name(), "slice_size");
        let life = check(16, &[16], Duration::ZERO).unwrap_err();
        assert_eq!(
            (life.to_string().as_str(), life.name()),
            ("signature_life must be from 1m to 90d, and is 0 s", "signature_life")
        );
        assert_eq!(check(16, &[16], minute), Ok(()));
        assert!(check(16, &[16], SIGNATURE_LIFE + minute).is_err());
    }
}
