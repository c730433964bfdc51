//! What is uploaded: bytes of a known length that can be read at any offset.

use std::io;
use std::sync::Arc;

use resumable_core::{Cause, HashError, SendError, SourceFailure, SourceFailureKind, SourceInfo};

/// Why a source could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// There is nothing at that place.
    #[error("no such file: {0}")]
    Missing(String),
    /// The source is there, but may not be read.
    #[error("cannot read {0}: permission denied")]
    Denied(String),
    /// The source has no length or cannot be read at an offset: a folder, a pipe, a device.
    #[error("{0} is not a regular file; only regular files can be uploaded and resumed")]
    NotRegular(String),
    /// The source holds more or less than the length it states, and was not written to meanwhile: a file that the
    /// system makes up while it is read.
    #[error("{0} has more or less content than its stated length, like files in /proc; it cannot be uploaded")]
    FalseLength(String),
    /// The source ended before its known length: it shrank while it was read.
    #[error("the file became shorter while it was being read: it ended at byte {at} of {expected}")]
    Ended {
        /// Where the source ended.
        at: u64,
        /// The length it should have had.
        expected: u64,
    },
    /// The source was written to, or replaced, while it was read: what is read then is of neither version.
    #[error("the file was written to or replaced while it was being read")]
    Written,
    /// Any other failure to read.
    #[error("the file could not be read: {0}")]
    Read(#[from] io::Error),
}

impl SourceError {
    fn kind(&self) -> SourceFailureKind {
        match self {
            Self::Missing(_) => SourceFailureKind::Missing,
            Self::Denied(_) => SourceFailureKind::Denied,
            Self::NotRegular(_) => SourceFailureKind::NotRegular,
            Self::FalseLength(_) => SourceFailureKind::FalseLength,
            Self::Ended { .. } => SourceFailureKind::Ended,
            Self::Written => SourceFailureKind::Written,
            Self::Read(_) => SourceFailureKind::Read,
        }
    }
}

impl From<SourceError> for SourceFailure {
    fn from(error: SourceError) -> Self {
        Self { kind: error.kind(), cause: Cause(error.into()) }
    }
}

impl From<SourceError> for SendError {
    fn from(error: SourceError) -> Self {
        Self::Source(error.into())
    }
}

impl From<SourceError> for HashError {
    fn from(error: SourceError) -> Self {
        Self::Source(error.into())
    }
}

/// Bytes of a known length, readable at any offset and from several threads.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no source",
    label = "this cannot be uploaded from",
    note = "a path is no source, and neither is a `File`: open it with `resumable::file::FileSource::open`; for anything else implement `Source`"
)]
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

    /// Reads what is at hand, in memory: the same as [`read_at`](Self::read_at), and `None` if that would have to wait.
    /// An async body reads so on the thread that sends it, which costs much less than to read elsewhere. By default nothing
    /// is at hand.
    ///
    /// # Errors
    /// When the source cannot be read.
    fn read_now(&self, offset: u64, buffer: &mut [u8]) -> Result<Option<usize>, SourceError> {
        let _ = (offset, buffer);
        Ok(None)
    }
}

macro_rules! pointers {
    ($($pointer:ty),*) => {$(
        impl<S: Source + ?Sized> Source for $pointer {
            fn info(&self) -> Result<SourceInfo, SourceError> {
                (**self).info()
            }

            fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
                (**self).read_at(offset, buffer)
            }

            fn read_now(&self, offset: u64, buffer: &mut [u8]) -> Result<Option<usize>, SourceError> {
                (**self).read_now(offset, buffer)
            }
        }
    )*};
}

pointers!(&S, Box<S>, Arc<S>);
