//! Hostile servers that every transport of resumable must stand: one list of tests, over real sockets.
//!
//! A transport stands between an upload and servers that break, stall, lie, or answer too soon. What it says of a
//! request decides what happens next: *not sent* is sent again, *unsure* is asked for first. A transport that takes
//! one for the other sends parts twice, or believes in parts that never came. So each case watches three things: what
//! the transport says, what the server received, and that nothing was sent twice.
//!
//! Whoever writes a transport says how to open it ([`Subject`]), and gets a `#[test]` for every case. For a transport
//! with the face of one of the drivers, [`blocking()`] or [`asynchronous()`] is all that is needed:
//!
//! ```ignore
//! // tests/hostile.rs
//! use resumable_hostile::{Carrier, Setup, Subject, asynchronous};
//!
//! struct Mine;
//!
//! impl Subject for Mine {
//!     fn open(&self, setup: Setup) -> Box<dyn Carrier> {
//!         let transport = MyTransport::new(setup.connect_timeout, setup.stall_timeout, setup.ca_file, setup.proxy);
//!         let runtime = tokio::runtime::Runtime::new().unwrap();
//!         asynchronous(transport, move |work| runtime.block_on(work))
//!     }
//! }
//!
//! resumable_hostile::tests!(Mine);
//! ```
//!
//! `cargo test --test hostile` runs the list in a few seconds. A transport that does without TLS, proxies or the like says
//! so ([`Subject::does_not_promise`]). A case that fails says why it is demanded ([`list()`] has them all). Where two
//! honest transports may differ, a case allows just that.
//!
//! | group | servers that |
//! |---|---|
//! | `requests` | look at every byte of a request |
//! | `replies` | answer right, in every odd way |
//! | `broken` | cut their replies, never end them, or speak something else |
//! | `slow` | take their time, or all of it |
//! | `early` | answer before the request is whole |
//! | `sending` | cannot be reached, or are gone while the request is sent |
//! | `source` | see a request end because its source failed |
//! | `cancel` | see a request end because nobody wants it any more |
//! | `alive` | keep connections, or say so |
//! | `tls` | are not who they should be, or end without a farewell |
//! | `proxy`, `socks` | stand between |
//! | `memory` | get more than fits |
//!
//! [`server`] and [`client`] are what the cases are made of, for a transport that promises more than the list asks.

mod carriers;
mod cases;
pub mod client;
mod head;
mod identity;
mod list;
pub mod server;
mod source;
mod subject;

pub use self::carriers::{Answer, Work, asynchronous, blocking};
pub use self::head::Head;
pub use self::identity::{Identity, TlsPeer};
pub use self::list::{Case, list, run};
pub use self::source::Memory;
pub use self::subject::{Call, Carrier, Promise, Setup, Subject};
