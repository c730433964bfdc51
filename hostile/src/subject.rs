//! What is tested: a transport, seen through one blocking face.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use resumable_core::{Body, Limits};
use resumable_transport::CancelFlag;

use crate::carriers::Answer;
use crate::server::PATIENCE;
use crate::source::Memory;

/// A kind of transport that can be opened as often as the list needs it.
pub trait Subject: Sync {
    /// A transport with this setup, that no environment variable disturbs.
    fn open(&self, setup: Setup) -> Box<dyn Carrier>;

    /// What this transport does not promise: those groups of the list are left out. Nothing else can be, because an upload
    /// that cannot trust the rest loses data.
    fn does_not_promise(&self) -> &'static [Promise] {
        &[]
    }

    /// How long nothing may move before a case fails. Longer than a busy machine takes for anything.
    fn patience(&self) -> Duration {
        PATIENCE
    }
}

/// What a transport may do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// `https`.
    Tls,
    /// HTTP proxies.
    Proxy,
    /// SOCKS 5 proxies.
    Socks,
    /// Connections that are used again.
    Alive,
    /// Time limits on replies.
    Slow,
    /// Replies that come before the request is whole.
    Early,
    /// Requests that end soon after they were cancelled.
    Cancel,
    /// Bodies that are larger than the memory.
    Memory,
}

/// What a case asks of a transport.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Setup {
    /// How long a new connection may take, with the name lookup, the proxy's tunnel and the TLS handshake.
    pub connect_timeout: Duration,
    /// How long nothing may move while a request is sent, and once its reply has begun.
    pub stall_timeout: Duration,
    /// A file of PEM certificates to trust besides those that everybody trusts.
    pub ca_file: Option<PathBuf>,
    /// The proxy for every host, this machine included: `http://[user:password@]host:port`, or the same with `socks5://` or
    /// `socks5h://`.
    pub proxy: Option<String>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(15),
            stall_timeout: Duration::from_secs(20),
            ca_file: None,
            proxy: None,
        }
    }
}

/// A transport that is open. Several threads use it at once.
pub trait Carrier: Send + Sync {
    /// Sends one request and waits for what becomes of it.
    ///
    /// Soon after `call.cancel` is set the work ends, and what is returned is `Unsure`, or `NotSent` if no byte had left.
    ///
    /// # Errors
    /// Those of the transport; `Source` if the source could not be read.
    fn send(&self, call: &Call) -> Answer;
}

/// One request to be sent.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Call {
    /// Head and body.
    pub request: Request<Body>,
    /// What the body's ranges are of.
    pub source: Arc<Memory>,
    /// For the reply.
    pub limits: Limits,
    /// Set when the request should end.
    pub cancel: CancelFlag,
}

impl Call {
    /// The head alone, as transports take it.
    pub fn head(&self) -> http::request::Parts {
        self.request.clone().into_parts().0
    }
}
