//! How requests travel: the one place where a transport is made, and the driver that goes with it.

use std::num::NonZeroU64;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use resumable::drive::asynchronous::{self, OffThread};
use resumable::drive::{Command, Host, blocking};
use resumable::profile::Profile;
use resumable::transports::{Reactor, TransportKind, blocking_transport};
use resumable::vendors::{Context, Vendor};
use resumable_core::{Failure, Now, Upload};
use resumable_transport::Source;
use resumable_transport_reqwest::ReqwestTransport;
use resumable_transport_ureq::UreqTransport;

use crate::clock::clock;
use crate::exit::{Code, Problem};

/// What can carry requests; all of them do all that the command can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Blocking, on a thread for each request
    #[default]
    Ureq,
    /// Async, all requests on one thread
    Reqwest,
}

/// Their names.
pub(crate) const KINDS: [&str; 2] = ["ureq", "reqwest"];

impl From<TransportKind> for Kind {
    fn from(kind: TransportKind) -> Self {
        if kind == TransportKind::Reqwest { Self::Reqwest } else { Self::Ureq }
    }
}

/// What a profile and the command line say about connections.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    kind: Kind,
    profile: resumable::profile::Connection,
}

impl Connection {
    /// What a profile says; what the command line says wins.
    pub(crate) fn take(profile: &Profile, given: Option<Kind>) -> Result<Self, Problem> {
        let profile = profile.connection()?;
        Ok(Self { kind: given.or(profile.transport.map(Kind::from)).unwrap_or_default(), profile })
    }

    /// How many requests may be under way at once, if the profile says so.
    pub(crate) fn window(&self) -> Option<usize> {
        self.profile.window
    }

    /// How long the vendor may take over an answer, if the profile says so.
    pub(crate) fn reply_timeout(&self) -> Option<Duration> {
        self.profile.reply_timeout
    }

    /// A transport that connects that way.
    ///
    /// # Errors
    /// When the CA file or the proxy cannot be used.
    pub(crate) fn transport(&self) -> Result<Transport, Problem> {
        let config = self.profile.config.clone();
        Ok(match self.kind {
            Kind::Ureq => Transport::Ureq(UreqTransport::new(config).map_err(Problem::usage)?),
            Kind::Reqwest => {
                let transport = ReqwestTransport::new(config).map_err(Problem::usage)?;
                let reactor = Reactor::start().map_err(|error| {
                    Problem::new(Code::Other, format!("the system lets no requests be waited for: {error}"))
                })?;
                Transport::Reqwest(transport, reactor)
            }
        })
    }

    /// What getting credentials that way needs; `state` is the state folder.
    pub(crate) fn context(&self, state: &Path, patience: Duration) -> Context {
        let config = self.profile.config.clone();
        let kind = match self.kind {
            Kind::Ureq => TransportKind::Ureq,
            Kind::Reqwest => TransportKind::Reqwest,
        };
        Context {
            tokens: state.join("tokens"),
            transport: Arc::new(move || blocking_transport(config.clone(), kind)),
            patience,
            clock: clock(),
        }
    }
}

/// What carries the requests of an upload.
pub(crate) enum Transport {
    Ureq(UreqTransport),
    Reqwest(ReqwestTransport, Reactor),
}

/// Stops an upload at a safe point.
pub(crate) type Stop = Box<dyn FnOnce() + Send>;

impl Transport {
    /// Runs an upload to its end, and says when that was; `begun` is given what stops it.
    pub(crate) fn run<P: Vendor>(
        &self,
        upload: &mut Upload<P>,
        source: Arc<impl Source + 'static>,
        host: Arc<impl Host<P> + Send + 'static>,
        limit_rate: Option<NonZeroU64>,
        begun: impl FnOnce(Stop),
    ) -> (Result<P::Outcome, Failure<P::Fault>>, Now) {
        match self {
            Self::Ureq(transport) => {
                let mut driver = blocking::Driver::new().with_clock(clock());
                if let Some(rate) = limit_rate {
                    driver = driver.limit_rate(rate);
                }
                let remote = driver.remote();
                begun(Box::new(move || remote.send(Command::Stop)));
                let result = driver.run(upload, transport, &*source, &*host);
                (result, driver.clock().now())
            }
            Self::Reqwest(transport, reactor) => {
                let mut driver = asynchronous::Driver::new().with_clock(clock());
                if let Some(rate) = limit_rate {
                    driver = driver.limit_rate(rate);
                }
                let remote = driver.remote();
                begun(Box::new(move || remote.send(Command::Stop)));
                let result = reactor.block_on(driver.run(upload, transport, source, &OffThread::new(host)));
                (result, driver.clock().now())
            }
        }
    }
}
