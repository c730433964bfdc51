use core::time::Duration;

use crate::protocol::Now;

/// How far the vendor's clock is from the host's.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) behind_ms: i64,
    /// Counts refusals: what was dated before the last of them and is refused later says nothing new.
    pub(super) refusals: u32,
}

impl Clock {
    pub(super) fn correct(self, now: Now) -> Now {
        let shift = Duration::from_millis(self.behind_ms.unsigned_abs());
        let unix = if self.behind_ms < 0 { now.unix.saturating_sub(shift) } else { now.unix.saturating_add(shift) };
        Now { unix, ..now }
    }
}
