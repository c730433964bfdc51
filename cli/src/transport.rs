//! How requests travel: the one place where a transport is made.

use std::path::PathBuf;

use resumable_core::drive::blocking::Transport;
use resumable_transport_ureq::{Config, Proxy, UreqTransport};

use crate::exit::Problem;
use crate::profile::Profile;

/// What a profile says about connections.
#[derive(Debug)]
pub(crate) struct Connection {
    ca_file: Option<PathBuf>,
    proxy: Option<String>,
}

impl Connection {
    /// Takes it out of a profile.
    pub(crate) fn take(profile: &mut Profile) -> Result<Self, Problem> {
        Ok(Self { ca_file: profile.text("ca_file")?.map(PathBuf::from), proxy: profile.text("proxy")? })
    }

    /// A transport that connects that way.
    ///
    /// # Errors
    /// When the CA file or the proxy cannot be used.
    pub(crate) fn transport(self) -> Result<impl Transport, Problem> {
        let mut config = Config::default();
        config.ca_file = self.ca_file;
        config.proxy = match self.proxy.as_deref() {
            None => Proxy::FromEnvironment,
            Some("none") => Proxy::None,
            Some(url) => Proxy::Url(url.to_owned()),
        };
        UreqTransport::new(config).map_err(Problem::usage)
    }
}
