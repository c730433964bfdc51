//! The program around an upload, as futures.

use async_trait::async_trait;

use resumable_core::{
    AuthError, AuthReason, Checkpoint, Event, Known, Lane, Lease, Protocol, Serves, Slot, StoreError,
};

use crate::drive::{Grant, Inquiry};

/// What an upload needs of the program around it, besides a transport and a source. A host serves one upload; a
/// blocking one ([`crate::drive::Host`]) becomes one of these in [`OffThread`](super::OffThread).
///
/// Every future should end within seconds, and may be dropped before that. Nothing here may block the thread.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no host of an upload to `{P}` for the async driver",
    label = "the async driver cannot save here",
    note = "wrap a blocking host in an `OffThread`, or implement `resumable::drive::asynchronous::Host<{P}>`"
)]
#[async_trait]
pub trait Host<P: Protocol>: Send + Sync {
    /// Makes a checkpoint durable, in place of any older one. One save at a time is under way; what still works for one
    /// whose future was dropped must not overwrite a newer checkpoint.
    ///
    /// # Errors
    /// When it might not survive a loss of power.
    async fn save(&self, checkpoint: Checkpoint<P>) -> Result<(), StoreError>;

    /// Waits until nothing works any more for saves whose futures were dropped. A run begins with it; so should a
    /// program that dropped a run for good and deletes the checkpoint.
    async fn settled(&self) {}

    /// Gets a credential, and until when it is good on the driver's clock, if that is known; `refused` is the one that the
    /// vendor refused.
    ///
    /// # Errors
    /// When there is none to be had.
    async fn credential(
        &self,
        reason: AuthReason,
        refused: Option<P::Credential>,
    ) -> Result<Lease<P::Credential>, AuthError>;

    /// Is asked for a slot for one call, out of the program's own limiter: answers `grant` now, or keeps it and answers it
    /// later, from any thread. Called on the upload's task, so it returns at once.
    fn slot(&self, lane: Lane, grant: Grant) {
        let _ = lane;
        grant.give(Slot::free());
    }

    /// The same for a call that asks something for all uploads to the account: answers with what another upload was answered,
    /// or has the call ask itself, as it does by default.
    fn inquire(&self, inquiry: Inquiry<P>) {
        self.slot(inquiry.lane(), inquiry.into_grant());
    }

    /// A question was answered that other uploads to the account may ask, too. Called on the upload's task.
    fn share(&self, question: &str, known: &Known<P::Reply>, serves: Serves) {
        let _ = (question, known, serves);
    }

    /// Shows something to a person; called on the upload's task, so it returns at once.
    fn tell(&self, event: &Event) {
        let _ = event;
    }
}
