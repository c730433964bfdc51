//! What the messages and their answers have in common.

use bytes::Bytes;
use http::header::ETAG;
use http::{HeaderValue, Response, StatusCode};

use crate::checksum::Checksum;
use crate::dialect::{Dialect, Documents};
use crate::error_reply::{header, refused, text};
use crate::etag::Etag;
use crate::fault::Refused;
use crate::op::Op;
use crate::xml::Element;

/// Whose words the success of a put or a complete is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Success {
    /// The vendor's.
    Document,
    /// The callback's server's, which the vendor passes on (OSS).
    Callback,
}

/// The type of content of which nothing is known.
pub(crate) const OCTET_STREAM: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Passes an answer with HTTP 200 and no error in its body. Any other one is none: 203 is how OSS says that the
/// object is stored and its callback failed.
pub(crate) fn ok(dialect: &Dialect, op: Op, response: &Response<Bytes>) -> Result<(), Refused> {
    if response.status() == StatusCode::OK { Ok(()) } else { Err(refused(dialect, op, response)) }
}

/// Passes an answer that has nothing in its body, as successes without a document are: a page of some proxy has something.
pub(crate) fn empty(dialect: &Dialect, op: Op, response: &Response<Bytes>) -> Result<(), Refused> {
    ok(dialect, op, response)?;
    if text(response).trim().is_empty() { Ok(()) } else { Err(refused(dialect, op, response)) }
}

/// The document in an answer's body, with white space before it or without: some vendors send it to keep a connection open.
/// One that says an error is none, whatever the status.
pub(crate) fn document(dialect: &Dialect, op: Op, root: &str, response: &Response<Bytes>) -> Result<Element, Refused> {
    ok(dialect, op, response)?;
    let known = |element: &Element| match dialect.documents {
        Documents::Strict => element.name == root,
        Documents::Lax => element.name.starts_with(root.trim_end_matches("Result")),
    };
    let read = Element::read(&text(response)).filter(known);
    read.ok_or_else(|| refused(dialect, op, response))
}

/// The tag in the answer's headers.
pub(crate) fn etag(response: &Response<Bytes>) -> Option<Etag> {
    header(response, ETAG.as_str()).and_then(Etag::new)
}

/// The sum in the answer's headers.
pub(crate) fn checksum(dialect: &Dialect, response: &Response<Bytes>) -> Option<Checksum> {
    dialect.sums.iter().find_map(|sum| header(response, sum.header).and_then(|text| sum.read(text)))
}

/// Whether the answer says that tags are no MD5.
pub(crate) fn opaque_tags(dialect: &Dialect, response: &Response<Bytes>) -> bool {
    let says = |(name, value): &(&str, &str)| header(response, name).is_some_and(|text| text.starts_with(value));
    dialect.opaque_tags.iter().any(says)
}
