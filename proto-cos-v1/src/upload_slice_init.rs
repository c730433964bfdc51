//! `op=upload_slice` without content, the *init*: opens a session, tells how far a session is, or completes the object at
//! once.
//!
//! `POST` of a form with `op`, `sha`, `filesize`, `slice_size`, `biz_attr`, `session`, `insertOnly`; multi-effect
//! signature. Lengths are in bytes. `sha` is the SHA-1 of the whole file, and mandatory: by it and the path the vendor
//! knows an unfinished upload again, with or without `session`. `slice_size` and `insertOnly` are not on the vendor's
//! page; its SDKs send them.
//!
//! Success is `code` 0 with `data{session, offset, slice_size}`: send from `offset` on, in slices of `slice_size`. Or with
//! `data{access_url, url, resource_path[, source_url]}`: the object is complete, by an instant upload (秒传) or because the
//! last slice had arrived.
//!
//! Ordinary refusals, HTTP 400: -177 another file is there; -4018 the same file is there. Errors of its own: -166, -288
//! the session is lost. What the vendor answers for a session that it does not know is not documented.

use alloc::string::{String, ToString};

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;
use resumable_proto_cos::message::{form, post_form};
use resumable_proto_cos::reply::{self, Envelope};
use resumable_proto_cos::{Boundary, ObjectUrls, Sha, Signature, lenient};
use serde::Deserialize;

use crate::Place;
use crate::fault::{Fault, Refused};
use crate::limits::SLICE_SIZE_BELIEVED;
use crate::op::Op;

/// The request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UploadSliceInit<'a> {
    /// SHA-1 of the whole file.
    pub sha: Sha,
    /// The file's length in bytes.
    pub filesize: u64,
    /// The length of a slice that the client would like, in bytes.
    pub slice_size: Option<u64>,
    /// Text that the vendor keeps with the object.
    pub biz_attr: Option<&'a str>,
    /// The session of an earlier attempt; opaque, sent as it came.
    pub session: Option<&'a str>,
    /// True: refuse if another file is there. False: overwrite it.
    pub insert_only: Option<bool>,
}

/// What the vendor answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InitReply {
    /// Send the slices.
    Opened(Opened),
    /// The object is complete.
    Complete(ObjectUrls),
    /// -177: another file is at that path.
    Exists,
    /// -4018: the same file is there already.
    Same,
}

/// An open session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The vendor's name for this upload; opaque.
    pub session: String,
    /// Where to go on, in bytes.
    pub offset: u64,
    /// The length of a slice to use, in bytes; `None`: the vendor did not say.
    pub slice_size: Option<u64>,
    /// Addresses beside the session: if nothing is missing, the object is complete.
    pub urls: Option<ObjectUrls>,
}

/// The request, signed and ready to be sent.
pub fn encode(
    place: &Place,
    request: &UploadSliceInit<'_>,
    signature: &Signature,
    boundary: &Boundary,
) -> Request<Body> {
    let mut form = form(Op::Init.name(), boundary)
        .text("sha", request.sha.to_string())
        .text("filesize", request.filesize.to_string());
    if let Some(slice_size) = request.slice_size {
        form = form.text("slice_size", slice_size.to_string());
    }
    if let Some(biz_attr) = request.biz_attr {
        form = form.text("biz_attr", biz_attr);
    }
    if let Some(session) = request.session {
        form = form.text("session", session);
    }
    if let Some(insert_only) = request.insert_only {
        form = form.text("insertOnly", if insert_only { "1" } else { "0" });
    }
    post_form(place, signature, boundary, form)
}

/// Reads the answer. Whether `offset` is within the file is for the caller to say.
///
/// # Errors
/// For every answer that is neither `code` 0 with a session, an offset and a possible slice size or with an address of
/// the object, nor one of the other ordinary replies.
pub fn decode(response: &Response<Bytes>) -> Result<InitReply, Refused> {
    let envelope = reply::read(Op::Init, response)?;
    match envelope.code {
        0 => success(&envelope),
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
    offset: Option<u64>,
    #[serde(default, deserialize_with = "lenient::number")]
    slice_size: Option<u64>,
}

fn success(envelope: &Envelope<Op>) -> Result<InitReply, Refused> {
    let Data { session, offset, slice_size } = envelope.data()?;
    let urls = complete(envelope.data()?);
    let Some(session) = session else {
        return urls.map(InitReply::Complete).ok_or_else(|| envelope.incomplete("session"));
    };
    let session = checked_session(session)?;
    let offset = offset.ok_or_else(|| envelope.incomplete("offset"))?;
    let slice_size = slice_size.map(checked_slice_size).transpose()?;
    Ok(InitReply::Opened(Opened { session, offset, slice_size, urls }))
}

/// Addresses that say that the object is complete. The test is that of the vendor's SDKs: `resource_path` alone proves
/// nothing.
pub(crate) fn complete(urls: ObjectUrls) -> Option<ObjectUrls> {
    let complete = urls.access_url.is_some() || urls.url.is_some();
    if complete { urls.if_any() } else { None }
}

fn checked_slice_size(slice_size: u64) -> Result<u64, Refused> {
    let possible = (1..=SLICE_SIZE_BELIEVED).contains(&slice_size);
    if possible { Ok(slice_size) } else { Err(reply::wrong(Fault::BadSliceSize { slice_size })) }
}

fn checked_session(session: String) -> Result<String, Refused> {
    if reply::is_session(&session) { Ok(session) } else { Err(reply::wrong(Fault::BadSession { len: session.len() })) }
}

// A session is long, and says nothing.
impl core::fmt::Debug for UploadSliceInit<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("UploadSliceInit")
            .field("sha", &self.sha)
            .field("filesize", &self.filesize)
            .field("slice_size", &self.slice_size)
            .finish_non_exhaustive()
    }
}
