use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use resumable_core::Pace;

/// A limit on the source bytes of all bodies that share it, if there is one. Clones share the limit.
#[derive(Clone, Debug, Default)]
pub struct Rate(Option<Arc<Mutex<Pace>>>);

impl Rate {
    /// No limit.
    pub fn unlimited() -> Self {
        Self::default()
    }

    /// At most so many bytes per second.
    pub fn limited(bytes_per_second: NonZeroU64) -> Self {
        Self(Some(Arc::new(Mutex::new(Pace::new(bytes_per_second)))))
    }

    /// The most bytes to read at a time, so that a limited rate is an even one: a tenth of a second's worth, at least 1.
    pub fn piece(&self) -> usize {
        let rate = self.with(|pace| pace.bytes_per_second());
        rate.map_or(usize::MAX, |rate| usize::try_from(rate.get() / 10).unwrap_or(usize::MAX).max(1))
    }

    /// Takes `bytes` at the time `mono`, and says how long to wait before they are sent.
    pub fn take(&self, bytes: u64, mono: Duration) -> Duration {
        self.with(|pace| pace.take(bytes, mono)).unwrap_or_default()
    }

    fn with<T>(&self, look: impl FnOnce(&mut Pace) -> T) -> Option<T> {
        let pace = self.0.as_ref()?;
        Some(look(&mut pace.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}
