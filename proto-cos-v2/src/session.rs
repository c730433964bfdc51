//! What is known of one upload: the part that is saved, and the part that is not.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::time::Duration;

use resumable_core::{How, Ranges, SourceInfo};
use resumable_proto_cos::ObjectUrls;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::options::{Integrity, Options};
use crate::reply::is_slice_size;
use crate::stat::Stat;

/// A request's identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `upload`: the whole file.
    Upload,
    /// `upload_slice_init`.
    Init,
    /// `upload_slice_list`.
    List,
    /// `upload_slice_data`.
    Data {
        /// The slice's first byte.
        offset: u64,
        /// Its length in bytes.
        datalen: u64,
    },
    /// `upload_slice_finish`.
    Finish,
    /// `delete`.
    Delete,
    /// `stat`.
    Stat,
}

/// What a checkpoint keeps: facts. What they mean today is asked of the vendor in every run. The verdicts on our content
/// and our session (`differed`, `distrusted`) stay until they are acted on, because no later answer repeats them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    pub(crate) integrity: Integrity,
    pub(crate) slice_size: u64,
    pub(crate) confirmed: u64,
    /// Our session at the vendor.
    pub(crate) open: Option<Open>,
    /// The vendor found other content in our session than we meant, or cannot finish it: it is to be discarded.
    pub(crate) distrusted: bool,
    /// The vendor found other content in the slice that begins here than it was promised, and the slice was not sent
    /// again with success since.
    #[serde(default)]
    pub(crate) differed: Option<u64>,
    /// A call of ours may have completed the object.
    pub(crate) claim: Option<Claim>,
    pub(crate) init: Init,
}

/// Whether the vendor was asked for a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Init {
    /// Never.
    Never,
    /// It may have been.
    Asked,
    /// It may have opened one whose name we were not told.
    Unsure,
}

/// A session as the vendor opened it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Open {
    pub(crate) session: String,
    pub(crate) slice_size: u64,
    /// Slices go one after the other.
    pub(crate) serial: bool,
}

/// Which call may have completed the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Claim {
    /// `upload`, or an init that was answered with an instant upload.
    Upload,
    /// `upload_slice_finish`.
    Finish,
}

impl Session {
    /// A source that keeps no time of change needs a hash: else nothing would tell what the slices are of that the vendor
    /// lists, and whose answer was lost.
    pub(crate) fn new(options: &Options, source: &SourceInfo) -> Self {
        let (len, tells) = (source.len, source.changed.is_some() || source.version.is_some());
        let integrity = if tells { options.integrity } else { options.integrity.max(Integrity::Sha1) };
        let hashed = integrity != Integrity::None;
        Self {
            integrity,
            slice_size: options.part_size,
            confirmed: 0,
            open: None,
            distrusted: false,
            differed: None,
            claim: None,
            init: if hashed || len <= options.one_request_most() { Init::Never } else { Init::Asked },
        }
    }

    /// Whether it can be the session of a file of `len` bytes.
    pub(crate) fn validate(&self, len: u64, options: &Options) -> Result<(), String> {
        if !options.part_sizes.contains(&self.slice_size) {
            return Err(format!("it asks for slices of {} bytes, which the server does not take", self.slice_size));
        }
        // Without a session there is nothing at the vendor, or all of it.
        let open = match &self.open {
            Some(open) => is_slice_size(open.slice_size) && !open.session.is_empty() && self.confirmed <= len,
            None => self.confirmed == 0 || self.confirmed == len,
        };
        let differed = self.differed.is_none_or(|offset| offset < len);
        if open && differed { Ok(()) } else { Err("its slices are not those of the file".to_owned()) }
    }

    pub(crate) fn hashed(&self) -> bool {
        self.integrity != Integrity::None
    }

    /// True if this is the name of our session.
    pub(crate) fn is_named(&self, session: &str) -> bool {
        self.open.as_ref().is_some_and(|open| open.session == session)
    }
}

/// What is not saved: the talk of this run.
#[derive(Clone, Debug, Default)]
pub struct Ephemeral {
    pub(crate) phase: Phase,
    /// What the list says has arrived, and what was acknowledged since; `None` until it was asked for in this run.
    pub(crate) got: Option<Ranges>,
    /// What stands at the path, while it is compared with our file.
    pub(crate) seen: Option<Stat>,
    /// The addresses of the complete object.
    pub(crate) urls: ObjectUrls,
    pub(crate) removal: Removal,
    pub(crate) replaced: Replaced,
    /// Everything was sent again into our session, for the list would not show it.
    pub(crate) resent: bool,
    /// Times that finish was refused although the list shows every slice.
    pub(crate) unfinishable: u8,
    /// Sessions that could not be finished, and were discarded.
    pub(crate) discarded: u8,
    /// Times that everything was sent again into a session that could not be deleted.
    pub(crate) resent_whole: u8,
    /// Slices that were refused as wrong while the list shows their session.
    pub(crate) refusals: u8,
    /// Why the upload cannot succeed.
    pub(crate) refused: Option<Fault>,
    pub(crate) proof: Proof,
}

/// Whether the vendor knows the SHA-1 of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Not that we know.
    #[default]
    Missing,
    /// It was given ours, or its own was compared with it.
    Compared,
}

/// Where the talk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Go by the facts.
    #[default]
    Begin,
    /// The vendor has an unfinished upload that may be ours (-4019): list it.
    Leftover,
    /// The vendor has an unfinished upload of other content (-4020).
    Stranger,
    /// Something finished is at the path: is it ours?
    Look(Reason),
    /// Another file is at the path, and overwriting was not asked for.
    Taken,
    /// A stranger's unfinished upload is at the path, and is not deleted (any more).
    Occupied,
    /// The list shows an older object in place of the unfinished upload.
    Hidden,
    /// Complete.
    Done(How),
    /// Abandoned, and nothing is left.
    Gone,
}

/// Why something finished at the path may be ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// A call of ours has no answer, and the list says finished.
    Claimed,
    /// The list says finished where our session was.
    OursListed,
    /// The list says finished, and it was no session of ours.
    OtherListed,
    /// The vendor says that the same content is there already (-4018).
    Same,
    /// The vendor says that something is there.
    Exists,
}

/// What is known before something is deleted: a finished object never is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Removal {
    /// Nothing: list.
    #[default]
    Unknown,
    /// The list shows an unfinished upload: is there a finished object beside it?
    Unfinished,
    /// There was none at this time of the `mono` clock: delete at once, or ask again.
    Vacant { at: Duration },
    /// There is one: leave everything as it is.
    Occupied,
}

/// Whether a stranger's unfinished upload was deleted; it is at most once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Replaced {
    #[default]
    No,
    /// The one with this session is about to be.
    Meant(String),
    Yes,
}
