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
    /// How far the client's clock is ahead of the true time, in seconds.
    ahead: i64,
}

impl Clock {
    /// A clock at the beginning of the world.
    pub fn new() -> Self {
        Self { elapsed: Duration::ZERO, mono_start: Duration::from_secs(1_000), ahead: 0 }
    }

    /// Time since the world began.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The time as the client's process sees it.
    pub fn now(&self) -> Now {
        Now { mono: self.mono_start + self.elapsed, unix: self.wall() }
    }

    /// The time on the client's clock, by which its file system goes, too.
    pub fn wall(&self) -> Duration {
        let (now, ahead) = (self.server(), Duration::from_secs(self.ahead.unsigned_abs()));
        if self.ahead < 0 { now.saturating_sub(ahead) } else { now + ahead }
    }

    /// Somebody sets the client's clock: it is ahead of the true time by so many seconds from now on.
    pub fn set_ahead(&mut self, seconds: i64) {
        self.ahead = seconds;
    }

    /// Whether the client's clock is right.
    pub fn is_right(&self) -> bool {
        self.ahead == 0
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_moves_neither_the_servers_nor_the_machines_own_count() {
        let mut clock = Clock::new();
        clock.advance_to(Duration::from_secs(5));
        let (before, server) = (clock.now(), clock.server());
        for (ahead, unix) in [(40, before.unix + Duration::from_secs(40)), (-40, before.unix - Duration::from_secs(40))]
        {
            clock.set_ahead(ahead);
            assert_eq!((clock.now().mono, clock.now().unix, clock.server()), (before.mono, unix, server));
            assert!(!clock.is_right());
        }
        clock.set_ahead(0);
        assert!(clock.is_right() && clock.wall() == server);
    }
}
