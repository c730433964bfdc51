//! What this API says in its own way.

use alloc::string::String;
use core::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use resumable_proto_multipart::dialect::{BareRefusals, Documents, Form, Sum};
use resumable_proto_multipart::{ChecksumKind, Dialect, Draft, Fault, Op, Said, Wire};

use crate::codes::CODES;
use crate::object::Object;
use crate::options::Options;
use crate::region::VendorHost;
use crate::sign::Signing;

const FORBID_OVERWRITE: HeaderName = HeaderName::from_static("x-cos-forbid-overwrite");
const TRAFFIC_LIMIT: HeaderName = HeaderName::from_static("x-cos-traffic-limit");

/// What each of the vendor's answers has.
pub(crate) const REQUEST_ID: &str = "x-cos-request-id";

/// How the vendor speaks.
pub static DIALECT: Dialect = Dialect {
    vendor: "COS",
    create: Op::InitiateMultipartUpload,
    codes: CODES,
    request_id: Some(REQUEST_ID),
    bare_refusals: BareRefusals::ByStatus,
    bucket_region: None,
    region_of: |host| VendorHost::read(host)?.region().map(|region| region.as_str().into()),
    // No element holds it: the list has tags alone.
    sums: &[Sum {
        kind: ChecksumKind::Crc64,
        header: "x-cos-hash-crc64ecma",
        element: "HashCrc64ecma",
        whole: None,
        form: Form::Decimal,
    }],
    // With keys of the vendor's or of one's own a tag is no MD5.
    opaque_tags: &[
        ("x-cos-server-side-encryption", "cos/kms"),
        ("x-cos-server-side-encryption-customer-algorithm", ""),
    ],
    upload_name: None,
    documents: Documents::Strict,
    // The vendor's own libraries wait that long.
    completes_within: Duration::from_secs(1200),
    upload_id_bytes: 256,
};

/// One object, and who signs for it now.
pub(crate) struct CosWire<'a> {
    pub(crate) object: &'a Object,
    pub(crate) options: &'a Options,
    pub(crate) signing: Signing<'a>,
    /// Requests go to the backup domain.
    pub(crate) backup: bool,
}

impl Wire for CosWire<'_> {
    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    fn uri(&self, query: &[(&str, String)]) -> Uri {
        self.object.place(self.backup).uri(query)
    }

    fn describe(&self, said: &Said<'_>, headers: &mut HeaderMap) {
        let Options { content_type, headers: kept, traffic_limit, .. } = self.options;
        let unknown = || HeaderValue::from_static("application/octet-stream");
        let content_type = match said.op {
            Op::PutObject => Some(content_type.clone().unwrap_or_else(unknown)),
            Op::InitiateMultipartUpload => content_type.clone(),
            _ => None,
        };
        headers.extend(content_type.map(|kind| (CONTENT_TYPE, kind)));
        if matches!(said.op, Op::PutObject | Op::InitiateMultipartUpload) {
            kept.add_described(headers);
        }
        if matches!(said.op, Op::PutObject | Op::UploadPart) {
            let bits = traffic_limit.map(|bytes| HeaderValue::from(bytes.saturating_mul(8)));
            headers.extend(bits.map(|bits| (TRAFFIC_LIMIT, bits)));
        }
        let makes = matches!(said.op, Op::PutObject | Op::InitiateMultipartUpload | Op::CompleteMultipartUpload);
        if said.forbid_overwrite && makes {
            headers.insert(FORBID_OVERWRITE, HeaderValue::from_static("true"));
        }
    }

    fn sign(&self, draft: &Draft<'_>, headers: &mut HeaderMap) -> Result<(), Fault> {
        let has_body = [Method::PUT, Method::POST].contains(draft.method);
        let len = has_body.then(|| draft.body.len());
        let (host, path) = (self.object.place(self.backup).host.as_str(), self.object.path());
        self.signing.sign((draft.method, host, path), draft.query, len, headers);
        Ok(())
    }
}
