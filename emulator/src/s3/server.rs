//! What the server holds, and what others may ask it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::answer::{ResponseContext, request_id};
use super::config::Config;
use super::late::Late;
use super::op::NAME;
use super::switches::UploadId;
use super::vendor::{Objects, Uploads};
use crate::log::Counters;
use crate::part_store::{Grants, Sts};
use crate::service::{Service, Setup};
use crate::storage::Storage;

/// The S3 server.
pub struct S3 {
    pub(super) config: Config,
    pub(super) storage: Arc<dyn Storage>,
    pub(super) counters: Arc<Counters>,
    pub(super) grants: Grants,
    pub(super) uploads: Uploads,
    pub(super) objects: Objects,
    pub(super) late: Late,
    serial: AtomicU64,
    versions: AtomicU64,
}

impl S3 {
    pub(crate) fn new(config: Config, setup: &Setup) -> io::Result<Arc<S3>> {
        config.check(&setup.roots)?;
        let (storage, counters) = (Arc::clone(&setup.storage), Arc::clone(&setup.counters));
        let objects = Objects::found(storage.objects(NAME)?);
        let (grants, uploads) = (Grants::new("ASIA"), Uploads::found(storage.as_ref())?);
        let (late, serial, versions) = Default::default();
        Ok(Arc::new(S3 { config, storage, counters, grants, uploads, objects, late, serial, versions }))
    }

    pub(crate) fn service(self: &Arc<Self>) -> Arc<dyn Service> {
        Arc::clone(self) as _
    }

    /// Grants a temporary key; several are good at once. `clock` is the server's own idea of the time, since the Unix epoch.
    pub fn grant(&self, clock: Duration) -> Sts {
        let limits = &self.config.limits;
        self.grants.grant(clock, limits.sts_life, limits.sts_memory)
    }

    /// An object's bytes, all at once: for tests.
    ///
    /// # Errors
    /// The storage cannot be read.
    pub fn read_object(&self, bucket: &str, key: &str) -> io::Result<Option<Vec<u8>>> {
        Objects::name(bucket, key).map_or(Ok(None), |object| self.storage.read_whole(&object))
    }

    /// What an object was made with under this name, in lower case: `content-type`, metadata, standard headers, storage class,
    /// ACL, tags.
    pub fn object_header(&self, bucket: &str, key: &str, name: &str) -> Option<String> {
        let description = self.objects.find(bucket, key, self.storage.as_ref())?.description;
        if name == "content-type" { Some(description.content_type) } else { description.get(name).map(str::to_owned) }
    }

    /// The parts of an unfinished upload, as number and length; `None` if there is no such upload.
    pub fn parts(&self, upload_id: &str) -> Option<Vec<(u32, u64)>> {
        let id = self.own_id(upload_id)?;
        self.uploads.look(id, |parts| parts.all().map(|(number, part)| (number, part.length)).collect())
    }

    /// The unfinished uploads of a bucket: the key, the upload id, and how many parts are there.
    pub fn unfinished(&self, bucket: &str) -> Vec<(String, String, usize)> {
        let all = self.uploads.of_bucket(bucket).into_iter();
        let counted = |id: &str| self.uploads.look(id, |parts| parts.all().count());
        let told = |id: &str| self.told_id(id);
        all.filter_map(|(purpose, id)| counted(&id).map(|count| (purpose.key.clone(), told(&id), count))).collect()
    }

    /// An upload id as clients have it.
    pub(super) fn told_id(&self, id: &str) -> String {
        format!("{id}{}", self.id_end(id))
    }

    /// The other way round; none if it cannot be one of ours.
    pub(super) fn own_id<'a>(&self, told: &'a str) -> Option<&'a str> {
        let id = told.get(..told.len().min(ID_LENGTH))?;
        (told == self.told_id(id)).then_some(id)
    }

    /// What stands behind each id.
    fn id_end(&self, id: &str) -> String {
        const ODD: &str = "/+=%&~";
        match self.config.switches.upload_id {
            UploadId::Plain => String::new(),
            UploadId::Reserved => format!("{ODD}=="),
            UploadId::Long => ODD.chars().cycle().take(1024 - id.len()).collect(),
        }
    }

    pub(super) fn next_version(&self) -> u64 {
        self.versions.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn context(&self, clock: Duration, resource: &str, is_head: bool) -> ResponseContext {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed) + 1;
        let request_id = self.config.switches.request_id.then(|| request_id(clock, serial));
        ResponseContext { clock, request_id, resource: resource.to_owned(), is_head }
    }
}

/// Characters of an id of ours.
const ID_LENGTH: usize = 32;

impl std::fmt::Debug for S3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3").field("config", &self.config).finish_non_exhaustive()
    }
}
