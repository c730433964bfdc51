//! Error codes: names in `<Code>`, with an HTTP status beside them that says less.

use http::StatusCode;
use resumable_core::Advice;

use crate::op::Op;

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The text of `<Code>`.
    pub code: &'static str,
    /// What it says about the request.
    pub class: Class,
    /// What it means.
    pub meaning: &'static str,
    /// What a person can do about it; empty where there is nothing to do.
    pub remedy: &'static str,
}

/// What a code says about the request, as far as it matters for what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Class {
    /// The request cannot succeed as it is.
    Refused,
    /// Something went wrong that may pass.
    Again,
    /// The service is unable for now; a call that changes something may have had its effect.
    Unable,
    /// Too many calls, or too many bytes.
    Throttled,
    /// The request's date is not accepted.
    Clock,
    /// The keys are not accepted, or no more: temporary ones end within hours.
    Credential,
    /// The signature is not accepted: most often the secret is wrong.
    Signature,
    /// The vendor does not know the upload (any more): completed, aborted, or cleared away.
    NoSuchUpload,
    /// In sequential mode: the part is there already.
    PartAlreadyExist,
    /// In sequential mode: the part is not the next one.
    PartNotSequential,
    /// The parts that were named are not those that are there.
    InvalidPart,
    /// An object is there, and it was asked not to be overwritten.
    FileAlreadyExists,
    /// No object is at the key.
    NoSuchKey,
    /// The object is stored, but the server of the callback did not answer as it should.
    CallbackFailed,
    /// What arrived is not what its digest says; at a complete: the object would not be the file.
    Digest,
    /// Another request about the same object won. A complete is lost with its upload; anything else may be tried again.
    Conflict,
    /// The parts are being put together, or were.
    Underway,
    /// The bucket is in another region.
    Region,
}

/// What to do about a refusal of `op`. The vendor's own words with a code that is not in the table, in a 3xx or 4xx, are
/// a refusal for good: what passes has a code that is known, or a 5xx.
pub fn advice(code: Option<&str>, row: Option<&Code>, status: StatusCode, op: Op) -> Advice {
    let is_refusal = status.is_client_error() || status.is_redirection();
    match row {
        Some(row) => row.class.advice(op),
        None if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::PAYLOAD_TOO_LARGE) => {
            advice_unreadable(status, op)
        }
        None if status == StatusCode::REQUEST_TIMEOUT || status.is_server_error() => Class::Unable.advice(op),
        None if code.is_some() && is_refusal => Advice::Fatal,
        None => Advice::Retry,
    }
}

/// What to do about an answer that says nothing that can be relied on: HTML, half a body, a success without what the
/// call needs.
pub fn advice_unreadable(status: StatusCode, op: Op) -> Advice {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Advice::Fatal,
        StatusCode::TOO_MANY_REQUESTS => Advice::throttled(),
        StatusCode::REQUEST_TIMEOUT => Class::Unable.advice(op),
        _ if status.is_client_error() => Advice::Retry,
        _ => Class::Unable.advice(op),
    }
}

impl Class {
    /// What to do about it, where nobody knows better.
    pub fn advice(self, op: Op) -> Advice {
        match self {
            Self::Refused | Self::FileAlreadyExists | Self::NoSuchKey | Self::CallbackFailed | Self::Region => {
                Advice::Fatal
            }
            Self::NoSuchUpload if op.has_upload() => Advice::Restart,
            Self::Underway if op == Op::CompleteMultipartUpload => Advice::Unsure,
            Self::Again
            | Self::NoSuchUpload
            | Self::PartAlreadyExist
            | Self::PartNotSequential
            | Self::InvalidPart
            | Self::Digest
            | Self::Conflict
            | Self::Underway => Advice::Retry,
            Self::Unable if op.changes() => Advice::Unsure,
            Self::Unable => Advice::Unavailable,
            Self::Throttled => Advice::throttled(),
            Self::Clock => Advice::Clock,
            Self::Credential | Self::Signature => Advice::Reauthorize,
        }
    }
}
