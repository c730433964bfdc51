//! What is uploaded: bytes of a known length that can be read at any offset.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How many bytes at each end of a source go into [`SourceInfo::sample`].
pub const SAMPLE_BYTES: u64 = 64 * 1024;

/// When a source was last modified, in the file system's own resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Modified {
    /// Whole seconds since 1970-01-01 UTC; negative before it.
    pub secs: i64,
    /// Nanoseconds within that second, 0 to 999,999,999.
    pub nanos: u32,
}

/// What a source is recognised by; kept in every checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceInfo {
    /// Length in bytes.
    pub len: u64,
    /// Time of the last modification, where the source has one.
    pub modified: Option<Modified>,
    /// A hint only (the inode of a file, without its device): it changes with a remount,
    /// so alone it never means that the source changed.
    pub id: Option<u64>,
    /// SHA-256 over the first and the last [`SAMPLE_BYTES`].
    #[serde(with = "hex::serde")]
    pub sample: [u8; 32],
}

impl SourceInfo {
    /// The sample of a source with these first and last bytes (each at most [`SAMPLE_BYTES`] long).
    pub fn sample_of(head: &[u8], tail: &[u8]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(head);
        hash.update(tail);
        hash.finalize().into()
    }

    /// True when both describe the same content, as far as length, time and sample tell.
    pub fn same_content(&self, other: &Self) -> bool {
        self.len == other.len && self.modified == other.modified && self.sample == other.sample
    }
}

impl std::fmt::Display for SourceInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.len)?;
        if let Some(at) = self.modified {
            write!(f, ", modified at {}.{:09}", at.secs, at.nanos)?;
        }
        write!(f, ", sample {}", hex::encode(&self.sample[..6]))
    }
}

/// Why a source could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// There is nothing at that place.
    #[error("{0} is not there")]
    Missing(String),
    /// The source is there, but may not be read.
    #[error("{0} may not be read: permission denied")]
    Denied(String),
    /// The source has no length or cannot be read at an offset: a folder, a pipe, a device.
    #[error("{0} is not a regular file: only regular files can be uploaded and resumed")]
    NotRegular(String),
    /// The source holds more or less than the length it states, and was not written to meanwhile: a file that the
    /// system makes up while it is read.
    #[error("{0} holds more or less than its stated length, as files of /proc do: it cannot be uploaded and resumed")]
    FalseLength(String),
    /// The source ended before its known length: it shrank while it was read.
    #[error("the file ended at byte {at}, {expected} bytes were expected: it shrank while it was read")]
    Ended {
        /// Where the source ended.
        at: u64,
        /// The length it should have had.
        expected: u64,
    },
    /// The source was written to, or replaced, while it was read: what is read then is of neither version.
    #[error("the file was written to or replaced while it was read")]
    Written,
    /// Any other failure to read.
    #[error("the file could not be read: {0}")]
    Read(#[from] std::io::Error),
}

/// Bytes of a known length, readable at any offset and from several threads.
pub trait Source: Send + Sync {
    /// Looks at the source again.
    ///
    /// # Errors
    /// When the source is gone or cannot be read.
    fn info(&self) -> Result<SourceInfo, SourceError>;

    /// Reads some bytes at `offset` into `buffer` and says how many; 0 only at the end of the source.
    ///
    /// # Errors
    /// When the source cannot be read.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError>;
}
