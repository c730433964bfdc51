//! Who signs.

use alloc::string::String;
use core::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A pair of access keys: an account's own, or a temporary one of the vendor's Security Token Service with its token.
/// `Debug` shows nothing of it: a person who swapped the halves in a configuration must not find the secret in a log.
#[derive(Clone)]
pub struct Credential {
    access_key_id: String,
    access_key_secret: SecretString,
    security_token: Option<SecretString>,
}

impl Credential {
    /// A pair that is good until somebody revokes it. The `AccessKeyId` names it and travels in every request; the
    /// `AccessKeySecret` never leaves this machine.
    ///
    /// # Errors
    /// When the id is empty or could not stand in a header, or the secret is empty or has blanks or control characters in
    /// it.
    pub fn new(
        access_key_id: impl Into<String>,
        access_key_secret: impl Into<SecretString>,
    ) -> Result<Self, InvalidCredential> {
        Self::of(access_key_id.into(), access_key_secret.into(), None)
    }

    /// A temporary pair, as STS gives it out. Its security token travels in every request.
    ///
    /// # Errors
    /// As with [`new`](Self::new), and when the token is empty or could not stand in a header.
    pub fn temporary(
        access_key_id: impl Into<String>,
        access_key_secret: impl Into<SecretString>,
        security_token: impl Into<SecretString>,
    ) -> Result<Self, InvalidCredential> {
        Self::of(access_key_id.into(), access_key_secret.into(), Some(security_token.into()))
    }

    fn of(
        access_key_id: String,
        access_key_secret: SecretString,
        security_token: Option<SecretString>,
    ) -> Result<Self, InvalidCredential> {
        let plain = |b: u8| b.is_ascii_graphic() && !b",/".contains(&b);
        if access_key_id.is_empty() || !access_key_id.bytes().all(plain) {
            return Err(InvalidCredential::AccessKeyId);
        }
        let secret = access_key_secret.expose_secret();
        if secret.is_empty() || secret.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(InvalidCredential::AccessKeySecret);
        }
        let headed = |token: &str| !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic());
        if security_token.as_ref().is_some_and(|token| !headed(token.expose_secret())) {
            return Err(InvalidCredential::SecurityToken);
        }
        Ok(Self { access_key_id, access_key_secret, security_token })
    }

    /// The vendor's `AccessKeyId`.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// True for a temporary pair.
    pub fn is_temporary(&self) -> bool {
        self.security_token.is_some()
    }

    /// The secret: for a signature, never for a log.
    pub fn secret(&self) -> &str {
        self.access_key_secret.expose_secret()
    }

    /// The security token of a temporary pair: for the wire, never for a log.
    pub fn token(&self) -> Option<&str> {
        self.security_token.as_ref().map(ExposeSecret::expose_secret)
    }
}

impl PartialEq for Credential {
    fn eq(&self, other: &Self) -> bool {
        self.access_key_id == other.access_key_id && self.secret() == other.secret() && self.token() == other.token()
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
    /// The `AccessKeyId`.
    #[error("the access_key_id must be one word of letters, digits and dots")]
    AccessKeyId,
    /// The `AccessKeySecret`.
    #[error("the access_key_secret must be one word, and not empty")]
    AccessKeySecret,
    /// The security token.
    #[error(
        "the security_token (session_token at S3) must be one line of letters, digits and marks; leave it out for an account's own keys"
    )]
    SecurityToken,
}

resumable_core::debug_in_words!(InvalidCredential);

#[cfg(test)]
mod tests {
    use secrecy::zeroize::ZeroizeOnDrop;

    use super::*;

    fn of(id: &str, secret: &str, token: Option<&str>) -> Result<Credential, InvalidCredential> {
        Credential::of(id.into(), secret.into(), token.map(SecretString::from))
    }

    #[test]
    fn every_part_counts() {
        let all = of("id", "secret", Some("token")).unwrap();
        assert_eq!(all, of("id", "secret", Some("token")).unwrap());
        for other in [of("di", "secret", Some("token")), of("id", "other", Some("token")), of("id", "secret", None)] {
            assert_ne!(all, other.unwrap());
        }
    }

    #[test]
    fn no_part_can_break_out_of_its_header() {
        for bad in ["", "a b", "a,b", "a/b", "a\r\nb", "ä"] {
            assert_eq!(of(bad, "s", None), Err(InvalidCredential::AccessKeyId), "{bad:?}");
        }
        for bad in ["", "a b", "a\r\nb", "ä"] {
            assert_eq!(of("id", "s", Some(bad)), Err(InvalidCredential::SecurityToken), "{bad:?}");
        }
        assert_eq!(of("id", "", None), Err(InvalidCredential::AccessKeySecret));
    }

    #[test]
    fn what_signs_is_wiped_when_it_is_dropped() {
        fn wiped(_: &impl ZeroizeOnDrop) {}
        let Credential { access_key_id: _, access_key_secret, security_token } =
            &of("id", "secret", Some("token")).unwrap();
        wiped(access_key_secret);
        wiped(security_token.as_ref().unwrap());
    }
}
