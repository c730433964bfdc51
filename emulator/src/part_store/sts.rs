//! Temporary keys: what a token service grants, and what becomes of it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// A temporary key. It is good together with its token, for the bucket that the vendor's settings name.
#[derive(Clone, PartialEq, Eq)]
pub struct Sts {
    /// Begins with the vendor's letters: `STS.` at OSS.
    pub access_key_id: String,
    /// The secret half. Never printed by `Debug`.
    pub access_key_secret: String,
    /// What has to come with every request, in the vendor's header. Never printed by `Debug`.
    pub security_token: String,
    /// When its time is over, since the Unix epoch.
    pub expiration: Duration,
}

impl fmt::Debug for Sts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sts")
            .field("access_key_id", &self.access_key_id)
            .field("expiration", &self.expiration)
            .finish_non_exhaustive()
    }
}

/// All that were granted, until they are forgotten.
#[derive(Debug)]
pub(crate) struct Grants {
    /// How the public halves begin.
    letters: &'static str,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    by_id: BTreeMap<String, Grant>,
    serial: u64,
}

#[derive(Debug)]
struct Grant {
    sts: Sts,
    /// When it is no longer known, not even for an expired one.
    forgotten: Duration,
}

impl Grants {
    /// `letters`: how the public halves begin.
    pub(crate) fn new(letters: &'static str) -> Grants {
        Grants { letters, inner: Mutex::default() }
    }

    /// `life` and `memory` are in seconds.
    pub(crate) fn grant(&self, clock: Duration, life: u64, memory: u64) -> Sts {
        let mut inner = self.lock();
        inner.by_id.retain(|_, grant| clock < grant.forgotten);
        inner.serial += 1;
        let expiration = clock.saturating_add(Duration::from_secs(life));
        let sts = fresh(self.letters, clock, inner.serial, expiration);
        drop(inner);
        self.admit(sts.clone(), expiration.saturating_add(Duration::from_secs(memory)));
        sts
    }

    /// Knows a key until it is forgotten.
    pub(crate) fn admit(&self, sts: Sts, forgotten: Duration) {
        self.lock().by_id.insert(sts.access_key_id.clone(), Grant { sts, forgotten });
    }

    /// The key of this id, as long as anybody remembers it.
    pub(crate) fn find(&self, access_key_id: &str, clock: Duration) -> Option<Sts> {
        let inner = self.lock();
        let grant = inner.by_id.get(access_key_id).filter(|grant| clock < grant.forgotten)?;
        Some(grant.sts.clone())
    }

    /// The key's time is over, and from now on nobody knows it; its token, if it was known until now.
    pub(crate) fn revoke(&self, access_key_id: &str) -> Option<String> {
        self.lock().by_id.remove(access_key_id).map(|grant| grant.sts.security_token)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A key that no other is like. Its token holds `+`, `/` and `=`, as the vendor's do.
fn fresh(prefix: &str, clock: Duration, serial: u64, expiration: Duration) -> Sts {
    let part = |what: &str| {
        let text = format!("{what} {} {serial}", clock.as_nanos());
        Sha256::digest(text.as_bytes())
    };
    let letters = |what: &str, count: usize| -> String {
        let text = STANDARD.encode(part(what));
        text.chars().filter(char::is_ascii_alphanumeric).cycle().take(count).collect()
    };
    Sts {
        access_key_id: format!("{prefix}{}", letters("id", 24)),
        access_key_secret: letters("secret", 44),
        security_token: format!("CAIS{}+/{}==", letters("token", 90), letters("more", 24)),
        expiration,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1_767_225_600);

    #[test]
    fn several_keys_live_at_once_and_none_is_like_another() {
        let grants = Grants::new("STS.N");
        let keys = [0; 3].map(|_| grants.grant(NOW, 100, 10));
        for key in &keys {
            assert_eq!(grants.find(&key.access_key_id, NOW).as_ref(), Some(key));
            assert_eq!(keys.iter().filter(|other| other.access_key_id == key.access_key_id).count(), 1);
            assert_eq!(keys.iter().filter(|other| other.security_token == key.security_token).count(), 1);
            assert_eq!(key.expiration, NOW + Duration::from_secs(100));
        }
    }

    #[test]
    fn an_old_key_is_known_for_a_while_and_then_forgotten() {
        let grants = Grants::new("STS.N");
        let key = grants.grant(NOW, 100, 10);
        let at = |seconds| grants.find(&key.access_key_id, NOW + Duration::from_secs(seconds)).is_some();
        assert_eq!([99, 100, 109, 110].map(at), [true, true, true, false]);
        grants.grant(NOW + Duration::from_secs(110), 100, 10);
        assert_eq!(grants.lock().by_id.len(), 1);
    }

    #[test]
    fn debug_hides_secret_and_token() {
        let key = Grants::new("STS.N").grant(NOW, 100, 10);
        let text = format!("{key:?}");
        assert!(!text.contains(&key.access_key_secret) && !text.contains(&key.security_token));
    }
}
