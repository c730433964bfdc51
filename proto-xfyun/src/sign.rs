//! The headers that authenticate a request: `Host`, `Date`, `Digest` and `Authorization`.
//!
//! The text that is signed has four lines, joined by single line feeds, without one at the end:
//!
//! ```text
//! host: <the Host header>
//! date: <the Date header: RFC 1123, GMT>
//! POST <path> HTTP/1.1
//! digest: <the Digest header>
//! ```
//!
//! The signature is `base64(HMAC-SHA256(APISecret, text))`, and the header
//!
//! ```text
//! Authorization: api_key="…", algorithm="hmac-sha256", headers="host date request-line digest", signature="…"
//! ```
//!
//! The vendor takes a `Date` that is at most 300 s off. It does not compare the `Digest` with the body: of its own
//! demos none sends the body's. [`BodyDigest::default`] is therefore the digest of nothing, which spares a second pass
//! over a slice; [`BodyDigest::of`] is what the vendor's page asks for.

use alloc::string::String;
use core::fmt;
use core::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderValue;
use resumable_core::calendar::http_date;
use sha2::{Digest as _, Sha256};

use crate::credential::Credential;

/// What every call is signed with.
#[derive(Clone, Copy, Debug)]
pub struct Signing<'a> {
    /// Who signs.
    pub credential: &'a Credential,
    /// Time since 1970-01-01 UTC by the vendor's clock, when the request leaves.
    pub now: Duration,
    /// Which digest the JSON calls send.
    pub digest: DigestMode,
}

/// Which digest a call sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DigestMode {
    /// That of the empty string, as the vendor's Java demo sends it.
    #[default]
    Empty,
    /// That of the body, in the JSON calls. Forms send what their message says.
    Body,
}

/// The value of a `Digest` header: `SHA-256=` and the base64 of a SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyDigest(String);

impl BodyDigest {
    /// That of these bytes: of a form, the whole body with its boundaries.
    pub fn of(body: &[u8]) -> Self {
        Self::from_sha256(Sha256::digest(body).into())
    }

    /// That of a body whose SHA-256 is known.
    pub fn from_sha256(sha256: [u8; 32]) -> Self {
        Self(format!("SHA-256={}", STANDARD.encode(sha256)))
    }

    /// The header's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for BodyDigest {
    /// That of the empty string.
    fn default() -> Self {
        Self::of(b"")
    }
}

/// The value of a `Date` header. `unix` is time since 1970-01-01 UTC; whole seconds are used.
pub fn date(unix: Duration) -> String {
    http_date(unix)
}

/// The text that is signed. `path` has no query; `digest` is the header's value, whatever it is.
pub fn signing_string(host: &str, date: &str, path: &str, digest: &str) -> String {
    format!("host: {host}\ndate: {date}\nPOST {path} HTTP/1.1\ndigest: {digest}")
}

/// The `Authorization` header for a signed text.
pub fn authorization(credential: &Credential, signing_string: &str) -> Authorization {
    let mut mac = Hmac::<Sha256>::new_from_slice(credential.secret()).expect("HMAC takes a key of any length");
    mac.update(signing_string.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let key = credential.api_key();
    Authorization(format!(
        "api_key=\"{key}\", algorithm=\"hmac-sha256\", headers=\"host date request-line digest\", \
         signature=\"{signature}\""
    ))
}

/// A value for the `Authorization` header. It is as good as a password for some minutes, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Authorization(String);

impl Authorization {
    /// The value itself: for the wire and for tests, never for a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The header's value, marked as sensitive.
    pub fn to_header_value(&self) -> HeaderValue {
        let mut value = HeaderValue::from_str(&self.0).expect("a checked key and base64 make a valid header value");
        value.set_sensitive(true);
        value
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authorization([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_two_digits_and_end_in_gmt() {
        assert_eq!(date(Duration::from_millis(1_641_374_954_999)), "Wed, 05 Jan 2022 09:29:14 GMT");
        assert_eq!(date(Duration::MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
    }
}
