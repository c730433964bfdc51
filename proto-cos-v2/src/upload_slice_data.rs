//! `op=upload_slice_data`: sends one slice.
//!
//! `POST` of a form with `op`, `session`, `offset`, `filecontent`, in the order of the vendor's sample (whose body is
//! rebuilt byte for byte by this crate's tests), and `sha` before `filecontent` if it was given at init: the SHA-1 of
//! the whole file again, not the slice's. Multi-effect signature. `offset` is in bytes.
//!
//! Success is `code` 0 with `data{datalen, offset, session}`, which must repeat what was sent; the last slice, and the
//! only slice of a small file, may be shorter than `slice_size`.
//!
//! Errors of its own: -4016 the SHA-1 is wrong; -197, -166, -288 the session is lost. What the vendor answers for a
//! session that it does not know is not documented.

use alloc::string::{String, ToString};

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;
use resumable_core::multipart_form::FilePart;
use resumable_proto_cos::echo::echoed;
use resumable_proto_cos::message::{form, post_form};
use resumable_proto_cos::{Boundary, Sha, Signature, lenient};
use serde::Deserialize;

use crate::fault::{Fault, Refused};
use crate::op::Op;
use crate::{Place, reply};

/// The request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UploadSliceData<'a> {
    /// The vendor's name for this upload.
    pub session: &'a str,
    /// Where the slice begins in the file, in bytes.
    pub offset: u64,
    /// The slice's length, in bytes; the vendor's name for it in its answer. The request has it only as the length of
    /// `filecontent`.
    pub datalen: u64,
    /// SHA-1 of the whole file, if it was given at init.
    pub sha: Option<Sha>,
}

/// The vendor has stored the slice, and has said so with its offset and length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataReply {
    /// Where the slice begins in the file, in bytes.
    pub offset: u64,
    /// The slice's length, in bytes.
    pub datalen: u64,
    /// The session, if the vendor said it.
    pub session: Option<String>,
}

/// The request, signed and ready to be sent.
pub fn encode(
    place: &Place,
    request: &UploadSliceData<'_>,
    signature: &Signature,
    boundary: &Boundary,
) -> Request<Body> {
    let mut form =
        form(Op::UploadSliceData, boundary).text("session", request.session).text("offset", request.offset.to_string());
    if let Some(sha) = request.sha {
        form = form.text("sha", sha.to_string());
    }
    let slice = request.offset..request.offset.saturating_add(request.datalen);
    post_form(place, signature, boundary, form.file("filecontent", FilePart::default(), slice))
}

/// Reads the answer to the slice of `sent_datalen` bytes at `sent_offset`. Whether it names the right session is for
/// [`DataReply::check_session`].
///
/// # Errors
/// For every answer that is not `code` 0 with the request's own offset and length.
pub fn decode(sent_offset: u64, sent_datalen: u64, response: &Response<Bytes>) -> Result<DataReply, Refused> {
    let envelope = reply::read(Op::UploadSliceData, response)?;
    if envelope.code != 0 {
        return Err(envelope.refused());
    }
    let data: Data = envelope.data()?;
    let offset = data.offset.ok_or_else(|| envelope.incomplete("offset"))?;
    let datalen = data.datalen.ok_or_else(|| envelope.incomplete("datalen"))?;
    echoed("offset", &sent_offset.to_string(), &offset.to_string()).map_err(|echo| reply::wrong(echo.into()))?;
    echoed("datalen", &sent_datalen.to_string(), &datalen.to_string()).map_err(|echo| reply::wrong(echo.into()))?;
    Ok(DataReply { offset, datalen, session: data.session })
}

impl DataReply {
    /// Compares the session that the vendor said, if it did, with the one that was sent.
    ///
    /// # Errors
    /// [`Fault::WrongEcho`] when it is another one.
    pub fn check_session(&self, sent: &str) -> Result<(), Fault> {
        self.session.as_deref().map_or(Ok(()), |answered| Ok(echoed("session", sent, answered)?))
    }
}

#[derive(Deserialize)]
struct Data {
    #[serde(default, deserialize_with = "lenient::number")]
    offset: Option<u64>,
    #[serde(default, deserialize_with = "lenient::number")]
    datalen: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    session: Option<String>,
}

// A session is long, and says nothing.
impl core::fmt::Debug for UploadSliceData<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("UploadSliceData")
            .field("offset", &self.offset)
            .field("datalen", &self.datalen)
            .finish_non_exhaustive()
    }
}
