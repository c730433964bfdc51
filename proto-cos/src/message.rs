//! What the requests have in common.

use alloc::string::{String, ToString};
use core::fmt;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};
use resumable_core::Body;
use resumable_core::multipart_form::Form;

use crate::place::Place;
use crate::sign::Signature;

/// The boundary between the parts of a form. It must not occur in the file, so it is drawn at random.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boundary(String);

impl Boundary {
    /// A boundary of 128 random bits.
    pub fn from_nonce(nonce: u128) -> Self {
        Self(format!("{nonce:032x}"))
    }

    /// A boundary of the caller's choice: 1 to 70 letters, digits and any of `'()+_,-./:=?`.
    ///
    /// # Errors
    /// When it is longer, empty, or has other characters.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidBoundary> {
        let text = text.into();
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&b);
        if (1..=70).contains(&text.len()) && text.bytes().all(allowed) { Ok(Self(text)) } else { Err(InvalidBoundary) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Boundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that cannot be a boundary (RFC 2046).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a boundary is 1 to 70 letters, digits and any of '()+_,-./:=?")]
pub struct InvalidBoundary;

/// A form whose first field is `op`.
pub fn form(op: impl fmt::Display, boundary: &Boundary) -> Form {
    Form::new(boundary.as_str()).text("op", op.to_string())
}

/// The request that carries a form.
pub fn post_form<V>(place: &Place<V>, signature: &Signature, boundary: &Boundary, form: Form) -> Request<Body> {
    let content_type = Form::content_type(boundary.as_str());
    let content_type = HeaderValue::try_from(content_type).expect("a checked boundary makes a valid header value");
    post(place, signature, content_type, form.finish())
}

/// The request that carries `{"op":"…"}` alone, as JSON.
pub fn post_json<V>(place: &Place<V>, signature: &Signature, op: impl fmt::Display) -> Request<Body> {
    let body = Bytes::from(format!("{{\"op\":\"{op}\"}}"));
    post(place, signature, HeaderValue::from_static("application/json"), body.into())
}

fn post<V>(place: &Place<V>, signature: &Signature, content_type: HeaderValue, body: Body) -> Request<Body> {
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    *request.uri_mut() = place.uri().clone();
    request.headers_mut().insert(AUTHORIZATION, signature.to_header_value());
    request.headers_mut().insert(CONTENT_TYPE, content_type);
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundaries_are_checked() {
        assert_eq!(Boundary::from_nonce(7).as_str(), "00000000000000000000000000000007");
        for bad in ["", "a\r\nb", "a b", "ä", &"a".repeat(71)] {
            assert_eq!(Boundary::new(bad), Err(InvalidBoundary), "{bad:?}");
        }
        assert!(Boundary::new("----------------------------adb78d5a54eb").is_ok());
    }
}
