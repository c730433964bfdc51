//! Tencent COS by its XML API for resumable: places, signature, codes, and the upload protocol.
//!
//! # In scope
//! * where an object is ([`Object`], [`Region`], [`Bucket`], [`ObjectKey`]), and who signs ([`Credential`]);
//! * the signature ([`sign`]), with keys of an account or temporary ones;
//! * what each error code means ([`codes`]), and how else the vendor speaks ([`DIALECT`]);
//! * [`CosXml`], the protocol, and what may be chosen about an upload ([`Options`]).
//!
//! # Out of scope
//! The messages and the data stage: they are those of `resumable-proto-multipart`. Everything else of COS; sockets, clocks
//! and random numbers: time is an argument.
//!
//! # Example
//! ```
//! use resumable_proto_cos_xml::{Options, at};
//!
//! let to = at("ap-guangzhou", "photos-1250000000", "dir/big.bin")?;
//! let to = to.with_options(Options::default().part_size(16 << 20).forbid_overwrite(true))?;
//! assert_eq!(to.object().url(), "https://photos-1250000000.cos.ap-guangzhou.myqcloud.com/dir/big.bin");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]
#![deny(clippy::disallowed_macros, clippy::disallowed_methods)]

#[macro_use]
extern crate alloc;

mod argument;
mod bucket;
pub mod codes;
mod credential;
mod detour;
mod dialect;
mod leftovers;
pub mod limits;
mod lookup;
mod machine;
mod object;
mod object_headers;
mod object_key;
mod options;
mod region;
pub mod sign;

pub use resumable_proto_multipart::{
    Class, Code, ErrorReply, Etag, Fault, Found, InvalidHeader, InvalidOrigin, Limits, Op, Origin, stage,
};

pub use argument::InvalidArgument;
pub use bucket::{Bucket, InvalidBucket};
pub use credential::{Credential, InvalidCredential};
pub use dialect::DIALECT;
pub use leftovers::CosXmlBucket;
pub use lookup::CosXmlLookup;
pub use machine::{CosXml, Ephemeral, Uploaded, at, at_endpoint};
pub use object::{Addressing, InvalidObject, Object};
pub use object_headers::{ObjectHeaders, Rules};
pub use object_key::{InvalidKey, ObjectKey};
pub use options::{InvalidOptions, Options};
pub use region::{InvalidRegion, Region};
