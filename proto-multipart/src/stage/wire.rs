//! The stage's calls as requests, and their answers.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use http::Request;
use resumable_core::{Answer, Body, CallProps, Digest, HashKind, Lane, Limits, Observed, Rejection};
use serde::{Deserialize, Serialize};

use super::Stage;
use super::ephemeral::Ephemeral;
use crate::abort_multipart_upload::{self, Aborted};
use crate::checksum::{Checksum, ChecksumKind};
use crate::codes::Class;
use crate::complete_multipart_upload::{self, Completed};
use crate::dialect::Dialect;
use crate::error_reply::ErrorReply;
use crate::etag::Etag;
use crate::fault::{Fault, Refused};
use crate::head_object::{self, AtKey};
use crate::initiate_multipart_upload::{self, Opened};
use crate::limits::{CALLBACK_REPLY_BYTES, REPLY_BYTES};
use crate::list_parts::{self, ListParts, Page};
use crate::message::{self, Success};
use crate::op::Op;
use crate::put_object;
use crate::upload_part::{self, UploadPart};
use crate::wire::{Said, Wire};

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
    pub fn op(&self, dialect: &Dialect) -> Op {
        match self {
            Self::Put => Op::PutObject,
            Self::Initiate => dialect.create,
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
        /// The object's sum, if the vendor says it.
        checksum: Option<Checksum>,
        /// What was sent with `Put`, if all of it was.
        own: Option<Own>,
    },
    /// To `Put` and `Complete`: an object is there, and may not be overwritten (`FileAlreadyExists`).
    Taken(Fault),
    /// To `Complete`: the upload is of no use any more, and another one is to be opened.
    Spent(Fault),
    /// To every call: the bucket is in another region.
    Elsewhere {
        /// The region that the vendor names.
        region: String,
        /// Its words.
        why: Fault,
    },
    /// To every call that names an upload: the vendor does not know it (`NoSuchUpload`).
    Gone(Fault),
    /// To `Abort`.
    Aborted(Aborted),
    /// To `Head`.
    Head(AtKey),
}

/// Digests that were observed while content was sent, all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own(Vec<(HashKind, Digest)>);

impl Own {
    fn of(observed: &Observed) -> Option<Self> {
        const KINDS: [HashKind; 4] = [HashKind::Crc64, HashKind::Crc64Nvme, HashKind::Crc32c, HashKind::Md5];
        let taken = KINDS.into_iter().filter_map(|kind| observed.get(kind).map(|digest| (kind, digest.clone())));
        observed.is_all().then(|| Self(taken.collect()))
    }

    pub(super) fn get(&self, kind: HashKind) -> Option<&Digest> {
        self.0.iter().find(|(taken, _)| *taken == kind).map(|(_, digest)| digest)
    }
}

/// The request for a call, signed now.
///
/// # Errors
/// When the call does not fit the stage, or it cannot be signed.
pub fn encode(call: &Call, stage: &Stage, ephemeral: &Ephemeral, wire: &dyn Wire) -> Result<Request<Body>, Fault> {
    let op = call.op(wire.dialect());
    let upload_id = || stage.upload_id().ok_or(Fault::NotOpen { op });
    let (name, sum) = (stage.name(), stage.open().and_then(|open| open.sum));
    let whole = stage.checksum.zip(sum).map(|(kind, value)| Checksum { kind, value });
    let said = Said {
        op,
        len: stage.len,
        forbid_overwrite: stage.forbid_overwrite,
        checksum: stage.checksum,
        whole,
        name: name.as_deref(),
    };
    let sha256 = |number: u32| ephemeral.sha256.get(&number).copied();
    match call {
        Call::Put => {
            let md5 = stage.has_md5_tags(ephemeral).then_some(HashKind::Md5);
            let observe: Vec<HashKind> = stage.checksum.map(ChecksumKind::hash).into_iter().chain(md5).collect();
            put_object::encode(&observe, sha256(1), &said, wire)
        }
        Call::Initiate => initiate_multipart_upload::encode(stage.sequential, &said, wire),
        Call::List { after } => {
            let message = ListParts { upload_id: upload_id()?, max_parts: stage.page, part_number_marker: *after };
            list_parts::encode(&message, wire)
        }
        Call::Part { number } => {
            let observe = &stage.observe(ephemeral, *number);
            let bytes = stage.span(*number);
            let message = UploadPart { upload_id: upload_id()?, part_number: *number, bytes, observe };
            upload_part::encode(&message, sha256(*number), &said, wire)
        }
        Call::Complete => {
            let parts: Vec<(u32, &Etag)> =
                ephemeral.known.iter().map(|(number, known)| (*number, &known.etag)).collect();
            if parts.len() as u64 != stage.count() {
                return Err(Fault::NotOpen { op });
            }
            complete_multipart_upload::encode(upload_id()?, &parts, &said, wire)
        }
        Call::Abort => abort_multipart_upload::encode(upload_id()?, wire),
        Call::Head => head_object::encode(&said, wire),
    }
}

impl Stage {
    /// The sum proves a part; its MD5 costs more, and is taken only where it will be wanted: for a part that may be
    /// there already, and from a vendor that leaves the sum out.
    fn observe(&self, ephemeral: &Ephemeral, number: u32) -> Vec<HashKind> {
        let wanted = self.checksum.is_none() || !ephemeral.evidence.has_sums() || ephemeral.unsure.contains(&number);
        let md5 = (wanted && self.has_md5_tags(ephemeral)).then_some(HashKind::Md5);
        self.checksum.map(ChecksumKind::hash).into_iter().chain(md5).collect()
    }
}

/// Reads an answer.
///
/// # Errors
/// For every answer that the stage cannot go on with, with what to do about it: a refused key
/// ([`Class::Credential`]) is for the owner to replace.
pub fn decode(call: &Call, dialect: &'static Dialect, success: Success, answer: &Answer) -> Result<Reply, Refused> {
    let response = &answer.response;
    let own = || Own::of(&answer.observed);
    let reply = match call {
        Call::Put => put_object::decode(dialect, success, response).map(|stored| Reply::Put { stored, own: own() }),
        Call::Initiate => initiate_multipart_upload::decode(dialect, response).map(Reply::Opened),
        Call::List { after } => list_parts::decode(dialect, *after, response).map(Reply::Page),
        Call::Part { .. } => upload_part::decode(dialect, response).map(|stored| Reply::Part { stored, own: own() }),
        Call::Complete => complete_multipart_upload::decode(dialect, success, response).map(Reply::Completed),
        Call::Abort => abort_multipart_upload::decode(dialect, response).map(Reply::Aborted),
        Call::Head => head_object::decode(dialect, response).map(Reply::Head),
    };
    reply.or_else(|refused| verdicts(call, refused, own(), message::checksum(dialect, response)))
}

/// Refusals that tell of our upload or our content: `apply` knows what they mean, for it has the state.
fn verdicts(call: &Call, refused: Refused, own: Option<Own>, checksum: Option<Checksum>) -> Result<Reply, Refused> {
    let Rejection { fault: Fault::Vendor { op, error }, advice } = refused else { return Err(refused) };
    let ErrorReply { etag, part_number, message, request_id, .. } = &*error;
    let finishing = matches!(call, Call::Put | Call::Complete);
    match (error.class(), call) {
        (Some(Class::CallbackFailed), _) if finishing => {
            let (message, request_id) = (message.clone(), request_id.clone());
            Ok(Reply::CallbackFailed { message, request_id, checksum, own })
        }
        (Some(Class::PartAlreadyExist), Call::Part { .. }) => {
            let (etag, part_number) = (etag.clone(), *part_number);
            Ok(Reply::Exists { etag, part_number, own, why: Fault::Vendor { op, error } })
        }
        (Some(Class::PartNotSequential), Call::Part { .. }) => Ok(Reply::Behind(Fault::Vendor { op, error })),
        (Some(Class::PartNotSequential | Class::InvalidPart), Call::Complete) => {
            Ok(Reply::InvalidPart(Fault::Vendor { op, error }))
        }
        (Some(Class::Digest | Class::Conflict), Call::Complete) => Ok(Reply::Spent(Fault::Vendor { op, error })),
        (Some(Class::Region), _) if error.region.is_some() => {
            let region = error.region.clone().unwrap_or_default();
            Ok(Reply::Elsewhere { region, why: Fault::Vendor { op, error } })
        }
        (Some(Class::FileAlreadyExists), _) if finishing => Ok(Reply::Taken(Fault::Vendor { op, error })),
        (Some(Class::NoSuchUpload), _) if op.has_upload() => Ok(Reply::Gone(Fault::Vendor { op, error })),
        _ => Err(Rejection { fault: Fault::Vendor { op, error }, advice }),
    }
}

/// How to handle a call.
pub fn props(call: &Call, dialect: &Dialect) -> CallProps {
    let carries_source = matches!(call, Call::Part { .. } | Call::Put);
    let lane = if carries_source { Lane::Data } else { Lane::Api };
    // From the last byte of the request on. A callback alone may take 5 s, and the vendor puts up to 48 TB together
    // before it answers.
    let reply_within = match call {
        Call::Complete => dialect.completes_within,
        Call::Put | Call::Part { .. } => Duration::from_secs(120),
        _ => Duration::from_secs(60),
    };
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
