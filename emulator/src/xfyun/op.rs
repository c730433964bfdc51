//! The operations, each with a path of its own.

use super::form::Shape;

/// Where all paths begin.
pub(super) const ROOT: &str = "/file/";
/// By the rest of their paths.
pub(super) const NAMES: &[&str] =
    &["upload", "mpupload/init", "mpupload/upload", "mpupload/complete", "mpupload/cancel"];

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

    pub(super) fn shape(self) -> Shape {
        match self {
            Op::Upload | Op::Slice => Shape::Form,
            Op::Init | Op::Complete | Op::Cancel => Shape::Json,
        }
    }

    pub(super) fn names_an_upload(self) -> bool {
        matches!(self, Op::Slice | Op::Complete | Op::Cancel)
    }
}
