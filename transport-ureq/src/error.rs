//! Why a request got no answer, in words for people; none of them holds a secret.

use std::fmt;
use std::io;
use std::time::Duration;

use http::{Method, Uri};
use resumable_core::Cause;

/// What can go wrong on the way.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WireError {
    #[error("the request was cancelled")]
    Cancelled,
    #[error("this is no address of an http or https server")]
    Address,
    #[error("the address of {host} was not found: {error}")]
    Lookup { host: String, error: io::Error },
    #[error("could not connect to {place}: {error}")]
    Connect { place: String, error: io::Error },
    #[error("no connection to {place} within {}", seconds(*.within))]
    ConnectTimeout { place: String, within: Duration },
    #[error("the proxy refused the connection with status {0}")]
    ProxyRefused(u16),
    #[error("the proxy asks for a user name and a password, or refused them (status 407)")]
    ProxyLogin,
    #[error("the proxy's answer to CONNECT was not understood")]
    ProxyGarbage,
    #[error("the TLS connection failed: {0}")]
    Tls(io::Error),
    #[error("the connection failed while the request was sent: {0}")]
    Write(io::Error),
    #[error("the server closed the connection while the request was sent")]
    ClosedWhileSending,
    #[error("the connection failed while the reply was read: {0}")]
    Read(io::Error),
    #[error("the connection stalled: nothing moved for {}", seconds(*.0))]
    Stalled(Duration),
    #[error("no complete reply within {}", seconds(*.0))]
    ReplyLate(Duration),
    #[error("the head of the reply is longer than {0} bytes")]
    HeadTooLong(usize),
    #[error("the reply is longer than {0} bytes")]
    ReplyTooLong(u64),
    #[error("the connection was closed before the reply was complete")]
    ReplyCut,
    #[error("the reply is not valid HTTP: {0}")]
    Garbage(String),
    #[error("{0}")]
    Other(String),
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

impl From<WireError> for ureq::Error {
    fn from(error: WireError) -> Self {
        Self::Other(Box::new(error))
    }
}

impl From<ureq::Error> for WireError {
    fn from(error: ureq::Error) -> Self {
        match error {
            ureq::Error::Other(other) => match other.downcast::<Self>() {
                Ok(ours) => *ours,
                Err(other) => Self::Other(other.to_string()),
            },
            ureq::Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => Self::ReplyCut,
            ureq::Error::Io(error) => Self::Other(error.to_string()),
            ureq::Error::Protocol(error) => Self::Garbage(error.to_string()),
            // Its text is the whole address, the query with its signature included.
            ureq::Error::BadUri(_) => Self::Address,
            other => Self::Other(other.to_string()),
        }
    }
}

/// What a request is called in errors: the query is left out, a signature may be in it, and so is a login.
pub(crate) fn name_of(method: &Method, uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or("?");
    let host = uri.host().unwrap_or("?");
    let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{method} {scheme}://{host}{port}{}", uri.path())
}

/// A [`WireError`] with the request that it happened to.
#[derive(Debug)]
struct Failed {
    request: String,
    error: WireError,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.request, self.error)
    }
}

impl std::error::Error for Failed {}

pub(crate) fn cause(request: String, error: WireError) -> Cause {
    Cause(Box::new(Failed { request, error }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_neither_query_nor_login() {
        let uri: Uri = "https://me:pass@example.com:8443/a/b?sign=s3cret".parse().unwrap();
        assert_eq!(name_of(&Method::PUT, &uri), "PUT https://example.com:8443/a/b");
    }

    #[test]
    fn an_address_that_ureq_refuses_is_not_repeated() {
        let error: WireError = ureq::Error::BadUri("https://h/?sign=s3cret".into()).into();
        assert!(!error.to_string().contains("s3cret"));
    }
}
