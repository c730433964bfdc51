//! The stage's calls as requests, and their answers.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use http::{HeaderValue, Request};
use resumable_core::{Answer, Body, CallProps, HashKind, Lane, Limits, Observed, Rejection};
use serde::{Deserialize, Serialize};

use super::Stage;
use super::ephemeral::Ephemeral;
use crate::abort_multipart_upload::Aborted;
use crate::callback::Callback;
use crate::codes::Class;
use crate::complete_multipart_upload::{self, CompleteMultipartUpload, Completed};
use crate::error_reply::ErrorReply;
use crate::etag::Etag;
use crate::fault::{Fault, Refused};
use crate::head_object::AtKey;
use crate::initiate_multipart_upload::{self, InitiateMultipartUpload, Opened};
use crate::limits::{CALLBACK_REPLY_BYTES, REPLY_BYTES};
use crate::list_parts::{self, ListParts, Page};
use crate::message::{self, Attributes};
use crate::object::Object;
use crate::object_headers::ObjectHeaders;
use crate::op::Op;
use crate::put_object::{self, PutObject};
use crate::sign::Signing;
use crate::upload_part::{self, UploadPart};
use crate::{abort_multipart_upload, crc64, head_object};

/// A request's identity: no date, key, token or signature in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `PutObject`.
    Put,
    /// `InitiateMultipartUpload`.
    Initiate,
    /// `ListParts`.
    List {
        /// The last number before the page; 0 for the first one.
        after: u32,
    },
    /// `UploadPart`.
    Part {
        /// The part's number, from 1.
        number: u32,
    },
    /// `CompleteMultipartUpload`.
    Complete,
    /// `AbortMultipartUpload`.
    Abort,
    /// `HeadObject`.
    Head,
}

impl Call {
    /// The vendor's name for it.
    pub fn op(&self) -> Op {
        match self {
            Self::Put => Op::PutObject,
            Self::Initiate => Op::InitiateMultipartUpload,
            Self::List { .. } => Op::ListParts,
            Self::Part { .. } => Op::UploadPart,
            Self::Complete => Op::CompleteMultipartUpload,
            Self::Abort => Op::AbortMultipartUpload,
            Self::Head => Op::HeadObject,
        }
    }
}

/// A decoded answer, as far as the stage can go on with it.
#[derive(Clone, Debug)]
pub enum Reply {
    /// To `Put`.
    Put {
        /// What the vendor said.
        stored: put_object::Stored,
        /// What was sent; `None` for an empty file.
        own: Option<Own>,
    },
    /// To `Initiate`.
    Opened(Opened),
    /// To `Part`.
    Part {
        /// What the vendor said.
        stored: upload_part::Stored,
        /// What was sent, if all of it was.
        own: Option<Own>,
    },
    /// To `Part`: it is there already (`PartAlreadyExist`).
    Exists {
        /// The tag of the part that is there.
        etag: Option<Etag>,
        /// Its number.
        part_number: Option<u32>,
        /// What was sent, if all of it was.
        own: Option<Own>,
        /// The vendor's words.
        why: Fault,
    },
    /// To `Part`: it is not the next one (`PartNotSequential`).
    Behind(Fault),
    /// To `List`.
    Page(Page),
    /// To `Complete`: the parts that were named are not there (`InvalidPart`, `PartNotSequential`).
    InvalidPart(Fault),
    /// To `Complete`.
    Completed(Completed),
    /// To `Put` and `Complete`: the object is stored, and its callback failed (HTTP 203).
    CallbackFailed {
        /// The vendor's words: one printable line of at most 200 characters.
        message: String,
        /// The vendor's name for the request.
        request_id: Option<String>,
        /// The object's CRC-64, if the vendor says it.
        crc64: Option<u64>,
        /// What was sent with `Put`, if all of it was.
        own: Option<Own>,
    },
    /// To `Put` and `Complete`: an object is there, and may not be overwritten (`FileAlreadyExists`).
    Taken(Fault),
    /// To every call that names an upload: the vendor does not know it (`NoSuchUpload`).
    Gone(Fault),
    /// To `Abort`.
    Aborted(Aborted),
    /// To `Head`.
    Head(AtKey),
}

/// Digests that were observed while content was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own {
    /// Its CRC-64.
    pub crc64: Option<u64>,
    /// Its MD5, where that was asked for.
    pub md5: Option<[u8; 16]>,
}

impl Own {
    fn of(observed: &Observed) -> Option<Self> {
        let crc64 = observed.get(HashKind::Crc64).and_then(crc64::of_digest);
        let md5 = observed.get(HashKind::Md5).and_then(|md5| md5.as_bytes().try_into().ok());
        (crc64.is_some() || md5.is_some()).then_some(Self { crc64, md5 })
    }
}

/// Where an object goes, who signs, and what else its requests say.
#[derive(Clone, Copy, Debug)]
pub struct Wire<'a> {
    /// Where it goes.
    pub object: &'a Object,
    /// Who signs, and when.
    pub signing: Signing<'a>,
    /// What to call when the object is complete.
    pub callback: Option<&'a Callback>,
    /// The content's type.
    pub content_type: Option<&'a HeaderValue>,
    /// What else is kept with the object.
    pub headers: Option<&'a ObjectHeaders>,
}

/// The request for a call, signed now.
///
/// # Errors
/// When the call does not fit the stage, or V4 is to be signed without a region.
pub fn encode(call: &Call, stage: &Stage, ephemeral: &Ephemeral, wire: &Wire<'_>) -> Result<Request<Body>, Fault> {
    let Wire { object, signing, callback, content_type, headers } = wire;
    let forbid_overwrite = stage.forbid_overwrite;
    let attributes = Attributes { content_type: *content_type, headers: *headers, forbid_overwrite };
    let upload_id = || stage.upload_id().ok_or(Fault::NotOpen { op: call.op() });
    match call {
        Call::Put => {
            let observe = &[HashKind::Crc64, HashKind::Md5];
            let message = PutObject { len: stage.len, attributes, callback: *callback, observe };
            put_object::encode(object, &message, signing)
        }
        Call::Initiate => {
            let message = InitiateMultipartUpload { sequential: stage.sequential, attributes };
            initiate_multipart_upload::encode(object, &message, signing)
        }
        Call::List { after } => {
            let message = ListParts { upload_id: upload_id()?, max_parts: stage.page, part_number_marker: *after };
            list_parts::encode(object, &message, signing)
        }
        Call::Part { number } => {
            let (bytes, observe) = (stage.span(*number), ephemeral.observe(*number));
            let message = UploadPart { upload_id: upload_id()?, part_number: *number, bytes, observe };
            upload_part::encode(object, &message, signing)
        }
        Call::Complete => {
            let parts: Vec<(u32, &Etag)> =
                ephemeral.known.iter().map(|(number, known)| (*number, &known.etag)).collect();
            if parts.len() as u64 != stage.count() {
                return Err(Fault::NotOpen { op: call.op() });
            }
            let (upload_id, callback) = (upload_id()?, *callback);
            let message =
                CompleteMultipartUpload { upload_id, parts: &parts, callback, headers: *headers, forbid_overwrite };
            complete_multipart_upload::encode(object, &message, signing)
        }
        Call::Abort => abort_multipart_upload::encode(object, upload_id()?, signing),
        Call::Head => head_object::encode(object, signing),
    }
}

impl Ephemeral {
    /// The CRC-64 proves a part; its MD5 costs more, and is taken only where it will be wanted: for a part that may be
    /// there already, and from a vendor that leaves the CRC-64 out.
    fn observe(&self, number: u32) -> &'static [HashKind] {
        let md5 = self.no_crc64 || self.unsure.contains(&number);
        if md5 { &[HashKind::Crc64, HashKind::Md5] } else { &[HashKind::Crc64] }
    }
}

/// Reads an answer; `called` says whether requests carry a callback.
///
/// # Errors
/// For every answer that the stage cannot go on with, with what to do about it: a refused key
/// ([`Class::Credential`]) is for the owner to replace.
pub fn decode(call: &Call, called: bool, answer: &Answer) -> Result<Reply, Refused> {
    let (response, own) = (&answer.response, Own::of(&answer.observed));
    let reply = match call {
        Call::Put => put_object::decode(called, response).map(|stored| Reply::Put { stored, own }),
        Call::Initiate => initiate_multipart_upload::decode(response).map(Reply::Opened),
        Call::List { after } => list_parts::decode(*after, response).map(Reply::Page),
        Call::Part { .. } => upload_part::decode(response).map(|stored| Reply::Part { stored, own }),
        Call::Complete => complete_multipart_upload::decode(called, response).map(Reply::Completed),
        Call::Abort => abort_multipart_upload::decode(response).map(Reply::Aborted),
        Call::Head => head_object::decode(response).map(Reply::Head),
    };
    reply.or_else(|refused| verdicts(call, refused, own, message::crc64(response)))
}

/// Refusals that tell of our upload or our content: `apply` knows what they mean, for it has the state.
fn verdicts(call: &Call, refused: Refused, own: Option<Own>, crc64: Option<u64>) -> Result<Reply, Refused> {
    let Rejection { fault: Fault::Vendor { op, error }, advice } = refused else { return Err(refused) };
    let ErrorReply { etag, part_number, message, request_id, .. } = &*error;
    let finishing = matches!(call, Call::Put | Call::Complete);
    match (error.class(), call) {
        (Some(Class::CallbackFailed), _) if finishing => {
            let (message, request_id) = (message.clone(), request_id.clone());
            Ok(Reply::CallbackFailed { message, request_id, crc64, own })
        }
        (Some(Class::PartAlreadyExist), Call::Part { .. }) => {
            let (etag, part_number) = (etag.clone(), *part_number);
            Ok(Reply::Exists { etag, part_number, own, why: Fault::Vendor { op, error } })
        }
        (Some(Class::PartNotSequential), Call::Part { .. }) => Ok(Reply::Behind(Fault::Vendor { op, error })),
        (Some(Class::PartNotSequential | Class::InvalidPart), Call::Complete) => {
            Ok(Reply::InvalidPart(Fault::Vendor { op, error }))
        }
        (Some(Class::FileAlreadyExists), _) if finishing => Ok(Reply::Taken(Fault::Vendor { op, error })),
        (Some(Class::NoSuchUpload), _) if op.has_upload() => Ok(Reply::Gone(Fault::Vendor { op, error })),
        _ => Err(Rejection { fault: Fault::Vendor { op, error }, advice }),
    }
}

/// How to handle a call.
pub fn props(call: &Call) -> CallProps {
    let carries_source = matches!(call, Call::Part { .. } | Call::Put);
    let lane = if carries_source { Lane::Data } else { Lane::Api };
    // From the last byte of the request on. A callback alone may take 5 s, and the vendor puts up to 48 TB together
    // before it answers.
    let reply_within = Duration::from_secs(match call {
        Call::Complete => 300,
        Call::Put | Call::Part { .. } => 120,
        _ => 60,
    });
    let finishes = matches!(call, Call::Put | Call::Complete);
    // An upload whose name is lost can be found by nobody: a crash must not forget that one may be open.
    let commits = finishes || *call == Call::Initiate;
    let reply_bytes = if finishes { CALLBACK_REPLY_BYTES } else { REPLY_BYTES };
    CallProps { lane, carries_source, commits, digested: true, limits: Limits { reply_bytes, reply_within } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_saved_without_secrets() {
        let text = |call: &Call| serde_json::to_string(call).unwrap();
        assert_eq!(text(&Call::Part { number: 7 }), r#"{"part":{"number":7}}"#);
        assert_eq!(text(&Call::List { after: 0 }), r#"{"list":{"after":0}}"#);
        assert_eq!(text(&Call::Complete), r#""complete""#);
    }
}
