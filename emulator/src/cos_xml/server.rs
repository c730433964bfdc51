//! What the server holds, and what others may ask it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::answer::ResponseContext;
use super::config::Config;
use super::op::NAME;
use super::temporary::{Grants, TemporaryKey};
use super::vendor::{Objects, Uploads};
use crate::log::Counters;
use crate::service::{Service, Setup};
use crate::storage::Storage;

/// The COS XML server.
pub struct CosXml {
    pub(super) config: Config,
    pub(super) storage: Arc<dyn Storage>,
    pub(super) counters: Arc<Counters>,
    pub(super) grants: Grants,
    pub(super) uploads: Uploads,
    pub(super) objects: Objects,
    serial: AtomicU64,
}

impl CosXml {
    pub(crate) fn new(config: Config, setup: &Setup) -> io::Result<Arc<CosXml>> {
        config.check()?;
        let (storage, counters) = (Arc::clone(&setup.storage), Arc::clone(&setup.counters));
        let (objects, uploads) = (Objects::found(storage.objects(NAME)?), Uploads::found(storage.as_ref())?);
        let grants = Grants::of_settings(&config.temporary_keys);
        Ok(Arc::new(CosXml { config, storage, counters, grants, uploads, objects, serial: AtomicU64::new(0) }))
    }

    pub(crate) fn service(self: &Arc<Self>) -> Arc<dyn Service> {
        Arc::clone(self) as _
    }

    /// Grants a temporary key; several are good at once. `clock` is the server's own idea of the time, since the Unix epoch.
    pub fn grant(&self, clock: Duration) -> TemporaryKey {
        self.grants.grant(clock, &self.config.limits)
    }

    /// An object's bytes, all at once: for tests.
    ///
    /// # Errors
    /// The storage cannot be read.
    pub fn read_object(&self, bucket: &str, key: &str) -> io::Result<Option<Vec<u8>>> {
        Objects::name(bucket, key).map_or(Ok(None), |object| self.storage.read_whole(&object))
    }

    /// What the client said of an object under this name, in lower case: `content-type`, metadata, standard headers, storage class,
    /// `x-cos-acl`. `None` if there is no such object, or nothing was said.
    pub fn object_header(&self, bucket: &str, key: &str, name: &str) -> Option<String> {
        let object = self.objects.find(bucket, key, self.storage.as_ref())?;
        match name {
            "content-type" => Some(object.description.content_type),
            _ => object.description.get(name).map(str::to_owned),
        }
    }

    /// The parts of an unfinished upload, as number and length; `None` if there is no such upload.
    pub fn parts(&self, upload_id: &str) -> Option<Vec<(u32, u64)>> {
        self.uploads.look(upload_id, |parts| parts.all().map(|(number, part)| (number, part.length)).collect())
    }

    /// The unfinished uploads of a bucket: the key, the upload id, and how many parts are there.
    pub fn unfinished(&self, bucket: &str) -> Vec<(String, String, usize)> {
        let all = self.uploads.of_bucket(bucket).into_iter();
        let counted = |id: &str| self.uploads.look(id, |parts| parts.all().count());
        all.filter_map(|(purpose, id)| counted(&id).map(|count| (purpose.key.clone(), id, count))).collect()
    }

    pub(super) fn context(&self, clock: Duration, resource: String, is_head: bool, sent: &str) -> ResponseContext {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed) + 1;
        ResponseContext::new(clock, serial, resource, is_head, format!("{}{sent}", self.config.redirect_to))
    }
}

impl std::fmt::Debug for CosXml {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CosXml").field("config", &self.config).finish_non_exhaustive()
    }
}
