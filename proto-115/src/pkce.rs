//! The proof that whoever fetches the tokens is who asked for the code (PKCE, RFC 7636).

use alloc::string::String;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use resumable_core::{HashKind, Hasher};
use secrecy::{ExposeSecret, SecretString};

/// A secret of 43 to 128 characters (the vendor's bounds). Its SHA-256 goes out with the request for a code, the secret
/// itself with the request for tokens. `Debug` does not show it.
#[derive(Clone)]
pub struct CodeVerifier(SecretString);

impl CodeVerifier {
    /// A verifier of 384 random bits, from the caller's entropy: 64 characters.
    pub fn from_bytes(random: &[u8; 48]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(random).into())
    }

    /// A verifier of the caller's choice: 43 to 128 letters, digits, and any of `-._~`.
    ///
    /// # Errors
    /// When it is shorter, longer, or has other characters.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidVerifier> {
        let text = text.into();
        let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        let usable = (43..=128).contains(&text.len()) && text.bytes().all(unreserved);
        if usable { Ok(Self(text.into())) } else { Err(InvalidVerifier) }
    }

    /// The `code_challenge`: standard base64, with padding, of the SHA-256 (`code_challenge_method` is `sha256`).
    pub fn challenge(&self) -> String {
        let mut hasher = Hasher::new(HashKind::Sha256).expect("SHA-256 takes any bytes");
        hasher.update(self.expose().as_bytes());
        STANDARD.encode(hasher.finish().as_bytes())
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for CodeVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeVerifier([redacted])")
    }
}

/// A text that cannot be a [`CodeVerifier`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code verifier is 43 to 128 letters, digits, and any of '-', '.', '_' and '~'")]
pub struct InvalidVerifier;
