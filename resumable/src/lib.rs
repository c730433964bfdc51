//! Uploads that survive crashes, lost replies and changed files.
//!
//! - [`drive`]: the loops that connect an [`Upload`](resumable_core::Upload) to a transport, a source and the program
//!   around it, blocking or as a future.
//! - [`mod@file`]: a file as source, and a folder as checkpoint store.

#[cfg(feature = "profiles")]
#[doc(hidden)]
pub mod command_host;
#[cfg(feature = "cos-v1")]
pub mod cos_v1;
#[cfg(feature = "cos-v2")]
pub mod cos_v2;
mod credentials;
pub mod drive;
pub mod file;
mod foreign_code;
#[cfg(any(feature = "115", feature = "reqwest"))]
mod no_source;
#[cfg(feature = "oss")]
pub mod oss;
#[cfg(feature = "115")]
pub mod p115;
#[cfg(any(feature = "115", feature = "profiles"))]
mod printable;
#[cfg(feature = "profiles")]
#[cfg_attr(not(feature = "oss"), allow(dead_code, unused_imports, reason = "some vendors need less of it"))]
pub mod profile;
#[cfg(any(feature = "profiles", feature = "reqwest", feature = "ureq"))]
pub mod transports;
pub mod units;
#[cfg(feature = "profiles")]
#[cfg_attr(not(feature = "oss"), allow(dead_code, unused_imports, reason = "some vendors need less of it"))]
pub mod vendors;
#[cfg(feature = "xfyun")]
pub mod xfyun;

pub use self::credentials::{BoxError, CredentialSource, Credentials, Issued};
