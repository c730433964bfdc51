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

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;
use resumable_proto_multipart::upload_part as message;
pub use resumable_proto_multipart::upload_part::{Stored, UploadPart};

use crate::dialect::DIALECT;
use crate::object::Object;
use crate::sign::Signing;
use crate::wire::Wire;
use crate::{Fault, Op, Refused, Said};

/// The request, signed and ready to be sent.
///
/// # Errors
/// When V4 is to be signed without a region.
pub fn encode(object: &Object, part: &UploadPart<'_>, signing: &Signing<'_>) -> Result<Request<Body>, Fault> {
    message::encode(part, None, &Said::bare(Op::UploadPart), &Wire::bare(object, *signing))
}

/// Reads the answer. Whether tag and CRC-64 are those of the content that was sent is for the caller to compare.
///
/// # Errors
/// For every answer that is not HTTP 200 without a body, with a usable tag.
pub fn decode(response: &Response<Bytes>) -> Result<Stored, Refused> {
    message::decode(&DIALECT, response)
}
