//! What was injected, so that the oracle can tell an honest error from an excuse.

use std::time::Duration;

use crate::calls::CallFacts;

/// An outcome that a fault allows: what an upload may conclude from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// A transient failure: counts against patience.
    Outage,
    /// A refusal of one call that may pass: counts against its attempts.
    Refusal,
    /// The session is lost, or said to be: counts against the restarts.
    Session,
    /// The vendor's digest differs from ours, or is said to: counts against the re-hashes.
    Digest,
    /// The credential is refused.
    Credential,
    /// The signature's time is refused.
    Clock,
    /// The vendor refuses for good.
    Fatal,
    /// The vendor denies what it has: what is left of it then, the client cannot know.
    Denial,
}

const OUTCOMES: usize = 8;

/// Counts of one case.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each tells of one thing that was done to the upload, and none excludes another"
)]
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    in_case: [u32; OUTCOMES],
    in_process: [u32; OUTCOMES],
    /// Outcomes that cost a session so far, whether or not they were used up as an explanation.
    endangered: u32,
    /// Processes that died.
    pub kills: u32,
    /// Processes so far.
    pub processes: u32,
    /// Processes whose last checkpoint does not hold all that they were told: those that died, those whose store failed, and
    /// those that were answered while they ended.
    pub journals_lost: u32,
    /// Processes that ended without a last save: they died, or the store failed.
    pub unsaved: u32,
    /// Parts that were acknowledged to a process, and that no checkpoint held when it ended.
    pub forgotten: u64,
    /// Committing calls, and that the client has no undisturbed success of.
    pub doubts: u32,
    /// Times that the url of a finished object was told to be lost.
    pub urls_lost: u32,
    /// Times that the user paused the upload, or the machine slept.
    pub rests: u32,
    /// Requests so far, by call.
    requests: Vec<u32>,
    /// Requests that did not get out in an outage.
    pub refused: u32,
    /// Requests of the host's for another credential.
    pub renewals: u32,
    /// Refusals after which the upload was run again.
    pub run_again: u32,
    /// Requests that took effect after the client had given them up, or after its process had died.
    pub late_effects: u32,
    /// Source bytes of requests that were answered with an undisturbed success.
    pub acknowledged: u64,
    /// Source bytes that reached the server.
    pub received: u64,
    /// Requests with source bytes that ended in any other way.
    pub disturbed: u64,
    /// Times that the upload was begun, or resumed from a checkpoint of a finished one.
    pub rounds: u32,
    /// The file changed.
    pub changed: bool,
    /// It changed in this process, and nothing can tell.
    pub unseen: bool,
    /// It did so in any process.
    pub ever_unseen: bool,
    /// Older bytes of it arrived after newer ones for the same place, with a request that nobody waited for any more.
    pub overtaken: bool,
    /// It has no time of change that could tell.
    pub timeless: bool,
    /// It was written so shortly before the upload that its looks could not tell of another write.
    pub fresh: bool,
    /// What the file looks like changed, and its content did not.
    pub touched: bool,
    /// A request with bytes of it was answered before they were all sent: they were not digested.
    pub undigested: bool,
    /// The server has other bytes than were sent, or had them.
    pub other_bytes: bool,
    /// Sessions and urls that were lost since a person last began the upload, or the restarts ran out, as far as the client
    /// must know; and those of them that a durable checkpoint knows.
    pub restarts: u32,
    pub(crate) durable_restarts: u32,
    /// All of them that were told, whatever was made durable.
    pub(crate) restarts_told: u32,
    /// The server has other bytes than were sent, and nobody could find out.
    pub unproven: bool,
    /// A bit of an answer flipped: nobody knows what the client believes of the vendor since.
    pub garbled: bool,
    /// The bytes of a checkpoint are not those that were written, and a checksum tells.
    pub spoilt: bool,
    /// A number of a checkpoint is another one, and no checksum tells.
    pub edited: bool,
    /// A checkpoint is as an older version wrote it.
    pub of_first_format: bool,
    /// The file changed before a checkpoint was made that is as an older version wrote it, which had looked only once.
    pub older_hole: bool,
    /// Only what stands is in it: see [`standing`](Self::standing).
    is_standing: bool,
    /// What was at the vendor when the upload was last begun anew, as far as the vendor's part counts it.
    pub left_before: u64,
    /// `stop` was called in this process.
    pub stopped: bool,
    /// `abort` was called, or the upload was taken up to be abandoned.
    pub aborted: bool,
    /// A save failed in this process.
    pub store_failed: bool,
    /// The source could not be read in this process.
    pub source_failed: bool,
    /// The host had no credential to give in this process.
    pub no_credential: bool,
    /// A slice size was answered that was not asked for: a session that has it may be none that can be gone on with.
    pub resized: bool,
    /// The longest `Retry-After` of this process.
    pub asked_to_wait: Duration,
    /// When the last success of the vendor's came to the machine.
    pub last_success: Duration,
    /// Since when the vendor has acknowledged nothing new in this process.
    pub last_progress: Duration,
    /// Bytes that the vendor had acknowledged last.
    pub confirmed: u64,
    /// The version of the source that was last found in order.
    pub checked_version: usize,
}

impl Ledger {
    /// Writes down that an outcome is allowed.
    pub fn allow(&mut self, outcome: Allowed) {
        self.in_case[outcome as usize] += 1;
        self.in_process[outcome as usize] += 1;
        self.endangered += u32::from(matches!(outcome, Allowed::Session | Allowed::Digest));
    }

    /// Writes down that an answer says anything, and may have led to anything.
    pub fn garble(&mut self) {
        use Allowed::{Clock, Credential, Denial, Digest, Fatal, Outage, Refusal, Session};
        self.garbled = true;
        let all = [Outage, Refusal, Session, Session, Digest, Credential, Clock, Clock, Fatal, Denial];
        all.into_iter().for_each(|outcome| self.allow(outcome));
    }

    /// Whether anything may be told of what is at the vendor: what the client believed of it was not what it was told.
    pub fn is_misled(&self) -> bool {
        self.edited || self.garbled
    }

    /// Writes a request down.
    pub fn request(&mut self, call: &CallFacts) {
        if self.requests.len() <= call.number {
            self.requests.resize(call.number + 1, 0);
        }
        self.requests[call.number] += 1;
    }

    /// How many requests there were of a call.
    pub fn requests_of(&self, call: &CallFacts) -> u32 {
        self.requests.get(call.number).copied().unwrap_or_default()
    }

    /// How many sessions there may have been that were lost.
    pub fn sessions(&self) -> u32 {
        self.endangered
    }

    /// How often an outcome was allowed in the whole case.
    pub fn in_case(&self, outcome: Allowed) -> u32 {
        self.in_case[outcome as usize]
    }

    /// How often an outcome was allowed in this process.
    pub fn in_process(&self, outcome: Allowed) -> u32 {
        self.in_process[outcome as usize]
    }

    /// Uses outcomes up: they explain one failure, and no later one.
    pub fn spend(&mut self, outcome: Allowed, count: u32) {
        self.in_case[outcome as usize] = self.in_case[outcome as usize].saturating_sub(count);
    }

    /// What of it still explains an end when nothing goes wrong any more: what was done, and no outcome of the moment.
    #[must_use]
    pub fn standing(&self) -> Self {
        Self { in_case: [0; OUTCOMES], in_process: [0; OUTCOMES], is_standing: true, ..self.clone() }
    }

    /// Whether the file changed not long ago, or before an older version looked: what two versions in one upload come to
    /// explains any refusal.
    pub fn is_mixed_up(&self) -> bool {
        self.changed && (!self.is_standing || self.older_hole)
    }

    /// The object stands at the vendor with other bytes than were sent, and the vendor refused to have it replaced.
    pub fn is_taken_by_other_bytes(&self) -> bool {
        self.other_bytes && self.in_case(Allowed::Fatal) > 0
    }

    /// The upload is begun anew, and nothing is known of what it left at the vendor before: that is an older session of
    /// somebody's from now on.
    pub fn begin_anew(&mut self, left: u64) {
        self.rounds += 1;
        self.allow(Allowed::Session);
        self.left_before = left;
        (self.spoilt, self.of_first_format) = (false, false);
        self.forget_restarts();
    }

    /// To run the upload again is a new decision.
    pub fn forget_restarts(&mut self) {
        (self.restarts, self.durable_restarts, self.restarts_told) = (0, 0, 0);
    }

    /// Another process begins.
    pub fn begin_process(&mut self, now: Duration) {
        self.processes += 1;
        self.restarts = self.durable_restarts;
        self.in_process = [0; OUTCOMES];
        self.stopped = false;
        self.unseen = false;
        self.store_failed = false;
        self.source_failed = false;
        self.no_credential = false;
        self.asked_to_wait = Duration::ZERO;
        (self.last_success, self.last_progress) = (now, now);
        self.confirmed = 0;
    }
}
