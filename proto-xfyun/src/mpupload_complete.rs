//! `POST /file/mpupload/complete`: puts the file together.
//!
//! JSON with `request_id`, `app_id` and `upload_id`; there is no list of slices, so that the vendor cannot notice a
//! missing one. Success is `code` 0 with `data{url}`.
//!
//! Errors: 10005 the upload has expired, or was completed already; 10002 to 10004, 10006 and 10007 the vendor failed.

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;
use serde::Serialize;

use crate::app::App;
use crate::fault::Refused;
use crate::message::{RequestId, post_json};
use crate::op::Op;
use crate::reply;
use crate::sign::Signing;
use crate::upload::Stored;

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the vendor's names")]
pub(crate) struct Message<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) app_id: &'a str,
    pub(crate) upload_id: &'a str,
}

/// The request, signed and ready to be sent.
pub fn encode(app: &App, request_id: &RequestId, upload_id: &str, signing: &Signing<'_>) -> Request<Body> {
    let message = Message { request_id: request_id.as_str(), app_id: app.app_id(), upload_id };
    post_json(app, Op::MpuploadComplete, signing, &message)
}

/// Reads the answer.
///
/// # Errors
/// For every answer that is not `code` 0 with a `url`.
pub fn decode(response: &Response<Bytes>) -> Result<Stored, Refused> {
    Ok(Stored { url: reply::success(Op::MpuploadComplete, response)?.url()? })
}
