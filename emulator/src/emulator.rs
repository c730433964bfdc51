//! The emulator itself: what it holds, and what a test may ask it.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::request::Parts;
use serde_json::Value;

use crate::config::Config;
use crate::exchange::Exchange;
use crate::faults::Rule;
use crate::log::{Counters, Entry, Log, Totals};
use crate::registry::{self, vendors};
use crate::reply::Reply;
use crate::service::{Service, Setup};
use crate::shared::Shared;
use crate::storage::Storage;

/// The vendors' servers without a socket: give it a request's head, then its body, and get an answer.
///
/// Time is an argument everywhere; nothing here reads a clock. Clones share one emulator.
#[derive(Clone)]
pub struct Emulator {
    shared: Arc<Shared>,
    servers: Arc<Servers>,
}

impl Emulator {
    /// The servers with what their storage already holds: finished objects, and sessions if the storage keeps them.
    ///
    /// # Errors
    /// The storage cannot be read, an account's appid or a bucket cannot be the name of a folder, or there is no such service.
    pub fn new(config: Config, storage: Box<dyn Storage>) -> io::Result<Emulator> {
        check_services(&config.services)?;
        let (counters, faults) = (Arc::new(Counters::default()), Arc::new(Mutex::new(config.faults.clone())));
        let setup = Setup {
            storage: Arc::from(storage),
            counters: Arc::clone(&counters),
            faults: Arc::clone(&faults),
            roots: registry::roots(),
        };
        let servers = Servers::start(&config, &setup)?;
        let is_offered = |it: &Arc<dyn Service>| config.services.iter().any(|name| name == it.facts().name);
        let services = servers.all().into_iter().filter(is_offered).collect();
        let log = Mutex::new(Log::new(config.log_entries));
        let shared = Shared { config, services, counters, faults, log };
        Ok(Emulator { shared: Arc::new(shared), servers: Arc::new(servers) })
    }

    /// Begins an exchange; `now` is the time since the Unix epoch. Dropped before its end, it was a connection that broke.
    #[expect(clippy::needless_pass_by_value, reason = "the caller needs it no more")]
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

macro_rules! servers {
    ($($doc:literal $vendor:ident::$server:ident($($with:ident)?);)+) => {
        struct Servers {
            $($vendor: Arc<crate::$vendor::$server>,)+
        }

        impl Servers {
            fn start(config: &Config, setup: &Setup) -> io::Result<Servers> {
                $(let $vendor = crate::$vendor::$server::new(config.$vendor.clone(), setup, $(&$with)?)?;)+
                Ok(Servers { $($vendor),+ })
            }

            fn all(&self) -> Vec<Arc<dyn Service>> {
                vec![$(self.$vendor.service()),+]
            }
        }

        impl Emulator {
            $(#[doc = $doc] pub fn $vendor(&self) -> &crate::$vendor::$server {
                &self.servers.$vendor
            })+
        }
    };
}

vendors!(servers);

fn check_services(names: &[String]) -> io::Result<()> {
    match names.iter().find(|name| registry::facts(name).is_none()) {
        None => Ok(()),
        Some(unknown) => {
            let known: Vec<&str> = registry::ALL.iter().map(|facts| facts.name).collect();
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
