use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::Clock;

/// Less than this is the time between two readings of clocks.
const ASLEEP: Duration = Duration::from_secs(2);

/// An HTTP client with its pool of connections, made anew when the machine wakes from sleep. Servers and routers have
/// forgotten the old connections by then, and a request over one of them would wait for its stall timeout.
pub struct FreshClient<C> {
    make: Box<dyn Fn() -> Option<C> + Send + Sync>,
    client: Mutex<C>,
    sleep: SleepWatch,
}

impl<C> fmt::Debug for FreshClient<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FreshClient").finish_non_exhaustive()
    }
}

impl<C: Clone> FreshClient<C> {
    /// This client, and how to make another one without connections; `None` keeps the old one.
    pub fn new(client: C, make: impl Fn() -> Option<C> + Send + Sync + 'static) -> Self {
        Self { make: Box::new(make), client: Mutex::new(client), sleep: SleepWatch::new() }
    }

    /// The client for the next request.
    pub fn get(&self) -> C {
        if self.sleep.slept() {
            self.renew();
        }
        self.client().clone()
    }

    /// Forgets all connections that no request uses.
    pub fn renew(&self) {
        if let Some(client) = (self.make)() {
            *self.client() = client;
        }
    }

    fn client(&self) -> MutexGuard<'_, C> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compares a clock that counts the time asleep with one that does not. Where the system has no two such clocks
/// (Windows), it never notices.
struct SleepWatch {
    clock: Clock,
    start: Instant,
    /// How far the clock that counts sleep was ahead of the other one.
    ahead: Mutex<Duration>,
}

impl SleepWatch {
    fn new() -> Self {
        let watch = Self { clock: Clock::start(), start: Instant::now(), ahead: Mutex::default() };
        watch.slept();
        watch
    }

    /// True if the machine was asleep since this was asked for the last time.
    fn slept(&self) -> bool {
        self.slept_by(self.clock.now().mono, self.start.elapsed())
    }

    fn slept_by(&self, with_sleep: Duration, without: Duration) -> bool {
        let now = with_sleep.saturating_sub(without);
        let before = std::mem::replace(&mut *self.ahead.lock().unwrap_or_else(PoisonError::into_inner), now);
        now.saturating_sub(before) >= ASLEEP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_is_noticed_once() {
        let (watch, hour) = (SleepWatch::new(), Duration::from_secs(3600));
        let awake = |seconds| Duration::from_secs(seconds);
        assert!(!watch.slept_by(hour * 2, hour * 2), "the clocks agree");
        assert!(!watch.slept_by(hour * 2 + awake(600), hour * 2 + awake(600)), "time goes by");
        assert!(watch.slept_by(hour * 3 + awake(601), hour * 2 + awake(601)));
        assert!(!watch.slept_by(hour * 3 + awake(602), hour * 2 + awake(602)));
    }

    #[test]
    fn a_machine_that_is_awake_does_not_sleep() {
        let watch = SleepWatch::new();
        assert!(!watch.slept() && !watch.slept());
    }

    #[test]
    fn a_client_is_made_anew_where_that_can_be() {
        let fresh = FreshClient::new(1, || Some(2));
        assert_eq!(fresh.get(), 1);
        fresh.renew();
        assert_eq!(fresh.get(), 2);
        let given = FreshClient::new(1, || None);
        given.renew();
        assert_eq!(given.get(), 1);
    }
}
