use resumable_core::{
    AuthError, AuthReason, Checkpoint, Event, Known, Lane, Lease, Protocol, Serves, Slot, StoreError,
};
use resumable_transport::CancelFlag;

use super::{Grant, Inquiry};

/// What an upload needs of the program around it, besides a transport and a source. Called from several threads.
///
/// Every call should return within seconds: an upload that is stopped waits for those that are under way.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no host of an upload to `{P}` for the blocking driver",
    label = "the blocking driver cannot save here",
    note = "implement `resumable::drive::Host<{P}>` for it: `save` and `credential` are all it needs; the async driver takes it in an `OffThread`"
)]
pub trait Host<P: Protocol>: Sync {
    /// Makes a checkpoint durable, in place of any older one.
    ///
    /// # Errors
    /// When it might not survive a loss of power.
    fn save(&self, checkpoint: &Checkpoint<P>) -> Result<(), StoreError>;

    /// Gets a credential, and until when it is good on the driver's clock, if that is known; `refused` is the one that the
    /// vendor refused. One that waits, for a person or a server, returns soon after `cancel` is set: the upload is over.
    ///
    /// # Errors
    /// When there is none to be had.
    fn credential(
        &self,
        reason: AuthReason,
        refused: Option<&P::Credential>,
        cancel: &CancelFlag,
    ) -> Result<Lease<P::Credential>, AuthError>;

    /// Is asked for a slot for one call, out of the program's own limiter: answers `grant` now, or keeps it and answers it
    /// later, from any thread. Called on the thread that drives the upload, so it returns at once. Where calls are only
    /// spread over time, a [`CallLimit`](resumable_core::CallLimit) behind a lock and [`Slot::free`] will do.
    fn slot(&self, lane: Lane, grant: Grant) {
        let _ = lane;
        grant.give(Slot::free());
    }

    /// The same for a call that asks something for all uploads to the account: answers with what another upload was answered,
    /// or has the call ask itself, as it does by default.
    fn inquire(&self, inquiry: Inquiry<P>) {
        self.slot(inquiry.lane(), inquiry.into_grant());
    }

    /// A question was answered that other uploads to the account may ask, too. Called on the thread that drives the upload.
    fn share(&self, question: &str, known: &Known<P::Reply>, serves: Serves) {
        let _ = (question, known, serves);
    }

    /// Shows something to a person; called on the thread that drives the upload.
    fn tell(&self, event: &Event) {
        let _ = event;
    }
}
