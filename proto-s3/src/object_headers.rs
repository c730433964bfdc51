//! Which headers S3 keeps with an object.

use resumable_proto_multipart::HeaderRules;

/// S3's rules: metadata of the user's own (`x-amz-meta-*`), and the vendor's own headers, such as `x-amz-storage-class`,
/// `x-amz-acl`, `x-amz-tagging` or `x-amz-server-side-encryption`. Keys of customers (SSE-C) are not among them: they are
/// secrets, and each call would have to send them.
#[derive(Clone, Copy, Debug)]
pub enum Rules {}

impl HeaderRules for Rules {
    const METADATA: &'static str = "x-amz-meta-";
    const PREFIX: &'static str = "x-amz-";
    const OWN: &'static [&'static str] = &[
        "x-amz-bucket-region",
        "x-amz-checksum-",
        "x-amz-content-sha256",
        "x-amz-copy-",
        "x-amz-date",
        "x-amz-decoded-content-length",
        "x-amz-id-2",
        "x-amz-mp-object-size",
        "x-amz-request-id",
        "x-amz-sdk-",
        "x-amz-security-token",
        "x-amz-server-side-encryption-customer-",
        "x-amz-trailer",
        "x-amz-version-id",
        "x-amz-write-offset-bytes",
    ];
    const SAID_AT_THE_END: Option<&'static str> = None;
    const METADATA_BYTES: usize = 2 << 10;
}

/// Headers that S3 keeps with an object.
pub type ObjectHeaders = resumable_proto_multipart::ObjectHeaders<Rules>;
