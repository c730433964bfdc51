//! `PUT /<key>`: the whole object in one request, of at most 5 GiB.
//!
//! Success is HTTP 200 with the content's MD5 as `ETag` and its CRC-64 as `x-oss-hash-crc64ecma`; the body is empty, or,
//! with a callback, the answer of its server. HTTP 203 means that the object is stored, but its callback failed. The same
//! call again overwrites the object with itself, and calls again.
//!
//! Errors: `FileAlreadyExists` (409, only if overwriting is forbidden), `EntityTooLarge`, `InvalidArgument` (a callback
//! that is none).

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, Request, Response};
use resumable_core::{Body, HashKind, Segment};

use crate::callback::Callback;
use crate::complete_multipart_upload::callback_reply;
use crate::error_reply::incomplete;
use crate::etag::Etag;
use crate::fault::{Fault, Refused};
use crate::message::{Attributes, Draft, OCTET_STREAM, crc64, empty, etag, forbid_overwrite, ok};
use crate::object::Object;
use crate::op::Op;
use crate::sign::Signing;

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

/// The vendor has stored the object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The object's tag: its MD5.
    pub etag: Option<Etag>,
    /// The object's CRC-64, if the vendor says it.
    pub crc64: Option<u64>,
    /// What the callback's server answered, if there was a callback.
    pub callback: Option<Bytes>,
}

/// The request, signed and ready to be sent.
///
/// # Errors
/// When V4 is to be signed without a region.
pub fn encode(object: &Object, message: &PutObject<'_>, signing: &Signing<'_>) -> Result<Request<Body>, Fault> {
    let kind = message.attributes.content_type.cloned().unwrap_or(OCTET_STREAM);
    let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, kind)]);
    if let Some(callback) = message.callback {
        callback.add_to(&mut headers);
    }
    if let Some(kept) = message.attributes.headers {
        kept.add_described(&mut headers);
        kept.add_acl(&mut headers);
    }
    if message.attributes.forbid_overwrite {
        forbid_overwrite(&mut headers);
    }
    let mut body = Body::empty().observing(message.observe);
    body.push(Segment::Source(0..message.len));
    Draft { method: Method::PUT, query: &[], headers, body }.sign(object, signing)
}

/// Reads the answer; `called` says whether the request had a callback. Whether tag and CRC-64 are those of the content
/// that was sent is for the caller to compare.
///
/// # Errors
/// For every answer that is no success.
pub fn decode(called: bool, response: &Response<Bytes>) -> Result<Stored, Refused> {
    let op = Op::PutObject;
    let (etag, crc64) = (etag(response), crc64(response));
    if called {
        ok(op, response)?;
        return Ok(Stored { etag, crc64, callback: Some(callback_reply(op, response)?) });
    }
    empty(op, response)?;
    if etag.is_none() && crc64.is_none() {
        return Err(incomplete(op, "ETag", response));
    }
    Ok(Stored { etag, crc64, callback: None })
}
