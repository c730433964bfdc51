//! Which of the vendor's two hosts calls go to.

use core::time::Duration;

/// For how long calls go to one host before they may go to the other: those that were on their way to the first when it
/// failed fail later, and say nothing of the second.
const STAYS: Duration = Duration::from_secs(30);

/// The other host, or the usual one. Each run begins at the usual one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Detour {
    is_taken: bool,
    /// When that was decided, on the `mono` clock.
    since: Option<Duration>,
}

impl Detour {
    /// Whether calls go to the other host.
    pub(crate) fn is_taken(self) -> bool {
        self.is_taken
    }

    /// A call came to nothing at `now`.
    pub(crate) fn failed(&mut self, now: Duration) {
        if self.since.is_none_or(|since| now >= since.saturating_add(STAYS)) {
            *self = Self { is_taken: !self.is_taken, since: Some(now) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_failures_is_one_and_a_later_one_leads_back() {
        let mut detour = Detour::default();
        let mut after = |seconds| {
            detour.failed(Duration::from_secs(seconds));
            detour.is_taken()
        };
        assert!([100, 100, 129].map(&mut after).iter().all(|taken| *taken));
        assert!(!after(130) && !after(159) && after(160));
    }
}
