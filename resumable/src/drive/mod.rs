//! Loops that connect an upload to a transport, a source and a host.

#[cfg(feature = "async")]
pub mod asynchronous;
#[cfg(feature = "blocking")]
pub mod blocking;
mod command;
mod hashing;
mod host;
mod news;
mod throttle;

pub use self::command::Command;
pub use self::host::Host;
