//! This transport, as the list of hostile servers opens it.

use resumable_hostile::{Carrier, Setup, Subject, asynchronous};
use resumable_transport_reqwest::{Config, Proxy, ReqwestTransport};
use tokio::runtime::Builder;

pub(crate) struct Reqwest;

impl Subject for Reqwest {
    fn open(&self, setup: Setup) -> Box<dyn Carrier> {
        let mut config = Config::default();
        config.connect_timeout = setup.connect_timeout;
        config.stall_timeout = setup.stall_timeout;
        config.ca_file = setup.ca_file;
        config.system_certificates = false;
        config.proxy = setup.proxy.map_or(Proxy::None, Proxy::Url);
        let transport = ReqwestTransport::new(config).unwrap();
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        asynchronous(transport, move |work| runtime.block_on(work))
    }
}
