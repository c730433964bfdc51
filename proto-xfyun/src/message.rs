//! What the requests have in common.

use alloc::string::String;
use core::fmt;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HOST};
use http::{HeaderName, HeaderValue, Method, Request};
use resumable_core::Body;
use resumable_core::multipart_form::{FilePart, Form};
use serde::Serialize;

use crate::app::App;
use crate::op::Op;
use crate::sign::{self, BodyDigest, DigestMode, Signing};

const DIGEST: HeaderName = HeaderName::from_static("digest");

/// How the part with the file describes itself: always in the same words. The vendor wants a name, and whatever stands
/// there is seen by others: a path would say too much.
pub const FILE: FilePart<'static> =
    FilePart { filename: Some("data.bin"), content_type: Some("application/octet-stream") };

/// The name of one request, by which the vendor can find it in its logs: another one for every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// A name of 128 random bits.
    pub fn from_nonce(nonce: u128) -> Self {
        Self(format!("{nonce:032x}"))
    }

    /// A name of the caller's choice: 1 to 64 letters, digits, `-` and `_`.
    ///
    /// # Errors
    /// When it is longer, empty, or has other characters.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidName> {
        checked(text.into(), 64, b"-_").map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The boundary between the parts of a form. It must not occur in the file, so it is drawn at random.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boundary(String);

impl Boundary {
    /// A boundary of 128 random bits; not the same digits as the [`RequestId`] of this nonce, which stands in the form.
    pub fn from_nonce(nonce: u128) -> Self {
        Self(format!("{:032x}", !nonce))
    }

    /// A boundary of the caller's choice: 1 to 70 letters, digits and any of `'()+_,-./:=?`.
    ///
    /// # Errors
    /// When it is longer, empty, or has other characters.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidName> {
        checked(text.into(), 70, b"'()+_,-./:=?").map(Self)
    }

    pub(crate) fn form(&self) -> Form {
        Form::new(self.0.as_str())
    }
}

fn checked(text: String, longest: usize, besides: &[u8]) -> Result<String, InvalidName> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || besides.contains(&b);
    if (1..=longest).contains(&text.len()) && text.bytes().all(allowed) { Ok(text) } else { Err(InvalidName) }
}

/// A text that cannot be a [`RequestId`] or a [`Boundary`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidName;

impl core::error::Error for InvalidName {}

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a request id is 1 to 64 letters, digits, '-' and '_'; a boundary is 1 to 70 of those and '()+,./:=?",
        )
    }
}

/// The request that carries a form, with the digest that its message says, or that of nothing.
pub(crate) fn post_form(
    app: &App,
    op: Op,
    signing: &Signing<'_>,
    boundary: &Boundary,
    form: Form,
    digest: Option<&BodyDigest>,
) -> Request<Body> {
    let content_type = Form::content_type(&boundary.0);
    let content_type = HeaderValue::try_from(content_type).expect("a checked boundary makes a valid header value");
    post(app, op, signing, &digest.cloned().unwrap_or_default(), content_type, form.finish())
}

/// The request that carries JSON.
pub(crate) fn post_json<T: Serialize>(app: &App, op: Op, signing: &Signing<'_>, message: &T) -> Request<Body> {
    let body = serde_json::to_vec(message).expect("text fields alone make JSON");
    let digest = match signing.digest {
        DigestMode::Empty => BodyDigest::default(),
        DigestMode::Body => BodyDigest::of(&body),
    };
    post(app, op, signing, &digest, HeaderValue::from_static("application/json"), Bytes::from(body).into())
}

fn post(
    app: &App,
    op: Op,
    signing: &Signing<'_>,
    digest: &BodyDigest,
    content_type: HeaderValue,
    body: Body,
) -> Request<Body> {
    let date = sign::date(signing.now);
    let text = sign::signing_string(app.host(), &date, op.path(), digest.as_str());
    let plain = |text: &str| HeaderValue::from_str(text).expect("a host, a date and a digest are printable ASCII");
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    *request.uri_mut() = app.uri(op.path());
    let headers = request.headers_mut();
    // Said here although transports would say the same: what is signed must be what is sent.
    headers.insert(HOST, plain(app.host()));
    headers.insert(DATE, plain(&date));
    headers.insert(DIGEST, plain(digest.as_str()));
    headers.insert(AUTHORIZATION, sign::authorization(signing.credential, &text).to_header_value());
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_TYPE, content_type);
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        assert_eq!(RequestId::from_nonce(7).as_str(), "00000000000000000000000000000007");
        assert_eq!(Boundary::from_nonce(7).0, "fffffffffffffffffffffffffffffff8");
        for bad in ["", "a\r\nb", "a b", "ä", "a\"b", &"a".repeat(71)] {
            assert_eq!(RequestId::new(bad), Err(InvalidName), "{bad:?}");
            assert_eq!(Boundary::new(bad), Err(InvalidName), "{bad:?}");
        }
        assert!(RequestId::new("a".repeat(65)).is_err());
        assert!(Boundary::new("--------------------------856841733413091254401013").is_ok());
    }
}
