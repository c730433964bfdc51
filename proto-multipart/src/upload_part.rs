//! `PUT /<key>?partNumber=N&uploadId=U`: sends one part.
//!
//! Numbers count from 1. All parts but the last have one length, which the vendor checks only when the object is put
//! together. A number that is sent again replaces the part, except in OSS's sequential mode.
//!
//! Success is HTTP 200 without a body, with a tag that most often is the part's MD5, and at most vendors a sum of its bytes.

use alloc::borrow::ToOwned;
use alloc::string::ToString;
use core::ops::Range;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, Request, Response};
use resumable_core::{Body, HashKind, Segment};

use crate::checksum::Checksum;
use crate::dialect::Dialect;
use crate::error_reply::incomplete;
use crate::etag::Etag;
use crate::fault::{Fault, Refused};
use crate::message::{OCTET_STREAM, checksum, empty, etag, opaque_tags};
use crate::op::Op;
use crate::wire::{Draft, Said, Wire};

/// The request.
#[derive(Clone, Debug)]
pub struct UploadPart<'a> {
    /// The vendor's name for the upload.
    pub upload_id: &'a str,
    /// The part's number, from 1.
    pub part_number: u32,
    /// The part's bytes in the source.
    pub bytes: Range<u64>,
    /// Digests to take of them while they are sent.
    pub observe: &'a [HashKind],
}

/// The vendor has stored the part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The part's tag, which puts the object together.
    pub etag: Etag,
    /// The part's sum, if the vendor says it.
    pub checksum: Option<Checksum>,
    /// The vendor says that tags are no MD5.
    pub opaque_tags: bool,
}

/// The request, signed and ready to be sent; with the SHA-256 of the bytes, if it was taken before.
///
/// # Errors
/// When it cannot be signed.
pub fn encode(
    message: &UploadPart<'_>,
    sha256: Option<[u8; 32]>,
    said: &Said<'_>,
    wire: &dyn Wire,
) -> Result<Request<Body>, Fault> {
    let query = [("partNumber", message.part_number.to_string()), ("uploadId", message.upload_id.to_owned())];
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, OCTET_STREAM)]);
    let mut body = Body::empty().observing(message.observe);
    body.push(Segment::Source(message.bytes.clone()));
    Draft { method: &Method::PUT, query: &query, body: &body, sha256 }.finish(wire, said, headers)
}

/// Reads the answer. Whether tag and sum are those of the content that was sent is for the caller to compare.
///
/// # Errors
/// For every answer that is not HTTP 200 without a body, with a usable tag.
pub fn decode(dialect: &Dialect, response: &Response<Bytes>) -> Result<Stored, Refused> {
    empty(dialect, Op::UploadPart, response)?;
    let etag = etag(response).ok_or_else(|| incomplete(dialect, Op::UploadPart, "ETag", response))?;
    Ok(Stored { etag, checksum: checksum(dialect, response), opaque_tags: opaque_tags(dialect, response) })
}
