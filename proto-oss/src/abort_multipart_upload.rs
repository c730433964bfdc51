//! `DELETE /<key>?uploadId=U`: gives an upload in parts up, and removes its parts.
//!
//! Success is HTTP 204. `NoSuchUpload` (404) means that there is none any more. A part that is on its way may survive:
//! who wants to be sure asks for the list and aborts again.

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;
use resumable_proto_multipart::abort_multipart_upload as message;
pub use resumable_proto_multipart::abort_multipart_upload::Aborted;

use crate::dialect::DIALECT;
use crate::object::Object;
use crate::sign::Signing;
use crate::wire::Wire;
use crate::{Fault, Refused};

/// The request for the upload of this name, signed and ready to be sent.
///
/// # Errors
/// When the upload has no name, or V4 is to be signed without a region.
pub fn encode(object: &Object, upload_id: &str, signing: &Signing<'_>) -> Result<Request<Body>, Fault> {
    message::encode(upload_id, &Wire::bare(object, *signing))
}

/// Reads the answer.
///
/// # Errors
/// For every answer that is not HTTP 204.
pub fn decode(response: &Response<Bytes>) -> Result<Aborted, Refused> {
    message::decode(&DIALECT, response)
}
