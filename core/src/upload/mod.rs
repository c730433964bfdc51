//! The machine: one upload, from its first request to its end.
//!
//! ```text
//!                     handle                        (only records, in the inbox)
//!                         │
//!  poll ──► settle ──► lifecycle? ──► authorize ──► save ──► pending? ──► plan ──► Output
//!          (inbox →    Running      a barrier     one at   hash,       Protocol::next,
//!           state,     Draining                   a time   compare,    preconditions,
//!           budgets)   Paused                              check,      a slot,
//!                      Ending ──► cancel, save, Finished   save        encode
//! ```
//!
//! `settle` is the only place where answers change the state, `plan` the only one that asks the vendor what is next.
//! What is *pending* must be answered before anything more is planned (`preconditions`); a slot is waited for by the
//! calls alone that need one.

mod access;
mod budgets;
mod clock;
mod doubt;
mod ending;
mod exchange;
mod in_flight;
mod interference;
mod options;
mod plan;
mod preconditions;
mod saves;
mod settle;
mod slots;
mod stats;

use alloc::vec::Vec;
use core::time::Duration;

pub use self::options::{MAX_WINDOW, Options};
pub use self::stats::Stats;

use self::access::{Access, Need};
use self::budgets::Budgets;
use self::clock::Clock;
use self::doubt::{LastLook, Rest};
use self::ending::Lifecycle;
use self::exchange::Exchange;
use self::in_flight::InFlight;
use self::plan::Turn;
use self::preconditions::Preconditions;
use self::saves::Saves;
use crate::checkpoint::{Checkpoint, FORMAT, ResumeError};
use crate::digest::{Digest, HashJob, HashKind};
use crate::failure::Failure;
use crate::fingerprint::{Coverage, Fingerprint};
use crate::input::Input;
use crate::output::{Action, Event, Output};
use crate::protocol::{Intent, Lane, Now, Protocol, State};
use crate::source::SourceInfo;

/// One upload: a state machine without any I/O.
///
/// [`poll`](Self::poll) says what to do; [`handle`](Self::handle) takes the answers and only records them, in any
/// number and any order, until the next `poll`.
pub struct Upload<P: Protocol> {
    job: Job<P>,
    known: Known<P>,
    calls: Calls<P>,
    host: Exchange<P>,
}

/// What is to be done, and whether it still is.
struct Job<P: Protocol> {
    protocol: P,
    options: Options,
    source: SourceInfo,
    intent: Intent,
    lifecycle: Lifecycle<P>,
}

/// What is known of the session and of the content that was sent.
struct Known<P: Protocol> {
    state: State<P>,
    digests: Vec<(HashJob, Digest)>,
    fingerprint: Fingerprint,
    rest: Rest,
}

/// What bounds and delays calls.
struct Calls<P: Protocol> {
    access: Access<P>,
    next: Preconditions<P::Call, P::Reply>,
    in_flight: InFlight<P::Call>,
    saves: Saves,
    budgets: Budgets<P::Call>,
    /// Until when nothing more leaves on a lane.
    held: Vec<(Lane, Duration)>,
    clock: Clock,
    chance: fastrand::Rng,
}

/// A host that polls this much later than it was told to was asleep.
const ASLEEP: Duration = Duration::from_secs(30);

/// The nonce of a session: one that was opened in place of another has a nonce of its own.
fn nonce_of(seed: u64, reopened: u32) -> u128 {
    const SESSIONS: u64 = 0x5e55_1095;
    fastrand::Rng::with_seed(seed ^ SESSIONS ^ u64::from(reopened) << 32).u128(..)
}

impl<P: Protocol> Upload<P> {
    /// A new upload. Without a credential the first action is [`Action::Authorize`].
    pub fn start(protocol: P, source: SourceInfo, credential: Option<P::Credential>, options: Options) -> Self {
        let state =
            State { session: protocol.open(&source, nonce_of(options.seed, 0)), ephemeral: P::Ephemeral::default() };
        Self::new(protocol, source, credential, options, state)
    }

    /// The same upload, told a digest of its whole source, which the host has of the very same content: it is not taken again,
    /// unless the vendor's differs. To be told before the first poll; a digest that `kind` cannot give is dropped.
    #[must_use]
    pub fn knowing(mut self, kind: HashKind, digest: Digest) -> Self {
        let len = self.job.source.len;
        let job = HashJob { kind, range: 0..len, keep: true };
        if job.can_give(len, &digest) {
            self.known.digests.push((job, digest));
        }
        self
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
        upload.job.intent = Intent::Abandon;
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
        let state = State { session: saved.session, ephemeral: P::Ephemeral::default() };
        let mut upload = Self::new(protocol, saved.source, credential, options, state);
        upload.calls.budgets = Budgets::new(saved.restarts, saved.rehashes);
        upload.known.digests = saved.digests;
        upload.known.fingerprint = saved.fingerprint;
        upload.calls.next.in_doubt = saved.in_doubt;
        Ok(upload)
    }

    fn new(
        protocol: P,
        source: SourceInfo,
        credential: Option<P::Credential>,
        options: Options,
        state: State<P>,
    ) -> Self {
        let options = Options { window: options.window.clamp(1, MAX_WINDOW), ..options };
        let chance = fastrand::Rng::with_seed(options.seed);
        let fingerprint = Fingerprint::new(Coverage::Complete);
        Self {
            job: Job { protocol, options, source, intent: Intent::Finish, lifecycle: Lifecycle::Running },
            known: Known { state, digests: Vec::new(), fingerprint, rest: Rest::ALL },
            calls: Calls {
                access: Access::new(credential),
                next: Preconditions::new(),
                in_flight: InFlight::new(),
                saves: Saves::default(),
                budgets: Budgets::new(0, 0),
                held: Vec::new(),
                clock: Clock::default(),
                chance,
            },
            host: Exchange::new(),
        }
    }

    /// What to do now. Call it after every answer, and when the time of the last [`Output::Wait`] has come.
    pub fn poll(&mut self, now: Now) -> Output<P> {
        self.excuse_sleep(now);
        while let Some(input) = self.host.inbox.pop_front() {
            self.settle(input, now);
        }
        self.calls.in_flight.expire_backoff(now.mono);
        self.calls.held.retain(|(_, until)| *until > now.mono);
        self.show_progress();
        loop {
            if let Some(output) = self.host.outbox.pop_front() {
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
        let late = self.calls.in_flight.next_try().map_or(Duration::ZERO, |due| now.mono.saturating_sub(due));
        if late > ASLEEP && matches!(self.job.lifecycle, Lifecycle::Running) {
            self.calls.budgets.excuse(late);
        }
    }

    fn turn(&mut self, now: Now) -> Turn<P> {
        match self.job.lifecycle {
            Lifecycle::Running => self.advance(now),
            Lifecycle::Paused { .. } if self.calls.saves.is_due(now.mono) => Turn::Out(self.save(now)),
            Lifecycle::Paused { .. } => Turn::Idle(None),
            Lifecycle::Draining { by } => self.drain(by, now),
            Lifecycle::Ending(_) | Lifecycle::Over => self.shut_down(now),
        }
    }

    /// Waiting needs a reason: an answer to come, or a time; only a paused upload may wait for its host alone.
    fn wait(&mut self, until: Option<Duration>, now: Now) -> Output<P> {
        self.calls.next.slots.release();
        let paused = matches!(self.job.lifecycle, Lifecycle::Paused { .. });
        let next_try = if paused { None } else { self.calls.in_flight.next_try() };
        let save =
            self.calls.saves.due().filter(|due| *due > now.mono && !matches!(self.job.lifecycle, Lifecycle::Ending(_)));
        let until = [until, next_try, save].into_iter().flatten().min();
        let in_flight = self.outstanding();
        let reachable = until.is_none_or(|until| until > now.mono);
        if reachable && (in_flight > 0 || until.is_some() || paused) {
            // To ask for a credential ahead is no reason to wait.
            let ask = self.calls.access.asks_at().filter(|ask| !paused && *ask > now.mono);
            self.host.rests();
            return Output::Wait { until: until.into_iter().chain(ask).min(), in_flight };
        }
        let what =
            format!("protocol {} waits for nothing that can happen (until {until:?}, now {:?})", P::ID, now.mono);
        if matches!(self.job.lifecycle, Lifecycle::Ending(_)) {
            self.job.lifecycle = Lifecycle::Over;
            return Output::Finished(Err(Failure::Defect(what)));
        }
        self.end(Err(Failure::Defect(what)), now);
        self.poll(now)
    }

    fn confirmed(&self) -> u64 {
        self.job.protocol.confirmed(&self.known.state.session)
    }

    fn outstanding(&self) -> usize {
        let asked = usize::from(matches!(self.calls.access.need, Need::Asked(..)));
        self.calls.in_flight.requests()
            + self.calls.next.outstanding()
            + usize::from(self.calls.saves.is_open())
            + asked
    }

    fn show_progress(&mut self) {
        if !self.job.lifecycle.plans() && !matches!(self.job.lifecycle, Lifecycle::Paused { .. }) {
            return;
        }
        let progress = Event::Progress {
            confirmed: self.confirmed(),
            in_flight: self.calls.in_flight.bytes_read(),
            total: self.job.source.len,
        };
        self.host.show(self.calls.next.hashing().unwrap_or(progress));
    }

    /// The checkpoint of this moment.
    pub fn checkpoint(&self, now: Now) -> Checkpoint<P> {
        Checkpoint {
            format: FORMAT,
            target: self.job.protocol.target(),
            source: self.job.source.clone(),
            saved_unix: now.unix,
            confirmed: self.confirmed(),
            restarts: self.calls.budgets.restarts,
            rehashes: self.calls.budgets.rehashes,
            digests: self.known.digests.iter().filter(|(job, _)| job.keep).cloned().collect(),
            fingerprint: self.known.fingerprint.clone(),
            in_doubt: self.committing().cloned(),
            session: self.known.state.session.clone(),
        }
    }

    /// The committing call that a crash now would leave in doubt.
    fn committing(&self) -> Option<&P::Call> {
        self.calls.next.committing().or(self.calls.in_flight.committing())
    }

    /// What was done so far in this process.
    pub fn stats(&self) -> Stats {
        self.host.stats
    }

    /// A digest of the source, once it is known.
    pub fn digest(&self, kind: HashKind, range: &core::ops::Range<u64>) -> Option<&Digest> {
        self.known.digests.iter().find(|(job, _)| job.kind == kind && job.range == *range).map(|(_, digest)| digest)
    }

    /// The source as it was when it was last known to be the same.
    pub fn source(&self) -> &SourceInfo {
        &self.job.source
    }

    /// The vendor's protocol.
    pub fn protocol(&self) -> &P {
        &self.job.protocol
    }

    /// Takes an answer or a command; only [`poll`](Self::poll) acts on it.
    pub fn handle(&mut self, input: impl Into<Input<P>>) {
        self.host.take_in(input.into());
    }

    fn save(&mut self, now: Now) -> Output<P> {
        let ticket = self.host.ticket();
        self.calls.saves.begin(ticket.id(), now.mono);
        Output::Do(Action::Save { ticket, checkpoint: self.checkpoint(now) })
    }
}

/// Builds the vendor's view of one upload: a macro, for it borrows fields side by side with `state`.
macro_rules! cx {
    ($upload:expr, $now:expr, $nonce:expr, $credential:expr) => {
        $crate::protocol::Cx {
            env: $crate::protocol::Env {
                now: $upload.calls.clock.correct($now),
                source: &$upload.job.source,
                intent: $upload.job.intent,
                window: $upload.job.options.window,
                nonce: $nonce,
                digests: &$upload.known.digests,
            },
            credential: $credential,
            in_flight: $upload.calls.in_flight.calls(),
        }
    };
}
use cx;
