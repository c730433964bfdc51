//! `HEAD /<key>`: asks what is at a key.
//!
//! Success is HTTP 200 with `Content-Length`, `ETag`, the vendor's request id, and perhaps a sum; without the others it is any
//! proxy's page, whose length says nothing of an object. HTTP 404 with `NoSuchKey`, or without any code, means that there is
//! no object. There is no body: some vendors say in headers what a refusal means, others only by its status
//! ([`BareRefusals`]).

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::{String, ToString as _};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, LAST_MODIFIED};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use resumable_core::calendar::parse_gmt_date;
use resumable_core::{Advice, Body, Found, Rejection, Told};

use crate::checksum::Checksum;
use crate::codes::Class;
use crate::dialect::{BareRefusals, Dialect};
use crate::error_reply::{ErrorReply, header, incomplete, is_vendors, refused};
use crate::etag::Etag;
use crate::fault::{Fault, Refused};
use crate::message::{checksum, etag, ok};
use crate::op::Op;
use crate::wire::{Draft, Said, Wire};

/// What is at the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtKey {
    /// Nothing.
    Nothing,
    /// An object.
    Object(Head),
    /// Nobody knows: the vendor says 403 where the keys may not see that nothing is there, too.
    Hidden(Box<Fault>),
}

/// An object, as far as its head tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its length in bytes.
    pub size: u64,
    /// Its tag.
    pub etag: Option<Etag>,
    /// Its sum, if the vendor says it.
    pub checksum: Option<Checksum>,
    /// The name of the upload that made it, if that gave it one.
    pub name: Option<String>,
}

/// The request, signed and ready to be sent.
///
/// # Errors
/// When it cannot be signed.
pub fn encode(said: &Said<'_>, wire: &dyn Wire) -> Result<Request<Body>, Fault> {
    let draft = Draft { method: &Method::HEAD, query: &[], body: &Body::empty(), sha256: None };
    draft.finish(wire, said, HeaderMap::new())
}

/// Reads the answer.
///
/// # Errors
/// For every answer that tells neither of an object nor of none. Without a request id of the vendor's, a 404 may be any
/// proxy's.
pub fn decode(dialect: &Dialect, response: &Response<Bytes>) -> Result<AtKey, Refused> {
    let op = Op::HeadObject;
    let error = || ErrorReply::read(dialect, response);
    if response.status() == StatusCode::NOT_FOUND {
        let absent = match error().as_ref().and_then(|error| error.code.as_ref().map(|_| error.class())) {
            Some(class) => class == Some(Class::NoSuchKey),
            None => is_vendors(dialect, response),
        };
        return if absent { Ok(AtKey::Nothing) } else { Err(refused(dialect, op, response)) };
    }
    let bare = dialect.bare_refusals == BareRefusals::ByStatus && is_vendors(dialect, response);
    if response.status() == StatusCode::FORBIDDEN && bare && error().is_none() {
        return Ok(AtKey::Hidden(Box::new(refused(dialect, op, response).fault)));
    }
    ok(dialect, op, response)?;
    let size = header(response, CONTENT_LENGTH.as_str()).and_then(|len| len.trim().parse().ok());
    let size = size.ok_or_else(|| incomplete(dialect, op, "Content-Length", response))?;
    let etag = etag(response).ok_or_else(|| incomplete(dialect, op, "ETag", response))?;
    if !is_vendors(dialect, response) {
        return Err(incomplete(dialect, op, dialect.request_id.unwrap_or_default(), response));
    }
    let name = dialect.upload_name.and_then(|name| header(response, name)).map(ToOwned::to_owned);
    Ok(AtKey::Object(Head { size, etag: Some(etag), checksum: checksum(dialect, response), name }))
}

/// What a look at a key tells: the answer to a [`Lookup`](resumable_core::Lookup).
///
/// # Errors
/// As with [`decode`], and where nobody may know what is there.
pub fn told<Q>(dialect: &Dialect, url: &str, key: &str, response: &Response<Bytes>) -> Result<Told<Q>, Refused> {
    let head = match decode(dialect, response)? {
        AtKey::Nothing => return Ok(Told::Nothing),
        AtKey::Hidden(fault) => return Err(Rejection { fault: *fault, advice: Advice::Fatal }),
        AtKey::Object(head) => head,
    };
    let mut found = Found::default();
    found.len = Some(head.size);
    found.digests.extend(head.checksum.map(Checksum::digest));
    found.url = Some(url.to_owned());
    found.modified = header(response, LAST_MODIFIED.as_str()).and_then(parse_gmt_date);
    found.name = Some(key.to_owned());
    found.rows.extend(head.etag.map(|etag| ("etag".to_owned(), etag.to_string())));
    Ok(Told::Found(found))
}
