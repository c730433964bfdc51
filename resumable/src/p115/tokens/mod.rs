//! The tokens of an account at 115: where they are kept, and how new ones are had.
//!
//! ```text
//! profile, environment ─► Origin ─┬─► the pair that is written there
//!                                 └─► the key of a file in the tokens' folder: newer pairs, one after the other
//! ```
//!
//! A refresh kills the token that it was made with, so there is one at a time over all processes: the system's lock is
//! held from before the stored pair is compared with the refused one until the new pair is durable. Only then is the new
//! access token used. What is written into a profile is where a line of pairs begins, and is never changed. An edit of it
//! begins another line; when the edit is taken back, the old line is found where it was.

mod endpoint;
mod no_credential;
mod origin;
mod refresher;
mod store;
mod time;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use resumable_proto_115::AccessToken;
use resumable_transport::Clock;
use resumable_transport::blocking::Transport;

pub(super) use self::endpoint::{MakeTransport, Passport};
pub use self::no_credential::{NoCredential, Reason};
pub(super) use self::origin::Origin;
use self::refresher::TokenEndpoint;
pub(super) use self::refresher::TokenRefresher;
use self::store::TokenStore;
pub(super) use self::time::Time;
use super::{Account, LogIn};
use crate::Credentials;

/// How long an outage of the vendor is sat out unless somebody says otherwise.
const PATIENCE: Duration = Duration::from_secs(600);

/// The tokens of an account, in a folder that processes on this machine may share: one refresh at a time, over all of them.
#[derive(Clone)]
pub struct AccountTokens {
    folder: PathBuf,
    account: Account,
    patience: Duration,
    clock: Clock,
}

impl fmt::Debug for AccountTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { folder, account, patience, .. } = self;
        let mut shown = f.debug_struct("AccountTokens");
        shown.field("folder", folder).field("account", account).field("patience", patience).finish_non_exhaustive()
    }
}

impl AccountTokens {
    /// The tokens of `account`, kept in `folder`. It is made when it is needed, for its owner alone; one that other users
    /// can change is refused.
    pub fn new(folder: impl Into<PathBuf>, account: Account) -> Self {
        Self { folder: folder.into(), account, patience: PATIENCE, clock: Clock::start() }
    }

    /// For how long an outage of the vendor, or another process that refreshes, is sat out: 10 minutes by default.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// What the patience and the pauses go by.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The file that the newest pair is kept in, once there is one that the account did not begin with.
    pub fn path(&self) -> PathBuf {
        self.store().path()
    }

    /// Credentials for uploads. `transport` carries the refreshes; nothing ends such a request early, because its answer may
    /// be the only one. Where there is no token to be had, the error is a [`NoCredential`].
    pub fn credentials(&self, transport: Arc<dyn Transport + Send>) -> Credentials<AccessToken> {
        self.credentials_by(Arc::new(move || Ok(Arc::clone(&transport))))
    }

    /// The same, with a transport for each refresh: there are hours between them.
    pub(crate) fn credentials_by(&self, transport: Arc<MakeTransport>) -> Credentials<AccessToken> {
        Credentials::from_source(self.refresher(transport))
    }

    /// A log-in by which new tokens are had. `client_id`: the number of an application at the vendor's
    /// [open platform](https://open.115.com).
    pub fn log_in(&self, client_id: impl Into<String>, transport: Arc<dyn Transport + Send>) -> LogIn {
        let same = Arc::clone(&transport);
        let refresher = self.refresher(Arc::new(move || Ok(Arc::clone(&same))));
        LogIn::new(self.account.site.clone(), client_id.into(), refresher, transport)
    }

    fn store(&self) -> TokenStore {
        TokenStore::new(&self.folder, &self.account.origin)
    }

    fn refresher(&self, transport: Arc<MakeTransport>) -> TokenRefresher<Passport, Clock> {
        TokenRefresher {
            origin: self.account.origin.clone(),
            store: self.store(),
            vendor: Passport::new(self.account.site.clone(), transport),
            patience: self.patience,
            time: self.clock,
            fate: Mutex::default(),
        }
    }
}
