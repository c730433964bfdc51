//! The operations, each with a path of its own.

use crate::faults::{Facts, Fault};
use crate::form::Kind;
use crate::ops::ops;

/// Where all paths begin.
pub(super) const ROOT: &str = "/file/";

ops! {
    Upload = "upload",
    Init = "mpupload/init",
    Slice = "mpupload/upload",
    Complete = "mpupload/complete",
    Cancel = "mpupload/cancel",
}

pub(super) const NAME: &str = "xfyun";

pub(crate) const FACTS: Facts = Facts { name: NAME, roots: &["file"], ops: NAMES, fits: can_show };

/// No answer echoes anything, so none can echo it wrongly.
fn can_show(op: &str, fault: &Fault) -> bool {
    match fault {
        Fault::ForgetSession => Op::of_name(op).is_some_and(Op::names_an_upload),
        Fault::WrongOffset
        | Fault::WrongLength
        | Fault::WrongSession
        | Fault::OffsetBeyondFile
        | Fault::SliceSize { .. } => false,
        other => !other.is_of_objects(),
    }
}

impl Op {
    pub(super) fn of_path(path: &str) -> Option<Op> {
        Op::of_name(path.strip_prefix(ROOT)?)
    }

    /// What its body is.
    pub(super) fn kinds(self) -> &'static [Kind] {
        match self {
            Op::Upload | Op::Slice => &[Kind::Multipart],
            Op::Init | Op::Complete | Op::Cancel => &[Kind::Json],
        }
    }

    pub(super) fn names_an_upload(self) -> bool {
        matches!(self, Op::Slice | Op::Complete | Op::Cancel)
    }
}
