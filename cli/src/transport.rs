//! How requests travel: the one place where a transport is made, and the driver that goes with it.

use std::future::Future;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use clap::ValueEnum;
use http::uri::Scheme;
use http::{Request, Response, Uri};
use resumable::drive::asynchronous::{self, OffThread};
use resumable::drive::{Command, Host, blocking};
use resumable_core::{Body, Cause, Failure, Limits, Now, SendError, Upload};
use resumable_transport::net::{Config, Proxy, bare_host, is_this_machine};
use resumable_transport::{CancelFlag, Source};
use resumable_transport_reqwest::ReqwestTransport;
use resumable_transport_ureq::UreqTransport;
use serde::Deserialize;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::clock::clock;
use crate::exit::{Code, Problem, warn};
use crate::no_source::NoSource;
use crate::printable;
use crate::profile::{Mistake, Profile, Time, Window};
use crate::vendors::Vendor;

/// What can carry requests; all of them do all that the command can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Blocking, on a thread for each request
    #[default]
    Ureq,
    /// Async, all requests on one thread
    Reqwest,
}

/// Their names.
pub(crate) const KINDS: [&str; 2] = ["ureq", "reqwest"];

/// A part of a profile with every key that any profile can have, each explained: for people.
pub(crate) const PAGE: &str = include_str!("transport.toml");

/// What a profile says of connections.
#[derive(Debug, Deserialize)]
struct ConnectionOptions {
    ca_file: Option<PathBuf>,
    proxy: Option<String>,
    transport: Option<Kind>,
    reply_timeout: Option<Time>,
    window: Option<Window>,
}

/// What a profile and the command line say about connections.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    kind: Kind,
    ca_file: Option<PathBuf>,
    proxy: Proxy,
    reply_timeout: Option<Duration>,
    window: Option<usize>,
}

/// The shortest time that a profile may give the vendor for an answer.
const SHORTEST_REPLY: Duration = Duration::from_secs(1);

impl Connection {
    /// Takes it out of a profile; what the command line says wins.
    pub(crate) fn take(profile: &mut Profile, given: Option<Kind>) -> Result<Self, Problem> {
        warn_if_readable(profile);
        Self::read(profile, given)
    }

    /// The same, and warns of nothing.
    pub(crate) fn read(profile: &mut Profile, given: Option<Kind>) -> Result<Self, Problem> {
        let ConnectionOptions { ca_file, proxy, transport, reply_timeout, window } = profile.take()?;
        let proxy = match proxy {
            None => Proxy::FromEnvironment,
            Some(none) if none == "none" => Proxy::None,
            Some(url) => Proxy::Url(url),
        };
        let reply_timeout = reply_timeout.map(Duration::from);
        if reply_timeout.is_some_and(|timeout| timeout < SHORTEST_REPLY) {
            return Err(profile.explain(Mistake::wrong("reply_timeout", "reply_timeout must be 1s at least")));
        }
        let (kind, window) = (given.or(transport).unwrap_or_default(), window.map(|window| window.0));
        Ok(Self { kind, ca_file, proxy, reply_timeout, window })
    }

    /// How many requests may be under way at once, if the profile says so.
    pub(crate) fn window(&self) -> Option<usize> {
        self.window
    }

    /// How long the vendor may take over an answer, if the profile says so.
    pub(crate) fn reply_timeout(&self) -> Option<Duration> {
        self.reply_timeout
    }

    /// A transport that connects that way.
    ///
    /// # Errors
    /// When the CA file or the proxy cannot be used.
    pub(crate) fn transport(&self) -> Result<Transport, Problem> {
        let mut config = Config::default();
        config.ca_file.clone_from(&self.ca_file);
        config.proxy.clone_from(&self.proxy);
        Ok(match self.kind {
            Kind::Ureq => Transport::Ureq(UreqTransport::new(config).map_err(Problem::usage)?),
            Kind::Reqwest => {
                let transport = ReqwestTransport::new(config).map_err(Problem::usage)?;
                Transport::Reqwest(transport, Reactor::start()?)
            }
        })
    }
}

/// Plain http to another machine can be read and changed on the way.
fn warn_if_readable(profile: &Profile) {
    let Some(endpoint) = profile.peek("endpoint").and_then(|text| text.trim().parse::<Uri>().ok()) else { return };
    if endpoint.scheme() == Some(&Scheme::HTTP) && !is_this_machine(bare_host(&endpoint)) {
        let (name, host) = (printable::text(profile.name()), printable::text(bare_host(&endpoint)));
        warn(&format!(
            "the profile \"{name}\" sends to {host} over plain http: anybody on the way can read and change what is sent. \
             Write https:// into its endpoint if the vendor takes that."
        ));
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

impl Transport {
    /// Sends one request that carries nothing of a file, and waits for its answer; ends soon after `cancel` is set.
    pub(crate) fn exchange(
        &self,
        request: Request<Body>,
        limits: &Limits,
        cancel: &CancelFlag,
    ) -> Result<Response<Bytes>, SendError> {
        let (head, body) = request.into_parts();
        match self {
            Self::Ureq(transport) => {
                let mut body = resumable_transport::blocking::Outgoing::new(&body, &NoSource, cancel.clone());
                resumable_transport::blocking::Transport::send(transport, head, &mut body, limits)
            }
            Self::Reqwest(transport, reactor) => reactor.block_on(async {
                const LOOK: Duration = Duration::from_millis(50);
                let (body, _) =
                    resumable_transport::asynchronous::Outgoing::new(body, Arc::new(NoSource), cancel.clone());
                let mut answer = resumable_transport::asynchronous::Transport::send(transport, head, body, limits);
                loop {
                    match timeout(LOOK, &mut answer).await {
                        Ok(answer) => return answer,
                        Err(_) if cancel.is_set() => return Err(SendError::Unsure(Cause::text("cancelled"))),
                        Err(_) => {}
                    }
                }
            }),
        }
    }
}

/// What the async transport runs in: this thread, while it waits.
pub(crate) struct Reactor(Option<Runtime>);

impl Reactor {
    fn start() -> Result<Self, Problem> {
        let started = Builder::new_current_thread().enable_all().build();
        let problem = |error| Problem::new(Code::Other, format!("the system lets no requests be waited for: {error}"));
        started.map(|runtime| Self(Some(runtime))).map_err(problem)
    }

    fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.0.as_ref().expect("it is there until it is dropped").block_on(work)
    }
}

impl Drop for Reactor {
    /// Waits for nothing: a name that is still being looked up may take the system minutes.
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(Runtime::shutdown_background);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;

    #[test]
    fn a_reactor_that_goes_waits_for_no_look_up() {
        let reactor = Reactor::start().unwrap();
        let (begins, has_begun) = channel();
        let (answer, answered) = channel::<()>();
        let look_up = move || {
            begins.send(()).unwrap();
            let _ = answered.recv();
        };
        reactor.block_on(async { drop(tokio::task::spawn_blocking(look_up)) });
        has_begun.recv().unwrap();
        let (tell, told) = channel();
        thread::spawn(move || {
            drop(reactor);
            tell.send(()).unwrap();
        });
        told.recv_timeout(Duration::from_secs(30)).unwrap();
        drop(answer);
    }
}
