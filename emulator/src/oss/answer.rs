//! What the server answers: XML, or the head alone, with a request id and the time in every head.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{HeaderName, Response, StatusCode};

use super::error::{Error, SERVICE_UNAVAILABLE, SLOW_DOWN};
use crate::date;
use crate::faults::{Fault, VendorCode};
use crate::part_store::Xml;
use crate::service::Outcome;

const XML: &str = "application/xml";
/// What is in the head of every answer of this server's, and in no other's.
const OURS: [&str; 3] = ["server", "x-oss-server-time", "x-oss-request-id"];

/// What a call that went well answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Success {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) kind: Option<String>,
    /// What the client said of the object.
    pub(super) described: Vec<(String, String)>,
    pub(super) body: Bytes,
    /// What `Content-Length` says where the body is not sent.
    pub(super) length: Option<u64>,
}

impl Success {
    pub(super) fn empty(status: u16) -> Success {
        Success { status, headers: Vec::new(), kind: None, described: Vec::new(), body: Bytes::new(), length: None }
    }

    pub(super) fn xml(document: String) -> Success {
        Success { kind: Some(XML.to_owned()), body: document.into(), ..Success::empty(200) }
    }

    pub(super) fn with(mut self, headers: impl IntoIterator<Item = (&'static str, String)>) -> Success {
        self.headers.extend(headers);
        self
    }
}

/// What every answer to a request shares.
#[derive(Clone, Debug)]
pub(super) struct ResponseContext {
    date: String,
    request_id: String,
    host_id: String,
    /// Whether the request is one whose answer has no body.
    is_head: bool,
}

impl ResponseContext {
    /// `serial` makes the request id unlike that of any answer near it.
    pub(super) fn new(clock: Duration, serial: u64, host_id: String, is_head: bool) -> ResponseContext {
        let request_id = format!("{:08X}EMU{:013}", clock.as_secs() & 0xffff_ffff, serial % 10_000_000_000_000);
        ResponseContext { date: date::imf_fixdate(clock), request_id, host_id, is_head }
    }
}

pub(super) fn success(success: Success, stored: u64, context: &ResponseContext) -> Outcome {
    let Success { status, headers, kind, described, body, length } = success;
    let length = length.unwrap_or(body.len() as u64);
    let mut response = response(status, kind.as_deref(), body, length, context);
    set(&mut response, headers);
    for (name, value) in described {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    Outcome { response, code: None, stored }
}

pub(super) fn refused(error: Error, stored: u64, context: &ResponseContext) -> Outcome {
    let document = document(&error, context);
    let mut headers = error.headers;
    if !error.ec.is_empty() {
        headers.push(("x-oss-ec", error.ec.to_owned()));
    }
    let body = if context.is_head {
        headers.push(("x-oss-err", STANDARD.encode(&document)));
        Bytes::new()
    } else {
        Bytes::from(document)
    };
    let length = body.len() as u64;
    let mut response = response(error.status, Some(XML), body, length, context);
    set(&mut response, headers);
    Outcome { response, code: Some(VendorCode::Text(error.code.into_owned())), stored }
}

fn document(error: &Error, context: &ResponseContext) -> String {
    Xml::document("Error", |xml| {
        xml.leaf("Code", &error.code);
        xml.leaf("Message", &error.message);
        xml.leaf("RequestId", &context.request_id);
        xml.leaf("HostId", &context.host_id);
        error.details.iter().for_each(|(name, value)| xml.leaf(name, value));
        if !error.ec.is_empty() {
            xml.leaf("EC", error.ec);
            xml.leaf("RecommendDoc", &format!("https://api.aliyun.com/troubleshoot?q={}", error.ec));
        }
    })
}

/// The answer of a fault that stands in place of the true one.
pub(super) fn fault_response(fault: &Fault, context: &ResponseContext) -> Outcome {
    match fault {
        Fault::Refuse { status, code } => refused(Error::injected(*status, &code.text()), 0, context),
        Fault::Throttle { retry_after_seconds } => {
            refused(SLOW_DOWN.error(), 0, context).retry_after(*retry_after_seconds)
        }
        Fault::Html { status } => page(*status, context),
        Fault::Garbage => {
            let body = if context.is_head { &b""[..] } else { b"<?xml version=\"1.0\"?>\n<Initi\xff\xfe" };
            let body = Bytes::from_static(body);
            let length = body.len() as u64;
            Outcome { response: response(200, Some(XML), body, length, context), code: None, stored: 0 }
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
    let mut response = response(status.as_u16(), Some("text/html"), body, length, context);
    OURS.iter().for_each(|name| drop(response.headers_mut().remove(*name)));
    Outcome { response, code: None, stored: 0 }
}

fn response(status: u16, kind: Option<&str>, body: Bytes, length: u64, context: &ResponseContext) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status != 204 {
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    let [server, server_time, request_id] = OURS;
    let always = [(server, "AliyunOSS"), (server_time, "1"), (request_id, context.request_id.as_str())];
    let always =
        always.into_iter().chain([("date", context.date.as_str())]).chain(kind.map(|kind| ("content-type", kind)));
    set(&mut response, always.map(|(name, value)| (name, value.to_owned())));
    response
}

/// A value that no head can hold is left out.
fn set(response: &mut Response<Bytes>, headers: impl IntoIterator<Item = (&'static str, String)>) {
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
}
