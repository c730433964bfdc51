//! Signature V4 in the `Authorization` header.
//!
//! ```text
//! request = <verb> \n <path, as sent> \n <query> \n (<name>:<value> \n)* \n <names of the signed headers> \n <payload>
//! text    = AWS4-HMAC-SHA256 \n <x-amz-date> \n <yyyymmdd>/<region>/s3/aws4_request \n hex(SHA256(request))
//! key     = HMAC(HMAC(HMAC(HMAC("AWS4" + SecretAccessKey, <yyyymmdd>), <region>), "s3"), "aws4_request")
//! Authorization: AWS4-HMAC-SHA256 Credential=<AccessKeyId>/<scope>, SignedHeaders=<a;b>, Signature=<hex>
//! ```
//!
//! The path is the one that is sent: percent-encoded once, never normalised, with the bucket only where the URL has it. The
//! query is sorted, and a bare name is signed as `name=`. `payload` is the value of `x-amz-content-sha256`: the SHA-256 of the
//! body, or [`UNSIGNED_PAYLOAD`].
//!
//! Of the headers, `host`, each `x-amz-*`, each `content-*` but the length, `if-match` and `if-none-match` are signed. The
//! others may be changed on the way.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use resumable_core::calendar::strftime;
pub use resumable_proto_multipart::signature::Authorization;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The date of a request.
pub const DATE: HeaderName = HeaderName::from_static("x-amz-date");
/// What of the body is signed.
pub const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
/// The token of temporary keys.
pub const SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// The payload of a request whose body is not signed.
pub const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// The value of `x-amz-date`, like `20260101T000000Z`. `unix` is time since 1970-01-01 UTC; whole seconds are used.
pub fn date(unix: Duration) -> String {
    strftime("%Y%m%dT%H%M%SZ", unix)
}

/// What of a body is signed: its SHA-256 in hexadecimal.
pub fn payload(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

/// What a signature covers. `Debug` shows neither the query nor a header: the security token is one.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The method.
    pub method: &'a Method,
    /// Where the request goes.
    pub uri: &'a Uri,
    /// The headers, with date, payload and security token. `host` need not be there: it is the one of the URL.
    pub headers: &'a HeaderMap,
}

impl fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("method", self.method).field("path", &self.uri.path()).finish_non_exhaustive()
    }
}

/// Who signs, when, and for which region. `Debug` would show the secret, so there is none.
#[derive(Clone, Copy)]
pub struct Signer<'a> {
    /// The `AccessKeyId`.
    pub access_key_id: &'a str,
    /// The `SecretAccessKey`.
    pub secret: &'a str,
    /// The region.
    pub region: &'a str,
    /// The `x-amz-date`, which begins with the day.
    pub date: &'a str,
}

impl Subject<'_> {
    /// The canonical request.
    pub fn canonical_request(&self) -> String {
        let headers = self.signed_headers();
        let lines: String = headers.iter().flat_map(|(name, value)| [*name, ":", value, "\n"]).collect();
        let payload = headers.get(CONTENT_SHA256.as_str()).map_or(UNSIGNED_PAYLOAD, String::as_str);
        let (method, path, query) = (self.method, self.uri.path(), canonical_query(self.uri.query()));
        format!("{method}\n{path}\n{query}\n{lines}\n{}\n{payload}", names(&headers))
    }

    fn signed_headers(&self) -> BTreeMap<&str, String> {
        let signed = self.headers.keys().map(HeaderName::as_str).filter(|name| is_signed(name));
        let mut headers: BTreeMap<&str, String> = signed.map(|name| (name, text_of(self.headers, name))).collect();
        headers.insert("host", host_header(self.uri));
        headers
    }
}

fn is_signed(name: &str) -> bool {
    name.starts_with("x-amz-")
        || (name.starts_with("content-") && name != "content-length")
        || ["if-match", "if-none-match"].contains(&name)
}

/// As a transport writes it: with the port, unless that is the scheme's own.
fn host_header(uri: &Uri) -> String {
    let host = uri.host().unwrap_or_default();
    let usual = if uri.scheme_str() == Some("http") { 80 } else { 443 };
    match uri.port_u16().filter(|port| *port != usual) {
        Some(port) => format!("{host}:{port}"),
        None => host.into(),
    }
}

/// Sorted; its names and values are encoded already.
fn canonical_query(query: Option<&str>) -> String {
    let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<(&str, &str)> = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// A header's values as they are signed: without blanks around them, with one where there were several, joined by commas.
fn text_of(headers: &HeaderMap, name: &str) -> String {
    let text = |value: &HeaderValue| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    };
    headers.get_all(name).iter().map(text).collect::<Vec<_>>().join(",")
}

fn names(headers: &BTreeMap<&str, String>) -> String {
    headers.keys().copied().collect::<Vec<_>>().join(";")
}

impl Signer<'_> {
    /// The text that is signed.
    pub fn string_to_sign(&self, canonical_request: &str) -> String {
        let digest = payload(canonical_request.as_bytes());
        format!("AWS4-HMAC-SHA256\n{}\n{}\n{digest}", self.date, self.scope())
    }

    /// The `Authorization` header.
    pub fn authorization(&self, subject: &Subject<'_>) -> Authorization {
        let [.., key] = self.signing_keys();
        let signature = hex::encode(hmac(&*key, &self.string_to_sign(&subject.canonical_request())).as_slice());
        let (id, scope, names) = (self.access_key_id, self.scope(), names(&subject.signed_headers()));
        Authorization::new(format!(
            "AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}"
        ))
    }

    fn scope(&self) -> String {
        format!("{}/{}/s3/aws4_request", self.day(), self.region)
    }

    fn day(&self) -> &str {
        self.date.split('T').next().unwrap_or_default()
    }

    fn signing_keys(&self) -> [SigningKey; 4] {
        let seed = Zeroizing::new(["AWS4", self.secret].concat());
        let first = hmac(seed.as_bytes(), self.day());
        let second = hmac(&*first, self.region);
        let third = hmac(&*second, "s3");
        let last = hmac(&*third, "aws4_request");
        [first, second, third, last]
    }
}

/// Signs as well as the secret does, for a day.
type SigningKey = Zeroizing<[u8; 32]>;

fn hmac(key: &[u8], text: &str) -> SigningKey {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    Zeroizing::new(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use zeroize::ZeroizeOnDrop;

    use super::*;

    #[test]
    fn the_chain_of_keys_is_the_vendors() {
        let signer = Signer {
            access_key_id: "a",
            secret: "EmuSecretKey0000000000000000000000000001",
            region: "us-east-1",
            date: "20260101T000000Z",
        };
        assert_eq!(
            signer.signing_keys().map(|key| hex::encode(key.as_slice())),
            [
                "8bed0bc35d3187b48be1aa7e86dd6b690a89bbe65c8e3ca5833784062141c350",
                "8ba17fbe37b02d30f02683f51ac562e5bbbd01efe1408ad3cc589d20b152917c",
                "ca29e2be3fd9fcf4af3a20c2e90cba18f7c1364d4035ab57818a57337ec60ef1",
                "ff802fd13aada52ba54feac58f44c30303d3b322c080ceee7fdfc4e7564529a8",
            ]
        );
    }

    #[test]
    fn keys_that_are_made_of_the_secret_are_wiped_when_they_are_dropped() {
        fn wiped(_: &impl ZeroizeOnDrop) {}
        wiped(&hmac(b"key", "text"));
        // What HMAC keeps of a key is in two of these.
        wiped(&Sha256::new());
    }

    #[test]
    fn the_host_has_the_port_that_is_not_the_schemes_own() {
        for (url, host) in [
            ("http://127.0.0.1:9000/b/k", "127.0.0.1:9000"),
            ("http://h:80/", "h"),
            ("https://h:443/", "h"),
            ("https://h:80/", "h:80"),
            ("http://[::1]:9000/", "[::1]:9000"),
        ] {
            assert_eq!(host_header(&url.parse().unwrap()), host);
        }
    }

    #[test]
    fn values_are_signed_without_needless_blanks() {
        let mut headers = HeaderMap::new();
        headers.append("x-amz-meta-a", HeaderValue::from_static("  one   two "));
        headers.append("x-amz-meta-a", HeaderValue::from_static("three"));
        assert_eq!(text_of(&headers, "x-amz-meta-a"), "one two,three");
    }
}
