//! What a profile says of connections.

use std::path::PathBuf;
use std::time::Duration;

use resumable_transport::net::{Config, Proxy};
use serde::Deserialize;

use super::{GivenWindow, Mistake, ProfileError, Reading, Time};
use crate::limits::Window;
use crate::transports::TransportKind;

/// A part of a profile with every key that any profile can have, each explained: for people.
pub const CONNECTION_PAGE: &str = include_str!("connection.toml");

/// The shortest time that a profile may give the vendor for an answer.
const SHORTEST_REPLY: Duration = Duration::from_secs(1);

/// How a profile wants requests to travel.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Connection {
    /// What a transport is to be made with: `ca_file` and `proxy` as the profile has them, and else the defaults.
    pub config: Config,
    /// What is to carry the requests, if the profile says so.
    pub transport: Option<TransportKind>,
    /// How long the vendor may take over an answer, if the profile says so; one second at least.
    pub reply_timeout: Option<Duration>,
    /// How many requests may be under way at once, if the profile says so.
    pub window: Option<Window>,
}

// Not `Debug`: the proxy may hold a password.
#[derive(Deserialize)]
struct ConnectionOptions {
    ca_file: Option<PathBuf>,
    proxy: Option<String>,
    transport: Option<TransportKind>,
    reply_timeout: Option<Time>,
    window: Option<GivenWindow>,
}

impl Connection {
    pub(super) fn take(profile: &mut Reading) -> Result<Self, ProfileError> {
        let ConnectionOptions { ca_file, proxy, transport, reply_timeout, window } = profile.take()?;
        let mut config = Config::default();
        config.ca_file = ca_file;
        config.proxy = match proxy {
            None => Proxy::FromEnvironment,
            Some(none) if none == "none" => Proxy::None,
            Some(url) => Proxy::Url(url),
        };
        let reply_timeout = reply_timeout.map(Duration::from);
        if reply_timeout.is_some_and(|timeout| timeout < SHORTEST_REPLY) {
            return Err(profile.explain(Mistake::wrong("reply_timeout", "reply_timeout must be at least 1s")));
        }
        Ok(Self { config, transport, reply_timeout, window: window.map(|window| window.0) })
    }
}
