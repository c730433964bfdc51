//! `GET /<key>?max-parts=M&part-number-marker=N&uploadId=U`: asks which parts have arrived, page by page.
//!
//! A page has at most 1000 parts; the marker is the last number before it. `NextPartNumberMarker` may stand there whether
//! or not there is another page; only `IsTruncated` tells. A marker that does not advance would be asked for again and
//! again: it is an error. The sum of a part may be missing.

use alloc::borrow::ToOwned;
use alloc::string::ToString;
use alloc::vec::Vec;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use resumable_core::{Advice, Body, Rejection};

use crate::checksum::Checksum;
use crate::dialect::{Dialect, Documents};
use crate::error_reply::incomplete;
use crate::etag::Etag;
use crate::fault::{Fault, Refused};
use crate::message::document;
use crate::op::Op;
use crate::wire::{Draft, Said, Wire};
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
    /// Its tag: most often its MD5.
    pub etag: Etag,
    /// Its sum, if the vendor says it.
    pub checksum: Option<Checksum>,
}

/// The request, signed and ready to be sent.
///
/// # Errors
/// When it cannot be signed.
pub fn encode(message: &ListParts<'_>, wire: &dyn Wire) -> Result<Request<Body>, Fault> {
    let (most, marker) = (message.max_parts.to_string(), message.part_number_marker.to_string());
    let query = [("max-parts", most), ("part-number-marker", marker), ("uploadId", message.upload_id.to_owned())];
    let draft = Draft { method: &Method::GET, query: &query, body: &Body::empty(), sha256: None };
    draft.finish(wire, &Said::bare(Op::ListParts), HeaderMap::new())
}

/// Reads the answer to the page after `part_number_marker`.
///
/// # Errors
/// For every answer that is no list of parts, and for a page that leads to no later one although it should.
pub fn decode(dialect: &Dialect, part_number_marker: u32, response: &Response<Bytes>) -> Result<Page, Refused> {
    let root = document(dialect, Op::ListParts, "ListPartsResult", response)?;
    let parts: Option<Vec<ListedPart>> = root.all("Part").map(|part| listed(dialect, part)).collect();
    let parts = parts.ok_or_else(|| incomplete(dialect, Op::ListParts, "Part", response))?;
    let next = match (root.field("IsTruncated"), dialect.documents) {
        (Some("true"), _) => Some(advanced(part_number_marker, &root)?),
        (Some("false"), _) | (None, Documents::Lax) => None,
        _ => return Err(incomplete(dialect, Op::ListParts, "IsTruncated", response)),
    };
    Ok(Page { parts, next })
}

fn advanced(after: u32, root: &Element) -> Result<u32, Refused> {
    let next: Option<u32> = root.field("NextPartNumberMarker").and_then(|next| next.parse().ok());
    next.filter(|next| *next > after)
        .ok_or(Rejection { fault: Fault::StuckMarker { after, next }, advice: Advice::Retry })
}

fn listed(dialect: &Dialect, part: &Element) -> Option<ListedPart> {
    let sum = dialect.sums.iter().find_map(|sum| part.field(sum.element).and_then(|text| sum.read(text)));
    Some(ListedPart {
        part_number: part.field("PartNumber")?.parse().ok()?,
        size: part.field("Size")?.parse().ok()?,
        etag: Etag::new(part.field("ETag")?)?,
        checksum: sum,
    })
}
