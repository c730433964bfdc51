//! The emulator itself: what it holds, and what a test may ask it.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use http::request::Parts;
use serde_json::{Value, json};

use crate::config::{Config, DateForm};
use crate::cos_v2::{Bucket, Object, Session};
use crate::date;
use crate::exchange::Exchange;
use crate::faults::{Plan, Rule};
use crate::log::{Counters, Entry, Log, Totals};
use crate::path::ObjectName;
use crate::reply::{Reply, Stamp};
use crate::signature::Used;
use crate::storage::Storage;

/// A server without a socket: give it a request's head, then its body, and get an answer.
///
/// Time is an argument everywhere; nothing here reads a clock. Clones share one server.
#[derive(Clone)]
pub struct Emulator {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) storage: Box<dyn Storage>,
    pub(crate) counters: Counters,
    state: Mutex<State>,
}

pub(crate) struct State {
    buckets: Vec<Bucket>,
    pub(crate) used: Used,
    pub(crate) faults: Plan,
    pub(crate) log: Log,
    pub(crate) serial: u64,
}

impl Emulator {
    /// A server with what its storage already holds: finished objects, and sessions if the storage keeps them.
    ///
    /// # Errors
    /// The storage cannot be read, or an account's appid or bucket cannot be the name of a folder.
    pub fn new(config: Config, storage: Box<dyn Storage>) -> io::Result<Emulator> {
        let mut state = State {
            buckets: buckets(&config)?,
            used: Used::default(),
            faults: config.faults.clone(),
            log: Log::new(config.log_entries),
            serial: 0,
        };
        state.find_objects(storage.as_ref())?;
        state.find_sessions(storage.as_ref())?;
        let shared = Shared { config, storage, counters: Counters::default(), state: Mutex::new(state) };
        Ok(Emulator { shared: Arc::new(shared) })
    }

    /// Begins an exchange; `now` is the time since the Unix epoch. Dropped before its end, it was a connection that broke.
    #[allow(clippy::needless_pass_by_value)]
    pub fn begin(&self, now: Duration, head: Parts) -> Exchange {
        Exchange::begin(Arc::clone(&self.shared), now, &head)
    }

    /// A whole exchange at one moment.
    pub fn handle(&self, now: Duration, request: Request<Bytes>) -> Reply {
        let (head, body) = request.into_parts();
        let mut exchange = self.begin(now, head);
        exchange.feed(&body);
        exchange.end(now)
    }

    /// What it was told at the start.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// Sums since the start, also of exchanges that are still running.
    pub fn totals(&self) -> Totals {
        self.shared.counters.totals()
    }

    /// The last exchanges, oldest first.
    pub fn log(&self) -> Vec<Entry> {
        self.shared.lock().log.entries()
    }

    /// Adds a fault behind those already planned.
    pub fn inject(&self, rule: Rule) {
        self.shared.lock().faults.rules.push(rule);
    }

    /// Forgets every fault that is still planned.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.rules.clear();
    }

    /// A finished object's bytes, all at once: for tests.
    ///
    /// # Errors
    /// The storage cannot be read.
    pub fn read_object(&self, appid: &str, bucket: &str, key: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(name) = ObjectName::new(appid, bucket, key) else {
            return Ok(None);
        };
        let mut state = self.shared.lock();
        let object = state.bucket(appid, bucket).and_then(|it| it.object(key));
        let Some(length) = object.map(|object| object.length) else {
            return Ok(None);
        };
        let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        let read = self.shared.storage.read_object(&name, 0, &mut bytes)?;
        bytes.truncate(read);
        Ok(Some(bytes))
    }

    /// The slices of the unfinished session at a path, as offset and length; `None` without a session.
    pub fn slices(&self, appid: &str, bucket: &str, key: &str) -> Option<Vec<(u64, u64)>> {
        let mut state = self.shared.lock();
        let session = state.bucket(appid, bucket)?.session(key)?;
        Some(session.slices().collect())
    }

    /// What a program that starts the emulator tells the world: where each service is, and who may sign.
    pub fn ready_line(&self, base_url: &str) -> Value {
        let Some(account) = self.shared.config.accounts.first() else {
            return json!({ "cos-v2": { "endpoint": base_url } });
        };
        json!({ "cos-v2": {
            "endpoint": base_url,
            "appid": account.appid,
            "bucket": account.bucket,
            "secret_id": account.secret_id,
            "secret_key": account.secret_key,
        }})
    }
}

impl std::fmt::Debug for Emulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emulator").field("config", &self.shared.config).finish_non_exhaustive()
    }
}

fn buckets(config: &Config) -> io::Result<Vec<Bucket>> {
    let mut buckets: Vec<Bucket> = Vec::new();
    for account in &config.accounts {
        if ObjectName::new(&account.appid, &account.bucket, "x").is_none() {
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

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server's own idea of the time.
    pub(crate) fn clock(&self, now: Duration) -> Duration {
        let offset = Duration::from_secs(self.config.clock_offset.unsigned_abs());
        if self.config.clock_offset < 0 { now.saturating_sub(offset) } else { now.saturating_add(offset) }
    }
}

impl State {
    pub(crate) fn bucket(&mut self, appid: &str, name: &str) -> Option<&mut Bucket> {
        self.buckets.iter_mut().find(|bucket| bucket.appid == appid && bucket.name == name)
    }

    /// Date and request id of the next answer.
    pub(crate) fn stamp(&mut self, config: &Config, now: Duration) -> Stamp {
        self.serial += 1;
        let id = || format!("{:x}_{:08x}_{:x}", now.as_secs(), 0x0a65_6d75, self.serial);
        Stamp {
            date: match config.switches.date {
                DateForm::AsctimeBeijing => date::asctime_beijing(now),
                DateForm::ImfFixdate => date::imf_fixdate(now),
            },
            request_id: config.switches.request_id.then(|| STANDARD.encode(id())),
        }
    }

    fn find_objects(&mut self, storage: &dyn Storage) -> io::Result<()> {
        for stored in storage.objects()? {
            let name = stored.name;
            if let Some(bucket) = self.bucket(name.appid(), name.bucket()) {
                let modified = stored.modified.as_secs();
                let object = Object {
                    length: stored.length,
                    sha: None,
                    created: modified,
                    modified,
                    biz_attr: String::new(),
                    session: None,
                };
                bucket.put_object(name.key(), object);
            }
        }
        Ok(())
    }

    fn find_sessions(&mut self, storage: &dyn Storage) -> io::Result<()> {
        for draft in storage.drafts()? {
            let id = draft.id.clone();
            let restored = Session::restore(draft).filter(|(_, session)| session.is_backed(storage)).and_then(
                |(name, session)| {
                    let bucket = self.bucket(name.appid(), name.bucket())?;
                    bucket.put_session(name.key(), session);
                    Some(())
                },
            );
            if restored.is_none() {
                storage.drop_draft(&id);
            }
        }
        Ok(())
    }
}
