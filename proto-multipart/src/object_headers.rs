//! What an object is to be besides its content and its type: headers that a store keeps with it.

use alloc::string::String;
use core::fmt;
use core::marker::PhantomData;

use http::{HeaderMap, HeaderName, HeaderValue};

/// What stores keep and give back as it came, besides the content's type.
const STANDARD: [&str; 5] = ["cache-control", "content-disposition", "content-encoding", "content-language", "expires"];

/// Which headers a vendor keeps with an object.
pub trait HeaderRules {
    /// How the names of a user's own metadata begin, like `x-oss-meta-`.
    const METADATA: &'static str;
    /// How the names of the vendor's own headers begin, like `x-oss-`.
    const PREFIX: &'static str;
    /// Beginnings of names of the vendor's that nobody sets: each request says them for itself, or they are of other calls.
    const OWN: &'static [&'static str];
    /// Who may read the object, where the request that ends an upload in parts says it, and not the one that begins it.
    const SAID_AT_THE_END: Option<&'static str>;
    /// The most metadata that an object has, names and values together, in bytes.
    const METADATA_BYTES: usize;
}

/// Headers that a store keeps with an object: metadata of the user's own, the standard headers (`Cache-Control`,
/// `Content-Disposition`, `Content-Encoding`, `Content-Language`, `Expires`), and the vendor's own. None at first.
///
/// They are sent when an upload begins. An upload that is resumed keeps those that it began with.
pub struct ObjectHeaders<R> {
    described: HeaderMap,
    at_the_end: Option<HeaderValue>,
    rules: PhantomData<R>,
}

/// Why a header cannot be kept with an object. No value is in it.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidHeader {
    /// The name of a piece of metadata.
    #[error("the name of metadata consists of letters, digits and hyphens")]
    MetadataName,
    /// All metadata together.
    #[error("metadata may have {most} bytes at most, names and values together")]
    MetadataTooLong {
        /// The most bytes.
        most: usize,
    },
    /// The vendor keeps no such header with an object, or each request says it for itself.
    #[error(
        "the header {name} cannot be set; Cache-Control, Content-Disposition, Content-Encoding, Content-Language, Expires \
         and {prefix}* can"
    )]
    Name {
        /// Its name.
        name: String,
        /// How the vendor's own begin.
        prefix: &'static str,
    },
    /// The value is empty, or has other characters than printable ASCII.
    #[error("the value of {name} must be printable ASCII; percent-encode other characters")]
    Value {
        /// Whose value.
        name: String,
    },
}

resumable_core::debug_in_words!(InvalidHeader);

impl<R: HeaderRules> ObjectHeaders<R> {
    /// Adds metadata, or replaces what is there under this name, whatever its case.
    ///
    /// # Errors
    /// When the name has other characters than letters, digits and hyphens, the value is empty or not printable ASCII, or
    /// all metadata together is longer than the vendor takes.
    pub fn metadata(mut self, name: &str, value: &str) -> Result<Self, InvalidHeader> {
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(InvalidHeader::MetadataName);
        }
        let value = printable(name, value)?;
        let name = HeaderName::try_from(format!("{}{name}", R::METADATA)).map_err(|_| InvalidHeader::MetadataName)?;
        self.described.insert(name, value);
        let of_metadata = self.described.iter().filter(|(name, _)| name.as_str().starts_with(R::METADATA));
        let bytes: usize = of_metadata.map(|(name, value)| name.as_str().len() + value.len()).sum();
        let most = R::METADATA_BYTES;
        if bytes > most { Err(InvalidHeader::MetadataTooLong { most }) } else { Ok(self) }
    }

    /// Adds a header, or replaces the one of this name.
    ///
    /// # Errors
    /// When the vendor keeps no such header with an object, each request says it for itself, or the value is empty or not printable
    /// ASCII.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, InvalidHeader> {
        let lower = name.trim().to_ascii_lowercase();
        if let Some(name) = lower.strip_prefix(R::METADATA) {
            return self.metadata(name, value);
        }
        let known = STANDARD.contains(&lower.as_str())
            || (lower.len() > R::PREFIX.len()
                && lower.starts_with(R::PREFIX)
                && !R::OWN.iter().any(|own| lower.starts_with(own)));
        let parsed = HeaderName::try_from(lower.as_str()).ok().filter(|_| known);
        let parsed = parsed
            .ok_or_else(|| InvalidHeader::Name { name: lower.escape_debug().take(64).collect(), prefix: R::PREFIX })?;
        let value = printable(&lower, value)?;
        if R::SAID_AT_THE_END == Some(parsed.as_str()) {
            self.at_the_end = Some(value);
        } else {
            self.described.insert(parsed, value);
        }
        Ok(self)
    }

    /// Adds to the headers of the request that begins an upload.
    pub fn add_described(&self, headers: &mut HeaderMap) {
        headers.extend(self.described.iter().map(|(name, value)| (name.clone(), value.clone())));
    }

    /// Adds to the headers of the request that makes the object.
    pub fn add_at_the_end(&self, headers: &mut HeaderMap) {
        let name = R::SAID_AT_THE_END.map(HeaderName::from_static);
        headers.extend(name.zip(self.at_the_end.clone()));
    }
}

impl<R> Clone for ObjectHeaders<R> {
    fn clone(&self) -> Self {
        Self { described: self.described.clone(), at_the_end: self.at_the_end.clone(), rules: PhantomData }
    }
}

impl<R> Default for ObjectHeaders<R> {
    fn default() -> Self {
        Self { described: HeaderMap::new(), at_the_end: None, rules: PhantomData }
    }
}

impl<R> PartialEq for ObjectHeaders<R> {
    fn eq(&self, other: &Self) -> bool {
        self.described == other.described && self.at_the_end == other.at_the_end
    }
}

impl<R> Eq for ObjectHeaders<R> {}

impl<R> fmt::Debug for ObjectHeaders<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.described.keys().map(HeaderName::as_str);
        f.debug_tuple("ObjectHeaders").field(&names.collect::<alloc::vec::Vec<_>>()).finish()
    }
}

/// As it can be signed: without blanks at its ends.
fn printable(name: &str, value: &str) -> Result<HeaderValue, InvalidHeader> {
    let value = value.trim();
    let usable = !value.is_empty() && value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let value = HeaderValue::from_str(value).ok().filter(|_| usable);
    value.ok_or_else(|| InvalidHeader::Value { name: name.escape_debug().take(64).collect() })
}
