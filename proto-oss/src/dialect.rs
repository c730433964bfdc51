//! How OSS speaks the part-number API.

use core::time::Duration;
use resumable_proto_multipart::dialect::{BareRefusals, Dialect, Documents, Form, Sum};
use resumable_proto_multipart::{ChecksumKind, Op};

use crate::codes::CODES;
use crate::endpoint::region_of;

/// How OSS speaks: CRC-64s in decimal, refusals of HEAD in headers, every answer with a request id.
pub const DIALECT: Dialect = Dialect {
    vendor: "OSS",
    create: Op::InitiateMultipartUpload,
    codes: CODES,
    request_id: Some("x-oss-request-id"),
    bare_refusals: BareRefusals::InHeaders { document: "x-oss-err", code: "x-oss-ec" },
    bucket_region: None,
    region_of,
    sums: &[Sum {
        kind: ChecksumKind::Crc64,
        header: "x-oss-hash-crc64ecma",
        element: "HashCrc64ecma",
        whole: None,
        form: Form::Decimal,
    }],
    opaque_tags: &[],
    upload_name: None,
    documents: Documents::Strict,
    // A callback alone may take 5 s, and the vendor puts up to 48 TB together before it answers.
    completes_within: Duration::from_secs(300),
    upload_id_bytes: 256,
};
