//! The text that a signature is of. The path is the one that was sent: nobody adds a bucket, and nobody removes a segment.

use http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::authorization::Authorization;
use super::{HASH, Target};

/// Everything but what RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const RESERVED_BUT_SLASH: &AsciiSet = &RESERVED.remove(b'/');

pub(super) fn request(head: &Parts, target: &Target, authorization: &Authorization) -> String {
    let signed = &authorization.signed;
    let headers = signed.iter().fold(String::new(), |text, name| text + name + ":" + &value(head, name) + "\n");
    let (path, query, names) = (path(head.uri.path()), query(target), signed.join(";"));
    format!("{}\n{path}\n{query}\n{headers}\n{names}\n{}", head.method, value(head, HASH))
}

/// Each byte of the key is encoded once, however it was written.
fn path(sent: &str) -> String {
    let key: Vec<u8> = percent_decode_str(sent).collect();
    percent_encoding::percent_encode(&key, RESERVED_BUT_SLASH).to_string()
}

/// Sorted by the encoded names and then by the values; each name has a `=`.
fn query(target: &Target) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
    let mut all: Vec<(String, String)> =
        target.query.iter().map(|(name, value)| (encoded(name), encoded(value))).collect();
    all.sort_unstable();
    let all: Vec<String> = all.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    all.join("&")
}

/// A header's values with commas between them, and with one blank for each run; empty if it is not there.
pub(super) fn value(head: &Parts, name: &str) -> String {
    let one = |value: &http::HeaderValue| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    };
    head.headers.get_all(name).iter().map(one).collect::<Vec<_>>().join(",")
}

/// The headers that have to be signed and are not.
pub(super) fn unsigned_headers(head: &Parts, authorization: &Authorization, with_hash: bool) -> Vec<String> {
    let has_to_be = |name: &str| name == "host" || (name.starts_with("x-amz-") && (with_hash || name != HASH));
    let is_signed = |name: &str| authorization.signed.iter().any(|signed| signed == name);
    let mut unsigned: Vec<String> = head.headers.keys().map(|name| name.as_str().to_owned()).collect();
    unsigned.retain(|name| has_to_be(name) && !is_signed(name));
    unsigned.sort_unstable();
    unsigned
}
