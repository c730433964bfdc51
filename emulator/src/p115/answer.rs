//! What the server answers: the two envelopes, and the pages of what stands before them.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Map, Value, json};

use super::code::{self, Code};
use super::op::Family;
use super::shape::{Shape, TokenErrors};
use crate::date;
use crate::faults::{Fault, VendorCode};
use crate::response::response;
use crate::service::Outcome;

/// What a successful call answers: `data`, and what stands beside it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Success {
    pub(super) data: Value,
    pub(super) beside: Map<String, Value>,
}

impl From<Value> for Success {
    fn from(data: Value) -> Success {
        Success { data, beside: Map::new() }
    }
}

/// Who answers, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct ResponseContext<'a> {
    pub(super) shape: &'a Shape,
    pub(super) family: Family,
    pub(super) clock: Duration,
}

impl ResponseContext<'_> {
    pub(super) fn success(&self, success: Success) -> Outcome {
        let mut envelope = success.beside;
        envelope.insert("code".to_owned(), 0.into());
        envelope.insert("message".to_owned(), self.message(0, ""));
        envelope.insert("data".to_owned(), self.shape.data(success.data));
        match self.family {
            Family::Files => drop(envelope.insert("state".to_owned(), self.shape.state(true))),
            Family::Tokens => envelope.extend(members(json!({ "state": 1, "errno": 0, "error": "" }))),
        }
        self.json(200, &envelope.into(), 0)
    }

    pub(super) fn refused(&self, status: u16, code: Code) -> Outcome {
        let body = self.refusal(code.number, &self.message(code.number, code.message), code.message);
        self.json(status, &body, code.number)
    }

    fn refusal(&self, number: i64, message: &Value, error: &str) -> Value {
        let mut envelope = match (self.family, self.shape.token_errors) {
            (Family::Files, _) => {
                members(json!({ "state": self.shape.state(false), "code": number, "message": message }))
            }
            (Family::Tokens, TokenErrors::Both) => {
                members(json!({ "state": 0, "code": number, "message": message, "errno": number, "error": error }))
            }
            (Family::Tokens, TokenErrors::Errno) => {
                members(json!({ "state": 0, "code": 0, "message": "", "errno": number, "error": error }))
            }
            (Family::Tokens, TokenErrors::Code) => members(json!({ "state": 0, "code": number, "message": message })),
        };
        self.shape.put_refused_data(&mut envelope);
        envelope.into()
    }

    fn message(&self, number: i64, text: &str) -> Value {
        if self.shape.message_as_number { number.into() } else { text.into() }
    }

    /// A refusal that does not say what it is: what the vendor answers to whoever asks too often.
    fn disguised(&self, status: u16, text: &str) -> Outcome {
        if text.starts_with(STS_THROTTLED) {
            let status_text = status.to_string();
            let body = json!({ "StatusCode": status_text, "ErrorCode": status_text, "ErrorMessage": text });
            return self.json(status, &body, text);
        }
        let message = text.parse().map_or_else(|_| Value::from(text), |number: u64| number.into());
        self.json(status, &self.refusal(0, &message, text), text)
    }

    fn json(&self, status: u16, body: &Value, code: impl Into<VendorCode>) -> Outcome {
        let response = self.response(status, JSON, body.to_string().into());
        Outcome { response, code: Some(code.into()), stored: 0 }
    }

    /// A page for people, as whatever stands in front of everything answers.
    pub(super) fn page(&self, status: u16) -> Outcome {
        Outcome { response: self.response(status, "text/html", page(status)), code: None, stored: 0 }
    }

    /// The answer of a fault that stands in place of the true one; `expired` is what the operation says of a credential
    /// whose time is over.
    pub(super) fn fault_response(&self, fault: &Fault, expired: Code) -> Outcome {
        match fault {
            Fault::Refuse { status, code: VendorCode::Number(number) } => self.refused(*status, Code::of(*number)),
            Fault::Refuse { status, code: VendorCode::Text(text) } => self.disguised(*status, text),
            Fault::ExpireToken => self.refused(200, expired),
            Fault::Throttle { retry_after_seconds } => {
                self.refused(200, code::THROTTLED).retry_after(*retry_after_seconds)
            }
            Fault::Html { status } => self.page(*status),
            Fault::Garbage => Outcome { response: self.response(200, JSON, GARBAGE), code: None, stored: 0 },
            // The vendor's 503, or one that nobody will read.
            _ => self.page(503),
        }
    }

    fn response(&self, status: u16, kind: &'static str, body: Bytes) -> Response<Bytes> {
        response(status, kind, body, &date::imf_fixdate(self.clock))
    }
}

const JSON: &str = "application/json; charset=utf-8";
/// How the token service of the cloud says that it is asked too often; the vendor hands it through.
const STS_THROTTLED: &str = "Throttling";
pub(super) const GARBAGE: Bytes = Bytes::from_static(b"{\"state\":true,\"mess\xff\xfe");

pub(super) fn page(status: u16) -> Bytes {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let page =
        format!("<!DOCTYPE html>\n<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n");
    page.into()
}

/// The members of an object.
pub(super) fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
