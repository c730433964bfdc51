//! What COS keeps of what the client says of an object beside its bytes: its type, the standard headers, its metadata
//! (`x-cos-meta-*`), its storage class, its encryption, and who may read it. With an upload in parts all of it comes with initiate.

use http::HeaderMap;

use super::error::{Error, INVALID_ARGUMENT, NOT_SUPPORTED_STORAGE_CLASS};
use crate::part_store::{Description, Headers, WrongHeader};

const STORAGE_CLASS: &str = "x-cos-storage-class";
const ACL: &str = "x-cos-acl";

const KEPT: Headers = Headers {
    metadata: "x-cos-meta-",
    metadata_max: 2048,
    is_key: |key| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'),
    words: &[
        (STORAGE_CLASS, &["STANDARD", "STANDARD_IA", "INTELLIGENT_TIERING", "ARCHIVE", "DEEP_ARCHIVE"]),
        (ACL, &["default", "private", "public-read"]),
    ],
    others: &["x-cos-server-side-encryption"],
};

/// What a request says of its object.
///
/// # Errors
/// A name, a value or a sum that the vendor does not take.
pub(super) fn of(headers: &HeaderMap) -> Result<Description, Error> {
    Description::of(headers, &KEPT).map_err(|why| match why {
        WrongHeader::MetadataTooLarge => INVALID_ARGUMENT.because("The metadata is longer than 2 KB."),
        WrongHeader::MetadataKey => {
            INVALID_ARGUMENT.because("A name of the metadata has other signs than letters, digits and hyphens.")
        }
        WrongHeader::MetadataValue => INVALID_ARGUMENT.because("A value of the metadata is not ASCII."),
        WrongHeader::Word(STORAGE_CLASS) => NOT_SUPPORTED_STORAGE_CLASS.error(),
        WrongHeader::Word(name) => INVALID_ARGUMENT.because(format!("The value of {name} is not valid.")),
    })
}

/// As the head of an answer tells it, all but the type. The usual storage class is not told.
pub(super) fn told(description: &Description) -> impl Iterator<Item = (String, String)> + '_ {
    let is_told = |name: &str, value: &str| name != ACL && (name != STORAGE_CLASS || value != "STANDARD");
    description.told().filter(move |(name, value)| is_told(name, value))
}

pub(super) fn storage_class(description: &Description) -> &str {
    description.get(STORAGE_CLASS).unwrap_or("STANDARD")
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
    fn what_belongs_to_the_object_is_told_and_nothing_else() {
        let said = described(&[
            ("x-cos-meta-author", "me"),
            ("x-cos-storage-class", "STANDARD_IA"),
            ("x-cos-acl", "private"),
            ("x-cos-sdk-retry", "true"),
            ("content-disposition", "attachment"),
        ]);
        let said = said.expect("all are allowed");
        let names: Vec<String> = told(&said).map(|(name, _)| name).collect();
        assert_eq!(names, ["content-disposition", "x-cos-meta-author", "x-cos-storage-class"]);
        assert_eq!(storage_class(&said), "STANDARD_IA");
        let usual = described(&[("x-cos-storage-class", "STANDARD")]).expect("it is allowed");
        assert_eq!((told(&usual).count(), storage_class(&usual)), (0, "STANDARD"));
    }

    #[test]
    fn what_the_vendor_does_not_take_is_refused() {
        let long = "x".repeat(2048);
        for (name, value, code) in [
            ("x-cos-meta-my_key", "1", "InvalidArgument"),
            ("x-cos-meta-", "1", "InvalidArgument"),
            ("x-cos-meta-name", "é", "InvalidArgument"),
            ("x-cos-meta-name", long.as_str(), "InvalidArgument"),
            ("x-cos-acl", "public", "InvalidArgument"),
            ("x-cos-storage-class", "MAZ_STANDARD", "NotSupportedStorageClass"),
        ] {
            assert_eq!(described(&[(name, value)]).expect_err(name).code, code, "{name}");
        }
    }
}
