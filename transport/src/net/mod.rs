//! What a transport with sockets of its own can be told, which proxy a request goes through, and whom TLS trusts.
//!
//! ```
//! use resumable_transport::net::{Config, Routes, client_config};
//!
//! let config = Config::default();
//! let routes = Routes::new(&config.proxy)?;
//! let tls = client_config(&config)?;
//! assert!(routes.proxy_for(&"http://localhost/".parse().unwrap()).is_none());
//! # drop(tls);
//! # Ok::<(), resumable_transport::net::ConfigError>(())
//! ```

mod config;
mod environment;
mod fresh;
mod proxy;
mod tls;

pub use self::config::{Config, ConfigError, Proxy};
pub use self::fresh::FreshClient;
pub use self::proxy::{ProxyServer, Routes, Socks, SocksLogin, bare_host, is_this_machine, port};
pub use self::tls::client_config;
