//! Who signs.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A pair of API keys: an account's own, or a temporary one with its token. `Debug` shows nothing of it: a person who
/// swapped the halves in a configuration must not find the secret in a log.
#[derive(Clone)]
pub struct Credential {
    secret_id: String,
    secret_key: SecretString,
    security_token: Option<SecretString>,
}

impl Credential {
    /// A pair that is good until somebody revokes it. The `SecretId` names it and travels in every request; the `SecretKey`
    /// never leaves this machine. Blanks and line breaks around either came with the file that it was read from, and are
    /// left out.
    ///
    /// # Errors
    /// When the id is empty or could not stand in a signature, or the key is empty or has blanks or control characters in
    /// it.
    pub fn new(secret_id: impl Into<String>, secret_key: impl Into<SecretString>) -> Result<Self, InvalidCredential> {
        Self::of(&secret_id.into(), &secret_key.into(), None)
    }

    /// A temporary pair, as the vendor's STS gives it out. Its token travels in every request.
    ///
    /// # Errors
    /// As with [`new`](Self::new), and when the token is empty or could not stand in a header.
    pub fn temporary(
        secret_id: impl Into<String>,
        secret_key: impl Into<SecretString>,
        security_token: impl Into<SecretString>,
    ) -> Result<Self, InvalidCredential> {
        Self::of(&secret_id.into(), &secret_key.into(), Some(&security_token.into()))
    }

    fn of(id: &str, key: &SecretString, token: Option<&SecretString>) -> Result<Self, InvalidCredential> {
        let trimmed = |secret: &SecretString| SecretString::from(secret.expose_secret().trim());
        let (secret_id, secret_key, security_token) = (id.trim().to_owned(), trimmed(key), token.map(trimmed));
        // `&` and `=` part the fields of a signature.
        let plain = |b: u8| b.is_ascii_graphic() && !b"&=".contains(&b);
        if secret_id.is_empty() || !secret_id.bytes().all(plain) {
            return Err(InvalidCredential::SecretId);
        }
        let key = secret_key.expose_secret();
        if key.is_empty() || key.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(InvalidCredential::SecretKey);
        }
        let headed = |token: &str| !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic());
        if security_token.as_ref().is_some_and(|token| !headed(token.expose_secret())) {
            return Err(InvalidCredential::SecurityToken);
        }
        Ok(Self { secret_id, secret_key, security_token })
    }

    /// The vendor's `SecretId`.
    pub fn secret_id(&self) -> &str {
        &self.secret_id
    }

    /// True for a temporary pair.
    pub fn is_temporary(&self) -> bool {
        self.security_token.is_some()
    }

    pub(crate) fn secret(&self) -> &[u8] {
        self.secret_key.expose_secret().as_bytes()
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.security_token.as_ref().map(ExposeSecret::expose_secret)
    }
}

impl PartialEq for Credential {
    fn eq(&self, other: &Self) -> bool {
        self.secret_id == other.secret_id && self.secret() == other.secret() && self.token() == other.token()
    }
}

impl Eq for Credential {}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential([redacted])")
    }
}

/// Which part of a credential cannot be right. Nothing of it is shown.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCredential {
    /// The `SecretId`.
    #[error("the secret_id must be the key's SecretId: letters and digits, like AKID…")]
    SecretId,
    /// The `SecretKey`.
    #[error("the secret_key must be the key's SecretKey: one word, and not empty")]
    SecretKey,
    /// The security token.
    #[error("the security_token must be one line of letters, digits and marks; leave it out for an account's own keys")]
    SecurityToken,
}

resumable_core::debug_in_words!(InvalidCredential);

#[cfg(test)]
mod tests {
    use secrecy::zeroize::ZeroizeOnDrop;

    use super::*;

    fn temporary(id: &str, key: &str, token: &str) -> Result<Credential, InvalidCredential> {
        Credential::temporary(id, key, token)
    }

    #[test]
    fn every_part_counts() {
        let all = temporary("id", "key", "token").unwrap();
        assert_eq!(all, temporary("id", "key", "token").unwrap());
        for other in [
            temporary("di", "key", "token"),
            temporary("id", "other", "token"),
            temporary("id", "key", "other"),
            Credential::new("id", "key"),
        ] {
            assert_ne!(all, other.unwrap());
        }
    }

    #[test]
    fn no_part_can_break_out_of_its_header() {
        for bad in ["", "a b", "a&b", "a=b", "a\r\nb", "ä"] {
            assert_eq!(Credential::new(bad, "k"), Err(InvalidCredential::SecretId), "{bad:?}");
        }
        for bad in ["", " ", "a b", "a\nb"] {
            assert_eq!(Credential::new("id", bad), Err(InvalidCredential::SecretKey), "{bad:?}");
        }
        for bad in ["", "a b", "a\r\nb", "ä"] {
            assert_eq!(temporary("id", "k", bad), Err(InvalidCredential::SecurityToken), "{bad:?}");
        }
    }

    #[test]
    fn what_a_file_adds_to_a_key_is_left_out() {
        assert_eq!(temporary("id\n", "key\r\n", " token\n"), temporary("id", "key", "token"));
    }

    #[test]
    fn debug_shows_no_part() {
        let shown = format!("{:?}", temporary("AKIDvisible", "topsecret", "tokentoo").unwrap());
        assert_eq!(shown, "Credential([redacted])");
    }

    #[test]
    fn what_signs_is_wiped_when_it_is_dropped() {
        fn wiped(_: &impl ZeroizeOnDrop) {}
        let Credential { secret_id: _, secret_key, security_token } = &temporary("id", "key", "token").unwrap();
        wiped(secret_key);
        wiped(security_token.as_ref().unwrap());
    }
}
