//! The clock that this program waits by.

use resumable::transport::Clock;

/// The host's clock; in a build for tests a faster one, where they ask for that.
pub(crate) fn clock() -> Clock {
    #[cfg(debug_assertions)]
    if let Some(rate) = std::env::var("RESUMABLE_TEST_CLOCK_RATE").ok().and_then(|rate| rate.parse().ok()) {
        return Clock::start().faster(rate);
    }
    Clock::start()
}
