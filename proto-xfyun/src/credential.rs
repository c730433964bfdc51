//! Who signs.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A pair of API keys of an application. `Debug` shows neither half: a person who swapped the two in a configuration
/// must not find the secret in a log.
#[derive(Clone)]
pub struct Credential {
    api_key: String,
    api_secret: SecretString,
}

impl Credential {
    /// A credential of these two halves. The vendor's `APIKey` names the pair and travels in every request; its
    /// `APISecret` never leaves this machine. It looks like base64, but is used as the text that it is.
    ///
    /// Blanks and line breaks around either came with the file that it was read from, and are left out.
    ///
    /// # Errors
    /// When either is empty or has blanks or control characters in it, or the key could not stand between quotes in a
    /// header.
    pub fn new(api_key: impl Into<String>, api_secret: impl Into<SecretString>) -> Result<Self, InvalidCredential> {
        let (api_key, api_secret) = (api_key.into().trim().to_owned(), api_secret.into());
        let api_secret: SecretString = api_secret.expose_secret().trim().into();
        let quotable = |b: u8| b.is_ascii_graphic() && b != b'"' && b != b'\\';
        if api_key.is_empty() || !api_key.bytes().all(quotable) {
            return Err(InvalidCredential::ApiKey);
        }
        let secret = api_secret.expose_secret();
        if secret.is_empty() || secret.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(InvalidCredential::ApiSecret);
        }
        Ok(Self { api_key, api_secret })
    }

    /// The vendor's `APIKey`.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    pub(crate) fn secret(&self) -> &[u8] {
        self.api_secret.expose_secret().as_bytes()
    }
}

impl PartialEq for Credential {
    fn eq(&self, other: &Self) -> bool {
        self.api_key == other.api_key && self.secret() == other.secret()
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
    /// The `APIKey`.
    #[error("the api_key must be the application's APIKey: letters and digits without blanks or quotes, and not empty")]
    ApiKey,
    /// The `APISecret`.
    #[error("the api_secret must be the application's APISecret: one word, and not empty")]
    ApiSecret,
}

resumable_core::debug_in_words!(InvalidCredential);

#[cfg(test)]
mod tests {
    use secrecy::zeroize::ZeroizeOnDrop;

    use super::*;

    #[test]
    fn both_halves_count() {
        let of = |key: &str, secret: &str| Credential::new(key, secret).unwrap();
        assert_eq!(of("key", "secret"), of("key", "secret"));
        assert_ne!(of("key", "secret"), of("key", "other"));
        assert_ne!(of("key", "secret"), of("other", "secret"));
    }

    #[test]
    fn field_bug_67_what_a_file_adds_to_a_key_is_left_out() {
        assert_eq!(Credential::new("key\n", "secret\r\n"), Credential::new(" key", "\tsecret "));
        assert_eq!(Credential::new("key", "secret\n").unwrap().secret(), b"secret");
        assert_eq!(Credential::new("key", " \n"), Err(InvalidCredential::ApiSecret));
    }

    #[test]
    fn a_key_cannot_break_out_of_the_header() {
        for bad in ["", "a b", "a\"b", "a\\b", "a\r\nb", "ä"] {
            assert_eq!(Credential::new(bad, "s"), Err(InvalidCredential::ApiKey), "{bad:?}");
        }
    }

    #[test]
    fn what_signs_is_wiped_when_it_is_dropped() {
        fn wiped(_: &impl ZeroizeOnDrop) {}
        let Credential { api_key: _, api_secret } = &Credential::new("key", "secret").unwrap();
        wiped(api_secret);
    }
}
