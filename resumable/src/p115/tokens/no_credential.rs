//! Why there is no token.

use std::error::Error;
use std::fmt;

/// What kind of reason there is for having no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// A person must log in.
    LogIn,
    /// Something is to be put right at the vendor, or in what the account was given.
    AtVendor,
    /// The vendor could not be asked for too long. Later it may be.
    ForNow,
    /// Whoever answers in the vendor's place is not trusted.
    Untrusted,
    /// The folder of tokens, or a file in it, cannot be used.
    Folder,
    /// The file of tokens was written by a newer version of this library; it is left alone.
    NewerFile,
    /// Nobody wants to wait any more.
    Cancelled,
}

/// Why there is no token, in words; no token in them. Control characters are escaped.
#[derive(Debug)]
pub struct NoCredential {
    reason: Reason,
    why: String,
}

impl NoCredential {
    pub(super) fn new(reason: Reason, why: impl Into<String>) -> Self {
        Self { reason, why: crate::printable::text(&why.into()) }
    }

    /// The kind of reason.
    pub fn reason(&self) -> Reason {
        self.reason
    }
}

impl fmt::Display for NoCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl Error for NoCredential {}
