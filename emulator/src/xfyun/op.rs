//! The operations, each with a path of its own.

use crate::faults::{Facts, Fault};
use crate::form::Kind;

/// Where all paths begin.
pub(super) const ROOT: &str = "/file/";
/// By the rest of their paths.
pub(super) const NAMES: &[&str] =
    &["upload", "mpupload/init", "mpupload/upload", "mpupload/complete", "mpupload/cancel"];

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

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Upload,
    Init,
    Slice,
    Complete,
    Cancel,
}

impl Op {
    const ALL: [Op; 5] = [Op::Upload, Op::Init, Op::Slice, Op::Complete, Op::Cancel];

    pub(super) fn of_path(path: &str) -> Option<Op> {
        Op::of_name(path.strip_prefix(ROOT)?)
    }

    pub(super) fn of_name(name: &str) -> Option<Op> {
        let index = NAMES.iter().position(|known| *known == name)?;
        Op::ALL.get(index).copied()
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
