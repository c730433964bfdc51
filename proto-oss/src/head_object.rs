//! `HEAD /<key>`: asks what is at a key.
//!
//! Success is HTTP 200 with `Content-Length`, `ETag`, the vendor's request id, and `x-oss-hash-crc64ecma`, which old
//! objects may lack; without the others it is any proxy's page, whose length says nothing of an object. HTTP 404
//! with `NoSuchKey`, or without any code, means that there is no object. There is no body: a refusal's XML stands in
//! the header `x-oss-err`.

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use resumable_core::Body;

use crate::codes::Class;
use crate::error_reply::{ErrorReply, header, id_of, incomplete, refused};
use crate::etag::Etag;
use crate::fault::{Fault, Refused};
use crate::message::{Draft, crc64, etag, ok};
use crate::object::Object;
use crate::op::Op;
use crate::sign::Signing;

/// What is at the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtKey {
    /// Nothing.
    Nothing,
    /// An object.
    Object(Head),
}

/// An object, as far as its head tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its length in bytes.
    pub size: u64,
    /// Its tag.
    pub etag: Option<Etag>,
    /// Its CRC-64, if the vendor says it.
    pub crc64: Option<u64>,
}

/// The request, signed and ready to be sent.
///
/// # Errors
/// When V4 is to be signed without a region.
pub fn encode(object: &Object, signing: &Signing<'_>) -> Result<Request<Body>, Fault> {
    Draft { method: Method::HEAD, query: &[], headers: HeaderMap::new(), body: Body::empty() }.sign(object, signing)
}

/// Reads the answer.
///
/// # Errors
/// For every answer that tells neither of an object nor of none. Without a request id of the vendor's, a 404 may be any
/// proxy's.
pub fn decode(response: &Response<Bytes>) -> Result<AtKey, Refused> {
    let op = Op::HeadObject;
    if response.status() == StatusCode::NOT_FOUND {
        let error = ErrorReply::read(response);
        let absent = match error.as_ref().and_then(|error| error.code.as_ref().map(|_| error.class())) {
            Some(class) => class == Some(Class::NoSuchKey),
            None => id_of(response).is_some(),
        };
        return if absent { Ok(AtKey::Nothing) } else { Err(refused(op, response)) };
    }
    ok(op, response)?;
    let size = header(response, CONTENT_LENGTH.as_str()).and_then(|len| len.trim().parse().ok());
    let size = size.ok_or_else(|| incomplete(op, "Content-Length", response))?;
    let etag = etag(response).ok_or_else(|| incomplete(op, "ETag", response))?;
    if id_of(response).is_none() {
        return Err(incomplete(op, "x-oss-request-id", response));
    }
    Ok(AtKey::Object(Head { size, etag: Some(etag), crc64: crc64(response) }))
}
