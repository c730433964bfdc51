//! The client of the library that uploads run on: blocking, or async in a runtime of this thread alone.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use resumable::profile::Profile;
use resumable::transports::{Reactor, TransportKind, blocking_transport};
use resumable::vendors::Context;
use resumable::{
    Abandoned, ClientBuilder, Error, Found, IfExists, Leftover, Limits, Many, ManyHandle, Put, Receipt, SentRecord,
    Total, Verified, Window, blocking,
};

use crate::clock::clock;
use crate::exit::{Code, Problem};

/// What can carry requests; all of them do all that the command can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Blocking: a thread for each request
    #[default]
    Ureq,
    /// Async: all requests on one thread
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

/// What the command line says about all uploads.
#[derive(Clone, Copy)]
pub(crate) struct Tuning<'a> {
    pub(crate) patience: Duration,
    pub(crate) window: Option<Window>,
    /// What the uploads share; their own if nothing is said.
    pub(crate) limits: Option<&'a Limits>,
}

impl Connection {
    /// What a profile says; what the command line says wins.
    pub(crate) fn take(profile: &Profile, given: Option<Kind>) -> Result<Self, Problem> {
        let mut profile = profile.connection()?;
        let kind = given.or(profile.transport.map(Kind::from)).unwrap_or_default();
        profile.transport = Some(kind.into());
        Ok(Self { kind, profile })
    }

    /// A client that keeps its checkpoints in `state`, and writes down there what was sent, if it is given where.
    ///
    /// # Errors
    /// When the CA file or the proxy cannot be used.
    pub(crate) fn client(&self, state: &Path, tuning: Tuning<'_>, sent: Option<SentRecord>) -> Result<Client, Problem> {
        Ok(match self.kind {
            Kind::Ureq => Client::Ureq(self.tuned(blocking::Client::builder(), state, tuning, sent).build()?),
            Kind::Reqwest => {
                let client = self.tuned(resumable::Client::builder(), state, tuning, sent).build()?;
                let reactor = Reactor::start()
                    .map_err(|error| Problem::new(Code::Other, format!("the async client cannot start: {error}")))?;
                Client::Reqwest(client, reactor)
            }
        })
    }

    fn tuned<T: ?Sized>(
        &self,
        builder: ClientBuilder<T>,
        state: &Path,
        tuning: Tuning<'_>,
        sent: Option<SentRecord>,
    ) -> ClientBuilder<T> {
        let Tuning { patience, window, limits } = tuning;
        let builder = builder.clock(clock()).checkpoints(state).patience(patience).connection(&self.profile);
        let builder = sent.into_iter().fold(builder, ClientBuilder::sent);
        let builder = window.into_iter().fold(builder, ClientBuilder::window);
        limits.into_iter().fold(builder, ClientBuilder::limits)
    }

    /// What getting credentials that way needs; `state` is the state folder.
    pub(crate) fn context(&self, state: &Path, patience: Duration) -> Context {
        let (config, kind) = (self.profile.config.clone(), self.kind.into());
        Context {
            tokens: Some(state.join("tokens")),
            transport: Arc::new(move || blocking_transport(config.clone(), kind)),
            patience,
            clock: clock(),
        }
    }
}

impl From<Kind> for TransportKind {
    fn from(kind: Kind) -> Self {
        if kind == Kind::Reqwest { Self::Reqwest } else { Self::Ureq }
    }
}

/// What runs uploads.
pub(crate) enum Client {
    Ureq(blocking::Client),
    Reqwest(resumable::Client, Reactor),
}

/// One upload, in either style.
pub(crate) enum Upload<'a> {
    Ureq(blocking::Put),
    Reqwest(Put<resumable::Client>, &'a Reactor),
}

/// Many uploads, in either style.
pub(crate) enum Uploads<'a> {
    Ureq(Many<blocking::Client>),
    Reqwest(Many<resumable::Client>, &'a Reactor),
}

/// Does the same with an upload in either style.
macro_rules! either {
    ($upload:expr, $put:ident => $then:expr) => {
        match $upload {
            Upload::Ureq($put) => Upload::Ureq($then),
            Upload::Reqwest($put, reactor) => Upload::Reqwest($then, reactor),
        }
    };
}
pub(crate) use either;

/// Asks an upload in either style.
macro_rules! ask {
    ($upload:expr, $put:ident => $then:expr) => {
        match $upload {
            Upload::Ureq($put) => $then,
            Upload::Reqwest($put, _) => $then,
        }
    };
}
pub(crate) use ask;

impl Client {
    /// An upload to an object at this path.
    ///
    /// # Errors
    /// When the profile or the path is wrong.
    pub(crate) fn put_to(&self, profile: &Profile, path: &str) -> Result<Upload<'_>, Problem> {
        Ok(match self {
            Self::Ureq(client) => Upload::Ureq(client.put_to(profile, path)?),
            Self::Reqwest(client, reactor) => Upload::Reqwest(client.put_to(profile, path)?, reactor),
        })
    }
}

impl Client {
    /// Many uploads of this client, side by side.
    pub(crate) fn put_all<'a>(&'a self, uploads: Vec<Upload<'a>>) -> Uploads<'a> {
        match self {
            Self::Ureq(client) => Uploads::Ureq(client.put_all(uploads.into_iter().filter_map(Upload::blocking))),
            Self::Reqwest(client, reactor) => {
                Uploads::Reqwest(client.put_all(uploads.into_iter().filter_map(Upload::asynchronous)), reactor)
            }
        }
    }
}

impl Uploads<'_> {
    /// A handle to all of them.
    pub(crate) fn handle(&self) -> ManyHandle {
        match self {
            Self::Ureq(many) => many.handle(),
            Self::Reqwest(many, _) => many.handle(),
        }
    }

    /// Tells how far all of them are together.
    pub(crate) fn on_progress(self, told: impl Fn(&Total) + Send + Sync + 'static) -> Self {
        match self {
            Self::Ureq(many) => Self::Ureq(many.on_progress(told)),
            Self::Reqwest(many, reactor) => Self::Reqwest(many.on_progress(told), reactor),
        }
    }

    /// Runs them all, and tells as soon as one has ended.
    pub(crate) fn send(self, told: impl Fn(usize, &Result<Receipt, Error>) + Send + Sync + 'static) {
        match self {
            Self::Ureq(many) => drop(many.on_done(told).send()),
            Self::Reqwest(many, reactor) => drop(reactor.block_on(many.on_done(told).send())),
        }
    }
}

impl Upload<'_> {
    fn blocking(self) -> Option<blocking::Put> {
        match self {
            Self::Ureq(put) => Some(put),
            Self::Reqwest(..) => None,
        }
    }

    fn asynchronous(self) -> Option<Put<resumable::Client>> {
        match self {
            Self::Ureq(_) => None,
            Self::Reqwest(put, _) => Some(put),
        }
    }

    /// Asks first what stands at the destination, and does this about it.
    pub(crate) fn existing(self, if_exists: Option<IfExists>, force: bool) -> Self {
        let upload = either!(self, put => put.look_first(true).resend(force));
        match if_exists {
            Some(policy) => either!(upload, put => put.if_exists(policy)),
            None => upload,
        }
    }

    /// Runs it to its end.
    pub(crate) fn send(self) -> Result<Receipt, Error> {
        match self {
            Self::Ureq(put) => put.send(),
            Self::Reqwest(put, reactor) => reactor.block_on(put.send()),
        }
    }

    /// What stands at the destination.
    pub(crate) fn look_up(self) -> Result<Option<Found>, Error> {
        match self {
            Self::Ureq(put) => put.look_up(),
            Self::Reqwest(put, reactor) => reactor.block_on(put.look_up()),
        }
    }

    /// What is open at the vendor, with keys that begin so.
    pub(crate) fn leftovers(self, prefix: &str) -> Result<Vec<Leftover>, Error> {
        match self {
            Self::Ureq(put) => put.leftovers(prefix),
            Self::Reqwest(put, reactor) => reactor.block_on(put.leftovers(prefix)),
        }
    }

    /// How many bytes of it are there.
    pub(crate) fn leftover_size(self, of: &Leftover) -> Result<Option<u64>, Error> {
        match self {
            Self::Ureq(put) => put.leftover_size(of),
            Self::Reqwest(put, reactor) => reactor.block_on(put.leftover_size(of)),
        }
    }

    /// Removes it.
    pub(crate) fn remove_leftover(self, it: &Leftover) -> Result<(), Error> {
        match self {
            Self::Ureq(put) => put.remove_leftover(it),
            Self::Reqwest(put, reactor) => reactor.block_on(put.remove_leftover(it)),
        }
    }

    /// The same, held against the file.
    pub(crate) fn verify(self) -> Result<Option<Verified>, Error> {
        match self {
            Self::Ureq(put) => put.verify(),
            Self::Reqwest(put, reactor) => reactor.block_on(put.verify()),
        }
    }

    /// Gives up the one that is saved, and tells what came of it before its checkpoint goes.
    pub(crate) fn abandon(
        self,
        told: impl FnOnce(&Abandoned) -> Result<(), String> + Send + 'static,
    ) -> Result<Abandoned, Error> {
        match self {
            Self::Ureq(put) => put.abandon_and(told),
            Self::Reqwest(put, reactor) => reactor.block_on(put.abandon_and(told)),
        }
    }
}
