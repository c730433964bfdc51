//! Where an upload's credentials come from.

use std::error::Error;
use std::fmt;

use resumable_core::AuthError;

/// Gives credentials to an upload; asked from several threads.
pub(crate) trait Keys<C>: Send + Sync {
    /// The credential that is at hand, if there is one: asks nobody.
    fn held(&self) -> Option<C>;

    /// A credential in place of the one that the vendor refused, or any if none was.
    ///
    /// # Errors
    /// When there is none to be had.
    fn credential(&self, refused: Option<&C>) -> Result<C, AuthError>;

    /// A call of a limited lane leaves, with the credential that was given last.
    fn used(&self) {}
}

/// What kind of reason there is for having no credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// A person must log in.
    LogIn,
    /// Something is to be put right at the vendor, or in the profile.
    AtVendor,
    /// The vendor could not be asked for too long.
    ForNow,
    /// Whoever answers in the vendor's place is not trusted.
    Untrusted,
    /// The state folder cannot be used.
    Here,
    /// Nobody wants to wait any more.
    Interrupted,
}

/// Why there is no credential, in words; no credential in them.
#[derive(Debug)]
pub(crate) struct NoCredential {
    /// The kind of reason.
    pub(crate) reason: Reason,
    /// The words.
    pub(crate) why: String,
}

impl fmt::Display for NoCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl Error for NoCredential {}

/// What a profile says: always the same, so that a refused upload ends with the vendor's own words.
pub(crate) struct Fixed<C>(pub(crate) C);

impl<C: Clone + Send + Sync> Keys<C> for Fixed<C> {
    fn held(&self) -> Option<C> {
        Some(self.0.clone())
    }

    fn credential(&self, _: Option<&C>) -> Result<C, AuthError> {
        Ok(self.0.clone())
    }
}
