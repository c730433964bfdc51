//! The calls of this API.

use core::fmt;

use crate::fault::Fault;
use crate::limits;

/// A call. Two of them share the `op` field `upload_slice`: what has a `filecontent` is a slice, the other an init.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// The whole file in one request.
    Upload,
    /// `upload_slice` without content: opens a session, tells how far it is, or completes the object at once.
    Init,
    /// `upload_slice` with content: sends one slice; the one that arrives last completes the object.
    Slice,
    /// Asks for the attributes of the object at a path.
    Stat,
}

impl Op {
    /// Every call.
    pub const ALL: [Self; 4] = [Self::Upload, Self::Init, Self::Slice, Self::Stat];

    /// The value of the `op` field.
    pub fn name(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Init | Self::Slice => "upload_slice",
            Self::Stat => "stat",
        }
    }

    /// True when the call may change what the vendor holds: after an answer that cannot be relied on, nobody knows
    /// whether it did. An init is one of them: it opens a session, and may even complete the object.
    pub fn changes(self) -> bool {
        self != Self::Stat
    }
}

impl resumable_proto_cos::Op for Op {
    type Fault = Fault;

    fn changes(self) -> bool {
        self.changes()
    }

    fn within_session(self) -> bool {
        self == Self::Slice
    }

    fn reply_bytes(self) -> u64 {
        limits::REPLY_BYTES
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Upload => "upload",
            Self::Init => "upload_slice (init)",
            Self::Slice => "upload_slice (slice)",
            Self::Stat => "stat",
        })
    }
}
