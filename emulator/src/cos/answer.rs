//! The envelope of answers, and how the vendor shows faults.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Response;
use http::header::{self, HeaderValue};
use serde::Serialize;

use super::code::{self, Code};
use super::rules::{ResponseStyle, Rules};
use super::switches::DateForm;
use crate::date;
use crate::faults::{Fault, VendorCode};
use crate::response;
use crate::service::Outcome;

#[derive(Serialize)]
struct Envelope<'a, D, C> {
    code: C,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a D>,
}

/// The head every answer shares.
#[derive(Clone, Debug)]
pub(crate) struct ResponseContext {
    pub(crate) date: String,
    pub(crate) request_id: Option<String>,
    pub(crate) success: &'static str,
    /// The status of every refusal, where it is the same for all.
    pub(crate) refusals: Option<u16>,
}

impl ResponseContext {
    /// `serial` makes the request id unlike every other.
    pub(crate) fn new(clock: Duration, style: &ResponseStyle, serial: u64) -> ResponseContext {
        let id = || format!("{:x}_{:08x}_{:x}", clock.as_secs(), 0x0a65_6d75, serial);
        ResponseContext {
            date: match style.date {
                DateForm::AsctimeBeijing => date::asctime_beijing(clock),
                DateForm::ImfFixdate => date::imf_fixdate(clock),
            },
            request_id: style.request_id.then(|| STANDARD.encode(id())),
            success: style.success,
            refusals: style.refusals,
        }
    }
}

pub(crate) fn success(data: Option<&impl Serialize>, context: &ResponseContext) -> Response<Bytes> {
    json(200, 0, context.success, data, context)
}

pub(crate) fn refused(code: Code, context: &ResponseContext) -> Outcome {
    Outcome { response: refusal(code, context), code: Some(i64::from(code.number).into()), stored: 0 }
}

/// A page for people, as a gateway in front of the service answers.
pub(crate) fn page(status: u16, context: &ResponseContext) -> Outcome {
    let (status, page) = response::page(status, "tencent-cos");
    Outcome { response: response(status, "text/html", page, context), code: None, stored: 0 }
}

/// The answer of a fault that stands in place of the true one.
pub(crate) fn fault_response(fault: &Fault, rules: &Rules, context: &ResponseContext) -> Outcome {
    match fault {
        Fault::Refuse { status, code } => injected(*status, code, context),
        Fault::ExpireToken => refused(rules.expired.code(), context),
        Fault::Throttle { retry_after_seconds } => refused(code::THROTTLED, context).retry_after(*retry_after_seconds),
        Fault::Html { status } => page(*status, context),
        Fault::Garbage => Outcome { response: garbage(context), code: None, stored: 0 },
        Fault::Unavailable => refused(rules.degraded, context),
        // Nobody will read it.
        _ => page(503, context),
    }
}

/// Another session than this one.
pub(crate) fn other(session: &mut String) {
    *session = session.chars().rev().collect();
    session.replace_range(..1, "g");
}

fn injected(status: u16, code: &VendorCode, context: &ResponseContext) -> Outcome {
    let message = match code {
        VendorCode::Number(number) => i32::try_from(*number).map_or(code::INJECTED, code::message),
        VendorCode::Text(_) => code::INJECTED,
    };
    let response = json(status, code, message, None::<&()>, context);
    Outcome { response, code: Some(code.clone()), stored: 0 }
}

fn refusal(code: Code, context: &ResponseContext) -> Response<Bytes> {
    let status = context.refusals.unwrap_or(code.status);
    json(status, code.number, code.message, None::<&()>, context)
}

fn json(
    status: u16,
    code: impl Serialize,
    message: &str,
    data: Option<&impl Serialize>,
    context: &ResponseContext,
) -> Response<Bytes> {
    let envelope = Envelope { code, message, request_id: context.request_id.as_deref(), data };
    let body = serde_json::to_vec(&envelope).unwrap_or_default();
    response(status, "application/json; charset=utf-8", body.into(), context)
}

fn garbage(context: &ResponseContext) -> Response<Bytes> {
    let body = Bytes::from_static(b"{\"code\":0,\"mess\xff\xfe");
    response(200, "application/json; charset=utf-8", body, context)
}

fn response(status: u16, kind: &'static str, body: Bytes, context: &ResponseContext) -> Response<Bytes> {
    let mut response = response::response(status, kind, body, &context.date);
    let headers = response.headers_mut();
    headers.insert(header::SERVER, HeaderValue::from_static("tencent-cos"));
    if let Some(Ok(id)) = context.request_id.as_deref().map(HeaderValue::from_str) {
        headers.insert("x-cos-request-id", id);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_no_data() {
        let date = date::asctime_beijing(Duration::from_secs(1_472_647_600));
        let context = ResponseContext { date, request_id: Some("NWEx".to_owned()), success: "SUCCESS", refusals: None };
        let response = refused(code::UNFINISHED, &context).response;
        assert_eq!(response.status(), 409);
        let expected = r#"{"code":-4019,"message":"_ERROR_FILE_NOT_FINISH_UPLOAD","request_id":"NWEx"}"#;
        assert_eq!(response.body(), expected.as_bytes());
        assert_eq!(response.headers()["x-cos-request-id"], "NWEx");
    }
}
