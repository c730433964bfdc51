//! The error codes of both versions (page 436/8432 of version 2; a few are known only from the vendor's SDKs and from
//! issues). The numbers are the vendor's: what means something in one version means the same in the other.
//!
//! A code stands in the body of an answer, whatever the HTTP status. The replies of a typed `decode` take the codes
//! that are ordinary there (-4019 at init, -197 at a list…); all others get an [`Advice`] from here.

use http::StatusCode;
use resumable_core::Advice;
use resumable_core::foreign_answer::advice_on_foreign;

use crate::op::Op;

/// One row of the table.
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

/// What a code says about the request, as far as it matters for what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Class {
    /// The keys are not accepted.
    Credential,
    /// The signature's time is not accepted.
    Expired,
    /// Too many calls.
    Throttled,
    /// The service is unable for now; the call may have had its effect.
    Unable,
    /// The vendor computed another SHA-1 than the one that it was given.
    Digest,
    /// The session, or what it had collected, is lost.
    SessionLost,
    /// There is nothing at that path: for a call within a session, the session's file is gone.
    NotFound,
    /// Something is at that path already, or a session is in a state that only some calls expect.
    Situation,
    /// The request cannot succeed as it is.
    Refused,
}

/// The table, in the order of the numbers.
pub const CODES: &[Code] = &[
    row(-47, Class::Credential, "the SecretId is not known", KEYS),
    row(-48, Class::Credential, "the signature is wrong", KEYS),
    row(-59, Class::Expired, "the signature has expired", CLOCK),
    row(-61, Class::Refused, "the signature is for another bucket", "check the bucket"),
    row(-63, Class::Refused, "the signature is for another file", ""),
    row(-70, Class::Refused, "the signature is for another appid", "check the appid"),
    row(-71, Class::Throttled, "too many calls", ""),
    row(-96, Class::Expired, "the signature has expired", CLOCK),
    row(-97, Class::Credential, "the signature check failed", KEYS),
    row(-121, Class::Refused, "refused by the bucket's CORS rules", "check the bucket's settings"),
    row(
        -133,
        Class::Refused,
        "there is no such bucket at this endpoint",
        "check the bucket, the appid and the endpoint's region: each region knows only its own buckets",
    ),
    row(-166, Class::SessionLost, "the file's index does not exist", ""),
    row(-168, Class::Refused, "the SHA-1 is not valid", ""),
    row(-173, Class::Refused, "the folder is not empty", "choose another path"),
    row(
        -174,
        Class::Digest,
        "the SHA-1 differs from the content",
        "check that the file does not change while it is uploaded",
    ),
    row(-175, Class::Situation, "the length at finish differs from the length at init, or slices are missing", ""),
    row(-176, Class::Refused, "the bucket exists already", ""),
    row(
        -177,
        Class::Situation,
        "a different file already exists at that path",
        "choose another path, or allow overwriting",
    ),
    row(
        -178,
        Class::Refused,
        "there is a folder at that path, or a file where a folder is needed",
        "choose another path",
    ),
    row(-180, Class::Refused, "the path is not allowed", "choose another path"),
    row(-181, Class::Unable, "the storage failed", ""),
    row(-195, Class::Unable, "the storage failed", ""),
    row(-196, Class::Unable, "the service is not available", ""),
    row(-197, Class::NotFound, "there is no such file", ""),
    row(-199, Class::Refused, "the bucket's name is not valid", "check the bucket"),
    row(-284, Class::Refused, "the slice size is not allowed", "use 1 MiB"),
    row(-288, Class::SessionLost, "the upload could not be put together", ""),
    row(
        -4016,
        Class::Digest,
        "the SHA-1 differs from the content",
        "check that the file does not change while it is uploaded",
    ),
    row(-4018, Class::Situation, "the same file already exists there", ""),
    row(-4019, Class::Situation, "an unfinished upload of the same content exists at that path", ""),
    row(
        -4020,
        Class::Situation,
        "an unfinished upload of other content exists at that path",
        "choose another path, or allow replacing it",
    ),
    row(-5965, Class::Refused, "uploadparts is not valid JSON", ""),
    row(-5997, Class::Unable, "the service's own network failed", ""),
    row(-5999, Class::Refused, "a parameter is wrong", ""),
    row(-29094, Class::Refused, "the session was opened with a SHA-1, and finish did not give it", ""),
];

const KEYS: &str = "check the appid, the SecretId and the SecretKey, and that they belong together";
const CLOCK: &str = "check this machine's clock";

const fn row(code: i32, class: Class, meaning: &'static str, remedy: &'static str) -> Code {
    Code { code, class, meaning, remedy }
}

/// The row of a code, if it is in the table.
pub fn find(code: i64) -> Option<&'static Code> {
    CODES.iter().find(|row| i64::from(row.code) == code)
}

impl Code {
    /// True for what may pass without anybody changing anything: it is tried again, or the upload is begun again.
    /// Everything else is told at once.
    pub fn passes(&self) -> bool {
        match self.class {
            Class::Throttled | Class::Unable | Class::SessionLost | Class::Digest => true,
            Class::Situation => SITUATIONS_THAT_PASS.contains(&self.code),
            Class::Credential | Class::Expired | Class::NotFound | Class::Refused => false,
        }
    }
}

/// Another program is at work on the same path.
const SITUATIONS_THAT_PASS: [i32; 2] = [-4019, -175];

/// What to do about a code that is no ordinary reply to this call.
///
/// * Keys: ask for others. -59 and -96: correct the clock. -71: wait.
/// * A failing service, and any 5xx: nobody knows whether a call that changes something was carried out; one that
///   only reads is simply asked again.
/// * A SHA-1 that differs: read the file again. A lost session (-166, -288; -197 within a session): open a new one.
/// * -61, -63, -70, -121, -133, -168, -173, -176, -178, -180, -199, -284, -5965, -5999, -29094: the same request would
///   be refused again, so trying is no use. -168, -5965 and -29094 say that this program sent something wrong, the
///   others that the configuration is.
/// * Situations are ordinary replies where they can be expected. Elsewhere -4019 and -175 may pass (another program is
///   at work on the same path), the others will not.
/// * A code that is not in the table is the end: the vendor's pages give each failure that passes a 5xx (-71, -195, -196,
///   -5997), and version 1, which answers everything with HTTP 400, knows the same numbers. A success that is none (HTTP
///   200 with another code) is a refusal like any other, because the code alone decides.
pub fn advice(code: i64, status: StatusCode, op: impl Op) -> Advice {
    let Some(row) = find(code) else { return unknown(status, op) };
    match row.class {
        Class::Credential => Advice::Reauthorize,
        Class::Expired => Advice::Clock,
        Class::Throttled => Advice::throttled(),
        Class::Unable => unable(op),
        Class::Digest => Advice::Rehash,
        Class::SessionLost if op.changes() => Advice::Restart,
        Class::SessionLost => Advice::Retry,
        Class::NotFound if op.within_session() => Advice::Restart,
        Class::Situation if row.passes() => Advice::Retry,
        Class::NotFound | Class::Situation | Class::Refused => Advice::Fatal,
    }
}

/// What to do about an answer that says nothing that can be relied on: HTML, half a body, a success without what the
/// call needs.
pub fn advice_unreadable(status: StatusCode, op: impl Op) -> Advice {
    advice_on_foreign(status, op.changes())
}

/// What to do about a message without a number, if it is one of the vendor's: about signatures, or any other of its names
/// (`ERROR_…`) under HTTP 4xx.
pub fn advice_by_name(message: &str, status: StatusCode) -> Option<Advice> {
    if message.contains("PROXY_AUTH") {
        return Some(if message.contains("EXPIRED") { Advice::Clock } else { Advice::Reauthorize });
    }
    let named = message.trim_start_matches('_').starts_with("ERROR_") && status.is_client_error();
    named.then(|| refusal(status).unwrap_or(Advice::Fatal))
}

fn unknown(status: StatusCode, op: impl Op) -> Advice {
    if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT {
        return unable(op);
    }
    refusal(status).unwrap_or(Advice::Fatal)
}

/// What the status alone says of a refusal.
fn refusal(status: StatusCode) -> Option<Advice> {
    (status == StatusCode::TOO_MANY_REQUESTS).then_some(Advice::throttled())
}

fn unable(op: impl Op) -> Advice {
    if op.changes() { Advice::Unsure } else { Advice::Unavailable }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_has_no_number_twice() {
        assert!(CODES.is_sorted_by(|a, b| a.code > b.code));
    }
}
