//! The name of an object inside its bucket.
use resumable_proto_multipart::encoding;

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

/// An object's key, as a person writes it: `dir/name`, not percent-encoded.
///
/// The vendor takes UTF-8 of 1 to 1023 bytes that does not begin with `/` or `\`. Refused besides is what would not
/// name the same object everywhere: `.` and `..` segments (URLs are normalised on the way) and control characters (the
/// vendor's XML cannot carry them).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// Checks a key.
    ///
    /// # Errors
    /// When it cannot name an object; the error says what is wrong.
    pub fn new(key: impl Into<String>) -> Result<Self, InvalidKey> {
        let key = key.into();
        if key.is_empty() || key.len() > 1023 {
            return Err(InvalidKey::Length(key.len()));
        }
        if key.starts_with(['/', '\\']) {
            return Err(InvalidKey::Slash);
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
    /// It is empty, or longer than 1023 bytes.
    #[error("the object's key has {0} bytes; OSS takes 1 to 1023 bytes of UTF-8")]
    Length(usize),
    /// It begins with a slash or a backslash.
    #[error("the object's key must not begin with '/' or '\\': write dir/file.bin")]
    Slash,
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
    fn keys_are_encoded_once() {
        let key = ObjectKey::new("dir a/文件+1~.mkv").unwrap();
        assert_eq!(key.encoded(), "dir%20a/%E6%96%87%E4%BB%B6%2B1~.mkv");
        assert_eq!(ObjectKey::new("a%20b//c").unwrap().encoded(), "a%2520b//c");
    }

    #[test]
    fn keys_are_checked() {
        assert_eq!(ObjectKey::new(""), Err(InvalidKey::Length(0)));
        assert!(ObjectKey::new("a".repeat(1023)).is_ok());
        assert_eq!(ObjectKey::new("ä".repeat(512)), Err(InvalidKey::Length(1024)));
        for bad in ["/a", "\\a"] {
            assert_eq!(ObjectKey::new(bad), Err(InvalidKey::Slash));
        }
        assert_eq!(ObjectKey::new("a\nb"), Err(InvalidKey::Control));
        for bad in [".", "a/..", "../a", "a/./b"] {
            assert_eq!(ObjectKey::new(bad), Err(InvalidKey::Dots));
        }
        assert!(ObjectKey::new("a/...").is_ok());
    }
}
