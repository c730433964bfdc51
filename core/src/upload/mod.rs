//! The machine: one upload, from its first request to its end.
//!
//! ```text
//!            handle_*, pause, stop, abort            (only record, in the inbox)
//!                         │
//!  poll ──► settle ──► course? ──► authorize ──► save ──► gate? ──► plan ──► Output
//!          (inbox →    Running     a barrier     one at   hash,     Protocol::next,
//!           state,     Paused                    a time   check,    then launch
//!           budgets)   Ending ──► land, save, Finished    save,
//!                                                         permit
//! ```
//!
//! `settle` is the only place where answers change the state, `plan` the only one that asks the vendor what is next.
//! A *gate* is something that must be answered before anything more is planned.

mod budgets;
mod doubt;
mod ending;
mod flights;
mod interference;
mod options;
mod plan;
mod saves;
mod settle;
mod stats;

use std::collections::VecDeque;
use std::time::Duration;

pub use self::options::{MAX_WINDOW, Options};
pub use self::stats::Stats;

use self::budgets::Budgets;
use self::doubt::{LastLook, Rest};
use self::ending::Course;
use self::flights::Flights;
use self::plan::{Cleared, Gate, Turn};
use self::saves::Saves;
use self::settle::News;
use crate::checkpoint::{Checkpoint, FORMAT, ResumeError};
use crate::digest::{Digest, HashJob, HashKind};
use crate::failure::Failure;
use crate::fingerprint::{Coverage, Fingerprint};
use crate::host_error::{AuthError, HashError, SendError, SourceFailure, StoreError};
use crate::output::{Action, Event, Output};
use crate::protocol::{Answer, AuthReason, Intent, Lane, Now, Protocol, State};
use crate::source::SourceInfo;
use crate::ticket::{Authorizing, Checking, Hashing, OpId, Permitting, Saving, Sending, Ticket};

/// One upload: a state machine without any I/O.
///
/// [`poll`](Self::poll) says what to do; the `handle_*` functions take the answers and only record them, in any number
/// and any order, until the next `poll`.
pub struct Upload<P: Protocol> {
    protocol: P,
    options: Options,
    source: SourceInfo,
    intent: Intent,
    state: State<P>,
    digests: Vec<(HashJob, Digest)>,
    /// What is known of the content that was sent.
    fingerprint: Fingerprint,
    rest: Rest,
    /// What a crash left open: reported to the vendor's `apply` as a lost reply.
    in_doubt: Option<P::Call>,
    course: Course<P>,
    access: Access<P>,
    gate: Gate<P::Call>,
    cleared: Cleared<P::Call>,
    flights: Flights<P::Call>,
    saves: Saves,
    budgets: Budgets<P::Call>,
    /// Until when nothing more leaves on a lane.
    held: Vec<(Lane, Duration)>,
    clock: Clock,
    epoch: u32,
    chance: fastrand::Rng,
    last_op: u64,
    inbox: VecDeque<News<P>>,
    outbox: VecDeque<Output<P>>,
    shown: Option<Event>,
    stats: Stats,
}

/// A host that polls this much later than it was told to was asleep.
const ASLEEP: Duration = Duration::from_secs(30);

/// The credential, and whether another one is needed.
struct Access<P: Protocol> {
    credential: Option<P::Credential>,
    generation: u32,
    need: Need<P>,
}

enum Need<P: Protocol> {
    Nothing,
    Another { reason: AuthReason, refusal: Option<(P::Credential, P::Fault)> },
    Asked { op: OpId, reason: AuthReason, refusal: Option<(P::Credential, P::Fault)> },
}

/// How far the vendor's clock is from the host's.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Clock {
    behind_ms: i64,
    /// Counts refusals: what was dated before the last of them and is refused later says nothing new.
    refusals: u32,
}

impl Clock {
    fn correct(self, now: Now) -> Now {
        let shift = Duration::from_millis(self.behind_ms.unsigned_abs());
        let unix = if self.behind_ms < 0 { now.unix.saturating_sub(shift) } else { now.unix.saturating_add(shift) };
        Now { unix, ..now }
    }
}

impl<P: Protocol> Upload<P> {
    /// A new upload. Without a credential the first action is [`Action::Authorize`].
    pub fn start(protocol: P, source: SourceInfo, credential: Option<P::Credential>, options: Options) -> Self {
        let state = State { session: protocol.open(&source), scratch: P::Scratch::default() };
        Self::new(protocol, source, credential, options, state)
    }

    /// Goes on with an upload that a checkpoint was saved of. `source` is the source as it is now. If its looks do not
    /// tell that it is the same (it was touched, copied or moved), the first action reads again what was sent of it.
    ///
    /// # Errors
    /// When the checkpoint is not of this target and source, or is not sound.
    pub fn resume(
        protocol: P,
        source: SourceInfo,
        credential: Option<P::Credential>,
        options: Options,
        saved: Checkpoint<P>,
    ) -> Result<Self, ResumeError> {
        let last_look = LastLook::of(&saved);
        let mut upload = Self::restore(protocol, credential, options, saved)?;
        upload.looked_after(&last_look, source)?;
        Ok(upload)
    }

    /// Takes up a checkpoint only to leave nothing of it at the vendor. Needs no source: the file may be gone.
    ///
    /// # Errors
    /// When the checkpoint is not of this target, or is not sound.
    pub fn abandon(
        protocol: P,
        credential: Option<P::Credential>,
        options: Options,
        saved: Checkpoint<P>,
    ) -> Result<Self, ResumeError> {
        let mut upload = Self::restore(protocol, credential, options, saved)?;
        upload.intent = Intent::Abandon;
        Ok(upload)
    }

    fn restore(
        protocol: P,
        credential: Option<P::Credential>,
        options: Options,
        saved: Checkpoint<P>,
    ) -> Result<Self, ResumeError> {
        if saved.target != protocol.target() {
            return Err(ResumeError::Target { found: saved.target, expected: protocol.target() });
        }
        saved.validate(&protocol)?;
        let state = State { session: saved.session, scratch: P::Scratch::default() };
        let mut upload = Self::new(protocol, saved.source, credential, options, state);
        upload.budgets = Budgets::new(saved.restarts, saved.rehashes);
        upload.digests = saved.digests;
        upload.fingerprint = saved.fingerprint;
        upload.in_doubt = saved.in_doubt;
        Ok(upload)
    }

    fn new(
        protocol: P,
        source: SourceInfo,
        credential: Option<P::Credential>,
        options: Options,
        state: State<P>,
    ) -> Self {
        let need = match credential {
            Some(_) => Need::Nothing,
            None => Need::Another { reason: AuthReason::Missing, refusal: None },
        };
        let mut upload = Self {
            protocol,
            source,
            intent: Intent::Finish,
            state,
            digests: Vec::new(),
            fingerprint: Fingerprint::new(Coverage::Complete),
            rest: Rest::NotYet,
            in_doubt: None,
            course: Course::Running,
            access: Access { credential, generation: 0, need },
            gate: Gate::Open,
            cleared: Cleared::default(),
            flights: Flights::new(),
            saves: Saves::default(),
            budgets: Budgets::new(0, 0),
            held: Vec::new(),
            clock: Clock::default(),
            epoch: 0,
            chance: fastrand::Rng::with_seed(options.seed),
            last_op: 0,
            inbox: VecDeque::new(),
            outbox: VecDeque::new(),
            shown: None,
            stats: Stats::default(),
            options,
        };
        upload.set_window(upload.options.window);
        upload
    }

    /// What to do now. Call it after every answer, and when the time of the last [`Output::Wait`] has come.
    pub fn poll(&mut self, now: Now) -> Output<P> {
        self.excuse_sleep(now);
        while let Some(news) = self.inbox.pop_front() {
            self.settle(news, now);
        }
        self.flights.warm_up(now.mono);
        self.held.retain(|(_, until)| *until > now.mono);
        self.show_progress();
        loop {
            if let Some(output) = self.outbox.pop_front() {
                return output;
            }
            match self.turn(now) {
                Turn::Out(output) => return output,
                Turn::Again => {}
                Turn::Idle(until) => return self.wait(until, now),
            }
        }
    }

    /// A try that comes long after its time was not late for the vendor's sake: the machine was asleep.
    fn excuse_sleep(&mut self, now: Now) {
        let late = self.flights.next_warm().map_or(Duration::ZERO, |due| now.mono.saturating_sub(due));
        if late > ASLEEP && matches!(self.course, Course::Running) {
            self.budgets.excuse(late);
        }
    }

    fn turn(&mut self, now: Now) -> Turn<P> {
        match self.course {
            Course::Running => self.advance(now),
            Course::Paused { .. } if self.saves.is_due(now.mono) => Turn::Out(self.save(now)),
            Course::Paused { .. } => Turn::Idle(None),
            Course::Ending(_) | Course::Over => self.wind_up(now),
        }
    }

    /// Waiting needs a reason: an answer to come, or a time; only a paused upload may wait for its host alone.
    fn wait(&mut self, until: Option<Duration>, now: Now) -> Output<P> {
        let paused = matches!(self.course, Course::Paused { .. });
        let warm = if paused { None } else { self.flights.next_warm() };
        let save = self.saves.due().filter(|due| *due > now.mono && !matches!(self.course, Course::Ending(_)));
        let until = [until, warm, save].into_iter().flatten().min();
        let in_flight = self.outstanding();
        let reachable = until.is_none_or(|until| until > now.mono);
        if reachable && (in_flight > 0 || until.is_some() || paused) {
            return Output::Wait { until, in_flight };
        }
        let what =
            format!("protocol {} waits for nothing that can happen (until {until:?}, now {:?})", P::ID, now.mono);
        if matches!(self.course, Course::Ending(_)) {
            self.course = Course::Over;
            return Output::Finished(Err(Failure::Defect(what)));
        }
        self.end(Err(Failure::Defect(what)), now);
        self.poll(now)
    }

    fn confirmed(&self) -> u64 {
        self.protocol.confirmed(&self.state.session)
    }

    fn outstanding(&self) -> usize {
        let asked = usize::from(matches!(self.access.need, Need::Asked { .. }));
        self.flights.in_the_air() + self.gate.outstanding() + usize::from(self.saves.is_open()) + asked
    }

    fn show_progress(&mut self) {
        if !matches!(self.course, Course::Running | Course::Paused { .. }) {
            return;
        }
        let progress = Event::Progress {
            confirmed: self.confirmed(),
            in_flight: self.flights.bytes_read(),
            total: self.source.len,
        };
        let news = self.gate.hashing().unwrap_or(progress);
        if self.shown.as_ref() != Some(&news) {
            self.shown = Some(news.clone());
            self.outbox.push_back(Output::Tell(news));
        }
    }

    fn ticket<K>(&mut self) -> Ticket<K> {
        self.last_op += 1;
        Ticket::new(OpId(self.last_op))
    }

    fn tell(&mut self, event: Event) {
        self.outbox.push_back(Output::Tell(event));
    }

    /// The checkpoint of this moment.
    pub fn checkpoint(&self, now: Now) -> Checkpoint<P> {
        Checkpoint {
            format: FORMAT,
            target: self.protocol.target(),
            source: self.source.clone(),
            saved_unix: now.unix,
            confirmed: self.confirmed(),
            restarts: self.budgets.restarts,
            rehashes: self.budgets.rehashes,
            digests: self.digests.iter().filter(|(job, _)| job.keep).cloned().collect(),
            fingerprint: self.fingerprint.clone(),
            in_doubt: self.open_seal().cloned(),
            session: self.state.session.clone(),
        }
    }

    /// The sealing call that a crash now would leave in doubt.
    fn open_seal(&self) -> Option<&P::Call> {
        self.gate.seal().or(self.cleared.seal()).or(self.flights.sealing()).or(self.in_doubt.as_ref())
    }

    /// What was done so far in this process.
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// A digest of the source, once it is known.
    pub fn digest(&self, kind: HashKind, range: &std::ops::Range<u64>) -> Option<&Digest> {
        self.digests.iter().find(|(job, _)| job.kind == kind && job.range == *range).map(|(_, digest)| digest)
    }

    /// The source as it was when it was last known to be the same.
    pub fn source(&self) -> &SourceInfo {
        &self.source
    }

    /// The vendor's protocol.
    pub fn protocol(&self) -> &P {
        &self.protocol
    }

    /// Answers [`Action::Send`].
    pub fn handle_response(&mut self, ticket: Ticket<Sending>, answer: Result<Answer, SendError>) {
        self.inbox.push_back(News::Response(ticket.redeem(), answer));
    }

    /// Answers [`Action::Hash`], with the digests in the order of the jobs.
    pub fn handle_digest(&mut self, ticket: Ticket<Hashing>, digests: Result<Vec<Digest>, HashError>) {
        self.inbox.push_back(News::Digest(ticket.redeem(), digests));
    }

    /// Answers [`Action::Save`]: `Ok` once the checkpoint would survive a loss of power.
    pub fn handle_saved(&mut self, ticket: Ticket<Saving>, saved: Result<(), StoreError>) {
        self.inbox.push_back(News::Saved(ticket.redeem(), saved));
    }

    /// Answers [`Action::Check`].
    pub fn handle_source(&mut self, ticket: Ticket<Checking>, source: Result<SourceInfo, SourceFailure>) {
        self.inbox.push_back(News::Source(ticket.redeem(), source));
    }

    /// Answers [`Action::Authorize`].
    pub fn handle_credential(&mut self, ticket: Ticket<Authorizing>, credential: Result<P::Credential, AuthError>) {
        self.inbox.push_back(News::Credential(ticket.redeem(), credential));
    }

    /// Answers [`Action::Permit`]: one call may leave, or none on that lane for this long.
    pub fn handle_permit(&mut self, ticket: Ticket<Permitting>, permit: Result<(), Duration>) {
        self.inbox.push_back(News::Permit(ticket.redeem(), permit));
    }

    /// Says how many source bytes were read so far for a send or a hash that is under way.
    pub fn handle_progress(&mut self, op: OpId, bytes: u64) {
        self.inbox.push_back(News::Progress(op, bytes));
    }

    /// Says that an action will never be answered, because the host lost its ticket.
    pub fn handle_lost(&mut self, op: OpId) {
        self.inbox.push_back(News::Lost(op));
    }

    /// Sends nothing new until [`unpause`](Self::unpause); what is on its way is let finish.
    pub fn pause(&mut self) {
        self.inbox.push_back(News::Pause);
    }

    /// Ends a pause.
    pub fn unpause(&mut self) {
        self.inbox.push_back(News::Unpause);
    }

    /// Ends the upload within seconds so that it can be resumed: cancels what is on its way, saves, ends with
    /// [`Failure::Stopped`].
    pub fn stop(&mut self) {
        self.inbox.push_back(News::Stop);
    }

    /// Gives the upload up: cancels what is on its way, removes what can be removed at the vendor, and ends with
    /// [`Failure::Abandoned`] (or successfully, if it turns out to be complete).
    pub fn abort(&mut self) {
        self.inbox.push_back(News::Abort);
    }

    /// Changes how many requests may be in flight, to 1 to [`MAX_WINDOW`].
    pub fn set_window(&mut self, window: usize) {
        self.options.window = window.clamp(1, MAX_WINDOW);
    }

    fn save(&mut self, now: Now) -> Output<P> {
        let ticket = self.ticket();
        self.saves.begin(ticket.id(), now.mono);
        Output::Do(Action::Save { ticket, checkpoint: self.checkpoint(now) })
    }
}

/// Builds the vendor's view of one upload: a macro, for it borrows fields side by side with `state`.
macro_rules! cx {
    ($upload:expr, $now:expr, $nonce:expr, $credential:expr) => {
        $crate::protocol::Cx {
            env: $crate::protocol::Env {
                now: $upload.clock.correct($now),
                source: &$upload.source,
                intent: $upload.intent,
                window: $upload.options.window,
                nonce: $nonce,
                digests: &$upload.digests,
            },
            credential: $credential,
            in_flight: $upload.flights.calls(),
        }
    };
}
use cx;
