//! The name of an object inside its bucket.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use resumable_proto_multipart::encoding;

/// The longest key, in bytes.
const LONGEST: usize = 1024;

/// An object's key, as a person writes it: `dir/name`, not percent-encoded.
///
/// S3 takes any UTF-8 of 1 to 1024 bytes, and two slashes or one at either end are part of the name. Refused is what would not
/// name the same object everywhere: `.` and `..` segments (URLs are normalised on the way) and control characters (the XML of
/// lists cannot carry them).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// Checks a key.
    ///
    /// # Errors
    /// When it cannot name an object; the error says what is wrong.
    pub fn new(key: impl Into<String>) -> Result<Self, InvalidKey> {
        let key = key.into();
        if key.is_empty() || key.len() > LONGEST {
            return Err(InvalidKey::Length(key.len()));
        }
        if key.contains(char::is_control) {
            return Err(InvalidKey::Control);
        }
        if key.split('/').any(|segment| matches!(segment, "." | "..")) {
            return Err(InvalidKey::Dots);
        }
        Ok(Self(key))
    }

    /// The bucket itself, which has no key.
    pub(crate) fn none() -> Self {
        Self(String::new())
    }

    /// As a person writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it stands in a URL: UTF-8, percent-encoded once with upper-case digits, `/` kept.
    pub fn encoded(&self) -> String {
        encoding::path(&self.0).to_string()
    }
}

impl FromStr for ObjectKey {
    type Err = InvalidKey;

    fn from_str(key: &str) -> Result<Self, InvalidKey> {
        Self::new(key)
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text cannot be the key of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidKey {
    /// It is empty, or longer than 1024 bytes.
    #[error("the object's key has {0} bytes; S3 takes 1 to {LONGEST} bytes of UTF-8")]
    Length(usize),
    /// It has control characters.
    #[error("the object's key must not contain control characters")]
    Control,
    /// It has a segment `.` or `..`.
    #[error("the object's key must not contain '.' or '..' between slashes, because URLs are normalized on the way")]
    Dots,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_checked() {
        assert_eq!(ObjectKey::new(""), Err(InvalidKey::Length(0)));
        assert!(ObjectKey::new("a".repeat(1024)).is_ok());
        assert_eq!(ObjectKey::new("ä".repeat(513)), Err(InvalidKey::Length(1026)));
        assert_eq!(ObjectKey::new("a\nb"), Err(InvalidKey::Control));
        for bad in [".", "a/..", "../a", "a/./b"] {
            assert_eq!(ObjectKey::new(bad), Err(InvalidKey::Dots));
        }
        for odd in ["/lead", "a//b", "end/", "a/...", "\\a", "e\u{301}"] {
            assert!(ObjectKey::new(odd).is_ok(), "{odd}");
        }
    }

    #[test]
    fn keys_are_encoded_once() {
        assert_eq!(ObjectKey::new("a%2Fb//c +~").unwrap().encoded(), "a%252Fb//c%20%2B~");
    }
}
