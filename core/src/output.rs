//! What an upload asks of its host, and what it tells.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;
use core::time::Duration;

use http::Request;

use crate::body::Body;
use crate::checkpoint::Checkpoint;
use crate::digest::HashJob;
use crate::failure::Failure;
use crate::protocol::{AuthReason, Lane, Limits, Protocol};
use crate::question::{Known, Question, Serves};
use crate::slot::Slot;
use crate::ticket::{Acquiring, Authorizing, Checking, Hashing, OpId, Saving, Sending, Ticket};

/// What [`crate::Upload::poll`] gives. Exhaustive on purpose: a driver that skips a case would hang.
#[expect(clippy::large_enum_variant, reason = "made one at a time and taken apart at once")]
pub enum Output<P: Protocol> {
    /// Do this, and answer its ticket; several may be under way at once.
    Do(Action<P>),
    /// Something worth showing; needs no answer.
    Tell(Event),
    /// The vendor answered a question that other uploads to the account may ask, too: for [`Action::Acquire`] of theirs;
    /// needs no answer. A host that shares nothing drops it.
    Share {
        /// The question's name.
        question: String,
        /// What was answered.
        known: Known<P::Reply>,
        /// To whom it may be given.
        serves: Serves,
    },
    /// Nothing to do until an answer comes, or until this time on the `mono` clock.
    Wait {
        /// When to poll again at the latest; `None` while only answers (or an unpause) can move the upload.
        until: Option<Duration>,
        /// How many actions are not answered yet.
        in_flight: usize,
    },
    /// The upload is over; do not poll again.
    Finished(Result<P::Outcome, Failure<P::Fault>>),
}

/// An effect for the host to carry out. Exhaustive on purpose.
pub enum Action<P: Protocol> {
    /// Send a request and read its answer.
    Send {
        /// For [`crate::Input::Response`].
        ticket: Ticket<Sending>,
        /// The vendor's own name of the call ([`Protocol::name`]), for logs.
        name: &'static str,
        /// What the host granted for it: to be dropped with the answer.
        slot: Slot,
        /// The request, signed for now: to be sent at once.
        request: Request<Body>,
        /// What the transport keeps to.
        limits: Limits,
    },
    /// Take digests of the source, in one pass ([`crate::HashPass`]).
    Hash {
        /// For [`crate::Input::Digests`].
        ticket: Ticket<Hashing>,
        /// The jobs; the digests are answered in the same order.
        jobs: Vec<HashJob>,
    },
    /// Make this checkpoint durable, in place of any older one.
    Save {
        /// For [`crate::Input::Saved`].
        ticket: Ticket<Saving>,
        /// What to save.
        checkpoint: Checkpoint<P>,
    },
    /// Look at the source again.
    Check {
        /// For [`crate::Input::Source`].
        ticket: Ticket<Checking>,
    },
    /// Get a credential.
    Authorize {
        /// For [`crate::Input::Credential`].
        ticket: Ticket<Authorizing>,
        /// Why.
        reason: AuthReason,
        /// The one that the vendor refused.
        refused: Option<P::Credential>,
    },
    /// Get a slot for one call of this lane from the host's own limiter; only for lanes that [`crate::Options::gated`]
    /// names. It may take as long as it likes: nothing but such calls waits for it.
    ///
    /// If the call has a question, the host may answer with what another upload to the account was answered
    /// ([`crate::Input::Known`]), or wait for that as long as another upload asks. A host that shares nothing
    /// gives a slot.
    Acquire {
        /// For [`crate::Input::Slot`] or [`crate::Input::Known`].
        ticket: Ticket<Acquiring>,
        /// The lane.
        lane: Lane,
        /// What the call asks for all uploads to the account.
        question: Option<Question>,
    },
    /// End this send or hash soon; its ticket is still to be answered.
    Cancel(OpId),
}

impl<P: Protocol> Action<P> {
    /// The operation that it asks for, or wants to end.
    pub fn op(&self) -> OpId {
        match self {
            Self::Send { ticket, .. } => ticket.id(),
            Self::Hash { ticket, .. } => ticket.id(),
            Self::Save { ticket, .. } => ticket.id(),
            Self::Check { ticket } => ticket.id(),
            Self::Authorize { ticket, .. } => ticket.id(),
            Self::Acquire { ticket, .. } => ticket.id(),
            Self::Cancel(op) => *op,
        }
    }
}

impl<P: Protocol> fmt::Debug for Output<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Do(action) => f.debug_tuple("Do").field(action).finish(),
            Self::Tell(event) => f.debug_tuple("Tell").field(event).finish(),
            Self::Share { question, known, serves } => {
                let mut shown = f.debug_struct("Share");
                shown.field("question", question).field("known", known).field("serves", serves).finish()
            }
            Self::Wait { until, in_flight } => {
                f.debug_struct("Wait").field("until", until).field("in_flight", in_flight).finish()
            }
            Self::Finished(result) => f.debug_tuple("Finished").field(result).finish(),
        }
    }
}

// Requests are shown by method and path alone: headers and query carry signatures.
impl<P: Protocol> fmt::Debug for Action<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send { ticket, name, request, .. } => f
                .debug_struct("Send")
                .field("ticket", ticket)
                .field("name", name)
                .field("method", request.method())
                .field("path", &request.uri().path())
                .field("body", request.body())
                .finish_non_exhaustive(),
            Self::Hash { ticket, jobs } => f.debug_struct("Hash").field("ticket", ticket).field("jobs", jobs).finish(),
            Self::Save { ticket, checkpoint } => {
                f.debug_struct("Save").field("ticket", ticket).field("checkpoint", checkpoint).finish()
            }
            Self::Check { ticket } => f.debug_struct("Check").field("ticket", ticket).finish(),
            Self::Authorize { ticket, reason, .. } => {
                f.debug_struct("Authorize").field("ticket", ticket).field("reason", reason).finish_non_exhaustive()
            }
            Self::Acquire { ticket, lane, question } => {
                let mut shown = f.debug_struct("Acquire");
                shown.field("ticket", ticket).field("lane", lane);
                question.iter().for_each(|question| {
                    shown.field("question", question);
                });
                shown.finish()
            }
            Self::Cancel(op) => f.debug_tuple("Cancel").field(op).finish(),
        }
    }
}

/// Something worth showing to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// How far the upload is.
    Progress {
        /// Bytes that the vendor has acknowledged.
        confirmed: u64,
        /// Bytes read for requests that are not answered yet.
        in_flight: u64,
        /// The source's length.
        total: u64,
    },
    /// How far a pass over the source is.
    Hashing {
        /// Bytes read.
        done: u64,
        /// Bytes to read in all.
        total: u64,
    },
    /// A call failed and will be tried again.
    Retrying {
        /// The vendor's own name of the call ([`Protocol::name`]).
        call: &'static str,
        /// The bytes of the source that it carried; `None` if it carried none, or none in one piece.
        bytes: Option<Range<u64>>,
        /// What happened.
        why: String,
        /// The vendor's name of the request ([`Protocol::request_id`]). `why` contains it, so without it two texts of the
        /// same reason are equal.
        request_id: Option<String>,
        /// How long from now.
        after: Duration,
        /// How many tries failed without progress, this one included: of all calls if the failure is transient, of this
        /// call if it was refused.
        tries: u32,
        /// How long from now until the upload gives up, if nothing gets better; `None` if a number of tries bounds it
        /// ([`crate::Options::attempts`]).
        gives_up: Option<Duration>,
    },
    /// The session was lost, and a new one is opened.
    Restarting {
        /// What happened.
        why: String,
    },
    /// The object was completed, but the answer that named it is lost and cannot be had again: it is uploaded once more.
    UrlLost {
        /// What happened.
        why: String,
    },
    /// The vendor's digest differs from ours: the source is read again.
    Rehashing {
        /// What the vendor said.
        why: String,
    },
    /// The vendor refused the credential, and another one is asked for.
    Reauthorizing {
        /// What the vendor said.
        why: String,
    },
    /// The host handed in another credential of its own accord, in place of the refused one: none need be asked for.
    Reauthorized,
    /// The vendor's clock differs from this machine's: requests are dated by the vendor's from now on.
    ClockCorrected {
        /// How far this machine is behind the vendor, in seconds; negative if it is ahead.
        behind: i64,
    },
}
