//! `POST /<key>?uploadId=U`: puts the object together, of the parts that are named, in ascending order.
//!
//! Without a callback, success is HTTP 200 with `CompleteMultipartUploadResult`. With one it is HTTP 200 with the
//! answer of the callback's server, byte for byte, in place of the XML. Either way `x-oss-hash-crc64ecma` is that of the
//! whole object. HTTP 203 means that the object is stored, but its callback failed. The upload is then gone, and so it is
//! after a success: the same call again is answered with `NoSuchUpload`.
//!
//! Errors: `NoSuchUpload` (404), `InvalidPart` (400, a part is not there or has another tag), `PartNotSequential` (400),
//! `EntityTooSmall` (400, a part but the last is below 100 KiB), `InvalidPartOrder`, `MalformedXML` (400, no parts),
//! `FileAlreadyExists` (409, only if overwriting is forbidden).

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;
use resumable_proto_multipart::complete_multipart_upload as message;
pub use resumable_proto_multipart::complete_multipart_upload::{Completed, document};

use crate::callback::Callback;
use crate::dialect::DIALECT;
use crate::object::Object;
use crate::object_headers::ObjectHeaders;
use crate::sign::Signing;
use crate::stage::success;
use crate::wire::Wire;
use crate::{Etag, Fault, Op, Refused, Said};

/// The request.
#[derive(Clone, Debug)]
pub struct CompleteMultipartUpload<'a> {
    /// The vendor's name for the upload.
    pub upload_id: &'a str,
    /// Every part's number and tag, ascending.
    pub parts: &'a [(u32, &'a Etag)],
    /// What to call then.
    pub callback: Option<&'a Callback>,
    /// What is kept with the object: of this the ACL is sent.
    pub headers: Option<&'a ObjectHeaders>,
    /// The vendor refuses to overwrite an object that is there already.
    pub forbid_overwrite: bool,
}

/// The request, signed and ready to be sent.
///
/// # Errors
/// When V4 is to be signed without a region.
pub fn encode(
    object: &Object,
    complete: &CompleteMultipartUpload<'_>,
    signing: &Signing<'_>,
) -> Result<Request<Body>, Fault> {
    let CompleteMultipartUpload { upload_id, parts, callback, headers, forbid_overwrite } = *complete;
    let said = Said { forbid_overwrite, ..Said::bare(Op::CompleteMultipartUpload) };
    let wire = Wire { callback, headers, ..Wire::bare(object, *signing) };
    message::encode(upload_id, parts, &said, &wire)
}

/// Reads the answer; `called` says whether the request had a callback.
///
/// # Errors
/// For every answer that is no success.
pub fn decode(called: bool, response: &Response<Bytes>) -> Result<Completed, Refused> {
    message::decode(&DIALECT, success(called), response)
}
