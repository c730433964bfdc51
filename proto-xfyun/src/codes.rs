//! The error codes of this API, and the texts of the gateway in front of it.
//!
//! A code stands in the body of an answer, whatever the HTTP status. The gateway answers with a `message` alone; its
//! texts are those of Kong's old plugin for HMAC, which has changed the statuses over the years, so that the text comes
//! first and the status second.

use http::StatusCode;
use resumable_core::Advice;
use resumable_core::foreign_answer::advice_on_foreign;

/// One row of the table of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Code {
    /// The number in `code`.
    pub code: i32,
    /// What it says about the request.
    pub class: Class,
    /// What it means.
    pub meaning: &'static str,
    /// What a person can do about it; empty where there is nothing to do.
    pub remedy: &'static str,
}

/// What a code or a text says about the request, as far as it matters for what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Class {
    /// The request cannot succeed as it is.
    Refused,
    /// The service is unable for now; the call may have had its effect.
    Unable,
    /// The vendor does not know the upload (any more).
    Gone,
    /// Too many calls.
    Throttled,
    /// The keys are not accepted.
    Credential,
    /// The request's date is not accepted.
    Clock,
}

/// The vendor's table (10001 to 10007), and what the gateway's other services are known to answer (11200 to 11203).
pub const CODES: &[Code] = &[
    row(
        10001,
        Class::Refused,
        "a parameter is wrong",
        "check the app_id; if it is right, this is a bug in this program",
    ),
    row(10002, Class::Unable, "the vendor's storage failed", TICKET),
    row(10003, Class::Unable, "the vendor's database failed", TICKET),
    row(10004, Class::Unable, "the vendor's cache failed", TICKET),
    row(10005, Class::Gone, "the upload has expired, or nothing was uploaded", ""),
    row(10006, Class::Unable, "the vendor could not read or write", TICKET),
    row(10007, Class::Unable, "the vendor could not pass the task on", TICKET),
    row(11200, Class::Refused, "the application is not licensed for this, or its quota is used up", CONSOLE),
    row(11201, Class::Refused, "the application's daily limit is reached", "try again tomorrow"),
    row(11202, Class::Throttled, "too many calls in a second", ""),
    row(11203, Class::Throttled, "too many calls at once", ""),
];

const TICKET: &str = "if it persists, open a ticket with the vendor";
const CONSOLE: &str = "check the application in the vendor's console";

const fn row(code: i32, class: Class, meaning: &'static str, remedy: &'static str) -> Code {
    Code { code, class, meaning, remedy }
}

/// One text of the gateway's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Text {
    /// What the message holds, in lower case.
    pub part: &'static str,
    /// What it says about the request.
    pub class: Class,
    /// What it means.
    pub meaning: &'static str,
    /// What a person can do about it.
    pub remedy: &'static str,
}

/// The gateway's texts; the first that fits counts. The one about the date begins like those about keys.
pub const TEXTS: &[Text] = &[
    text("valid date or x-date", Class::Clock, "the request's date is not accepted", "check this machine's clock"),
    text("ip address is not allowed", Class::Refused, "this machine's address is not allowed", CONSOLE),
    text("hmac signature does not match", Class::Credential, "the signature is not accepted", KEYS),
    text("hmac signature cannot be verified", Class::Credential, "the APIKey is not known", KEYS),
    text("unauthorized", Class::Credential, "the request is not authenticated", KEYS),
    text("rate limit", Class::Throttled, "too many calls", ""),
];

const KEYS: &str = "check the APIKey and the APISecret, and that they belong together";

const fn text(part: &'static str, class: Class, meaning: &'static str, remedy: &'static str) -> Text {
    Text { part, class, meaning, remedy }
}

/// The row of a code, if it is in the table.
pub fn find(code: i64) -> Option<&'static Code> {
    CODES.iter().find(|row| i64::from(row.code) == code)
}

/// The row of a gateway's message, if it is one of those known.
pub fn find_text(message: &str) -> Option<&'static Text> {
    let message = message.to_ascii_lowercase();
    TEXTS.iter().find(|row| message.contains(row.part))
}

/// What to do about a code. One that is not in the table is the end, with the vendor's words: the table names all the
/// failures that the vendor knows to pass. HTTP 500 makes no difference, because the vendor's hosts answer refusals with
/// it (an unknown task, at the sister API); the statuses of a gateway that is in trouble do.
pub fn advice(code: i64, status: StatusCode) -> Advice {
    match (find(code), status) {
        (Some(row), _) => row.class.advice(),
        (None, StatusCode::TOO_MANY_REQUESTS) => Advice::throttled(),
        (None, StatusCode::REQUEST_TIMEOUT) => Advice::Unsure,
        (None, StatusCode::INTERNAL_SERVER_ERROR) => Advice::Fatal,
        (None, status) if status.is_server_error() => Advice::Unsure,
        (None, _) => Advice::Fatal,
    }
}

/// What to do about a gateway's message without a code: by its text, and then by the HTTP status.
pub fn advice_by_message(message: &str, status: StatusCode) -> Advice {
    // The gateway is no proxy of ours.
    if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        return advice_unreadable(status);
    }
    if let Some(row) = find_text(message) {
        return row.class.advice();
    }
    match status {
        StatusCode::UNAUTHORIZED => Advice::Reauthorize,
        StatusCode::REQUEST_TIMEOUT => Advice::Unsure,
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::TOO_MANY_REQUESTS => advice_unreadable(status),
        _ if status.is_client_error() => Advice::Fatal,
        _ => Advice::Unsure,
    }
}

/// What to do about an answer that says nothing that can be relied on: HTML, half a body, a success without what the
/// call needs. Every call changes something, so nobody knows whether it did.
pub fn advice_unreadable(status: StatusCode) -> Advice {
    advice_on_foreign(status, true)
}

impl Class {
    /// True for what may pass without anybody changing anything: it is tried again. Everything else is told at once.
    pub fn passes(self) -> bool {
        match self {
            Self::Unable | Self::Gone | Self::Throttled => true,
            Self::Refused | Self::Credential | Self::Clock => false,
        }
    }

    /// What to do about it.
    pub fn advice(self) -> Advice {
        match self {
            Self::Refused => Advice::Fatal,
            Self::Unable => Advice::Unsure,
            Self::Gone => Advice::Restart,
            Self::Throttled => Advice::throttled(),
            Self::Credential => Advice::Reauthorize,
            Self::Clock => Advice::Clock,
        }
    }
}
