//! `POST /file/mpupload/cancel`: gives an upload in slices up, and its slices with it.
//!
//! JSON with `request_id`, `app_id` and `upload_id`. Success is `code` 0 without data.
//!
//! Errors: 10005 there is no such upload: it has expired, was cancelled, or was completed.

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;

use crate::app::App;
use crate::fault::Refused;
use crate::message::{RequestId, post_json};
use crate::mpupload_complete::Message;
use crate::op::Op;
use crate::reply;
use crate::sign::Signing;

/// The upload is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

/// The request, signed and ready to be sent.
pub fn encode(app: &App, request_id: &RequestId, upload_id: &str, signing: &Signing<'_>) -> Request<Body> {
    let message = Message { request_id: request_id.as_str(), app_id: app.app_id(), upload_id };
    post_json(app, Op::MpuploadCancel, signing, &message)
}

/// Reads the answer.
///
/// # Errors
/// For every answer that is not `code` 0.
pub fn decode(response: &Response<Bytes>) -> Result<Cancelled, Refused> {
    reply::success(Op::MpuploadCancel, response).map(|_| Cancelled)
}
