//! What an object is to be besides its content and its type: headers that OSS keeps with it.

use alloc::string::String;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::limits::METADATA_BYTES;

/// How the names of a user's own metadata begin.
const METADATA: &str = "x-oss-meta-";
/// Who may read the object. Of an upload in parts it is said at the end.
const ACL: HeaderName = HeaderName::from_static("x-oss-object-acl");
/// What OSS keeps and gives back as it came, besides the content's type.
const STANDARD: [&str; 5] = ["cache-control", "content-disposition", "content-encoding", "content-language", "expires"];
/// What each request says for itself.
const OWN: [&str; 9] = [
    "x-oss-callback",
    "x-oss-callback-var",
    "x-oss-complete-all",
    "x-oss-content-sha256",
    "x-oss-date",
    "x-oss-forbid-overwrite",
    "x-oss-hash-crc64ecma",
    "x-oss-process",
    "x-oss-security-token",
];

/// Headers that OSS keeps with an object: metadata of the user's own (`x-oss-meta-*`), the standard headers
/// (`Cache-Control`, `Content-Disposition`, `Content-Encoding`, `Content-Language`, `Expires`), and the vendor's own, such as
/// `x-oss-storage-class`, `x-oss-object-acl` or `x-oss-tagging`. None at first.
///
/// They are sent when an upload begins, and the ACL when it ends. An upload that is resumed keeps those that it began with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectHeaders {
    described: HeaderMap,
    acl: Option<HeaderValue>,
}

/// Why a header cannot be kept with an object. No value is in it.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidHeader {
    /// The name of a piece of metadata.
    #[error("the name of metadata consists of letters, digits and hyphens")]
    MetadataName,
    /// All metadata together.
    #[error("metadata may have {METADATA_BYTES} bytes at most, names and values together")]
    MetadataTooLong,
    /// OSS keeps no such header with an object, or each request says it for itself.
    #[error(
        "the header {name} cannot be set; Cache-Control, Content-Disposition, Content-Encoding, Content-Language, Expires \
         and x-oss-* can"
    )]
    Name {
        /// Its name.
        name: String,
    },
    /// The value is empty, or has other characters than printable ASCII.
    #[error("the value of {name} must be printable ASCII; percent-encode other characters")]
    Value {
        /// Whose value.
        name: String,
    },
}

resumable_core::debug_in_words!(InvalidHeader);

impl ObjectHeaders {
    /// Adds metadata, or replaces what is there under this name. OSS makes the name lower case.
    ///
    /// # Errors
    /// When the name has other characters than letters, digits and hyphens, the value is empty or not printable ASCII, or
    /// all metadata together has more than 8 KiB.
    pub fn metadata(mut self, name: &str, value: &str) -> Result<Self, InvalidHeader> {
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(InvalidHeader::MetadataName);
        }
        let value = printable(name, value)?;
        let name = HeaderName::try_from(format!("{METADATA}{name}")).map_err(|_| InvalidHeader::MetadataName)?;
        self.described.insert(name, value);
        let of_metadata = self.described.iter().filter(|(name, _)| name.as_str().starts_with(METADATA));
        let bytes: usize = of_metadata.map(|(name, value)| name.as_str().len() + value.len()).sum();
        if bytes > METADATA_BYTES { Err(InvalidHeader::MetadataTooLong) } else { Ok(self) }
    }

    /// Adds a header, or replaces the one of this name.
    ///
    /// # Errors
    /// When OSS keeps no such header with an object, each request says it for itself, or the value is empty or not printable
    /// ASCII.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, InvalidHeader> {
        let lower = name.trim().to_ascii_lowercase();
        if let Some(name) = lower.strip_prefix(METADATA) {
            return self.metadata(name, value);
        }
        let known = STANDARD.contains(&lower.as_str())
            || (lower.len() > "x-oss-".len()
                && lower.starts_with("x-oss-")
                && !OWN.contains(&lower.as_str())
                && !lower.starts_with("x-oss-copy-"));
        let parsed = HeaderName::try_from(lower.as_str()).ok().filter(|_| known);
        let parsed = parsed.ok_or_else(|| InvalidHeader::Name { name: lower.escape_debug().take(64).collect() })?;
        let value = printable(&lower, value)?;
        if parsed == ACL {
            self.acl = Some(value);
        } else {
            self.described.insert(parsed, value);
        }
        Ok(self)
    }

    /// Adds to the headers of the request that begins an upload.
    pub(crate) fn add_described(&self, headers: &mut HeaderMap) {
        headers.extend(self.described.iter().map(|(name, value)| (name.clone(), value.clone())));
    }

    /// Adds to the headers of the request that makes the object.
    pub(crate) fn add_acl(&self, headers: &mut HeaderMap) {
        headers.extend(self.acl.iter().map(|value| (ACL, value.clone())));
    }
}

/// As it can be signed: without blanks at its ends.
fn printable(name: &str, value: &str) -> Result<HeaderValue, InvalidHeader> {
    let value = value.trim();
    let usable = !value.is_empty() && value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let value = HeaderValue::from_str(value).ok().filter(|_| usable);
    value.ok_or_else(|| InvalidHeader::Value { name: name.escape_debug().take(64).collect() })
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    fn header(name: &str, value: &str) -> Result<ObjectHeaders, InvalidHeader> {
        ObjectHeaders::default().header(name, value)
    }

    #[test]
    fn what_a_request_says_for_itself_is_not_set() {
        for name in [
            "Authorization",
            "Host",
            "Content-Length",
            "content-md5",
            "Content-Type",
            "Date",
            "Transfer-Encoding",
            "x-oss-date",
            "X-OSS-Security-Token",
            "x-oss-content-sha256",
            "x-oss-forbid-overwrite",
            "x-oss-callback",
            "x-oss-copy-source",
            "x-amz-acl",
            "x-oss-\n",
            "",
        ] {
            let error = header(name, "1").unwrap_err();
            assert!(matches!(error, InvalidHeader::Name { .. }), "{name}");
            assert!(!error.to_string().contains('\n'), "{name}");
        }
    }

    #[test]
    fn names_are_known_in_any_case() {
        let kept = header("Cache-Control", " no-cache ").unwrap().header("X-Oss-Meta-Author", "me").unwrap();
        let mut sent = HeaderMap::new();
        kept.add_described(&mut sent);
        assert_eq!(sent["cache-control"], "no-cache");
        assert_eq!(sent["x-oss-meta-author"], "me");
        kept.add_acl(&mut sent);
        assert_eq!(sent.len(), 2);
    }

    #[test]
    fn the_acl_is_sent_with_what_makes_the_object() {
        let kept = header("x-oss-object-acl", "private").unwrap();
        let (mut begin, mut end) = (HeaderMap::new(), HeaderMap::new());
        kept.add_described(&mut begin);
        kept.add_acl(&mut end);
        assert!(begin.is_empty());
        assert_eq!(end["x-oss-object-acl"], "private");
    }

    #[test]
    fn metadata_is_what_the_vendor_takes() {
        let metadata = |name: &str, value: &str| ObjectHeaders::default().metadata(name, value);
        assert_eq!(metadata("my_key", "1"), Err(InvalidHeader::MetadataName));
        assert_eq!(metadata("", "1"), Err(InvalidHeader::MetadataName));
        for value in ["", " ", "é", "a\nb", "\u{7f}"] {
            assert_eq!(metadata("a", value), Err(InvalidHeader::Value { name: "a".into() }), "{value:?}");
        }
        let most = METADATA_BYTES - "x-oss-meta-a".len();
        assert!(metadata("a", &"x".repeat(most)).is_ok());
        assert_eq!(metadata("a", &"x".repeat(most + 1)), Err(InvalidHeader::MetadataTooLong));
        let twice = metadata("a", &"x".repeat(most)).unwrap().metadata("A", "1").unwrap();
        assert_eq!(twice, metadata("a", "1").unwrap());
    }
}
