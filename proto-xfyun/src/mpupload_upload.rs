//! `POST /file/mpupload/upload`: sends one slice.
//!
//! A form with `data` (the slice, with a name), `app_id`, `request_id`, `upload_id` and `slice_id`, in the order of the
//! vendor's Python demo; the order means nothing to the server. `slice_id` is a decimal number that counts from 1: 0 is
//! refused as "must not be empty". There is neither an offset nor a checksum: the vendor puts the slices together in
//! the order of their ids.
//!
//! Success is `code` 0 and nothing else: no length, no `ETag`. The vendor cannot be asked which slices it has, so that
//! only who sent them knows.
//!
//! Errors: 10001 a parameter is wrong; 10005 the upload has expired; 10002 to 10004 and 10006 the vendor failed.

use alloc::string::ToString;
use core::ops::Range;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;
use resumable_core::multipart_form::FilePart;

use crate::app::App;
use crate::fault::Refused;
use crate::message::{Boundary, RequestId, post_form};
use crate::op::Op;
use crate::reply;
use crate::sign::{BodyDigest, Signing};

/// The request.
#[derive(Clone, Debug)]
pub struct Slice<'a> {
    /// The request's own name.
    pub request_id: &'a RequestId,
    /// The vendor's name for the upload.
    pub upload_id: &'a str,
    /// The slice's number, from 1.
    pub slice_id: u64,
    /// The slice's bytes in the source.
    pub bytes: Range<u64>,
    /// How the part with the slice describes itself; [`crate::FILE`] says nothing about it.
    pub file: FilePart<'a>,
    /// The digest of the whole body, if the caller has computed it; else that of nothing is sent.
    pub digest: Option<&'a BodyDigest>,
}

/// The vendor has stored the slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledged;

/// The request, signed and ready to be sent.
pub fn encode(app: &App, slice: &Slice<'_>, signing: &Signing<'_>, boundary: &Boundary) -> Request<Body> {
    let form = boundary.form().file("data", slice.file, slice.bytes.clone()).text("app_id", app.app_id());
    let form = form.text("request_id", slice.request_id.as_str()).text("upload_id", slice.upload_id);
    let form = form.text("slice_id", slice.slice_id.to_string());
    post_form(app, Op::MpuploadUpload, signing, boundary, form, slice.digest)
}

/// Reads the answer.
///
/// # Errors
/// For every answer that is not `code` 0.
pub fn decode(response: &Response<Bytes>) -> Result<Acknowledged, Refused> {
    reply::success(Op::MpuploadUpload, response).map(|_| Acknowledged)
}
