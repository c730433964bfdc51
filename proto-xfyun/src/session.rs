//! What is known of one upload. All of it is saved, for nobody else knows: the vendor can be asked nothing.

use alloc::borrow::ToOwned;
use alloc::string::String;

use resumable_core::{How, Ranges, Receipt};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::limits::Limits;
use crate::options::Options;
use crate::slicing::{Slicing, Way};

/// A request's identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `/file/upload`: the whole file.
    Upload,
    /// `/file/mpupload/init`.
    Init,
    /// `/file/mpupload/upload`.
    Slice {
        /// The slice's number, from 1.
        slice_id: u64,
    },
    /// `/file/mpupload/complete`.
    Complete,
    /// `/file/mpupload/cancel`.
    Cancel,
}

/// What a checkpoint keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    pub(crate) len: u64,
    /// As the upload began, or was opened last.
    pub(crate) way: Way,
    pub(crate) stage: Stage,
    /// What may have been left: by calls whose answer is lost, an upload without slices (init), a finished file (upload,
    /// complete); and an upload that refused a slice that it may have.
    #[serde(rename = "strays")]
    pub(crate) orphans: u32,
    /// How often a finished file's url was lost; once, the file is uploaded again.
    pub(crate) urls_lost: u32,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// Nothing of it is at the vendor, as far as is known.
    Fresh,
    /// Slices are being sent.
    Open(Open),
    /// The vendor has the file.
    Complete { how: How, url: String },
}

/// An upload in slices, as the vendor opened it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Open {
    pub(crate) upload_id: String,
    pub(crate) slicing: Slicing,
    /// The slices that the vendor acknowledged, counted from 0: their ids less one.
    pub(crate) acknowledged: Ranges,
    /// A complete has no answer: the file may be there.
    pub(crate) doubt: bool,
    #[serde(default)]
    pub(crate) verdict: Verdict,
}

/// What the vendor found about the open upload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    #[default]
    None,
    /// It refused a slice that it cannot have: the upload is cancelled, and another one opened.
    SliceRefused,
}

impl Session {
    pub(crate) fn new(options: &Options, len: u64) -> Self {
        Self { len, way: Way::of(options, len), stage: Stage::Fresh, orphans: 0, urls_lost: 0 }
    }

    pub(crate) fn confirmed(&self) -> u64 {
        match &self.stage {
            Stage::Fresh => 0,
            Stage::Open(open) => open.bytes(),
            Stage::Complete { .. } => self.len,
        }
    }

    /// Whether it can be the session of a file of `len` bytes at a vendor with these limits.
    pub(crate) fn validate(&self, len: u64, limits: &Limits) -> Result<(), String> {
        let cut = |slicing: &Slicing| slicing.len == len && slicing.size > 0;
        let way = match &self.way {
            Way::OneRequest => self.open().is_none(),
            Way::Slices(slicing) => cut(slicing),
        };
        let open = self.open().is_none_or(|open| {
            let last = open.acknowledged.iter().last().map_or(0, |slices| slices.end);
            let count = open.slicing.count();
            cut(&open.slicing) && last <= count && count <= limits.parts && !open.upload_id.is_empty()
        });
        if self.len == len && way && open { Ok(()) } else { Err("its slices are not those of the file".to_owned()) }
    }

    /// The upload in slices that is open.
    pub(crate) fn open(&self) -> Option<&Open> {
        if let Stage::Open(open) = &self.stage { Some(open) } else { None }
    }
}

impl Open {
    pub(crate) fn new(upload_id: String, slicing: Slicing) -> Self {
        Self { upload_id, slicing, acknowledged: Ranges::new(), doubt: false, verdict: Verdict::None }
    }

    pub(crate) fn acknowledge(&mut self, slice_id: u64) {
        self.acknowledged.add(slice_id.saturating_sub(1)..slice_id);
    }

    /// True when every slice from the first to the last is acknowledged: only then may the file be put together.
    pub(crate) fn is_whole(&self) -> bool {
        self.acknowledged.full(self.slicing.count()) && self.bytes() == self.slicing.len
    }

    /// Bytes acknowledged. There are at most some hundred gaps.
    fn bytes(&self) -> u64 {
        self.acknowledged.bytes_in_pieces(self.slicing.size, self.slicing.len)
    }
}

/// What is not saved.
#[derive(Clone, Debug, Default)]
pub struct Ephemeral {
    /// Why this run ends, once it is decided.
    pub(crate) verdict: Option<Fault>,
    /// Why the upload that is open cannot be cancelled.
    pub(crate) uncancellable: Option<Fault>,
    pub(crate) unanswered: Unanswered,
}

/// The slices of the open upload that the vendor may have though they do not count.
#[derive(Clone, Debug, Default)]
pub(crate) enum Unanswered {
    /// Another run opened the upload: any slice.
    #[default]
    Any,
    /// Those whose answer was lost, counted from 0.
    These(Ranges),
}

impl Unanswered {
    pub(crate) fn add(&mut self, slice_id: u64) {
        if let Self::These(slices) = self {
            slices.add(slice_id.saturating_sub(1)..slice_id);
        }
    }

    pub(crate) fn has(&self, slice_id: u64) -> bool {
        match self {
            Self::Any => true,
            Self::These(slices) => slices.contains(&(slice_id.saturating_sub(1)..slice_id)),
        }
    }
}

/// A finished upload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// How it came to be complete.
    pub how: How,
    /// Where it can be fetched.
    pub url: String,
    /// How many uploads and copies of the file may have been left at the vendor that nobody will remove: calls without an
    /// answer may have made them, and an upload that refused a slice that it may have was not gone on with.
    pub orphans: u32,
}

impl From<Uploaded> for Receipt {
    fn from(uploaded: Uploaded) -> Self {
        let mut receipt = Self::new(uploaded.how);
        receipt.url = Some(uploaded.url);
        receipt.orphans = uploaded.orphans;
        receipt
    }
}
