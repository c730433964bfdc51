//! How an upload can end without its object complete.

use alloc::boxed::Box;
use alloc::string::String;
use core::time::Duration;

use crate::calendar::http_date;
use crate::host_error::{AuthError, Cause, SourceFailure, StoreError};
use crate::protocol::Remains;
use crate::source::{Difference, SourceInfo};
use crate::units::{show_count, show_time};

/// Which budget ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Budget {
    /// [`crate::Options::patience`]: time without progress since the first transient failure.
    Patience(Duration),
    /// [`crate::Options::first_contact`]: time without any connection, in an upload that never had one.
    FirstContact(Duration),
    /// The vendor asks for a wait, or its limits do, that is longer than what is left of [`crate::Options::patience`].
    Wait {
        /// How long the vendor wants to be left alone.
        asked: Duration,
        /// [`crate::Options::patience`].
        patience: Duration,
    },
    /// [`crate::Options::attempts`]: refusals of one call without progress.
    Attempts(u32),
    /// [`crate::Options::restarts`]: sessions lost.
    Restarts(u32),
    /// [`crate::Options::answers`]: answered calls without progress; the number in force.
    Answers(u32),
}

impl core::fmt::Display for Budget {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Patience(time) => write!(f, "after {} without progress", show_time(*time)),
            Self::FirstContact(time) => {
                write!(f, "after {} without ever getting a connection", show_time(*time))
            }
            Self::Wait { asked, patience } => {
                let (asked, patience) = (show_time(*asked), show_time(*patience));
                write!(f, "because the vendor wants no request for {asked}, longer than the patience of {patience}")
            }
            Self::Attempts(count) => {
                write!(f, "after one call was refused {}", show_count((*count).into(), "time", "times"))
            }
            Self::Restarts(count) => {
                write!(f, "after the session was lost {}", show_count((*count).into(), "time", "times"))
            }
            Self::Answers(count) => {
                write!(f, "after {} without progress", show_count((*count).into(), "answer", "answers"))
            }
        }
    }
}

/// The last thing that went wrong before a budget ran out.
#[derive(Debug, thiserror::Error)]
pub enum Last<F> {
    /// The vendor's answer.
    #[error("{0}")]
    Vendor(F),
    /// No answer.
    #[error("{0}")]
    Transport(Cause),
    /// Nothing in particular: answers that led nowhere.
    #[error("none, but the vendor's answers led nowhere")]
    Nothing,
}

impl<F> Last<F> {
    /// The same, with another fault of the vendor's.
    pub fn map_fault<G>(self, map: impl FnOnce(F) -> G) -> Last<G> {
        match self {
            Self::Vendor(fault) => Last::Vendor(map(fault)),
            Self::Transport(cause) => Last::Transport(cause),
            Self::Nothing => Last::Nothing,
        }
    }
}

/// How an upload ended without its object complete.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure<F> {
    /// The vendor refused for good.
    #[error("the vendor refused: {0}")]
    Refused(F),
    /// The vendor refused the credential, and the host has no other.
    #[error("the vendor refused the credential: {0}")]
    Credential(F),
    /// The vendor refused the date of requests, and the time that its answers tell is too far from the host's to date
    /// requests by it (31 days): one of the two clocks is wrong.
    #[error("{}: {fault}", clocks(*ours, *theirs))]
    Clock {
        /// The host's clock: time since 1970-01-01 UTC.
        ours: Duration,
        /// What the answer says, likewise.
        theirs: Duration,
        /// The vendor's refusal.
        fault: F,
    },
    /// The host could not supply a credential.
    #[error(transparent)]
    Authorize(AuthError),
    /// The vendor's digest differs from ours, and did so again after the source was read once more.
    #[error("the content at the vendor does not match, even after reading the file again: {0}")]
    Integrity(F),
    /// A budget ran out; the checkpoint is saved, so the upload can be resumed.
    #[error("gave up {budget}; last error: {last}")]
    Exhausted {
        /// Which one.
        budget: Budget,
        /// What happened last.
        last: Last<F>,
    },
    /// Whoever answers is not trusted, and this upload never got through before: a certificate does not heal by itself.
    #[error("the request was not sent: {0}")]
    Untrusted(Cause),
    /// The request was sent elsewhere (HTTP 3xx). It is not followed: it was signed for one address alone.
    #[error("HTTP {status}: the answer redirects to {to}; uploads follow no redirects")]
    Redirected {
        /// The HTTP status.
        status: u16,
        /// The other address, without its query and login.
        to: String,
    },
    /// The answer is compressed although that was not accepted; nothing in it can be read.
    #[error("the answer is compressed ({coding}), although the request accepts only plain ones")]
    Compressed {
        /// What the answer names as its `Content-Encoding`.
        coding: String,
    },
    /// The transport cannot send what the vendor is to be told, however often it is tried.
    #[error("the request cannot be sent: {0}")]
    Impossible(Cause),
    /// The source could not be read.
    #[error(transparent)]
    Source(SourceFailure),
    /// The source is not what it was when the upload began.
    #[error("the file changed since the upload began: {difference} (then: {was}; now: {now})")]
    Changed {
        /// What it was.
        was: Box<SourceInfo>,
        /// What it is.
        now: Box<SourceInfo>,
        /// What tells.
        difference: Difference,
    },
    /// A checkpoint could not be saved.
    #[error(transparent)]
    Store(StoreError),
    /// [`crate::Command::Stop`] or [`crate::Command::Drain`] came; the checkpoint is saved.
    #[error("stopped; the upload can be resumed")]
    Stopped,
    /// The upload was abandoned as asked.
    #[error("cancelled; left at the vendor: {}", left(*.0))]
    Abandoned(Remains),
    /// The protocol or the host broke a rule of the machine: a defect in a program, nobody's data.
    #[error("defect: {0}")]
    Defect(String),
}

impl<F> Failure<F> {
    /// True when the same upload may succeed if it is resumed from its checkpoint later, with nothing changed.
    pub fn resumable(&self) -> bool {
        matches!(
            self,
            Self::Exhausted { .. }
                | Self::Untrusted(_)
                | Self::Redirected { .. }
                | Self::Compressed { .. }
                | Self::Stopped
                | Self::Store(_)
                | Self::Authorize(_)
                | Self::Credential(_)
                | Self::Clock { .. }
        )
    }

    /// The same, with another fault of the vendor's: for programs that name one type for all vendors.
    pub fn map_fault<G>(self, map: impl FnOnce(F) -> G) -> Failure<G> {
        match self {
            Self::Refused(fault) => Failure::Refused(map(fault)),
            Self::Credential(fault) => Failure::Credential(map(fault)),
            Self::Clock { ours, theirs, fault } => Failure::Clock { ours, theirs, fault: map(fault) },
            Self::Authorize(error) => Failure::Authorize(error),
            Self::Integrity(fault) => Failure::Integrity(map(fault)),
            Self::Exhausted { budget, last } => Failure::Exhausted { budget, last: last.map_fault(map) },
            Self::Untrusted(cause) => Failure::Untrusted(cause),
            Self::Redirected { status, to } => Failure::Redirected { status, to },
            Self::Compressed { coding } => Failure::Compressed { coding },
            Self::Impossible(cause) => Failure::Impossible(cause),
            Self::Source(failure) => Failure::Source(failure),
            Self::Changed { was, now, difference } => Failure::Changed { was, now, difference },
            Self::Store(error) => Failure::Store(error),
            Self::Stopped => Failure::Stopped,
            Self::Abandoned(remains) => Failure::Abandoned(remains),
            Self::Defect(what) => Failure::Defect(what),
        }
    }
}

fn left(remains: Remains) -> &'static str {
    match remains {
        Remains::Nothing => "nothing",
        Remains::Parts => "parts",
        Remains::Object => "the finished object",
        Remains::Unknown => "unknown",
    }
}

/// 2025-01-01: no clock that is right says less.
const WRITTEN: Duration = Duration::from_secs(1_735_689_600);

/// Whose clock seems wrong.
fn clocks(ours: Duration, theirs: Duration) -> String {
    let (our_date, their_date) = (http_date(ours), http_date(theirs));
    let says = format!("this machine's clock says {our_date}, the vendor's answer says {their_date}");
    let days = ours.abs_diff(theirs).as_secs() / 86_400;
    match (ours < WRITTEN, theirs < WRITTEN) {
        (true, false) => format!("this machine's clock seems never to have been set: {says}"),
        (false, true) => format!(
            "the time in the answer cannot be right, so something on the way may have written it: {says}; it is ignored"
        ),
        _ => format!(
            "one of the two clocks is wrong by {}, too much to correct: {says}",
            show_count(days, "day", "days")
        ),
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn another_fault_changes_no_word_and_no_verdict() {
        let failures: [fn() -> Failure<&'static str>; 5] = [
            || Failure::Refused("no"),
            || Failure::Credential("no"),
            || Failure::Clock { ours: WRITTEN, theirs: Duration::ZERO, fault: "no" },
            || Failure::Exhausted { budget: Budget::Attempts(3), last: Last::Vendor("no") },
            || Failure::Stopped,
        ];
        for failure in failures {
            let mapped = failure().map_fault(String::from);
            assert_eq!(mapped.to_string(), failure().to_string());
            assert_eq!(mapped.resumable(), failure().resumable());
        }
    }
}
