//! The emulator itself: what it holds, and what a test may ask it.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::request::Parts;
use serde_json::Value;

use crate::config::Config;
use crate::cos_v1::CosV1;
use crate::cos_v2::CosV2;
use crate::exchange::Exchange;
use crate::faults::{Plan, Rule};
use crate::log::{Counters, Entry, Log, Totals};
use crate::oss::Oss;
use crate::p115::{self, P115};
use crate::reply::Reply;
use crate::service::{self, Service};
use crate::storage::Storage;
use crate::xfyun::Xfyun;

/// The vendors' servers without a socket: give it a request's head, then its body, and get an answer.
///
/// Time is an argument everywhere; nothing here reads a clock. Clones share one emulator.
#[derive(Clone)]
pub struct Emulator {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    config: Config,
    pub(crate) services: Vec<Arc<dyn Service>>,
    pub(crate) counters: Arc<Counters>,
    cos_v1: CosV1,
    cos_v2: CosV2,
    xfyun: Arc<Xfyun>,
    oss: Arc<Oss>,
    p115: Arc<P115>,
    faults: Arc<Mutex<Plan>>,
    log: Mutex<Log>,
}

impl Emulator {
    /// The servers with what their storage already holds: finished objects, and sessions if the storage keeps them.
    ///
    /// # Errors
    /// The storage cannot be read, an account's appid or a bucket cannot be the name of a folder, or there is no such service.
    pub fn new(config: Config, storage: Box<dyn Storage>) -> io::Result<Emulator> {
        check_services(&config.services)?;
        let (storage, counters): (Arc<dyn Storage>, _) = (Arc::from(storage), Arc::new(Counters::default()));
        let cos_v1 = CosV1::new(config.cos_v1.clone(), Arc::clone(&storage), Arc::clone(&counters))?;
        let cos_v2 = CosV2::new(config.cos_v2.clone(), Arc::clone(&storage), Arc::clone(&counters))?;
        let xfyun = Arc::new(Xfyun::new(config.xfyun.clone(), Arc::clone(&storage), Arc::clone(&counters))?);
        let faults = Arc::new(Mutex::new(config.faults.clone()));
        let p115 = Arc::new(P115::new(config.p115.clone(), Arc::clone(&storage), Arc::clone(&faults))?);
        let targets = vec![Arc::clone(&p115) as _];
        let oss = Arc::new(Oss::new(config.oss.clone(), storage, Arc::clone(&counters), targets)?);
        let gate = Arc::new(p115::Gate::new(Arc::clone(&p115), Arc::clone(&oss)));
        // OSS knows its requests by their signatures, whatever the path; it comes before those that go by the path alone.
        let all = [cos_v2.service(), cos_v1.service(), Arc::clone(&xfyun) as _, Arc::clone(&oss) as _, gate as _];
        let is_offered = |it: &Arc<dyn Service>| config.services.iter().any(|name| name == it.facts().name);
        let shared = Shared {
            services: all.into_iter().filter(is_offered).collect(),
            counters,
            cos_v1,
            cos_v2,
            xfyun,
            oss,
            p115,
            faults,
            log: Mutex::new(Log::new(config.log_entries)),
            config,
        };
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

    /// Tencent COS JSON API v1.
    pub fn cos_v1(&self) -> &CosV1 {
        &self.shared.cos_v1
    }

    /// Tencent COS JSON API v2.
    pub fn cos_v2(&self) -> &CosV2 {
        &self.shared.cos_v2
    }

    /// iFLYTEK's OST file upload.
    pub fn xfyun(&self) -> &Xfyun {
        &self.shared.xfyun
    }

    /// Aliyun OSS.
    pub fn oss(&self) -> &Oss {
        &self.shared.oss
    }

    /// The 115 open platform.
    pub fn p115(&self) -> &P115 {
        &self.shared.p115
    }

    /// Sums since the start, also of exchanges that are still running.
    pub fn totals(&self) -> Totals {
        self.shared.counters.totals()
    }

    /// The last exchanges, oldest first.
    pub fn log(&self) -> Vec<Entry> {
        self.shared.log().entries()
    }

    /// Adds a fault behind those already planned.
    pub fn inject(&self, rule: Rule) {
        self.shared.plan().rules.push(rule);
    }

    /// Forgets every fault that is still planned.
    pub fn clear_faults(&self) {
        self.shared.plan().rules.clear();
    }

    /// What a program that starts the emulator tells the world: where each service is, and who may sign.
    pub fn ready_line(&self, base_url: &str) -> Value {
        let services = self.shared.services.iter();
        services.map(|service| (service.facts().name.to_owned(), service.ready(base_url))).collect()
    }
}

fn check_services(names: &[String]) -> io::Result<()> {
    match names.iter().find(|name| service::facts(name).is_none()) {
        None => Ok(()),
        Some(unknown) => {
            let known: Vec<&str> = service::ALL.iter().map(|facts| facts.name).collect();
            let text = format!("there is no service `{unknown}`; there are {}", known.join(", "));
            Err(io::Error::new(io::ErrorKind::InvalidInput, text))
        }
    }
}

impl std::fmt::Debug for Emulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emulator").field("config", &self.shared.config).finish_non_exhaustive()
    }
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
