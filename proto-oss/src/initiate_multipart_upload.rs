//! `POST /<key>?uploads`: opens an upload in parts.
//!
//! With `sequential` the parts must come one after the other from 1, and none can be replaced; only then, and after
//! `PutObject`, a callback can be given the object's `${sha1}`. Each call opens another upload, and several of one key
//! may be open at once. The content's type and the headers that are kept with the object are said here, and whether an object may be overwritten.
//!
//! Success is HTTP 200 with `InitiateMultipartUploadResult` and its `UploadId`.
//!
//! Errors: `FileAlreadyExists` (409, only if overwriting is forbidden), `AccessDenied`, `NoSuchBucket`.

use alloc::borrow::ToOwned;
use alloc::string::String;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, Request, Response};
use resumable_core::Body;

use crate::error_reply::{incomplete, refused, text};
use crate::fault::{Fault, Refused};
use crate::limits::UPLOAD_ID_BYTES;
use crate::message::{Attributes, Draft, forbid_overwrite, ok};
use crate::object::Object;
use crate::op::Op;
use crate::sign::Signing;
use crate::xml::Element;

/// The request.
#[derive(Clone, Copy, Debug, Default)]
pub struct InitiateMultipartUpload<'a> {
    /// Parts come in order, and stay as they came.
    pub sequential: bool,
    /// What the object is to be.
    pub attributes: Attributes<'a>,
}

/// The vendor has opened an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its name.
    pub upload_id: String,
}

/// The request, signed and ready to be sent.
///
/// # Errors
/// When V4 is to be signed without a region.
pub fn encode(
    object: &Object,
    message: &InitiateMultipartUpload<'_>,
    signing: &Signing<'_>,
) -> Result<Request<Body>, Fault> {
    let both = [("sequential", String::new()), ("uploads", String::new())];
    let query = if message.sequential { &both[..] } else { &both[1..] };
    let mut headers = HeaderMap::new();
    if let Some(content_type) = message.attributes.content_type {
        headers.insert(CONTENT_TYPE, content_type.clone());
    }
    if let Some(kept) = message.attributes.headers {
        kept.add_described(&mut headers);
    }
    if message.attributes.forbid_overwrite {
        forbid_overwrite(&mut headers);
    }
    Draft { method: Method::POST, query, headers, body: Body::empty() }.sign(object, signing)
}

/// Reads the answer.
///
/// # Errors
/// For every answer that is no `InitiateMultipartUploadResult` with a usable `UploadId`.
pub fn decode(response: &Response<Bytes>) -> Result<Opened, Refused> {
    let op = Op::InitiateMultipartUpload;
    ok(op, response)?;
    let root = Element::read(&text(response)).filter(|root| root.name == "InitiateMultipartUploadResult");
    let root = root.ok_or_else(|| refused(op, response))?;
    let usable = |id: &&str| id.len() <= UPLOAD_ID_BYTES && id.bytes().all(|b| b.is_ascii_graphic());
    match root.field("UploadId").filter(usable) {
        Some(upload_id) => Ok(Opened { upload_id: upload_id.to_owned() }),
        None => Err(incomplete(op, "UploadId", response)),
    }
}
