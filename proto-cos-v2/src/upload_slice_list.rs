//! `op=upload_slice_list`: asks which slices have arrived.
//!
//! `POST` of a form with `op` alone (the vendor's sample has no session; its body is rebuilt byte for byte by this
//! crate's tests); multi-effect signature.
//!
//! Success is `code` 0 with one of
//! * `data{filesize, listparts:[{datalen, offset}…], session, slice_size[, sha]}`: not finished. Lengths and offsets are
//!   in bytes. The page calls `listparts` a String and shows an array; both are read. `sha` has a suffix after `_`,
//!   which is cut. `filesize` stands in the page's sample, but not in its table. Whether slices may be sent in parallel
//!   is not said here: a client that resumes sends them one at a time.
//! * `data{access_url, source_url, url, resource_path[, preview_url]}` without a session: finished.
//!
//! -197 (HTTP 404) is an ordinary reply: there is neither an upload nor a file.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;
use resumable_proto_cos::message::{form, post_form};
use resumable_proto_cos::{Boundary, ObjectUrls, Signature, lenient};
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::Place;
use crate::fault::{Fault, Refused};
use crate::op::Op;
use crate::reply::{self, Envelope};

/// What the vendor answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListReply {
    /// An upload is not finished.
    Unfinished {
        /// The vendor's name for it; opaque.
        session: String,
        /// The length of a slice to use, in bytes; it may differ from what the client would like.
        slice_size: u64,
        /// The file's length as it was given at init, in bytes, if the vendor says.
        filesize: Option<u64>,
        /// The slices that have arrived, in the vendor's order; they may overlap, and need not begin at multiples of
        /// `slice_size`. None is empty, none reaches beyond `filesize`.
        listparts: Vec<ListPart>,
        /// SHA-1 of the file as it was given at init, if the vendor says.
        sha: Option<String>,
    },
    /// The object is complete.
    Finished(ObjectUrls),
    /// -197: there is neither an upload nor a file at that path.
    Nothing,
}

/// A slice that has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListPart {
    /// Where it begins in the file, in bytes.
    pub offset: u64,
    /// Its length in bytes.
    pub datalen: u64,
}

/// The request, signed and ready to be sent.
pub fn encode(place: &Place, signature: &Signature, boundary: &Boundary) -> Request<Body> {
    post_form(place, signature, boundary, form(Op::UploadSliceList, boundary))
}

/// Reads the answer.
///
/// # Errors
/// For every answer that is neither `code` 0 with a session, a possible slice size and possible slices or with an
/// address of the object, nor -197 (or -166, by which older servers mean the same).
pub fn decode(response: &Response<Bytes>) -> Result<ListReply, Refused> {
    let envelope = reply::read(Op::UploadSliceList, response)?;
    match envelope.code {
        0 => listed(&envelope),
        -197 | -166 => Ok(ListReply::Nothing),
        _ => Err(envelope.refused()),
    }
}

#[derive(Deserialize)]
struct Data {
    #[serde(default, deserialize_with = "lenient::text")]
    session: Option<String>,
    #[serde(default, deserialize_with = "lenient::number")]
    slice_size: Option<u64>,
    #[serde(default, deserialize_with = "lenient::number")]
    filesize: Option<u64>,
    #[serde(default)]
    listparts: Parts,
    #[serde(default, deserialize_with = "lenient::text")]
    sha: Option<String>,
}

fn listed(envelope: &Envelope) -> Result<ListReply, Refused> {
    let data: Data = envelope.data()?;
    let Some(session) = data.session else {
        let urls: ObjectUrls = envelope.data()?;
        return urls.if_any().map(ListReply::Finished).ok_or_else(|| envelope.incomplete("session"));
    };
    let slice_size = data.slice_size.ok_or_else(|| envelope.incomplete("slice_size"))?;
    let listparts = data.listparts.checked(data.filesize).map_err(|why| reply::wrong(Fault::BadList { why }))?;
    Ok(ListReply::Unfinished {
        session: reply::checked_session(session)?,
        slice_size: reply::checked_slice_size(slice_size)?,
        filesize: data.filesize,
        listparts,
        sha: data.sha.and_then(|sha| sha.split('_').next().map(str::to_owned)).filter(|sha| !sha.is_empty()),
    })
}

/// `listparts` as it came.
#[derive(Debug)]
enum Parts {
    List(Vec<Part>),
    NoList,
}

impl Default for Parts {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

impl Parts {
    fn checked(self, filesize: Option<u64>) -> Result<Vec<ListPart>, String> {
        let Self::List(parts) = self else { return Err("listparts is no list".to_owned()) };
        parts.into_iter().map(|part| part.checked(filesize.unwrap_or(u64::MAX))).collect()
    }
}

/// An entry of `listparts` as it came.
#[derive(Debug, Default)]
struct Part {
    offset: Option<u64>,
    datalen: Option<u64>,
}

impl Part {
    fn checked(self, filesize: u64) -> Result<ListPart, String> {
        let (Some(offset), Some(datalen)) = (self.offset, self.datalen) else {
            return Err("a slice has no offset or no length".to_owned());
        };
        if datalen == 0 {
            return Err(format!("the slice at offset {offset} is empty"));
        }
        match offset.checked_add(datalen) {
            Some(end) if end <= filesize => Ok(ListPart { offset, datalen }),
            _ => Err(format!("the slice at offset {offset} has {datalen} bytes, and so ends after the file")),
        }
    }
}

impl<'de> Deserialize<'de> for Parts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(PartsVisitor { text: true })
    }
}

/// Reads a list, or (once) the text of one.
struct PartsVisitor {
    text: bool,
}

impl<'de> Visitor<'de> for PartsVisitor {
    type Value = Parts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of slices")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Parts, A::Error> {
        let mut parts = Vec::new();
        while let Some(part) = seq.next_element()? {
            parts.push(part);
        }
        Ok(Parts::List(parts))
    }

    fn visit_str<E>(self, text: &str) -> Result<Parts, E> {
        if text.trim().is_empty() {
            return Ok(Parts::default());
        }
        let read = |text| serde_json::Deserializer::from_str(text).deserialize_any(PartsVisitor { text: false }).ok();
        Ok(self.text.then(|| read(text)).flatten().unwrap_or(Parts::NoList))
    }

    fn visit_unit<E>(self) -> Result<Parts, E> {
        Ok(Parts::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Parts, E> {
        Ok(Parts::NoList)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Parts, E> {
        Ok(Parts::NoList)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Parts, E> {
        Ok(Parts::NoList)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Parts, E> {
        Ok(Parts::NoList)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parts, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Parts::NoList)
    }
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(PartVisitor)
    }
}

struct PartVisitor;

impl<'de> Visitor<'de> for PartVisitor {
    type Value = Part;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a slice")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Part, A::Error> {
        let mut part = Part::default();
        while let Some(key) = map.next_key::<alloc::borrow::Cow<'de, str>>()? {
            match key.as_ref() {
                "offset" => part.offset = map.next_value_seed(lenient::Number)?,
                "datalen" => part.datalen = map.next_value_seed(lenient::Number)?,
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(part)
    }
}
