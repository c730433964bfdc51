//! Who signed a request, and when (reference §7). The checks come in this order: header, key, token, date, signature.

mod v1;
mod v4;

use std::fmt::Write as _;
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::request::Parts;

use super::config::{Config, MissingToken};
use super::error::{
    self, ACCESS_DENIED, Error, INVALID_ACCESS_KEY_ID, INVALID_ARGUMENT, INVALID_SECURITY_TOKEN,
    REQUEST_TIME_TOO_SKEWED, SECURITY_TOKEN_EXPIRED, SIGNATURE_DOES_NOT_MATCH,
};
use super::target::Target;
use crate::date;
use crate::part_store::{Grants, Sts};

const TOKEN: &str = "x-oss-security-token";

/// Who signed a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Signer {
    Account,
    Temporary(Sts),
}

/// An `Authorization` that can be read.
enum Scheme {
    V1(v1::Authorization),
    V4(v4::Authorization),
}

/// The key a request names, whether or not it holds it.
pub(super) fn access_key_id(head: &Parts) -> Option<String> {
    match Scheme::of(head) {
        Ok(Scheme::V1(it)) => Some(it.access_key_id),
        Ok(Scheme::V4(it)) => Some(it.access_key_id),
        Err(_) => None,
    }
}

pub(super) fn check(
    head: &Parts,
    target: &Target,
    config: &Config,
    grants: &Grants,
    clock: Duration,
) -> Result<Signer, Error> {
    let scheme = Scheme::of(head)?;
    let access_key_id = match &scheme {
        Scheme::V1(it) => &it.access_key_id,
        Scheme::V4(it) => &it.access_key_id,
    };
    let (secret, signer) = key(head, access_key_id, config, grants, clock)?;
    let moment = match &scheme {
        Scheme::V1(_) => v1::moment(head),
        Scheme::V4(it) => it.moment(head, &config.region)?,
    };
    check_moment(moment, config.limits.skew, clock)?;
    match scheme {
        Scheme::V1(it) => it.check(head, target, &secret)?,
        Scheme::V4(it) => it.check(head, target, &secret)?,
    }
    Ok(signer)
}

impl Scheme {
    fn of(head: &Parts) -> Result<Scheme, Error> {
        let presented = head.headers.get(AUTHORIZATION).ok_or_else(|| ACCESS_DENIED.error())?;
        let text = presented.to_str().unwrap_or_default();
        let scheme = match v1::strip(text) {
            Some(rest) => v1::Authorization::parse(rest).map(Scheme::V1),
            None => v4::Authorization::parse(text).map(Scheme::V4),
        };
        scheme.ok_or_else(|| INVALID_ARGUMENT.because("Authorization header is invalid."))
    }
}

/// The secret of a key, and whose it is.
fn key(
    head: &Parts,
    access_key_id: &str,
    config: &Config,
    grants: &Grants,
    clock: Duration,
) -> Result<(String, Signer), Error> {
    let unknown = || INVALID_ACCESS_KEY_ID.error().with("OSSAccessKeyId", access_key_id);
    let token = Some(header(head, TOKEN)).filter(|token| !token.is_empty());
    if let Some(account) = config.accounts.iter().find(|account| account.access_key_id == access_key_id) {
        return match token {
            None => Ok((account.access_key_secret.clone(), Signer::Account)),
            Some(token) => Err(INVALID_SECURITY_TOKEN.error().with("SecurityToken", token)),
        };
    }
    let sts = grants.find(access_key_id, clock).ok_or_else(unknown)?;
    let Some(token) = token else {
        return Err(match config.switches.missing_token {
            MissingToken::InvalidAccessKeyId => unknown(),
            MissingToken::AccessDenied => ACCESS_DENIED.error(),
        });
    };
    if token != sts.security_token {
        return Err(INVALID_SECURITY_TOKEN.error().with("SecurityToken", token));
    }
    check_life(&sts, clock)?;
    Ok((sts.access_key_secret.clone(), Signer::Temporary(sts)))
}

/// Whether a temporary key's time is not over.
pub(super) fn check_life(sts: &Sts, clock: Duration) -> Result<(), Error> {
    if clock < sts.expiration {
        return Ok(());
    }
    Err(SECURITY_TOKEN_EXPIRED.error().with("SecurityToken", sts.security_token.clone()))
}

/// `skew` is in seconds.
fn check_moment(moment: Option<Duration>, skew: u64, clock: Duration) -> Result<(), Error> {
    let Some(moment) = moment else {
        let message = "OSS authentication requires a valid Date.";
        return Err(error::ACCESS_DENIED.because(message).numbered(""));
    };
    if moment.as_secs().abs_diff(clock.as_secs()) <= skew {
        return Ok(());
    }
    Err(too_skewed(moment, skew, clock))
}

pub(super) fn too_skewed(moment: Duration, skew: u64, clock: Duration) -> Error {
    let error = REQUEST_TIME_TOO_SKEWED.error();
    error
        .with("MaxAllowedSkewMilliseconds", (u128::from(skew) * 1000).to_string())
        .with("RequestTime", date::iso8601(moment))
        .with("ServerTime", date::iso8601(clock))
}

/// What the server signed, so that the client can compare.
fn mismatch(access_key_id: &str, provided: &str, string_to_sign: &str) -> Error {
    let mut bytes = String::new();
    for byte in string_to_sign.bytes() {
        let _ = write!(bytes, "{byte:02X} ");
    }
    SIGNATURE_DOES_NOT_MATCH
        .error()
        .with("OSSAccessKeyId", access_key_id)
        .with("SignatureProvided", provided)
        .with("StringToSign", string_to_sign)
        .with("StringToSignBytes", bytes.trim_end())
}

/// A header's value without blanks around; empty if it is not there.
fn header(head: &Parts, name: &str) -> String {
    let value = head.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    value.map(|value| value.trim().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
