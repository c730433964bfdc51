//! Tencent COS JSON API v2 for resumable: messages, signatures and error codes.
//!
//! The API is the one that Tencent's "v4" SDKs spoke from 2016 to 2018, at
//! `https://<region>.file.myqcloud.com/files/v2/<appid>/<bucket>/<path>`. Its pages are kept by the vendor as a
//! historical version (product 436); what they leave open was read in the vendor's own SDKs.
//!
//! # In scope
//! * every message that an upload needs, one module each, named after the vendor's `op`:
//!   [`upload`], [`upload_slice_init`], [`upload_slice_data`], [`upload_slice_list`], [`upload_slice_finish`],
//!   [`delete`], [`stat`]. Each has an `encode`, a reply type and a `decode`;
//! * both forms of the signature and both orders of its fields ([`sign`]);
//! * the SHA-1 chaining states of `uploadparts` ([`uploadparts`]);
//! * what each error code means and what to do about it ([`codes`], [`fault`]).
//!
//! # Out of scope
//! Folders, moving, updating attributes, downloads; API v1 (`/files/v1/`) and the XML API (v5); sockets, clocks and
//! random numbers: time and chance are arguments.
//!
//! # Example
//! An upload, with other options than the defaults:
//! ```
//! use resumable_proto_cos_v2::{Options, at};
//!
//! let to = at("https://sh.file.myqcloud.com", "10055004", "accesslog", "/dir/big.bin")?;
//! let to = to.with_options(Options::default().part_size(2 << 20).insert_only(false))?;
//! assert_eq!(to.place().path().as_str(), "/dir/big.bin");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A message alone:
//! ```
//! use std::time::Duration;
//! use resumable_proto_cos_v2::*;
//!
//! let path = ObjectPath::new("/dir/big.bin")?;
//! let place = Place::new("https://sh.file.myqcloud.com", "10055004", "accesslog", path)?;
//! let credential = Credential::new("AKIDexample", "secret")?;
//! let now = Duration::from_secs(1_470_000_000);
//! let signing = Signing::new(&credential, &place, now, 42);
//! let signature = sign::multi_effect(&signing, Duration::from_secs(300), &place.file_id());
//! let request = upload_slice_list::encode(&place, &signature, &Boundary::from_nonce(42));
//! assert_eq!(request.uri(), "https://sh.file.myqcloud.com/files/v2/10055004/accesslog/dir/big.bin");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]
#![deny(clippy::disallowed_macros, clippy::disallowed_methods)]

#[macro_use]
extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod delete;
pub mod fault;
pub mod limits;
mod lookup;
mod machine;
mod op;
mod options;
mod ownership;
pub mod reply;
mod session;
pub mod stat;
mod transitions;
pub mod upload;
pub mod upload_slice_data;
pub mod upload_slice_finish;
pub mod upload_slice_init;
pub mod upload_slice_list;
pub mod uploadparts;

pub use resumable_proto_cos::{
    Boundary, Credential, FieldOrder, InvalidArgument, InvalidBoundary, InvalidCredential, InvalidPath, InvalidPlace,
    ObjectPath, ObjectUrls, Sha, Signature, Signing, Uploaded, codes, sign,
};

pub use fault::{Fault, Refused};
pub use lookup::CosV2Lookup;
pub use machine::{CosV2, Reply, at};
pub use op::Op;
pub use options::{Integrity, Options};
pub use resumable_proto_cos::options::InvalidOptions;
pub use session::{Call, Ephemeral, Session};

/// The version of the API that this crate speaks, in the file URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct V2;

impl resumable_proto_cos::Version for V2 {
    const NAME: &'static str = "v2";
}

/// Where an object is, or is to be.
pub type Place = resumable_proto_cos::Place<V2>;
