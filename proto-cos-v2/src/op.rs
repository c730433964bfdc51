//! The calls of this API, by the vendor's names.

use core::fmt;

use crate::fault::Fault;
use crate::limits;

/// A call, named as in its `op` field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// The whole file in one request.
    Upload,
    /// Opens a session, or completes the object at once.
    UploadSliceInit,
    /// Sends one slice.
    UploadSliceData,
    /// Asks which slices have arrived.
    UploadSliceList,
    /// Completes the object.
    UploadSliceFinish,
    /// Deletes the object, or the unfinished upload, at a path.
    Delete,
    /// Asks for the attributes of the object at a path.
    Stat,
}

impl Op {
    /// Every call.
    pub const ALL: [Self; 7] = [
        Self::Upload,
        Self::UploadSliceInit,
        Self::UploadSliceData,
        Self::UploadSliceList,
        Self::UploadSliceFinish,
        Self::Delete,
        Self::Stat,
    ];

    /// The value of the `op` field.
    pub fn name(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::UploadSliceInit => "upload_slice_init",
            Self::UploadSliceData => "upload_slice_data",
            Self::UploadSliceList => "upload_slice_list",
            Self::UploadSliceFinish => "upload_slice_finish",
            Self::Delete => "delete",
            Self::Stat => "stat",
        }
    }

    /// True when the call may change what the vendor holds: after an answer that cannot be relied on, nobody knows
    /// whether it did. `upload_slice_init` is one of them: it opens a session, and may even complete the object.
    pub fn changes(self) -> bool {
        !matches!(self, Self::UploadSliceList | Self::Stat)
    }

    /// The longest reply body that `decode` reads, in bytes; a transport need not take more.
    pub fn reply_bytes(self) -> u64 {
        match self {
            Self::UploadSliceList => limits::LIST_REPLY_BYTES,
            _ => limits::REPLY_BYTES,
        }
    }
}

impl resumable_proto_cos::Op for Op {
    type Fault = Fault;

    fn changes(self) -> bool {
        self.changes()
    }

    fn within_session(self) -> bool {
        matches!(self, Self::UploadSliceData | Self::UploadSliceFinish)
    }

    fn reply_bytes(self) -> u64 {
        self.reply_bytes()
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
