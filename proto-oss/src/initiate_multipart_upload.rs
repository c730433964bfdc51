//! `POST /<key>?uploads`: opens an upload in parts.
//!
//! With `sequential` the parts must come one after the other from 1, and none can be replaced; only then, and after
//! `PutObject`, a callback can be given the object's `${sha1}`. Each call opens another upload, and several of one key
//! may be open at once. The content's type and the headers that are kept with the object are said here, and whether an object may be overwritten.
//!
//! Success is HTTP 200 with `InitiateMultipartUploadResult` and its `UploadId`.
//!
//! Errors: `FileAlreadyExists` (409, only if overwriting is forbidden), `AccessDenied`, `NoSuchBucket`.

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;
use resumable_proto_multipart::initiate_multipart_upload as message;
pub use resumable_proto_multipart::initiate_multipart_upload::Opened;

use crate::dialect::DIALECT;
use crate::object::Object;
use crate::sign::Signing;
use crate::wire::Wire;
use crate::{Attributes, Fault, Op, Refused, Said};

/// The request.
#[derive(Clone, Copy, Debug, Default)]
pub struct InitiateMultipartUpload<'a> {
    /// Parts come in order, and stay as they came.
    pub sequential: bool,
    /// What the object is to be.
    pub attributes: Attributes<'a>,
}

/// The request, signed and ready to be sent.
///
/// # Errors
/// When V4 is to be signed without a region.
pub fn encode(
    object: &Object,
    upload: &InitiateMultipartUpload<'_>,
    signing: &Signing<'_>,
) -> Result<Request<Body>, Fault> {
    let Attributes { content_type, headers, forbid_overwrite } = upload.attributes;
    let said = Said { forbid_overwrite, ..Said::bare(Op::InitiateMultipartUpload) };
    let wire = Wire { content_type, headers, ..Wire::bare(object, *signing) };
    message::encode(upload.sequential, &said, &wire)
}

/// Reads the answer.
///
/// # Errors
/// For every answer that is no `InitiateMultipartUploadResult` with a usable `UploadId`.
pub fn decode(response: &Response<Bytes>) -> Result<Opened, Refused> {
    message::decode(&DIALECT, response)
}
