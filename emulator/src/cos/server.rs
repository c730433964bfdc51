//! One of the two APIs as a server: what it holds.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha1::{Digest, Sha1};

use super::account::Account;
use super::answer::ResponseContext;
use super::api::Api;
use super::bucket::{Bucket, Object};
use super::path::Name;
use super::rules::Rules;
use super::session::Session;
use super::signature::Used;
use crate::log::Counters;
use crate::service::Setup;
use crate::storage::Storage;

/// One API's server.
pub(crate) struct Server<A: Api> {
    pub(crate) config: A,
    pub(crate) rules: Rules,
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) counters: Arc<Counters>,
    buckets: Vec<Bucket>,
    used: Mutex<Used>,
    serial: AtomicU64,
}

impl<A: Api> Server<A> {
    pub(crate) fn new(config: A, setup: &Setup) -> io::Result<Server<A>> {
        let rules = config.rules();
        let buckets = buckets(A::FACTS.name, &rules.accounts)?;
        let (used, serial) = (Mutex::default(), AtomicU64::new(0));
        let (storage, counters) = (Arc::clone(&setup.storage), Arc::clone(&setup.counters));
        let server = Server { config, rules, storage, counters, buckets, used, serial };
        server.find_objects()?;
        server.find_sessions()?;
        Ok(server)
    }

    pub(crate) fn read_object(&self, appid: &str, bucket: &str, key: &str) -> io::Result<Option<Vec<u8>>> {
        let name = Name::new(appid, bucket, key);
        match name.filter(|name| self.bucket(name).is_some_and(|it| it.object(key).is_some())) {
            Some(name) => self.storage.read_whole(&name.stored(A::FACTS.name)?),
            None => Ok(None),
        }
    }

    /// The slices of each unfinished upload at a path, oldest upload first.
    pub(crate) fn slices(&self, appid: &str, bucket: &str, key: &str) -> Vec<Vec<(u64, u64)>> {
        let name = Name::new(appid, bucket, key);
        let Some(bucket) = name.and_then(|name| self.bucket(&name)) else {
            return Vec::new();
        };
        bucket.with_path(key, |sessions| sessions.iter().map(|session| session.slices().collect()).collect())
    }

    pub(crate) fn bucket(&self, name: &Name) -> Option<&Bucket> {
        self.buckets.iter().find(|bucket| bucket.appid == name.appid() && bucket.name == name.bucket())
    }

    pub(crate) fn used(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Date and request id of the next answer, and a number that no other has.
    pub(crate) fn context(&self, clock: Duration) -> (ResponseContext, u64) {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed) + 1;
        (ResponseContext::new(clock, &self.rules.style, serial), serial)
    }

    fn find_objects(&self) -> io::Result<()> {
        for stored in self.storage.objects(A::FACTS.name)? {
            let Some(name) = Name::of_stored(&stored.name) else { continue };
            if let Some(bucket) = self.bucket(&name) {
                bucket.put_object(name.key(), Object::found(stored.length, stored.modified.as_secs()));
            }
        }
        Ok(())
    }

    fn find_sessions(&self) -> io::Result<()> {
        let storage = self.storage.as_ref();
        let ours = format!("{}-", A::FACTS.name);
        for stored in storage.drafts()?.into_iter().filter(|it| it.id.starts_with(&ours)) {
            let restored = Session::restore(&stored).filter(|(_, session)| session.is_backed(storage));
            let placed = restored.and_then(|(name, session)| {
                self.bucket(&name)?.with_path(name.key(), |sessions| sessions.push(session));
                Some(())
            });
            if placed.is_none() {
                storage.drop_draft(&stored.id);
            }
        }
        Ok(())
    }
}

impl<A: Api> std::fmt::Debug for Server<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("config", &self.config).finish_non_exhaustive()
    }
}

fn buckets(service: &'static str, accounts: &[Account]) -> io::Result<Vec<Bucket>> {
    let mut buckets: Vec<Bucket> = Vec::new();
    for account in accounts {
        if Name::new(&account.appid, &account.bucket, "x").is_none() {
            let text = "an account's appid or bucket cannot be a folder's name";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let known = |it: &Bucket| it.appid == account.appid && it.name == account.bucket;
        if !buckets.iter().any(known) {
            buckets.push(Bucket::new(service, &account.appid, &account.bucket));
        }
    }
    Ok(buckets)
}

/// Bytes that are new even after a restart.
pub(super) fn fresh(name: &Name, clock: Duration, serial: u64) -> [u8; 48] {
    let bytes = (0..3u8).flat_map(|round| {
        let mut hasher = Sha1::new();
        hasher.update([round]);
        hasher.update(clock.as_nanos().to_be_bytes());
        hasher.update(serial.to_be_bytes());
        hasher.update(name.resource_path());
        hasher.finalize()
    });
    let mut fresh = [0; 48];
    fresh.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    fresh
}
