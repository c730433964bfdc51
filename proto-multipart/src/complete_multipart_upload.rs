//! `POST /<key>?uploadId=U`: puts the object together, of the parts that are named, in ascending order.
//!
//! Success is HTTP 200 with a document and the object's `ETag`. 200 alone is none: S3 and COS begin the answer at once, send
//! white space while they put the object together, and then the document **or an error**. With a callback of OSS's, the
//! answer of its server stands in place of the document; HTTP 203 means that the object is stored, but its callback failed.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use md5::{Digest as _, Md5};
use resumable_core::Body;

use crate::checksum::Checksum;
use crate::dialect::Dialect;
use crate::error_reply::{incomplete, refused};
use crate::etag::Etag;
use crate::fault::{Fault, Refused};
use crate::message::{Success, checksum, document as document_of, etag, ok};
use crate::op::Op;
use crate::wire::{Draft, Said, Wire};

const CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");

/// The vendor has put the object together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completed {
    /// The object's tag: no MD5.
    pub etag: Option<Etag>,
    /// The object's sum, if the vendor says it.
    pub checksum: Option<Checksum>,
    /// What the callback's server answered, if there was a callback.
    pub callback: Option<Bytes>,
}

/// The body: one line, the tags in quotes.
pub fn document(parts: &[(u32, &Etag)]) -> String {
    let mut xml = String::from("<CompleteMultipartUpload>");
    for (number, etag) in parts {
        let _ = write!(xml, "<Part><PartNumber>{number}</PartNumber><ETag>\"{etag}\"</ETag></Part>");
    }
    xml.push_str("</CompleteMultipartUpload>");
    xml
}

/// The request, signed and ready to be sent: every part's number and tag, ascending.
///
/// # Errors
/// When it cannot be signed.
pub fn encode(
    upload_id: &str,
    parts: &[(u32, &Etag)],
    said: &Said<'_>,
    wire: &dyn Wire,
) -> Result<Request<Body>, Fault> {
    let query = [("uploadId", upload_id.to_owned())];
    let body = document(parts);
    let md5 = HeaderValue::try_from(STANDARD.encode(Md5::digest(&body))).expect("base64 makes a header value");
    let xml = HeaderValue::from_static("application/xml");
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, xml), (CONTENT_MD5, md5)]);
    let body = Body::from(Bytes::from(body));
    Draft { method: &Method::POST, query: &query, body: &body, sha256: None }.finish(wire, said, headers)
}

/// Reads the answer.
///
/// # Errors
/// For every answer that is no success.
pub fn decode(dialect: &Dialect, success: Success, response: &Response<Bytes>) -> Result<Completed, Refused> {
    let op = Op::CompleteMultipartUpload;
    ok(dialect, op, response)?;
    let (etag, in_header) = (etag(response), checksum(dialect, response));
    if success == Success::Callback {
        return Ok(Completed { etag, checksum: in_header, callback: Some(callback_reply(dialect, op, response)?) });
    }
    let root = document_of(dialect, op, "CompleteMultipartUploadResult", response)?;
    let etag = root.field("ETag").and_then(Etag::new).or(etag);
    if etag.is_none() {
        return Err(incomplete(dialect, op, "ETag", response));
    }
    let told = dialect.sums.iter().find_map(|sum| root.field(sum.whole?).and_then(|text| sum.read(text)));
    Ok(Completed { etag, checksum: told.or(in_header), callback: None })
}

/// The answer of a callback's server, which the vendor passes on: JSON, so that neither an error of the vendor's nor a
/// page of some proxy is taken for one.
pub(crate) fn callback_reply(dialect: &Dialect, op: Op, response: &Response<Bytes>) -> Result<Bytes, Refused> {
    let body = response.body();
    match body.trim_ascii_start().first() {
        Some(b'{' | b'[' | b'"') => Ok(body.clone()),
        None => Err(incomplete(dialect, op, "reply of the callback", response)),
        Some(_) => Err(refused(dialect, op, response)),
    }
}
