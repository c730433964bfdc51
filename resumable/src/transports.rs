//! The transports that a program was built with, for a choice that is made while it runs.

use std::sync::Arc;

use resumable_transport::blocking;
use resumable_transport::net::Config;
use serde::Deserialize;

use crate::BoxError;

#[cfg(feature = "reqwest")]
mod reactor;

#[cfg(feature = "reqwest")]
pub use self::reactor::Reactor;

/// What can carry requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TransportKind {
    /// Blocking, on a thread for each request: feature `ureq`.
    Ureq,
    /// Async, in a tokio runtime: feature `reqwest`.
    Reqwest,
}

impl Default for TransportKind {
    /// `Ureq`, unless this program was built with `Reqwest` alone.
    fn default() -> Self {
        if cfg!(all(feature = "reqwest", not(feature = "ureq"))) { Self::Reqwest } else { Self::Ureq }
    }
}

/// A transport for calls that carry nothing of a file, like those that get credentials: it may be used from any thread, in
/// an async runtime, too, if that thread may block.
///
/// # Errors
/// When the CA file or the proxy cannot be used, or this program was built without such a transport.
pub fn blocking_transport(
    config: Config,
    kind: TransportKind,
) -> Result<Arc<dyn blocking::Transport + Send>, BoxError> {
    match kind {
        #[cfg(feature = "ureq")]
        TransportKind::Ureq => Ok(Arc::new(resumable_transport_ureq::UreqTransport::new(config)?)),
        #[cfg(feature = "reqwest")]
        TransportKind::Reqwest => Ok(Arc::new(reactor::OnReactor::new(config)?)),
        #[cfg(not(all(feature = "ureq", feature = "reqwest")))]
        other => {
            drop(config);
            let name = if other == TransportKind::Ureq { "ureq" } else { "reqwest" };
            let what =
                format!("this program was built without the transport \"{name}\"; enable resumable's feature `{name}`");
            Err(what.into())
        }
    }
}
