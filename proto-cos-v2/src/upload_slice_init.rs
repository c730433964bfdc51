//! `op=upload_slice_init` (page 436/6067): opens a session, or completes the object at once.
//!
//! `POST` of a form with `op`, `sha`, `slice_size`, `filesize`, `uploadparts`, `biz_attr`, `insertOnly`, in the order of
//! the page's sample; multi-effect signature. Lengths are in bytes. `slice_size` is one of
//! [`crate::limits::PART_SIZES`]. `sha` makes the instant upload possible, and comes with `uploadparts`
//! ([`crate::uploadparts`]); once given here it must be given at every slice and at finish.
//!
//! Success is `code` 0 with `data{session, slice_size[, serial_upload]}`; the `slice_size` of the answer is the one to
//! use. Without a `session` and with the addresses of [`crate::upload`] the object is complete: nothing has to be sent.
//!
//! Ordinary refusals, all HTTP 409: -4019 the same content is not finished there (ask the list); -4020 other content is
//! not finished there; -177 another file is there; -4018 the same file is there. Errors of its own: -284 `slice_size` is
//! not allowed; -5965 `uploadparts` is no JSON; -4016 the SHA-1 is wrong.

use alloc::string::{String, ToString};

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;
use resumable_proto_cos::message::{form, post_form};
use resumable_proto_cos::{Boundary, ObjectUrls, Sha, Signature, lenient};
use serde::Deserialize;

use crate::Place;
use crate::fault::Refused;
use crate::op::Op;
use crate::reply::{self, Envelope};

/// The request.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadSliceInit {
    /// The file's length in bytes.
    pub filesize: u64,
    /// The length of a slice that the client would like, in bytes.
    pub slice_size: u64,
    /// SHA-1 of the file.
    pub sha: Option<Sha>,
    /// The chaining states, from [`crate::uploadparts::uploadparts`].
    pub uploadparts: Option<String>,
    /// Text that the vendor keeps with the object.
    pub biz_attr: Option<String>,
    /// True: refuse if another file is there (the vendor's default). False: overwrite it.
    pub insert_only: bool,
}

/// What the vendor answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InitReply {
    /// Send the slices.
    Opened {
        /// The vendor's name for this upload; opaque.
        session: String,
        /// The length of a slice to use, in bytes.
        slice_size: u64,
        /// True: one slice at a time, in order. `None`: the vendor did not say, which its SDKs take for "in parallel".
        serial_upload: Option<bool>,
    },
    /// The vendor had the content already (秒传): the object is complete.
    Complete(ObjectUrls),
    /// -4019: an upload of the same content to that path is not finished; the list tells its session.
    Unfinished,
    /// -4020: an upload of other content to that path is not finished.
    OtherUnfinished,
    /// -177: another file is at that path, and `insert_only` was set.
    Exists,
    /// -4018: the same file is there already.
    Same,
}

/// The request, signed and ready to be sent.
pub fn encode(place: &Place, request: &UploadSliceInit, signature: &Signature, boundary: &Boundary) -> Request<Body> {
    let mut form = form(Op::UploadSliceInit, boundary);
    if let Some(sha) = request.sha {
        form = form.text("sha", sha.to_string());
    }
    form = form.text("slice_size", request.slice_size.to_string());
    form = form.text("filesize", request.filesize.to_string());
    if let Some(uploadparts) = &request.uploadparts {
        form = form.text("uploadparts", uploadparts);
    }
    if let Some(biz_attr) = &request.biz_attr {
        form = form.text("biz_attr", biz_attr);
    }
    form = form.text("insertOnly", if request.insert_only { "1" } else { "0" });
    post_form(place, signature, boundary, form)
}

/// Reads the answer.
///
/// # Errors
/// For every answer that is neither `code` 0 with a session and a possible slice size or with an address of the object,
/// nor one of the other ordinary replies.
pub fn decode(response: &Response<Bytes>) -> Result<InitReply, Refused> {
    let envelope = reply::read(Op::UploadSliceInit, response)?;
    match envelope.code {
        0 => opened(&envelope),
        -4019 => Ok(InitReply::Unfinished),
        -4020 => Ok(InitReply::OtherUnfinished),
        -177 => Ok(InitReply::Exists),
        -4018 => Ok(InitReply::Same),
        _ => Err(envelope.refused()),
    }
}

#[derive(Deserialize)]
struct Data {
    #[serde(default, deserialize_with = "lenient::text")]
    session: Option<String>,
    #[serde(default, deserialize_with = "lenient::number")]
    slice_size: Option<u64>,
    #[serde(default, deserialize_with = "lenient::switch")]
    serial_upload: Option<bool>,
}

/// A session outweighs addresses: sending what was not needed does no harm, leaving out what was needed does.
fn opened(envelope: &Envelope) -> Result<InitReply, Refused> {
    let data: Data = envelope.data()?;
    let Some(session) = data.session else {
        let urls: ObjectUrls = envelope.data()?;
        return urls.if_any().map(InitReply::Complete).ok_or_else(|| envelope.incomplete("session"));
    };
    let slice_size = data.slice_size.ok_or_else(|| envelope.incomplete("slice_size"))?;
    Ok(InitReply::Opened {
        session: reply::checked_session(session)?,
        slice_size: reply::checked_slice_size(slice_size)?,
        serial_upload: data.serial_upload,
    })
}

// The chaining states of a large file are megabytes of text.
impl core::fmt::Debug for UploadSliceInit {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("UploadSliceInit")
            .field("filesize", &self.filesize)
            .field("slice_size", &self.slice_size)
            .field("sha", &self.sha)
            .field("uploadparts", &self.uploadparts.as_ref().map(String::len))
            .field("insert_only", &self.insert_only)
            .finish_non_exhaustive()
    }
}
