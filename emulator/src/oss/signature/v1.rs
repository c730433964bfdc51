//! Version 1: HMAC-SHA1 over a few headers and the resource (reference §7.1).

use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::request::Parts;
use sha1::Sha1;

use super::{header, mismatch};
use crate::oss::error::Error;
use crate::oss::target::Target;

/// Parameters that are part of the resource; and all that begin with `x-oss-`.
const SUB_RESOURCES: [&str; 40] = [
    "acl",
    "append",
    "asyncFetch",
    "bucketInfo",
    "callback",
    "callback-var",
    "cname",
    "comp",
    "continuation-token",
    "cors",
    "delete",
    "encryption",
    "endTime",
    "img",
    "inventory",
    "lifecycle",
    "live",
    "location",
    "logging",
    "objectMeta",
    "partNumber",
    "policy",
    "position",
    "qos",
    "referer",
    "replication",
    "requestPayment",
    "restore",
    "security-token",
    "sequential",
    "startTime",
    "stat",
    "symlink",
    "tagging",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

pub(super) struct Authorization {
    pub(super) access_key_id: String,
    signature: String,
}

/// What is behind the scheme's name.
pub(super) fn strip(authorization: &str) -> Option<&str> {
    authorization.strip_prefix("OSS ")
}

impl Authorization {
    pub(super) fn parse(rest: &str) -> Option<Authorization> {
        let (id, signature) = rest.trim().split_once(':')?;
        let good = !id.is_empty() && !signature.is_empty();
        good.then(|| Authorization { access_key_id: id.to_owned(), signature: signature.to_owned() })
    }

    pub(super) fn check(&self, head: &Parts, target: &Target, secret: &str) -> Result<(), Error> {
        let string_to_sign = string_to_sign(head, target);
        let mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).map(|mac| mac.chain_update(&string_to_sign));
        let is_right = mac.is_ok_and(|mac| STANDARD.encode(mac.finalize().into_bytes()) == self.signature);
        if is_right { Ok(()) } else { Err(mismatch(&self.access_key_id, &self.signature, &string_to_sign)) }
    }
}

/// `x-oss-date` counts before `Date`.
pub(super) fn moment(head: &Parts) -> Option<Duration> {
    let at = httpdate::parse_http_date(&date(head)).ok()?;
    at.duration_since(UNIX_EPOCH).ok()
}

fn date(head: &Parts) -> String {
    let own = header(head, "x-oss-date");
    if own.is_empty() { header(head, "date") } else { own }
}

fn string_to_sign(head: &Parts, target: &Target) -> String {
    let mut names: Vec<&str> =
        head.headers.keys().map(http::HeaderName::as_str).filter(|name| name.starts_with("x-oss-")).collect();
    names.sort_unstable();
    let headers = names.iter().fold(String::new(), |text, name| text + name + ":" + &header(head, name) + "\n");
    format!(
        "{}\n{}\n{}\n{}\n{headers}{}",
        head.method,
        header(head, "content-md5"),
        header(head, "content-type"),
        date(head),
        resource(target)
    )
}

/// Nothing in it is encoded.
fn resource(target: &Target) -> String {
    let is_signed =
        |name: &str| SUB_RESOURCES.contains(&name) || name.starts_with("x-oss-") || name.starts_with("response-");
    let mut signed: Vec<(&str, &str)> = target.query.iter().filter(|(name, _)| is_signed(name)).collect();
    signed.sort_unstable();
    let signed: Vec<String> = signed
        .into_iter()
        .map(|(name, value)| if value.is_empty() { name.to_owned() } else { format!("{name}={value}") })
        .collect();
    let mark = if signed.is_empty() { "" } else { "?" };
    format!("{}{mark}{}", target.path(), signed.join("&"))
}
