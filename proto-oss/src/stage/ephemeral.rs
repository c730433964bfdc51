//! What is known in this run, and not saved.

use alloc::collections::{BTreeMap, BTreeSet};
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
    /// The vendor leaves out the CRC-64 of parts: their MD5 is wanted.
    pub(super) no_crc64: bool,
    /// What is at the key, until our own CRC-64 is known.
    pub(super) seen: Option<Head>,
    /// How often there was no object at the key, and when it is asked again, on the `mono` clock.
    pub(super) absences: Option<(u32, Duration)>,
    /// What the callback's server said.
    pub(super) callback: Option<Bytes>,
    /// Why it cannot go on in this run.
    pub(super) verdict: Option<Fault>,
    /// What is left after it was given up.
    pub(super) left: Option<Remains>,
}

/// What is known of the list of parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Listing {
    /// The page after this part is to be asked for.
    After(u32),
    /// All of it, and what came since.
    Whole,
    /// Nothing.
    #[default]
    Unasked,
}

/// A part's tag and CRC-64, as far as they are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) etag: Etag,
    pub(super) crc64: Option<u64>,
}
