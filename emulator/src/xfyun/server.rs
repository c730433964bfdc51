//! What the server holds, and what a test may ask it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::answer::ResponseContext;
use super::config::Config;
use super::op::NAME;
use super::slices::{self, Restored};
use super::uploads::Uploads;
use crate::log::Counters;
use crate::service::{Service, Setup};
use crate::storage::{ObjectName, Storage};

/// iFLYTEK's file upload server.
pub struct Xfyun {
    pub(super) config: Config,
    pub(super) storage: Arc<dyn Storage>,
    pub(super) counters: Arc<Counters>,
    pub(super) uploads: Uploads,
    serial: AtomicU64,
    ticks: AtomicU64,
    stored: AtomicU64,
}

impl Xfyun {
    pub(crate) fn new(config: Config, setup: &Setup) -> io::Result<Arc<Xfyun>> {
        let uploads = Uploads::new(Duration::from_secs(config.limits.upload_life));
        let (serial, ticks, stored) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        let (storage, counters) = (Arc::clone(&setup.storage), Arc::clone(&setup.counters));
        let server = Xfyun { config, storage, counters, uploads, serial, ticks, stored };
        server.find_uploads()?;
        Ok(Arc::new(server))
    }

    pub(crate) fn service(self: &Arc<Self>) -> Arc<dyn Service> {
        Arc::clone(self) as _
    }

    /// A finished object's bytes, all at once: for tests. The name is the last segment of the `url` that was answered.
    ///
    /// # Errors
    /// The storage cannot be read.
    pub fn read_object(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        ObjectName::new(NAME, name).map_or(Ok(None), |object| self.storage.read_whole(&object))
    }

    /// The slices of an unfinished upload, as id and length; `None` if there is no such upload.
    pub fn slices(&self, upload_id: &str) -> Option<Vec<(u32, u64)>> {
        self.uploads.look(upload_id, |slices| slices.lengths().collect())
    }

    /// The ids of the uploads that are neither complete nor cancelled nor known to be too old, sorted.
    pub fn unfinished(&self) -> Vec<String> {
        self.uploads.open_ids()
    }

    /// How many objects were stored since the start, whether or not anybody was told their url.
    pub fn stored_objects(&self) -> u64 {
        self.stored.load(Ordering::Relaxed)
    }

    /// One more object is stored.
    pub(super) fn count_object(&self) {
        self.stored.fetch_add(1, Ordering::Relaxed);
    }

    /// Date and trace id of the next answer.
    pub(super) fn context(&self, clock: Duration) -> ResponseContext {
        ResponseContext::new(clock, self.serial.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// A moment later than all before it.
    pub(super) fn tick(&self) -> u64 {
        self.ticks.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// A name that no object has, even after a restart, and its URL.
    pub(super) fn fresh_object(&self, clock: Duration) -> io::Result<(ObjectName, String)> {
        let mut hasher = Sha256::new();
        hasher.update(clock.as_nanos().to_be_bytes());
        hasher.update(self.tick().to_be_bytes());
        let name = hex::encode(&hasher.finalize()[..16]);
        let object = ObjectName::new(NAME, &name).ok_or(io::ErrorKind::InvalidInput)?;
        Ok((object, format!("{}/{name}", self.config.objects_url)))
    }

    fn find_uploads(&self) -> io::Result<()> {
        let storage = self.storage.as_ref();
        for stored in storage.drafts()?.into_iter().filter(|it| it.id.starts_with(slices::DRAFTS)) {
            match Restored::of(&stored, storage) {
                Some(restored) => self.uploads.restore(restored),
                None => storage.drop_draft(&stored.id),
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Xfyun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Xfyun").field("config", &self.config).finish_non_exhaustive()
    }
}
