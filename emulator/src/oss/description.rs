//! What the client says of an object beside its bytes: its type, the standard headers that OSS gives back with it, its
//! metadata (`x-oss-meta-*`), its storage class; and who may read it. With an upload in parts all but the last comes with
//! initiate, and the last with complete; with an object in one request all of it comes with the bytes.

use std::collections::BTreeMap;

use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::error::{Error, INVALID_ARGUMENT};

/// What an object is if nobody said.
const OCTETS: &str = "application/octet-stream";
/// Kept, and given back as they came.
const STANDARD_HEADERS: [&str; 5] =
    ["cache-control", "content-disposition", "content-encoding", "content-language", "expires"];
const METADATA: &str = "x-oss-meta-";
/// Of all metadata, names and values.
const METADATA_MAX: usize = 8 * 1024;
const STORAGE_CLASS: &str = "x-oss-storage-class";
const STORAGE_CLASSES: [&str; 5] = ["Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"];
const ACLS: [&str; 4] = ["default", "private", "public-read", "public-read-write"];

/// What stays with an object.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub(super) struct Description {
    pub(super) content_type: String,
    /// The others, in lower case, with the values that they came with.
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

impl Default for Description {
    fn default() -> Self {
        Self { content_type: OCTETS.to_owned(), headers: BTreeMap::new() }
    }
}

impl Description {
    /// What a request says of its object.
    ///
    /// # Errors
    /// A name, a value or a sum that the vendor does not take.
    pub(super) fn of(headers: &HeaderMap) -> Result<Description, Error> {
        let mut description = Description::default();
        if let Some(kind) =
            headers.get("content-type").and_then(|value| value.to_str().ok()).filter(|it| !it.is_empty())
        {
            kind.clone_into(&mut description.content_type);
        }
        for (name, value) in headers {
            let (name, value) = (name.as_str(), value.to_str().ok().map(str::trim));
            if let Some(key) = name.strip_prefix(METADATA) {
                description.headers.insert(name.to_owned(), metadata(key, value)?);
            } else if name == STORAGE_CLASS {
                description.headers.insert(name.to_owned(), one_of(&STORAGE_CLASSES, name, value)?);
            } else if let Some(value) = value.filter(|value| STANDARD_HEADERS.contains(&name) && !value.is_empty()) {
                description.headers.insert(name.to_owned(), value.to_owned());
            }
        }
        let of_metadata = description.headers.iter().filter(|(name, _)| name.starts_with(METADATA));
        if of_metadata.map(|(name, value)| name.len() + value.len()).sum::<usize>() > METADATA_MAX {
            return Err(INVALID_ARGUMENT.because("The user metadata is too large.").numbered("0011-00000002"));
        }
        Ok(description)
    }

    /// As the head of an answer tells it, all but the type.
    pub(super) fn told(&self) -> impl Iterator<Item = (String, String)> + '_ {
        let class = Some((STORAGE_CLASS, "Standard")).filter(|(name, _)| !self.headers.contains_key(*name));
        let given = self.headers.iter().map(|(name, value)| (name.clone(), value.clone()));
        given.chain(class.map(|(name, value)| (name.to_owned(), value.to_owned())))
    }
}

/// Who may read an object, as its last request says.
///
/// # Errors
/// When it is none of the vendor's words.
pub(super) fn acl(headers: &HeaderMap) -> Result<String, Error> {
    const NAME: &str = "x-oss-object-acl";
    match headers.get(NAME) {
        None => Ok("default".to_owned()),
        Some(value) => one_of(&ACLS, NAME, value.to_str().ok()),
    }
}

fn metadata(key: &str, value: Option<&str>) -> Result<String, Error> {
    let wrong = |what: &str, ec: &'static str| {
        INVALID_ARGUMENT.because(format!("The user metadata has a {what} that is not allowed.")).numbered(ec)
    };
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(wrong("key", "0011-00000004"));
    }
    value.map(str::to_owned).ok_or_else(|| wrong("value", "0011-00000005"))
}

fn one_of(words: &[&str], name: &str, value: Option<&str>) -> Result<String, Error> {
    let value = value.unwrap_or_default();
    if words.contains(&value) {
        return Ok(value.to_owned());
    }
    let error = INVALID_ARGUMENT.because(format!("The value of {name} is invalid."));
    Err(error.with("ArgumentName", name).with("ArgumentValue", value))
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn of(headers: &[(&'static str, &str)]) -> Result<Description, Error> {
        let each = headers.iter().map(|(name, value)| {
            (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).expect("a value"))
        });
        Description::of(&each.collect())
    }

    #[test]
    fn what_belongs_to_the_object_is_kept_and_nothing_else() {
        let described = of(&[
            ("x-oss-meta-author", "me"),
            ("cache-control", "no-cache"),
            ("host", "example"),
            ("x-oss-date", "today"),
            ("content-type", "text/plain"),
        ]);
        let described = described.expect("all are allowed");
        let told: Vec<_> = described.told().collect();
        let told: Vec<_> = told.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            told,
            [("cache-control", "no-cache"), ("x-oss-meta-author", "me"), ("x-oss-storage-class", "Standard")]
        );
        assert_eq!(described.content_type, "text/plain");
    }

    #[test]
    fn what_the_vendor_does_not_take_is_refused_with_its_number() {
        let long = "x".repeat(METADATA_MAX);
        for (name, value, ec) in [
            ("x-oss-meta-my_key", "1", "0011-00000004"),
            ("x-oss-meta-", "1", "0011-00000004"),
            ("x-oss-meta-name", "é", "0011-00000005"),
            ("x-oss-meta-name", long.as_str(), "0011-00000002"),
            ("x-oss-storage-class", "Cheap", ""),
        ] {
            let error = of(&[(name, value)]).expect_err(name);
            assert_eq!((error.code.as_ref(), error.ec), ("InvalidArgument", ec), "{name}");
        }
        assert!(of(&[("x-oss-meta-a", &long[.."x-oss-meta-a".len() * 2])]).is_ok());
    }
}
