//! Why a request got no answer, in words for people; none of them holds a secret.

use std::time::Duration;
use std::{fmt, io};

use http::{Method, Uri};
use resumable_core::{Cause, SendError};

/// What can go wrong on the way; its text is for people.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// The host wants the request no more.
    #[error("the request was cancelled")]
    Cancelled,
    /// The request's address is of no use; it is not repeated, its query may hold a signature.
    #[error("this is not an http:// or https:// address")]
    Address,
    /// The HTTP client would send another path or query than the one that was signed.
    #[error("this HTTP client would rewrite the path or query, and the signature would no longer match")]
    Rewritten,
    /// The name was not found.
    #[error("cannot find the host {host}: {error}")]
    Lookup {
        /// The name.
        host: String,
        /// What the system says.
        error: io::Error,
    },
    /// The connection was refused, or failed otherwise.
    #[error("cannot connect to {place}: {error}")]
    Connect {
        /// Host and port of the server or proxy.
        place: String,
        /// What the system says.
        error: io::Error,
    },
    /// The connection took too long.
    #[error("no connection to {place} within {}", seconds(*.within))]
    ConnectTimeout {
        /// Host and port of the server or proxy.
        place: String,
        /// How long it was waited for.
        within: Duration,
    },
    /// The proxy refused the tunnel with this status.
    #[error("the proxy refused the connection with status {0}")]
    ProxyRefused(u16),
    /// The proxy refused the tunnel with status 407.
    #[error("the proxy wants a user name and password, or refused them (status 407)")]
    ProxyLogin,
    /// The proxy does not speak HTTP.
    #[error("the proxy's answer to CONNECT is not HTTP")]
    ProxyGarbage,
    /// The proxy opened no tunnel, and its client does not tell its answer.
    #[error("the proxy opened no tunnel to the server: {0}")]
    Tunnel(String),
    /// No TLS connection could be made.
    #[error("the TLS connection failed: {0}")]
    Tls(io::Error),
    /// Whoever answers has no certificate that proves it to be the server.
    #[error("the server's certificate is not trusted: {0}")]
    Untrusted(String),
    /// The system took no more bytes of the request.
    #[error("the connection failed while the request was sent: {0}")]
    Write(io::Error),
    /// The end of the connection came before the end of the request.
    #[error("the server closed the connection while the request was sent")]
    ClosedWhileSending,
    /// The system gave no more bytes of the reply.
    #[error("the connection failed while the reply was read: {0}")]
    Read(io::Error),
    /// Nothing moved for this long.
    #[error("the connection stalled: no data for {}", seconds(*.0))]
    Stalled(Duration),
    /// The reply was not complete this long after the request.
    #[error("no complete reply within {}", seconds(*.0))]
    ReplyLate(Duration),
    /// The head of the reply is longer than this many bytes.
    #[error("the head of the reply is longer than {0} bytes")]
    HeadTooLong(usize),
    /// The body of the reply is longer than this many bytes.
    #[error("the reply is longer than {0} bytes")]
    ReplyTooLong(u64),
    /// The end of the connection came before the end of the reply.
    #[error("the connection was closed before the reply was complete")]
    ReplyCut,
    /// The reply is not HTTP.
    #[error("the reply is not valid HTTP: {0}")]
    Garbage(String),
    /// Anything else, in words.
    #[error("{0}")]
    Other(String),
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

/// What a request is called in errors: the query is left out, a signature may be in it, and so is a login.
pub fn name_of(method: &Method, uri: &Uri) -> String {
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

/// What happened to the request of this name ([`name_of`]); `unsent` if no byte of it left this machine.
pub fn send_error(request: String, error: WireError, unsent: bool) -> SendError {
    let impossible = matches!(error, WireError::Address | WireError::Rewritten);
    let untrusted = matches!(error, WireError::Untrusted(_));
    let cause = Cause(Box::new(Failed { request, error }));
    match unsent {
        true if untrusted => SendError::Untrusted(cause),
        true if impossible => SendError::Impossible(cause),
        true => SendError::NotSent(cause),
        false => SendError::Unsure(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_neither_query_nor_login() {
        let uri: Uri = "https://me:pass@example.com:8443/a/b?sign=s3cret".parse().unwrap();
        assert_eq!(name_of(&Method::PUT, &uri), "PUT https://example.com:8443/a/b");
    }
}
