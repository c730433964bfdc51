//! Who signed a request, and for how long (reference §2). The checks come in this order: fields, key, token, time, signature, and
//! then whether everything is signed that has to be.
//!
//! What is signed is built again from the request and from the lists that the signature brings: a name that it does not list is
//! not protected by it.

mod fields;

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode, utf8_percent_encode};
use sha1::{Digest, Sha1};

use self::fields::{Fields, Span};
use super::config::{Config, ExpiredAs, JudgeTime, ListCase, MustSign, SignedHost};
use super::error::{
    ACCESS_DENIED, EXPIRED_TOKEN, Error, INVALID_ACCESS_KEY_ID, REQUEST_HAS_EXPIRED, REQUEST_TIME_TOO_SKEWED,
    SIGNATURE_DOES_NOT_MATCH,
};
use super::target::{Target, bare};
use super::temporary::{Grants, TemporaryKey};
use crate::date;

pub(super) const TOKEN: &str = "x-cos-security-token";
const OWN: &str = "x-cos-";
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Who signed a request, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signer {
    spans: [Span; 2],
    temporary: Option<TemporaryKey>,
}

/// The key a request names, whether or not it holds it.
pub(super) fn secret_id(head: &Parts) -> Option<String> {
    Fields::of(head).ok().map(|fields| fields.secret_id)
}

pub(super) fn check(
    head: &Parts,
    target: &Target,
    config: &Config,
    grants: &Grants,
    clock: Duration,
) -> Result<Signer, Error> {
    let fields = Fields::of(head)?;
    let (secret, temporary) = key(&fields.secret_id, token(head, target), config, grants, clock)?;
    let signer = Signer { spans: [fields.sign_time.clone(), fields.key_time.clone()], temporary };
    if config.switches.judge_time == JudgeTime::AtStart {
        signer.check_time(config, clock)?;
    }
    let lists = Lists::of(&fields, config)?;
    check_signature(head, target, config, &fields, &lists, &secret)?;
    check_coverage(head, target, config, &lists)?;
    Ok(signer)
}

impl Signer {
    /// Whether its time has come and is not over.
    pub(super) fn check_time(&self, config: &Config, clock: Duration) -> Result<(), Error> {
        if self.temporary.as_ref().is_some_and(|key| key.is_over(clock)) {
            return Err(EXPIRED_TOKEN.error());
        }
        let now = clock.as_secs();
        let is_good = |span: &Span| now <= span.end && span.start <= now.saturating_add(config.limits.future_start);
        if self.spans.iter().all(is_good) { Ok(()) } else { Err(expired(config, clock)) }
    }
}

/// The time of a signature is over, or has not come.
pub(super) fn expired(config: &Config, clock: Duration) -> Error {
    match config.switches.expired_as {
        ExpiredAs::AccessDenied => ACCESS_DENIED.because("Request has expired"),
        ExpiredAs::Code => REQUEST_HAS_EXPIRED.error(),
        ExpiredAs::Skewed => REQUEST_TIME_TOO_SKEWED.error().with("ServerTime", date::iso8601_seconds(clock)),
    }
}

/// The token of a request, in its head or in its query; an empty one is as good as none.
fn token<'a>(head: &'a Parts, target: &'a Target) -> Option<&'a str> {
    let in_head = head.headers.get(TOKEN).and_then(|value| value.to_str().ok());
    in_head.or_else(|| target.query.get(TOKEN)).filter(|token| !token.is_empty())
}

/// The secret of a key, which comes with a token exactly if it is a temporary one.
fn key(
    secret_id: &str,
    token: Option<&str>,
    config: &Config,
    grants: &Grants,
    clock: Duration,
) -> Result<(String, Option<TemporaryKey>), Error> {
    if let Some(account) = config.accounts.iter().find(|account| account.secret_id == secret_id) {
        return match token {
            None => Ok((account.secret_key.clone(), None)),
            Some(_) => Err(ACCESS_DENIED.because("The key is not a temporary one, and comes with a token.")),
        };
    }
    let key = grants.find(secret_id, clock).ok_or_else(|| INVALID_ACCESS_KEY_ID.error())?;
    match token {
        None => Err(INVALID_ACCESS_KEY_ID.because("The key is a temporary one, and comes without its token.")),
        Some(token) if token != key.security_token => Err(ACCESS_DENIED.because("The token is not that of the key.")),
        Some(_) => Ok((key.secret_key.clone(), Some(key))),
    }
}

/// What a signature says that it covers, encoded and in lower case.
struct Lists {
    headers: Vec<String>,
    parameters: Vec<String>,
}

impl Lists {
    fn of(fields: &Fields, config: &Config) -> Result<Lists, Error> {
        let read = |text: &str| -> Result<Vec<String>, Error> {
            let mut names: Vec<String> = text.split(';').filter(|name| !name.is_empty()).map(str::to_owned).collect();
            match config.switches.list_case {
                ListCase::Any => {
                    names.iter_mut().for_each(|name| name.make_ascii_lowercase());
                    names.sort();
                }
                ListCase::Lower if names.iter().any(|name| name.bytes().any(|byte| byte.is_ascii_uppercase())) => {
                    return Err(SIGNATURE_DOES_NOT_MATCH.because("The names of a list have to be in lower case."));
                }
                ListCase::Lower if !names.is_sorted() => {
                    return Err(SIGNATURE_DOES_NOT_MATCH.because("The names of a list have to be in order."));
                }
                ListCase::Lower => {}
            }
            Ok(names)
        };
        Ok(Lists { headers: read(&fields.headers)?, parameters: read(&fields.parameters)? })
    }
}

fn check_signature(
    head: &Parts,
    target: &Target,
    config: &Config,
    fields: &Fields,
    lists: &Lists,
    secret: &str,
) -> Result<(), Error> {
    let with = |host: &str| {
        let format_string = format_string(head, target, host, lists);
        let string_to_sign = string_to_sign(&format_string, &fields.sign_time.text);
        let is_good = signature(secret, &fields.key_time.text, &string_to_sign) == fields.signature;
        (is_good, format_string, string_to_sign)
    };
    let (is_good, format_string, string_to_sign) = with(&target.host);
    if is_good || (config.switches.signed_host == SignedHost::Either && with(bare(&target.host)).0) {
        return Ok(());
    }
    // A client that shows this to somebody should not show its token.
    let format_string = match token(head, target) {
        Some(token) => format_string.replace(&encoded(token), "***"),
        None => format_string,
    };
    Err(SIGNATURE_DOES_NOT_MATCH.error().with("StringToSign", string_to_sign).with("FormatString", format_string))
}

/// Whether everything is in the lists that has to be.
fn check_coverage(head: &Parts, target: &Target, config: &Config, lists: &Lists) -> Result<(), Error> {
    let must_sign = config.switches.must_sign;
    if must_sign == MustSign::Nothing {
        return Ok(());
    }
    let host = ["host"].into_iter().filter(|_| must_sign == MustSign::Everything);
    let own = head.headers.keys().map(http::HeaderName::as_str).filter(|name| name.starts_with(OWN) && *name != TOKEN);
    let headers = host.chain(own).filter(|name| !lists.headers.iter().any(|listed| listed == name)).map(str::to_owned);
    let parameters = target.query.iter().map(|(name, _)| name).filter(|name| !fields::is_field(name) && *name != TOKEN);
    let parameters = parameters.map(encoded_name).filter(|name| !lists.parameters.contains(name));
    let missing: Vec<String> = headers.chain(parameters).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(ACCESS_DENIED.because(format!("These have to be signed, and are not: {}.", missing.join(", "))))
}

/// Method, path, parameters and headers, each with a line feed behind it.
fn format_string(head: &Parts, target: &Target, host: &str, lists: &Lists) -> String {
    let parameters: Vec<(String, String)> =
        target.query.iter().map(|(name, value)| (encoded_name(name), encoded(value))).collect();
    let headers = head.headers.iter().filter(|(name, _)| *name != http::header::HOST);
    let headers =
        headers.map(|(name, value)| (encoded_name(name.as_str()), percent_encode(value.as_bytes(), KEPT).to_string()));
    let headers: Vec<(String, String)> = headers.chain([("host".to_owned(), encoded(host))]).collect();
    let method = head.method.as_str().to_ascii_lowercase();
    let (parameters, headers) = (listed(&lists.parameters, &parameters), listed(&lists.headers, &headers));
    format!("{method}\n{}\n{parameters}\n{headers}\n", target.path)
}

/// The pairs with these names, in their order; a name that nothing has stands alone.
fn listed(names: &[String], pairs: &[(String, String)]) -> String {
    let mut distinct: Vec<&String> = names.iter().collect();
    distinct.dedup();
    let of_name = |name: &String| {
        let mut values: Vec<&str> =
            pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect();
        values.sort_unstable();
        if values.is_empty() {
            vec![format!("{name}=")]
        } else {
            values.iter().map(|it| format!("{name}={it}")).collect()
        }
    };
    distinct.into_iter().flat_map(of_name).collect::<Vec<String>>().join("&")
}

fn string_to_sign(format_string: &str, sign_time: &str) -> String {
    format!("sha1\n{sign_time}\n{}\n", hex::encode(Sha1::digest(format_string.as_bytes())))
}

/// The key of the second step is the text of the first one's result.
fn signature(secret: &str, key_time: &str, string_to_sign: &str) -> String {
    let sign_key = hmac(secret.as_bytes(), key_time.as_bytes());
    hmac(sign_key.as_bytes(), string_to_sign.as_bytes())
}

/// In lower-case hex.
fn hmac(key: &[u8], message: &[u8]) -> String {
    // A key of any length will do.
    Hmac::<Sha1>::new_from_slice(key)
        .map_or(String::new(), |mac| hex::encode(mac.chain_update(message).finalize().into_bytes()))
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

/// The digits of an escape are in lower case, too.
fn encoded_name(name: &str) -> String {
    encoded(name).to_ascii_lowercase()
}

#[cfg(test)]
mod tests;
