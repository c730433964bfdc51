//! How S3 speaks the part-number API.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::time::Duration;

use resumable_proto_multipart::dialect::{BareRefusals, Documents, Form, Sum};
use resumable_proto_multipart::{ChecksumKind, Dialect, Op};

use crate::addressing::region_of;
use crate::codes::CODES;

/// The metadata that keeps the random name of an upload with its object.
pub(crate) const UPLOAD_NAME: &str = "x-amz-meta-resumable-id";

const SUMS: &[Sum] = &[
    Sum {
        kind: ChecksumKind::Crc64Nvme,
        header: "x-amz-checksum-crc64nvme",
        element: "ChecksumCRC64NVME",
        whole: Some("ChecksumCRC64NVME"),
        form: Form::Base64,
    },
    Sum {
        kind: ChecksumKind::Crc32c,
        header: "x-amz-checksum-crc32c",
        element: "ChecksumCRC32C",
        whole: Some("ChecksumCRC32C"),
        form: Form::Base64,
    },
];

/// The dialect of services whose answers all have a request id.
pub(crate) static NAMED: Dialect = Dialect {
    vendor: "S3",
    create: Op::CreateMultipartUpload,
    codes: CODES,
    request_id: Some("x-amz-request-id"),
    bare_refusals: BareRefusals::ByStatus,
    bucket_region: Some("x-amz-bucket-region"),
    region_of: named_region,
    sums: SUMS,
    opaque_tags: &[
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-server-side-encryption-customer-algorithm", ""),
    ],
    upload_name: Some(UPLOAD_NAME),
    documents: Documents::Lax,
    // White space keeps the line alive while parts are put together, for minutes.
    completes_within: Duration::from_secs(900),
    upload_id_bytes: 1024,
};

/// The dialect of services that may leave the request id out.
pub(crate) static UNNAMED: Dialect = Dialect { request_id: None, ..NAMED };

/// The region in a host's name, whatever bucket stands in front of it.
fn named_region(host: &str) -> Option<String> {
    let host = host.split(':').next().unwrap_or_default();
    let shorter = host.match_indices('.').map(|(at, _)| &host[at + 1..]);
    core::iter::once(host).chain(shorter).find_map(region_of).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusals_endpoint_tells_the_region() {
        for (host, region) in [
            ("emubucket.s3.eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("my.bucket.s3-eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("s3.eu-west-1.amazonaws.com:443", Some("eu-west-1")),
            ("emubucket.example.com", None),
        ] {
            assert_eq!(named_region(host).as_deref(), region, "{host}");
        }
    }
}
