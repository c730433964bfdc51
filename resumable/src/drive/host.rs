use std::time::Duration;

use resumable_core::{AuthError, AuthReason, Checkpoint, Event, Lane, Lease, Protocol, Slot, StoreError};

/// What an upload needs of the program around it, besides a transport and a source. Called from several threads.
///
/// Every call should return within seconds: an upload that is stopped waits for those that are under way.
pub trait Host<P: Protocol>: Sync {
    /// Makes a checkpoint durable, in place of any older one.
    ///
    /// # Errors
    /// When it might not survive a loss of power.
    fn save(&self, checkpoint: &Checkpoint<P>) -> Result<(), StoreError>;

    /// Gets a credential, and until when it is good on the driver's clock, if that is known; `refused` is the one that the
    /// vendor refused.
    ///
    /// # Errors
    /// When there is none to be had.
    fn credential(
        &self,
        reason: AuthReason,
        refused: Option<&P::Credential>,
    ) -> Result<Lease<P::Credential>, AuthError>;

    /// Gets a slot for one call from the program's own limiter, to be given back when it is dropped; where calls are only
    /// spread over time, a [`CallLimit`](resumable_core::CallLimit) behind a lock and [`Slot::free`] will do.
    ///
    /// # Errors
    /// How long no call may leave on that lane.
    fn slot(&self, lane: Lane) -> Result<Slot, Duration> {
        let _ = lane;
        Ok(Slot::free())
    }

    /// Shows something to a person.
    fn tell(&self, event: &Event) {
        let _ = event;
    }
}
