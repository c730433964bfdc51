//! `op=delete`: deletes the object, or the unfinished upload, at a path.
//!
//! `POST` of `{"op":"delete"}` as `application/json` to the file URL: so the vendor's SDKs for Java, PHP and Python send
//! it. *Once-effect* signature ([`crate::sign::once_effect`]), bound to the file and good for this one call.
//!
//! Success is `code` 0; there is no `data`. -197 (HTTP 404) is an ordinary reply: there was nothing to delete.

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;
use resumable_proto_cos::Signature;
use resumable_proto_cos::message::post_json;

use crate::Place;
use crate::fault::Refused;
use crate::op::Op;
use crate::reply;

/// What the vendor answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeleteReply {
    /// It is deleted.
    Deleted,
    /// -197: there was nothing.
    Nothing,
}

/// The request, ready to be sent; `signature` is a once-effect one for this file.
pub fn encode(place: &Place, signature: &Signature) -> Request<Body> {
    post_json(place, signature, Op::Delete)
}

/// Reads the answer.
///
/// # Errors
/// For every answer that is neither `code` 0 nor -197 (or -166, by which older servers mean the same).
pub fn decode(response: &Response<Bytes>) -> Result<DeleteReply, Refused> {
    let envelope = reply::read(Op::Delete, response)?;
    match envelope.code {
        0 => Ok(DeleteReply::Deleted),
        -197 | -166 => Ok(DeleteReply::Nothing),
        _ => Err(envelope.refused()),
    }
}
