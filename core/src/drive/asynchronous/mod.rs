//! The async driver.

mod host;
mod outgoing;
mod transport;

pub use self::host::Host;
pub use self::outgoing::{Outgoing, Report};
pub use self::transport::Transport;
