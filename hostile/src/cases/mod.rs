//! The cases, by group: each is a function that panics if the transport does not stand it.

pub(crate) mod alive;
pub(crate) mod broken;
pub(crate) mod cancel;
pub(crate) mod early;
pub(crate) mod memory;
pub(crate) mod proxy;
pub(crate) mod replies;
pub(crate) mod requests;
pub(crate) mod sending;
pub(crate) mod slow;
pub(crate) mod socks;
pub(crate) mod source;
pub(crate) mod tls;
