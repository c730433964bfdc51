//! The operations, told apart by method and parameters.

use http::Method;

use super::target::Target;
use crate::faults::{Facts, Fault};
use crate::ops::ops;

ops! {
    PutObject = "put_object",
    GetObject = "get_object",
    HeadObject = "head_object",
    Initiate = "initiate",
    UploadPart = "upload_part",
    ListParts = "list_parts",
    Complete = "complete",
    Abort = "abort",
    ListUploads = "list_uploads",
    ListObjects = "list_objects",
    BucketInfo = "bucket_info",
}

pub(super) const NAME: &str = "oss";

pub(crate) const FACTS: Facts = Facts { name: NAME, roots: &[], ops: NAMES, fits: can_show };

fn can_show(op: &str, fault: &Fault) -> bool {
    let op = Op::of_name(op);
    let is = |ops: &[Op]| op.is_some_and(|op| ops.contains(&op));
    match fault {
        Fault::ForgetSession => op.is_some_and(Op::names_an_upload),
        Fault::CallbackFailed { .. } => is(&[Op::PutObject, Op::Complete]),
        Fault::StuckMarker
        | Fault::MissingMarker
        | Fault::WrongLength
        | Fault::DuplicatePart
        | Fault::MissingPart
        | Fault::ExtraPart => is(&[Op::ListParts]),
        Fault::OtherBytes => is(&[Op::Complete]),
        Fault::WrongEtag | Fault::WrongCrc => {
            is(&[Op::PutObject, Op::HeadObject, Op::UploadPart, Op::ListParts, Op::Complete])
        }
        Fault::WrongOffset | Fault::WrongSession | Fault::OffsetBeyondFile | Fault::SliceSize { .. } => false,
        other => !other.is_of_part_stores(),
    }
}

/// What a request for an object may ask for beside its bytes; nothing of it is done here.
const OTHER: [&str; 10] =
    ["acl", "append", "callback-test", "legalHold", "live", "restore", "select", "symlink", "tagging", "x-oss-process"];

impl Op {
    pub(super) fn of(method: &Method, target: &Target) -> Option<Op> {
        let query = &target.query;
        target.bucket.as_ref()?;
        if target.key.is_empty() {
            return Op::of_bucket(method, target);
        }
        if OTHER.iter().any(|name| query.has(name)) {
            return None;
        }
        let (is_upload, is_part) = (query.has("uploadId"), query.has("partNumber"));
        match *method {
            Method::PUT if is_upload || is_part => Some(Op::UploadPart),
            Method::PUT => Some(Op::PutObject),
            Method::POST if query.has("uploads") => Some(Op::Initiate),
            Method::POST if is_upload => Some(Op::Complete),
            Method::GET if is_upload => Some(Op::ListParts),
            Method::GET if !query.has("objectMeta") => Some(Op::GetObject),
            Method::HEAD => Some(Op::HeadObject),
            Method::DELETE if is_upload => Some(Op::Abort),
            _ => None,
        }
    }

    fn of_bucket(method: &Method, target: &Target) -> Option<Op> {
        const OF_LISTS: [&str; 10] = [
            "continuation-token",
            "delimiter",
            "encoding-type",
            "fetch-owner",
            "list-type",
            "marker",
            "max-keys",
            "prefix",
            "start-after",
            "x-oss-request-payer",
        ];
        if method != Method::GET {
            return None;
        }
        let mut names = target.query.iter().map(|(name, _)| name);
        match () {
            () if target.query.has("uploads") => Some(Op::ListUploads),
            () if target.query.has("bucketInfo") => Some(Op::BucketInfo),
            () if names.all(|name| OF_LISTS.contains(&name)) => Some(Op::ListObjects),
            () => None,
        }
    }

    pub(super) fn names_an_upload(self) -> bool {
        matches!(self, Op::UploadPart | Op::ListParts | Op::Complete | Op::Abort)
    }

    /// Whether its body is bytes of an object.
    pub(super) fn takes_bytes(self) -> bool {
        matches!(self, Op::PutObject | Op::UploadPart)
    }
}
