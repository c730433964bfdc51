//! What the server answers: XML, or the head alone, with a request id and the time in every head.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{HeaderName, Response, StatusCode};
use sha2::{Digest, Sha256};

use super::error::{Error, SERVICE_UNAVAILABLE, SLOW_DOWN};
use crate::date;
use crate::faults::{Fault, VendorCode};
use crate::part_store::Xml;
use crate::service::Outcome;

const XML: &str = "application/xml";
pub(super) const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// What a call that went well answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Success {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
    /// What `Content-Length` says where the body is not sent.
    pub(super) length: Option<u64>,
}

impl Success {
    pub(super) fn empty(status: u16) -> Success {
        Success { status, headers: Vec::new(), body: Bytes::new(), length: None }
    }

    pub(super) fn xml(root: &str, fill: impl FnOnce(&mut Xml)) -> Success {
        let body = Bytes::from(Xml::document_in(root, NAMESPACE, fill));
        Success { body, ..Success::empty(200) }.with("content-type", XML)
    }

    pub(super) fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Success {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(super) fn with_all(mut self, headers: impl IntoIterator<Item = (String, String)>) -> Success {
        self.headers.extend(headers);
        self
    }
}

/// What every answer to a request shares.
#[derive(Clone, Debug)]
pub(super) struct ResponseContext {
    pub(super) clock: Duration,
    /// Absent where the server has none.
    pub(super) request_id: Option<String>,
    /// The path of the request.
    pub(super) resource: String,
    /// Whether the request is one whose answer has no body.
    pub(super) is_head: bool,
}

/// `serial` makes it unlike that of any answer near it.
pub(super) fn request_id(clock: Duration, serial: u64) -> String {
    format!("{:08X}EM{:06}", clock.as_secs() & 0xffff_ffff, serial % 1_000_000)
}

pub(super) fn success(success: Success, stored: u64, context: &ResponseContext) -> Outcome {
    let Success { status, headers, body, length } = success;
    let length = length.unwrap_or(body.len() as u64);
    let mut response = response(status, body, length, context);
    set(&mut response, headers);
    Outcome { response, code: None, stored }
}

pub(super) fn refused(error: Error, stored: u64, context: &ResponseContext) -> Outcome {
    let body = if context.is_head { Bytes::new() } else { Bytes::from(document(&error, context)) };
    let length = body.len() as u64;
    let mut response = response(error.status, body, length, context);
    set(&mut response, [("content-type".to_owned(), XML.to_owned())]);
    set(&mut response, error.headers.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Outcome { response, code: Some(VendorCode::Text(error.code.into_owned())), stored }
}

fn document(error: &Error, context: &ResponseContext) -> String {
    Xml::document("Error", |xml| {
        xml.leaf("Code", &error.code);
        xml.leaf("Message", &error.message);
        error.details.iter().for_each(|(name, value)| xml.leaf(name, value));
        xml.leaf("Resource", &context.resource);
        if let Some(id) = &context.request_id {
            xml.leaf("RequestId", id);
            xml.leaf("HostId", &host_id(id));
        }
    })
}

fn host_id(request_id: &str) -> String {
    STANDARD.encode(Sha256::digest(request_id))
}

/// The answer of a fault that stands in place of the true one; `refusal` is what a plan asks for by code.
pub(super) fn fault_response(
    fault: &Fault,
    context: &ResponseContext,
    refusal: impl FnOnce(u16, &str) -> Error,
) -> Outcome {
    match fault {
        Fault::Refuse { status, code } => refused(refusal(*status, &code.text()), 0, context),
        Fault::Throttle { retry_after_seconds } => {
            refused(SLOW_DOWN.error(), 0, context).retry_after(*retry_after_seconds)
        }
        Fault::ThrottleHeader { name, value } => {
            let mut outcome = refused(SLOW_DOWN.error(), 0, context);
            set(&mut outcome.response, [(name.clone(), value.clone())]);
            outcome
        }
        Fault::Blanks { count, code, .. } => {
            let code = code.as_ref().map_or_else(|| "InternalError".to_owned(), VendorCode::text);
            refused(refusal(200, &code), 0, context).with_blanks(*count)
        }
        Fault::Html { status } => page(*status, context),
        Fault::Garbage => {
            let body = if context.is_head { &b""[..] } else { b"<?xml version=\"1.0\"?>\n<Initi\xff\xfe" };
            let body = Bytes::from_static(body);
            let length = body.len() as u64;
            Outcome { response: response(200, body, length, context), code: None, stored: 0 }
        }
        // The vendor's 503, or one that nobody will read.
        _ => refused(SERVICE_UNAVAILABLE.error(), 0, context),
    }
}

/// A page for people, as a proxy in front of everything answers.
fn page(status: u16, context: &ResponseContext) -> Outcome {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let page = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<h1>{status}</h1>\r\n</body>\r\n</html>\r\n"
    );
    let body = if context.is_head { Bytes::new() } else { Bytes::from(page) };
    let length = body.len() as u64;
    let nobodys = ResponseContext { request_id: None, ..context.clone() };
    let mut response = response(status.as_u16(), body, length, &nobodys);
    response.headers_mut().remove(header::SERVER);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    Outcome { response, code: None, stored: 0 }
}

fn response(status: u16, body: Bytes, length: u64, context: &ResponseContext) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status != 204 {
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    let ids = context.request_id.iter().flat_map(|id| [("x-amz-request-id", id.clone()), ("x-amz-id-2", host_id(id))]);
    let always = [("server", "AmazonS3".to_owned()), ("date", date::imf_fixdate(context.clock))];
    set(&mut response, always.into_iter().chain(ids).map(|(name, value)| (name.to_owned(), value)));
    response
}

/// A value that no head can hold is left out.
fn set(response: &mut Response<Bytes>, headers: impl IntoIterator<Item = (String, String)>) {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
}
