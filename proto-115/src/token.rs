//! The tokens of an account.

use alloc::string::String;
use core::fmt;
use core::time::Duration;

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

/// The longest token that is taken, in bytes.
const LONGEST: usize = 4096;

/// What every call about files and uploads is authorised with, for `expires_in` seconds. `Debug` does not show it.
#[derive(Clone)]
pub struct AccessToken(SecretString);

/// What new tokens are made of, once: after that it is dead, and the one that came with the new tokens takes its place.
/// Refreshing does not prolong its own life, which is a year. `Debug` does not show it.
#[derive(Clone)]
pub struct RefreshToken(SecretString);

/// What a log-in, or a refresh, gives.
///
/// Make the refresh token durable before the access token is used: the old one is dead by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// For every call.
    pub access_token: AccessToken,
    /// For the next refresh.
    pub refresh_token: RefreshToken,
    /// How long the access token is good for, from the answer on; `None` where the vendor did not say.
    pub expires_in: Option<Duration>,
}

impl AccessToken {
    /// A token of this text.
    ///
    /// # Errors
    /// When it could not stand in a header.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidToken> {
        checked(text.into()).map(Self)
    }

    /// The text, to be kept where only its owner can read it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// `Bearer …`, marked as sensitive.
    pub(crate) fn to_header_value(&self) -> HeaderValue {
        let text = format!("Bearer {}", self.expose());
        let mut value = HeaderValue::try_from(text).expect("a token is printable ASCII");
        value.set_sensitive(true);
        value
    }
}

impl RefreshToken {
    /// A token of this text.
    ///
    /// # Errors
    /// When it is none: empty, very long, or not printable ASCII.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidToken> {
        checked(text.into()).map(Self)
    }

    /// The text, to be kept where only its owner can read it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

fn checked(text: String) -> Result<SecretString, InvalidToken> {
    let usable = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if usable { Ok(text.into()) } else { Err(InvalidToken) }
}

impl PartialEq for AccessToken {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for AccessToken {}

impl PartialEq for RefreshToken {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for RefreshToken {}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken([redacted])")
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken([redacted])")
    }
}

/// A text that cannot be a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token is 1 to {LONGEST} printable ASCII characters without blanks")]
pub struct InvalidToken;

#[cfg(test)]
mod tests {
    use secrecy::zeroize::ZeroizeOnDrop;

    use super::*;

    #[test]
    fn a_token_cannot_break_out_of_the_header() {
        for bad in ["", "a b", "a\r\nb", "ä", &"a".repeat(LONGEST + 1)] {
            assert_eq!(AccessToken::new(bad), Err(InvalidToken), "{bad:?}");
            assert_eq!(RefreshToken::new(bad), Err(InvalidToken), "{bad:?}");
        }
        let token = AccessToken::new("emu-access-0002").unwrap();
        assert_eq!(token.to_header_value(), "Bearer emu-access-0002");
        assert!(token.to_header_value().is_sensitive());
    }

    #[test]
    fn a_token_is_wiped_when_it_is_dropped() {
        fn wiped(_: &impl ZeroizeOnDrop) {}
        let (AccessToken(access), RefreshToken(refresh)) =
            (AccessToken::new("access").unwrap(), RefreshToken::new("refresh").unwrap());
        wiped(&access);
        wiped(&refresh);
    }
}
