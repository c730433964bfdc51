//! The operations, each with a path of its own. On the vendor's side they have three hosts; here one listener has them all.

use http::Method;

use crate::faults::{Facts, Fault};
use crate::form::{Kind, Rules};
use crate::ops::ops;
use crate::switch::RepeatedField;

/// Where the paths of the two APIs begin.
const OPEN: &str = "/open/";
/// Where the state of a device code is asked.
const STATUS: &str = "/get/status";

ops! {
    AuthDeviceCode = "authDeviceCode",
    GetStatus = "get/status",
    DeviceCodeToToken = "deviceCodeToToken",
    RefreshToken = "refreshToken",
    Init = "upload/init",
    GetToken = "upload/get_token",
    Resume = "upload/resume",
    GetInfo = "folder/get_info",
    FolderAdd = "folder/add",
    Files = "ufile/files",
    + CALLBACK
}

/// What OSS tells of an object.
pub(super) const CALLBACK: &str = "callback";

pub(super) const NAME: &str = "115";

pub(crate) const FACTS: Facts = Facts { name: NAME, roots: &["get", "open"], ops: NAMES, fits: can_show };

/// No answer tells of offsets or slices; a task is a session, and so is a challenge.
fn can_show(name: &str, fault: &Fault) -> bool {
    if name == CALLBACK {
        return callback_can_show(fault);
    }
    let op = Op::of_name(name);
    match fault {
        Fault::ForgetSession => matches!(op, Some(Op::Init | Op::Resume)),
        Fault::WrongSession => op == Some(Op::Resume),
        Fault::WrongLength => matches!(op, Some(Op::GetInfo | Op::Files)),
        Fault::WrongOffset | Fault::OffsetBeyondFile | Fault::SliceSize { .. } => false,
        other => !other.is_of_objects(),
    }
}

/// Which faults a callback can show: OSS sees an answer, or none.
fn callback_can_show(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Refuse { .. }
            | Fault::Unavailable
            | Fault::Html { .. }
            | Fault::Garbage
            | Fault::CutBefore
            | Fault::DropReply
            | Fault::WrongLength
            | Fault::OtherBytes
    )
}

/// The fields of a request, and of a callback.
pub(super) fn rules(repeated: RepeatedField) -> Rules {
    let kinds = &[Kind::Empty, Kind::Encoded, Kind::Multipart];
    Rules { kinds, file: None, any_case: false, texts: &[], longest: 64 * 1024, repeated }
}

/// Whose answers have which shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// `proapi.115.com`.
    Files,
    /// `passportapi.115.com` and `qrcodeapi.115.com`.
    Tokens,
}

impl Op {
    pub(super) fn is_ours(path: &str) -> bool {
        path.starts_with(OPEN) || path.trim_end_matches('/') == STATUS
    }

    pub(super) fn of_path(path: &str) -> Option<Op> {
        if path.trim_end_matches('/') == STATUS {
            return Some(Op::GetStatus);
        }
        Op::of_name(path.strip_prefix(OPEN)?).filter(|op| *op != Op::GetStatus)
    }

    pub(super) fn takes(self, method: &Method) -> bool {
        match self {
            Op::GetStatus | Op::GetToken | Op::Files => method == Method::GET,
            Op::GetInfo => method == Method::GET || method == Method::POST,
            _ => method == Method::POST,
        }
    }

    pub(super) fn family(self) -> Family {
        match self {
            Op::AuthDeviceCode | Op::GetStatus | Op::DeviceCodeToToken | Op::RefreshToken => Family::Tokens,
            _ => Family::Files,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_its_own_name_and_path() {
        let all: Vec<Op> = NAMES.iter().filter_map(|name| Op::of_name(name)).collect();
        assert_eq!(all.len(), NAMES.len() - 1, "all but the callback");
        for op in all {
            assert_eq!(Op::of_name(op.name()), Some(op));
            let path = if op == Op::GetStatus { "/get/status/".to_owned() } else { format!("/open/{}", op.name()) };
            assert!(Op::is_ours(&path));
            assert_eq!(Op::of_path(&path), Some(op));
        }
        for path in ["/open/callback", "/open/get/status", "/open/", "/open/upload", "/get/status/x", "/file/upload"] {
            assert_eq!(Op::of_path(path), None, "{path}");
        }
    }
}
