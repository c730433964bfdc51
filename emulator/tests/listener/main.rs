//! The listener, whatever vendor it serves.

#![cfg(feature = "listener")]

#[path = "../cos_client/mod.rs"]
mod client;
mod field_bugs;
mod socket;
#[cfg(feature = "tls")]
mod tls;
