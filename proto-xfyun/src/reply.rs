//! The envelope of every reply: `{"code":0,"data":{…},"message":"success","sid":"ost…@dx…"}`.
//!
//! It is read for any HTTP status and any content type, and `code` alone decides: 0 is success. `data` is missing where
//! there is nothing to say, and in refusals. The gateway in front of the API answers `{"message":"…"}` alone, sometimes
//! as `text/plain`. Numbers may be text; unknown fields are ignored. What is no such envelope (an HTML page, half a
//! body) becomes [`Fault::Unreadable`].

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use bytes::Bytes;
use http::{Response, StatusCode};
use resumable_core::Rejection;
use resumable_core::excerpt::printable;
use resumable_core::foreign_answer::is_page;
use serde_json::{Map, Value};

use crate::codes;
use crate::fault::{Fault, Refused};
use crate::limits::{REPLY_BYTES, UPLOAD_ID_BYTES, URL_BYTES};
use crate::op::Op;

/// The shortest secret of this vendor: keys have 32 characters, signatures 44.
const SECRET_LIKE: usize = 32;

/// The longest `sid` that is kept, in characters; the vendor's have 32.
const SID: usize = 100;

/// A reply, as far as it is the same for every call. `Debug` does not show what it says of this call: a url may be signed.
#[derive(Clone)]
pub struct Envelope {
    /// The call.
    pub op: Op,
    /// The HTTP status.
    pub status: StatusCode,
    /// The vendor's code; 0 is success.
    pub code: i64,
    /// The vendor's message: one printable line of at most 200 characters.
    pub message: String,
    /// The vendor's name for the exchange.
    pub sid: Option<String>,
    data: Map<String, Value>,
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { op, status, code, message, sid, data: _ } = self;
        let mut shown = f.debug_struct("Envelope");
        shown.field("op", op).field("status", status).field("code", code).field("message", message);
        shown.field("sid", sid).finish_non_exhaustive()
    }
}

/// Reads the envelope of an answer to `op`, whatever its code and HTTP status.
///
/// # Errors
/// When it is none: [`Fault::Vendor`] without a code for what the gateway says, [`Fault::TooLarge`] for HTTP 413,
/// [`Fault::Unreadable`] for the rest.
pub fn read(op: Op, response: &Response<Bytes>) -> Result<Envelope, Refused> {
    let (status, body) = (response.status(), response.body());
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    let fits = u64::try_from(body.len()).is_ok_and(|len| len <= REPLY_BYTES);
    let json = Some(text).filter(|_| fits).and_then(|text| serde_json::from_str::<Map<String, Value>>(text).ok());
    let Some(mut json) = json else { return Err(unreadable(op, status, text)) };
    let message = printable(string(&json, "message"), SECRET_LIKE);
    let sid: String = printable(string(&json, "sid"), SECRET_LIKE).chars().take(SID).collect();
    let sid = Some(sid).filter(|sid| !sid.is_empty());
    let Some(code) = json.get("code").and_then(integer) else {
        return Err(if message.is_empty() { unreadable(op, status, text) } else { gateway(op, status, message, sid) });
    };
    let data = match json.remove("data") {
        Some(Value::Object(data)) => data,
        _ => Map::new(),
    };
    Ok(Envelope { op, status, code, message, sid, data })
}

/// Reads the envelope of a success.
///
/// # Errors
/// For every answer that is not `code` 0.
pub fn success(op: Op, response: &Response<Bytes>) -> Result<Envelope, Refused> {
    let envelope = read(op, response)?;
    if envelope.code == 0 { Ok(envelope) } else { Err(envelope.refused()) }
}

impl Envelope {
    /// The rejection of a code that is no success.
    pub fn refused(self) -> Refused {
        let advice = codes::advice(self.code, self.status);
        let Self { op, code, message, sid, status, .. } = self;
        Rejection { fault: Fault::Vendor { op, code: Some(code), message, sid, status: status.as_u16() }, advice }
    }

    /// The `upload_id` of a success.
    ///
    /// # Errors
    /// When there is none that can be kept and sent in a form.
    pub(crate) fn upload_id(&self) -> Result<String, Refused> {
        let usable = |id: &str| (1..=UPLOAD_ID_BYTES).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
        self.text("upload_id", usable)
    }

    /// The `url` of a success.
    ///
    /// # Errors
    /// When there is none that can be kept.
    pub(crate) fn url(&self) -> Result<String, Refused> {
        self.text("url", |url| (1..=URL_BYTES).contains(&url.len()) && !url.contains(char::is_control))
    }

    fn text(&self, name: &'static str, usable: impl Fn(&str) -> bool) -> Result<String, Refused> {
        let text = string(&self.data, name);
        if usable(text) { Ok(text.to_owned()) } else { Err(self.incomplete(name)) }
    }

    /// The rejection of a success that lacks something; the call may well have had its effect.
    fn incomplete(&self, missing: &'static str) -> Refused {
        let fault = Fault::Incomplete { op: self.op, missing, sid: self.sid.clone() };
        Rejection { fault, advice: codes::advice_unreadable(self.status) }
    }
}

fn string<'a>(json: &'a Map<String, Value>, name: &str) -> &'a str {
    json.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// The rejection of a message without a code.
fn gateway(op: Op, status: StatusCode, message: String, sid: Option<String>) -> Refused {
    let advice = codes::advice_by_message(&message, status);
    Rejection { fault: Fault::Vendor { op, code: None, message, sid, status: status.as_u16() }, advice }
}

/// The rejection of an answer that is no JSON, or JSON that says nothing.
fn unreadable(op: Op, status: StatusCode, text: &str) -> Refused {
    let excerpt = printable(text, SECRET_LIKE);
    if status.is_client_error() && !is_page(text) && codes::find_text(&excerpt).is_some() {
        return gateway(op, status, excerpt, None);
    }
    let fault = match status {
        StatusCode::PAYLOAD_TOO_LARGE => Fault::TooLarge { op },
        _ => Fault::Unreadable { op, status: status.as_u16(), excerpt },
    };
    Rejection { fault, advice: codes::advice_unreadable(status) }
}
