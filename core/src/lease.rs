use core::time::Duration;

/// A credential, and until when it is good.
///
/// Where that is known, the upload asks for another one ahead of it, and sends nothing that is signed with a dead one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease<C> {
    /// The credential.
    pub credential: C,
    /// When it expires, on the `mono` clock; `None` if that is not known.
    pub expires: Option<Duration>,
}

impl<C> Lease<C> {
    /// A credential that expires at this time on the `mono` clock.
    pub fn until(credential: C, expires: Duration) -> Self {
        Self { credential, expires: Some(expires) }
    }
}

impl<C> From<C> for Lease<C> {
    fn from(credential: C) -> Self {
        Self { credential, expires: None }
    }
}
