//! Loops that connect an upload to a transport, a source and a host.

pub mod blocking;
