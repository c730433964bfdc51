//! Uploads that survive crashes, lost replies and changed files.

// Without a style there is no client, and nobody uses what it is made of.
#![cfg_attr(not(any(feature = "async", feature = "blocking")), allow(dead_code, unused_imports))]

#[cfg(all(feature = "profiles", any(feature = "async", feature = "blocking")))]
mod accounts;
#[cfg(feature = "async")]
mod asynchronous;
#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(any(feature = "async", feature = "blocking"))]
mod client;
#[cfg(feature = "cos-v1")]
pub mod cos_v1;
#[cfg(feature = "cos-v2")]
pub mod cos_v2;
mod credentials;
#[cfg(any(feature = "async", feature = "blocking"))]
mod destination;
pub mod drive;
mod error;
mod event;
pub mod file;
mod foreign_code;
mod handle;
mod limits;
#[cfg(any(feature = "async", feature = "blocking"))]
mod many;
#[cfg(feature = "oss")]
pub mod oss;
#[cfg(feature = "115")]
pub mod p115;
mod printable;
#[cfg(feature = "profiles")]
#[cfg_attr(not(feature = "oss"), allow(dead_code, unused_imports, reason = "some vendors need less of it"))]
pub mod profile;
#[cfg(any(feature = "async", feature = "blocking"))]
mod put;
mod sources;
mod store;
#[cfg(any(feature = "profiles", feature = "reqwest", feature = "ureq"))]
pub mod transports;
pub mod units;
#[cfg(feature = "profiles")]
#[cfg_attr(not(feature = "oss"), allow(dead_code, unused_imports, reason = "some vendors need less of it"))]
pub mod vendors;
#[cfg(feature = "xfyun")]
pub mod xfyun;

pub use resumable_core as machine;
pub use resumable_core::{How, Receipt, Remains};
pub use resumable_transport as transport;
pub use resumable_transport::{Source, SourceError};

#[cfg(feature = "async")]
pub use self::asynchronous::Client;
#[cfg(any(feature = "async", feature = "blocking"))]
pub use self::client::ClientBuilder;
pub use self::credentials::{BoxError, CredentialSource, Credentials, Issued};
pub use self::error::{Error, ErrorKind};
pub use self::event::Event;
pub use self::file::{FileSource, Folder, Key, Label};
pub use self::handle::{Handle, Phase, Progress};
pub use self::limits::Limits;
#[cfg(any(feature = "async", feature = "blocking"))]
pub use self::many::{Many, ManyHandle, Total};
#[cfg(any(feature = "async", feature = "blocking"))]
pub use self::put::{Abandoned, Put};
pub use self::sources::{MemorySource, ReaderSource};
pub use self::store::{MemoryStore, Store, StoreGuard};
