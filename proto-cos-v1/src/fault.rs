//! What the vendor's answers can be besides a success.

use resumable_core::Rejection;
use resumable_core::units::show_number;
use resumable_proto_cos::{BadAnswer, WrongEcho};

use crate::op::Op;

/// An answer that is no success, with what to do about it.
pub type Refused = Rejection<Fault>;

/// Why an upload to COS cannot go on, or what an answer lacks. The texts are for people, and hold nothing secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The vendor refused a call, or the answer is no reply of this API.
    #[error(transparent)]
    Answer(#[from] BadAnswer<Op>),
    /// A slice was acknowledged with another offset or session than it was sent with.
    #[error(transparent)]
    WrongEcho(#[from] WrongEcho),
    /// The vendor asks for slices of a length that cannot be meant.
    #[error("the vendor asks for slices of {slice_size} bytes; between 1 byte and 64 MiB are possible")]
    BadSliceSize {
        /// What it asked for, in bytes.
        slice_size: u64,
    },
    /// The vendor's session is too long to keep, or not printable.
    #[error("the vendor opened a session with a name of {len} bytes; at most 1024 printable ones are possible")]
    BadSession {
        /// Its length in bytes.
        len: usize,
    },
    /// The vendor claims to hold more than there is.
    #[error("the vendor wants to continue at byte {offset}, but the file ends at byte {filesize}")]
    BadOffset {
        /// Where it wants to go on, in bytes.
        offset: u64,
        /// The file's length in bytes.
        filesize: u64,
    },
    /// Another file is at that path (-177), and overwriting was not asked for.
    #[error("a different file already exists at that path")]
    Exists,
    /// The vendor says that something is at the path, and then that nothing is; or it does not know the session.
    #[error("the vendor no longer knows the upload's session")]
    Gone,
    /// The vendor found that the content differs, and has less of it than before.
    #[error("the vendor found other content than announced, and discarded what it had")]
    ThrownAway,
    /// Every byte is acknowledged, and the vendor still does not call the object complete.
    #[error("the vendor has acknowledged every byte, but does not complete the object")]
    NotCompleted,
    /// The file is larger than this API takes.
    #[error("the file has {} bytes; COS takes at most {} bytes through this API", show_number(*filesize), show_number(*file_max))]
    FileTooBig {
        /// The file's length in bytes.
        filesize: u64,
        /// The largest that is taken, in bytes.
        file_max: u64,
    },
}

impl Fault {
    /// The vendor's code, if it sent one.
    pub fn code(&self) -> Option<i64> {
        match self {
            Self::Answer(bad) => bad.code(),
            _ => None,
        }
    }

    /// The vendor's name for the request, if it sent one.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Answer(bad) => bad.request_id(),
            _ => None,
        }
    }
}
