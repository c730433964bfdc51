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
const REQUEST_ID: &str = "x-cos-request-id";
const SERVER: &str = "server";

/// What a call that went well answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Success {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) kind: Option<String>,
    /// What the client said of the object.
    pub(super) described: Vec<(String, String)>,
    pub(super) body: Bytes,
    pub(super) length: Length,
}

/// What the head says of the body's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    OfBody,
    /// Of a body that is not sent.
    Of(u64),
    /// Nothing: the body comes in chunks.
    Untold,
}

impl Success {
    pub(super) fn empty(status: u16) -> Success {
        Success {
            status,
            headers: Vec::new(),
            kind: None,
            described: Vec::new(),
            body: Bytes::new(),
            length: Length::OfBody,
        }
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
    trace_id: String,
    /// What the request is about, as error documents tell it.
    resource: String,
    /// Whether the request is one whose answer has no body.
    is_head: bool,
    /// Where a page sends the client that says that it is elsewhere.
    elsewhere: String,
}

impl ResponseContext {
    /// `serial` makes the ids unlike those of any answer near it.
    pub(super) fn new(
        clock: Duration,
        serial: u64,
        resource: String,
        is_head: bool,
        elsewhere: String,
    ) -> ResponseContext {
        let id = |what: &str| STANDARD.encode(format!("{:x}_{serial:012x}_{what}", clock.as_secs()));
        let (date, request_id, trace_id) = (date::imf_fixdate(clock), id("emu"), id("emulator_trace"));
        ResponseContext { date, request_id, trace_id, resource, is_head, elsewhere }
    }
}

pub(super) fn success(success: Success, stored: u64, context: &ResponseContext) -> Outcome {
    let Success { status, headers, kind, described, body, length } = success;
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
    let body = if context.is_head { Bytes::new() } else { Bytes::from(document(&error, context)) };
    let mut response = response(error.status, Some(XML), body, Length::OfBody, context);
    set(&mut response, [("x-cos-trace-id", context.trace_id.clone())]);
    Outcome { response, code: Some(VendorCode::Text(error.code.into_owned())), stored }
}

/// An error that comes when the head has promised a success already.
pub(super) fn refused_late(error: Error, context: &ResponseContext) -> Outcome {
    let document = format!("{}{}", blanks(), document(&error, context));
    let response = response(200, Some(XML), Bytes::from(document), Length::Untold, context);
    Outcome { response, code: Some(VendorCode::Text(error.code.into_owned())), stored: 0 }
}

/// What is sent while nothing is known yet.
pub(super) fn blanks() -> String {
    " ".repeat(1024)
}

fn document(error: &Error, context: &ResponseContext) -> String {
    Xml::document("Error", |xml| {
        xml.leaf("Code", &error.code);
        xml.leaf("Message", &error.message);
        error.details.iter().for_each(|(name, value)| xml.leaf(name, value));
        xml.leaf("Resource", &context.resource);
        xml.leaf("RequestId", &context.request_id);
        xml.leaf("TraceId", &context.trace_id);
    })
}

/// The answer of a fault that stands in place of the true one.
pub(super) fn fault_response(fault: &Fault, context: &ResponseContext) -> Outcome {
    match fault {
        Fault::Refuse { status, code } => {
            let error = Error::injected(*status, &code.text());
            if *status == 200 && !context.is_head { refused_late(error, context) } else { refused(error, 0, context) }
        }
        Fault::Throttle { retry_after_seconds } => {
            refused(SLOW_DOWN.error(), 0, context).retry_after(*retry_after_seconds)
        }
        Fault::Html { status } => page(*status, context),
        Fault::Garbage => {
            let body = if context.is_head { &b""[..] } else { b"<?xml version=\"1.0\"?>\n<Initi\xff\xfe" };
            let response = response(200, Some(XML), Bytes::from_static(body), Length::OfBody, context);
            Outcome { response, code: None, stored: 0 }
        }
        // The vendor's 503, or one that nobody will read.
        _ => refused(SERVICE_UNAVAILABLE.error(), 0, context),
    }
}

/// A page for people, as somebody in between answers: nothing in it is the vendor's.
fn page(status: u16, context: &ResponseContext) -> Outcome {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let page = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<h1>{status}</h1>\r\n</body>\r\n</html>\r\n"
    );
    let body = if context.is_head { Bytes::new() } else { Bytes::from(page) };
    let mut response = response(status.as_u16(), Some("text/html"), body, Length::OfBody, context);
    [SERVER, REQUEST_ID].iter().for_each(|name| drop(response.headers_mut().remove(*name)));
    if matches!(status.as_u16(), 301 | 302 | 307) {
        set(&mut response, [("location", context.elsewhere.clone())]);
    }
    Outcome { response, code: None, stored: 0 }
}

fn response(
    status: u16,
    kind: Option<&str>,
    body: Bytes,
    length: Length,
    context: &ResponseContext,
) -> Response<Bytes> {
    let length = match length {
        Length::OfBody => Some(body.len() as u64),
        Length::Of(length) => Some(length),
        Length::Untold => None,
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let told = match length {
        None => Some((header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"))),
        Some(length) => Some((header::CONTENT_LENGTH, HeaderValue::from(length))).filter(|_| status != 204),
    };
    response.headers_mut().extend(told);
    let always = [(SERVER, "tencent-cos"), (REQUEST_ID, context.request_id.as_str()), ("date", context.date.as_str())];
    let always = always.into_iter().chain(kind.map(|kind| ("content-type", kind)));
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
