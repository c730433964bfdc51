//! Temporary keys, which are good for a while and only with their token (reference §2.4).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::config::Limits;

/// A temporary key, good for every bucket.
#[derive(Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct TemporaryKey {
    /// The public half.
    pub secret_id: String,
    /// The secret half. Never printed by `Debug`.
    pub secret_key: String,
    /// What has to come with every request, as `x-cos-security-token`. Never printed by `Debug`.
    pub security_token: String,
    /// When its time is over, in seconds since the Unix epoch.
    pub expires: u64,
}

impl fmt::Debug for TemporaryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TemporaryKey")
            .field("secret_id", &self.secret_id)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

impl TemporaryKey {
    pub(super) fn is_over(&self, clock: Duration) -> bool {
        clock.as_secs() >= self.expires
    }
}

/// All that were granted, until they are forgotten.
#[derive(Debug, Default)]
pub(super) struct Grants {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    by_id: BTreeMap<String, Grant>,
    serial: u64,
}

#[derive(Debug)]
struct Grant {
    key: TemporaryKey,
    /// From when on it is unknown, in seconds; never if it is absent.
    forgotten: Option<u64>,
}

impl Grants {
    /// Those of the settings are never forgotten.
    pub(super) fn of_settings(keys: &[TemporaryKey]) -> Grants {
        let by_id =
            keys.iter().map(|key| (key.secret_id.clone(), Grant { key: key.clone(), forgotten: None })).collect();
        Grants { inner: Mutex::new(Inner { by_id, serial: 0 }) }
    }

    pub(super) fn grant(&self, clock: Duration, limits: &Limits) -> TemporaryKey {
        let mut inner = self.lock();
        inner.by_id.retain(|_, grant| is_known(grant, clock));
        inner.serial += 1;
        let expires = clock.as_secs().saturating_add(limits.token_life);
        let key = fresh(clock, inner.serial, expires);
        let grant = Grant { key: key.clone(), forgotten: Some(expires.saturating_add(limits.token_memory)) };
        inner.by_id.insert(key.secret_id.clone(), grant);
        key
    }

    /// The key of this id, as long as anybody remembers it.
    pub(super) fn find(&self, secret_id: &str, clock: Duration) -> Option<TemporaryKey> {
        let inner = self.lock();
        inner.by_id.get(secret_id).filter(|grant| is_known(grant, clock)).map(|grant| grant.key.clone())
    }

    /// A key's time is over from now on; whether there is such a key.
    pub(super) fn end(&self, secret_id: &str, clock: Duration) -> bool {
        let mut inner = self.lock();
        let grant = inner.by_id.get_mut(secret_id);
        grant.is_some_and(|grant| {
            grant.key.expires = grant.key.expires.min(clock.as_secs());
            true
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_known(grant: &Grant, clock: Duration) -> bool {
    grant.forgotten.is_none_or(|forgotten| clock.as_secs() < forgotten)
}

/// A key that no other is like. Its token holds `+`, `/` and `=`.
fn fresh(clock: Duration, serial: u64, expires: u64) -> TemporaryKey {
    let letters = |what: &str, count: usize| -> String {
        let text = format!("{what} {} {serial}", clock.as_nanos());
        let text = STANDARD.encode(Sha256::digest(text.as_bytes()));
        text.chars().filter(char::is_ascii_alphanumeric).cycle().take(count).collect()
    };
    TemporaryKey {
        secret_id: format!("AKID{}", letters("id", 60)),
        secret_key: letters("secret", 44),
        security_token: format!("{}+{}/==", letters("token", 90), letters("more", 24)),
        expires,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1_767_225_600);

    #[test]
    fn several_keys_live_at_once_until_they_are_forgotten() {
        let limits = Limits { token_life: 100, token_memory: 10, ..Limits::default() };
        let of_settings = TemporaryKey { expires: 7, ..fresh(NOW, 9, 0) };
        let grants = Grants::of_settings(std::slice::from_ref(&of_settings));
        let keys = [0; 3].map(|_| grants.grant(NOW, &limits));
        for key in &keys {
            assert_eq!(grants.find(&key.secret_id, NOW).as_ref(), Some(key));
            assert_eq!(keys.iter().filter(|other| other.security_token == key.security_token).count(), 1);
            let at = |seconds| grants.find(&key.secret_id, NOW + Duration::from_secs(seconds)).is_some();
            assert_eq!([99, 100, 109, 110].map(at), [true, true, true, false]);
        }
        grants.grant(NOW + Duration::from_secs(110), &limits);
        assert_eq!(grants.lock().by_id.len(), 2, "the new one, and that of the settings");
        assert!(grants.find(&of_settings.secret_id, NOW).is_some_and(|key| key.is_over(NOW)));
    }

    #[test]
    fn debug_hides_secret_and_token() {
        let key = Grants::default().grant(NOW, &Limits::default());
        let text = format!("{key:?}");
        assert!(!text.contains(&key.secret_key) && !text.contains(&key.security_token));
    }
}
