//! What the shared part must know of a version's calls.

use core::fmt;

use crate::answer::BadAnswer;

/// A call of one version of the API; shown as in its `op` field.
pub trait Op: Copy + fmt::Display {
    /// What the version makes of an answer that is no reply.
    type Fault: From<BadAnswer<Self>>;

    /// True when the call may change what the vendor holds: after an answer that cannot be relied on, nobody knows
    /// whether it did.
    fn changes(self) -> bool;

    /// True when the call belongs to an open session: to be told that nothing is there then means that the session is
    /// lost.
    fn within_session(self) -> bool;

    /// The longest reply body that is read, in bytes.
    fn reply_bytes(self) -> u64;
}
