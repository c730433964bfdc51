use std::num::NonZeroU64;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::pace::Pace;

/// The limit on the source bytes of all requests together, if there is one.
pub(super) struct Rate(Option<Mutex<Pace>>);

impl Rate {
    pub(super) fn unlimited() -> Self {
        Self(None)
    }

    pub(super) fn limited(bytes_per_second: NonZeroU64) -> Self {
        Self(Some(Mutex::new(Pace::new(bytes_per_second))))
    }

    /// The most to read at a time, so that a limited rate is an even one: a tenth of a second's worth.
    pub(super) fn piece(&self) -> usize {
        let rate = self.with(|pace| pace.bytes_per_second());
        rate.map_or(usize::MAX, |rate| usize::try_from(rate.get() / 10).unwrap_or(usize::MAX))
    }

    /// Takes `bytes` at the time `mono`, and says how long to wait before they are sent.
    pub(super) fn take(&self, bytes: u64, mono: Duration) -> Duration {
        self.with(|pace| pace.take(bytes, mono)).unwrap_or_default()
    }

    fn with<T>(&self, look: impl FnOnce(&mut Pace) -> T) -> Option<T> {
        let pace = self.0.as_ref()?;
        Some(look(&mut pace.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}
