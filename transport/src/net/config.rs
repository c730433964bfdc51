//! What a transport can be told.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How a transport connects and how long it waits.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// How long a new connection may take, from the name lookup to the end of the TLS handshake: more than nothing, a day
    /// at most. 15 s by default.
    pub connect_timeout: Duration,
    /// How long nothing may move, in or out, before a request is given up: more than nothing, a day at most. 60 s by
    /// default.
    pub stall_timeout: Duration,
    /// A file of PEM certificates to trust besides the others. None by default.
    pub ca_file: Option<PathBuf>,
    /// Whether the certificates that this system trusts are trusted besides Mozilla's roots: those that `SSL_CERT_FILE`
    /// and `SSL_CERT_DIR` name in the environment, or else the system's own. True by default.
    pub system_certificates: bool,
    /// The proxy. From the environment by default.
    pub proxy: Proxy,
    /// How many connections are kept open while no request uses them; with 0 each request opens its own. 64 by default.
    pub max_idle: usize,
}

/// The longest time that a connection may take, or that nothing may move.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

impl Config {
    resumable_core::setters! {
        connect_timeout: Duration,
        stall_timeout: Duration,
        ca_file: PathBuf,
        system_certificates: bool,
        proxy: Proxy,
        max_idle: usize,
    }

    /// Whether a transport could go by the times.
    pub(crate) fn check_times(&self) -> Result<(), ConfigError> {
        for (name, time) in [("connect_timeout", self.connect_timeout), ("stall_timeout", self.stall_timeout)] {
            if time.is_zero() || time > LONGEST {
                return Err(ConfigError::Time { name, time });
            }
        }
        Ok(())
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(15),
            stall_timeout: Duration::from_secs(60),
            ca_file: None,
            system_certificates: true,
            proxy: Proxy::FromEnvironment,
            max_idle: 64,
        }
    }
}

/// Which proxy is used: one that speaks HTTP, or SOCKS 5. To an HTTP proxy `http` requests are handed in absolute form, and
/// `https` requests go through a `CONNECT` tunnel. A SOCKS proxy is asked for a connection to the server: with `socks5` to an
/// address that is looked up on this machine, with `socks5h` to the name.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proxy {
    /// `http_proxy` for `http`, `https_proxy` for `https`, `all_proxy` for what they leave open; `no_proxy` lists the
    /// exceptions. Each name is also read in capitals. This machine itself is never reached through a proxy.
    #[default]
    FromEnvironment,
    /// No proxy, whatever the environment says.
    None,
    /// This one, for every host without exception: `http://[user:password@]host[:port]`, or the same with
    /// `socks5://` or `socks5h://`.
    Url(String),
}

// The URL may hold a password.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FromEnvironment => f.write_str("FromEnvironment"),
            Self::None => f.write_str("None"),
            Self::Url(_) => f.write_str("Url(..)"),
        }
    }
}

/// Why no transport can be made of a [`Config`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A time is none that anything could be waited for.
    #[error("{name} must be more than nothing and a day at most, and is {} s", time.as_secs_f64())]
    Time {
        /// Which time.
        name: &'static str,
        /// How long it is.
        time: Duration,
    },
    /// The CA file could not be read, or holds something that is no certificate.
    #[error("the CA file {} cannot be used: {why}", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The proxy's address is no address of a proxy.
    #[error("the proxy given by {given_by} cannot be used: {why}")]
    Proxy {
        /// Where the address comes from: the name of a variable, or the configuration.
        given_by: String,
        /// What is wrong with it; never the address itself, which may hold a password.
        why: String,
    },
    /// TLS could not be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}
