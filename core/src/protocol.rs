//! What a vendor is: pure functions over its own messages.

use alloc::string::String;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt::{self, Debug};
use core::time::Duration;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::digest::{Digest, HashJob, HashKind, Observed};
use crate::question::{Question, Serves};
use crate::source::SourceInfo;

/// A point in time, given by the host; the core never reads a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Time since an arbitrary start; never goes back, and counts the time the machine was asleep.
    pub mono: Duration,
    /// Time since 1970-01-01 UTC.
    pub unix: Duration,
}

/// Who knows what has arrived at the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// The vendor: it can be asked.
    Vendor,
    /// Only the client's own checkpoint.
    Checkpoint,
}

/// What the upload is meant to end in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// The object complete at the vendor.
    Finish,
    /// Nothing of an unfinished upload left at the vendor.
    Abandon,
}

/// Calls that share a limit of the vendor's: what a [`Slot`](crate::Slot) is asked for, and what throttling holds back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Calls to the vendor's API.
    Api,
    /// Calls that carry the file's bytes, and whatever the vendor does not count with those to its API.
    Data,
}

/// What a transport must keep to while it carries one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest reply body that is read, in bytes; a longer one is an error.
    pub reply_bytes: u64,
    /// How long the vendor may take from the end of the request to the end of its reply. In a [`CallProps`] this is for an
    /// empty body at the first try: the machine lengthens it ([`crate::Options::reply_timeout`]).
    pub reply_within: Duration,
}

impl Default for Limits {
    /// 1 MiB within 60 s.
    fn default() -> Self {
        Self { reply_bytes: 1 << 20, reply_within: Duration::from_secs(60) }
    }
}

/// How a call is to be handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallProps {
    /// Which of the vendor's limits it counts against.
    pub lane: Lane,
    /// Its body has bytes of the source (none, if the source is empty). The checkpoint is saved before the first such
    /// call of a session leaves.
    pub carries_source: bool,
    /// A committing call, after which the vendor holds the result for good: complete, finish, delete, one-request
    /// uploads. The source is checked and the checkpoint saved before such a call leaves.
    pub commits: bool,
    /// A CRC-64 of the source bytes is taken while they are sent, so that they can be compared if the source is in doubt
    /// later. False only where the user wants no integrity at all; it is taken all the same of a source that keeps no
    /// time of change.
    pub digested: bool,
    /// Limits for the transport.
    pub limits: Limits,
}

/// The vendor's answer to one request. `Debug` shows its status and length alone: tokens come in answers.
#[derive(Clone)]
pub struct Answer {
    /// Status, headers and the whole body.
    pub response: http::Response<Bytes>,
    /// Digests of the source bytes that were sent.
    pub observed: Observed,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Answer");
        shown.field("status", &self.response.status()).field("len", &self.response.body().len());
        shown.finish_non_exhaustive()
    }
}

/// What a vendor may look at besides its own state.
#[derive(Clone, Copy, Debug)]
pub struct Env<'a> {
    /// The time; `unix` is already corrected to the vendor's clock where that is known.
    pub now: Now,
    /// The source as it was when the upload began.
    pub source: &'a SourceInfo,
    /// What the upload is meant to end in.
    pub intent: Intent,
    /// How many requests may be in flight; no part may start further than 4 windows after the first missing one.
    pub window: usize,
    /// 128 random bits, fresh for every encoded request.
    pub nonce: u128,
    pub(crate) digests: &'a [(HashJob, Digest)],
}

impl<'a> Env<'a> {
    /// An environment for a wire crate's own tests and tools, outside any machine.
    pub fn new(now: Now, source: &'a SourceInfo, nonce: u128, digests: &'a [(HashJob, Digest)]) -> Self {
        Self { now, source, intent: Intent::Finish, window: 1, nonce, digests }
    }

    /// The digest that a job gave, whether or not it was to be kept; `None` until it is known.
    pub fn digest(&self, kind: HashKind, range: &core::ops::Range<u64>) -> Option<&'a Digest> {
        self.digests.iter().find(|(job, _)| job.kind == kind && job.range == *range).map(|(_, digest)| digest)
    }
}

/// Everything that a vendor's functions are given about one upload, apart from its state.
pub struct Cx<'a, P: Protocol> {
    /// Time, source, digests.
    pub env: Env<'a>,
    /// The credential to sign with.
    pub credential: &'a P::Credential,
    /// Calls that were sent and not answered, and calls that wait for their next try.
    pub in_flight: &'a [P::Call],
}

impl<P: Protocol> Cx<'_, P> {
    /// What needs a quiet moment: no call may be on its way.
    pub fn when_idle(&self, then: Next<P>) -> Next<P> {
        if self.in_flight.is_empty() { then } else { Next::Wait(None) }
    }
}

/// What a vendor knows of one upload.
pub struct State<P: Protocol> {
    /// All that is saved.
    pub session: P::Session,
    /// All that must not be saved, or need not.
    pub ephemeral: P::Ephemeral,
}

/// What [`Protocol::apply`] is told.
#[derive(Clone, Debug)]
pub enum Occurrence<C, R> {
    /// The vendor answered, and the body said success.
    Replied(C, R),
    /// The call may or may not have taken effect.
    Unsure(C),
    /// The jobs of the last [`Next::Hash`] are done.
    Hashed,
}

/// What an occurrence meant.
#[derive(Debug)]
#[must_use]
pub enum Transition<F> {
    /// The upload went on.
    Forward,
    /// The upload went on, by a page of a list that named something not named before in this run: progress, although
    /// nothing more is confirmed. A list that brings nothing new is [`Transition::Forward`], so that it cannot be asked
    /// for ever.
    Listed,
    /// The upload fell back; the core counts it against a budget.
    Regressed {
        /// What made it fall back.
        why: F,
        /// What is of no use any more. `apply` has already taken it out of the state.
        drop: Invalidated,
    },
}

/// What a step back made useless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalidated {
    /// Nothing: counts against the call's attempts.
    Nothing,
    /// The session: counts against the restarts, and late answers from it are ignored.
    Session,
    /// The address of an object that is complete, and the session with it: the content is sent again. Counts like a
    /// lost session, and is told as [`crate::Event::UrlLost`].
    Url,
    /// The digests, and the session that was opened with them: counts against the re-hashes.
    Digests,
}

/// What is left at the vendor after an upload was abandoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remains {
    /// Nothing.
    Nothing,
    /// Parts that the vendor offers no way to delete; they stay until it clears them away.
    Parts,
    /// A finished object, which is never deleted.
    Object,
    /// It could not be found out.
    Unknown,
}

/// Why a credential is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthReason {
    /// There is none yet.
    Missing,
    /// The vendor refused the last one.
    Refused,
    /// The last one expires soon, or has expired.
    Expiring,
}

/// What a vendor wants next.
pub enum Next<P: Protocol> {
    /// Send this call. Never one that is already in flight.
    Call(P::Call),
    /// Take these digests.
    Hash(Vec<HashJob>),
    /// Get a new credential.
    Authorize(AuthReason),
    /// Nothing until something in flight is answered, or until this time on the `mono` clock.
    Wait(Option<Duration>),
    /// The object is complete.
    Done(P::Outcome),
    /// The upload cannot succeed.
    Fail(P::Fault),
    /// The upload is abandoned, and this is left.
    Left(Remains),
}

/// An answer that is no success.
#[derive(Debug)]
pub struct Rejection<F> {
    /// What the vendor said.
    pub fault: F,
    /// What to do about it.
    pub advice: Advice,
}

/// What to do about an answer that is no success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advice {
    /// This call was refused in a way that may pass: try again, within the call's attempts.
    Retry,
    /// The call may have taken effect: like a lost reply.
    Unsure,
    /// The service is unable for now, and the fault is not the request's (a 5xx to a call that changes nothing): within patience.
    Unavailable,
    /// Too many calls: nothing on this lane leaves for at least `least`; each further time without progress twice as
    /// long, up to `most`. Within patience: one that is longer than what is left of it ends the upload.
    Throttled {
        /// The first pause; 0 leaves it to the backoff and to the answer's `Retry-After`.
        least: Duration,
        /// The longest that it grows to.
        most: Duration,
    },
    /// The signature's time was refused: correct the clock by the answer's `Date`, or sign once more. A time that is
    /// more than 31 days from the host's is no clock ([`crate::Failure::Clock`]).
    Clock,
    /// The same, where the answer's body says the vendor's time, since 1970-01-01 UTC: it is taken before `Date`, which
    /// a box on the way may have written.
    ClockAt(Duration),
    /// The credential was refused.
    Reauthorize,
    /// The session is gone: open a new one, within the restarts.
    Restart,
    /// The vendor's digest differs from ours: hash the source again and open a new session, once.
    Rehash,
    /// No use trying.
    Fatal,
}

impl Advice {
    /// Too many calls, by a vendor that does not say how long to wait: the backoff and the answer's `Retry-After` do.
    pub const fn throttled() -> Self {
        Self::Throttled { least: Duration::ZERO, most: Duration::ZERO }
    }
}

/// How an object came to be complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum How {
    /// The vendor had the content already; no byte of it was sent.
    Instant,
    /// In one request.
    OneRequest,
    /// In parts.
    Parts,
    /// It was found complete at its place.
    AlreadyThere,
    /// Not in this run: an earlier one sent it, and it has not changed since. The vendor was not asked.
    SentBefore,
}

/// What every vendor's outcome can be turned into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Receipt {
    /// How it came to be complete.
    pub how: How,
    /// Where it can be fetched, if the vendor said.
    pub url: Option<String>,
    /// The vendor's identifier for it, if there is one.
    pub id: Option<String>,
    /// A digest of the whole content that was compared with the vendor's or given to it.
    pub digest: Option<(HashKind, Digest)>,
    /// What else a finished upload is told with: a name, and a text that may be anybody's.
    #[serde(default)]
    pub rows: Vec<(String, String)>,
    /// How many calls had no answer and may have left a copy or an open upload at the vendor that nobody can name.
    #[serde(default)]
    pub orphans: u32,
}

impl Receipt {
    /// A receipt that says nothing else.
    pub fn new(how: How) -> Self {
        Self { how, url: None, id: None, digest: None, rows: Vec::new(), orphans: 0 }
    }
}

/// A vendor: pure functions over its own messages. All but `next` and `apply` are short, and all but `asks`, `serves`,
/// `reroute` and `request_id` are required.
///
/// A vendor and all its types may go to other threads and live as long as they like, so no host says so again.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no vendor's protocol",
    note = "take the `Protocol` of a vendor's crate, such as `Oss` of `resumable-proto-oss`, or implement it for a vendor of your own"
)]
pub trait Protocol: Sized + Send + Sync + 'static {
    /// Name and version; in every checkpoint.
    const ID: &'static str;
    /// The lanes whose calls the vendor counts for a whole account: all uploads to it share one limit.
    const PACED: &'static [Lane] = &[];
    /// The long-lived credential, supplied by the host. Its `Debug` must not show secrets.
    type Credential: Clone + PartialEq + Debug + Send + Sync + 'static;
    /// All that may be saved: no secret, and at most a few KiB whatever the number of parts.
    type Session: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// All that must not be saved, or need not.
    type Ephemeral: Default + Send + Sync + 'static;
    /// The identity of a request: no date, token or signature in it.
    type Call: Clone + PartialEq + Debug + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// A decoded success.
    type Reply: Debug + Clone + Send + Sync + 'static;
    /// What a finished upload gives. Programs get it as a [`Receipt`]: see [`Located`](crate::Located).
    type Outcome: Debug + Send + Sync + 'static;
    /// What the vendor refuses, with its code, message and request id.
    type Fault: Error + Send + Sync + 'static;

    /// Endpoint, account, bucket, path, without any secret: binds a checkpoint to its destination.
    fn target(&self) -> String;

    /// A new session; pins part size and options for its life. `nonce` is random, and another one for each session: for what
    /// must not be mistaken for another upload's.
    fn open(&self, source: &SourceInfo, nonce: u128) -> Self::Session;

    /// Whether a session that was saved can be one of this source: lengths that agree, ranges on the bounds of parts,
    /// sizes that the vendor takes. A checkpoint may have been changed by hand, or by a disk.
    ///
    /// # Errors
    /// What cannot be, for people.
    fn validate(&self, session: &Self::Session, source: &SourceInfo) -> Result<(), String>;

    /// Who knows what has arrived of this session, in constant time.
    fn authority(&self, session: &Self::Session) -> Authority;

    /// What to do next.
    fn next(&self, state: &State<Self>, cx: &Cx<'_, Self>) -> Next<Self>;

    /// The vendor's own name of a call, for logs: short, without anything of the upload in it.
    fn name(call: &Self::Call) -> &'static str;

    /// The vendor's name of the request that it refused, if it said one. The text of the fault contains it.
    fn request_id(fault: &Self::Fault) -> Option<&str> {
        let _ = fault;
        None
    }

    /// How to handle a call.
    fn props(&self, call: &Self::Call) -> CallProps;

    /// What this call asks for all uploads to the account alike, so that the answer of one serves the others. Never a call
    /// that carries bytes of the source, or commits. `None`: it is this upload's own affair.
    ///
    /// Only a call on a lane that the host gates is shared ([`crate::Options::gated`]). Where the host knows the answer,
    /// the call does not leave, and `apply` is told the reply as of the time when it came: [`Env::now`] is that time then.
    fn asks(&self, call: &Self::Call, state: &State<Self>) -> Option<Question> {
        let _ = (call, state);
        None
    }

    /// Whom a reply to such a question serves besides this upload; `None`: nobody. `apply` takes one that serves others with
    /// [`Transition::Forward`].
    fn serves(&self, reply: &Self::Reply) -> Option<Serves> {
        let _ = reply;
        None
    }

    /// The request for a call, signed now.
    ///
    /// # Errors
    /// When no valid request can be made of it.
    fn encode(
        &self,
        call: &Self::Call,
        state: &State<Self>,
        cx: &Cx<'_, Self>,
    ) -> Result<http::Request<Body>, Self::Fault>;

    /// Reads an answer; success only if its body says so.
    ///
    /// # Errors
    /// For every answer that is not a success, with what to do about it.
    fn decode(&self, call: &Self::Call, answer: &Answer) -> Result<Self::Reply, Rejection<Self::Fault>>;

    /// Takes an occurrence into the state: the only writer.
    fn apply(
        &self,
        state: &mut State<Self>,
        what: Occurrence<Self::Call, Self::Reply>,
        cx: &Cx<'_, Self>,
    ) -> Transition<Self::Fault>;

    /// Lets calls go another way from now on, if there is one: this one came to nothing. `answer` is what was answered, if
    /// anything was; whether that is the vendor's own word is for the vendor to know. The call is tried again as after any
    /// failure; only what something in between would end at once, such as a redirect, is tried again, too.
    fn reroute(&self, ephemeral: &mut Self::Ephemeral, answer: Option<&Answer>, cx: &Cx<'_, Self>) -> bool {
        let _ = (ephemeral, answer, cx);
        false
    }

    /// Bytes that the vendor has acknowledged, in constant time. It falls only when the vendor lost some: the core
    /// counts that like a lost session. Of a complete object it is the whole length.
    fn confirmed(&self, session: &Self::Session) -> u64;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_that_was_written_before_it_had_rows_is_read() {
        let written = r#"{"how":"instant","url":null,"id":"7","digest":null}"#;
        let read: Receipt = serde_json::from_str(written).unwrap();
        let mut expected = Receipt::new(How::Instant);
        expected.id = Some("7".into());
        assert_eq!(read, expected);
    }
}
