//! What an object is to be besides its content and its type: headers that OSS keeps with it.

use resumable_proto_multipart::HeaderRules;
pub use resumable_proto_multipart::InvalidHeader;

/// What OSS keeps: `x-oss-meta-*` of the user's own, and the vendor's own, such as `x-oss-storage-class`, `x-oss-object-acl`
/// or `x-oss-tagging`. The ACL of an upload in parts is said when it ends.
#[derive(Clone, Copy, Debug)]
pub enum OssHeaders {}

/// Headers that OSS keeps with an object.
pub type ObjectHeaders = resumable_proto_multipart::ObjectHeaders<OssHeaders>;

impl HeaderRules for OssHeaders {
    const METADATA: &'static str = "x-oss-meta-";
    const PREFIX: &'static str = "x-oss-";
    const OWN: &'static [&'static str] = &[
        "x-oss-callback",
        "x-oss-complete-all",
        "x-oss-content-sha256",
        "x-oss-copy-",
        "x-oss-date",
        "x-oss-forbid-overwrite",
        "x-oss-hash-crc64ecma",
        "x-oss-process",
        "x-oss-security-token",
    ];
    const SAID_AT_THE_END: Option<&'static str> = Some("x-oss-object-acl");
    const METADATA_BYTES: usize = 8 << 10;
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use http::HeaderMap;

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
        kept.add_at_the_end(&mut sent);
        assert_eq!(sent.len(), 2);
    }

    #[test]
    fn the_acl_is_sent_with_what_makes_the_object() {
        let kept = header("x-oss-object-acl", "private").unwrap();
        let (mut begin, mut end) = (HeaderMap::new(), HeaderMap::new());
        kept.add_described(&mut begin);
        kept.add_at_the_end(&mut end);
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
        let most = OssHeaders::METADATA_BYTES - "x-oss-meta-a".len();
        assert!(metadata("a", &"x".repeat(most)).is_ok());
        assert_eq!(metadata("a", &"x".repeat(most + 1)), Err(InvalidHeader::MetadataTooLong { most: 8 << 10 }));
        let twice = metadata("a", &"x".repeat(most)).unwrap().metadata("A", "1").unwrap();
        assert_eq!(twice, metadata("a", "1").unwrap());
    }
}
