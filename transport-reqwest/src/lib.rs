//! An async HTTP/1.1 transport for resumable, on reqwest, for tokio programs.
//!
//! [`ReqwestTransport`] carries the requests of an upload: bodies are streamed from their source, with some hundred
//! KiB at a time in memory, always with `Content-Length`. What may or may not have reached the vendor is told honestly:
//! a request is [`NotSent`](resumable_core::SendError::NotSent) only if no byte of it left this machine.
//!
//! In scope: HTTP/1.1 over TCP and TLS (rustls with ring, Mozilla's roots, the system's certificates and an optional CA file), connections kept
//! alive, HTTP and SOCKS 5 proxies (from the environment or given), time limits that watch progress. A future that is dropped gives
//! its request up: the connection is closed, unless the request was sent and answered.
//! Out of scope, on purpose: retries, redirects, cookies, decompression, HTTP/2, SOCKS.
//!
//! ```
//! use resumable_transport_reqwest::{Config, Proxy, ReqwestTransport};
//!
//! let mut config = Config::default();
//! config.proxy = Proxy::None;
//! let transport = ReqwestTransport::new(config)?;
//! # Ok::<(), resumable_transport_reqwest::ConfigError>(())
//! ```
//!
//! # What reqwest does not allow
//!
//! reqwest hides its connections, so some things are done less well here than by a transport that owns them:
//!
//! - Every request that has no `Accept` says `Accept: */*`, which means the same as none.
//! - An address is sent only if reqwest would not rewrite it. A path with a segment `.` or `..` (`%2e` is a dot, too), or
//!   a query with a bare `'`, is refused as `Impossible`. Object names with such segments need another transport.
//! - An early refusal can be lost, and the request is in doubt then, if the server closes the connection at once with a
//!   part of the request unread: the reset that follows may meet a write before the reply was read.
//! - A reply that stalls within its head is given up when `reply_within` is over, not after the stall timeout.
//! - Progress is seen by 32 KiB, when the system, or TLS, takes the last byte of them.
//! - When a request is given up while the server takes nothing, and no more than its last piece of 32 KiB is left to
//!   send, its connection lives on in the background until the server closes it or, on Linux and Android, the system
//!   gives it up after twice the stall timeout. No other request uses it.
//! - A connection is free for the next request a moment after its reply: one that is sent at once may open another.
//! - When a proxy opens no tunnel, its status is not told, but for 407.
//! - [`Config::max_idle`] counts for each server, not for all of them.

mod body;
mod client;
mod error;
mod send;
mod watch;

pub use resumable_transport::net::{Config, ConfigError, Proxy};

pub use self::send::ReqwestTransport;
