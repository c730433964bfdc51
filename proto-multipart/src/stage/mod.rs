//! The data stage: how one file becomes one object, in one request or in parts. Most vendors are the stage alone; one that
//! keeps its files in another's store embeds it.
//!
//! ```text
//! Fresh ─┬─ Put ──────────────────────────────────────────────────────────► Stored
//!        │   └ no answer ─► PutUnsure ─ Put again
//!        └─ Initiate ─► Open ─ List*? ─ Part* ─ Complete ─────────────────► Stored      * every page, in every new run
//!              ▲          │                └ no answer, then NoSuchUpload ─► Unknown ─ Head ─ our name or sum ───► Stored
//!              │          ├ NoSuchUpload ─► Fresh, within the restarts                    └ or its owner knows
//!              └─ Abort ◄─┴ parts that are not the file's and cannot be replaced
//! ```
//!
//! Whoever embeds it keeps a [`Stage`] in the checkpoint and a [`Ephemeral`] beside it, asks [`Stage::next`], and tells
//! [`Stage::apply`] what came of it; [`encode`], [`decode`] and [`props`] do what the functions of a protocol do.
//! Nothing here is secret: keys and tokens are arguments of [`encode`].
//!
//! **What counts as arrived.** A part counts when its answer holds the checksum (or the MD5, as its tag) of the bytes that
//! were sent; where a store tells neither ([`Tags::Opaque`]), its word alone counts. In a new run the vendor is asked for the
//! list, all pages of it. The stage keeps a tally over number, length and tag of all parts that counted: a listed part that
//! counted before is believed if the tally agrees, every other one is read from the file again and compared before it counts,
//! or sent again where nothing could be compared.
//!
//! **A complete without an answer** is asked again at once ([`Probe::Head`]), or only after a look at the key
//! ([`Probe::Look`]): some vendors go on with a complete whose connection broke, and refuse or repeat a second one. An object
//! is ours if it has our length and the random name of this upload, or our checksum.
//!
//! **Sequential mode** sends parts one by one; the first refusal that says "there already" is compared with the MD5 that
//! was observed while the part was sent again. Parts that are not the file's cannot be replaced: the upload is aborted
//! and another one opened. In the parallel mode such a part is sent again.

mod attempt_name;
mod ephemeral;
mod parts;
mod phase;
mod plan;
mod probe;
mod settings;
mod transitions;
mod validate;
mod wire;

use alloc::string::String;

use resumable_core::How;
use serde::{Deserialize, Serialize};

pub use self::ephemeral::Ephemeral;
pub use self::plan::{Doubt, StageStep, Stored};
pub use self::settings::{InvalidSizes, Payload, Probe, Settings, Tags};
pub use self::wire::{Call, Own, Reply, decode, encode, props};
pub use crate::message::Success;

use self::phase::Phase;
use self::settings::Way;
use crate::checksum::ChecksumKind;
use crate::fault::Fault;

/// What is saved of one upload: no secret, and a few KiB whatever the number of parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    len: u64,
    way: Way,
    sequential: bool,
    forbid_overwrite: bool,
    probe: Probe,
    page: u32,
    #[serde(default = "Stage::first_checksum", skip_serializing_if = "Stage::is_first_checksum")]
    checksum: Option<ChecksumKind>,
    #[serde(default, skip_serializing_if = "Stage::is_default")]
    tags: Tags,
    #[serde(default, skip_serializing_if = "Stage::is_default")]
    payload: Payload,
    /// The random name that the next object of this upload gets, if it gets one.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "attempt_name")]
    name: Option<u128>,
    phase: Phase,
    /// Initiates without an answer, and those that a crash swallowed: each may have opened an upload whose name nobody
    /// knows.
    #[serde(rename = "strays")]
    orphans: u32,
    /// An object that is not the file came to be at the key, and nothing since that is.
    #[serde(default)]
    spoiled: bool,
    /// Puts and completes without an answer: whatever is at the key may be ours, until an object is known to be stored.
    #[serde(default)]
    unanswered: u32,
}

impl Stage {
    /// A new upload of a file of `len` bytes; pins the settings, so that the part size never changes.
    pub fn new(settings: &Settings, len: u64) -> Self {
        Self {
            len,
            way: Way::of(settings, len),
            sequential: settings.sequential,
            forbid_overwrite: settings.forbid_overwrite,
            probe: settings.probe,
            page: settings.limits.page,
            checksum: settings.checksum,
            tags: settings.tags,
            payload: settings.payload,
            name: None,
            phase: Phase::Fresh,
            orphans: 0,
            spoiled: false,
            unanswered: 0,
        }
    }

    /// The same with a random name, which the object keeps: so it can be told whose it is after an answer was lost. Each
    /// attempt has a name of its own, and the content that an attempt sent is proven.
    #[must_use]
    pub fn named(self, nonce: u128) -> Self {
        Self { name: Some(nonce), ..self }
    }

    /// The sum that proves content, if any does.
    pub fn checksum(&self) -> Option<ChecksumKind> {
        self.checksum
    }

    /// The random name of this attempt, as it is kept with the object.
    pub fn name(&self) -> Option<String> {
        self.name.map(attempt_name::text)
    }

    /// What was pinned before there was a choice.
    #[expect(clippy::unnecessary_wraps, reason = "the type of the field")]
    fn first_checksum() -> Option<ChecksumKind> {
        Some(ChecksumKind::Crc64)
    }

    #[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde hands it in like this")]
    fn is_first_checksum(checksum: &Option<ChecksumKind>) -> bool {
        *checksum == Self::first_checksum()
    }

    fn is_default<T: Default + PartialEq>(value: &T) -> bool {
        *value == T::default()
    }

    /// Bytes that the vendor has acknowledged, in constant time.
    pub fn confirmed(&self) -> u64 {
        match &self.phase {
            Phase::Open(open) => self.bytes_of(&open.acknowledged),
            Phase::Unknown { how: How::Parts, .. } | Phase::Stored { .. } | Phase::CallbackFailed { .. } => self.len,
            Phase::Fresh | Phase::PutUnsure | Phase::Unknown { .. } | Phase::Discard { .. } | Phase::Aborted { .. } => {
                0
            }
        }
    }

    /// True when the file goes in one request.
    pub fn is_one_request(&self) -> bool {
        matches!(self.way, Way::OneRequest)
    }

    /// In how many parts the file goes; 1 where it goes in one request.
    pub fn parts(&self) -> u64 {
        self.count().max(1)
    }

    /// Whether the vendor takes a file of this length, cut like this.
    ///
    /// # Errors
    /// When it does not.
    pub fn check(&self) -> Result<(), Fault> {
        self.way.check(self.len)
    }

    /// The length of all parts but the last, in bytes; `None` when the file goes in one request.
    pub fn part_size(&self) -> Option<u64> {
        if let Way::Parts { size } = self.way { Some(size) } else { None }
    }

    /// The vendor's name for the upload that is open, if one is.
    pub fn upload_id(&self) -> Option<&str> {
        match &self.phase {
            Phase::Open(open) => Some(&open.upload_id),
            Phase::Discard { upload_id, .. } | Phase::Aborted { upload_id, .. } => Some(upload_id),
            _ => None,
        }
    }

    /// True when nothing of this upload is at the vendor, as far as is known: nothing was begun, or all of it is over.
    pub fn is_fresh(&self) -> bool {
        matches!(self.phase, Phase::Fresh)
    }

    /// How many uploads without parts may be left that nobody can name.
    pub fn orphans(&self) -> u32 {
        self.orphans
    }

    /// Begins from nothing, as the owner decides: it knows that what may have been stored is not, or that the object is
    /// another one now. The settings stay.
    pub fn reset(&mut self, ephemeral: &mut Ephemeral) {
        self.spoiled = false;
        self.unanswered = 0;
        self.begin_anew(ephemeral);
    }

    fn begin_anew(&mut self, ephemeral: &mut Ephemeral) {
        self.nothing_begun();
        ephemeral.begin_anew();
    }

    /// What was sent is of no use any more, and has lost its name.
    fn nothing_begun(&mut self) {
        self.phase = Phase::Fresh;
        self.name = self.name.map(|name| name.wrapping_add(1));
    }
}
