//! What all exchanges of an emulator share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::config::Config;
use crate::faults::Plan;
use crate::log::{Counters, Log};
use crate::service::Service;

pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) services: Vec<Arc<dyn Service>>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) faults: Arc<Mutex<Plan>>,
    pub(crate) log: Mutex<Log>,
}

impl Shared {
    pub(crate) fn plan(&self) -> MutexGuard<'_, Plan> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The servers' own idea of the time.
    pub(crate) fn clock(&self, now: Duration) -> Duration {
        let offset = Duration::from_secs(self.config.clock_offset.unsigned_abs());
        if self.config.clock_offset < 0 { now.saturating_sub(offset) } else { now.saturating_add(offset) }
    }
}
