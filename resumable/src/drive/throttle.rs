use std::time::{Duration, Instant};

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// Says when progress is worth telling again.
pub(super) struct Throttle(Instant);

impl Throttle {
    /// A throttle that was due just now.
    pub(super) fn new() -> Self {
        Self(Instant::now())
    }

    /// True if the last time was a tenth of a second ago.
    pub(super) fn is_due(&mut self) -> bool {
        let due = self.0.elapsed() >= TELL_EVERY;
        if due {
            self.0 = Instant::now();
        }
        due
    }
}
