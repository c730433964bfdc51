//! The head of a request, as every transport sends it.

use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, EXPECT, HOST, TRANSFER_ENCODING};
use http::{HeaderValue, Uri, Version, request};

use crate::error::WireError;

/// What requests call themselves if they do not say otherwise.
pub const USER_AGENT: &str = concat!("resumable/", env!("CARGO_PKG_VERSION"));

/// Makes HTTP/1.1 with a body of `len` bytes of this head: framing is the transport's own affair. What is answered is to
/// be plain: nothing here decompresses, and a compressed answer has another tag than a vendor's parts have. `Host` is the
/// address's, unless the head has one.
///
/// # Errors
/// [`WireError::Address`] if there is no `http` or `https` server in it.
pub fn prepare(head: &mut request::Parts, len: u64) -> Result<(), WireError> {
    let usable = matches!(head.uri.scheme_str(), Some("http" | "https")) && head.uri.host().is_some();
    if !usable {
        return Err(WireError::Address);
    }
    head.version = Version::HTTP_11;
    head.headers.remove(TRANSFER_ENCODING);
    head.headers.remove(EXPECT);
    if !head.headers.contains_key(HOST)
        && let Some(host) = head.uri.authority().and_then(|place| place.as_str().rsplit('@').next()?.parse().ok())
    {
        head.headers.insert(HOST, host);
    }
    head.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    head.headers.insert(CONTENT_LENGTH, HeaderValue::from(len));
    Ok(())
}

/// `host:port` of a server that is asked over plain http, for a transport that knows nothing else.
///
/// # Errors
/// [`WireError::Address`] for any other address: what was meant for TLS must not go out in the clear.
pub fn plain_place(uri: &Uri) -> Result<String, WireError> {
    let host = uri.host().filter(|_| uri.scheme_str() == Some("http")).ok_or(WireError::Address)?;
    Ok(format!("{host}:{}", uri.port_u16().unwrap_or(80)))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[test]
    fn framing_of_others_is_replaced() {
        let request = Request::put("http://h/").version(Version::HTTP_2).header(CONTENT_LENGTH, "99");
        let request = request.header(TRANSFER_ENCODING, "chunked").header(EXPECT, "100-continue").header("x", "y");
        let (mut head, ()) = request.body(()).unwrap().into_parts();
        prepare(&mut head, 5).unwrap();
        assert_eq!(head.version, Version::HTTP_11);
        let fields: Vec<_> = head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let expected =
            [("content-length", b"5".as_slice()), ("x", b"y"), ("host", b"h"), ("accept-encoding", b"identity")];
        assert_eq!(fields, expected);
    }

    #[test]
    fn an_address_needs_a_scheme_that_is_http_and_a_host() {
        for uri in ["/only/a/path", "ftp://h/", "h:80"] {
            let (mut head, ()) = Request::put(uri).body(()).unwrap().into_parts();
            assert!(matches!(prepare(&mut head, 0), Err(WireError::Address)), "{uri}");
        }
    }
}
