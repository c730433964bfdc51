//! What the part-number stores share, for resumable: Aliyun OSS, Amazon S3 and all that speak it, Tencent COS XML.
//!
//! They have one shape: an object goes in one request, or an upload is opened and given parts by number, listed, completed
//! or aborted. What differs stands in two places of a vendor's crate:
//! * its [`Dialect`], a constant: names, error codes, and how its answers are to be read;
//! * its [`Wire`]: where one object is, what the headers of its requests say, and who signs.
//!
//! Here are the messages of an upload, one module each ([`put_object`], [`initiate_multipart_upload`], [`upload_part`],
//! [`list_parts`], [`complete_multipart_upload`], [`abort_multipart_upload`], [`head_object`],
//! [`list_multipart_uploads`]), how their refusals are read ([`error_reply`], [`codes`], [`fault`]), and the data
//! [`stage`] that plans them.
//!
//! # Out of scope
//! Signatures, endpoints, buckets and keys: each vendor has its own. Sockets, clocks and random numbers: time is an argument.
#![no_std]
#![deny(clippy::disallowed_macros, clippy::disallowed_methods)]

#[macro_use]
extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod abort_multipart_upload;
pub mod checksum;
pub mod codes;
pub mod complete_multipart_upload;
mod credential;
pub mod dialect;
pub mod encoding;
pub mod error_reply;
mod etag;
pub mod fault;
pub mod head_object;
pub mod initiate_multipart_upload;
pub mod iso8601;
pub mod leftovers;
pub mod limits;
pub mod list_multipart_uploads;
pub mod list_parts;
mod message;
mod object_headers;
mod op;
mod origin;
pub mod put_object;
pub mod signature;
pub mod stage;
pub mod upload_part;
mod wire;
pub mod xml;

pub use checksum::{Checksum, ChecksumKind};
pub use codes::{Class, Code};
pub use credential::{Credential, InvalidCredential};
pub use dialect::Dialect;
pub use error_reply::ErrorReply;
pub use etag::{Etag, InvalidEtag};
pub use fault::{Fault, Found, Refused};
pub use limits::Limits;
pub use object_headers::{HeaderRules, InvalidHeader, ObjectHeaders};
pub use op::Op;
pub use origin::{InvalidOrigin, Origin};
pub use wire::{Draft, Said, Wire};
