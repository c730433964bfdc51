//! What the vendor's answers can be besides a success.

use alloc::string::String;

use resumable_core::Rejection;
use resumable_core::units::show_number;
use resumable_proto_cos::{BadAnswer, WrongEcho, answer};

use crate::op::Op;

/// An answer that is no success, with what to do about it.
pub type Refused = Rejection<Fault>;

/// Why an upload to COS cannot go on, or what an answer lacks. The texts are for people, and hold nothing secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The vendor refused a call.
    #[error("{}", answer::refused(op, *code, message, request_id.as_deref(), *status))]
    Vendor {
        /// The call.
        op: Op,
        /// The vendor's code; `None` where it sent a message without one.
        code: Option<i64>,
        /// The vendor's message: one printable line of at most 200 characters.
        message: String,
        /// The vendor's name for the request, to quote to its support.
        request_id: Option<String>,
        /// The HTTP status.
        status: u16,
    },
    /// The answer is not what this API answers: HTML, half a body, some other service.
    #[error("{}", answer::unreadable(op, *status, excerpt))]
    Unreadable {
        /// The call.
        op: Op,
        /// The HTTP status.
        status: u16,
        /// How the answer begins: one printable line of at most 200 characters.
        excerpt: String,
    },
    /// The answer says success, but lacks what makes it one.
    #[error("{}", answer::incomplete(op, missing, request_id.as_deref()))]
    Incomplete {
        /// The call.
        op: Op,
        /// What is missing, in the vendor's name.
        missing: &'static str,
        /// The vendor's name for the request.
        request_id: Option<String>,
    },
    /// HTTP 413: the server takes no body of this length.
    #[error("{}", answer::too_large(op))]
    TooLarge {
        /// The call.
        op: Op,
    },
    /// A slice was acknowledged with another offset, length or session than it was sent with.
    #[error("a slice with {what} {sent} was acknowledged with {what} {answered}")]
    WrongEcho {
        /// `offset`, `datalen` or `session`.
        what: &'static str,
        /// What was sent.
        sent: String,
        /// What the vendor answered.
        answered: String,
    },
    /// The vendor asks for slices of a length that cannot be meant.
    #[error(
        "the vendor asks for slices of {slice_size} bytes; between 64 bytes and 64 MiB, in multiples of 64, are possible"
    )]
    BadSliceSize {
        /// What it asked for, in bytes.
        slice_size: u64,
    },
    /// The vendor's list of slices contradicts itself.
    #[error("the vendor's list of slices cannot be right: {why}")]
    BadList {
        /// What is wrong with it.
        why: String,
    },
    /// The vendor's session is too long to keep, or not printable.
    #[error("the vendor opened a session with a name of {len} bytes; at most 1024 printable ones are possible")]
    BadSession {
        /// Its length in bytes.
        len: usize,
    },
    /// An unfinished upload of other content occupies the path (-4020).
    #[error("an unfinished upload of other content exists at that path")]
    Occupied,
    /// Another file is at that path (-177), and overwriting was not asked for.
    #[error("a different file already exists at that path")]
    Exists,
    /// The vendor lists an older object in place of the unfinished upload of this file.
    #[error(
        "an upload of this file is unfinished there, but the vendor lists the older file at that path instead: \
         delete the older file, or choose another path"
    )]
    Hidden,
    /// The session is not known to the vendor any more.
    #[error("the vendor no longer knows the upload's session")]
    Gone,
    /// The vendor says at finish that slices are missing (-175, -4019).
    #[error("the vendor says that slices are missing although all were acknowledged")]
    SlicesMissing,
    /// The file is larger than this API takes.
    #[error(
        "the file has {} bytes; COS takes at most 64 GiB ({} bytes) through this API",
        show_number(*filesize),
        show_number(crate::limits::FILE_BYTES)
    )]
    FileTooBig {
        /// The file's length in bytes.
        filesize: u64,
    },
}

impl Fault {
    /// The vendor's code, if it sent one.
    pub fn code(&self) -> Option<i64> {
        match self {
            Self::Vendor { code, .. } => *code,
            _ => None,
        }
    }

    /// The vendor's name for the request, if it sent one.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Vendor { request_id, .. } | Self::Incomplete { request_id, .. } => request_id.as_deref(),
            _ => None,
        }
    }
}

impl From<BadAnswer<Op>> for Fault {
    fn from(bad: BadAnswer<Op>) -> Self {
        match bad {
            BadAnswer::Vendor { op, code, message, request_id, status } => {
                Self::Vendor { op, code, message, request_id, status }
            }
            BadAnswer::Unreadable { op, status, excerpt } => Self::Unreadable { op, status, excerpt },
            BadAnswer::Incomplete { op, missing, request_id } => Self::Incomplete { op, missing, request_id },
            BadAnswer::TooLarge { op } => Self::TooLarge { op },
        }
    }
}

impl From<WrongEcho> for Fault {
    fn from(WrongEcho { what, sent, answered }: WrongEcho) -> Self {
        Self::WrongEcho { what, sent, answered }
    }
}

#[cfg(test)]
mod tests {
    use alloc::borrow::ToOwned;
    use alloc::string::ToString;

    use super::*;

    fn refused(code: Option<i64>) -> Fault {
        let request_id = Some("NTk5".to_owned());
        Fault::Vendor { op: Op::UploadSliceInit, code, message: "ERROR_X".into(), request_id, status: 404 }
    }

    #[test]
    fn a_refusal_says_what_it_means_and_what_to_do() {
        assert_eq!(
            refused(Some(-133)).to_string(),
            "upload_slice_init was refused: there is no such bucket at this endpoint; check the bucket, the appid and the \
             endpoint's region: each region knows only its own buckets (code -133, \"ERROR_X\", HTTP 404, request id NTk5)"
        );
        assert!(refused(Some(-96)).to_string().contains("check this machine's clock"));
        assert!(refused(Some(-97)).to_string().contains("check the appid, the SecretId and the SecretKey"));
        assert!(refused(Some(-1)).to_string().contains("(code -1, "));
        assert!(refused(None).to_string().contains("(no code, "));
    }

    #[test]
    fn faults_can_be_sent_between_threads() {
        fn check<T: core::error::Error + Send + Sync + 'static>() {}
        check::<Fault>();
    }
}
