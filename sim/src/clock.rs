//! The virtual clock: it moves only when the world moves it.

use std::time::Duration;

use fastrand::Rng;
use resumable_core::Now;

/// When the simulated world begins, on the server's clock.
const BEGINNING: Duration = Duration::from_secs(1_470_000_000);

/// One world's time, and how the client's process and machine see it.
#[derive(Clone, Debug)]
pub struct Clock {
    elapsed: Duration,
    mono_start: Duration,
}

impl Clock {
    /// A clock at the beginning of the world.
    pub fn new() -> Self {
        Self { elapsed: Duration::ZERO, mono_start: Duration::from_secs(1_000) }
    }

    /// Time since the world began.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The time as the client's process sees it.
    pub fn now(&self) -> Now {
        Now { mono: self.mono_start + self.elapsed, unix: BEGINNING + self.elapsed }
    }

    /// The time that the emulator is given; its configuration says how far its own clock is off.
    pub fn server(&self) -> Duration {
        BEGINNING + self.elapsed
    }

    /// When a time on the process's `mono` clock comes, as time since the world began.
    pub fn from_mono(&self, mono: Duration) -> Duration {
        mono.saturating_sub(self.mono_start)
    }

    /// Moves on; never back.
    pub fn advance_to(&mut self, elapsed: Duration) {
        self.elapsed = self.elapsed.max(elapsed);
    }

    /// Another process may count `mono` from elsewhere, as after a reboot.
    pub fn reboot(&mut self, chance: &mut Rng) {
        self.mono_start = Duration::from_secs(chance.u64(0..100_000));
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}
