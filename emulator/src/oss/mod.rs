//! Aliyun OSS, as far as uploading needs it: one file per operation.

#![expect(dead_code, reason = "the requests that use it follow")]

mod callback;
mod config;
mod sts;

use std::io;
use std::sync::Arc;
use std::time::Duration;

pub use self::config::{
    Account, CompleteAgain, Config, FixedCallback, Limits, MissingToken, MultipartEtag, NextMarker, StsJudged, Switches,
};
pub use self::sts::Sts;

pub(crate) use self::callback::{CallbackAnswer, CallbackTarget};

use self::sts::Grants;
use crate::log::Counters;
use crate::storage::Storage;

/// The OSS server.
pub struct Oss {
    config: Config,
    storage: Arc<dyn Storage>,
    counters: Arc<Counters>,
    grants: Grants,
    /// Who takes callbacks, in the order they are asked.
    targets: Vec<Arc<dyn CallbackTarget>>,
}

impl Oss {
    /// `targets` are asked before the addresses of the settings.
    pub(crate) fn new(
        config: Config,
        storage: Arc<dyn Storage>,
        counters: Arc<Counters>,
        mut targets: Vec<Arc<dyn CallbackTarget>>,
    ) -> io::Result<Oss> {
        config.check()?;
        targets.extend(config.callbacks.iter().cloned().map(|it| Arc::new(it) as Arc<dyn CallbackTarget>));
        Ok(Oss { config, storage, counters, grants: Grants::default(), targets })
    }

    /// Grants a temporary key; several are good at once. `clock` is the server's own idea of the time.
    pub fn grant(&self, clock: Duration) -> Sts {
        let limits = &self.config.limits;
        self.grants.grant(clock, limits.sts_life, limits.sts_memory)
    }

    /// The bucket that temporary keys are good for.
    pub fn sts_bucket(&self) -> &str {
        &self.config.sts_bucket
    }
}

impl std::fmt::Debug for Oss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Oss").field("config", &self.config).finish_non_exhaustive()
    }
}
