//! The V1 signature.
//!
//! ```text
//! <verb> \n <Content-MD5> \n <Content-Type> \n <Date> \n <every x-oss-* header: name:value\n> /<bucket>/<key>[?<sub-resources>]
//! Authorization: OSS <AccessKeyId>:<base64(HMAC-SHA1(AccessKeySecret, text))>
//! ```
//!
//! The key is *not* percent-encoded in the text. Of the query only the sub-resources are signed, sorted by name; a value
//! is as it is, and a parameter without one is its bare name. Where `x-oss-date` is sent, it takes the place of the
//! date and stands among the other headers, too.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderName;
use http::header::{CONTENT_TYPE, DATE};
use resumable_core::calendar::http_date;
use sha1::Sha1;

use super::{Authorization, OSS_DATE, Subject, header_lines, text_of};
use crate::Credential;

/// The parameters that are signed, besides those that begin with `x-oss-` or `response-`.
const SUB_RESOURCES: &[&str] = &[
    "acl",
    "append",
    "callback",
    "callback-var",
    "continuation-token",
    "partNumber",
    "position",
    "restore",
    "security-token",
    "sequential",
    "symlink",
    "tagging",
    "uploadId",
    "uploads",
    "versionId",
    "withHashContext",
];

/// The value of a `Date` header. `unix` is time since 1970-01-01 UTC; whole seconds are used.
pub fn date(unix: Duration) -> String {
    http_date(unix)
}

/// The text that is signed.
pub fn string_to_sign(subject: &Subject<'_>) -> String {
    let header = |name: &HeaderName| text_of(subject.headers, name);
    let md5 = header(&HeaderName::from_static("content-md5"));
    let dated_by = if subject.headers.contains_key(OSS_DATE) { OSS_DATE } else { DATE };
    let (kind, date) = (header(&CONTENT_TYPE), header(&dated_by));
    let ours = header_lines(subject.headers, |name| name.starts_with("x-oss-"));
    format!("{}\n{md5}\n{kind}\n{date}\n{ours}{}", subject.method, resource(subject))
}

fn resource(subject: &Subject<'_>) -> String {
    let signed =
        |name: &str| SUB_RESOURCES.contains(&name) || name.starts_with("x-oss-") || name.starts_with("response-");
    let mut query: Vec<_> = subject.query.iter().filter(|(name, _)| signed(name)).collect();
    query.sort();
    let pair = |(name, value): &&(&str, String)| {
        if value.is_empty() { (*name).to_owned() } else { format!("{name}={value}") }
    };
    let query: Vec<String> = query.iter().map(pair).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/{}/{}{mark}{}", subject.bucket, subject.key, query.join("&"))
}

/// The `Authorization` header for a signed text.
pub fn authorization(credential: &Credential, string_to_sign: &str) -> Authorization {
    let mut mac = Hmac::<Sha1>::new_from_slice(credential.secret().as_bytes()).expect("HMAC takes a key of any length");
    mac.update(string_to_sign.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    Authorization::new(format!("OSS {}:{signature}", credential.access_key_id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_two_digits_and_end_in_gmt() {
        assert_eq!(date(Duration::from_millis(1_767_225_600_999)), "Thu, 01 Jan 2026 00:00:00 GMT");
        assert_eq!(date(Duration::MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
    }
}
