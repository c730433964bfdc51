//! What is tested: a transport, seen through one blocking face.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::drive::blocking::{CancelFlag, Outgoing, Transport};
use resumable_core::{Body, Limits, SendError};

use crate::source::Memory;

/// A kind of transport that can be opened as often as the list needs it.
pub trait Subject: Sync {
    /// A transport with this setup, that no environment variable disturbs.
    fn open(&self, setup: Setup) -> Box<dyn Carrier>;
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
    /// The proxy for every host, this machine included: `http://[user:password@]host:port`.
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
    /// Soon after `call.cancel` is set, the work ends and [`SendError::Unsure`] is returned; [`SendError::NotSent`] too
    /// if no byte had left. An async transport waits for the flag beside its future, and drops the future.
    ///
    /// # Errors
    /// Those of the transport; [`SendError::Source`] if the source could not be read.
    fn send(&self, call: &Call) -> Result<Response<Bytes>, SendError>;
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

/// The carrier of a transport that has the blocking driver's face.
pub fn blocking(transport: impl Transport + Send + 'static) -> Box<dyn Carrier> {
    Box::new(Blocking(transport))
}

struct Blocking<T>(T);

impl<T: Transport + Send> Carrier for Blocking<T> {
    fn send(&self, call: &Call) -> Result<Response<Bytes>, SendError> {
        let mut body = Outgoing::new(call.request.body(), &*call.source, call.cancel.clone(), Box::new(|_| ()));
        let answer = self.0.send(call.head(), &mut body, &call.limits);
        // As the driver does: what is wrong with the source is told as such, whatever the transport makes of it.
        answer.map_err(|error| body.take_source_error().map_or(error, SendError::Source))
    }
}
