//! What the HTTP transports for resumable share; for those who write one.
//!
//! Here stands once what must not differ from transport to transport: what they can be told ([`Config`]), which request
//! goes through which proxy ([`Routes`]), whom TLS trusts ([`client_config`]), what a request's head must look like
//! ([`prepare`]), and the words of the errors ([`WireError`]), which name a request without its query.
//!
//! Out of scope: HTTP itself. Each transport brings its own client, and re-exports what its users need.
//!
//! ```
//! use resumable_transport::{Config, Routes, client_config};
//!
//! let config = Config::default();
//! let routes = Routes::new(&config.proxy)?;
//! let tls = client_config(&config)?;
//! assert!(routes.proxy_for(&"http://localhost/".parse().unwrap()).is_none());
//! # drop(tls);
//! # Ok::<(), resumable_transport::ConfigError>(())
//! ```

mod config;
mod environment;
mod error;
mod head;
mod proxy;
mod tls;

pub use self::config::{Config, ConfigError, Proxy};
pub use self::error::{WireError, name_of, send_error};
pub use self::head::{USER_AGENT, prepare};
pub use self::proxy::{ProxyServer, Routes, bare_host, is_this_machine, port};
pub use self::tls::client_config;
