//! The name of an object inside its bucket.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use resumable_proto_multipart::encoding;

/// The longest key, in bytes.
const KEY_BYTES: usize = 850;

/// An object's key, as a person writes it: `dir/name`, not percent-encoded.
///
/// The vendor takes UTF-8 of 1 to 850 bytes that does not begin with `/` or `\`, and not the characters 24 to 27. Refused
/// besides are the other control characters that XML cannot carry, and a last segment `.` or `..`, which URLs lose on the
/// way. Elsewhere such a segment stays what it is: the slash after it is sent as `%2F`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// Checks a key.
    ///
    /// # Errors
    /// When it cannot name an object; the error says what is wrong.
    pub fn new(key: impl Into<String>) -> Result<Self, InvalidKey> {
        let key = key.into();
        if key.is_empty() || key.len() > KEY_BYTES {
            return Err(InvalidKey::Length(key.len()));
        }
        if key.starts_with(['/', '\\']) {
            return Err(InvalidKey::Slash);
        }
        let blank = |c: char| matches!(c, '\t' | '\n' | '\r');
        if key.contains(|c: char| c.is_ascii_control() && !blank(c)) {
            return Err(InvalidKey::Control);
        }
        if matches!(key.rsplit('/').next(), Some("." | "..")) {
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

    /// As it stands in a URL: UTF-8, percent-encoded once with upper-case digits, `/` kept but after a dot, where it would
    /// be folded.
    pub fn encoded(&self) -> String {
        encoding::path(&self.0).to_string().replace("./", ".%2F")
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
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidKey {
    /// It is empty, or longer than 850 bytes.
    #[error("the object's key has {0} bytes; COS takes 1 to {KEY_BYTES} bytes of UTF-8")]
    Length(usize),
    /// It begins with a slash or a backslash.
    #[error("the object's key must not begin with '/' or '\\': write dir/file.bin")]
    Slash,
    /// It has control characters.
    #[error("the object's key must not contain control characters")]
    Control,
    /// Its last segment is `.` or `..`.
    #[error("the object's key must not end with a segment '.' or '..', because URLs are normalized on the way")]
    Dots,
}

resumable_core::debug_in_words!(InvalidKey);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_encoded_once_and_no_dots_are_folded() {
        for (key, encoded) in [
            ("dir a/文件+1~.mkv", "dir%20a/%E6%96%87%E4%BB%B6%2B1~.mkv"),
            ("a%20b//c", "a%2520b//c"),
            ("x/./y/../z", "x/.%2Fy/..%2Fz"),
            ("../a", "..%2Fa"),
            ("a./b", "a.%2Fb"),
            ("end/", "end/"),
        ] {
            assert_eq!(ObjectKey::new(key).unwrap().encoded(), encoded);
        }
    }

    #[test]
    fn keys_are_checked() {
        assert_eq!(ObjectKey::new(""), Err(InvalidKey::Length(0)));
        assert!(ObjectKey::new("a".repeat(850)).is_ok());
        assert_eq!(ObjectKey::new("ä".repeat(426)), Err(InvalidKey::Length(852)));
        for bad in ["/a", "\\a", "/"] {
            assert_eq!(ObjectKey::new(bad), Err(InvalidKey::Slash));
        }
        for bad in ["a\u{18}", "a\u{1b}b", "a\0", "\u{7f}"] {
            assert_eq!(ObjectKey::new(bad), Err(InvalidKey::Control), "{bad:?}");
        }
        for bad in [".", "..", "a/.", "a/.."] {
            assert_eq!(ObjectKey::new(bad), Err(InvalidKey::Dots));
        }
        for good in ["a/...", "a/..b", "tab\there new\nline", "a\\b"] {
            assert!(ObjectKey::new(good).is_ok(), "{good:?}");
        }
    }
}
