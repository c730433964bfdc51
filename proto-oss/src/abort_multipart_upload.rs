//! `DELETE /<key>?uploadId=U`: gives an upload in parts up, and removes its parts.
//!
//! Success is HTTP 204. `NoSuchUpload` (404) means that there is none any more. A part that is on its way may survive:
//! who wants to be sure asks for the list and aborts again.

use alloc::borrow::ToOwned;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use resumable_core::Body;

use crate::error_reply::refused;
use crate::fault::{Fault, Refused};
use crate::message::Draft;
use crate::object::Object;
use crate::op::Op;
use crate::sign::Signing;

/// The vendor has removed the upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aborted;

/// The request for the upload of this name, signed and ready to be sent.
///
/// # Errors
/// When V4 is to be signed without a region.
pub fn encode(object: &Object, upload_id: &str, signing: &Signing<'_>) -> Result<Request<Body>, Fault> {
    let query = [("uploadId", upload_id.to_owned())];
    let headers = HeaderMap::new();
    Draft { method: Method::DELETE, query: &query, headers, body: Body::empty() }.sign(object, signing)
}

/// Reads the answer.
///
/// # Errors
/// For every answer that is not HTTP 204.
pub fn decode(response: &Response<Bytes>) -> Result<Aborted, Refused> {
    if response.status() == StatusCode::NO_CONTENT {
        return Ok(Aborted);
    }
    Err(refused(Op::AbortMultipartUpload, response))
}
