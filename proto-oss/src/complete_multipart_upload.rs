//! `POST /<key>?uploadId=U`: puts the object together, of the parts that are named, in ascending order.
//!
//! Without a callback, success is HTTP 200 with `CompleteMultipartUploadResult`. With one it is HTTP 200 with the
//! answer of the callback's server, byte for byte, in place of the XML. Either way `x-oss-hash-crc64ecma` is that of the
//! whole object. HTTP 203 means that the object is stored, but its callback failed. The upload is then gone, and so it is
//! after a success: the same call again is answered with `NoSuchUpload`.
//!
//! Errors: `NoSuchUpload` (404), `InvalidPart` (400, a part is not there or has another tag), `PartNotSequential` (400),
//! `EntityTooSmall` (400, a part but the last is below 100 KiB), `InvalidPartOrder`, `MalformedXML` (400, no parts),
//! `FileAlreadyExists` (409, only if overwriting is forbidden).

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

use crate::callback::Callback;
use crate::error_reply::{incomplete, refused, text};
use crate::etag::Etag;
use crate::fault::{Fault, Refused};
use crate::message::{Draft, crc64, etag, forbid_overwrite, ok};
use crate::object::Object;
use crate::object_headers::ObjectHeaders;
use crate::op::Op;
use crate::sign::Signing;
use crate::xml::Element;

const CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");

/// The request.
#[derive(Clone, Debug)]
pub struct CompleteMultipartUpload<'a> {
    /// The vendor's name for the upload.
    pub upload_id: &'a str,
    /// Every part's number and tag, ascending.
    pub parts: &'a [(u32, &'a Etag)],
    /// What to call then.
    pub callback: Option<&'a Callback>,
    /// What is kept with the object: of this the ACL is sent.
    pub headers: Option<&'a ObjectHeaders>,
    /// The vendor refuses to overwrite an object that is there already.
    pub forbid_overwrite: bool,
}

/// The vendor has put the object together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completed {
    /// The object's tag: no MD5.
    pub etag: Option<Etag>,
    /// The object's CRC-64, if the vendor says it.
    pub crc64: Option<u64>,
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

/// The request, signed and ready to be sent.
///
/// # Errors
/// When V4 is to be signed without a region.
pub fn encode(
    object: &Object,
    message: &CompleteMultipartUpload<'_>,
    signing: &Signing<'_>,
) -> Result<Request<Body>, Fault> {
    let query = [("uploadId", message.upload_id.to_owned())];
    let body = document(message.parts);
    let md5 = HeaderValue::try_from(STANDARD.encode(Md5::digest(&body))).expect("base64 makes a header value");
    let xml = HeaderValue::from_static("application/xml");
    let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, xml), (CONTENT_MD5, md5)]);
    if let Some(callback) = message.callback {
        callback.add_to(&mut headers);
    }
    if let Some(kept) = message.headers {
        kept.add_acl(&mut headers);
    }
    if message.forbid_overwrite {
        forbid_overwrite(&mut headers);
    }
    let body = Body::from(Bytes::from(body));
    Draft { method: Method::POST, query: &query, headers, body }.sign(object, signing)
}

/// Reads the answer; `called` says whether the request had a callback.
///
/// # Errors
/// For every answer that is no success.
pub fn decode(called: bool, response: &Response<Bytes>) -> Result<Completed, Refused> {
    let op = Op::CompleteMultipartUpload;
    ok(op, response)?;
    let (etag, crc64) = (etag(response), crc64(response));
    if called {
        return Ok(Completed { etag, crc64, callback: Some(callback_reply(op, response)?) });
    }
    let root = Element::read(&text(response)).filter(|root| root.name == "CompleteMultipartUploadResult");
    let root = root.ok_or_else(|| refused(op, response))?;
    let etag = root.field("ETag").and_then(Etag::new).or(etag);
    if etag.is_none() {
        return Err(incomplete(op, "ETag", response));
    }
    Ok(Completed { etag, crc64, callback: None })
}

/// The answer of a callback's server, which the vendor passes on: JSON, so that neither an error of the vendor's nor a
/// page of some proxy is taken for one.
pub(crate) fn callback_reply(op: Op, response: &Response<Bytes>) -> Result<Bytes, Refused> {
    let body = response.body();
    match body.trim_ascii_start().first() {
        Some(b'{' | b'[' | b'"') => Ok(body.clone()),
        None => Err(incomplete(op, "reply of the callback", response)),
        Some(_) => Err(refused(op, response)),
    }
}
