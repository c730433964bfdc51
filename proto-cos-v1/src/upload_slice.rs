//! `op=upload_slice` with content: sends one slice. There is no call to finish: the slice that arrives last completes the
//! object.
//!
//! `POST` of a form with `op`, `session`, `offset`, `sha`, `filecontent`; multi-effect signature. `offset` is in bytes.
//! `sha` is the SHA-1 of *this slice*; the vendor's page says that it is not looked at yet, so the machine leaves it out.
//! The part with the content has no file name.
//!
//! Success is `code` 0 with `data{session, offset}`, where `offset` repeats the request's: it is not the next one. The
//! answer to the slice that completes the object also has `access_url`, `url` and `resource_path`.
//!
//! Errors of its own: -166, -288 the session is lost, or the object is complete already; -4018 the same file is there;
//! -4016 the SHA-1 is wrong.

use alloc::string::{String, ToString};

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;
use resumable_core::multipart_form::FilePart;
use resumable_proto_cos::message::{form, post_form};
use resumable_proto_cos::{Boundary, ObjectUrls, Sha, Signature, lenient, reply};
use serde::Deserialize;

use crate::Place;
use crate::fault::Refused;
use crate::op::Op;
use crate::upload_slice_init::complete;

/// The request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UploadSlice<'a> {
    /// The vendor's name for this upload; opaque, sent as it came.
    pub session: &'a str,
    /// Where the slice begins in the file, in bytes.
    pub offset: u64,
    /// The slice's length, in bytes. The request has it only as the length of `filecontent`.
    pub datalen: u64,
    /// SHA-1 of this slice.
    pub sha: Option<Sha>,
}

/// What the vendor answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SliceReply {
    /// The offset of the slice that is acknowledged, in bytes. May be missing only where there are addresses.
    pub offset: Option<u64>,
    /// The session, if the vendor said it.
    pub session: Option<String>,
    /// The addresses of the object, if it is complete now.
    pub urls: Option<ObjectUrls>,
}

/// The request, signed and ready to be sent.
pub fn encode(place: &Place, request: &UploadSlice<'_>, signature: &Signature, boundary: &Boundary) -> Request<Body> {
    let mut form =
        form(Op::Slice.name(), boundary).text("session", request.session).text("offset", request.offset.to_string());
    if let Some(sha) = request.sha {
        form = form.text("sha", sha.to_string());
    }
    let slice = request.offset..request.offset.saturating_add(request.datalen);
    post_form(place, signature, boundary, form.file("filecontent", FilePart::default(), slice))
}

/// Reads the answer. Whether it is about the slice that was sent is for the caller to say: another offset means that the
/// session cannot be relied on.
///
/// # Errors
/// For every answer that is not `code` 0 with an offset or an address of the object.
pub fn decode(response: &Response<Bytes>) -> Result<SliceReply, Refused> {
    let envelope = reply::read(Op::Slice, response)?;
    if envelope.code != 0 {
        return Err(envelope.refused());
    }
    let Data { offset, session } = envelope.data()?;
    let urls = complete(envelope.data()?);
    if offset.is_none() && urls.is_none() {
        return Err(envelope.incomplete("offset"));
    }
    Ok(SliceReply { offset, session, urls })
}

#[derive(Deserialize)]
struct Data {
    #[serde(default, deserialize_with = "lenient::number")]
    offset: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    session: Option<String>,
}

// A session is long, and says nothing.
impl core::fmt::Debug for UploadSlice<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("UploadSlice")
            .field("offset", &self.offset)
            .field("datalen", &self.datalen)
            .finish_non_exhaustive()
    }
}
