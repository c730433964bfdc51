//! `op=upload_slice_finish`: completes the object.
//!
//! `POST` of a form with `op`, `session`, `filesize` (in bytes), and `sha` if it was given at init; multi-effect
//! signature. Success is `code` 0 with the `data` of [`crate::upload`].
//!
//! Slices that are missing are answered with -175 (HTTP 400) or -4019; which of the two is not documented, nor whether
//! both occur. Errors of its own: -29094 `sha` is missing; -4016 it is wrong; -197, -166, -288 the session is lost.

use alloc::string::ToString;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;
use resumable_proto_cos::message::{form, post_form};
use resumable_proto_cos::{Boundary, ObjectUrls, Sha, Signature};

use crate::fault::Refused;
use crate::op::Op;
use crate::{Place, reply};

/// The request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UploadSliceFinish<'a> {
    /// The vendor's name for this upload.
    pub session: &'a str,
    /// The file's length in bytes, as at init.
    pub filesize: u64,
    /// SHA-1 of the file, if it was given at init.
    pub sha: Option<Sha>,
}

/// What the vendor answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FinishReply {
    /// The object is complete.
    Complete(ObjectUrls),
    /// -175 or -4019: the vendor misses slices; the list tells which.
    SlicesMissing,
    /// -177: another file is at that path.
    Exists,
    /// -4018: the same file is there already.
    Same,
}

/// The request, signed and ready to be sent.
pub fn encode(
    place: &Place,
    request: &UploadSliceFinish<'_>,
    signature: &Signature,
    boundary: &Boundary,
) -> Request<Body> {
    let mut form = form(Op::UploadSliceFinish, boundary)
        .text("session", request.session)
        .text("filesize", request.filesize.to_string());
    if let Some(sha) = request.sha {
        form = form.text("sha", sha.to_string());
    }
    post_form(place, signature, boundary, form)
}

/// Reads the answer.
///
/// # Errors
/// For every answer that is neither `code` 0 with an address of the object, nor one of the other ordinary replies.
pub fn decode(response: &Response<Bytes>) -> Result<FinishReply, Refused> {
    let envelope = reply::read(Op::UploadSliceFinish, response)?;
    match envelope.code {
        0 => Ok(FinishReply::Complete(envelope.complete(envelope.data()?)?)),
        -175 | -4019 => Ok(FinishReply::SlicesMissing),
        -177 => Ok(FinishReply::Exists),
        -4018 => Ok(FinishReply::Same),
        _ => Err(envelope.refused()),
    }
}

// A session is long, and says nothing.
impl core::fmt::Debug for UploadSliceFinish<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("UploadSliceFinish")
            .field("filesize", &self.filesize)
            .field("sha", &self.sha)
            .finish_non_exhaustive()
    }
}
