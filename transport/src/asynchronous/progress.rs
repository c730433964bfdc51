use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Clock;

/// How far a request is, as its body sees it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Phase {
    /// No byte of the body was asked for.
    Unsent,
    /// Whoever sends it waits for the source, or for its rate.
    Reading,
    /// Bytes were given away at this time, and no more were asked for since.
    Given(Duration),
    /// All bytes were given away, or the reply begins.
    Replying { since: Duration, moved: Option<Duration> },
}

/// What a body tells its watch.
#[derive(Debug)]
pub(super) struct Progress {
    clock: Clock,
    phase: Mutex<Phase>,
}

impl Progress {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, phase: Mutex::new(Phase::Unsent) }
    }

    pub(super) fn reads(&self) {
        self.change(|_, _| Phase::Reading);
    }

    pub(super) fn gives(&self, is_last: bool) {
        self.change(|_, now| if is_last { Phase::Replying { since: now, moved: None } } else { Phase::Given(now) });
    }

    pub(super) fn now(&self) -> Duration {
        self.clock.now().mono
    }

    pub(super) fn change(&self, to: impl FnOnce(Phase, Duration) -> Phase) {
        let mut phase = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        *phase = to(*phase, self.now());
    }

    pub(super) fn phase(&self) -> Phase {
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
