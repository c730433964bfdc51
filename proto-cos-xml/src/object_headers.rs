//! Which headers the vendor keeps with an object.

use resumable_proto_multipart::HeaderRules;

/// Headers that the vendor keeps with an object: metadata of the user's own (`x-cos-meta-*`), the standard headers, and the
/// vendor's own, such as `x-cos-storage-class`, `x-cos-acl` or `x-cos-tagging`. None at first.
pub type ObjectHeaders = resumable_proto_multipart::ObjectHeaders<Rules>;

/// What the vendor keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules;

impl HeaderRules for Rules {
    const METADATA: &'static str = "x-cos-meta-";
    const PREFIX: &'static str = "x-cos-";
    const OWN: &'static [&'static str] = &[
        "x-cos-callback",
        "x-cos-content-sha1",
        "x-cos-copy-",
        "x-cos-forbid-overwrite",
        "x-cos-hash-",
        "x-cos-request-id",
        "x-cos-sdk-retry",
        "x-cos-security-token",
        "x-cos-trace-id",
        "x-cos-traffic-limit",
        "x-cos-version-id",
    ];
    // Everything is said when an upload begins.
    const SAID_AT_THE_END: Option<&'static str> = None;
    // The vendor's pages give no number that was proven: what is more than a request's head holds is refused here.
    const METADATA_BYTES: usize = 8 << 10;
}
