//! What OSS keeps of what the client says of an object beside its bytes: its type, the standard headers, its metadata
//! (`x-oss-meta-*`), its storage class; and who may read it. With an upload in parts all but the last comes with initiate, and
//! the last with complete; with an object in one request all of it comes with the bytes.

use http::HeaderMap;

use super::error::{Error, INVALID_ARGUMENT};
use crate::part_store::{Description, Headers, WrongHeader};

const STORAGE_CLASS: &str = "x-oss-storage-class";
const ACLS: [&str; 4] = ["default", "private", "public-read", "public-read-write"];

const KEPT: Headers = Headers {
    metadata: "x-oss-meta-",
    metadata_max: 8 * 1024,
    is_key: |key| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'),
    words: &[(STORAGE_CLASS, &["Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"])],
    others: &[],
};

/// What a request says of its object.
///
/// # Errors
/// A name, a value or a sum that the vendor does not take.
pub(super) fn of(headers: &HeaderMap) -> Result<Description, Error> {
    let wrong = |what: &str, ec: &'static str| INVALID_ARGUMENT.because(what.to_owned()).numbered(ec);
    Description::of(headers, &KEPT).map_err(|why| match why {
        WrongHeader::MetadataTooLarge => wrong("The user metadata is too large.", "0011-00000002"),
        WrongHeader::MetadataKey => wrong("The user metadata has a key that is not allowed.", "0011-00000004"),
        WrongHeader::MetadataValue => wrong("The user metadata has a value that is not allowed.", "0011-00000005"),
        WrongHeader::Word(name) => wrong_word(name, headers),
    })
}

/// As the head of an answer tells it, all but the type.
pub(super) fn told(description: &Description) -> impl Iterator<Item = (String, String)> + '_ {
    let class = Some((STORAGE_CLASS, "Standard")).filter(|(name, _)| description.get(name).is_none());
    description.told().chain(class.map(|(name, value)| (name.to_owned(), value.to_owned())))
}

/// Who may read an object, as its last request says.
///
/// # Errors
/// When it is none of the vendor's words.
pub(super) fn acl(headers: &HeaderMap) -> Result<String, Error> {
    const NAME: &str = "x-oss-object-acl";
    let Some(value) = headers.get(NAME) else {
        return Ok("default".to_owned());
    };
    let known = value.to_str().ok().filter(|value| ACLS.contains(value));
    known.map(str::to_owned).ok_or_else(|| wrong_word(NAME, headers))
}

fn wrong_word(name: &'static str, headers: &HeaderMap) -> Error {
    let value = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let error = INVALID_ARGUMENT.because(format!("The value of {name} is invalid."));
    error.with("ArgumentName", name).with("ArgumentValue", value.trim())
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn described(headers: &[(&'static str, &str)]) -> Result<Description, Error> {
        let each = headers.iter().map(|(name, value)| {
            (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).expect("a value"))
        });
        of(&each.collect())
    }

    #[test]
    fn what_belongs_to_the_object_is_kept_and_nothing_else() {
        let said = described(&[
            ("x-oss-meta-author", "me"),
            ("cache-control", "no-cache"),
            ("host", "example"),
            ("x-oss-date", "today"),
            ("content-type", "text/plain"),
        ]);
        let described = said.expect("all are allowed");
        let told: Vec<_> = told(&described).collect();
        let told: Vec<_> = told.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            told,
            [("cache-control", "no-cache"), ("x-oss-meta-author", "me"), ("x-oss-storage-class", "Standard")]
        );
        assert_eq!(described.content_type, "text/plain");
    }

    #[test]
    fn what_the_vendor_does_not_take_is_refused_with_its_number() {
        let long = "x".repeat(KEPT.metadata_max);
        for (name, value, ec) in [
            ("x-oss-meta-my_key", "1", "0011-00000004"),
            ("x-oss-meta-", "1", "0011-00000004"),
            ("x-oss-meta-name", "é", "0011-00000005"),
            ("x-oss-meta-name", long.as_str(), "0011-00000002"),
            ("x-oss-storage-class", "Cheap", ""),
        ] {
            let error = described(&[(name, value)]).expect_err(name);
            assert_eq!((error.code.as_ref(), error.ec), ("InvalidArgument", ec), "{name}");
        }
        assert!(described(&[("x-oss-meta-a", &long[.."x-oss-meta-a".len() * 2])]).is_ok());
    }
}
