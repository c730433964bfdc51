//! What one case's client, network and judge share.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use fastrand::Rng;
use resumable::transport::asynchronous::{Offload, Sleep, Timer, Work};
use resumable_emulator::Emulator;

use super::home::{Home, Snapshot};
use super::plight::{Plight, Step};
use super::time;
use crate::queue::Queue;
use crate::transcript::Transcript;

/// Something that happens once.
type Act = Box<dyn FnOnce() + Send>;

/// Somebody who looks at the vendor whenever a request has taken effect.
pub(super) type Observer = Box<dyn FnMut(&Emulator) + Send>;

/// Something that is planned.
pub(super) enum Event {
    /// Somebody has waited long enough, unless he no longer waits.
    Wake(Waker, Arc<AtomicBool>),
    /// A job of the client's: it dies with its process.
    Job(Work, Act),
    /// Something outside of the process.
    Outside(Act),
}

/// One case's world.
pub(super) struct World {
    pub(super) server: Emulator,
    pub(super) home: Home,
    state: Mutex<State>,
}

/// What changes in it.
pub(super) struct State {
    pub(super) queue: Queue<Event>,
    pub(super) chance: Rng,
    pub(super) plight: Plight,
    pub(super) transcript: Transcript,
    pub(super) marks: BTreeMap<&'static str, u64>,
    /// The process was killed in the middle of something, and this is what it left.
    pub(super) killed: Option<Snapshot>,
    pub(super) counts: Counts,
    /// Requests that are under way.
    pub(super) in_flight: usize,
    /// The first thing that must not be.
    pub(super) violation: Option<String>,
    pub(super) observer: Option<Observer>,
}

/// What was injected, and what was done.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub(super) requests: u64,
    /// Requests that met something, or that nobody heard the answer of.
    pub(super) disturbed: u64,
    pub(super) kills: u64,
    pub(super) drops: u64,
    pub(super) stops: u64,
    /// When the run that goes on was told to end at once.
    pub(super) stopped_at: Option<Duration>,
    /// An answer with new tokens was lost: perhaps nobody has a good one any more.
    pub(super) tokens_lost: u64,
    pub(super) store_failed: u64,
    /// The library has said that a checkpoint could not be removed.
    pub(super) stays: bool,
    pub(super) written: u64,
    pub(super) touched: u64,
    /// Nothing goes wrong any more.
    pub(super) calm: bool,
}

impl World {
    pub(super) fn new(server: Emulator, home: Home, plight: Plight, chance: Rng, transcript: Transcript) -> Self {
        let state = State {
            queue: Queue::new(),
            chance,
            plight,
            transcript,
            marks: BTreeMap::new(),
            killed: None,
            counts: Counts::default(),
            in_flight: 0,
            violation: None,
            observer: None,
        };
        Self { server, home, state: Mutex::new(state) }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self, line: impl FnOnce() -> String) {
        self.state().transcript.note(time::elapsed(), line);
    }

    /// The census counts this.
    pub(super) fn mark(&self, what: &'static str) {
        *self.state().marks.entry(what).or_default() += 1;
    }

    /// Writes down what must not be; the first stands.
    pub(super) fn violated(&self, what: impl FnOnce() -> String) {
        self.state().violation.get_or_insert_with(what);
    }

    pub(super) fn plan(&self, after: Duration, event: Event) {
        self.state().queue.plan(time::elapsed() + after, event);
    }

    /// How long something takes that is quick.
    pub(super) fn latency(&self) -> Duration {
        Duration::from_micros(self.state().chance.u64(100..50_000))
    }

    /// Waits.
    pub(super) fn nap(self: &Arc<Self>, time: Duration) -> Nap {
        let until = time::elapsed().saturating_add(time);
        Nap { world: Arc::clone(self), until, over: None }
    }

    /// What happens to the step of the store that begins now.
    pub(super) fn step(&self) -> Option<Step> {
        let mut state = self.state();
        if state.counts.calm || state.killed.is_some() {
            return None;
        }
        let (left, fate) = state.plight.step.as_mut()?;
        if *left > 0 {
            *left -= 1;
            return None;
        }
        let fate = *fate;
        state.plight.step = None;
        state.transcript.note(time::elapsed(), || format!("a step of the store: {fate:?}"));
        let (mark, count) = match fate {
            Step::DiesBefore | Step::DiesAfter => ("killed between two steps", None),
            Step::Fails | Step::FailsAfter => ("store failed", Some(&mut state.counts.store_failed)),
        };
        count.into_iter().for_each(|count| *count += 1);
        *state.marks.entry(mark).or_default() += 1;
        Some(fate)
    }

    /// The process is killed here, in the middle of whatever it does: what it does from now on has no effect.
    pub(super) fn kill(&self) {
        let left = self.home.snapshot();
        let mut state = self.state();
        state.counts.kills += 1;
        state.killed.get_or_insert(left);
    }

    pub(super) fn is_killed(&self) -> bool {
        self.state().killed.is_some()
    }
}

/// Time that passes until somebody goes on.
pub(super) struct Nap {
    world: Arc<World>,
    until: Duration,
    over: Option<Arc<AtomicBool>>,
}

impl Future for Nap {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if time::elapsed() >= self.until {
            return Poll::Ready(());
        }
        self.cancel();
        let over = Arc::new(AtomicBool::new(false));
        let wake = Event::Wake(context.waker().clone(), Arc::clone(&over));
        self.over = Some(over);
        self.world.state().queue.plan(self.until, wake);
        Poll::Pending
    }
}

impl Nap {
    fn cancel(&self) {
        self.over.iter().for_each(|over| over.store(true, Ordering::Relaxed));
    }
}

impl Drop for Nap {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// The world's timer, and its one thread for whatever blocks.
pub(super) struct Here(pub(super) Arc<World>);

impl Timer for Here {
    fn sleep(&self, time: Duration) -> Sleep {
        Box::pin(self.0.nap(time))
    }
}

impl Offload for Here {
    fn run(&self, work: Work, job: Act) -> std::io::Result<()> {
        let soon = self.0.latency() / 16;
        self.0.plan(soon, Event::Job(work, job));
        Ok(())
    }
}
