//! What is known in this run, and not saved.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use core::time::Duration;

use bytes::Bytes;
use resumable_core::Remains;

use crate::etag::Etag;
use crate::fault::Fault;
use crate::head_object::Head;
use crate::list_parts::ListedPart;

/// What is known in this run besides the [`super::Stage`]: tags of parts, pages of the list. It begins empty.
#[derive(Clone, Debug, Default)]
pub struct Ephemeral {
    pub(super) listing: Listing,
    /// The parts of the pages so far.
    pub(super) listed: BTreeMap<u32, ListedPart>,
    /// The highest number that any page had in this run, also before the list was asked for anew.
    pub(super) listed_up_to: u32,
    /// Of every part that counts.
    pub(super) known: BTreeMap<u32, Known>,
    /// Parts that are at the vendor, and of which nobody knows yet whether they are the file's.
    pub(super) disputes: BTreeMap<u32, Known>,
    /// Parts that were sent and have no answer: if they are there already, their MD5 will be wanted.
    pub(super) unsure: BTreeSet<u32>,
    /// What the vendor's answers were seen to tell of content.
    pub(super) evidence: Evidence,
    /// SHA-256 of parts that were read before they are sent.
    pub(super) sha256: BTreeMap<u32, [u8; 32]>,
    /// What is at the key, until our own sum is known.
    pub(super) seen: Option<Head>,
    /// When what is at the key is to be looked at.
    pub(super) look: Look,
    /// How often the vendor refused a complete because of an object at the key, while the upload was open still.
    pub(super) taken: u32,
    /// The region that the vendor named when it refused a signature for another one.
    pub(super) region: Option<String>,
    /// What the callback's server said.
    pub(super) callback: Option<Bytes>,
    /// Why it cannot go on in this run.
    pub(super) verdict: Option<Fault>,
    /// What is left after it was given up.
    pub(super) left: Option<Remains>,
}

impl Ephemeral {
    /// The region that the vendor named in this run: requests are signed for it.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Forgets the upload, but not where the bucket is, and not what was read: parts are cut as before.
    pub(super) fn begin_anew(&mut self) {
        let sha256 = core::mem::take(&mut self.sha256);
        *self = Self { region: self.region.take(), sha256, ..Self::default() };
    }
}

/// What is known of the list of parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Listing {
    /// The page after this part is to be asked for.
    After(u32),
    /// All of it, and what came since.
    Whole,
    /// The same, if the upload is open still: the first page tells.
    IfOpen,
    /// Nothing.
    #[default]
    Unasked,
}

/// What the vendor's answers were seen to tell of content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Evidence {
    /// Its sum, and its MD5 as its tag.
    #[default]
    All,
    /// No sum: the MD5 is wanted.
    NoSums,
    /// No MD5: the content is encrypted, and tags are anything.
    NoMd5,
    /// Neither.
    Nothing,
}

impl Evidence {
    pub(super) fn has_sums(self) -> bool {
        matches!(self, Self::All | Self::NoMd5)
    }

    pub(super) fn has_md5(self) -> bool {
        matches!(self, Self::All | Self::NoSums)
    }

    /// After an answer that left out what is said to be missing.
    pub(super) fn missing(&mut self, sum: bool, md5: bool) {
        *self = match (self.has_sums() && !sum, self.has_md5() && !md5) {
            (true, true) => Self::All,
            (false, true) => Self::NoSums,
            (true, false) => Self::NoMd5,
            (false, false) => Self::Nothing,
        };
    }
}

/// When what is at the key is to be looked at, after an answer that may have said "complete" was lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Look {
    /// At once.
    #[default]
    Now,
    /// At this time on the `mono` clock; there was no object so many times.
    At(Duration, u32),
    /// Not again, until another complete has no answer.
    Done,
}

/// A part's tag and sum, as far as they are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) etag: Etag,
    pub(super) sum: Option<u64>,
}
