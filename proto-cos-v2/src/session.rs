//! What is known of one upload: the part that is saved, and the part that is not.

use resumable_core::kit::Ranges;
use resumable_core::{Digest, HashKind, How, Receipt};
use serde::{Deserialize, Serialize};

use crate::object::ObjectUrls;
use crate::options::{Integrity, Options};

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

/// What a checkpoint keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    pub(crate) integrity: Integrity,
    pub(crate) insert_only: bool,
    pub(crate) one_request: bool,
    pub(crate) slice_size: u64,
    pub(crate) confirmed: u64,
    /// An unfinished upload of other content was deleted once; not twice.
    pub(crate) replaced: bool,
    pub(crate) phase: Phase,
}

impl Session {
    pub(crate) fn open(options: &Options, len: u64) -> Self {
        let most = options.one_request_max.min(crate::limits::ONE_REQUEST_BYTES);
        Self {
            integrity: options.integrity,
            insert_only: options.insert_only,
            one_request: len <= most,
            slice_size: options.slice_size,
            confirmed: 0,
            replaced: false,
            phase: Phase::Fresh,
        }
    }

    pub(crate) fn hashed(&self) -> bool {
        self.integrity != Integrity::None
    }
}

/// Where an upload is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    /// Nothing is known at the vendor, as far as we know.
    Fresh,
    /// The vendor has an unfinished upload that it ties to our content (-4019): list it.
    Leftover,
    /// The vendor has an unfinished upload of other content (-4020).
    Stranger,
    /// A session of ours.
    Open { session: String, slice_size: u64, serial: bool },
    /// Something finished is at the path, or may be: is it ours?
    Verify { why: Suspicion },
    /// Another file is there, and overwriting was not asked for.
    Taken,
    /// Complete.
    Done { how: How, urls: ObjectUrls },
    /// Abandoned, and deleted.
    Gone,
}

/// Why something finished at the path may be ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Suspicion {
    /// A one-request upload has no answer.
    UploadUnsure,
    /// Our session is finished, says the list.
    OursListed,
    /// The list says finished, and it was no session of ours.
    OtherListed,
    /// The vendor says that the same content is there already (-4018).
    Same,
    /// The vendor says that other content is there (-177).
    Exists,
}

/// What is not saved: it is asked for again in every run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scratch {
    /// What the list says has arrived, and what was acknowledged since; `None` until it was asked for in this run.
    pub(crate) got: Option<Ranges>,
    pub(crate) removal: Removal,
}

/// What is known before something is deleted: a finished object never is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Removal {
    /// Nothing: list.
    #[default]
    Unknown,
    /// The list shows an unfinished upload: is there a finished object beside it?
    Unfinished,
    /// There is none: delete.
    Vacant,
    /// There is one: leave everything as it is.
    Occupied,
}

/// A finished upload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// How it came to be complete.
    pub how: How,
    /// The vendor's addresses of it.
    pub urls: ObjectUrls,
    /// The SHA-1 that the vendor was given or that was compared with the vendor's.
    pub sha: Option<Digest>,
}

impl From<Uploaded> for Receipt {
    fn from(uploaded: Uploaded) -> Self {
        Self {
            how: uploaded.how,
            url: uploaded.urls.best().map(str::to_owned),
            id: uploaded.urls.resource_path,
            digest: uploaded.sha.map(|sha| (HashKind::Sha1, sha)),
        }
    }
}
