use std::time::{Duration, Instant};

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// Says when progress is worth telling again.
pub(super) struct Seldom(Instant);

impl Seldom {
    pub(super) fn new() -> Self {
        Self(Instant::now())
    }

    pub(super) fn is_due(&mut self) -> bool {
        let due = self.0.elapsed() >= TELL_EVERY;
        if due {
            self.0 = Instant::now();
        }
        due
    }
}
