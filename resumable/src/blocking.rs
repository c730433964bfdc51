//! The blocking client: the same names as the async one, for programs without a runtime.

use std::fmt;
use std::sync::Arc;

use resumable_core::{Found, Located};
use resumable_transport::blocking::Transport;

use crate::client::Shared;
use crate::credentials::Credentials;
use crate::destination::{Destination, To};
use crate::error::Error;
use crate::limits::Limits;
use crate::many::Many;

/// A transport that a client can share among threads.
pub(crate) type SharedTransport = dyn Transport + Send;

/// Makes a [`Client`].
pub type ClientBuilder = crate::client::ClientBuilder<SharedTransport>;

/// One upload of a blocking [`Client`].
pub type Put = crate::Put<Client>;

/// Uploads, and resumes uploads. Clones share connections, checkpoints and limits.
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
    pub(crate) transport: Arc<SharedTransport>,
}

impl Client {
    /// Makes a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// An upload to this place: a vendor's protocol for one object, like `oss::at(endpoint, bucket, key)?`, and the
    /// credentials that sign for it.
    pub fn put<P: Located>(&self, to: P, credentials: impl Into<Credentials<P::Credential>>) -> Put {
        Put::new(self.clone(), Destination::new(To::new(to, credentials.into())))
    }

    /// An upload to an object at this path of a profile. Uploads with the same profile share its credentials.
    ///
    /// # Errors
    /// When the profile or the path is wrong, or its vendor is not one that the program was built with.
    #[cfg(feature = "profiles")]
    pub fn put_to(&self, profile: &crate::profile::Profile, path: &str) -> Result<Put, Error> {
        self.shared.accounts.put(self.clone(), &self.shared.limits, profile, path)
    }

    /// What stands at this place. Changes nothing.
    ///
    /// # Errors
    /// When the vendor did not tell, or its API cannot be asked.
    pub fn look_up<P: Located>(
        &self,
        at: P,
        credentials: impl Into<Credentials<P::Credential>>,
    ) -> Result<Option<Found>, Error> {
        self.put(at, credentials).look_up()
    }

    /// What stands at this path of a profile. Changes nothing.
    ///
    /// # Errors
    /// As with [`put_to`](Self::put_to) and [`look_up`](Self::look_up).
    #[cfg(feature = "profiles")]
    pub fn look_up_at(&self, profile: &crate::profile::Profile, path: &str) -> Result<Option<Found>, Error> {
        self.put_to(profile, path)?.look_up()
    }

    /// Many uploads, side by side.
    pub fn put_all(&self, puts: impl IntoIterator<Item = Put>) -> Many<Self> {
        Many::new(puts.into_iter().collect(), self.shared.limits.most())
    }

    /// What all its uploads share. Can be changed while they run.
    pub fn limits(&self) -> &Limits {
        &self.shared.limits
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("limits", &self.shared.limits).finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Sends with this transport in place of the one that comes with the feature `ureq`.
    pub fn transport(mut self, transport: impl Transport + Send + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Makes the client.
    ///
    /// # Errors
    /// With the name of the argument that cannot be: checkpoints that are kept nowhere, a window out of its range, a CA
    /// file or a proxy that cannot be used.
    pub fn build(mut self) -> Result<Client, Error> {
        let transport = match self.transport.take() {
            Some(transport) => transport,
            None => self.own_transport()?,
        };
        #[cfg(feature = "profiles")]
        let accounts = crate::accounts::Accounts::new(self.context(Some(Arc::clone(&transport))));
        Ok(Client {
            shared: Arc::new(self.shared(
                #[cfg(feature = "profiles")]
                accounts,
            )?),
            transport,
        })
    }

    #[cfg(feature = "ureq")]
    fn own_transport(&self) -> Result<Arc<SharedTransport>, Error> {
        let transport = resumable_transport_ureq::UreqTransport::new(self.config.clone());
        Ok(Arc::new(transport.map_err(|error| Error::new(crate::ErrorKind::Argument, error))?))
    }

    #[cfg(not(feature = "ureq"))]
    #[expect(clippy::unused_self, reason = "with the feature it is used")]
    fn own_transport(&self) -> Result<Arc<SharedTransport>, Error> {
        Err(Error::argument(
            "transport",
            "is missing: give one by `.transport(…)`, or enable resumable's feature `ureq`",
        ))
    }
}
