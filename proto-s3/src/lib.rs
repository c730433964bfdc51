//! Amazon S3 for resumable, and the services that speak it.
#![no_std]
#![deny(clippy::disallowed_macros, clippy::disallowed_methods)]

#[macro_use]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod object_key;
pub mod sign;

pub use object_key::{InvalidKey, ObjectKey};
