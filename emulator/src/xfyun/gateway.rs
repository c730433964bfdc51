//! The gateway in front of the service: who signed a request, and when (reference §1).
//!
//! It looks at the head alone. The checks come in its own order: header, date, form, key, signature.

use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::header::{AUTHORIZATION, DATE, HOST};
use http::request::Parts;
use sha2::Sha256;

use super::config::Account;

const ALGORITHM: &str = "hmac-sha256";
const SIGNED: &str = "host date request-line digest";

/// A request whose signature holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pass {
    pub(super) api_key: String,
    /// As it was sent.
    pub(super) digest: String,
}

/// Why a request gets no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denial {
    NoAuthorization,
    Date,
    Unreadable,
    UnknownKey,
    Mismatch,
}

impl Denial {
    pub(super) fn status(self) -> u16 {
        if self == Denial::Date { 403 } else { 401 }
    }

    pub(super) fn message(self) -> &'static str {
        match self {
            Denial::NoAuthorization => "Unauthorized",
            Denial::Date => {
                "HMAC signature cannot be verified, a valid date or x-date header is required for HMAC Authentication"
            }
            Denial::Unreadable => "HMAC signature cannot be verified",
            Denial::UnknownKey => "HMAC signature cannot be verified: apikey not found",
            Denial::Mismatch => "HMAC signature does not match",
        }
    }
}

/// `skew` is in seconds.
pub(super) fn check(head: &Parts, accounts: &[Account], skew: u64, clock: Duration) -> Result<Pass, Denial> {
    let presented = head.headers.get(AUTHORIZATION).ok_or(Denial::NoAuthorization)?;
    let date = head.headers.get(DATE).and_then(|value| moment(value.to_str().ok()?)).ok_or(Denial::Date)?;
    if date.as_secs().abs_diff(clock.as_secs()) > skew {
        return Err(Denial::Date);
    }
    let authorization = presented.to_str().ok().and_then(Authorization::parse).ok_or(Denial::Unreadable)?;
    if authorization.algorithm != ALGORITHM || authorization.headers != SIGNED {
        return Err(Denial::Unreadable);
    }
    let account = accounts.iter().find(|account| account.api_key == authorization.api_key);
    let account = account.ok_or(Denial::UnknownKey)?;
    let digest = head.headers.get("digest").and_then(|value| value.to_str().ok()).ok_or(Denial::Mismatch)?;
    let expected = signature(head, digest, &account.api_secret).ok_or(Denial::Mismatch)?;
    if expected != authorization.signature {
        return Err(Denial::Mismatch);
    }
    Ok(Pass { api_key: account.api_key.clone(), digest: digest.to_owned() })
}

/// A date in any form of HTTP's; a client in use writes `UTC` for `GMT`.
fn moment(text: &str) -> Option<Duration> {
    let text = text.trim();
    let gmt = text.strip_suffix("UTC").map(|rest| format!("{rest}GMT"));
    let at = httpdate::parse_http_date(gmt.as_deref().unwrap_or(text)).ok()?;
    at.duration_since(UNIX_EPOCH).ok()
}

fn signature(head: &Parts, digest: &str, secret: &str) -> Option<String> {
    let text = |name| head.headers.get(name)?.to_str().ok();
    let (host, date) = (text(HOST)?, text(DATE)?);
    let target = head.uri.path_and_query()?;
    let clear = format!("host: {host}\ndate: {date}\n{} {target} {:?}\ndigest: {digest}", head.method, head.version);
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?.chain_update(clear).finalize();
    Some(STANDARD.encode(mac.into_bytes()))
}

/// The header's four fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Authorization<'a> {
    api_key: &'a str,
    algorithm: &'a str,
    headers: &'a str,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// In every form that clients in use write: with or without `hmac` in front, with or without blanks behind commas.
    fn parse(text: &'a str) -> Option<Authorization<'a>> {
        let text = text.trim();
        let scheme = text.strip_prefix("hmac").or_else(|| text.strip_prefix("Hmac"));
        let fields = scheme.filter(|rest| rest.starts_with(char::is_whitespace)).map_or(text, str::trim_start);
        let (api_key, rest) = field(fields, "api_key").or_else(|| field(fields, "username"))?;
        let (algorithm, rest) = field(next(rest)?, "algorithm")?;
        let (headers, rest) = field(next(rest)?, "headers")?;
        let (signature, rest) = field(next(rest)?, "signature")?;
        rest.is_empty().then_some(Authorization { api_key, algorithm, headers, signature })
    }
}

/// The value of `name="value"`, and what is behind it.
fn field<'a>(text: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let quoted = text.strip_prefix(name)?.strip_prefix("=\"")?;
    quoted.split_once('"').filter(|(value, _)| !value.is_empty())
}

fn next(rest: &str) -> Option<&str> {
    rest.trim_start().strip_prefix(',').map(str::trim_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_in_use_is_read_alike() {
        let expected = Authorization { api_key: "k", algorithm: "hmac-sha256", headers: SIGNED, signature: "s=" };
        for text in [
            r#"api_key="k", algorithm="hmac-sha256", headers="host date request-line digest", signature="s=""#,
            r#"api_key="k",algorithm="hmac-sha256",headers="host date request-line digest",signature="s=""#,
            r#"api_key="k",algorithm="hmac-sha256", headers="host date request-line digest", signature="s=""#,
            r#"hmac api_key="k", algorithm="hmac-sha256", headers="host date request-line digest", signature="s=""#,
            r#"Hmac username="k", algorithm="hmac-sha256", headers="host date request-line digest", signature="s=""#,
            " api_key=\"k\" ,\talgorithm=\"hmac-sha256\" , headers=\"host date request-line digest\", signature=\"s=\" ",
        ] {
            assert_eq!(Authorization::parse(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_forms_are_not_read() {
        for text in [
            "",
            "hmac",
            r#"api_key=k, algorithm="a", headers="h", signature="s""#,
            r#"api_key="", algorithm="a", headers="h", signature="s""#,
            r#"algorithm="a", api_key="k", headers="h", signature="s""#,
            r#"api_key="k" algorithm="a", headers="h", signature="s""#,
            r#"api_key="k", algorithm="a", headers="h", signature="s", more="m""#,
            r#"hmacapi_key="k", algorithm="a", headers="h", signature="s""#,
            r#"HMAC api_key="k", algorithm="a", headers="h", signature="s""#,
            r#"api_key="k", algorithm="a", headers="h", signature="s"#,
            "YXBpX2tleT0iayI=",
        ] {
            assert_eq!(Authorization::parse(text), None, "{text}");
        }
    }

    #[test]
    fn dates() {
        let at = Some(Duration::from_secs(1_641_374_954));
        assert_eq!(moment("Wed, 05 Jan 2022 09:29:14 GMT"), at);
        assert_eq!(moment("Wed, 05 Jan 2022 09:29:14 UTC"), at);
        for text in ["", "UTC", "2022-01-05T09:29:14Z", "1641374954", "Wed, 05 Jan 2022 09:29:14 +0800"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
