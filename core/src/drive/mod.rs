//! Loops that connect an upload to a transport, a source and a host.

#[cfg(feature = "async")]
pub mod asynchronous;
#[cfg(feature = "blocking")]
pub mod blocking;
mod cancel_flag;
mod clock;
mod hashing;
mod host;
mod rate;
mod reading;
mod seldom;

pub use self::cancel_flag::CancelFlag;
pub use self::clock::Clock;
pub use self::host::Host;
pub use crate::input::Command;
