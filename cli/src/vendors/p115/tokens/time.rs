//! Waiting that can be ended.

use std::thread;
use std::time::Duration;

use crate::clock::clock;
use crate::interrupt::Interrupt;

/// The time, and waiting.
pub(crate) trait Time: Send + Sync {
    /// The time on a clock that never goes back.
    fn now(&self) -> Duration;

    /// Waits for so long; false, and sooner, if nobody wants to wait any more.
    fn wait(&self, time: Duration) -> bool;
}

/// Waits until a signal comes.
pub(crate) struct Waiting(pub(crate) Interrupt);

impl Time for Waiting {
    fn now(&self) -> Duration {
        clock().now().mono
    }

    fn wait(&self, time: Duration) -> bool {
        const LOOK: Duration = Duration::from_millis(50);
        let (clock, until) = (clock(), self.now() + time);
        while !self.0.asked() {
            let left = clock.until(until);
            if left.is_zero() {
                return true;
            }
            thread::sleep(left.min(LOOK));
        }
        false
    }
}
