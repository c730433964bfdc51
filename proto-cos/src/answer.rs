//! Answers that are no reply of the call: refusals, and what is not of this API at all.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use crate::codes;

/// Why an answer is no reply of its call. The texts are for people, and hold nothing secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadAnswer<O> {
    /// The vendor refused the call.
    Vendor {
        /// The call.
        op: O,
        /// The vendor's code; `None` where it sent a message without one.
        code: Option<i64>,
        /// The vendor's message: one printable line of at most 200 characters.
        message: String,
        /// The vendor's name for the request, to quote to its support.
        request_id: Option<String>,
        /// The HTTP status.
        status: u16,
    },
    /// The answer is not what this API answers: HTML, half a body, some other service.
    Unreadable {
        /// The call.
        op: O,
        /// The HTTP status.
        status: u16,
        /// How the answer begins: one printable line of at most 200 characters.
        excerpt: String,
    },
    /// The answer says success, but lacks what makes it one.
    Incomplete {
        /// The call.
        op: O,
        /// What is missing, in the vendor's name.
        missing: &'static str,
        /// The vendor's name for the request.
        request_id: Option<String>,
    },
    /// HTTP 413: the server takes no body of this length.
    TooLarge {
        /// The call.
        op: O,
    },
}

impl<O> BadAnswer<O> {
    /// The vendor's code, if it sent one.
    pub fn code(&self) -> Option<i64> {
        match self {
            Self::Vendor { code, .. } => *code,
            _ => None,
        }
    }

    /// The vendor's name for the request, if it sent one.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Vendor { request_id, .. } | Self::Incomplete { request_id, .. } => request_id.as_deref(),
            _ => None,
        }
    }
}

impl<O: fmt::Display> fmt::Display for BadAnswer<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Self::Vendor { op, code, message, request_id, status } => {
                refused(op, *code, message, request_id.as_deref(), *status)
            }
            Self::Unreadable { op, status, excerpt } => unreadable(op, *status, excerpt),
            Self::Incomplete { op, missing, request_id } => incomplete(op, missing, request_id.as_deref()),
            Self::TooLarge { op } => too_large(op),
        })
    }
}

impl<O: fmt::Display + fmt::Debug> core::error::Error for BadAnswer<O> {}

/// The text of a refusal: what the code means, what a person can do, what the vendor said.
pub fn refused(
    op: impl fmt::Display,
    code: Option<i64>,
    message: &str,
    request_id: Option<&str>,
    status: u16,
) -> String {
    let known = code.and_then(codes::find);
    let meaning = known.map_or("unknown reason", |row| row.meaning);
    let remedy = known.map(|row| row.remedy).filter(|remedy| !remedy.is_empty());
    let remedy = remedy.map(|remedy| format!("; {remedy}")).unwrap_or_default();
    let code = code.map_or("no code".to_owned(), |code| format!("code {code}"));
    let said = if message.is_empty() { String::new() } else { format!(", \"{message}\"") };
    format!("{op} was refused: {meaning}{remedy} ({code}{said}, HTTP {status}{})", id(request_id))
}

/// The text of an answer that is not of this API.
pub fn unreadable(op: impl fmt::Display, status: u16, excerpt: &str) -> String {
    let excerpt = if excerpt.is_empty() { "an empty body" } else { excerpt };
    format!("{op}: the answer (HTTP {status}) is not from this API: {excerpt}")
}

/// The text of a success that is none.
pub fn incomplete(op: impl fmt::Display, missing: &str, request_id: Option<&str>) -> String {
    format!("{op} was answered with success, but without {missing}{}", id(request_id))
}

/// The text of an HTTP 413.
pub fn too_large(op: impl fmt::Display) -> String {
    format!("{op} was refused with HTTP 413: the body is too large for this server; use slices, or smaller ones")
}

fn id(request_id: Option<&str>) -> String {
    request_id.map(|id| format!(", request id {id}")).unwrap_or_default()
}
