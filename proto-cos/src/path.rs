//! The name of an object inside its bucket.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but RFC 3986's unreserved characters and `/`. The vendor's SDKs differ on some marks (`~ ! * ' ( )`);
/// the server decodes them all alike.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Characters that the vendor's SDKs refuse in a path.
const REFUSED: &[char] = &['?', '*', ':', '|', '\\', '<', '>', '"'];

/// The path of a file in a bucket, as a person writes it: `/dir/name`, not percent-encoded.
///
/// Refused are what the vendor's SDKs refuse (no `/` first, a `/` last, any of `? * : | \ < > "`, a segment of blanks
/// only), and what would not name the same object everywhere: empty segments (some SDKs drop them), `.` and `..`
/// segments (URLs are normalised on the way), control characters. The vendor's pages give no length.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectPath(String);

impl ObjectPath {
    /// Checks a path.
    ///
    /// # Errors
    /// When it cannot name a file in this API; the error says which character or segment is wrong.
    pub fn new(path: impl Into<String>) -> Result<Self, InvalidPath> {
        let path = path.into();
        let rest = path.strip_prefix('/').ok_or(InvalidPath::NotAbsolute)?;
        if rest.is_empty() || rest.ends_with('/') {
            return Err(InvalidPath::Folder);
        }
        if let Some(character) = path.chars().find(|c| REFUSED.contains(c)) {
            return Err(InvalidPath::Character(character));
        }
        if path.contains(char::is_control) {
            return Err(InvalidPath::Control);
        }
        match rest.split('/').find(|segment| matches!(segment.trim(), "" | "." | "..")) {
            None => Ok(Self(path)),
            Some(segment) if segment.trim().is_empty() => Err(InvalidPath::Blank),
            Some(_) => Err(InvalidPath::Dots),
        }
    }

    /// As a person writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it stands in a URL and in a signature: UTF-8, percent-encoded once with upper-case digits, `/` kept.
    pub fn encoded(&self) -> String {
        utf8_percent_encode(&self.0, ENCODED).to_string()
    }
}

impl FromStr for ObjectPath {
    type Err = InvalidPath;

    fn from_str(path: &str) -> Result<Self, InvalidPath> {
        Self::new(path)
    }
}

impl fmt::Display for ObjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text cannot be the path of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPath {
    /// It does not begin with `/`.
    #[error("the path must begin with '/', like /dir/file.bin")]
    NotAbsolute,
    /// It ends with `/`, or is nothing else.
    #[error("the path must name a file: it must not end with '/'")]
    Folder,
    /// It holds a character that COS does not allow.
    #[error("the path must not contain '{0}': COS allows none of ? * : | \\ < > \"")]
    Character(char),
    /// It holds a control character, such as a line break.
    #[error("the path must not contain control characters")]
    Control,
    /// A segment is empty or holds blanks only.
    #[error("the path must not contain an empty or blank folder name ('//' or '/ /')")]
    Blank,
    /// A segment is `.` or `..`.
    #[error("the path must not contain '.' or '..' as a folder or file name")]
    Dots,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_keeps_unreserved_characters_and_slashes() {
        let path = ObjectPath::new("/测试 dir/a b+c~(1).txt").unwrap();
        assert_eq!(path.encoded(), "/%E6%B5%8B%E8%AF%95%20dir/a%20b%2Bc~%281%29.txt");
        assert_eq!(ObjectPath::new("/a-._~%/é").unwrap().encoded(), "/a-._~%25/%C3%A9");
    }

    #[test]
    fn what_names_no_file_is_refused() {
        let why = |path: &str| ObjectPath::new(path).unwrap_err();
        assert_eq!(why(""), InvalidPath::NotAbsolute);
        assert_eq!(why("a"), InvalidPath::NotAbsolute);
        assert_eq!(why("/"), InvalidPath::Folder);
        assert_eq!(why("/a/"), InvalidPath::Folder);
        for character in REFUSED {
            assert_eq!(why(&format!("/a{character}b")), InvalidPath::Character(*character));
        }
        for control in ["/a\0", "/a\nb", "/a\x7f", "/a\u{85}b"] {
            assert_eq!(why(control), InvalidPath::Control, "{control:?}");
        }
        for blank in ["/ /a", "//a", "/a/ ", "/a/\u{3000}/b"] {
            assert_eq!(why(blank), InvalidPath::Blank, "{blank:?}");
        }
        for dots in ["/..", "/./a", "/a/../b", "/a/ .. "] {
            assert_eq!(why(dots), InvalidPath::Dots, "{dots:?}");
        }
    }

    #[test]
    fn ordinary_names_are_taken() {
        for path in ["/a", "/a.b/..c/.d", "/a b", "/a&b=c#d", "/😀", "/a'b"] {
            assert_eq!(ObjectPath::new(path).unwrap().as_str(), path);
        }
    }
}
