//! `GET /open/upload/get_token`: temporary keys to the storage, good for an hour, for every upload of the account.
//!
//! No parameters. Success has `data{endpoint, AccessKeyId, AccessKeySecret, SecurityToken, Expiration}`; the vendor's
//! page writes `AccessKeySecrett`, which is taken, too. `endpoint` comes with and without a scheme. `Expiration` is a
//! time in UTC, `2026-01-01T01:00:00Z`: what is left of it is counted from the answer's own `Date`, so that no clock need
//! be right.
//!
//! The storage's throttling comes through: `{"ErrorMessage":"Throttling.User"}`.

use alloc::string::String;
use core::fmt;
use core::time::Duration;

use bytes::Bytes;
use http::header::DATE;
use http::{Request, Response};
use resumable_core::Body;
use resumable_core::calendar::parse_gmt_date;
use resumable_proto_oss::iso8601::unix_time;
use secrecy::SecretString;

use crate::fault::Refused;
use crate::op::Op;
use crate::site::Site;
use crate::token::AccessToken;
use crate::{envelope, form};

/// Temporary keys. `Debug` does not show them.
#[derive(Clone)]
pub struct StorageToken {
    /// The storage's host, as the vendor says it.
    pub endpoint: String,
    /// The vendor's `AccessKeyId`.
    pub access_key_id: String,
    /// The vendor's `AccessKeySecret`.
    pub access_key_secret: SecretString,
    /// The vendor's `SecurityToken`.
    pub security_token: SecretString,
    /// When the keys die, since 1970; `None` where that cannot be read.
    pub expiration: Option<Duration>,
    /// When the answer was made, since 1970, by its `Date`.
    pub date: Option<Duration>,
}

impl StorageToken {
    /// How long the keys are good for, from the answer on; `unix` is the time by the host's clock, for an answer
    /// without a `Date`. `None` where the vendor did not say.
    pub fn lifetime(&self, unix: Duration) -> Option<Duration> {
        Some(self.expiration?.saturating_sub(self.date.unwrap_or(unix)))
    }
}

impl fmt::Debug for StorageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("StorageToken");
        shown.field("endpoint", &self.endpoint).field("expiration", &self.expiration).finish_non_exhaustive()
    }
}

/// The request, authorised.
pub fn encode(site: &Site, token: &AccessToken) -> Request<Body> {
    form::get(site.proapi(Op::GetToken.path()), Some(token))
}

/// Reads the answer.
///
/// # Errors
/// For every answer that lacks a part of the keys.
pub fn decode(response: &Response<Bytes>) -> Result<StorageToken, Refused> {
    let success = envelope::success(Op::GetToken, response)?;
    let data = success.object();
    let named = |name| data.text(name).ok_or_else(|| success.incomplete(name));
    let secret = data.text("AccessKeySecret").or_else(|| data.text("AccessKeySecrett"));
    Ok(StorageToken {
        endpoint: named("endpoint")?,
        access_key_id: named("AccessKeyId")?,
        access_key_secret: secret.ok_or_else(|| success.incomplete("AccessKeySecret"))?.into(),
        security_token: named("SecurityToken")?.into(),
        expiration: data.text("Expiration").or_else(|| data.text("expiration")).and_then(|text| unix_time(&text)),
        date: response.headers().get(DATE).and_then(|date| parse_gmt_date(date.to_str().ok()?)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expirations_are_read() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-01-01T01:00:00Z", 1_767_229_200),
            ("2024-02-29T23:59:59Z", 1_709_251_199),
            ("2024-03-01T00:00:00.123Z", 1_709_251_200),
            ("2000-12-31T00:00:00Z", 978_220_800),
        ] {
            assert_eq!(unix_time(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for bad in
            ["", "Z", "2026-01-01", "2026-01-01T01:00:00", "2026-13-01T00:00:00Z", "1969-01-01T00:00:00Z", "aTbZ"]
        {
            assert_eq!(unix_time(bad), None, "{bad}");
        }
    }
}
