//! The async transport of `docs/own-transport.md` stands what it promises.

#[path = "own/over_hyper.rs"]
mod over_hyper;

use resumable_hostile::{Carrier, Promise, Setup, Subject, asynchronous};
use tokio::runtime::Builder;

use self::over_hyper::Hyper;

struct Own;

impl Subject for Own {
    fn open(&self, setup: Setup) -> Box<dyn Carrier> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let transport = Hyper { connect: setup.connect_timeout, stall: setup.stall_timeout };
        asynchronous(transport, move |work| runtime.block_on(work))
    }

    fn does_not_promise(&self) -> &'static [Promise] {
        &[Promise::Tls, Promise::Proxy, Promise::Socks, Promise::Alive, Promise::Early]
    }
}

resumable_hostile::tests!(Own);

#[test]
fn the_page_shows_this_very_program() {
    assert!(include_str!("../../docs/own-transport.md").contains(include_str!("own/over_hyper.rs")));
}
