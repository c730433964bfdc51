//! `PUT /<key>?partNumber=N&uploadId=U`: sends one part.
//!
//! Numbers count from 1. All parts but the last have one length of at least 100 KiB, which the vendor checks only when
//! the object is put together. A number that is sent again replaces the part, except in sequential mode.
//!
//! Success is HTTP 200 without a body, with the part's MD5 as `ETag` and its CRC-64 as `x-oss-hash-crc64ecma`.
//!
//! Errors: `NoSuchUpload` (404); in sequential mode `PartNotSequential` (400, the number is above the next one) and
//! `PartAlreadyExist` (409, with the `ETag` of the part that is there); `RequestTimeout` (400, the body stalled);
//! `InvalidArgument`, `EntityTooLarge`.

use alloc::borrow::ToOwned;
use alloc::string::ToString;
use core::ops::Range;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, Request, Response};
use resumable_core::{Body, HashKind, Segment};

use crate::error_reply::incomplete;
use crate::etag::Etag;
use crate::fault::{Fault, Refused};
use crate::message::{Draft, OCTET_STREAM, crc64, empty, etag};
use crate::object::Object;
use crate::op::Op;
use crate::sign::Signing;

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
    /// The part's CRC-64, if the vendor says it.
    pub crc64: Option<u64>,
}

/// The request, signed and ready to be sent.
///
/// # Errors
/// When V4 is to be signed without a region.
pub fn encode(object: &Object, message: &UploadPart<'_>, signing: &Signing<'_>) -> Result<Request<Body>, Fault> {
    let query = [("partNumber", message.part_number.to_string()), ("uploadId", message.upload_id.to_owned())];
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, OCTET_STREAM)]);
    let mut body = Body::empty().observing(message.observe);
    body.push(Segment::Source(message.bytes.clone()));
    Draft { method: Method::PUT, query: &query, headers, body }.sign(object, signing)
}

/// Reads the answer. Whether tag and CRC-64 are those of the content that was sent is for the caller to compare.
///
/// # Errors
/// For every answer that is not HTTP 200 without a body, with a usable tag.
pub fn decode(response: &Response<Bytes>) -> Result<Stored, Refused> {
    empty(Op::UploadPart, response)?;
    let etag = etag(response).ok_or_else(|| incomplete(Op::UploadPart, "ETag", response))?;
    Ok(Stored { etag, crc64: crc64(response) })
}
