//! Why a host could not carry out an action.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::error::Error;
use core::fmt;

use crate::digest::Misfed;
/// A cause for people; boxed, for transports are crates of their own.
pub struct Cause(pub Box<dyn Error + Send + Sync>);

impl Cause {
    /// A cause that is just a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self(text.into().into())
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cause({self})")
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut under = self.0.source();
        while let Some(error) = under {
            let text = error.to_string();
            if !self.0.to_string().contains(&text) {
                write!(f, ": {text}")?;
            }
            under = error.source();
        }
        Ok(())
    }
}

impl Error for Cause {}

/// Why the source could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{cause}")]
pub struct SourceFailure {
    /// What is wrong with it.
    pub kind: SourceFailureKind,
    /// The same in words.
    pub cause: Cause,
}

/// What is wrong with a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceFailureKind {
    /// There is nothing at its place.
    Missing,
    /// It may not be read.
    Denied,
    /// It has no length or cannot be read at an offset.
    NotRegular,
    /// It holds more or less than it says.
    FalseLength,
    /// It ended before its known length.
    Ended,
    /// It was written to or replaced while it was read.
    Written,
    /// Any other failure to read.
    Read,
}

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The vendor cannot have acted on the request: no byte of it left this machine.
    #[error("the request was not sent: {0}")]
    NotSent(Cause),
    /// Whoever answered could not prove to be the server: its certificate is signed by nobody who is trusted here, has
    /// expired, or is for another name. No byte of the request left this machine.
    #[error("the request was not sent: {0}")]
    Untrusted(Cause),
    /// The vendor may have acted on it. When in doubt, this.
    #[error("no answer: {0}")]
    Unsure(Cause),
    /// The source could not be read.
    #[error(transparent)]
    Source(SourceFailure),
    /// No try of this transport can send it: what it is to send, or where to, is not within its means. No byte of it
    /// left this machine.
    #[error("the request cannot be sent: {0}")]
    Impossible(Cause),
}

/// Why digests could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// The source could not be read.
    #[error(transparent)]
    Source(#[from] SourceFailure),
    /// The pass was not fed what it wanted.
    #[error(transparent)]
    Misfed(#[from] Misfed),
    /// The pass was ended by [`crate::Action::Cancel`].
    #[error("the pass over the file was cancelled")]
    Cancelled,
}

/// Why a checkpoint could not be saved, in the store's words.
#[derive(Debug, thiserror::Error)]
#[error("the checkpoint could not be saved: {0}")]
pub struct StoreError(pub Cause);

/// Why there is no credential, in the host's words.
#[derive(Debug, thiserror::Error)]
#[error("no credential: {0}")]
pub struct AuthError(pub Cause);
