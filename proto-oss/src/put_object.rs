//! `PUT /<key>`: the whole object in one request, of at most 5 GiB.
//!
//! Success is HTTP 200 with the content's MD5 as `ETag` and its CRC-64 as `x-oss-hash-crc64ecma`; the body is empty, or,
//! with a callback, the answer of its server. HTTP 203 means that the object is stored, but its callback failed. The same
//! call again overwrites the object with itself, and calls again.
//!
//! Errors: `FileAlreadyExists` (409, only if overwriting is forbidden), `EntityTooLarge`, `InvalidArgument` (a callback
//! that is none).

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::{Body, HashKind};
use resumable_proto_multipart::put_object as message;
pub use resumable_proto_multipart::put_object::Stored;

use crate::callback::Callback;
use crate::dialect::DIALECT;
use crate::object::Object;
use crate::sign::Signing;
use crate::stage::success;
use crate::wire::Wire;
use crate::{Attributes, Fault, Op, Refused, Said};

/// The request.
#[derive(Clone, Debug)]
pub struct PutObject<'a> {
    /// The file's length in bytes.
    pub len: u64,
    /// What the object is to be.
    pub attributes: Attributes<'a>,
    /// What to call then.
    pub callback: Option<&'a Callback>,
    /// Digests to take of the content while it is sent.
    pub observe: &'a [HashKind],
}

/// The request, signed and ready to be sent.
///
/// # Errors
/// When V4 is to be signed without a region.
pub fn encode(object: &Object, put: &PutObject<'_>, signing: &Signing<'_>) -> Result<Request<Body>, Fault> {
    let Attributes { content_type, headers, forbid_overwrite } = put.attributes;
    let said = Said { len: put.len, forbid_overwrite, ..Said::bare(Op::PutObject) };
    let wire = Wire { content_type, headers, callback: put.callback, ..Wire::bare(object, *signing) };
    message::encode(put.observe, None, &said, &wire)
}

/// Reads the answer; `called` says whether the request had a callback. Whether tag and CRC-64 are those of the content
/// that was sent is for the caller to compare.
///
/// # Errors
/// For every answer that is no success.
pub fn decode(called: bool, response: &Response<Bytes>) -> Result<Stored, Refused> {
    message::decode(&DIALECT, success(called), response)
}
