//! How requests travel: the one place where a transport is made, and the driver that goes with it.

use std::path::PathBuf;

use resumable_core::drive::blocking::{Command, Driver, Host};
use resumable_core::{Failure, Now, Source, Upload};
use resumable_transport_ureq::{Config, Proxy, UreqTransport};

use crate::exit::Problem;
use crate::profile::Profile;
use crate::vendors::Vendor;

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
    pub(crate) fn transport(self) -> Result<Transport, Problem> {
        let mut config = Config::default();
        config.ca_file = self.ca_file;
        config.proxy = match self.proxy.as_deref() {
            None => Proxy::FromEnvironment,
            Some("none") => Proxy::None,
            Some(url) => Proxy::Url(url.to_owned()),
        };
        UreqTransport::new(config).map(Transport).map_err(Problem::usage)
    }
}

/// What carries the requests of an upload.
pub(crate) struct Transport(UreqTransport);

/// Stops an upload at a safe point.
pub(crate) type Stop = Box<dyn FnOnce() + Send>;

impl Transport {
    /// Runs an upload to its end, and says when that was; `begun` is given what stops it.
    pub(crate) fn run<P: Vendor>(
        &self,
        upload: &mut Upload<P>,
        source: &impl Source,
        host: &impl Host<P>,
        limit_rate: Option<u64>,
        begun: impl FnOnce(Stop),
    ) -> (Result<P::Outcome, Failure<P::Fault>>, Now) {
        let mut driver = Driver::new();
        if let Some(rate) = limit_rate {
            driver = driver.limit_rate(rate);
        }
        let remote = driver.remote();
        begun(Box::new(move || remote.send(Command::Stop)));
        let result = driver.run(upload, &self.0, source, host);
        (result, driver.clock().now())
    }
}
