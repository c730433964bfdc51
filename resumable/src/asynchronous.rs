//! The async client.

use std::fmt;
use std::sync::Arc;

use resumable_core::{Found, Located};
use resumable_transport::asynchronous::{Offload, Threads, Transport};

use crate::client::{ClientBuilder, Shared};
use crate::credentials::Credentials;
use crate::destination::{Destination, To};
use crate::error::Error;
use crate::limits::Limits;
use crate::many::Many;
use crate::put::Put;

/// Uploads, and resumes uploads, as futures. Clones share connections, checkpoints and limits.
///
/// Nothing is spawned as a task: an upload lives in the future of [`Put::send`]. Whoever drops that future stops the
/// upload, and its checkpoint is kept.
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) offload: Arc<dyn Offload>,
    /// The transport is the one of the feature `reqwest`.
    #[cfg(feature = "reqwest")]
    on_tokio: bool,
}

impl Client {
    /// Makes a client.
    pub fn builder() -> ClientBuilder<dyn Transport> {
        ClientBuilder::new()
    }

    /// An upload to this place: a vendor's protocol for one object, like `oss::at(endpoint, bucket, key)?`, and the
    /// credentials that sign for it.
    pub fn put<P: Located>(&self, to: P, credentials: impl Into<Credentials<P::Credential>>) -> Put<Self> {
        Put::new(self.clone(), Destination::new(To::new(to, credentials.into())))
    }

    /// An upload to an object at this path of a profile. Uploads with the same profile share its credentials.
    ///
    /// # Errors
    /// When the profile or the path is wrong, or its vendor is not one that the program was built with.
    #[cfg(feature = "profiles")]
    pub fn put_to(&self, profile: &crate::profile::Profile, path: &str) -> Result<Put<Self>, Error> {
        self.shared.accounts.put(self.clone(), &self.shared.limits, profile, path)
    }

    /// What stands at this place. Changes nothing.
    ///
    /// # Errors
    /// When the vendor did not tell, or its API cannot be asked.
    pub async fn look_up<P: Located>(
        &self,
        at: P,
        credentials: impl Into<Credentials<P::Credential>> + Send,
    ) -> Result<Option<Found>, Error> {
        self.put(at, credentials).look_up().await
    }

    /// What stands at this path of a profile. Changes nothing.
    ///
    /// # Errors
    /// As with [`put_to`](Self::put_to) and [`look_up`](Self::look_up).
    #[cfg(feature = "profiles")]
    pub async fn look_up_at(&self, profile: &crate::profile::Profile, path: &str) -> Result<Option<Found>, Error> {
        self.put_to(profile, path)?.look_up().await
    }

    /// Many uploads, side by side.
    pub fn put_all(&self, puts: impl IntoIterator<Item = Put<Self>>) -> Many<Self> {
        Many::new(puts.into_iter().collect(), self.shared.limits.most())
    }

    /// What all its uploads share. Can be changed while they run.
    pub fn limits(&self) -> &Limits {
        &self.shared.limits
    }
}

impl Client {
    /// Whether an upload can run where it is polled.
    ///
    /// # Errors
    /// When its transport needs a runtime, and this is none.
    #[cfg(feature = "reqwest")]
    pub(crate) fn check_runtime(&self) -> Result<(), Error> {
        if self.on_tokio && tokio::runtime::Handle::try_current().is_err() {
            let why = "is missing: the transport of the feature `reqwest` works in a tokio runtime alone, as `#[tokio::main]` \
                makes one";
            return Err(Error::argument("tokio runtime", why));
        }
        Ok(())
    }

    #[cfg(not(feature = "reqwest"))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "with the feature both are needed")]
    pub(crate) fn check_runtime(&self) -> Result<(), Error> {
        Ok(())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("limits", &self.shared.limits).finish_non_exhaustive()
    }
}

impl ClientBuilder<dyn Transport> {
    /// Sends with this transport in place of the one that comes with the feature `reqwest`.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Does what blocks (reading, hashing, saving) by this in place of threads: for simulators, and for runtimes with a
    /// pool of their own.
    pub fn offload(mut self, offload: impl Offload + 'static) -> Self {
        self.offload = Some(Arc::new(offload));
        self
    }

    /// Makes the client. Its uploads need a tokio runtime if it sends with the transport of the feature `reqwest`.
    ///
    /// # Errors
    /// With the name of the argument that cannot be: checkpoints that are kept nowhere, a window out of its range, a CA
    /// file or a proxy that cannot be used.
    pub fn build(mut self) -> Result<Client, Error> {
        #[cfg(feature = "reqwest")]
        let on_tokio = self.transport.is_none();
        let transport = match self.transport.take() {
            Some(transport) => transport,
            None => self.own_transport()?,
        };
        #[cfg(feature = "profiles")]
        let accounts = crate::accounts::Accounts::new(self.context(None));
        let offload = self.offload.take().unwrap_or_else(|| Arc::new(Threads::default()));
        Ok(Client {
            shared: Arc::new(self.shared(
                #[cfg(feature = "profiles")]
                accounts,
            )?),
            transport,
            offload,
            #[cfg(feature = "reqwest")]
            on_tokio,
        })
    }

    #[cfg(feature = "reqwest")]
    fn own_transport(&self) -> Result<Arc<dyn Transport>, Error> {
        let transport = resumable_transport_reqwest::ReqwestTransport::new(self.config.clone());
        Ok(Arc::new(transport.map_err(|error| Error::new(crate::ErrorKind::Argument, error))?))
    }

    #[cfg(not(feature = "reqwest"))]
    #[expect(clippy::unused_self, reason = "with the feature it is used")]
    fn own_transport(&self) -> Result<Arc<dyn Transport>, Error> {
        let why = "is missing: give one by `.transport(…)`, or enable resumable's feature `reqwest`";
        Err(Error::argument("transport", why))
    }
}
