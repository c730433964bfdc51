//! Refusals: `<Error><Code>…</Code><Message>…</Message><RequestId>…</RequestId><EC>…</EC></Error>`.
//!
//! Elements are found by name; their order, and further ones, mean nothing. Some of those repeat what was sent (the
//! security token, the text that was signed), and are not read at all. Where there is no body, as after HEAD, the header
//! `x-oss-err` holds the same XML in base64, and `x-oss-ec` the finer code alone.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use core::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Response, StatusCode};
use resumable_core::calendar::parse_gmt_date;
use resumable_core::excerpt::printable;
use resumable_core::foreign_answer::advice_on_foreign;
use resumable_core::{Advice, Rejection};

use crate::codes::{self, Class};
use crate::endpoint::Endpoint;
use crate::etag::Etag;
use crate::fault::{Fault, Refused};
use crate::iso8601::unix_time;
use crate::op::Op;
use crate::xml::Element;

/// No text of this many base64 characters is shown in a message: keys have 24 and more, signatures 28 and more.
const SECRET_LIKE: usize = 20;

/// A request id has 24 characters; what is as long as a signature is none.
const ID_SECRET_LIKE: usize = 28;

/// The longest code, finer code or request id that is kept, in characters.
const NAME: usize = 64;

/// What the vendor said in a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorReply {
    /// The HTTP status.
    pub status: u16,
    /// The code; `None` where only the finer code is known.
    pub code: Option<String>,
    /// The message: one printable line of at most 200 characters.
    pub message: String,
    /// The vendor's name for the request, to quote to its support.
    pub request_id: Option<String>,
    /// The finer code `EC`, like `0002-00000007`.
    pub ec: Option<String>,
    /// In `PartAlreadyExist`: the tag of the part that is there.
    pub etag: Option<Etag>,
    /// In `PartAlreadyExist` and `PartNotSequential`: the part's number.
    pub part_number: Option<u32>,
    /// Where the bucket is to be asked instead: a host, with a port where one is said.
    pub endpoint: Option<String>,
    /// In `RequestTimeTooSkewed`: the vendor's clock, as time since 1970-01-01 UTC.
    pub server_time: Option<Duration>,
}

impl ErrorReply {
    /// Reads the refusal in an answer, whatever its status; `None` when there is none.
    pub fn read(response: &Response<Bytes>) -> Option<Self> {
        let body = text(response);
        let root = Element::read(&body).filter(is_error).or_else(|| {
            let encoded = header(response, "x-oss-err")?;
            let xml = STANDARD.decode(encoded.trim()).ok()?;
            Element::read(&String::from_utf8_lossy(&xml)).filter(is_error)
        });
        let ec = header(response, "x-oss-ec").and_then(name);
        let Some(root) = root else {
            let bare = body.trim().is_empty() && !response.status().is_success();
            let ec = ec.filter(|_| bare)?;
            return Some(Self::new(response, None, Some(ec)));
        };
        let code = root.field("Code").and_then(name);
        let mut error = Self::new(response, code, root.field("EC").and_then(name).or(ec));
        error.message = printable(root.field("Message").unwrap_or_default(), SECRET_LIKE);
        error.request_id = root.field("RequestId").and_then(request_id).or(error.request_id);
        error.etag = root.field("ETag").and_then(Etag::new);
        error.part_number = root.field("PartNumber").and_then(|number| number.parse().ok());
        error.endpoint = root.field("Endpoint").and_then(host);
        error.server_time = root.field("ServerTime").and_then(|time| unix_time(time).or_else(|| parse_gmt_date(time)));
        Some(error)
    }

    fn new(response: &Response<Bytes>, code: Option<String>, ec: Option<String>) -> Self {
        let (status, request_id) = (response.status().as_u16(), id_of(response));
        Self {
            status,
            code,
            message: String::new(),
            request_id,
            ec,
            etag: None,
            part_number: None,
            endpoint: None,
            server_time: None,
        }
    }

    /// What the code says about the request, if it is in the table.
    pub fn class(&self) -> Option<Class> {
        self.code.as_deref().and_then(codes::find).map(|row| row.class)
    }
}

/// A host, with a port or without: nothing else is shown as one.
fn host(text: &str) -> Option<String> {
    let endpoint = Endpoint::new(text).ok()?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-.:".contains(&b);
    let host = endpoint.authority();
    (host.len() <= 255 && host.bytes().all(plain)).then(|| host.to_owned())
}

fn is_error(root: &Element) -> bool {
    root.name == "Error"
}

/// The vendor's name for a request, from the answer's header.
pub(crate) fn id_of(response: &Response<Bytes>) -> Option<String> {
    header(response, "x-oss-request-id").and_then(request_id)
}

fn request_id(text: &str) -> Option<String> {
    name(&printable(text, ID_SECRET_LIKE))
}

/// A short word: anything longer, or with other characters, is no code.
fn name(text: &str) -> Option<String> {
    let text = text.trim();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    let usable = (1..=NAME).contains(&text.len()) && text.bytes().all(plain);
    usable.then(|| printable(text, 32)).filter(|text| !text.contains('['))
}

pub(crate) fn header<'a>(response: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

pub(crate) fn text(response: &Response<Bytes>) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

/// The rejection of an answer that is no success of `op`.
pub(crate) fn refused(op: Op, response: &Response<Bytes>) -> Refused {
    let status = response.status();
    if let Some(error) = ErrorReply::read(response) {
        let advice = match (codes::advice(error.code.as_deref(), status, op), error.server_time) {
            (Advice::Clock, Some(time)) => Advice::ClockAt(time),
            (advice, _) => advice,
        };
        return Rejection { fault: Fault::Vendor { op, error: Box::new(error) }, advice };
    }
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return Rejection { fault: Fault::TooLarge { op }, advice: codes::advice_unreadable(status, op) };
    }
    // An excerpt is short, and a reply may have megabytes.
    let body = response.body();
    let excerpt = printable(&String::from_utf8_lossy(&body[..body.len().min(4096)]), SECRET_LIKE);
    let fault = Fault::Unreadable { op, status: status.as_u16(), excerpt };
    // OSS names each of its answers, also where it has no body.
    let vendors = id_of(response).is_some();
    let advice = if vendors { codes::advice_unreadable(status, op) } else { advice_on_foreign(status, op.changes()) };
    Rejection { fault, advice }
}

/// The rejection of a success that lacks something; the call may well have had its effect.
pub(crate) fn incomplete(op: Op, missing: &'static str, response: &Response<Bytes>) -> Refused {
    let fault = Fault::Incomplete { op, missing, request_id: id_of(response) };
    Rejection { fault, advice: codes::advice_unreadable(response.status(), op) }
}
