//! The time of the thread that a case runs on.

use std::cell::Cell;
use std::time::Duration;

use resumable::machine::Now;
use resumable::transport::{Clock, TimeSource};

/// Where the client's own count begins.
const MONO: Duration = Duration::from_secs(1_000);

thread_local! {
    static WALL: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    static ELAPSED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    static PASSED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// The thread's time, as a clock's source.
#[derive(Debug)]
struct OfThread;

impl TimeSource for OfThread {
    fn now(&self) -> Now {
        Now { mono: MONO + elapsed(), unix: wall() }
    }

    fn sleep(&self, time: Duration) {
        pass(time);
    }
}

/// Another world begins, at this time of its calendar.
pub(super) fn begin(wall: Duration) {
    WALL.set(wall);
    ELAPSED.set(Duration::ZERO);
    PASSED.set(Duration::ZERO);
}

/// Time since the world began.
pub(super) fn elapsed() -> Duration {
    ELAPSED.get()
}

/// The time in the world's calendar.
pub(super) fn wall() -> Duration {
    WALL.get() + elapsed()
}

/// Moves on; never back.
pub(super) fn advance_to(elapsed: Duration) {
    ELAPSED.set(ELAPSED.get().max(elapsed));
}

/// Something takes so long that keeps the thread from all else.
pub(super) fn pass(time: Duration) {
    ELAPSED.set(ELAPSED.get().saturating_add(time));
    PASSED.set(ELAPSED.get());
}

/// When something last kept the thread from all else.
pub(super) fn was_held() -> Duration {
    PASSED.get()
}

/// The clock for the library.
pub(super) fn clock() -> Clock {
    Clock::simulated(&OfThread)
}
