//! What many uploads to one account would each ask for themselves, and one can ask for all of them.

use alloc::string::String;
use core::fmt;
use core::time::Duration;

use crate::protocol::Now;

/// A question about the account, not about one upload: whoever asks it is answered the same. A folder's id is one, or
/// keys that are good for every upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Tells it from the account's other questions. Without a secret in it.
    pub name: String,
    /// Answers of this time on the `mono` clock, and older ones, are known to be of no use.
    pub since: Option<Duration>,
}

impl Question {
    /// Whether an answer of this time serves.
    pub fn is_answered_at(&self, at: Duration) -> bool {
        self.since.is_none_or(|since| at > since)
    }
}

/// An answer to a [`Question`], and when it came. `Debug` shows the time alone: keys come in answers.
#[derive(Clone)]
pub struct Known<R> {
    /// The vendor's reply.
    pub reply: R,
    /// When it came.
    pub at: Now,
}

impl<R> fmt::Debug for Known<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known").field("at", &self.at).finish_non_exhaustive()
    }
}

/// Whom the answer to a [`Question`] serves, besides the upload that asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serves {
    /// Uploads that wait for it.
    Waiting,
    /// Those, and uploads that ask later.
    All,
}
