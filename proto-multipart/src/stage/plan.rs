//! What comes next.

use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;
use resumable_core::{Env, HashJob, HashKind, How, Intent, Next, Protocol, Remains, starts_among};

use super::Stage;
use super::ephemeral::{Ephemeral, Listing, Look};
use super::phase::{Open, Phase};
use super::settings::{Payload, Probe};
use super::wire::Call;
use crate::checksum::{Checksum, ChecksumKind};
use crate::etag::Etag;
use crate::fault::{Fault, Found};

/// How many parts are read again in one pass, so that a crash in the middle does not cost all of it.
pub(super) const PASS: usize = 64;

/// What the stage wants next; like [`resumable_core::Next`], for its owner to translate.
#[derive(Debug)]
#[must_use]
pub enum StageStep {
    /// Send this call. Never one that is already in flight.
    Call(Call),
    /// Take these digests.
    Hash(Vec<HashJob>),
    /// Nothing until something in flight is answered, or until this time on the `mono` clock.
    Wait(Option<Duration>),
    /// The object is complete.
    Stored(Stored),
    /// The object may be complete, and its owner is to find out ([`Probe::Owner`]): then either the upload is over, or
    /// [`Stage::reset`] begins it anew.
    Unknown(Doubt),
    /// The upload is given up, and this is left.
    Left(Remains),
    /// The upload cannot succeed.
    Fail(Fault),
}

impl StageStep {
    /// The same for a vendor that is the stage alone; `done` makes an outcome of the object.
    pub fn into_next<P>(self, done: impl FnOnce(Stored) -> P::Outcome) -> Next<P>
    where
        P: Protocol<Call = Call, Fault = Fault>,
    {
        match self {
            Self::Call(call) => Next::Call(call),
            Self::Hash(jobs) => Next::Hash(jobs),
            Self::Wait(until) => Next::Wait(until),
            Self::Stored(stored) => Next::Done(done(stored)),
            Self::Left(remains) => Next::Left(remains),
            Self::Fail(fault) | Self::Unknown(Doubt::CallbackFailed(fault)) => Next::Fail(fault),
            // The stage asks by itself; only one that another owner opened leaves it open.
            Self::Unknown(Doubt::LostReply) => Next::Fail(Fault::Lost { found: Found::Unproven }),
        }
    }
}

/// A complete object, as far as the vendor told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// How it came to be complete.
    pub how: How,
    /// Its tag: the MD5 of an object that came in one request.
    pub etag: Option<Etag>,
    /// Its sum, compared with the file's where both were known.
    pub checksum: Option<Checksum>,
    /// What the callback's server said; `None` without a callback, and when the answer that held it was lost.
    pub callback: Option<Bytes>,
}

/// Why it is not known whether the object is complete, or of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// An answer was lost, and the upload is gone.
    LostReply,
    /// The object is stored; the callback did not end as it should, or ended too late.
    CallbackFailed(Fault),
}

impl Stage {
    /// What to do next; depends on its arguments alone. `in_flight` are the stage's own calls that were sent and not
    /// answered, or that wait for their next try.
    pub fn next(&self, ephemeral: &Ephemeral, env: &Env<'_>, in_flight: &[Call]) -> StageStep {
        if let Phase::Stored { how, etag, sum } = &self.phase {
            let (etag, callback) = (etag.clone(), ephemeral.callback.clone());
            let checksum = self.checksum.zip(*sum).map(|(kind, value)| Checksum { kind, value });
            return StageStep::Stored(Stored { how: *how, etag, checksum, callback });
        }
        if let Some(left) = ephemeral.left {
            return StageStep::Left(left);
        }
        if in_flight.iter().any(|call| !matches!(call, Call::Part { .. })) {
            return StageStep::Wait(None);
        }
        match env.intent {
            Intent::Finish => self.finish(ephemeral, env, in_flight),
            Intent::Abandon if in_flight.is_empty() => self.abandon(ephemeral, env),
            Intent::Abandon => StageStep::Wait(None),
        }
    }

    fn finish(&self, ephemeral: &Ephemeral, env: &Env<'_>, in_flight: &[Call]) -> StageStep {
        if let Some(fault) = ephemeral.verdict.clone().or_else(|| self.way.check(self.len).err()) {
            return StageStep::Fail(fault);
        }
        match &self.phase {
            Phase::Open(open) => self.part_or_complete(open, ephemeral, env, in_flight),
            _ if !in_flight.is_empty() => StageStep::Wait(None),
            Phase::Fresh | Phase::PutUnsure | Phase::Aborted { .. } => {
                if self.is_one_request() {
                    self.send(ephemeral, 1, Call::Put)
                } else {
                    StageStep::Call(Call::Initiate)
                }
            }
            Phase::Discard { .. } => StageStep::Call(Call::Abort),
            Phase::Unknown { .. } => self.find_out(ephemeral, env),
            Phase::CallbackFailed { .. } if self.probe == Probe::Owner => StageStep::Unknown(self.doubt()),
            Phase::CallbackFailed { message, request_id } => {
                let (message, request_id) = (message.clone(), request_id.clone());
                StageStep::Fail(Fault::CallbackFailed { message, request_id })
            }
            Phase::Stored { .. } => StageStep::Wait(None),
        }
    }

    fn part_or_complete(&self, open: &Open, ephemeral: &Ephemeral, env: &Env<'_>, in_flight: &[Call]) -> StageStep {
        let quiet = in_flight.is_empty();
        if open.doubt && self.probe == Probe::Look && ephemeral.look != Look::Done {
            return if quiet { self.find_out(ephemeral, env) } else { StageStep::Wait(None) };
        }
        let after = match ephemeral.listing {
            Listing::Whole => None,
            Listing::After(number) => Some(number),
            Listing::IfOpen | Listing::Unasked => Some(0),
        };
        if let Some(after) = after {
            return if quiet { StageStep::Call(Call::List { after }) } else { StageStep::Wait(None) };
        }
        if !ephemeral.disputes.is_empty() {
            return StageStep::Hash(
                ephemeral.disputes.keys().take(PASS).flat_map(|number| self.jobs(ephemeral, *number)).collect(),
            );
        }
        if self.sequential && !quiet {
            return StageStep::Wait(None);
        }
        let part = |index: u64| Call::Part { number: u32::try_from(index + 1).unwrap_or(u32::MAX) };
        let index =
            |call: &Call| if let Call::Part { number } = call { number.checked_sub(1).map(u64::from) } else { None };
        let busy = starts_among(in_flight, index);
        let ahead = 4 * env.window as u64;
        match open.acknowledged.next_missing(self.count(), 1, ahead, busy) {
            Some(index) => match part(index.start) {
                call @ Call::Part { number } => self.send(ephemeral, number, call),
                call => StageStep::Call(call),
            },
            None if quiet => StageStep::Call(Call::Complete),
            None => StageStep::Wait(None),
        }
    }

    /// The digests of one part, to compare it with what is at the vendor; and the machine's own, by which it knows a source
    /// again.
    pub(super) fn jobs(&self, ephemeral: &Ephemeral, number: u32) -> Vec<HashJob> {
        let md5 = self.has_md5_tags(ephemeral).then_some(HashKind::Md5);
        let sum = self.checksum.map(ChecksumKind::hash);
        let own = (sum != Some(HashKind::Crc64)).then_some(HashKind::Crc64);
        let kinds = md5.into_iter().chain(sum).chain(own);
        kinds.map(|kind| HashJob { kind, range: self.span(number), keep: false }).collect()
    }

    /// Sends the bytes of a part, or of the whole, once what the signature says of them is known.
    fn send(&self, ephemeral: &Ephemeral, number: u32, call: Call) -> StageStep {
        if self.payload == Payload::Unsigned || ephemeral.sha256.contains_key(&number) || self.len == 0 {
            return StageStep::Call(call);
        }
        StageStep::Hash(vec![HashJob { kind: HashKind::Sha256, range: self.span(number), keep: false }])
    }

    /// Finds out whether the object is complete.
    fn find_out(&self, ephemeral: &Ephemeral, env: &Env<'_>) -> StageStep {
        match (self.probe, ephemeral.look) {
            (Probe::Owner, _) => StageStep::Unknown(self.doubt()),
            (Probe::Head | Probe::Look, look) => match (&ephemeral.seen, look) {
                (Some(head), _) => {
                    let kind = self.compared_by(head);
                    StageStep::Hash(vec![HashJob { kind, range: 0..self.len, keep: true }])
                }
                (None, Look::At(at, _)) if at > env.now.mono => StageStep::Wait(Some(at)),
                _ => StageStep::Call(Call::Head),
            },
        }
    }

    fn doubt(&self) -> Doubt {
        match &self.phase {
            Phase::CallbackFailed { message, request_id } => {
                let (message, request_id) = (message.clone(), request_id.clone());
                Doubt::CallbackFailed(Fault::CallbackFailed { message, request_id })
            }
            _ => Doubt::LostReply,
        }
    }

    fn abandon(&self, ephemeral: &Ephemeral, env: &Env<'_>) -> StageStep {
        match &self.phase {
            Phase::Fresh if self.may_be_there() => self.find_out(ephemeral, env),
            Phase::Fresh => StageStep::Left(self.nothing_left()),
            Phase::Open(_) | Phase::Discard { .. } => StageStep::Call(Call::Abort),
            Phase::Aborted { .. } => StageStep::Call(Call::List { after: 0 }),
            Phase::PutUnsure | Phase::Unknown { .. } => self.find_out(ephemeral, env),
            Phase::CallbackFailed { .. } if self.probe == Probe::Owner => StageStep::Unknown(self.doubt()),
            Phase::CallbackFailed { .. } => StageStep::Left(Remains::Object),
            Phase::Stored { .. } => StageStep::Wait(None),
        }
    }

    /// Whether what is at the key may be of a call that has no answer, and is for the stage to look at.
    pub(super) fn may_be_there(&self) -> bool {
        self.unanswered > 0 && self.probe != Probe::Owner
    }

    /// Nothing, unless there is an object that is not the file, or there may be uploads that nobody can name.
    pub(super) fn nothing_left(&self) -> Remains {
        match self {
            Self { spoiled: true, .. } => Remains::Object,
            Self { orphans: 1.., .. } => Remains::Unknown,
            _ => Remains::Nothing,
        }
    }
}
