//! The envelope of every reply: `{"code":0,"message":"SUCCESS","request_id":"…","data":{…}}`.
//!
//! It is read for any HTTP status, and `code` alone decides: HTTP 200 proves nothing. `request_id` and `data` may be
//! missing (the vendor's samples of 2016 have no `request_id`, errors have no `data`). The request id also stands in
//! the header `x-cos-request-id`. Numbers may be text and the other way round; unknown fields are ignored. What is no
//! such envelope (an HTML page, half a body) becomes [`BadAnswer::Unreadable`].

use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use core::fmt;

use bytes::Bytes;
use http::{Response, StatusCode};
use resumable_core::excerpt::request_id;
use resumable_core::foreign_answer::is_page;
use resumable_core::{Advice, Rejection};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::answer::BadAnswer;
use crate::excerpt::printable;
use crate::limits::SESSION_BYTES;
use crate::object::ObjectUrls;
use crate::op::Op;
use crate::{codes, lenient};

/// A reply, as far as it is the same for every call. `Debug` does not show what it says of this call: a url may be signed.
#[derive(Clone)]
pub struct Envelope<O> {
    /// The call.
    pub op: O,
    /// The HTTP status.
    pub status: StatusCode,
    /// The vendor's code; 0 is success.
    pub code: i64,
    /// The vendor's message: one printable line of at most 200 characters.
    pub message: String,
    /// The vendor's name for the request.
    pub request_id: Option<String>,
    data: String,
}

impl<O: fmt::Debug> fmt::Debug for Envelope<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { op, status, code, message, request_id, data: _ } = self;
        let mut shown = f.debug_struct("Envelope");
        shown.field("op", op).field("status", status).field("code", code).field("message", message);
        shown.field("request_id", request_id).finish_non_exhaustive()
    }
}

/// Reads the envelope of an answer to `op`, whatever its code and HTTP status.
///
/// # Errors
/// When it is none: [`BadAnswer::TooLarge`] for HTTP 413, [`BadAnswer::Unreadable`] for the rest. A message about
/// signatures without a code (`ERROR_PROXY_AUTH_…`), or under HTTP 4xx any other of the vendor's (`ERROR_…`), becomes
/// [`BadAnswer::Vendor`].
pub fn read<O: Op>(op: O, response: &Response<Bytes>) -> Result<Envelope<O>, Rejection<O::Fault>> {
    let body = response.body();
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    let fits = u64::try_from(body.len()).is_ok_and(|len| len <= op.reply_bytes());
    let wire = text.starts_with('{').then(|| serde_json::from_str::<Wire<'_>>(text)).and_then(Result::ok);
    match wire {
        Some(wire) if fits => {
            wire.envelope(op, response).map_err(|wire| nameless(op, response, text, wire.message.as_deref()))
        }
        _ => Err(nameless(op, response, text, None)),
    }
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(default, deserialize_with = "lenient::integer")]
    code: Option<i64>,
    #[serde(default, deserialize_with = "lenient::text")]
    message: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    request_id: Option<String>,
    #[serde(default, borrow)]
    data: Option<&'a RawValue>,
}

impl Wire<'_> {
    fn envelope<O: Op>(self, op: O, response: &Response<Bytes>) -> Result<Envelope<O>, Self> {
        let Some(code) = self.code else { return Err(self) };
        // PHP servers write an empty object as [], and what is no object has no fields.
        let data = self.data.map(RawValue::get).filter(|json| json.starts_with('{')).unwrap_or("{}");
        let named = self.request_id.map(Cow::Owned).or_else(|| header_id(response).map(Cow::Borrowed));
        Ok(Envelope {
            op,
            status: response.status(),
            code,
            message: printable(self.message.as_deref().unwrap_or_default()),
            request_id: named.and_then(|id| request_id(&id)),
            data: data.to_owned(),
        })
    }
}

fn header_id(response: &Response<Bytes>) -> Option<&str> {
    response.headers().get("x-cos-request-id")?.to_str().ok()
}

/// The rejection of an answer that has no code.
fn nameless<O: Op>(op: O, response: &Response<Bytes>, text: &str, message: Option<&str>) -> Rejection<O::Fault> {
    let status = response.status();
    let plain = Some(text).filter(|text| status.is_client_error() && !is_page(text));
    let named = message.or(plain).and_then(|said| Some((said, codes::advice_by_name(said, status)?)));
    if let Some((said, advice)) = named {
        let (message, request_id) = (printable(said), header_id(response).and_then(request_id));
        return bad(BadAnswer::Vendor { op, code: None, message, request_id, status: status.as_u16() }, advice);
    }
    let fault = match status {
        StatusCode::PAYLOAD_TOO_LARGE => BadAnswer::TooLarge { op },
        _ => BadAnswer::Unreadable { op, status: status.as_u16(), excerpt: printable(text) },
    };
    bad(fault, codes::advice_unreadable(status, op))
}

fn bad<O: Op>(answer: BadAnswer<O>, advice: Advice) -> Rejection<O::Fault> {
    Rejection { fault: answer.into(), advice }
}

impl<O: Op> Envelope<O> {
    /// The fields of `data`; all of `T`'s must be optional, for a missing `data` has none.
    ///
    /// # Errors
    /// When a field that `T` knows stands there twice or is nonsense.
    pub fn data<T: DeserializeOwned>(&self) -> Result<T, Rejection<O::Fault>> {
        serde_json::from_str(&self.data).map_err(|_| {
            let (op, status) = (self.op, self.status.as_u16());
            let excerpt = printable(&self.data);
            bad(BadAnswer::Unreadable { op, status, excerpt }, codes::advice_unreadable(self.status, op))
        })
    }

    /// The rejection of a code that is no ordinary reply to this call.
    pub fn refused(self) -> Rejection<O::Fault> {
        let advice = codes::advice(self.code, self.status, self.op);
        let Self { op, code, message, request_id, status, .. } = self;
        bad(BadAnswer::Vendor { op, code: Some(code), message, request_id, status: status.as_u16() }, advice)
    }

    /// The rejection of a success that lacks something; the call may well have had its effect.
    pub fn incomplete(&self, missing: &'static str) -> Rejection<O::Fault> {
        let (op, request_id) = (self.op, self.request_id.clone());
        bad(BadAnswer::Incomplete { op, missing, request_id }, codes::advice_unreadable(self.status, op))
    }

    /// The addresses of a complete object.
    ///
    /// # Errors
    /// When there is none, and so no word that it is complete.
    pub fn complete(&self, urls: ObjectUrls) -> Result<ObjectUrls, Rejection<O::Fault>> {
        urls.if_any().ok_or_else(|| self.incomplete("access_url"))
    }
}

/// The rejection of an answer that can be read, but not be right: asked again for a bounded number of times.
pub fn wrong<F>(fault: F) -> Rejection<F> {
    Rejection { fault, advice: Advice::Retry }
}

/// True for a session that a client can keep: not of any length, and printable.
pub fn is_session(session: &str) -> bool {
    session.len() <= SESSION_BYTES && !session.contains(char::is_control)
}
