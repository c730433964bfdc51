//! `op=upload`, the same in both versions: the whole file in one request.
//!
//! `POST` of a form with `op`, `sha`, `biz_attr`, `insertOnly`, `filecontent`, to the file URL; multi-effect signature.
//! For files of at most 20 MB ([`crate::limits::ONE_REQUEST_BYTES`]). Success is `code` 0 with
//! `data{access_url, source_url, url, resource_path[, preview_url, vid]}`; `resource_path` has no fixed form.
//!
//! Repeating it with the same content is a success again (version 2), or -4018 (version 1). Errors of its own: -177
//! another file is there; -4016 `sha` and content differ; HTTP 413, or an HTML page, when the body is too large.

use alloc::string::{String, ToString};

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::multipart_form::FilePart;
use resumable_core::{Body, Rejection};

use crate::message::{Boundary, form, post_form};
use crate::object::ObjectUrls;
use crate::op::Op;
use crate::place::Place;
use crate::reply;
use crate::sha::Sha;
use crate::sign::Signature;

/// The request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The file's length in bytes: so much of the source is sent, from its start.
    pub filesize: u64,
    /// SHA-1 of the file, if the vendor is to check it.
    pub sha: Option<Sha>,
    /// Text that the vendor keeps with the object.
    pub biz_attr: Option<String>,
    /// True: refuse if another file is there (the vendor's default). False: overwrite it.
    pub insert_only: bool,
}

/// What the vendor answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadReply {
    /// The object is complete.
    Complete(ObjectUrls),
    /// -177: another file is at that path, and `insert_only` was set.
    Exists,
    /// -4018: the same file is there already.
    Same,
}

/// The request, signed and ready to be sent.
pub fn encode<V>(place: &Place<V>, request: &Upload, signature: &Signature, boundary: &Boundary) -> Request<Body> {
    let mut form = form("upload", boundary);
    if let Some(sha) = request.sha {
        form = form.text("sha", sha.to_string());
    }
    if let Some(biz_attr) = &request.biz_attr {
        form = form.text("biz_attr", biz_attr);
    }
    form = form.text("insertOnly", if request.insert_only { "1" } else { "0" });
    form = form.file("filecontent", FilePart::default(), 0..request.filesize);
    post_form(place, signature, boundary, form)
}

/// Reads the answer; `op` is the version's name for this call.
///
/// # Errors
/// For every answer that is neither `code` 0 with an address of the object, nor one of the other ordinary replies.
pub fn decode<O: Op>(op: O, response: &Response<Bytes>) -> Result<UploadReply, Rejection<O::Fault>> {
    let envelope = reply::read(op, response)?;
    match envelope.code {
        0 => Ok(UploadReply::Complete(envelope.complete(envelope.data()?)?)),
        -177 => Ok(UploadReply::Exists),
        -4018 => Ok(UploadReply::Same),
        _ => Err(envelope.refused()),
    }
}
