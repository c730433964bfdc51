//! Loops that connect an upload to a transport, a source and a host.

#[cfg(feature = "async")]
pub mod asynchronous;
#[cfg(feature = "blocking")]
pub mod blocking;
mod grant;
mod hashing;
#[cfg(any(feature = "async", feature = "blocking"))]
mod held_slots;
mod host;
mod inquiry;
mod throttle;
#[cfg(any(feature = "async", feature = "blocking"))]
pub(crate) mod trace;

pub use self::grant::Grant;
pub(crate) use self::hashing::hash;
pub use self::host::Host;
pub use self::inquiry::Inquiry;
pub use resumable_core::Command;
