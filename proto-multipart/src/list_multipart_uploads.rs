//! `GET /?uploads`: asks which uploads in parts are open in a bucket, page by page, sorted by key.
//!
//! A page has at most 1000 uploads; the markers are key and id of the last one before it. Keys come percent-encoded
//! (`encoding-type=url`), because they may have characters that XML cannot carry.

use alloc::borrow::{Cow, ToOwned};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use percent_encoding::percent_decode_str;
use resumable_core::{Advice, Body, Rejection};
use serde::{Deserialize, Serialize};

use crate::dialect::{Dialect, Documents};
use crate::error_reply::incomplete;
use crate::fault::{Fault, Refused};
use crate::iso8601::unix_time;
use crate::message::document;
use crate::op::Op;
use crate::wire::{Draft, Said, Wire};
use crate::xml::Element;

/// Where a page begins: after this upload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// Its key; empty for the first page.
    pub key: String,
    /// Its id.
    pub upload_id: String,
}

/// A page of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The uploads, as they were listed.
    pub uploads: Vec<OpenUpload>,
    /// Where the next page begins; `None` when this is the last one.
    pub next: Option<Marker>,
}

/// An upload in parts that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenUpload {
    /// The object's key.
    pub key: String,
    /// The vendor's name for the upload.
    pub upload_id: String,
    /// When it was opened, as time since 1970-01-01 UTC, if the vendor says it.
    pub initiated: Option<Duration>,
}

/// The request for uploads whose key begins with `prefix`, signed and ready to be sent. The wire is the bucket's, not an
/// object's.
///
/// # Errors
/// When it cannot be signed.
pub fn encode(prefix: &str, after: &Marker, page: u32, wire: &dyn Wire) -> Result<Request<Body>, Fault> {
    let after_first = !after.key.is_empty();
    let query: Vec<(&str, String)> = [
        Some(("encoding-type", "url".to_owned())),
        after_first.then(|| ("key-marker", after.key.clone())),
        Some(("max-uploads", page.to_string())),
        (!prefix.is_empty()).then(|| ("prefix", prefix.to_owned())),
        (after_first && !after.upload_id.is_empty()).then(|| ("upload-id-marker", after.upload_id.clone())),
        Some(("uploads", String::new())),
    ]
    .into_iter()
    .flatten()
    .collect();
    let draft = Draft { method: &Method::GET, query: &query, body: &Body::empty(), sha256: None };
    draft.finish(wire, &Said::bare(Op::ListMultipartUploads), HeaderMap::new())
}

/// Reads the answer to the page after a marker.
///
/// # Errors
/// For every answer that is no list of uploads, and for a page that leads to no later one although it should.
pub fn decode(dialect: &Dialect, after: &Marker, response: &Response<Bytes>) -> Result<Page, Refused> {
    let op = Op::ListMultipartUploads;
    let root = document(dialect, op, "ListMultipartUploadsResult", response)?;
    let encoded = root
        .children
        .iter()
        .any(|child| child.name.to_ascii_lowercase().replace('-', "") == "encodingtype" && child.text.trim() == "url");
    let uploads: Option<Vec<OpenUpload>> = root.all("Upload").map(|upload| listed(upload, encoded)).collect();
    let uploads = uploads.ok_or_else(|| incomplete(dialect, op, "Upload", response))?;
    let next = match (root.field("IsTruncated"), dialect.documents) {
        (Some("true"), _) => Some(advanced(&root, encoded, after)?),
        (Some("false"), _) | (None, Documents::Lax) => None,
        _ => return Err(incomplete(dialect, op, "IsTruncated", response)),
    };
    Ok(Page { uploads, next })
}

fn advanced(root: &Element, encoded: bool, after: &Marker) -> Result<Marker, Refused> {
    let key = root.field("NextKeyMarker").and_then(|key| text(key, encoded));
    let upload_id = root.field("NextUploadIdMarker").unwrap_or_default().to_owned();
    let next = key.map(|key| Marker { key, upload_id }).filter(|next| next != after);
    next.ok_or(Rejection { fault: Fault::StuckUploads, advice: Advice::Retry })
}

fn listed(upload: &Element, encoded: bool) -> Option<OpenUpload> {
    Some(OpenUpload {
        key: text(&upload.child("Key")?.text, encoded)?,
        upload_id: upload.field("UploadId")?.to_owned(),
        initiated: upload.field("Initiated").and_then(unix_time),
    })
}

/// A key as it was sent. A form's blank is a plus.
fn text(key: &str, encoded: bool) -> Option<String> {
    if !encoded {
        return Some(key.to_owned());
    }
    let blanks = key.replace('+', " ");
    percent_decode_str(&blanks).decode_utf8().ok().map(Cow::into_owned)
}
