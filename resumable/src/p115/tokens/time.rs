//! Waiting that can be ended.

use std::time::Duration;

use resumable_transport::{CancelFlag, Clock};

/// The time, and waiting.
pub(crate) trait Time: Send + Sync {
    /// The time on a clock that never goes back.
    fn now(&self) -> Duration;

    /// Waits for so long; false, and sooner, once the flag is set.
    fn wait(&self, time: Duration, cancel: &CancelFlag) -> bool;
}

impl Time for Clock {
    fn now(&self) -> Duration {
        Clock::now(self).mono
    }

    fn wait(&self, time: Duration, cancel: &CancelFlag) -> bool {
        const LOOK: Duration = Duration::from_millis(50);
        let until = Time::now(self).saturating_add(time);
        while !cancel.is_set() {
            let left = self.until(until);
            if left.is_zero() {
                return true;
            }
            self.sleep(left.min(LOOK));
        }
        false
    }
}
