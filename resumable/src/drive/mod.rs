//! Loops that connect an upload to a transport, a source and a host.

#[cfg(feature = "async")]
pub mod asynchronous;
#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(any(feature = "async", feature = "blocking"))]
mod hashing;
mod host;
#[cfg(any(feature = "async", feature = "blocking"))]
mod throttle;

pub use self::host::Host;
pub use resumable_core::Command;
