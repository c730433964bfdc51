//! What all uploads of a client share, and how a client is made.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use resumable_transport::Clock;

use crate::error::Error;
use crate::file::Folder;
use crate::limits::{Limits, Window};
use crate::put::Tuning;
use crate::sent::SentRecord;
use crate::store::Store;

/// The machine's own patience.
#[cfg(feature = "profiles")]
const PATIENCE: Duration = Duration::from_secs(600);

/// What every upload of a client is given.
pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) sent: Option<SentRecord>,
    pub(crate) limits: Limits,
    #[cfg(feature = "profiles")]
    pub(crate) accounts: crate::accounts::Accounts,
    /// What an upload does not say itself.
    pub(crate) tuning: Tuning,
    pub(crate) clock: Clock,
}

/// Makes a client. `T` is the transport that it sends with: `dyn blocking::Transport` or `dyn asynchronous::Transport`.
///
/// Where checkpoints are kept has to be said: by [`checkpoints`](Self::checkpoints) or [`store`](Self::store). All else
/// has a default.
#[must_use = "`build()` makes the client"]
pub struct ClientBuilder<T: ?Sized> {
    pub(crate) transport: Option<Arc<T>>,
    #[cfg(any(feature = "ureq", feature = "reqwest", feature = "profiles"))]
    pub(crate) config: resumable_transport::net::Config,
    #[cfg(feature = "async")]
    pub(crate) offload: Option<Arc<dyn resumable_transport::asynchronous::Offload>>,
    store: Option<Arc<dyn Store>>,
    sent: Option<SentRecord>,
    #[cfg(feature = "profiles")]
    tokens: Option<PathBuf>,
    #[cfg(feature = "profiles")]
    kind: Option<crate::transports::TransportKind>,
    limits: Option<Limits>,
    window: Option<Window>,
    rate: Option<NonZeroU64>,
    tuning: Tuning,
    clock: Clock,
}

impl<T: ?Sized> ClientBuilder<T> {
    pub(crate) fn new() -> Self {
        Self {
            transport: None,
            #[cfg(any(feature = "ureq", feature = "reqwest", feature = "profiles"))]
            config: resumable_transport::net::Config::default(),
            #[cfg(feature = "async")]
            offload: None,
            store: None,
            sent: None,
            #[cfg(feature = "profiles")]
            tokens: None,
            #[cfg(feature = "profiles")]
            kind: None,
            limits: None,
            window: None,
            rate: None,
            tuning: Tuning::default(),
            clock: Clock::start(),
        }
    }

    /// Keeps checkpoints in this folder, one file for each upload that is not finished. It is made when it is needed, for
    /// its owner alone. It must be on a file system that keeps locks.
    ///
    /// The tokens of accounts at 115 that profiles name are kept in its folder `tokens`.
    pub fn checkpoints(mut self, folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        #[cfg(feature = "profiles")]
        {
            self.tokens.get_or_insert_with(|| folder.join("tokens"));
        }
        // An empty path names no folder, and counts as none.
        self.store = if folder.as_os_str().is_empty() { None } else { Some(Arc::new(Folder::new(folder))) };
        self
    }

    /// Keeps the tokens of accounts at 115 that profiles name in this folder.
    #[cfg(feature = "profiles")]
    pub fn tokens(mut self, folder: impl Into<PathBuf>) -> Self {
        self.tokens = Some(folder.into());
        self
    }

    /// What a profile says of connections: certificates, proxy, timeouts, window.
    #[cfg(feature = "profiles")]
    pub fn connection(mut self, connection: &crate::profile::Connection) -> Self {
        self.config = connection.config.clone();
        self.kind = connection.transport.or(self.kind);
        self.tuning.reply_timeout = connection.reply_timeout.or(self.tuning.reply_timeout);
        self.window = connection.window.or(self.window);
        self
    }

    /// Keeps checkpoints in this store.
    pub fn store(mut self, store: impl Store + 'static) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Writes into this record what was sent, and sends nothing again that is in it and has not changed since. There is no
    /// record by default. See [`SentRecord`] for what counts as changed.
    pub fn sent(mut self, record: SentRecord) -> Self {
        self.sent = Some(record);
        self
    }

    /// How many requests are under way at once, over all uploads together: a number from 1 to 128, or, by default, what
    /// brings throughput ([`Window::Auto`]).
    pub fn window(mut self, window: impl Into<Window>) -> Self {
        self.window = Some(window.into());
        self
    }

    /// Sends at most so many bytes of sources per second, over all uploads together. Without limit by default.
    pub fn rate(mut self, bytes_per_second: NonZeroU64) -> Self {
        self.rate = Some(bytes_per_second);
        self
    }

    /// Shares limits with other clients, or with whoever changes them. [`window`](Self::window) and
    /// [`rate`](Self::rate) change them when the client is made.
    pub fn limits(mut self, limits: &Limits) -> Self {
        self.limits = Some(limits.clone());
        self
    }

    /// For how long transient failures (no connection, 5xx, throttling) are sat out without progress. 10 minutes by default.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.tuning.patience = Some(patience);
        self
    }

    /// How long an upload that never had a connection tries to get one. 5 seconds by default, and never longer than the
    /// patience.
    pub fn first_contact(mut self, first_contact: Duration) -> Self {
        self.tuning.first_contact = Some(first_contact);
        self
    }

    /// How long the vendor may take over an answer once a request is sent: one second at least. By default what is known
    /// of the vendor.
    pub fn reply_timeout(mut self, reply_timeout: Duration) -> Self {
        self.tuning.reply_timeout = Some(reply_timeout);
        self
    }

    /// How the transport that comes with the client connects: timeouts, proxy, certificates. Has no effect on one of your
    /// own.
    #[cfg(any(feature = "ureq", feature = "reqwest"))]
    pub fn config(mut self, config: resumable_transport::net::Config) -> Self {
        self.config = config;
        self
    }

    /// Waits by this clock: for tests of what waits.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Draws by this seed what is otherwise drawn from the system (pauses before retries, names of attempts): for simulators.
    /// Uploads with the same seed name their attempts alike, so a program that uploads must not set it.
    pub fn seed(mut self, seed: u64) -> Self {
        self.tuning.seed = Some(seed);
        self
    }

    /// What credentials may need: `transport` carries the requests for them, if it can.
    #[cfg(feature = "profiles")]
    pub(crate) fn context(&self, transport: Option<Arc<crate::vendors::BlockingTransport>>) -> crate::vendors::Context {
        let (config, kind) = (self.config.clone(), self.kind.unwrap_or_default());
        let make = move || match &transport {
            Some(transport) => Ok(Arc::clone(transport)),
            None => crate::transports::blocking_transport(config.clone(), kind),
        };
        crate::vendors::Context {
            tokens: self.tokens.clone(),
            transport: Arc::new(make),
            patience: self.tuning.patience.unwrap_or(PATIENCE),
            clock: self.clock,
        }
    }

    /// What the uploads share, once it is checked.
    pub(crate) fn shared(
        self,
        #[cfg(feature = "profiles")] accounts: crate::accounts::Accounts,
    ) -> Result<Shared, Error> {
        let store = self.store.ok_or_else(|| {
            Error::argument(
                "checkpoints",
                "are kept nowhere: say where by `.checkpoints(folder)`, or `.store(MemoryStore::new())` to lose them with \
                 the process",
            )
        })?;
        self.tuning.check()?;
        let limits = self.limits.unwrap_or_default();
        if let Some(window) = self.window {
            limits.set_window(window)?;
        }
        if self.rate.is_some() {
            limits.set_rate(self.rate);
        }
        limits.use_clock(self.clock);
        Ok(Shared {
            store,
            sent: self.sent,
            limits,
            #[cfg(feature = "profiles")]
            accounts,
            tuning: self.tuning,
            clock: self.clock,
        })
    }
}

impl<T: ?Sized> std::fmt::Debug for ClientBuilder<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientBuilder").field("window", &self.window).field("rate", &self.rate).finish_non_exhaustive()
    }
}
