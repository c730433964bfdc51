//! `POST /file/mpupload/init`: opens an upload in slices.
//!
//! JSON with `request_id`, `app_id` and `cloud_id` (if one is configured). Neither the file's name nor its size or a
//! hash is declared. Success is `code` 0 with `data{upload_id}`, the only key to the upload: nothing lists uploads, and
//! nothing lists slices.
//!
//! If the answer is lost, the upload that it named cannot be found again; another init opens another one.

use alloc::string::String;

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

/// An upload is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The vendor's name for it: 1 to 256 printable ASCII characters.
    pub upload_id: String,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the vendor's names")]
struct Message<'a> {
    request_id: &'a str,
    app_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cloud_id: Option<&'a str>,
}

/// The request, signed and ready to be sent.
pub fn encode(app: &App, request_id: &RequestId, signing: &Signing<'_>) -> Request<Body> {
    let message = Message { request_id: request_id.as_str(), app_id: app.app_id(), cloud_id: app.cloud_id() };
    post_json(app, Op::MpuploadInit, signing, &message)
}

/// Reads the answer.
///
/// # Errors
/// For every answer that is not `code` 0 with an `upload_id`.
pub fn decode(response: &Response<Bytes>) -> Result<Opened, Refused> {
    Ok(Opened { upload_id: reply::success(Op::MpuploadInit, response)?.upload_id()? })
}
