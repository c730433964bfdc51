//! A blocking HTTP/1.1 transport for resumable, on ureq.
//!
//! [`UreqTransport`] carries the requests of an upload: bodies are streamed from their source with one buffer of
//! 128 KiB per connection, always with `Content-Length`. What may or may not have reached the vendor is told honestly:
//! a request is [`NotSent`](resumable_core::SendError::NotSent) only if the system took no byte of it.
//!
//! In scope: HTTP/1.1 over TCP and TLS (rustls, Mozilla's roots, the system's certificates and an optional CA file), connections kept alive,
//! HTTP and SOCKS 5 proxies (from the environment or given), time limits that watch progress, cancelling within a second.
//! Out of scope, on purpose: retries, redirects, cookies, decompression, HTTP/2.
//!
//! ```
//! use resumable_transport_ureq::{Config, Proxy, UreqTransport};
//!
//! let mut config = Config::default();
//! config.proxy = Proxy::None;
//! let transport = UreqTransport::new(config)?;
//! # Ok::<(), resumable_transport_ureq::ConfigError>(())
//! ```

mod connect;
mod early;
mod error;
mod send;
mod socket;
mod socks;
mod watch;
mod wire;

pub use resumable_transport::net::{Config, ConfigError, Proxy};

pub use self::send::UreqTransport;
