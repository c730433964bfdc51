//! Answers that come from between this machine and the vendor, or show that the endpoint is not the vendor's.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use http::header::{CONTENT_ENCODING, LOCATION};
use http::{HeaderValue, Uri};

use crate::excerpt::printable;
use crate::failure::Failure;
use crate::protocol::{Advice, Answer};

/// No text of this many base64 characters is shown of an address: it may be a token.
const SECRET_LIKE: usize = 32;

/// The longest address that is shown, in characters.
const LONGEST: usize = 300;

/// Why an answer is of no use however often it is asked for, unless the vendor's own words say what to do about it.
pub(super) fn interference<F>(answer: &Answer, advice: Advice) -> Option<Failure<F>> {
    if !matches!(advice, Advice::Retry | Advice::Unsure | Advice::Unavailable) {
        return None;
    }
    let response = &answer.response;
    let (status, headers) = (response.status(), response.headers());
    if let Some(to) = headers.get(LOCATION).filter(|_| status.is_redirection()) {
        return Some(Failure::Redirected { status: status.as_u16(), to: elsewhere(to) });
    }
    let coding = headers.get(CONTENT_ENCODING).filter(|_| !response.body().is_empty())?;
    let coding = printable(&String::from_utf8_lossy(coding.as_bytes()), SECRET_LIKE);
    // Some servers name a character set here, and send plain text.
    let compressed = ["gzip", "deflate", "compress", "br", "zstd"];
    let lower = coding.to_ascii_lowercase();
    let mut named = lower.split(',').map(|one| one.trim().trim_start_matches("x-"));
    named.any(|one| compressed.contains(&one)).then_some(Failure::Compressed { coding })
}

/// An address to show: its query may hold a signature, and its login a password.
fn elsewhere(location: &HeaderValue) -> String {
    let Ok(uri) = Uri::try_from(location.as_bytes()) else { return "an address that is none".to_owned() };
    let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
    let place = uri.host().map(|host| format!("{}://{host}{port}", uri.scheme_str().unwrap_or("http")));
    let path: Vec<String> = uri.path().split('/').map(|segment| printable(segment, SECRET_LIKE)).collect();
    format!("{}{}", place.unwrap_or_default(), path.join("/")).chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use bytes::Bytes;
    use http::Response;

    use super::*;
    use crate::digest::Observed;

    fn ends(status: u16, header: (&str, &str), body: &'static str, advice: Advice) -> Option<String> {
        let response = Response::builder().status(status).header(header.0, header.1);
        let response = response.body(Bytes::from_static(body.as_bytes())).unwrap();
        let failure: Option<Failure<String>> = interference(&Answer { response, observed: Observed::none() }, advice);
        failure.map(|failure| failure.to_string())
    }

    #[test]
    fn an_address_is_shown_without_its_secrets() {
        let shown = |to| ends(307, ("location", to), "", Advice::Unsure).unwrap();
        let text = shown("https://me:pass@other.example:8443/a/b?sign=s3cret#x");
        assert!(text.contains("to https://other.example:8443/a/b;"), "{text}");
        assert!(shown("/login?token=s3cret").contains("to /login;"));
        assert!(shown("http://h/0123456789abcdef0123456789abcdef").contains("to http://h/[…];"));
        assert!(shown("http://h.example/a/long/path/that/is/no/secret/at/all/x").contains("/at/all/x;"));
        assert!(shown("a b").contains("an address that is none"));
    }

    #[test]
    fn only_what_nobody_understands_is_taken_for_it() {
        assert_eq!(ends(304, ("etag", "x"), "", Advice::Unsure), None);
        assert_eq!(ends(307, ("location", "/x"), "", Advice::Fatal), None, "the vendor's own word is better");
        assert!(ends(200, ("content-encoding", "gzip"), "x", Advice::Unavailable).unwrap().contains("(gzip)"));
        assert!(ends(502, ("content-encoding", "identity, X-Gzip"), "x", Advice::Unsure).is_some());
        for plain in ["identity", "UTF-8", ""] {
            assert_eq!(ends(200, ("content-encoding", plain), "x", Advice::Unsure), None, "{plain}");
        }
        assert_eq!(ends(404, ("content-encoding", "gzip"), "", Advice::Retry), None, "an object's own coding");
    }
}
