//! What the requests and their answers have in common.

use alloc::string::String;

use bytes::Bytes;
use http::header::ETAG;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use resumable_core::Body;

use crate::error_reply::{header, refused, text};
use crate::etag::Etag;
use crate::fault::{Fault, Refused};
use crate::object::Object;
use crate::object_headers::ObjectHeaders;
use crate::op::Op;
use crate::sign::Signing;

/// The type of content of which nothing is known.
pub(crate) const OCTET_STREAM: HeaderValue = HeaderValue::from_static("application/octet-stream");

const FORBID_OVERWRITE: HeaderName = HeaderName::from_static("x-oss-forbid-overwrite");

/// A request without its date and signature.
pub(crate) struct Draft<'a> {
    pub(crate) method: Method,
    /// Sorted by name: V4 signs it so.
    pub(crate) query: &'a [(&'a str, String)],
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
}

impl Draft<'_> {
    pub(crate) fn sign(self, object: &Object, signing: &Signing<'_>) -> Result<Request<Body>, Fault> {
        let Self { method, query, mut headers, body } = self;
        signing.sign(&method, object, query, &mut headers)?;
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = object.uri(query);
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// What an object is to be besides its content.
#[derive(Clone, Copy, Debug, Default)]
pub struct Attributes<'a> {
    /// Its type; `application/octet-stream` where nothing is said.
    pub content_type: Option<&'a HeaderValue>,
    /// What else is kept with it.
    pub headers: Option<&'a ObjectHeaders>,
    /// The vendor refuses to overwrite an object that is there already.
    pub forbid_overwrite: bool,
}

pub(crate) fn forbid_overwrite(headers: &mut HeaderMap) {
    headers.insert(FORBID_OVERWRITE, HeaderValue::from_static("true"));
}

/// Passes an answer with HTTP 200 and no error in its body. Any other one is none: 203 is how the vendor says that the
/// object is stored and its callback failed.
pub(crate) fn ok(op: Op, response: &Response<Bytes>) -> Result<(), Refused> {
    if response.status() == StatusCode::OK { Ok(()) } else { Err(refused(op, response)) }
}

/// Passes an answer that has nothing in its body, as the vendor's successes without a document are: a page of some
/// proxy has something.
pub(crate) fn empty(op: Op, response: &Response<Bytes>) -> Result<(), Refused> {
    ok(op, response)?;
    if text(response).trim().is_empty() { Ok(()) } else { Err(refused(op, response)) }
}

/// The tag in the answer's headers.
pub(crate) fn etag(response: &Response<Bytes>) -> Option<Etag> {
    header(response, ETAG.as_str()).and_then(Etag::new)
}

/// The CRC-64 in the answer's headers.
pub(crate) fn crc64(response: &Response<Bytes>) -> Option<u64> {
    header(response, "x-oss-hash-crc64ecma")?.trim().parse().ok()
}
