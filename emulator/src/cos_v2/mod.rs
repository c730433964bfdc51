//! The COS JSON API v2 (`/files/v2/…`), as far as uploading needs it: one file per operation.

mod answer;
mod arrival;
mod bucket;
mod call;
mod config;
mod data;
mod delete;
mod finish;
mod init;
mod list;
mod parts;
mod session;
mod stat;
mod upload;

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::request::Parts;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

pub use self::config::{
    ChangedSlice, Config, FinishAgain, FinishWithGaps, Limits, ListSha, ListShows, MissingDirectory, SerialUpload,
    StatUnfinished, Switches, UnknownSession,
};
pub use crate::cos::{BadPath, DateForm, ExpiredCode, QueryPlus};

use self::arrival::Request;
use self::bucket::{Bucket, Object};
use self::session::Session;
use crate::cos::answer::{self as face, Stamp};
use crate::cos::path::Name;
use crate::cos::sha::to_hex;
use crate::cos::signature::Used;
use crate::faults::Fault;
use crate::log::Counters;
use crate::service::{Arrival, Facts, Outcome, Service};
use crate::storage::Storage;

const NAME: &str = "cos-v2";
const ROOT: &str = "/files/v2/";

pub(crate) const FACTS: Facts = Facts {
    name: NAME,
    ops: &[
        "upload",
        "upload_slice_init",
        "upload_slice_data",
        "upload_slice_list",
        "upload_slice_finish",
        "stat",
        "delete",
    ],
    fits: can_show,
};

fn can_show(op: &str, fault: &Fault) -> bool {
    match fault {
        Fault::ForgetSession => op != "upload",
        _ => answer::can_show(op, fault),
    }
}

/// The server of the COS JSON API v2.
pub struct CosV2 {
    config: Config,
    storage: Arc<dyn Storage>,
    counters: Arc<Counters>,
    buckets: Vec<Bucket>,
    used: Mutex<Used>,
    serial: AtomicU64,
}

impl CosV2 {
    pub(crate) fn new(config: Config, storage: Arc<dyn Storage>, counters: Arc<Counters>) -> io::Result<CosV2> {
        let (buckets, used, serial) = (buckets(&config)?, Mutex::default(), AtomicU64::new(0));
        let server = CosV2 { config, storage, counters, buckets, used, serial };
        server.find_objects()?;
        server.find_sessions()?;
        Ok(server)
    }

    /// A finished object's bytes, all at once: for tests.
    ///
    /// # Errors
    /// The storage cannot be read.
    pub fn read_object(&self, appid: &str, bucket: &str, key: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(name) = Name::new(appid, bucket, key) else {
            return Ok(None);
        };
        let Some(object) = self.bucket(&name).and_then(|it| it.object(key)) else {
            return Ok(None);
        };
        let mut bytes = vec![0; usize::try_from(object.length).map_err(io::Error::other)?];
        let read = self.storage.read_object(&name.stored(NAME)?, 0, &mut bytes)?;
        bytes.truncate(read);
        Ok(Some(bytes))
    }

    /// The slices of the unfinished session at a path, as offset and length; `None` without a session.
    pub fn slices(&self, appid: &str, bucket: &str, key: &str) -> Option<Vec<(u64, u64)>> {
        let bucket = self.bucket(&Name::new(appid, bucket, key)?)?;
        bucket.with_slot(key, |session| session.as_ref().map(|session| session.slices().collect()))
    }

    fn bucket(&self, name: &Name) -> Option<&Bucket> {
        self.buckets.iter().find(|bucket| bucket.appid == name.appid() && bucket.name == name.bucket())
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Date and request id of the next answer, and a number that no other has.
    fn stamp(&self, clock: Duration) -> (Stamp, u64) {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed) + 1;
        let switches = &self.config.switches;
        (Stamp::new(clock, switches.date, switches.request_id, serial), serial)
    }

    fn find_objects(&self) -> io::Result<()> {
        for stored in self.storage.objects(NAME)? {
            let Some(name) = Name::of_stored(&stored.name) else { continue };
            if let Some(bucket) = self.bucket(&name) {
                bucket.put_object(name.key(), Object::found(stored.length, stored.modified.as_secs()));
            }
        }
        Ok(())
    }

    fn find_sessions(&self) -> io::Result<()> {
        let storage = self.storage.as_ref();
        for stored in storage.drafts()?.into_iter().filter(|it| it.id.starts_with(session::DRAFTS)) {
            let restored = Session::restore(&stored).filter(|(_, session)| session.is_backed(storage));
            let placed = restored.and_then(|(name, session)| {
                self.bucket(&name)?.with_slot(name.key(), |slot| *slot = Some(session));
                Some(())
            });
            if placed.is_none() {
                storage.drop_draft(&stored.id);
            }
        }
        Ok(())
    }
}

impl Service for CosV2 {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn claims(&self, head: &Parts) -> bool {
        head.uri.path().starts_with(ROOT)
    }

    fn begin(self: Arc<Self>, clock: Duration, head: &Parts) -> Box<dyn Arrival> {
        Box::new(Request::begin(self, clock, head))
    }

    fn trouble(&self, clock: Duration, fault: &Fault) -> Outcome {
        face::trouble(fault, self.config.switches.expired, &self.stamp(clock).0)
    }

    fn ready(&self, base_url: &str) -> Value {
        let Some(account) = self.config.accounts.first() else {
            return json!({ "endpoint": base_url });
        };
        json!({
            "endpoint": base_url,
            "appid": account.appid,
            "bucket": account.bucket,
            "secret_id": account.secret_id,
            "secret_key": account.secret_key,
        })
    }
}

impl std::fmt::Debug for CosV2 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CosV2").field("config", &self.config).finish_non_exhaustive()
    }
}

fn buckets(config: &Config) -> io::Result<Vec<Bucket>> {
    let mut buckets: Vec<Bucket> = Vec::new();
    for account in &config.accounts {
        if Name::new(&account.appid, &account.bucket, "x").is_none() {
            let text = "an account's appid or bucket cannot be a folder's name";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let known = |it: &Bucket| it.appid == account.appid && it.name == account.bucket;
        if !buckets.iter().any(known) {
            buckets.push(Bucket::new(&account.appid, &account.bucket));
        }
    }
    Ok(buckets)
}

/// 96 hexadecimal digits, as the vendor's are, and new even after a restart.
fn fresh_session(name: &Name, clock: Duration, serial: u64) -> String {
    let digits = (0..3u8).flat_map(|round| {
        let mut hasher = Sha1::new();
        hasher.update([round]);
        hasher.update(clock.as_nanos().to_be_bytes());
        hasher.update(serial.to_be_bytes());
        hasher.update(name.resource_path());
        hasher.finalize()
    });
    to_hex(&digits.take(48).collect::<Vec<u8>>())
}
