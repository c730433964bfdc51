//! This transport, as the list of hostile servers opens it.

use resumable_hostile::{Carrier, Setup, Subject, blocking};
use resumable_transport_ureq::{Config, Proxy, UreqTransport};

pub(crate) struct Ureq;

impl Subject for Ureq {
    fn open(&self, setup: Setup) -> Box<dyn Carrier> {
        let mut config = Config::default();
        config.connect_timeout = setup.connect_timeout;
        config.stall_timeout = setup.stall_timeout;
        config.ca_file = setup.ca_file;
        config.system_certificates = false;
        config.proxy = setup.proxy.map_or(Proxy::None, Proxy::Url);
        blocking(UreqTransport::new(config).unwrap())
    }
}
