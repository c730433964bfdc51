//! Who signs.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A pair of API keys of a Tencent Cloud account. `Debug` shows neither half: a person who swapped the two in a
/// configuration must not find the key in a log.
#[derive(Clone)]
pub struct Credential {
    /// The vendor's `SecretId`: names the key, and travels in every signature.
    pub secret_id: String,
    /// The vendor's `SecretKey`: never leaves this machine.
    pub secret_key: SecretString,
}

impl Credential {
    /// A credential of these two halves. Blanks and line breaks around either came with the file that it was read from,
    /// and are left out.
    pub fn new(secret_id: impl Into<String>, secret_key: impl Into<SecretString>) -> Self {
        let (secret_id, secret_key) = (secret_id.into(), secret_key.into());
        Self { secret_id: secret_id.trim().to_owned(), secret_key: secret_key.expose_secret().trim().into() }
    }
}

impl PartialEq for Credential {
    fn eq(&self, other: &Self) -> bool {
        self.secret_id == other.secret_id && self.secret_key.expose_secret() == other.secret_key.expose_secret()
    }
}

impl Eq for Credential {}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_halves_count() {
        let one = Credential::new("id", "key");
        assert_eq!(one, Credential::new("id", "key"));
        assert_ne!(one, Credential::new("id", "other"));
        assert_ne!(one, Credential::new("other", "key"));
    }

    #[test]
    fn field_bug_67_what_a_file_adds_to_a_key_is_left_out() {
        assert_eq!(Credential::new("id\n", "key\r\n"), Credential::new(" id", "\tkey "));
        assert_eq!(Credential::new("id\n", "key\r\n").secret_key.expose_secret(), "key");
    }

    #[test]
    fn debug_shows_neither_half() {
        let shown = format!("{:?}", Credential::new("AKIDvisible", "topsecret"));
        assert!(!shown.contains("topsecret") && !shown.contains("AKIDvisible"), "{shown}");
    }
}
