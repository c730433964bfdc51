//! What the server holds, and what others may ask it.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use super::answer::ResponseContext;
use super::callback::CallbackTarget;
use super::config::Config;
use super::description;
use super::op::NAME;
use super::vendor::{Objects, Uploads};
use crate::log::Counters;
use crate::part_store::{Grants, Sts};
use crate::service::{Service, Setup};
use crate::storage::Storage;

/// The OSS server.
pub struct Oss {
    pub(super) config: Config,
    pub(super) storage: Arc<dyn Storage>,
    pub(super) counters: Arc<Counters>,
    pub(super) grants: Grants,
    pub(super) uploads: Uploads,
    pub(super) objects: Objects,
    targets: Mutex<Vec<Weak<dyn CallbackTarget>>>,
    serial: AtomicU64,
}

impl Oss {
    pub(crate) fn new(config: Config, setup: &Setup) -> io::Result<Arc<Oss>> {
        config.check(&setup.roots)?;
        let (storage, counters) = (Arc::clone(&setup.storage), Arc::clone(&setup.counters));
        let objects = Objects::found(storage.objects(NAME)?);
        let (grants, uploads) = (Grants::new("STS.N"), Uploads::found(storage.as_ref())?);
        let (targets, serial) = Default::default();
        Ok(Arc::new(Oss { config, storage, counters, grants, uploads, objects, targets, serial }))
    }

    pub(crate) fn service(self: &Arc<Self>) -> Arc<dyn Service> {
        Arc::clone(self) as _
    }

    /// Has a target asked, for as long as it lives, before the addresses of the settings.
    pub(crate) fn add_target(&self, target: Weak<dyn CallbackTarget>) {
        self.targets.lock().unwrap_or_else(PoisonError::into_inner).push(target);
    }

    /// Who takes callbacks, in the order they are asked.
    pub(super) fn targets(&self) -> Vec<Arc<dyn CallbackTarget>> {
        let added = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        let fixed = self.config.callbacks.iter().cloned().map(|it| Arc::new(it) as _);
        added.iter().filter_map(Weak::upgrade).chain(fixed).collect()
    }

    /// Grants a temporary key; several are good at once. `clock` is the server's own idea of the time, since the Unix epoch.
    pub fn grant(&self, clock: Duration) -> Sts {
        let limits = &self.config.limits;
        self.grants.grant(clock, limits.sts_life, limits.sts_memory)
    }

    /// The bucket that temporary keys are good for.
    pub fn sts_bucket(&self) -> &str {
        &self.config.sts_bucket
    }

    /// An object's bytes, all at once: for tests.
    ///
    /// # Errors
    /// The storage cannot be read.
    pub fn read_object(&self, bucket: &str, key: &str) -> io::Result<Option<Vec<u8>>> {
        Objects::name(bucket, key).map_or(Ok(None), |object| self.storage.read_whole(&object))
    }

    /// Who may read an object, in the vendor's word: the `x-oss-object-acl` that it was made with, or `default`. `None` if
    /// there is no such object.
    pub fn object_acl(&self, bucket: &str, key: &str) -> Option<String> {
        self.objects.find(bucket, key, self.storage.as_ref()).map(|object| object.own.acl)
    }

    /// What `HEAD` tells of an object under this name, in lower case, of what its client said: `content-type`, metadata,
    /// standard headers, storage class.
    pub fn object_header(&self, bucket: &str, key: &str, name: &str) -> Option<String> {
        let object = self.objects.find(bucket, key, self.storage.as_ref())?;
        let description = &object.description;
        let kind = Some(("content-type".to_owned(), description.content_type.clone()));
        description::told(description).chain(kind).find(|(known, _)| known == name).map(|(_, value)| value)
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

    pub(super) fn context(&self, clock: Duration, bucket: Option<&str>, is_head: bool) -> ResponseContext {
        let host = self.config.host();
        let host_id = bucket.map_or(host.clone(), |bucket| format!("{bucket}.{host}"));
        ResponseContext::new(clock, self.serial.fetch_add(1, Ordering::Relaxed) + 1, host_id, is_head)
    }
}

impl std::fmt::Debug for Oss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Oss").field("config", &self.config).finish_non_exhaustive()
    }
}
