//! The `Authorization` text: `base64(HMAC-SHA1(key, clear) ‖ clear)` (reference §2).

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::request::Parts;
use percent_encoding::percent_decode_str;
use sha1::Sha1;

use super::account::Account;
use super::code::{self, Code};
use super::path::{self, Target};
use super::switches::{ExpiredCode, QueryPlus};

const MAC_LENGTH: usize = 20;
/// So many used once-effect signatures are remembered.
const REMEMBERED: usize = 100_000;

/// A signature that holds for this request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authorization {
    /// The MAC of a once-effect signature, which is good for one use.
    pub(crate) once: Option<[u8; MAC_LENGTH]>,
}

/// What a signature is checked by.
pub(crate) struct Rules<'a> {
    pub(crate) accounts: &'a [Account],
    pub(crate) query_plus: QueryPlus,
    pub(crate) expired: ExpiredCode,
    /// Longest time it may be valid, in seconds.
    pub(crate) life: u64,
}

/// Checks a request's signature in the order of reference §9.
pub(crate) fn check(head: &Parts, target: &Target, rules: &Rules<'_>, now: Duration) -> Result<Authorization, Code> {
    let text = presented(head, rules.query_plus).ok_or(code::SIGN_EMPTY)?;
    let sign = Sign::parse(&text).ok_or(code::SIGN_WRONG)?;
    sign.verify(rules.accounts)?;
    sign.check_time(rules, now)?;
    sign.check_scope(target)?;
    Ok(Authorization { once: (sign.expires == 0).then_some(sign.mac) })
}

fn presented(head: &Parts, plus: QueryPlus) -> Option<Vec<u8>> {
    let header = head.headers.get(http::header::AUTHORIZATION);
    let text = match header {
        Some(value) => value.as_bytes().trim_ascii().to_vec(),
        None => in_query(head.uri.query()?, plus)?,
    };
    (!text.is_empty()).then_some(text)
}

fn in_query(query: &str, plus: QueryPlus) -> Option<Vec<u8>> {
    let raw = query.split('&').find_map(|pair| pair.strip_prefix("sign="))?;
    let raw = match plus {
        QueryPlus::Space => raw.replace('+', " "),
        QueryPlus::Literal => raw.to_owned(),
    };
    Some(percent_decode_str(&raw).collect())
}

struct Sign {
    mac: [u8; MAC_LENGTH],
    clear: Vec<u8>,
    appid: String,
    bucket: String,
    secret_id: String,
    expires: u64,
    issued: u64,
    file: String,
}

impl Sign {
    /// The clear text's pairs may come in any order: two are in use.
    fn parse(text: &[u8]) -> Option<Sign> {
        let bytes = STANDARD.decode(text).ok()?;
        let (mac, clear) = bytes.split_first_chunk::<MAC_LENGTH>()?;
        let pairs = std::str::from_utf8(clear).ok()?;
        let value = |key: &str| {
            let mut found = pairs.split('&').filter_map(|pair| {
                let (name, value) = pair.split_once('=')?;
                (name == key).then_some(value)
            });
            let first = found.next()?;
            found.next().is_none().then_some(first)
        };
        let random = value("r")?;
        let plausible = (1..=10).contains(&random.len()) && is_digits(random);
        plausible.then_some(())?;
        Some(Sign {
            mac: *mac,
            appid: value("a")?.to_owned(),
            bucket: value("b")?.to_owned(),
            secret_id: value("k")?.to_owned(),
            expires: seconds(value("e")?)?,
            issued: seconds(value("t")?)?,
            file: value("f")?.to_owned(),
            clear: clear.to_vec(),
        })
    }

    fn verify(&self, accounts: &[Account]) -> Result<(), Code> {
        let mut keys = accounts.iter().filter(|account| account.secret_id == self.secret_id).peekable();
        if keys.peek().is_none() {
            return Err(code::SECRET_UNKNOWN);
        }
        if keys.any(|account| self.is_by(account)) { Ok(()) } else { Err(code::AUTH_FAILED) }
    }

    fn is_by(&self, account: &Account) -> bool {
        Hmac::<Sha1>::new_from_slice(account.secret_key.as_bytes())
            .is_ok_and(|mac| mac.chain_update(&self.clear).verify_slice(&self.mac).is_ok())
    }

    fn check_time(&self, rules: &Rules<'_>, now: Duration) -> Result<(), Code> {
        if self.expires == 0 {
            return Ok(());
        }
        if self.expires < now.as_secs() {
            return Err(rules.expired.code());
        }
        if self.expires.saturating_sub(self.issued) > rules.life {
            return Err(code::SIGN_WRONG.because("ERROR_PROXY_AUTH_SIGN_WRONG: e too far after t"));
        }
        Ok(())
    }

    fn check_scope(&self, target: &Target) -> Result<(), Code> {
        if self.appid != target.appid {
            return Err(code::OTHER_APPID);
        }
        if self.bucket != target.bucket {
            return Err(code::OTHER_BUCKET);
        }
        if self.covers(target) { Ok(()) } else { Err(code::OTHER_FILE) }
    }

    fn covers(&self, target: &Target) -> bool {
        let Some(file) = path::decode(&self.file) else {
            return false;
        };
        let once = self.expires == 0;
        if file.is_empty() || file.ends_with('/') {
            return !once && target.resource_path.starts_with(&file);
        }
        // The documentation's own example is a bare name.
        let bare = format!("/{}/{}/{file}", target.appid, target.bucket);
        file == target.resource_path || (!file.starts_with('/') && bare == target.resource_path)
    }
}

impl ExpiredCode {
    pub(crate) fn code(self) -> Code {
        match self {
            ExpiredCode::Proxy => code::AUTH_EXPIRED,
            ExpiredCode::Sign => code::SIGN_EXPIRED,
        }
    }
}

/// Seconds as a decimal number; one client in the wild sends a fraction, which is cut off.
fn seconds(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    (is_digits(whole) && is_digits(fraction)).then(|| whole.parse().ok())?
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Once-effect signatures that were used.
#[derive(Debug, Default)]
pub(crate) struct Used {
    known: HashSet<[u8; MAC_LENGTH]>,
    order: VecDeque<[u8; MAC_LENGTH]>,
}

impl Used {
    /// Spends a once-effect signature; a second use fails. Others may be used for ever.
    pub(crate) fn spend(&mut self, authorization: &Authorization) -> Result<(), Code> {
        let Some(mac) = authorization.once else {
            return Ok(());
        };
        if !self.known.insert(mac) {
            return Err(code::AUTH_FAILED.because("ERROR_PROXY_AUTH_FAILED: once-effect signature used"));
        }
        self.order.push_back(mac);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
