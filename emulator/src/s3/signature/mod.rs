//! Who signed a request, and when: version 4 (reference §2). The checks come in this order: header, key, token, hash of the body,
//! region, date, headers that are not signed, signature.

mod authorization;
mod canonical;

use std::fmt::Write as _;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use http::header::AUTHORIZATION;
use http::request::Parts;
use sha2::{Digest, Sha256};

use self::authorization::Authorization;
use super::config::Config;
use super::error::{
    ACCESS_DENIED, AUTHORIZATION_HEADER_MALFORMED, EXPIRED_TOKEN, Error, ILLEGAL_LOCATION, INVALID_ACCESS_KEY_ID,
    INVALID_ARGUMENT, INVALID_REQUEST, INVALID_TOKEN, NOT_IMPLEMENTED, PERMANENT_REDIRECT, REQUEST_TIME_TOO_SKEWED,
    SIGNATURE_DOES_NOT_MATCH,
};
use super::switches::WrongRegion;
use super::target::Target;
use crate::date;
use crate::part_store::{Grants, Sts};

const SCHEME: &str = "AWS4-HMAC-SHA256";
const HASH: &str = "x-amz-content-sha256";
const DATE: &str = "x-amz-date";
const TOKEN: &str = "x-amz-security-token";

/// What a request says of its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Payload {
    Unsigned,
    /// Lower-case hex.
    Sha256(String),
    /// In pieces, with lines behind them.
    Chunked,
}

/// The key a request names, whether or not it holds it.
pub(super) fn access_key_id(head: &Parts) -> Option<String> {
    let presented = head.headers.get(AUTHORIZATION)?.to_str().ok()?;
    Authorization::parse(presented).map(|it| it.access_key_id)
}

pub(super) fn check(
    head: &Parts,
    target: &Target,
    config: &Config,
    grants: &Grants,
    clock: Duration,
) -> Result<Payload, Error> {
    let presented = head.headers.get(AUTHORIZATION).ok_or_else(|| unsigned(target))?;
    let presented = presented.to_str().unwrap_or_default();
    let authorization = Authorization::parse(presented).ok_or_else(|| AUTHORIZATION_HEADER_MALFORMED.error())?;
    let secret = secret(head, &authorization.access_key_id, config, grants, clock)?;
    let payload = payload(head)?;
    check_scope(&authorization, target, config)?;
    check_moment(head, &authorization, config.limits.skew, clock)?;
    let unsigned = canonical::unsigned_headers(head, &authorization, config.switches.signed_content_sha256);
    if !unsigned.is_empty() {
        let error = ACCESS_DENIED.because("There were headers present in the request which were not signed");
        return Err(error.with("HeadersNotSigned", unsigned.join(", ")));
    }
    check_signature(head, target, &authorization, &secret)?;
    Ok(payload)
}

/// There is no signature, or it is where nobody looks for it.
fn unsigned(target: &Target) -> Error {
    if target.query.has("X-Amz-Algorithm") {
        return NOT_IMPLEMENTED.because("The emulator does not take signatures in the query.");
    }
    ACCESS_DENIED.error()
}

/// The secret of a key.
fn secret(
    head: &Parts,
    access_key_id: &str,
    config: &Config,
    grants: &Grants,
    clock: Duration,
) -> Result<String, Error> {
    let unknown = || INVALID_ACCESS_KEY_ID.error().with("AWSAccessKeyId", access_key_id);
    let token = Some(canonical::value(head, TOKEN)).filter(|token| !token.is_empty());
    let bad_token = |token: String| INVALID_TOKEN.error().with("Token-0", token);
    if let Some(account) = config.accounts.iter().find(|account| account.access_key_id == access_key_id) {
        return token.map_or(Ok(account.access_key_secret.clone()), |token| Err(bad_token(token)));
    }
    let sts = grants.find(access_key_id, clock).ok_or_else(unknown)?;
    let token = token.ok_or_else(unknown)?;
    if token != sts.security_token {
        return Err(bad_token(token));
    }
    if clock >= sts.expiration {
        return Err(expired(&sts));
    }
    Ok(sts.access_key_secret)
}

fn expired(sts: &Sts) -> Error {
    EXPIRED_TOKEN.error().with("Token-0", sts.security_token.clone())
}

/// The end of a temporary key that somebody took away.
pub(super) fn taken_away(token: &str) -> Error {
    EXPIRED_TOKEN.error().with("Token-0", token)
}

fn payload(head: &Parts) -> Result<Payload, Error> {
    let text = canonical::value(head, HASH);
    match text.as_str() {
        "" => Err(INVALID_REQUEST.because("Missing required header for this request: x-amz-content-sha256")),
        "UNSIGNED-PAYLOAD" => Ok(Payload::Unsigned),
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Ok(Payload::Chunked),
        text if text.starts_with("STREAMING-") => Err(NOT_IMPLEMENTED.error().with("Header", HASH)),
        text if text.len() == 64 && text.bytes().all(|it| it.is_ascii_digit() || (b'a'..=b'f').contains(&it)) => {
            Ok(Payload::Sha256(text.to_owned()))
        }
        other => {
            let error = INVALID_ARGUMENT
                .because("x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER or a valid sha256 value.");
            Err(error.with("ArgumentName", HASH).with("ArgumentValue", other))
        }
    }
}

fn check_scope(authorization: &Authorization, target: &Target, config: &Config) -> Result<(), Error> {
    let right = config.region.as_str();
    if authorization.service != "s3" || authorization.request != "aws4_request" {
        let (service, end) = (&authorization.service, &authorization.request);
        let message =
            format!("The authorization header is malformed; incorrect service \"{service}\" or end \"{end}\".");
        return Err(AUTHORIZATION_HEADER_MALFORMED.because(message));
    }
    if authorization.region == right {
        return Ok(());
    }
    let error = match config.switches.wrong_region {
        WrongRegion::AuthorizationHeaderMalformed => {
            let wrong = &authorization.region;
            let message =
                format!("The authorization header is malformed; the region '{wrong}' is wrong; expecting '{right}'");
            AUTHORIZATION_HEADER_MALFORMED.because(message).with("Region", right)
        }
        WrongRegion::PermanentRedirect => {
            let (bucket, host) = (target.bucket.clone().unwrap_or_default(), config.host());
            PERMANENT_REDIRECT.error().with("Endpoint", format!("{bucket}.{host}")).with("Bucket", bucket)
        }
        WrongRegion::IllegalLocation => ILLEGAL_LOCATION.error(),
    };
    Err(error.in_region(right))
}

/// `skew` is in seconds.
fn check_moment(head: &Parts, authorization: &Authorization, skew: u64, clock: Duration) -> Result<(), Error> {
    let text = canonical::value(head, DATE);
    let Some(moment) = date::of_basic_iso8601(&text) else {
        return Err(ACCESS_DENIED.because("AWS authentication requires a valid Date or x-amz-date header"));
    };
    if text.get(..8) != Some(authorization.day.as_str()) {
        let message = "The authorization header is malformed; the date of the credential is not that of the request.";
        return Err(AUTHORIZATION_HEADER_MALFORMED.because(message));
    }
    if moment.as_secs().abs_diff(clock.as_secs()) <= skew {
        return Ok(());
    }
    Err(too_skewed(&text, skew, clock))
}

/// `request_time` as the request has it.
pub(super) fn too_skewed(request_time: &str, skew: u64, clock: Duration) -> Error {
    let error = REQUEST_TIME_TOO_SKEWED.error().with("RequestTime", request_time);
    let error = error.with("ServerTime", date::iso8601_seconds(clock));
    error.with("MaxAllowedSkewMilliseconds", (u128::from(skew) * 1000).to_string())
}

/// A moment as requests have it.
pub(super) fn basic(moment: Duration) -> String {
    date::iso8601_seconds(moment).replace(['-', ':'], "")
}

fn check_signature(head: &Parts, target: &Target, authorization: &Authorization, secret: &str) -> Result<(), Error> {
    let canonical = canonical::request(head, target, authorization);
    let scope = authorization.scope();
    let hashed = hex::encode(Sha256::digest(canonical.as_bytes()));
    let string_to_sign = format!("{SCHEME}\n{}\n{scope}\n{hashed}", canonical::value(head, DATE));
    let key = scope.split('/').fold(format!("AWS4{secret}").into_bytes(), |key, part| mac(&key, part));
    if hex::encode(mac(&key, &string_to_sign)) == authorization.signature {
        return Ok(());
    }
    let error = SIGNATURE_DOES_NOT_MATCH.error().with("AWSAccessKeyId", authorization.access_key_id.clone());
    let error = error.with("StringToSign", string_to_sign.clone());
    let error = error.with("SignatureProvided", authorization.signature.clone());
    let error = error.with("StringToSignBytes", bytes(&string_to_sign));
    Err(error.with("CanonicalRequest", canonical.clone()).with("CanonicalRequestBytes", bytes(&canonical)))
}

/// So that the client can compare.
fn bytes(text: &str) -> String {
    let mut bytes = String::new();
    for byte in text.bytes() {
        let _ = write!(bytes, "{byte:02x} ");
    }
    bytes.trim_end().to_owned()
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(text));
    mac.map(|mac| mac.finalize().into_bytes().to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
