//! `HEAD /<key>`: asks what is at a key.
//!
//! Success is HTTP 200 with `Content-Length`, `ETag`, the vendor's request id, and `x-oss-hash-crc64ecma`, which old
//! objects may lack; without the others it is any proxy's page, whose length says nothing of an object. HTTP 404
//! with `NoSuchKey`, or without any code, means that there is no object. There is no body: a refusal's XML stands in
//! the header `x-oss-err`.

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;
use resumable_proto_multipart::head_object as message;
pub use resumable_proto_multipart::head_object::{AtKey, Head};

use crate::dialect::DIALECT;
use crate::object::Object;
use crate::sign::Signing;
use crate::wire::Wire;
use crate::{Fault, Op, Refused, Said};

/// The request, signed and ready to be sent.
///
/// # Errors
/// When V4 is to be signed without a region.
pub fn encode(object: &Object, signing: &Signing<'_>) -> Result<Request<Body>, Fault> {
    message::encode(&Said::bare(Op::HeadObject), &Wire::bare(object, *signing))
}

/// Reads the answer.
///
/// # Errors
/// For every answer that tells neither of an object nor of none. Without a request id of the vendor's, a 404 may be any
/// proxy's.
pub fn decode(response: &Response<Bytes>) -> Result<AtKey, Refused> {
    message::decode(&DIALECT, response)
}
