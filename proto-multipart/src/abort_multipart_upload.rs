//! `DELETE /<key>?uploadId=U`: gives an upload in parts up, and removes its parts.
//!
//! Success is HTTP 204. `NoSuchUpload` (404) means that there is none any more. A part that is on its way may survive:
//! who wants to be sure asks for the list and aborts again.

use alloc::borrow::ToOwned;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use resumable_core::Body;

use crate::dialect::Dialect;
use crate::error_reply::refused;
use crate::fault::{Fault, Refused};
use crate::op::Op;
use crate::wire::{Draft, Said, Wire};

/// The vendor has removed the upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aborted;

/// The request for the upload of this name, signed and ready to be sent.
///
/// # Errors
/// When the upload has no name, for then the object itself would be deleted, or the request cannot be signed.
pub fn encode(upload_id: &str, wire: &dyn Wire) -> Result<Request<Body>, Fault> {
    if upload_id.is_empty() {
        return Err(Fault::NotOpen { op: Op::AbortMultipartUpload });
    }
    let query = [("uploadId", upload_id.to_owned())];
    let draft = Draft { method: &Method::DELETE, query: &query, body: &Body::empty(), sha256: None };
    draft.finish(wire, &Said::bare(Op::AbortMultipartUpload), HeaderMap::new())
}

/// Reads the answer.
///
/// # Errors
/// For every answer that is not HTTP 204.
pub fn decode(dialect: &Dialect, response: &Response<Bytes>) -> Result<Aborted, Refused> {
    if response.status() == StatusCode::NO_CONTENT {
        return Ok(Aborted);
    }
    Err(refused(dialect, Op::AbortMultipartUpload, response))
}
