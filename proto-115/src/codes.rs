//! The error codes of the open platform.
//!
//! 115 publishes no complete table: the rows were read in clients, which copied them from the platform's page
//! (`yuque.com/115yun/open`) and from what they met. A code stands in the body, nearly always under HTTP 200.

use core::time::Duration;

use http::StatusCode;
use resumable_core::Advice;

use crate::op::Op;

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Code {
    /// The first number of the row.
    pub code: u32,
    /// Its last number; mostly the same one.
    pub last: u32,
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
    /// The access token is not accepted: another one is needed.
    AccessToken,
    /// The refresh token is dead: a person must log in again.
    RefreshToken,
    /// The refresh token is not the newest one: another process may have used it.
    StaleRefreshToken,
    /// The code that a person was to scan is of no use any more.
    ScanCode,
    /// The application at the vendor, or how it is configured here, is not in order.
    Configuration,
    /// Something that only the person can put right, at the vendor.
    Person,
    /// Too many calls.
    Throttled,
    /// The service is unable for now.
    Unable,
    /// Refused for now; it may pass.
    Passing,
    /// The content is not what was announced.
    Content,
    /// The folder is not there.
    NoFolder,
    /// A folder of that name is there already.
    FolderExists,
    /// There is no such file, or it cannot be seen yet.
    NotFound,
    /// The request cannot succeed as it is.
    Refused,
}

/// The table, in the order of the numbers.
pub const CODES: &[Code] = &[
    row(99, Class::AccessToken, "a login is needed", ""),
    row(406, Class::Throttled, "the limit of accesses is reached", LIMIT),
    row(413, Class::Unable, "the vendor reports a network error", ""),
    row(911, Class::Person, "the vendor asks for a human check", "open 115 in a browser and answer its question"),
    row(10002, Class::Content, "the content is not what was announced", ""),
    row(10014, Class::NoFolder, "the target folder does not exist", "choose another folder"),
    row(20004, Class::FolderExists, "a folder of that name exists", ""),
    row(20009, Class::NoFolder, "the parent folder does not exist", "choose another folder"),
    row(20013, Class::NotFound, NOT_FOUND, ""),
    row(20018, Class::NotFound, NOT_FOUND, ""),
    row(31003, Class::NotFound, NOT_FOUND, ""),
    row(31004, Class::Passing, "the upload is not complete", ""),
    row(50015, Class::NotFound, NOT_FOUND, ""),
    row(70004, Class::Passing, "the upload is not complete", ""),
    row(70005, Class::NotFound, NOT_FOUND, ""),
    row(70008, Class::NotFound, NOT_FOUND, ""),
    row(90008, Class::NotFound, NOT_FOUND, ""),
    row(91005, Class::Person, "there is no space left in the drive", "free some space in the drive, or rent more"),
    row(430_004, Class::NotFound, NOT_FOUND, ""),
    row(590_075, Class::Throttled, "too many calls", LIMIT),
    row(770_004, Class::Throttled, "the account's limit of accesses is reached", LIMIT),
    row(990_001, Class::AccessToken, "the login has timed out", ""),
    row(990_002, Class::Refused, "a parameter is wrong", "check the name and the folder"),
    row(990_003, Class::Passing, "the operation failed", ""),
    row(990_005, Class::Unable, "the service is busy", ""),
    row(990_009, Class::Unable, "the service is busy", ""),
    row(990_019, Class::Unable, "the service is busy", ""),
    row(20_130_827, Class::Throttled, "too many calls", LIMIT),
    row(40_110_000, Class::Passing, "the request looked suspicious", ""),
    rows(40_140_100, 40_140_107, Class::Configuration, "a parameter of the login is wrong", APP),
    row(40_140_108, Class::Configuration, "the application is not approved", APP),
    row(40_140_109, Class::Configuration, "the application is disabled", APP),
    row(40_140_110, Class::Configuration, "the application has expired", APP),
    row(40_140_111, Class::Configuration, "the application's secret is wrong", APP),
    row(40_140_112, Class::ScanCode, "the code verifier's length is wrong", LOG_IN),
    row(40_140_113, Class::ScanCode, "the code verifier does not belong to this code", LOG_IN),
    row(40_140_114, Class::RefreshToken, "the refresh token is malformed", LOG_IN),
    row(40_140_115, Class::RefreshToken, "the refresh token's signature is wrong", LOG_IN),
    row(40_140_116, Class::RefreshToken, "the refresh token was revoked, or was used already", LOG_IN),
    row(40_140_117, Class::Throttled, "tokens were refreshed too often", "wait a while"),
    row(40_140_118, Class::Configuration, "the developer's certification has expired", APP),
    row(40_140_119, Class::RefreshToken, "the refresh token has expired", LOG_IN),
    row(40_140_120, Class::StaleRefreshToken, "the refresh token is not the newest one", LOG_IN),
    row(40_140_121, Class::Passing, "refreshing the token failed", ""),
    row(40_140_122, Class::Person, "too many applications are authorized", "remove one in the settings of 115"),
    row(40_140_123, Class::AccessToken, "there is no access token, or it is malformed", ""),
    row(40_140_124, Class::AccessToken, "the access token's signature is wrong", ""),
    row(40_140_125, Class::AccessToken, "the access token has expired", ""),
    row(40_140_126, Class::AccessToken, "the access token was replaced by a newer one", ""),
    rows(40_140_127, 40_140_136, Class::Configuration, "a parameter of the login is wrong", APP),
    row(40_199_002, Class::ScanCode, "the code to scan has expired", LOG_IN),
];

const LIMIT: &str = "wait; other programs that use this account count too";
const LOG_IN: &str = "log in again";
const APP: &str = "check the client_id, and the application at the vendor's open platform";
const NOT_FOUND: &str = "there is no such file or folder";

/// How long nothing is asked after the account was found to ask too much; each further time twice as long.
pub const THROTTLED_LEAST: Duration = Duration::from_secs(300);

/// The longest that [`THROTTLED_LEAST`] grows to.
pub const THROTTLED_MOST: Duration = Duration::from_secs(1800);

const fn row(code: u32, class: Class, meaning: &'static str, remedy: &'static str) -> Code {
    rows(code, code, class, meaning, remedy)
}

const fn rows(code: u32, last: u32, class: Class, meaning: &'static str, remedy: &'static str) -> Code {
    Code { code, last, class, meaning, remedy }
}

/// The row of a code, if it is in the table.
pub fn find(code: i64) -> Option<&'static Code> {
    CODES.iter().find(|row| (i64::from(row.code)..=i64::from(row.last)).contains(&code))
}

impl Class {
    /// True for what may pass without anybody changing anything: it is tried again. Everything else is told at once.
    pub fn passes(self) -> bool {
        match self {
            Self::Throttled | Self::Unable | Self::Passing | Self::Content | Self::NotFound => true,
            Self::AccessToken
            | Self::RefreshToken
            | Self::StaleRefreshToken
            | Self::ScanCode
            | Self::Configuration
            | Self::Person
            | Self::NoFolder
            | Self::FolderExists
            | Self::Refused => false,
        }
    }
}

/// What to do about a code during an upload. One that is not in the table is the end, with the vendor's words: 115 answers
/// whatever it refuses with HTTP 200, so that the status tells nothing, and what passes is known by its number. Other
/// numbers that begin with 401 are no reason to ask for another token, for that may cost the session. 0 is no code: what
/// is refused without one is tried again for a bounded number of times, because throttling may look like that.
pub fn advice(code: i64, status: StatusCode, op: Op) -> Advice {
    match find(code).map(|row| row.class) {
        Some(Class::AccessToken) => Advice::Reauthorize,
        Some(Class::Throttled) => throttled(),
        Some(Class::Unable) => unable(op),
        Some(Class::Content) => Advice::Rehash,
        Some(
            Class::RefreshToken
            | Class::StaleRefreshToken
            | Class::ScanCode
            | Class::Configuration
            | Class::Person
            | Class::NoFolder
            | Class::FolderExists
            | Class::Refused,
        ) => Advice::Fatal,
        None if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => unable(op),
        None if code != 0 => Advice::Fatal,
        Some(Class::Passing | Class::NotFound) | None => Advice::Retry,
    }
}

/// What to do about an answer that says nothing: half a body, a success without what the call needs.
pub fn unable(op: Op) -> Advice {
    if op.changes() { Advice::Unsure } else { Advice::Unavailable }
}

/// What to do when the account asks too much.
pub fn throttled() -> Advice {
    Advice::Throttled { least: THROTTLED_LEAST, most: THROTTLED_MOST }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_has_no_number_twice() {
        assert!(CODES.is_sorted_by(|a, b| a.last < b.code));
        assert!(CODES.iter().all(|row| row.code <= row.last));
    }

    #[test]
    fn only_the_codes_that_mean_it_ask_for_another_token() {
        let ask = |code| advice(code, StatusCode::OK, Op::Init) == Advice::Reauthorize;
        for code in [99, 40_140_123, 40_140_124, 40_140_125, 40_140_126, 990_001] {
            assert!(ask(code), "{code}");
        }
        for code in (40_140_100..40_140_123).chain(40_140_127..40_140_140).chain([40_100_000, 40_110_000, 401]) {
            assert!(!ask(code), "{code}");
        }
    }
}
