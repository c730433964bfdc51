//! The host's clocks.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use resumable_core::Now;

/// Reads the wall clock, and a clock that never goes back and counts the time the machine was asleep.
///
/// All clocks of a process show the same time, so an upload that one driver began can be run by another.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Duration,
}

impl Clock {
    /// A clock; the first one of a process starts now.
    pub fn start() -> Self {
        static START: OnceLock<Duration> = OnceLock::new();
        Self { start: *START.get_or_init(since_boot) }
    }

    /// The time now.
    pub fn now(&self) -> Now {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Now { mono: since_boot().saturating_sub(self.start), unix }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn since_boot() -> Duration {
    read(rustix::time::ClockId::Boottime)
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
fn since_boot() -> Duration {
    read(rustix::time::ClockId::Monotonic)
}

#[cfg(unix)]
fn read(clock: rustix::time::ClockId) -> Duration {
    let time = rustix::time::clock_gettime(clock);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(not(unix))]
fn since_boot() -> Duration {
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_clock_goes_on_where_the_first_one_is() {
        let first = Clock::start();
        std::thread::sleep(Duration::from_millis(2));
        let before = first.now().mono;
        assert!(Clock::start().now().mono >= before);
    }
}
