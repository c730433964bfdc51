//! Who signs.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A pair of API keys of a Tencent Cloud account. `Debug` shows neither half: a person who swapped the two in a
/// configuration must not find the key in a log.
#[derive(Clone)]
pub struct Credential {
    secret_id: String,
    secret_key: SecretString,
}

impl Credential {
    /// A credential of these two halves. The vendor's `SecretId` names the key and travels in every signature; its
    /// `SecretKey` never leaves this machine. Blanks and line breaks around either came with the file that it was read
    /// from, and are left out.
    ///
    /// # Errors
    /// When either is empty, or has blanks or control characters in it, or the id could not stand in a signature.
    pub fn new(secret_id: impl Into<String>, secret_key: impl Into<SecretString>) -> Result<Self, InvalidCredential> {
        let (secret_id, secret_key) = (secret_id.into().trim().to_owned(), secret_key.into());
        let secret_key: SecretString = secret_key.expose_secret().trim().into();
        let plain = |b: u8| b.is_ascii_graphic() && !b"&=".contains(&b);
        if secret_id.is_empty() || !secret_id.bytes().all(plain) {
            return Err(InvalidCredential::SecretId);
        }
        let key = secret_key.expose_secret();
        if key.is_empty() || key.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(InvalidCredential::SecretKey);
        }
        Ok(Self { secret_id, secret_key })
    }

    /// The vendor's `SecretId`.
    pub fn secret_id(&self) -> &str {
        &self.secret_id
    }

    pub(crate) fn secret(&self) -> &[u8] {
        self.secret_key.expose_secret().as_bytes()
    }
}

impl PartialEq for Credential {
    fn eq(&self, other: &Self) -> bool {
        self.secret_id == other.secret_id && self.secret() == other.secret()
    }
}

impl Eq for Credential {}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential([redacted])")
    }
}

/// Which half of a credential cannot be right. Nothing of it is shown.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCredential {
    /// The `SecretId`.
    #[error("the secret_id must be the account's SecretId: letters and digits, like AKID…")]
    SecretId,
    /// The `SecretKey`.
    #[error("the secret_key must be the account's SecretKey: one word, and not empty")]
    SecretKey,
}

resumable_core::debug_in_words!(InvalidCredential);

#[cfg(test)]
mod tests {
    use secrecy::zeroize::ZeroizeOnDrop;

    use super::*;

    #[test]
    fn both_halves_count() {
        let of = |id: &str, key: &str| Credential::new(id, key).unwrap();
        let one = of("id", "key");
        assert_eq!(one, of("id", "key"));
        assert_ne!(one, of("id", "other"));
        assert_ne!(one, of("other", "key"));
    }

    #[test]
    fn field_bug_67_what_a_file_adds_to_a_key_is_left_out() {
        assert_eq!(Credential::new("id\n", "key\r\n"), Credential::new(" id", "\tkey "));
        assert_eq!(Credential::new("id\n", "key\r\n").unwrap().secret(), b"key");
    }

    #[test]
    fn debug_shows_neither_half() {
        let shown = format!("{:?}", Credential::new("AKIDvisible", "topsecret").unwrap());
        assert!(!shown.contains("topsecret") && !shown.contains("AKIDvisible"), "{shown}");
    }

    #[test]
    fn what_signs_is_wiped_when_it_is_dropped() {
        fn wiped(_: &impl ZeroizeOnDrop) {}
        let Credential { secret_id: _, secret_key } = &Credential::new("id", "key").unwrap();
        wiped(secret_key);
    }
}
