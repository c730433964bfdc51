//! The vendor's tag for content.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::ETAG_BYTES;

/// An `ETag`, without quotes, as it came. Of a part, and of an object that came in one request, it is most often the MD5 in
/// hexadecimal; of an object in parts it is something else, and never compared.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Etag(Box<str>);

impl Etag {
    /// Reads a tag, with or without quotes; `None` when it is none that can be kept and sent. `W/` before it is left
    /// out: a box that repacks answers puts it there, and the vendor knows the tag without it.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("W/").or_else(|| text.strip_prefix("w/")).unwrap_or(text).trim_matches('"');
        let plain = |b: u8| b.is_ascii_graphic() && !b"\"'<>&".contains(&b);
        let usable = (1..=ETAG_BYTES).contains(&text.len()) && text.bytes().all(plain);
        usable.then(|| Self(text.into()))
    }

    /// As it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The MD5 that it is, if it has the form of one.
    pub fn md5(&self) -> Option<[u8; 16]> {
        let mut md5 = [0; 16];
        hex::decode_to_slice(self.0.as_bytes(), &mut md5).ok()?;
        Some(md5)
    }

    /// True for the tag of content with this MD5.
    pub fn is_md5(&self, md5: &[u8]) -> bool {
        self.md5().is_some_and(|tag| tag == md5)
    }

    /// What does not change with the case of its digits.
    pub(crate) fn canonical(&self) -> String {
        self.0.to_ascii_uppercase()
    }
}

impl fmt::Display for Etag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Etag {
    type Error = InvalidEtag;

    fn try_from(text: String) -> Result<Self, InvalidEtag> {
        Self::new(&text).ok_or(InvalidEtag)
    }
}

impl From<Etag> for String {
    fn from(etag: Etag) -> Self {
        etag.0.into()
    }
}

/// A text that cannot be an `ETag`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an ETag is one word of at most 128 printable characters")]
pub struct InvalidEtag;

impl PartialEq for Etag {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Etag {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_case_make_no_difference() {
        let tag = Etag::new("\"1A0F81547E5BA2E9C4A4B94A74731993\"").unwrap();
        assert_eq!(tag, Etag::new("1a0f81547e5ba2e9c4a4b94a74731993").unwrap());
        assert_eq!(tag.as_str(), "1A0F81547E5BA2E9C4A4B94A74731993");
        assert!(tag.is_md5(&tag.md5().unwrap()) && !tag.is_md5(&[0; 16]) && !tag.is_md5(&[]));
        assert_eq!(Etag::new("3579E39A1324C2788D22AB4FA35C4918-3").unwrap().md5(), None);
    }

    #[test]
    fn a_weak_tag_is_the_tag() {
        let strong = Etag::new("1A0F81547E5BA2E9C4A4B94A74731993").unwrap();
        for weak in ["W/\"1A0F81547E5BA2E9C4A4B94A74731993\"", " w/\"1a0f81547e5ba2e9c4a4b94a74731993\" "] {
            assert_eq!(Etag::new(weak).unwrap(), strong, "{weak}");
        }
        let sent_back = Etag::new("W/\"1A0F81547E5BA2E9C4A4B94A74731993\"").unwrap();
        assert_eq!(sent_back.as_str(), strong.as_str());
        assert_eq!(Etag::new("W/\"\""), None);
    }

    #[test]
    fn what_cannot_be_sent_back_is_none() {
        for bad in ["", "\"\"", "a b", "a\"b", "<a>", "a&b", "ä", "a\nb", &"a".repeat(129)] {
            assert_eq!(Etag::new(bad), None, "{bad}");
        }
    }
}
