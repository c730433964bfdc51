//! The envelope of every answer: `{"state":true,"code":0,"message":"","data":{…}}`.
//!
//! `state` is a bool at `proapi` and a number at `passportapi`; 0, 1 and texts of those are taken, too. It is a success
//! only if `state` says so and neither `code` nor `errno` differs from 0. What went wrong stands in `code` and
//! `message`, or in `errno` and `error`. `data` is an object, an array of one, or `[]` where there is nothing; numbers
//! may be texts and texts numbers.
//!
//! Too many calls look like many things: `code` 0 without a message, a `message` that is the number 770004, the storage's
//! own `{"ErrorMessage":"Throttling.User"}`, an HTML page under HTTP 405.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use bytes::Bytes;
use http::{Response, StatusCode};
use resumable_core::excerpt::printable;
use resumable_core::foreign_answer::{advice_on_foreign, is_page};
use resumable_core::{Advice, Rejection};
use serde_json::{Map, Value};

use crate::codes;
use crate::fault::{Fault, Refused};
use crate::limits::{NAME_BYTES, REPLY_BYTES, TEXT_BYTES};
use crate::op::Op;

/// The shortest secret of this vendor, in base64 characters: a signature has 28, tokens have more.
const SECRET_LIKE: usize = 28;

/// A success. No `Debug`: it may hold tokens.
#[derive(Clone)]
pub(crate) struct Success {
    op: Op,
    data: Value,
}

/// The members of an object. No `Debug`: tokens may be among them.
#[derive(Clone, Default)]
pub(crate) struct Fields(Map<String, Value>);

/// Reads the envelope of a success.
///
/// # Errors
/// For every answer that is none.
pub(crate) fn success(op: Op, response: &Response<Bytes>) -> Result<Success, Refused> {
    let (status, body) = (response.status(), response.body());
    let fits = u64::try_from(body.len()).is_ok_and(|len| len <= REPLY_BYTES);
    let text = String::from_utf8_lossy(if fits { body } else { &[] });
    let text = text.trim_start_matches('\u{feff}').trim();
    let Ok(json) = serde_json::from_str::<Map<String, Value>>(text) else { return Err(unreadable(op, status, text)) };
    let mut json = Fields(json);
    if !json.is_envelope() {
        return Err(unreadable(op, status, text));
    }
    if json.succeeded() {
        return Ok(Success { op, data: json.0.remove("data").unwrap_or_default() });
    }
    Err(refused(op, status, &json))
}

impl Success {
    /// `data`, as one object: an array of one is taken for what is in it, anything else for an empty object.
    pub(crate) fn object(&self) -> Fields {
        Fields::of(&self.data)
    }

    /// True when there is nothing in `data`.
    pub(crate) fn is_empty(&self) -> bool {
        self.object().0.is_empty()
    }

    /// The rejection of a success that lacks something; a call that changes something may well have done so.
    pub(crate) fn incomplete(&self, missing: &'static str) -> Refused {
        Rejection { fault: Fault::Incomplete { op: self.op, missing }, advice: codes::unable(self.op) }
    }
}

impl Fields {
    fn of(value: &Value) -> Self {
        match value {
            Value::Object(object) => Self(object.clone()),
            Value::Array(array) if array.len() == 1 => Self::of(&array[0]),
            _ => Self::default(),
        }
    }

    /// A member that is an object itself.
    pub(crate) fn object(&self, name: &str) -> Self {
        self.0.get(name).map(Self::of).unwrap_or_default()
    }

    /// The objects of a member that is an array.
    pub(crate) fn array(&self, name: &str) -> Option<Vec<Self>> {
        Some(self.0.get(name)?.as_array()?.iter().map(Self::of).collect())
    }

    /// A text that is not empty, or a number as text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let text = match self.0.get(name)? {
            Value::String(text) if text.len() <= TEXT_BYTES => text.clone(),
            Value::Number(number) if !number.is_f64() => number.to_string(),
            _ => return None,
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// A text that can stand in a form and a checkpoint: at most 256 printable ASCII characters.
    pub(crate) fn name(&self, name: &str) -> Option<String> {
        self.text(name).filter(|text| text.len() <= 256 && text.bytes().all(|b| b.is_ascii_graphic()))
    }

    /// The name of a file, as far as it can stand in a checkpoint.
    pub(crate) fn file_name(&self) -> Option<String> {
        self.text("file_name").filter(|name| name.len() <= NAME_BYTES)
    }

    /// A number, or a text that is one.
    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        let value = self.0.get(name)?;
        value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
    }

    /// A number of bytes or seconds.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        let value = self.0.get(name)?;
        value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
    }

    fn is_envelope(&self) -> bool {
        ["state", "code", "errno", "errNo", "ErrorMessage"].iter().any(|name| self.0.contains_key(*name))
    }

    fn succeeded(&self) -> bool {
        let truthy = match self.0.get("state") {
            Some(Value::Bool(state)) => *state,
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            Some(Value::String(text)) => text == "1" || text.eq_ignore_ascii_case("true"),
            _ => false,
        };
        truthy && self.first_of(&["code", "errno", "errNo"]) == 0
    }

    /// The code of a refusal; a message that is a number is one, too.
    fn code(&self) -> i64 {
        self.first_of(&["code", "errno", "errNo", "message"])
    }

    /// The first number that is not 0.
    fn first_of(&self, names: &[&str]) -> i64 {
        let mut numbers = names.iter().filter_map(|name| self.integer(name));
        numbers.find(|number| *number != 0).unwrap_or_default()
    }

    /// The first message that is not empty.
    fn message(&self) -> String {
        let messages = ["message", "error", "error_msg", "ErrorMessage"].into_iter().filter_map(|name| self.text(name));
        printable(&messages.into_iter().next().unwrap_or_default(), SECRET_LIKE)
    }
}

fn refused(op: Op, status: StatusCode, json: &Fields) -> Refused {
    let (code, message) = (json.code(), json.message());
    let says_nothing = code == 0 && (message.is_empty() || message == "0");
    let throttled = says_nothing && !status.is_server_error() || message.contains("Throttling");
    let advice = match status {
        _ if throttled => codes::throttled(),
        StatusCode::TOO_MANY_REQUESTS => codes::throttled(),
        _ => codes::advice(code, status, op),
    };
    Rejection { fault: Fault::Vendor { op, code, message, status: status.as_u16() }, advice }
}

/// The rejection of an answer that is no envelope.
fn unreadable(op: Op, status: StatusCode, text: &str) -> Refused {
    let fault = Fault::Unreadable { op, status: status.as_u16(), excerpt: printable(text, SECRET_LIKE) };
    let advice = match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::METHOD_NOT_ALLOWED | StatusCode::FORBIDDEN => codes::throttled(),
        // 115 asks for no log-in by a page, and not for a proxy's.
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => advice_on_foreign(status, op.changes()),
        StatusCode::UNAUTHORIZED if is_page(text) => advice_on_foreign(status, op.changes()),
        StatusCode::UNAUTHORIZED => Advice::Reauthorize,
        // A page where JSON is expected: the firewall in front of the API.
        _ if is_page(text) && !status.is_server_error() && status != StatusCode::PAYLOAD_TOO_LARGE => {
            codes::throttled()
        }
        _ => codes::unable(op),
    };
    Rejection { fault, advice }
}
