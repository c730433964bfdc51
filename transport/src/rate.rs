use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use resumable_core::Pace;

/// A limit on the source bytes of all bodies that share it, if there is one. Clones share the limit, and a change of it.
#[derive(Clone, Debug, Default)]
pub struct Rate(Arc<Mutex<Option<Pace>>>);

impl Rate {
    /// No limit.
    pub fn unlimited() -> Self {
        Self::default()
    }

    /// At most so many bytes per second.
    pub fn limited(bytes_per_second: NonZeroU64) -> Self {
        Self(Arc::new(Mutex::new(Some(Pace::new(bytes_per_second)))))
    }

    /// Changes the limit to so many bytes per second, or takes it away; also for bodies that are being sent. A piece
    /// that waits for its time waits on.
    pub fn set(&self, bytes_per_second: Option<NonZeroU64>) {
        self.with(|pace| match (bytes_per_second, &mut *pace) {
            (None, _) => *pace = None,
            (Some(rate), Some(pace)) => pace.set(rate),
            (Some(rate), None) => {
                let mut new = Pace::new(rate);
                // Not even the burst that a new limit begins with: bytes were passing until now.
                new.set(rate);
                *pace = Some(new);
            }
        });
    }

    /// The limit, in bytes per second.
    pub fn per_second(&self) -> Option<NonZeroU64> {
        self.with(|pace| pace.as_ref().map(Pace::bytes_per_second))
    }

    /// The most bytes to read at a time, so that a limited rate is an even one: a tenth of a second's worth, at least 1.
    pub fn piece(&self) -> usize {
        self.per_second().map_or(usize::MAX, |rate| usize::try_from(rate.get() / 10).unwrap_or(usize::MAX).max(1))
    }

    /// Takes `bytes` at the time `mono`, and says how long to wait before they are sent.
    pub fn take(&self, bytes: u64, mono: Duration) -> Duration {
        self.with(|pace| pace.as_mut().map(|pace| pace.take(bytes, mono))).unwrap_or_default()
    }

    fn with<T>(&self, look: impl FnOnce(&mut Option<Pace>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_everybodys_and_earns_no_burst() {
        let rate = Rate::unlimited();
        let (shared, now) = (rate.clone(), Duration::from_secs(60));
        assert_eq!((shared.piece(), shared.take(1 << 40, now)), (usize::MAX, Duration::ZERO));
        rate.set(NonZeroU64::new(100));
        assert_eq!((shared.piece(), shared.take(50, now)), (10, Duration::from_millis(500)));
        rate.set(NonZeroU64::new(1));
        assert_eq!(shared.piece(), 1);
        rate.set(None);
        assert_eq!((shared.piece(), shared.take(1 << 40, now)), (usize::MAX, Duration::ZERO));
    }
}
