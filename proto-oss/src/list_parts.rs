//! `GET /<key>?max-parts=M&part-number-marker=N&uploadId=U`: asks which parts have arrived, page by page.
//!
//! A page has at most 1000 parts, the marker is the last number before it. `NextPartNumberMarker` stands there whether
//! or not there is another page; only `IsTruncated` tells. A marker that does not advance would be asked for again and
//! again: it is an error. `HashCrc64ecma` of a part may be missing.
//!
//! Success is HTTP 200 with `ListPartsResult`. Errors: `NoSuchUpload` (404).

use alloc::borrow::ToOwned;
use alloc::string::ToString;
use alloc::vec::Vec;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use resumable_core::{Advice, Body, Rejection};

use crate::error_reply::{incomplete, refused, text};
use crate::etag::Etag;
use crate::fault::{Fault, Refused};
use crate::message::{Draft, ok};
use crate::object::Object;
use crate::op::Op;
use crate::sign::Signing;
use crate::xml::Element;

/// The request.
#[derive(Clone, Copy, Debug)]
pub struct ListParts<'a> {
    /// The vendor's name for the upload.
    pub upload_id: &'a str,
    /// The most parts in the page, 1 to 1000.
    pub max_parts: u32,
    /// The last number before the page; 0 for the first one.
    pub part_number_marker: u32,
}

/// A page of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The parts, as they were listed.
    pub parts: Vec<ListedPart>,
    /// The marker of the next page; `None` when this is the last one.
    pub next: Option<u32>,
}

/// A part that is at the vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPart {
    /// Its number, from 1.
    pub part_number: u32,
    /// Its length in bytes.
    pub size: u64,
    /// Its tag: its MD5.
    pub etag: Etag,
    /// Its CRC-64, if the vendor says it.
    pub crc64: Option<u64>,
}

/// The request, signed and ready to be sent.
///
/// # Errors
/// When V4 is to be signed without a region.
pub fn encode(object: &Object, message: &ListParts<'_>, signing: &Signing<'_>) -> Result<Request<Body>, Fault> {
    let (most, marker) = (message.max_parts.to_string(), message.part_number_marker.to_string());
    let query = [("max-parts", most), ("part-number-marker", marker), ("uploadId", message.upload_id.to_owned())];
    Draft { method: Method::GET, query: &query, headers: HeaderMap::new(), body: Body::empty() }.sign(object, signing)
}

/// Reads the answer to the page after `part_number_marker`.
///
/// # Errors
/// For every answer that is no `ListPartsResult`, and for a page that leads to no later one although it should.
pub fn decode(part_number_marker: u32, response: &Response<Bytes>) -> Result<Page, Refused> {
    ok(Op::ListParts, response)?;
    let root = Element::read(&text(response)).filter(|root| root.name == "ListPartsResult");
    let root = root.ok_or_else(|| refused(Op::ListParts, response))?;
    let parts: Option<Vec<ListedPart>> = root.all("Part").map(listed).collect();
    let parts = parts.ok_or_else(|| incomplete(Op::ListParts, "Part", response))?;
    let next = match root.field("IsTruncated") {
        Some("true") => Some(advanced(part_number_marker, &root)?),
        Some("false") => None,
        _ => return Err(incomplete(Op::ListParts, "IsTruncated", response)),
    };
    Ok(Page { parts, next })
}

fn advanced(after: u32, root: &Element) -> Result<u32, Refused> {
    let next: Option<u32> = root.field("NextPartNumberMarker").and_then(|next| next.parse().ok());
    next.filter(|next| *next > after)
        .ok_or(Rejection { fault: Fault::StuckMarker { after, next }, advice: Advice::Retry })
}

fn listed(part: &Element) -> Option<ListedPart> {
    Some(ListedPart {
        part_number: part.field("PartNumber")?.parse().ok()?,
        size: part.field("Size")?.parse().ok()?,
        etag: Etag::new(part.field("ETag")?)?,
        crc64: part.field("HashCrc64ecma").and_then(|crc64| crc64.parse().ok()),
    })
}
