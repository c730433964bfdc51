//! Version 4: HMAC-SHA256 over the whole query and the headers of interest (reference §7.2).

use std::collections::BTreeSet;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::{header, mismatch};
use crate::date;
use crate::oss::error::{Error, INVALID_ARGUMENT};
use crate::oss::target::Target;

pub(super) const SCHEME: &str = "OSS4-HMAC-SHA256";
const REQUEST: &str = "aliyun_v4_request";
const PAYLOAD: &str = "UNSIGNED-PAYLOAD";
/// Everything but what RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const RESERVED_BUT_SLASH: &AsciiSet = &RESERVED.remove(b'/');

pub(super) struct Authorization {
    pub(super) access_key_id: String,
    day: String,
    region: String,
    product: String,
    request: String,
    /// As they were sent.
    additional: String,
    signature: String,
}

impl Authorization {
    /// Fields may have blanks around them, and come in any order.
    pub(super) fn parse(text: &str) -> Option<Authorization> {
        let fields = text.trim().strip_prefix(SCHEME)?.strip_prefix(' ')?;
        let (mut credential, mut additional, mut signature) = (None, None, None);
        for field in fields.split(',') {
            let (name, value) = field.trim().split_once('=')?;
            let place = match name {
                "Credential" => &mut credential,
                "AdditionalHeaders" => &mut additional,
                "Signature" => &mut signature,
                _ => return None,
            };
            if place.replace(value).is_some() {
                return None;
            }
        }
        let mut scope = credential?.rsplitn(5, '/').map(str::to_owned);
        let (request, product, region, day) = (scope.next()?, scope.next()?, scope.next()?, scope.next()?);
        let access_key_id = scope.next().filter(|id| !id.is_empty())?;
        let (additional, signature) = (additional.unwrap_or_default().to_owned(), signature?.to_owned());
        Some(Authorization { access_key_id, day, region, product, request, additional, signature })
    }

    /// When it was signed; an error if the scope does not fit.
    pub(super) fn moment(&self, head: &Parts, region: &str) -> Result<Option<Duration>, Error> {
        let wrong = |what: &str| INVALID_ARGUMENT.because(format!("Invalid {what} in Authorization header."));
        if self.region != region {
            return Err(wrong("signing region"));
        }
        if self.product != "oss" || self.request != REQUEST {
            return Err(wrong("credential scope"));
        }
        if header(head, "x-oss-content-sha256") != PAYLOAD {
            return Err(INVALID_ARGUMENT.because("Invalid x-oss-content-sha256: it must be UNSIGNED-PAYLOAD."));
        }
        let text = header(head, "x-oss-date");
        let moment = date::of_basic_iso8601(&text);
        if moment.is_some() && text.get(..8) != Some(self.day.as_str()) {
            return Err(wrong("signing date"));
        }
        Ok(moment)
    }

    pub(super) fn check(&self, head: &Parts, target: &Target, secret: &str) -> Result<(), Error> {
        let canonical = self.canonical_request(head, target);
        let hashed = hex::encode(Sha256::digest(canonical.as_bytes()));
        let (moment, scope) = (header(head, "x-oss-date"), self.scope());
        let string_to_sign = format!("{SCHEME}\n{moment}\n{scope}\n{hashed}");
        let key = [&self.day, &self.region, &self.product, &self.request]
            .into_iter()
            .fold(format!("aliyun_v4{secret}").into_bytes(), |key, part| mac(&key, part));
        if hex::encode(mac(&key, &string_to_sign)) == self.signature {
            return Ok(());
        }
        let error = mismatch(&self.access_key_id, &self.signature, &string_to_sign);
        Err(error.with("CanonicalRequest", canonical))
    }

    fn scope(&self) -> String {
        format!("{}/{}/{}/{}", self.day, self.region, self.product, self.request)
    }

    fn canonical_request(&self, head: &Parts, target: &Target) -> String {
        let additional: BTreeSet<String> =
            self.additional.split(';').filter(|name| !name.is_empty()).map(str::to_ascii_lowercase).collect();
        let is_signed = |name: &str| {
            matches!(name, "content-type" | "content-md5") || name.starts_with("x-oss-") || additional.contains(name)
        };
        let names: BTreeSet<&str> =
            head.headers.keys().map(http::HeaderName::as_str).filter(|name| is_signed(name)).collect();
        let headers = names.iter().fold(String::new(), |text, name| text + name + ":" + &header(head, name) + "\n");
        let additional: Vec<&str> = additional.iter().map(String::as_str).collect();
        format!(
            "{}\n{}\n{}\n{headers}\n{}\n{PAYLOAD}",
            head.method,
            utf8_percent_encode(&target.path(), RESERVED_BUT_SLASH),
            query(target),
            additional.join(";")
        )
    }
}

/// Sorted by the encoded names.
fn query(target: &Target) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
    let mut all: Vec<(String, String)> =
        target.query.iter().map(|(name, value)| (encoded(name), encoded(value))).collect();
    all.sort_unstable();
    let all: Vec<String> =
        all.into_iter().map(|(name, value)| if value.is_empty() { name } else { format!("{name}={value}") }).collect();
    all.join("&")
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(text));
    mac.map(|mac| mac.finalize().into_bytes().to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_in_use_is_read_alike() {
        for text in [
            "OSS4-HMAC-SHA256 Credential=ak/20260101/cn-x/oss/aliyun_v4_request,Signature=ab",
            "OSS4-HMAC-SHA256 Credential=ak/20260101/cn-x/oss/aliyun_v4_request, Signature=ab",
            "OSS4-HMAC-SHA256 Credential=ak/20260101/cn-x/oss/aliyun_v4_request,AdditionalHeaders=,Signature=ab",
        ] {
            let read = Authorization::parse(text).expect(text);
            assert_eq!(
                (read.access_key_id.as_str(), read.scope().as_str(), read.signature.as_str(), read.additional.as_str()),
                ("ak", "20260101/cn-x/oss/aliyun_v4_request", "ab", "")
            );
        }
        for text in [
            "OSS4-HMAC-SHA256",
            "OSS4-HMAC-SHA256 ",
            "OSS4-HMAC-SHA256 Credential=ak/20260101/cn-x/oss,Signature=ab",
            "OSS4-HMAC-SHA256 Credential=/20260101/cn-x/oss/aliyun_v4_request,Signature=ab",
            "OSS4-HMAC-SHA256 Credential=ak/20260101/cn-x/oss/aliyun_v4_request",
            "OSS4-HMAC-SHA256 Credential=a/2/c/o/a,Signature=ab,Signature=ab",
            "OSS4-HMAC-SHA256 Credential=a/2/c/o/a,Signature=ab,More=ab",
            "AWS4-HMAC-SHA256 Credential=a/2/c/o/a,Signature=ab",
        ] {
            assert!(Authorization::parse(text).is_none(), "{text}");
        }
    }
}
