//! Refusals: `<Error><Code>…</Code><Message>…</Message><RequestId>…</RequestId><EC>…</EC></Error>`.
//!
//! Elements are found by name; their order, and further ones, mean nothing. Some of those repeat what was sent (the
//! security token, the text that was signed), and are not read at all. Where there is no body, as after HEAD, a dialect may
//! name headers that hold the same ([`BareRefusals`]).

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use core::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Response, StatusCode};
use resumable_core::calendar::parse_gmt_date;
use resumable_core::excerpt::{printable, request_id};
use resumable_core::foreign_answer::advice_on_foreign;
use resumable_core::{Advice, Rejection};

use crate::codes::{self, Class, Code};
use crate::dialect::{BareRefusals, Dialect};
use crate::etag::Etag;
use crate::fault::{Fault, Refused};
use crate::iso8601::unix_time;
use crate::op::Op;
use crate::origin::Origin;
use crate::xml::Element;

/// No text of this many base64 characters is shown in a message: keys have 24 and more, signatures 28 and more.
const SECRET_LIKE: usize = 20;

/// The longest code or finer code that is kept, in characters.
const NAME: usize = 64;

/// No code, finer code or region has a word that is as long as OSS's secret.
const NAME_SECRET_LIKE: usize = 30;

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
    /// The bucket's region, where the refusal names it.
    pub region: Option<String>,
    /// In `RequestTimeTooSkewed`: the vendor's clock, as time since 1970-01-01 UTC.
    pub server_time: Option<Duration>,
    /// The code's row in the vendor's table.
    pub(crate) row: Option<&'static Code>,
}

impl ErrorReply {
    /// Reads the refusal in an answer, whatever its status; `None` when there is none.
    pub fn read(dialect: &Dialect, response: &Response<Bytes>) -> Option<Self> {
        let body = text(response);
        let (document, finer) = match dialect.bare_refusals {
            BareRefusals::InHeaders { document, code } => (header(response, document), header(response, code)),
            BareRefusals::ByStatus => (None, None),
        };
        let root = Element::read(&body).filter(is_error).or_else(|| {
            let xml = STANDARD.decode(document?.trim()).ok()?;
            Element::read(&String::from_utf8_lossy(&xml)).filter(is_error)
        });
        let region = dialect.bucket_region.and_then(|name| header(response, name)).and_then(name);
        let ec = finer.and_then(name);
        let Some(root) = root else {
            let bare = body.trim().is_empty() && !response.status().is_success();
            let told = bare && (ec.is_some() || region.is_some());
            let row = region.as_ref().map(|_| &ELSEWHERE);
            return told.then(|| Self { ec, region, row, ..Self::bare(dialect, response) });
        };
        let mut error = Self::bare(dialect, response);
        // The longest code of the table is as long as a secret.
        error.row = root.field("Code").and_then(|code| dialect.find(code.trim()));
        error.code = error.row.map(|row| row.code.to_owned()).or_else(|| root.field("Code").and_then(name));
        error.ec = root.field("EC").and_then(name).or(ec);
        error.message = printable(root.field("Message").unwrap_or_default(), SECRET_LIKE);
        error.request_id = root.field("RequestId").and_then(request_id).or(error.request_id);
        error.etag = root.field("ETag").and_then(Etag::new);
        error.part_number = root.field("PartNumber").and_then(|number| number.parse().ok());
        error.endpoint = root.field("Endpoint").and_then(host);
        let of_host = || error.endpoint.as_deref().and_then(dialect.region_of);
        error.region = root.field("Region").and_then(name).or(region).or_else(of_host);
        error.server_time = root.field("ServerTime").and_then(|time| unix_time(time).or_else(|| parse_gmt_date(time)));
        Some(error)
    }

    fn bare(dialect: &Dialect, response: &Response<Bytes>) -> Self {
        Self {
            status: response.status().as_u16(),
            code: None,
            message: String::new(),
            request_id: id_of(dialect, response),
            ec: None,
            etag: None,
            part_number: None,
            endpoint: None,
            region: None,
            server_time: None,
            row: None,
        }
    }

    /// What the code says about the request, if it is in the table.
    pub fn class(&self) -> Option<Class> {
        self.row.map(|row| row.class)
    }
}

/// A refusal that says nothing but where the bucket is.
const ELSEWHERE: Code = Code {
    code: "",
    class: Class::Region,
    meaning: "the bucket is in another region",
    remedy: "set the region to the one that is named",
};

/// A host, with a port or without: nothing else is shown as one.
fn host(text: &str) -> Option<String> {
    let origin = Origin::new(text).ok()?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-.:".contains(&b);
    let host = origin.authority();
    (host.len() <= 255 && host.bytes().all(plain)).then(|| host.to_owned())
}

fn is_error(root: &Element) -> bool {
    root.name == "Error"
}

/// The vendor's name for a request, from the answer's header.
pub(crate) fn id_of(dialect: &Dialect, response: &Response<Bytes>) -> Option<String> {
    header(response, dialect.request_id?).and_then(request_id)
}

/// Whether an answer can be the vendor's, as far as its headers tell.
pub(crate) fn is_vendors(dialect: &Dialect, response: &Response<Bytes>) -> bool {
    dialect.request_id.is_none_or(|name| header(response, name).is_some_and(|id| !id.trim().is_empty()))
}

/// A short word: anything longer, or with other characters, is no code.
fn name(text: &str) -> Option<String> {
    let text = text.trim();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    let usable = (1..=NAME).contains(&text.len()) && text.bytes().all(plain);
    usable.then(|| printable(text, NAME_SECRET_LIKE)).filter(|text| !text.contains('['))
}

/// A header that is text.
pub fn header<'a>(response: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

pub(crate) fn text(response: &Response<Bytes>) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

/// The rejection of an answer that is no success of `op`.
pub(crate) fn refused(dialect: &Dialect, op: Op, response: &Response<Bytes>) -> Refused {
    let status = response.status();
    if let Some(error) = ErrorReply::read(dialect, response) {
        let advice = match error.class() {
            Some(class) => class.advice(op),
            None => codes::advice(error.code.as_deref(), None, status, op),
        };
        let advice = match (advice, error.server_time) {
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
    let fault = Fault::Unreadable { vendor: dialect.vendor, op, status: status.as_u16(), excerpt };
    // A vendor names each of its answers, also where it has no body.
    let named = dialect.request_id.is_some() && is_vendors(dialect, response);
    let advice = if named { codes::advice_unreadable(status, op) } else { advice_on_foreign(status, op.changes()) };
    Rejection { fault, advice }
}

/// The rejection of a success that lacks something; the call may well have had its effect.
pub(crate) fn incomplete(dialect: &Dialect, op: Op, missing: &'static str, response: &Response<Bytes>) -> Refused {
    let fault = Fault::Incomplete { op, missing, request_id: id_of(dialect, response) };
    Rejection { fault, advice: codes::advice_unreadable(response.status(), op) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::tests::PLAIN;

    fn answer(id: &'static str) -> Response<Bytes> {
        Response::builder().header("x-request-id", id).body(Bytes::new()).unwrap()
    }

    #[test]
    fn a_request_is_named_by_a_short_word_or_by_words_in_base64() {
        for id in [
            "695584A0EMU0000000000001",
            "NjI3NzM5ZTZfYzYxYTk0MGJfMTU2N18x",
            "NWRjOTMxMTNfNWFiMjU4NjRfM2Y0ZV8xNjQ4M2IzXzI=",
        ] {
            assert_eq!(id_of(&PLAIN, &answer(id)).as_deref(), Some(id));
        }
        for secret in [
            "EmuSecretKey00000000000000000001",
            "EmuSessionToken+/==0001EmuSessionToken",
            "298ff2fbb76dd7ff0195d3d973dcf150f33b0250",
        ] {
            assert_eq!(id_of(&PLAIN, &answer(secret)), None, "{secret}");
            assert!(is_vendors(&PLAIN, &answer(secret)), "a header that is there is the vendor's");
        }
        assert!(!is_vendors(&PLAIN, &answer(" ")) && !is_vendors(&PLAIN, &Response::new(Bytes::new())));
    }
}
