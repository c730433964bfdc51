//! What the server answers: the vendor's envelope, the gateway's message, and the pages of what stands before both.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use serde::Serialize;

use super::code::{self, Code};
use super::gateway::Denial;
use crate::date;
use crate::faults::{Fault, VendorCode};
use crate::response::{self, response};
use crate::service::Outcome;

/// What a successful call answers.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Data {
    UploadId(String),
    Url(String),
}

/// Members in the order of real answers.
#[derive(Serialize)]
struct Envelope<'a> {
    code: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Data>,
    message: &'a str,
    sid: &'a str,
}

#[derive(Serialize)]
struct Message<'a> {
    message: &'a str,
}

/// What every answer shares.
#[derive(Clone, Debug)]
pub(super) struct ResponseContext {
    date: String,
    sid: String,
}

impl ResponseContext {
    /// `serial` makes the trace id unlike that of any answer near it.
    pub(super) fn new(clock: Duration, serial: u64) -> ResponseContext {
        ResponseContext { date: date::imf_fixdate(clock), sid: sid(clock, serial) }
    }
}

/// A node, a counter that goes up by two, the time in milliseconds, a host.
fn sid(clock: Duration, serial: u64) -> String {
    let millis = clock.as_millis() & ((1 << 44) - 1);
    format!("ost0001{:04x}@dx{millis:011x}a1b2c3d", serial.wrapping_mul(2) & 0xffff)
}

pub(super) fn success(data: Option<&Data>, stored: u64, context: &ResponseContext) -> Outcome {
    let envelope = Envelope { code: 0, data, message: "success", sid: &context.sid };
    Outcome { response: json(200, &envelope, context), code: Some(0.into()), stored }
}

pub(super) fn refused(status: u16, code: Code, context: &ResponseContext) -> Outcome {
    let envelope = Envelope { code: code.number, data: None, message: code.message, sid: &context.sid };
    Outcome { response: json(status, &envelope, context), code: Some(code.number.into()), stored: 0 }
}

pub(super) fn denied(denial: Denial, context: &ResponseContext) -> Outcome {
    gateway(denial.status(), denial.message(), context)
}

/// The gateway says JSON and calls it text.
fn gateway(status: u16, message: &str, context: &ResponseContext) -> Outcome {
    let body = serde_json::to_vec(&Message { message }).unwrap_or_default();
    Outcome {
        response: response(status, "text/plain; charset=utf-8", body.into(), &context.date),
        code: None,
        stored: 0,
    }
}

/// A page for people, as a proxy in front of everything answers.
pub(super) fn page(status: u16, context: &ResponseContext) -> Outcome {
    let (status, page) = response::page(status, "nginx");
    Outcome { response: response(status, "text/html", page, &context.date), code: None, stored: 0 }
}

/// The answer of a fault that stands in place of the true one.
pub(super) fn fault_response(fault: &Fault, context: &ResponseContext) -> Outcome {
    match fault {
        Fault::Refuse { status, code: VendorCode::Number(number) } => {
            refused(*status, Code { number: *number, message: code::message(*number) }, context)
        }
        Fault::Refuse { status, code: VendorCode::Text(message) } => gateway(*status, message, context),
        Fault::ExpireToken => denied(Denial::Date, context),
        Fault::Throttle { retry_after_seconds } => page(429, context).retry_after(*retry_after_seconds),
        Fault::Html { status } => page(*status, context),
        Fault::Garbage => {
            let body = Bytes::from_static(b"{\"code\":0,\"mess\xff\xfe");
            Outcome { response: response(200, JSON, body, &context.date), code: None, stored: 0 }
        }
        // The vendor's 503, or one that nobody will read.
        _ => page(503, context),
    }
}

const JSON: &str = "application/json; charset=utf-8";

fn json(status: u16, envelope: &Envelope<'_>, context: &ResponseContext) -> Response<Bytes> {
    response(status, JSON, serde_json::to_vec(envelope).unwrap_or_default().into(), &context.date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_id_is_shaped_as_the_vendors() {
        // The vendor's sample, but for the host at its end.
        let at = Duration::from_millis(0x172_fd87_1c41);
        assert_eq!(sid(at, 2), "ost00010004@dx172fd871c41a1b2c3d");
        assert_eq!(sid(at, 0x8001), "ost00010002@dx172fd871c41a1b2c3d");
    }

    #[test]
    fn members_stand_in_the_order_of_real_answers() {
        let context = ResponseContext { date: String::new(), sid: "s".to_owned() };
        let outcome = success(Some(&Data::Url("u".to_owned())), 0, &context);
        assert_eq!(
            outcome.response.body(),
            r#"{"code":0,"data":{"url":"u"},"message":"success","sid":"s"}"#.as_bytes()
        );
        let outcome = success(None, 0, &context);
        assert_eq!(outcome.response.body(), r#"{"code":0,"message":"success","sid":"s"}"#.as_bytes());
    }
}
