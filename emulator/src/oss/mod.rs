//! Aliyun OSS, as far as uploading needs it: one file per operation.

mod abort;
mod answer;
mod arrival;
mod bucket_info;
mod call;
mod callback;
mod complete;
mod config;
mod digests;
mod error;
mod get;
mod head;
mod initiate;
mod list_objects;
mod list_parts;
mod list_uploads;
mod listing;
mod op;
mod parts;
mod put;
mod query;
mod shelf;
mod signature;
mod sts;
mod target;
mod upload_part;
mod uploads;
mod xml;

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::request::Parts;
use serde_json::{Value, json};

pub use self::config::{
    Account, CompleteAgain, Config, FixedCallback, Limits, MissingToken, MultipartEtag, NextMarker, Refused, StsJudged,
    Switches,
};
pub use self::sts::Sts;

pub(crate) use self::callback::{CallbackAnswer, CallbackTarget};

use self::answer::Stamp;
use self::arrival::Request;
use self::op::Op;
use self::shelf::Shelf;
use self::sts::Grants;
use self::target::Target;
use self::uploads::Uploads;
use crate::faults::{Facts, Fault};
use crate::log::Counters;
use crate::service::{Arrival, Outcome, Service, Setup};
use crate::storage::Storage;

const NAME: &str = "oss";

pub(crate) const FACTS: Facts = Facts { name: NAME, ops: op::NAMES, fits: can_show };

fn can_show(op: &str, fault: &Fault) -> bool {
    let op = Op::of_name(op);
    let is = |ops: &[Op]| op.is_some_and(|op| ops.contains(&op));
    match fault {
        Fault::ForgetSession => op.is_some_and(Op::names_an_upload),
        Fault::CallbackFailed { .. } => is(&[Op::PutObject, Op::Complete]),
        Fault::StuckMarker | Fault::MissingMarker | Fault::WrongLength => is(&[Op::ListParts]),
        Fault::WrongEtag | Fault::WrongCrc => {
            is(&[Op::PutObject, Op::HeadObject, Op::UploadPart, Op::ListParts, Op::Complete])
        }
        Fault::WrongOffset | Fault::WrongSession | Fault::OffsetBeyondFile | Fault::SliceSize { .. } => false,
        _ => true,
    }
}

/// The OSS server.
pub struct Oss {
    config: Config,
    storage: Arc<dyn Storage>,
    counters: Arc<Counters>,
    grants: Grants,
    uploads: Uploads,
    shelf: Shelf,
    targets: Mutex<Vec<Weak<dyn CallbackTarget>>>,
    serial: AtomicU64,
}

impl Oss {
    pub(crate) fn new(config: Config, setup: &Setup) -> io::Result<Arc<Oss>> {
        config.check()?;
        let (storage, counters) = (Arc::clone(&setup.storage), Arc::clone(&setup.counters));
        let shelf = Shelf::found(storage.objects(NAME)?);
        let (grants, uploads, targets, serial) = Default::default();
        let server = Oss { config, storage, counters, grants, uploads, shelf, targets, serial };
        server.find_uploads()?;
        Ok(Arc::new(server))
    }

    pub(crate) fn service(self: &Arc<Self>) -> Arc<dyn Service> {
        Arc::clone(self) as _
    }

    /// Has a target asked, for as long as it lives, before the addresses of the settings.
    pub(crate) fn add_target(&self, target: Weak<dyn CallbackTarget>) {
        self.targets.lock().unwrap_or_else(PoisonError::into_inner).push(target);
    }

    /// Who takes callbacks, in the order they are asked.
    fn targets(&self) -> Vec<Arc<dyn CallbackTarget>> {
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
        let (mut bytes, mut chunk) = (Vec::new(), vec![0; 64 * 1024]);
        loop {
            match self.read_at(bucket, key, bytes.len() as u64, &mut chunk) {
                Ok(0) => return Ok(Some(bytes)),
                Ok(read) => bytes.extend_from_slice(&chunk[..read]),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads from an object; fewer bytes than asked for only at its end.
    pub(crate) fn read_at(&self, bucket: &str, key: &str, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let name = shelf::name(bucket, key).map_err(|_| io::Error::from(io::ErrorKind::NotFound))?;
        self.storage.read_object(&name, offset, buf)
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

    fn stamp(&self, clock: Duration, bucket: Option<&str>, is_head: bool) -> Stamp {
        let host = self.config.host();
        let host_id = bucket.map_or(host.clone(), |bucket| format!("{bucket}.{host}"));
        Stamp::new(clock, self.serial.fetch_add(1, Ordering::Relaxed) + 1, host_id, is_head)
    }

    fn find_uploads(&self) -> io::Result<()> {
        let storage = self.storage.as_ref();
        for stored in storage.drafts()?.into_iter().filter(|it| it.id.starts_with(parts::DRAFTS)) {
            match parts::Parts::restore(&stored, storage) {
                Some((id, purpose, parts)) => self.uploads.restore(id, purpose, parts),
                None => storage.drop_draft(&stored.id),
            }
        }
        Ok(())
    }
}

impl Service for Oss {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    /// A request that is signed for OSS, has a header of OSS, or names a bucket that is there.
    fn claims(&self, head: &Parts) -> bool {
        let authorization = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let names_a_bucket = || Target::of(head, &self.config).bucket.is_some_and(|it| self.config.has_bucket(&it));
        authorization.is_some_and(signature::is_ours)
            || head.headers.keys().any(|name| name.as_str().starts_with("x-oss-"))
            || names_a_bucket()
    }

    fn begin(self: Arc<Self>, clock: Duration, head: &Parts) -> Box<dyn Arrival> {
        Box::new(Request::begin(self, clock, head))
    }

    fn trouble(&self, clock: Duration, fault: &Fault) -> Outcome {
        answer::trouble(fault, &self.stamp(clock, None, false))
    }

    fn ready(&self, base_url: &str) -> Value {
        let mut ready = json!({ "endpoint": base_url, "region": self.config.region });
        if let Some(bucket) = self.config.buckets.first() {
            ready["bucket"] = json!(bucket);
        }
        if let Some(account) = self.config.accounts.first() {
            ready["access_key_id"] = json!(account.access_key_id);
            ready["access_key_secret"] = json!(account.access_key_secret);
        }
        ready
    }
}

impl std::fmt::Debug for Oss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Oss").field("config", &self.config).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "heard_tests.rs"]
mod heard_tests;
