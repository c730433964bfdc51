//! What S3 adds to each request: where it goes, what its headers say, and the signature.

use alloc::string::String;
use core::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE, IF_NONE_MATCH};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use resumable_core::{Body, Segment};
use resumable_proto_multipart::{ChecksumKind, Credential, Dialect, Draft, Fault, Op, Said, Wire};
use sha2::{Digest as _, Sha256};

use crate::dialect::UPLOAD_NAME;
use crate::object::Object;
use crate::options::Options;
use crate::sign::{CONTENT_SHA256, DATE, SECURITY_TOKEN, Signer, Subject, UNSIGNED_PAYLOAD, date};

const CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("x-amz-checksum-algorithm");
const CHECKSUM_TYPE: HeaderName = HeaderName::from_static("x-amz-checksum-type");
const CHECKSUM_MODE: HeaderName = HeaderName::from_static("x-amz-checksum-mode");
const OBJECT_SIZE: HeaderName = HeaderName::from_static("x-amz-mp-object-size");
/// The type of content of which nothing is known.
const OCTET_STREAM: HeaderValue = HeaderValue::from_static("application/octet-stream");
/// The sum is one of the whole content, not of the parts' sums.
const FULL_OBJECT: HeaderValue = HeaderValue::from_static("FULL_OBJECT");

/// One object, and who signs the requests about it now. `Debug` would show nothing that is not known, so there is none.
#[derive(Clone, Copy)]
pub struct S3Wire<'a> {
    /// Where the object is.
    pub object: &'a Object,
    /// What the service takes, and what the user wants.
    pub options: &'a Options,
    /// Who signs.
    pub credential: &'a Credential,
    /// Time since 1970-01-01 UTC by the vendor's clock, when the request leaves.
    pub now: Duration,
}

impl Wire for S3Wire<'_> {
    fn dialect(&self) -> &'static Dialect {
        self.options.dialect()
    }

    fn uri(&self, query: &[(&str, String)]) -> Uri {
        self.object.uri(query)
    }

    fn describe(&self, said: &Said<'_>, headers: &mut HeaderMap) {
        match said.op {
            Op::PutObject => {
                self.begin(said, headers);
                forbid_overwrite(said, headers);
            }
            Op::CreateMultipartUpload => {
                self.begin(said, headers);
                if let Some(kind) = said.checksum {
                    headers.insert(CHECKSUM_ALGORITHM, HeaderValue::from_static(algorithm(kind)));
                    headers.insert(CHECKSUM_TYPE, FULL_OBJECT);
                }
            }
            Op::CompleteMultipartUpload => {
                if let Some((sum, whole)) = said.whole.and_then(|it| self.dialect().sum(it.kind).zip(Some(it.value))) {
                    headers.insert(HeaderName::from_static(sum.header), ascii(&sum.write(whole)));
                    headers.insert(CHECKSUM_TYPE, FULL_OBJECT);
                }
                if self.options.preset.compares_length {
                    headers.insert(OBJECT_SIZE, said.len.into());
                }
                forbid_overwrite(said, headers);
            }
            Op::UploadPart => {
                headers.remove(CONTENT_TYPE);
            }
            Op::HeadObject if self.options.preset.checksum.is_some() => {
                headers.insert(CHECKSUM_MODE, HeaderValue::from_static("ENABLED"));
            }
            _ => {}
        }
    }

    fn sign(&self, draft: &Draft<'_>, headers: &mut HeaderMap) -> Result<(), Fault> {
        if let Some(token) = self.credential.token() {
            let mut token = ascii(token);
            token.set_sensitive(true);
            headers.insert(SECURITY_TOKEN, token);
        }
        let date = date(self.now);
        headers.insert(DATE, ascii(&date));
        headers.insert(CONTENT_SHA256, ascii(&payload(draft)));
        let uri = self.uri(draft.query);
        let region = self.object.region().unwrap_or(self.options.preset.region);
        let (access_key_id, secret) = (self.credential.access_key_id(), self.credential.secret());
        let signer = Signer { access_key_id, secret, region, date: &date };
        let authorization = signer.authorization(&Subject { method: draft.method, uri: &uri, headers });
        headers.insert(AUTHORIZATION, authorization.to_header_value());
        Ok(())
    }
}

impl S3Wire<'_> {
    /// What an object is to be besides its content.
    fn begin(&self, said: &Said<'_>, headers: &mut HeaderMap) {
        headers.insert(CONTENT_TYPE, self.options.content_type.clone().unwrap_or(OCTET_STREAM));
        self.options.headers.add_described(headers);
        if let Some(name) = said.name {
            headers.insert(HeaderName::from_static(UPLOAD_NAME), ascii(name));
        }
    }
}

fn forbid_overwrite(said: &Said<'_>, headers: &mut HeaderMap) {
    if said.forbid_overwrite {
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static("*"));
    }
}

fn algorithm(kind: ChecksumKind) -> &'static str {
    match kind {
        ChecksumKind::Crc32c => "CRC32C",
        _ => "CRC64NVME",
    }
}

/// What of the body is signed: the file's bytes only where they were read before.
fn payload(draft: &Draft<'_>) -> String {
    match (draft.sha256, own_bytes(draft.body)) {
        (Some(sha256), _) => hex::encode(sha256),
        (None, Some(sha256)) => sha256,
        (None, None) => UNSIGNED_PAYLOAD.into(),
    }
}

/// The SHA-256 of a body that has nothing of the file.
fn own_bytes(body: &Body) -> Option<String> {
    let mut hash = Sha256::new();
    for segment in body.segments() {
        match segment {
            Segment::Bytes(bytes) => hash.update(bytes),
            Segment::Source(_) => return None,
        }
    }
    Some(hex::encode(hash.finalize()))
}

fn ascii(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("what is signed is printable ASCII")
}
