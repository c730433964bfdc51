//! Tencent COS JSON API v1 for resumable: messages and the upload protocol.
//!
//! The API is the one that Tencent's "v3" SDKs spoke in 2015 and 2016, at
//! `http://web.file.myqcloud.com/files/v1/<appid>/<bucket>/<path>`. What the vendor's page on `upload_slice` leaves open
//! was read in the vendor's own SDKs.
//!
//! # In scope
//! * every message that an upload needs, one module each: [`upload`], [`upload_slice_init`] and [`upload_slice`] (two
//!   forms of one `op`), [`stat`]. Each has an `encode`, a reply type and a `decode`;
//! * what each error code means here and what to do about it ([`codes`], [`fault`]);
//! * the upload itself ([`CosV1`]).
//!
//! # Out of scope
//! Folders, moving, deleting, updating attributes, downloads; the version that came after it (`/files/v2/`); sockets,
//! clocks and random numbers: time and chance are arguments. Signatures, paths and the envelope are the same in both
//! versions and stand in [`resumable_proto_cos`].
//!
//! # Example
//! An upload, with other options than the defaults:
//! ```
//! use resumable_proto_cos_v1::{Options, at};
//!
//! let to = at("http://web.file.myqcloud.com", "10055004", "accesslog", "/dir/big.bin")?;
//! let to = to.with_options(Options::default().part_size(2 << 20).insert_only(false))?;
//! assert_eq!(to.place().path().as_str(), "/dir/big.bin");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A message alone:
//! ```
//! use std::time::Duration;
//! use resumable_proto_cos_v1::*;
//!
//! let path = ObjectPath::new("/dir/big.bin")?;
//! let place = Place::new("http://web.file.myqcloud.com", "10055004", "accesslog", path)?;
//! let credential = Credential::new("AKIDexample", "secret")?;
//! let now = Duration::from_secs(1_470_000_000);
//! let signing = Signing::new(&credential, &place, now, 42);
//! let signature = sign::multi_effect(&signing, Duration::from_secs(300), &place.file_id());
//! let request = stat::encode(&place, &signature);
//! assert_eq!(request.uri(), "http://web.file.myqcloud.com/files/v1/10055004/accesslog/dir/big.bin?op=stat");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]
#![deny(clippy::disallowed_macros, clippy::disallowed_methods)]

#[macro_use]
extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod fault;
pub mod limits;
mod lookup;
mod machine;
mod op;
mod options;
mod ownership;
mod session;
pub mod stat;
mod transitions;
pub mod upload;
pub mod upload_slice;
pub mod upload_slice_init;

pub use resumable_proto_cos::{
    BadAnswer, Boundary, Credential, FieldOrder, InvalidArgument, InvalidBoundary, InvalidCredential, InvalidPath,
    InvalidPlace, ObjectPath, ObjectUrls, Sha, Signature, Signing, Uploaded, WrongEcho, codes, sign,
};

pub use fault::{Fault, Refused};
pub use lookup::CosV1Lookup;
pub use machine::{CosV1, Reply, at};
pub use op::Op;
pub use options::Options;
pub use resumable_proto_cos::options::InvalidOptions;
pub use session::{Call, Ephemeral, Session};

/// The version of the API that this crate speaks, in the file URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct V1;

impl resumable_proto_cos::Version for V1 {
    const NAME: &'static str = "v1";
}

/// Where an object is, or is to be.
pub type Place = resumable_proto_cos::Place<V1>;
