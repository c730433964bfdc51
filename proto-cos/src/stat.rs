//! `op=stat`, the same in both versions: asks for the attributes of the object at a path.
//!
//! `GET` of the file URL with `?op=stat`, as the vendor's SDKs of both versions do; multi-effect signature.
//!
//! Success is `code` 0 with `data{sha, filesize, filelen, mtime, access_url, source_url, url, …}`, of which any may be missing;
//! numbers may be text (version 1 writes them so).
//! `filesize` is the file's length and `filelen` how much of it the vendor holds, both in bytes; `mtime` counts seconds
//! since 1970-01-01 UTC.
//! -197 (HTTP 404) is an ordinary reply: there is no file.

use alloc::string::String;
use core::time::Duration;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Request, Response, Uri};
use resumable_core::{Body, Rejection};
use serde::Deserialize;

use crate::lenient;
use crate::object::ObjectUrls;
use crate::op::Op;
use crate::place::Place;
use crate::reply::{self, Envelope};
use crate::sign::Signature;

/// What the vendor answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatReply {
    /// There is a file.
    Object(Stat),
    /// -197: there is none.
    Nothing,
}

/// The attributes of a file, as far as the vendor tells them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stat {
    /// SHA-1 in hexadecimal digits.
    pub sha: Option<String>,
    /// The file's length in bytes.
    pub filesize: Option<u64>,
    /// How much of it the vendor holds, in bytes.
    pub filelen: Option<u64>,
    /// When it was changed last: time since 1970-01-01 UTC.
    pub mtime: Option<Duration>,
    /// Its addresses.
    pub urls: ObjectUrls,
}

impl Stat {
    /// An unfinished upload may show as an object of which less is there than its length.
    pub fn is_whole(&self) -> bool {
        match (self.filelen, self.filesize) {
            (Some(have), Some(all)) => have >= all,
            _ => true,
        }
    }
}

/// The request, signed and ready to be sent.
pub fn encode<V>(place: &Place<V>, signature: &Signature) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = with_query(place.uri());
    request.headers_mut().insert(AUTHORIZATION, signature.to_header_value());
    request
}

fn with_query(file: &Uri) -> Uri {
    let url = format!("{file}?op=stat");
    url.parse().expect("a place leaves room for the query in its URL")
}

/// Reads the answer; `op` is the version's name for this call.
///
/// # Errors
/// For every answer that is neither `code` 0 with at least one of `sha`, `filesize`, `filelen` and an address, nor -197
/// (or -166, by which older servers mean the same).
pub fn decode<O: Op>(op: O, response: &Response<Bytes>) -> Result<StatReply, Rejection<O::Fault>> {
    let envelope = reply::read(op, response)?;
    match envelope.code {
        0 => object(&envelope),
        -197 | -166 => Ok(StatReply::Nothing),
        _ => Err(envelope.refused()),
    }
}

#[derive(Deserialize)]
struct Data {
    #[serde(default, deserialize_with = "lenient::text")]
    sha: Option<String>,
    #[serde(default, deserialize_with = "lenient::number")]
    filesize: Option<u64>,
    #[serde(default, deserialize_with = "lenient::number")]
    filelen: Option<u64>,
    #[serde(default, deserialize_with = "lenient::number")]
    mtime: Option<u64>,
}

fn object<O: Op>(envelope: &Envelope<O>) -> Result<StatReply, Rejection<O::Fault>> {
    let Data { sha, filesize, filelen, mtime } = envelope.data()?;
    let urls = envelope.data::<ObjectUrls>()?.if_any();
    if sha.is_none() && filesize.is_none() && filelen.is_none() && urls.is_none() {
        return Err(envelope.incomplete("sha"));
    }
    let mtime = mtime.filter(|mtime| *mtime > 0).map(Duration::from_secs);
    Ok(StatReply::Object(Stat { sha, filesize, filelen, mtime, urls: urls.unwrap_or_default() }))
}
