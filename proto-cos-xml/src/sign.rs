//! The signature, in the `Authorization` header (page 436/7778).
//!
//! ```text
//! key    = hex(HMAC-SHA1(SecretKey, <start>;<end>))
//! format = <method, lower case> \n <path, decoded> \n <parameters> \n <headers> \n
//! text   = sha1 \n <start>;<end> \n hex(SHA1(format)) \n
//! Authorization: q-sign-algorithm=sha1&q-ak=<SecretId>&q-sign-time=<start>;<end>&q-key-time=<start>;<end>
//!                &q-header-list=<names>&q-url-param-list=<names>&q-signature=<hex(HMAC-SHA1(key, text))>
//! ```
//!
//! Parameters and headers are `name=value`, joined by `&` and sorted by name. A name is percent-encoded and then made
//! lower case, the digits of its escapes too; a value is percent-encoded and keeps its case. The server takes from the
//! request what the two lists name and nothing else, so what is not signed is not protected. The region is not signed,
//! and the host is.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use resumable_proto_multipart::encoding;
pub use resumable_proto_multipart::signature::Authorization;
use sha1::{Digest as _, Sha1};
use zeroize::Zeroizing;

use crate::credential::Credential;

const SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-cos-security-token");

/// What is signed besides every `x-cos-*`. Each of the vendor's libraries signs these, where they are sent.
const SIGNED: [&str; 8] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-length",
    "content-md5",
    "content-type",
    "expires",
    "host",
];

/// For how long before now a signature is good: the vendor's clock may be behind.
const BEFORE: Duration = Duration::from_secs(60);

/// For how long after now a signature is good.
const AFTER: Duration = Duration::from_secs(3600);

/// What every call is signed with.
#[derive(Clone, Copy, Debug)]
pub struct Signing<'a> {
    /// Who signs.
    pub credential: &'a Credential,
    /// Time since 1970-01-01 UTC by the vendor's clock, when the request leaves.
    pub now: Duration,
}

/// What a signature covers. `Debug` shows no header and no query: the security token may be in either.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The method.
    pub method: &'a Method,
    /// The path of the URL with a slash before it, not percent-encoded.
    pub path: &'a str,
    /// The query, not percent-encoded.
    pub query: &'a [(&'a str, String)],
    /// The headers that are signed, each once.
    pub headers: &'a HeaderMap,
}

impl fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("method", self.method).field("path", &self.path).finish_non_exhaustive()
    }
}

impl Signing<'_> {
    /// Adds the security token and the signature to the headers of a request to `host`, whose port stands there if it is
    /// not the usual one. `len` is the body's length, where the method has a body.
    pub(crate) fn sign(
        &self,
        (method, host, path): (&Method, &str, &str),
        query: &[(&str, String)],
        len: Option<u64>,
        headers: &mut HeaderMap,
    ) {
        if let Some(token) = self.credential.token() {
            let mut token = HeaderValue::from_str(token).expect("a checked token makes a header value");
            token.set_sensitive(true);
            headers.insert(SECURITY_TOKEN, token);
        }
        let is_signed = |name: &HeaderName| SIGNED.contains(&name.as_str()) || name.as_str().starts_with("x-cos-");
        let sent = headers.iter().filter(|(name, _)| is_signed(name));
        let mut signed: HeaderMap = sent.map(|(name, value)| (name.clone(), value.clone())).collect();
        // The transport sends these two, and as they are here.
        signed.insert(HOST, HeaderValue::from_str(host).expect("a checked host makes a header value"));
        signed.extend(len.map(|len| (CONTENT_LENGTH, HeaderValue::from(len))));
        let subject = Subject { method, path, query, headers: &signed };
        let authorization = authorization(self.credential, &key_time(self.now), &subject);
        headers.insert(AUTHORIZATION, authorization.to_header_value());
    }
}

/// When a signature is good that is made now: from a minute ago, for an hour. `unix` is time since 1970-01-01 UTC.
pub fn key_time(unix: Duration) -> String {
    let (start, end) = (unix.saturating_sub(BEFORE).as_secs(), unix.saturating_add(AFTER).as_secs());
    format!("{start};{end}")
}

/// The key that signs within a time, as text: the account's own never signs a request.
pub fn sign_key(credential: &Credential, key_time: &str) -> SignKey {
    SignKey(hmac(credential.secret(), key_time).into())
}

/// The request as the signature sees it.
pub fn format_string(subject: &Subject<'_>) -> String {
    let Subject { method, path, .. } = subject;
    let (query, headers) = (Listed::parameters(subject.query), Listed::headers(subject.headers));
    let method = method.as_str().to_ascii_lowercase();
    format!("{method}\n{path}\n{}\n{}\n", query.pairs(), headers.pairs())
}

/// The text that is signed.
pub fn string_to_sign(key_time: &str, format_string: &str) -> String {
    format!("sha1\n{key_time}\n{}\n", hex::encode(Sha1::digest(format_string)))
}

/// The `Authorization` header for a request that is good within `key_time`, `<start>;<end>` in seconds since 1970.
pub fn authorization(credential: &Credential, key_time: &str, subject: &Subject<'_>) -> Authorization {
    let (query, headers) = (Listed::parameters(subject.query), Listed::headers(subject.headers));
    let text = string_to_sign(key_time, &format_string(subject));
    let signature = hmac(sign_key(credential, key_time).0.as_bytes(), &text);
    let (id, headers, query) = (credential.secret_id(), headers.names(), query.names());
    Authorization::new(format!(
        "q-sign-algorithm=sha1&q-ak={id}&q-sign-time={key_time}&q-key-time={key_time}\
         &q-header-list={headers}&q-url-param-list={query}&q-signature={signature}"
    ))
}

/// Names and values as both the text and the lists have them.
struct Listed(BTreeMap<String, String>);

impl Listed {
    fn parameters(query: &[(&str, String)]) -> Self {
        Self(query.iter().map(|(name, value)| (listed_name(name), encoding::value(value).to_string())).collect())
    }

    fn headers(headers: &HeaderMap) -> Self {
        let pair = |(name, value): (&HeaderName, &HeaderValue)| {
            (listed_name(name.as_str()), encoding::value(&String::from_utf8_lossy(value.as_bytes())).to_string())
        };
        Self(headers.iter().map(pair).collect())
    }

    fn pairs(&self) -> String {
        let pairs: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.0.keys().map(String::as_str).collect();
        names.join(";")
    }
}

fn listed_name(name: &str) -> String {
    encoding::value(name).to_string().to_ascii_lowercase()
}

fn hmac(key: &[u8], text: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    let code: Zeroizing<[u8; 20]> = Zeroizing::new(mac.finalize().into_bytes().into());
    hex::encode(code.as_slice())
}

/// A key that signs within a time: as good as the account's own until then, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct SignKey(Zeroizing<String>);

impl SignKey {
    /// The key itself: for tests, never for a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SignKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignKey([redacted])")
    }
}
