//! What is at the server before the upload begins, and who left it there.

use fastrand::Rng;

use crate::other_client::other_than;

/// What is at the server before the upload begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// Nothing.
    Nothing,
    /// The same content at the path.
    Same,
    /// Other content at the path, of the same length or of another.
    Other {
        /// Whether it has the same length.
        same_length: bool,
    },
    /// The same content elsewhere in the bucket.
    Elsewhere,
    /// A stranger's unfinished upload of other content at the path.
    Stranger {
        /// Whether its length is ours.
        same_length: bool,
        /// Whether slices of it have arrived.
        has_slices: bool,
        /// Whether it was begun with a digest, where that is not always so.
        hashed: bool,
    },
    /// An unfinished upload of our content, whose checkpoint is lost, or which another program began.
    Ours {
        /// How many of its slices have arrived, at most.
        slices: u8,
        /// The slices came out of order, and the first is missing.
        gap: bool,
    },
    /// Other content at the path, and a stranger's unfinished upload to overwrite it.
    OtherAndStranger,
}

/// What an unfinished upload is tied to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tie {
    /// Its content, as the client that is tried ties its own.
    Ours,
    /// A digest of something else.
    Another,
    /// Nothing.
    Loose,
}

/// Another client, which was there before.
pub(crate) trait OtherClient {
    /// Leaves a finished object; what is refused is not there.
    fn put(&self, key: &str, content: &[u8]);

    /// Leaves an unfinished upload with at most so many slices: the first ones, or all that come after the first.
    fn begin(&self, content: &[u8], slices: usize, gap: bool, tie: Tie);
}

impl Before {
    pub(crate) fn is_begun(self) -> bool {
        matches!(self, Self::Stranger { .. } | Self::Ours { .. } | Self::OtherAndStranger)
    }

    /// Another client brings it about, at this key.
    pub(crate) fn lay(self, key: &str, ours: &[u8], client: &impl OtherClient, chance: &mut Rng) {
        match self {
            Self::Nothing => {}
            Self::Same => client.put(key, ours),
            Self::Other { same_length } => client.put(key, &other_than(ours, same_length, chance)),
            Self::Elsewhere => client.put("elsewhere.bin", ours),
            Self::Stranger { same_length, has_slices, hashed } => {
                let tie = if hashed { Tie::Another } else { Tie::Loose };
                client.begin(
                    &other_than(ours, same_length, chance),
                    if has_slices { usize::MAX } else { 0 },
                    false,
                    tie,
                );
            }
            Self::Ours { slices, gap } => client.begin(ours, slices.into(), gap, Tie::Ours),
            Self::OtherAndStranger => {
                client.put(key, &other_than(ours, true, chance));
                client.begin(&other_than(ours, false, chance), usize::MAX, false, Tie::Loose);
            }
        }
    }
}
