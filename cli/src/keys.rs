//! Where an upload's credentials come from.

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

/// What a profile says: always the same, so that a refused upload ends with the vendor's own words.
pub(crate) struct Written<C>(pub(crate) C);

impl<C: Clone + Send + Sync> Keys<C> for Written<C> {
    fn held(&self) -> Option<C> {
        Some(self.0.clone())
    }

    fn credential(&self, _: Option<&C>) -> Result<C, AuthError> {
        Ok(self.0.clone())
    }
}
