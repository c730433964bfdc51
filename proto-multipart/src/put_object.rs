//! `PUT /<key>`: the whole object in one request, of at most 5 GiB at most vendors.
//!
//! Success is HTTP 200 with a tag that most often is the content's MD5, and at most vendors a sum of it. The body is empty,
//! or, with a callback of OSS's, the answer of its server. The same call again overwrites the object with itself.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use resumable_core::{Body, HashKind, Segment};

use crate::checksum::Checksum;
use crate::complete_multipart_upload::callback_reply;
use crate::dialect::Dialect;
use crate::error_reply::incomplete;
use crate::etag::Etag;
use crate::fault::{Fault, Refused};
use crate::message::{Success, checksum, empty, etag, ok, opaque_tags};
use crate::op::Op;
use crate::wire::{Draft, Said, Wire};

/// The vendor has stored the object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The object's tag: most often its MD5.
    pub etag: Option<Etag>,
    /// The object's sum, if the vendor says it.
    pub checksum: Option<Checksum>,
    /// The vendor says that tags are no MD5.
    pub opaque_tags: bool,
    /// What the callback's server answered, if there was a callback.
    pub callback: Option<Bytes>,
}

/// The request, signed and ready to be sent; with digests to take of the content while it is sent, and its SHA-256, if it
/// was taken before.
///
/// # Errors
/// When it cannot be signed.
pub fn encode(
    observe: &[HashKind],
    sha256: Option<[u8; 32]>,
    said: &Said<'_>,
    wire: &dyn Wire,
) -> Result<Request<Body>, Fault> {
    let mut body = Body::empty().observing(observe);
    body.push(Segment::Source(0..said.len));
    Draft { method: &Method::PUT, query: &[], body: &body, sha256 }.finish(wire, said, HeaderMap::new())
}

/// Reads the answer. Whether tag and sum are those of the content that was sent is for the caller to compare.
///
/// # Errors
/// For every answer that is no success.
pub fn decode(dialect: &Dialect, success: Success, response: &Response<Bytes>) -> Result<Stored, Refused> {
    let op = Op::PutObject;
    let (etag, checksum) = (etag(response), checksum(dialect, response));
    let opaque_tags = opaque_tags(dialect, response);
    if success == Success::Callback {
        ok(dialect, op, response)?;
        let callback = Some(callback_reply(dialect, op, response)?);
        return Ok(Stored { etag, checksum, opaque_tags, callback });
    }
    empty(dialect, op, response)?;
    if etag.is_none() && checksum.is_none() {
        return Err(incomplete(dialect, op, "ETag", response));
    }
    Ok(Stored { etag, checksum, opaque_tags, callback: None })
}
