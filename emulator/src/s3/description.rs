//! What S3 keeps of what the client says of an object beside its bytes: its type, the standard headers, its metadata
//! (`x-amz-meta-*`), its storage class, who may read it, its tags, how it is encrypted (reference §3.1). With an upload in parts
//! it comes with initiate, and nothing of it can be changed later.

use http::HeaderMap;

use super::error::{Error, INVALID_ARGUMENT, INVALID_REQUEST, INVALID_STORAGE_CLASS, METADATA_TOO_LARGE};
use crate::part_store::{Description, Headers, WrongHeader};

const STORAGE_CLASS: &str = "x-amz-storage-class";
const METADATA: &str = "x-amz-meta-";
const ACL: &str = "x-amz-acl";
const ENCRYPTION: &str = "x-amz-server-side-encryption";
/// Of the client's own key; the key itself is kept nowhere.
const CUSTOMER_KEY: &str = "x-amz-server-side-encryption-customer-key-md5";
const CUSTOMER_ALGORITHM: &str = "x-amz-server-side-encryption-customer-algorithm";

const KEPT: Headers = Headers {
    metadata: METADATA,
    metadata_max: 2 * 1024,
    is_key: |key| !key.is_empty(),
    words: &[
        (
            STORAGE_CLASS,
            &[
                "STANDARD",
                "REDUCED_REDUNDANCY",
                "STANDARD_IA",
                "ONEZONE_IA",
                "INTELLIGENT_TIERING",
                "GLACIER",
                "DEEP_ARCHIVE",
                "GLACIER_IR",
            ],
        ),
        (
            ACL,
            &[
                "private",
                "public-read",
                "public-read-write",
                "authenticated-read",
                "aws-exec-read",
                "bucket-owner-read",
                "bucket-owner-full-control",
            ],
        ),
        (ENCRYPTION, &["AES256", "aws:kms", "aws:kms:dsse"]),
        (CUSTOMER_ALGORITHM, &["AES256"]),
    ],
    others: &["x-amz-tagging", "x-amz-server-side-encryption-aws-kms-key-id", CUSTOMER_KEY],
};
/// Kept, and told with every answer about the object.
const TOLD: [&str; 4] = [ENCRYPTION, "x-amz-server-side-encryption-aws-kms-key-id", CUSTOMER_ALGORITHM, CUSTOMER_KEY];

/// What a request says of its object.
///
/// # Errors
/// A name, a value or a sum that the vendor does not take.
pub(super) fn of(headers: &HeaderMap) -> Result<Description, Error> {
    let mut description = Description::of(headers, &KEPT).map_err(|why| match why {
        WrongHeader::MetadataTooLarge => {
            METADATA_TOO_LARGE.error().with("MaxSizeAllowed", KEPT.metadata_max.to_string())
        }
        WrongHeader::MetadataKey | WrongHeader::MetadataValue => {
            INVALID_ARGUMENT.because("The user metadata has a name or a value that is not allowed.")
        }
        WrongHeader::Word(STORAGE_CLASS) => INVALID_STORAGE_CLASS.error(),
        WrongHeader::Word(name) => {
            let value = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            INVALID_ARGUMENT.error().with("ArgumentName", name).with("ArgumentValue", value)
        }
    })?;
    // It says how the request was framed, and not what the object is.
    description.without_word("content-encoding", "aws-chunked");
    Ok(description)
}

/// As the head of an object's answer tells it, all but the type.
pub(super) fn told(description: &Description) -> Vec<(String, String)> {
    let is_told = |name: &str, value: &str| match name {
        "x-amz-tagging" | ACL => false,
        STORAGE_CLASS => value != "STANDARD",
        _ => true,
    };
    description.told().filter(|(name, value)| is_told(name, value)).collect()
}

/// How it is encrypted.
pub(super) fn encryption(description: &Description) -> Vec<(String, String)> {
    description.told().filter(|(name, _)| TOLD.contains(&name.as_str())).collect()
}

/// What lists say.
pub(super) fn storage_class(description: &Description) -> &str {
    description.get(STORAGE_CLASS).unwrap_or("STANDARD")
}

/// The key of the client's own has to be the one that the upload or the object was begun with.
pub(super) fn check_key(description: &Description, headers: &HeaderMap) -> Result<(), Error> {
    let shown = headers.get(CUSTOMER_KEY).and_then(|value| value.to_str().ok());
    if shown == description.get(CUSTOMER_KEY) {
        return Ok(());
    }
    Err(INVALID_REQUEST.because("The encryption parameters are not those that the object was begun with."))
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
    fn what_belongs_to_the_object_is_kept_and_told_but_for_what_others_have_to_ask() {
        let said = described(&[
            ("x-amz-meta-author_1", "me"),
            ("content-encoding", "aws-chunked,gzip"),
            ("x-amz-date", "today"),
            ("x-amz-acl", "private"),
            ("x-amz-tagging", "a=1"),
            ("x-amz-storage-class", "STANDARD"),
            ("content-type", "text/plain"),
        ]);
        let said = said.expect("all are allowed");
        let expected = [("content-encoding", "gzip"), ("x-amz-meta-author_1", "me")];
        assert_eq!(told(&said), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!((said.content_type.as_str(), said.get("x-amz-tagging")), ("text/plain", Some("a=1")));
    }

    #[test]
    fn what_the_vendor_does_not_take_is_refused() {
        let long = "x".repeat(KEPT.metadata_max);
        for (name, value, code) in [
            ("x-amz-meta-", "1", "InvalidArgument"),
            ("x-amz-meta-name", "é", "InvalidArgument"),
            ("x-amz-meta-name", long.as_str(), "MetadataTooLarge"),
            ("x-amz-storage-class", "Cheap", "InvalidStorageClass"),
            ("x-amz-acl", "nobody", "InvalidArgument"),
            ("x-amz-server-side-encryption", "rot13", "InvalidArgument"),
        ] {
            assert_eq!(described(&[(name, value)]).expect_err(name).code, code, "{name}");
        }
        assert!(described(&[("x-amz-meta-a", &long["x-amz-meta-a".len()..])]).is_ok());
    }
}
