//! `POST /<key>?uploads`: opens an upload in parts.
//!
//! Each call opens another upload, and several of one key may be open at once. What is to be kept with the object besides its
//! content is said here.
//!
//! Success is HTTP 200 with a document and its `UploadId`.

use alloc::borrow::ToOwned;
use alloc::string::String;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use resumable_core::Body;

use crate::dialect::Dialect;
use crate::error_reply::incomplete;
use crate::fault::{Fault, Refused};
use crate::message::document;
use crate::wire::{Draft, Said, Wire};

/// The vendor has opened an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its name.
    pub upload_id: String,
}

/// The request, signed and ready to be sent. `sequential`: parts come in order, and stay as they came (OSS).
///
/// # Errors
/// When it cannot be signed.
pub fn encode(sequential: bool, said: &Said<'_>, wire: &dyn Wire) -> Result<Request<Body>, Fault> {
    let both = [("sequential", String::new()), ("uploads", String::new())];
    let query = if sequential { &both[..] } else { &both[1..] };
    Draft { method: &Method::POST, query, body: &Body::empty(), sha256: None }.finish(wire, said, HeaderMap::new())
}

/// Reads the answer.
///
/// # Errors
/// For every answer that is no document with a usable `UploadId`.
pub fn decode(dialect: &Dialect, response: &Response<Bytes>) -> Result<Opened, Refused> {
    let op = dialect.create;
    let root = document(dialect, op, "InitiateMultipartUploadResult", response)?;
    let usable = |id: &&str| id.len() <= dialect.upload_id_bytes && id.bytes().all(|b| b.is_ascii_graphic());
    match root.field("UploadId").filter(usable) {
        Some(upload_id) => Ok(Opened { upload_id: upload_id.to_owned() }),
        None => Err(incomplete(dialect, op, "UploadId", response)),
    }
}
