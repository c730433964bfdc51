//! The host's clocks.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use resumable_core::Now;

/// Reads the wall clock, and a clock that never goes back and counts the time the machine was asleep.
///
/// All clocks of a process show the same time, so an upload that one driver began can be run by another.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Duration,
    rate: NonZeroU32,
    /// Who tells the time in the system's place.
    source: Option<&'static dyn TimeSource>,
}

/// Time that is not the system's: for simulators.
pub trait TimeSource: fmt::Debug + Send + Sync {
    /// The time now.
    fn now(&self) -> Now;

    /// Waits until so much time has passed.
    fn sleep(&self, time: Duration);
}

impl Clock {
    /// A clock; the first one of a process starts now.
    pub fn start() -> Self {
        static START: OnceLock<Duration> = OnceLock::new();
        Self { start: *START.get_or_init(since_boot), rate: NonZeroU32::MIN, source: None }
    }

    /// A clock that shows the time of a simulator, and waits by it.
    pub fn simulated(source: &'static dyn TimeSource) -> Self {
        Self { start: Duration::ZERO, rate: NonZeroU32::MIN, source: Some(source) }
    }

    /// The same clock, on which so many seconds pass in one: for tests of what waits. The wall clock stays right, and
    /// simulated time stays as it is.
    #[must_use]
    pub fn faster(self, rate: NonZeroU32) -> Self {
        match self.source {
            Some(_) => self,
            None => Self { rate, ..self },
        }
    }

    /// The time now.
    pub fn now(&self) -> Now {
        if let Some(source) = self.source {
            return source.now();
        }
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Now { mono: since_boot().saturating_sub(self.start).saturating_mul(self.rate.get()), unix }
    }

    /// For how long to sleep until it is `mono` on this clock.
    pub fn until(&self, mono: Duration) -> Duration {
        mono.saturating_sub(self.now().mono) / self.rate.get()
    }

    /// Sleeps for so long, on the thread that calls.
    pub fn sleep(&self, time: Duration) {
        match self.source {
            Some(source) => source.sleep(time),
            None => thread::sleep(time),
        }
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

    #[derive(Debug)]
    struct Noon;

    impl TimeSource for Noon {
        fn now(&self) -> Now {
            Now { mono: Duration::from_secs(5), unix: Duration::from_secs(43_200) }
        }

        fn sleep(&self, _: Duration) {}
    }

    #[test]
    fn a_simulated_clock_shows_and_waits_by_its_own_time_alone() {
        let clock = Clock::simulated(&Noon).faster(NonZeroU32::new(100).unwrap());
        assert_eq!((clock.now().mono.as_secs(), clock.now().unix.as_secs()), (5, 43_200));
        assert_eq!(clock.until(Duration::from_secs(8)), Duration::from_secs(3));
        clock.sleep(Duration::from_secs(1_000_000));
    }

    #[test]
    fn a_faster_clock_is_slept_by_for_less_time_and_keeps_the_wall_clock() {
        let (real, hundred) = (Clock::start(), Clock::start().faster(NonZeroU32::new(100).unwrap()));
        let (before, day) = (hundred.now(), Duration::from_secs(86_400));
        assert!(before.mono >= real.now().mono);
        let sleep = hundred.until(before.mono + day);
        assert!(sleep <= day / 100 && sleep > day / 200, "{sleep:?}");
        std::thread::sleep(Duration::from_millis(20));
        let after = hundred.now();
        assert!(after.mono >= before.mono + Duration::from_secs(2));
        assert!(after.unix < before.unix + Duration::from_secs(60));
        assert_eq!(hundred.until(before.mono), Duration::ZERO);
    }
}
