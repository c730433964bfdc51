//! `POST /file/upload`: the whole file in one request.
//!
//! A form with `app_id`, `cloud_id` (if one is configured), `data` (the file, with a name) and `request_id`, in the
//! order of the vendor's sample, which means nothing to the server. Success is `code` 0 with `data{url}`, the address
//! at which the file can be fetched.
//!
//! Errors: 10001 a parameter is wrong; 10002 to 10004 and 10006 the vendor failed. The vendor's public page says that
//! files of 30M and more go in slices; whether it refuses them here is not known.

use alloc::string::String;

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
#[derive(Clone, Copy, Debug)]
pub struct Upload<'a> {
    /// The request's own name.
    pub request_id: &'a RequestId,
    /// The file's length in bytes: so much of the source is sent, from its start.
    pub len: u64,
    /// How the part with the file describes itself; [`crate::FILE`] says nothing about it.
    pub file: FilePart<'a>,
    /// The digest of the whole body, if the caller has computed it; else that of nothing is sent.
    pub digest: Option<&'a BodyDigest>,
}

/// The file is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Where it can be fetched.
    pub url: String,
}

/// The request, signed and ready to be sent.
pub fn encode(app: &App, request: &Upload<'_>, signing: &Signing<'_>, boundary: &Boundary) -> Request<Body> {
    let mut form = boundary.form().text("app_id", app.app_id());
    if let Some(cloud_id) = app.cloud_id() {
        form = form.text("cloud_id", cloud_id);
    }
    let form = form.file("data", request.file, 0..request.len).text("request_id", request.request_id.as_str());
    post_form(app, Op::Upload, signing, boundary, form, request.digest)
}

/// Reads the answer.
///
/// # Errors
/// For every answer that is not `code` 0 with a `url`.
pub fn decode(response: &Response<Bytes>) -> Result<Stored, Refused> {
    Ok(Stored { url: reply::success(Op::Upload, response)?.url()? })
}
