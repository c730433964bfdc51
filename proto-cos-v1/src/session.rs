//! What is known of one upload: the part that is saved, and the part that is not.

use alloc::borrow::ToOwned;
use alloc::string::String;

use resumable_core::{Authority, How, Ranges};
use resumable_proto_cos::ObjectUrls;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::limits::SLICE_SIZE_BELIEVED;
use crate::options::Options;

/// A request's identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `upload`: the whole file.
    Upload,
    /// `upload_slice` without content.
    Init {
        /// True: it names our session. False: the vendor knows us by our hash alone.
        with_session: bool,
    },
    /// `upload_slice` with content.
    Slice {
        /// The slice's first byte.
        offset: u64,
        /// Its length in bytes.
        datalen: u64,
        /// It is the end of the file: when it has arrived, the object is complete.
        last: bool,
    },
    /// `stat`.
    Stat,
}

/// What a checkpoint keeps: facts. What they mean today is asked of the vendor in every run. The one verdict is the
/// vendor's on our content: it stays until it is acted on, because no later answer repeats it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// The slice size to ask for, in bytes.
    pub(crate) slice_size: u64,
    pub(crate) order: Order,
    pub(crate) offset: Offset,
    /// What the vendor acknowledged.
    pub(crate) got: Ranges,
    /// Our session at the vendor.
    pub(crate) open: Option<Open>,
    /// A call of ours may have completed the object.
    pub(crate) claim: Option<Claim>,
    /// The vendor found other content in the slice that begins here than it was promised, and the slice was not sent
    /// again with success since.
    #[serde(default)]
    pub(crate) differed: Option<u64>,
}

/// In which order slices leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// One after the other.
    OneByOne,
    /// As many at once as the window holds; the last one alone, after all others.
    SideBySide,
}

/// What the offset in an init's answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Offset {
    /// Every byte before it is there.
    Proves,
    /// Nothing after it is there; before it, only what was acknowledged to us. So it is once slices went side by side
    /// (whether the vendor counts to the first gap or to the last byte is not documented), and once the vendor found
    /// that the content differs.
    Bounds,
}

/// A session as the vendor opened it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Open {
    pub(crate) session: String,
    pub(crate) slice_size: u64,
}

/// Which call may have completed the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Claim {
    /// `upload`.
    Upload,
    /// A slice.
    Slices,
}

impl Session {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            slice_size: options.part_size,
            order: if options.parallel { Order::SideBySide } else { Order::OneByOne },
            offset: Offset::Proves,
            got: Ranges::new(),
            open: None,
            claim: None,
            differed: None,
        }
    }

    /// Whether it can be the session of a file of `len` bytes.
    pub(crate) fn validate(&self, len: u64, options: &Options) -> Result<(), String> {
        if !options.part_sizes.contains(&self.slice_size) {
            return Err(format!("it asks for slices of {} bytes, which the server does not take", self.slice_size));
        }
        let possible = |open: &Open| (1..=SLICE_SIZE_BELIEVED).contains(&open.slice_size) && !open.session.is_empty();
        // Without a session there is nothing at the vendor, or all of it.
        let got = match &self.open {
            Some(open) => possible(open) && self.got.iter().all(|range| range.end <= len),
            None => self.got == Ranges::new() || self.got.full(len),
        };
        let differed = self.differed.is_none_or(|offset| offset < len);
        if got && differed { Ok(()) } else { Err("its slices are not those of the file".to_owned()) }
    }

    /// Where the offset proves nothing, the journal of what was acknowledged is all there is.
    pub(crate) fn authority(&self) -> Authority {
        match (self.order, self.offset) {
            (Order::OneByOne, Offset::Proves) => Authority::Vendor,
            (Order::SideBySide, _) | (_, Offset::Bounds) => Authority::Checkpoint,
        }
    }
}

/// What is not saved: the talk of this run.
#[derive(Clone, Debug, Default)]
pub struct Ephemeral {
    pub(crate) phase: Phase,
    /// What stands at the path, once it was asked for in order to leave.
    pub(crate) left: Option<Remote>,
    /// The addresses of the complete object.
    pub(crate) urls: ObjectUrls,
    /// The last slice was sent again, because nothing was missing and the object not complete.
    pub(crate) nudged: bool,
    /// How often the vendor refused a slice as wrong in a session that it had just named.
    pub(crate) refusals: u8,
    /// Why the upload cannot succeed.
    pub(crate) refused: Option<Fault>,
}

/// Where the talk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Ask the vendor where it is.
    #[default]
    Ask,
    /// Send what is missing.
    Send,
    /// Nothing is missing: send the last slice once more, for a slice is what completes the object.
    Nudge,
    /// Something finished may be at the path: is it ours?
    Look(Reason),
    /// Another file is at the path, and overwriting was not asked for.
    Taken,
    /// Complete.
    Done(How),
}

/// Why something finished at the path may be ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// A call of ours has no answer, and an init would not tell.
    Claimed,
    /// The vendor misses nothing, and gives no address.
    Whole,
    /// The vendor says that the same content is there already (-4018).
    Same,
    /// The vendor says that something is there (-177).
    Exists,
}

/// What `stat` shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remote {
    /// Some finished object.
    Object,
    /// No finished object.
    Nothing,
}
