//! Hostile servers that every transport of resumable must stand: one list, over real sockets.

mod cases;
mod client;
mod head;
mod identity;
mod list;
pub mod server;
mod source;
mod subject;

pub use self::head::Head;
pub use self::identity::{Identity, TlsPeer};
pub use self::list::{names, run};
pub use self::source::Memory;
pub use self::subject::{Call, Carrier, Setup, Subject, blocking};
