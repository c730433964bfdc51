//! The blocking transport of `docs/own-transport.md` stands what it promises.

#[path = "own/over_tcp.rs"]
mod over_tcp;

use resumable_hostile::{Carrier, Promise, Setup, Subject, blocking};

use self::over_tcp::Tcp;

struct Own;

impl Subject for Own {
    fn open(&self, setup: Setup) -> Box<dyn Carrier> {
        blocking(Tcp { connect: setup.connect_timeout, stall: setup.stall_timeout })
    }

    fn does_not_promise(&self) -> &'static [Promise] {
        &[Promise::Tls, Promise::Proxy, Promise::Socks, Promise::Alive, Promise::Early, Promise::Slow, Promise::Cancel]
    }
}

resumable_hostile::tests!(Own);

#[test]
fn the_page_shows_this_very_program() {
    assert!(include_str!("../../docs/own-transport.md").contains(include_str!("own/over_tcp.rs")));
}
