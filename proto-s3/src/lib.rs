//! Amazon S3 for resumable, and the services that speak it: signatures, presets, and the upload protocol.
//!
//! # In scope
//! * [`S3`], the protocol: the data [`stage`] of `resumable-proto-multipart` over this vendor's [`Dialect`];
//! * the signature, version 4 ([`sign`]), with keys of an account or temporary ones;
//! * the services that speak S3, each with what it takes ([`Preset`]);
//! * what each error code means, and what to do about it ([`codes`]).
//!
//! # Out of scope
//! Everything else of S3; keys of customers for encryption (SSE-C); sockets, clocks and random numbers: time is an argument.
//!
//! # Example
//! An upload, with other options than the defaults:
//! ```
//! use resumable_proto_s3::{Options, in_region};
//!
//! let to = in_region("eu-west-1", "emubucket", "dir/big.bin")?;
//! let to = to.with_options(Options::default().part_size(16 << 20).forbid_overwrite(true))?;
//! assert_eq!(to.object().url(), "https://emubucket.s3.eu-west-1.amazonaws.com/dir/big.bin");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A message alone:
//! ```
//! use std::time::Duration;
//! use resumable_proto_s3::*;
//!
//! let object = Object::new("http://127.0.0.1:9000", "emubucket", ObjectKey::new("dir/big.bin")?, Addressing::Path)?;
//! let (credential, options) = (Credential::new("AKIDEXAMPLE", "secret")?, Options::of(*Preset::named("minio").unwrap()));
//! let now = Duration::from_secs(1_767_225_600);
//! let wire = S3Wire { object: &object, options: &options, credential: &credential, now };
//! let request = head_object::encode(&Said::bare(Op::HeadObject), &wire)?;
//! assert_eq!(request.uri(), "http://127.0.0.1:9000/emubucket/dir/big.bin");
//! assert_eq!(request.headers()["x-amz-date"], "20260101T000000Z");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]
#![deny(clippy::disallowed_macros, clippy::disallowed_methods)]

#[macro_use]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod addressing;
mod argument;
pub mod codes;
mod dialect;
mod lookup;
mod machine;
mod object;
mod object_headers;
mod object_key;
mod options;
mod presets;
pub mod sign;
mod wire;

pub use addressing::{Addressing, InvalidBucket};
pub use argument::InvalidArgument;
pub use lookup::{Asking, S3Bucket, S3Lookup};
pub use machine::{S3, Uploaded, at, in_region};
pub use object::{InvalidObject, Object};
pub use object_headers::{ObjectHeaders, Rules};
pub use object_key::{InvalidKey, ObjectKey};
pub use options::{InvalidOptions, Options};
pub use presets::{PRESETS, Preset};
pub use resumable_proto_multipart::stage::{Payload, Tags};
pub use resumable_proto_multipart::{
    Checksum, ChecksumKind, Class, Code, Credential, Dialect, Draft, ErrorReply, Etag, Fault, Found, InvalidCredential,
    InvalidEtag, InvalidHeader, InvalidOrigin, Limits, Op, Origin, Refused, Said, Wire, abort_multipart_upload,
    complete_multipart_upload, head_object, initiate_multipart_upload, list_multipart_uploads, list_parts, put_object,
    stage, upload_part,
};
pub use wire::S3Wire;
