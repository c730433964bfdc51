//! What an upload is told.

use alloc::vec::Vec;
use core::time::Duration;

use crate::digest::Digest;
use crate::host_error::{AuthError, HashError, SendError, SourceFailure, StoreError};
use crate::lease::Lease;
use crate::protocol::{Answer, Protocol};
use crate::question::Known;
use crate::slot::Slot;
use crate::source::SourceInfo;
use crate::ticket::{Acquiring, Authorizing, Checking, Hashing, OpId, Saving, Sending, Ticket};

/// What [`crate::Upload::handle`] takes: the answers to actions, the progress of actions under way, and the host's commands.
#[non_exhaustive]
pub enum Input<P: Protocol> {
    /// Answers [`crate::Action::Send`].
    Response(Ticket<Sending>, Result<Answer, SendError>),
    /// Answers [`crate::Action::Hash`], with the digests in the order of the jobs.
    Digests(Ticket<Hashing>, Result<Vec<Digest>, HashError>),
    /// Answers [`crate::Action::Save`]: `Ok` once the checkpoint would survive a loss of power.
    Saved(Ticket<Saving>, Result<(), StoreError>),
    /// Answers [`crate::Action::Check`].
    Source(Ticket<Checking>, Result<SourceInfo, SourceFailure>),
    /// Answers [`crate::Action::Authorize`].
    Credential(Ticket<Authorizing>, Result<Lease<P::Credential>, AuthError>),
    /// Another credential, which nobody asked for: the next request is signed with it.
    Renewed(Lease<P::Credential>),
    /// Answers [`crate::Action::Acquire`]: with a slot for one call, or how long no call may leave on that lane.
    Slot(Ticket<Acquiring>, Result<Slot, Duration>),
    /// Answers [`crate::Action::Acquire`] of a call with a question: no slot is needed, because another upload to the account
    /// was answered this.
    Known(Ticket<Acquiring>, Known<P::Reply>),
    /// How many source bytes were read so far for a send or a hash that is under way.
    Progress(OpId, u64),
    /// An action will never be answered, because the host lost its ticket.
    Lost(OpId),
    /// The host wants something.
    Command(Command),
}

impl<P: Protocol> Input<P> {
    /// The operation that ends with it, if one does.
    pub fn ends(&self) -> Option<OpId> {
        match self {
            Self::Response(ticket, _) => Some(ticket.id()),
            Self::Digests(ticket, _) => Some(ticket.id()),
            Self::Saved(ticket, _) => Some(ticket.id()),
            Self::Source(ticket, _) => Some(ticket.id()),
            Self::Credential(ticket, _) => Some(ticket.id()),
            Self::Slot(ticket, _) | Self::Known(ticket, _) => Some(ticket.id()),
            Self::Lost(op) => Some(*op),
            Self::Renewed(_) | Self::Progress(..) | Self::Command(_) => None,
        }
    }
}

impl<P: Protocol> From<Lease<P::Credential>> for Input<P> {
    fn from(lease: Lease<P::Credential>) -> Self {
        Self::Renewed(lease)
    }
}

impl<P: Protocol> From<Command> for Input<P> {
    fn from(command: Command) -> Self {
        Self::Command(command)
    }
}

/// What a host may ask of an upload at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Sends nothing new until [`Unpause`](Self::Unpause); what is on its way is let finish.
    Pause,
    /// Ends a pause.
    Unpause,
    /// Ends the upload within seconds so that it can be resumed: cancels what is on its way, saves, ends with
    /// [`crate::Failure::Stopped`].
    Stop,
    /// Sends no byte of the source any more, and ends the upload like [`Stop`](Self::Stop) as soon as what is in flight
    /// has arrived, or after this long at the latest. What is complete by then is completed.
    Drain {
        /// How long to wait for what is in flight.
        within: Duration,
    },
    /// Gives the upload up: cancels what is on its way, removes what can be removed at the vendor, and ends with
    /// [`crate::Failure::Abandoned`] (or successfully, if it turns out to be complete).
    Abort,
    /// Changes how many requests may be in flight, to 1 to [`crate::MAX_WINDOW`].
    Window(usize),
}
