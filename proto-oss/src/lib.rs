//! Aliyun OSS for resumable: messages, V1 and V4 signatures, and the upload protocol.
//!
//! # In scope
//! * the messages of an upload, one module each, named after the vendor's call: [`put_object`],
//!   [`initiate_multipart_upload`], [`upload_part`], [`list_parts`], [`complete_multipart_upload`],
//!   [`abort_multipart_upload`], [`head_object`]. Each has an `encode`, a reply type and a `decode`;
//! * both signatures ([`sign`]), with keys of an account or temporary ones;
//! * what each error code means, and what to do about it ([`codes`], [`error_reply`], [`fault`]);
//! * the data [`stage`] over OSS's [`DIALECT`], which another vendor embeds, and [`Oss`], the protocol that is this stage alone.
//!
//! # Out of scope
//! Everything else of OSS; sockets, clocks and random numbers: time is an argument.
//!
//! # Example
//! An upload, with other options than the defaults:
//! ```
//! use resumable_proto_oss::{Options, at};
//!
//! let to = at("https://oss-cn-shenzhen.aliyuncs.com", "emubucket", "dir/big.bin")?;
//! let to = to.with_options(Options::default().part_size(16 << 20).forbid_overwrite(true))?;
//! assert_eq!(to.object().url(), "https://emubucket.oss-cn-shenzhen.aliyuncs.com/dir/big.bin");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A message alone:
//! ```
//! use std::time::Duration;
//! use resumable_proto_oss::*;
//!
//! let endpoint = Endpoint::new("https://oss-cn-shenzhen.aliyuncs.com")?;
//! let object = Object::new(endpoint, "emubucket", ObjectKey::new("dir/big.bin")?, Addressing::Auto)?;
//! let credential = Credential::new("LTAI5tExample", "secret")?;
//! let now = Duration::from_secs(1_767_225_600);
//! let signing = Signing { credential: &credential, version: Version::V4, now };
//! let request = head_object::encode(&object, &signing)?;
//! assert_eq!(request.uri(), "https://emubucket.oss-cn-shenzhen.aliyuncs.com/dir/big.bin");
//! assert_eq!(request.headers()["x-oss-date"], "20260101T000000Z");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]
#![deny(clippy::disallowed_macros, clippy::disallowed_methods)]

#[macro_use]
extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod abort_multipart_upload;
mod argument;
mod attributes;
mod callback;
pub mod codes;
pub mod complete_multipart_upload;
mod dialect;
mod endpoint;
pub mod head_object;
pub mod initiate_multipart_upload;
pub mod list_parts;
mod lookup;
mod machine;
mod object;
mod object_headers;
mod object_key;
mod options;
pub mod put_object;
pub mod sign;
pub mod stage;
pub mod upload_part;
mod wire;

pub use resumable_proto_multipart::{error_reply, fault, iso8601, limits};

pub use argument::InvalidArgument;
pub use attributes::Attributes;
pub use callback::{Callback, InvalidCallback};
pub use dialect::DIALECT;
pub use endpoint::{Endpoint, InvalidEndpoint};
pub use lookup::OssLookup;
pub use machine::{Called, Oss, Uploaded, at, at_region};
pub use object::{Addressing, InvalidObject, Object};
pub use object_headers::{InvalidHeader, ObjectHeaders, OssHeaders};
pub use object_key::{InvalidKey, ObjectKey};
pub use options::{InvalidOptions, Options};
pub use resumable_proto_multipart::{
    Checksum, ChecksumKind, Credential, ErrorReply, Etag, Fault, Found, InvalidCredential, InvalidEtag, Limits, Op,
    Refused, Said,
};
pub use sign::{Signing, Version};
