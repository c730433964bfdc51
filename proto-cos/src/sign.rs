//! The `Authorization` header, alike in both versions (pages 436/6054 and 227/430).
//!
//! `base64(HMAC-SHA1(SecretKey, text) ‖ text)`, standard alphabet, one line, no scheme word. The text is
//! `key=value` pairs joined by `&`:
//!
//! | key | meaning |
//! |---|---|
//! | `a` | appid |
//! | `b` | bucket |
//! | `k` | `SecretId` |
//! | `e` | expiry in unix seconds; 0 in the once-effect form |
//! | `t` | now in unix seconds |
//! | `r` | a random decimal of at most 10 digits |
//! | `f` | the file id: empty, or `/appid/bucket/encoded-path` |
//!
//! The *multi-effect* form is good for every call but `delete`, until it expires; the *once-effect* form is bound to
//! one file and good for a single `delete`.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use core::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderValue;
use sha1::Sha1;

use crate::credential::Credential;
use crate::limits;
use crate::place::Place;

/// The order of the fields in the signed text. The vendor's SDKs are split between the two and its pages show both,
/// so that the server evidently reads the text as it comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldOrder {
    /// `a, k, e, t, r, f, b`: the vendor's examples for version 2 and most of its SDKs. What the clients here send.
    #[default]
    BucketLast,
    /// `a, b, k, e, t, r, f`: the signature page's own table.
    DocOrder,
}

/// What every signature is made from.
#[derive(Clone, Copy, Debug)]
pub struct Signing<'a> {
    /// Who signs.
    pub credential: &'a Credential,
    /// The account's appid.
    pub appid: &'a str,
    /// The bucket's name, without the appid.
    pub bucket: &'a str,
    /// Time since 1970-01-01 UTC by the vendor's clock; whole seconds are used.
    pub now: Duration,
    /// Fresh random bits; the lowest 31 become `r`, which is what the vendor's SDKs draw from.
    pub nonce: u128,
    /// The order of the fields.
    pub order: FieldOrder,
}

impl<'a> Signing<'a> {
    /// For calls to `place`, in the order that the clients here send.
    pub fn new<V>(credential: &'a Credential, place: &'a Place<V>, now: Duration, nonce: u128) -> Self {
        let (appid, bucket) = (place.appid(), place.bucket());
        Self { credential, appid, bucket, now, nonce, order: FieldOrder::default() }
    }
}

/// A signature for any number of calls (all but `delete`) until `now + lifetime`; the lifetime is cut to
/// [`limits::SIGNATURE_LIFE`]. `file_id` is empty (any file of the bucket) or [`Place::file_id`].
pub fn multi_effect(signing: &Signing<'_>, lifetime: Duration, file_id: &str) -> Signature {
    let expiry = signing.now.as_secs().saturating_add(lifetime.min(limits::SIGNATURE_LIFE).as_secs());
    signing.sign(expiry, file_id)
}

/// A signature for one `delete` of one file; `file_id` is [`Place::file_id`].
pub fn once_effect(signing: &Signing<'_>, file_id: &str) -> Signature {
    signing.sign(0, file_id)
}

impl Signing<'_> {
    fn sign(&self, expiry: u64, file_id: &str) -> Signature {
        let text = self.text(expiry, file_id);
        let key = self.credential.secret();
        let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes a key of any length");
        mac.update(text.as_bytes());
        let mut signed = mac.finalize().into_bytes().to_vec();
        signed.extend_from_slice(text.as_bytes());
        Signature(STANDARD.encode(signed))
    }

    fn text(&self, expiry: u64, file_id: &str) -> String {
        let Self { appid, bucket, .. } = self;
        let id = self.credential.secret_id();
        let (now, random) = (self.now.as_secs(), self.nonce & 0x7fff_ffff);
        match self.order {
            FieldOrder::BucketLast => format!("a={appid}&k={id}&e={expiry}&t={now}&r={random}&f={file_id}&b={bucket}"),
            FieldOrder::DocOrder => format!("a={appid}&b={bucket}&k={id}&e={expiry}&t={now}&r={random}&f={file_id}"),
        }
    }
}

/// A value for the `Authorization` header. It is as good as a password until it expires, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Signature(String);

impl Signature {
    /// The value itself: for the wire and for tests, never for a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The header's value, marked as sensitive.
    pub fn to_header_value(&self) -> HeaderValue {
        let mut value = HeaderValue::from_str(&self.0).expect("base64 text is a valid header value");
        value.set_sensitive(true);
        value
    }
}

impl From<&Signature> for HeaderValue {
    fn from(signature: &Signature) -> Self {
        signature.to_header_value()
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature([redacted])")
    }
}

/// Reads the fields of an `Authorization` value, in any order; the digest is not checked.
///
/// # Errors
/// When the value is not base64 of 20 bytes and a text with all seven fields, each once.
pub fn parse(authorization: &str) -> Result<ClearText, NotASignature> {
    let signed = STANDARD.decode(authorization).map_err(|_| NotASignature("it is not base64"))?;
    let (hmac, text) = signed.split_first_chunk::<20>().ok_or(NotASignature("it is too short for a digest"))?;
    let text = core::str::from_utf8(text).map_err(|_| NotASignature("its text is not UTF-8"))?;
    let field = |key: &str| {
        let mut values = text.split('&').filter_map(|pair| pair.split_once('=')).filter(|(name, _)| *name == key);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Ok(value.to_owned()),
            _ => Err(NotASignature("its text does not have each of a, b, k, e, t, r and f once")),
        }
    };
    let number = |key: &str| field(key)?.parse().map_err(|_| NotASignature("e, t or r is no number"));
    Ok(ClearText {
        hmac: *hmac,
        a: field("a")?,
        b: field("b")?,
        k: field("k")?,
        e: number("e")?,
        t: number("t")?,
        r: number("r")?,
        f: field("f")?,
    })
}

/// The fields of a signature.
#[derive(Clone, PartialEq, Eq)]
pub struct ClearText {
    /// HMAC-SHA1 over the text.
    pub hmac: [u8; 20],
    /// Appid.
    pub a: String,
    /// Bucket.
    pub b: String,
    /// `SecretId`.
    pub k: String,
    /// Expiry in unix seconds; 0 in the once-effect form.
    pub e: u64,
    /// When it was signed, in unix seconds.
    pub t: u64,
    /// The random number.
    pub r: u64,
    /// File id, percent-encoded; empty if the signature is bound to none.
    pub f: String,
}

impl fmt::Debug for ClearText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("ClearText");
        shown.field("a", &self.a).field("b", &self.b).field("e", &self.e).field("t", &self.t);
        shown.field("r", &self.r).field("f", &self.f).finish_non_exhaustive()
    }
}

/// Why a text is no signature of this API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a signature of this API: {0}")]
pub struct NotASignature(&'static str);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_random_number_never_exceeds_ten_digits() {
        let credential = Credential::new("id", "key").unwrap();
        let signing = Signing {
            credential: &credential,
            appid: "1",
            bucket: "b",
            now: Duration::from_secs(1),
            nonce: u128::MAX,
            order: FieldOrder::BucketLast,
        };
        let text = parse(multi_effect(&signing, Duration::from_secs(9), "").reveal()).unwrap();
        assert_eq!((text.r, text.e), (2_147_483_647, 10));
    }

    #[test]
    fn a_life_is_at_most_three_months() {
        let credential = Credential::new("id", "key").unwrap();
        let now = Duration::from_secs(100);
        let order = FieldOrder::BucketLast;
        let signing = Signing { credential: &credential, appid: "1", bucket: "b", now, nonce: 1, order };
        let text = parse(multi_effect(&signing, Duration::MAX, "").reveal()).unwrap();
        assert_eq!(text.e, 100 + 90 * 86_400);
    }

    #[test]
    fn neither_debug_nor_a_header_shows_a_signature() {
        let signature = Signature("c2VjcmV0".into());
        assert_eq!(format!("{signature:?}"), "Signature([redacted])");
        assert_eq!(format!("{:?}", signature.to_header_value()), "Sensitive");
        assert_eq!(signature.to_header_value().as_bytes(), b"c2VjcmV0");
    }

    #[test]
    fn what_is_no_signature_is_said_to_be_none() {
        let of = |text: &str| STANDARD.encode([&[0; 20], text.as_bytes()].concat());
        assert!(parse("?").is_err());
        assert!(parse("AAAA").is_err());
        assert!(parse(&of("a=1&b=2&k=3&e=4&t=5&r=6")).is_err());
        assert!(parse(&of("a=1&b=2&k=3&e=x&t=5&r=6&f=")).is_err());
        assert!(parse(&of("a=1&a=1&b=2&k=3&e=4&t=5&r=6&f=")).is_err());
        assert!(parse(&of("f=&r=6&t=5&e=4&k=3&b=2&a=1")).is_ok());
    }
}
