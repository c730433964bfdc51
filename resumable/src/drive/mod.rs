//! Loops that connect an upload to a transport, a source and a host.

#[cfg(feature = "async")]
pub mod asynchronous;
#[cfg(feature = "blocking")]
pub mod blocking;
mod hashing;
mod host;
mod throttle;

pub use self::host::Host;
pub use resumable_core::Command;
