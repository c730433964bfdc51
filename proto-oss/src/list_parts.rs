//! `GET /<key>?max-parts=M&part-number-marker=N&uploadId=U`: asks which parts have arrived, page by page.
//!
//! A page has at most 1000 parts, the marker is the last number before it. `NextPartNumberMarker` stands there whether
//! or not there is another page; only `IsTruncated` tells. A marker that does not advance would be asked for again and
//! again: it is an error. `HashCrc64ecma` of a part may be missing.
//!
//! Success is HTTP 200 with `ListPartsResult`. Errors: `NoSuchUpload` (404).

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;
use resumable_proto_multipart::list_parts as message;
pub use resumable_proto_multipart::list_parts::{ListParts, ListedPart, Page};

use crate::dialect::DIALECT;
use crate::object::Object;
use crate::sign::Signing;
use crate::wire::Wire;
use crate::{Fault, Refused};

/// The request, signed and ready to be sent.
///
/// # Errors
/// When V4 is to be signed without a region.
pub fn encode(object: &Object, page: &ListParts<'_>, signing: &Signing<'_>) -> Result<Request<Body>, Fault> {
    message::encode(page, &Wire::bare(object, *signing))
}

/// Reads the answer to the page after `part_number_marker`.
///
/// # Errors
/// For every answer that is no `ListPartsResult`, and for a page that leads to no later one although it should.
pub fn decode(part_number_marker: u32, response: &Response<Bytes>) -> Result<Page, Refused> {
    message::decode(&DIALECT, part_number_marker, response)
}
