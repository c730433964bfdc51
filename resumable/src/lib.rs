//! Uploads that survive crashes, lost replies and changed files.
//!
//! - [`drive`]: the loops that connect an [`Upload`](resumable_core::Upload) to a transport, a source and the program
//!   around it, blocking or as a future.
//! - [`mod@file`]: a file as source, and a folder as checkpoint store.

mod credentials;
pub mod drive;
pub mod file;
mod foreign_code;

pub use self::credentials::{BoxError, CredentialSource, Credentials, Issued};
