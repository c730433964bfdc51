//! What the command's own host needs of credentials, until it runs its uploads through the client.

use resumable_core::Lease;
use resumable_transport::{CancelFlag, Clock};

use crate::{BoxError, Credentials};

/// The credential that is at hand, if there is one.
pub fn at_hand<C: Clone + PartialEq + Send + Sync + 'static>(credentials: &Credentials<C>, clock: Clock) -> Option<C> {
    credentials.at_hand(clock).map(|(lease, _)| lease.credential)
}

/// A credential in place of the refused one.
///
/// # Errors
/// When there is none to be had.
pub fn other<C: Clone + PartialEq + Send + Sync + 'static>(
    credentials: &Credentials<C>,
    refused: Option<&C>,
    cancel: &CancelFlag,
    clock: Clock,
) -> Result<Lease<C>, BoxError> {
    credentials.turn().refresh(refused, cancel, clock).map(|(lease, _)| lease)
}

/// A call that the vendor counts leaves.
pub fn used<C: Clone + PartialEq + Send + Sync + 'static>(credentials: &Credentials<C>) {
    credentials.used();
}
