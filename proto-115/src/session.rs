//! What is known of one upload, and what of it is saved.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::time::Duration;

use resumable_core::{Digest, HashKind, How, Receipt};
use resumable_proto_oss as oss;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::init::Challenge;
use crate::options::Options;
use crate::storage::Keys;
use crate::target::{Folder, FolderId, Target};
use crate::task::Task;

/// A request's identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `/open/folder/get_info` for the folder that the first names of the target's path lead to.
    Look {
        /// How many names; at least 1.
        depth: usize,
    },
    /// `/open/folder/add` for the folder that so many names lead to.
    FolderAdd {
        /// How many names; at least 1.
        depth: usize,
    },
    /// `/open/upload/init`.
    Init {
        /// With the answer to a second authentication.
        proof: bool,
    },
    /// `/open/upload/resume`.
    Resume,
    /// `/open/upload/get_token`.
    GetToken,
    /// `/open/folder/get_info` for the finished file.
    Check,
    /// A call to the storage.
    Oss(oss::stage::Call),
}

/// What a checkpoint keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    pub(crate) len: u64,
    /// The target's folder, once it is found; it stays the same for the life of the session.
    pub(crate) folder: Option<FolderId>,
    pub(crate) phase: Phase,
    /// An init has no answer: the file may be in the drive.
    pub(crate) unsure_init: bool,
    /// The storage's part: of the object that the phase names, or the last one did.
    pub(crate) stage: oss::stage::Stage,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    /// The file is to be announced.
    Announce,
    /// The vendor wants its bytes.
    Send {
        task: Task,
        /// A call that may have finished the object has no answer.
        doubt: bool,
    },
    /// The object may be in the drive: it is announced again to find out.
    Verify {
        /// How often the vendor wanted the bytes, as if it had never seen them.
        absences: u8,
    },
    /// The vendor says that it is in the drive, but not what it is.
    Check {
        file_id: String,
        how: How,
        /// How often there was no such file.
        absences: u8,
    },
    /// It is in the drive.
    Done {
        file_id: Option<String>,
        how: How,
        /// The name that it got there.
        #[serde(default)]
        name: Option<String>,
    },
}

impl Session {
    pub(crate) fn new(options: &Options, target: &Target, len: u64) -> Self {
        let folder = match target.folder() {
            Folder::Id(id) => Some(id.clone()),
            Folder::Path(names) if names.is_empty() => Some(FolderId::root()),
            Folder::Path(_) => None,
        };
        let stage = oss::stage::Stage::new(&options.stage(), len);
        Self { len, folder, phase: Phase::Announce, unsure_init: false, stage }
    }

    /// Whether it can be the session of a file of `len` bytes.
    pub(crate) fn validate(&self, len: u64, limits: &oss::Limits) -> Result<(), String> {
        if self.len == len {
            self.stage.validate(len, limits)
        } else {
            Err("it is of a file of another length".to_owned())
        }
    }

    pub(crate) fn confirmed(&self) -> u64 {
        if let Phase::Done { .. } = self.phase { self.len } else { self.stage.confirmed() }
    }
}

/// What is not saved: keys, and what is asked anew in every run.
#[derive(Clone, Debug, Default)]
pub struct Ephemeral {
    pub(crate) walk: Option<Walk>,
    /// The second authentication that is wanted.
    pub(crate) challenge: Option<Asked>,
    pub(crate) place: Place,
    pub(crate) keys: Option<Keys>,
    /// How often the storage's keys were refused since it last took any.
    pub(crate) keys_refused: u8,
    pub(crate) storage: oss::stage::Ephemeral,
    /// Why it is not known whether the file is in the drive.
    pub(crate) doubt: Option<Fault>,
    /// When the vendor is asked again whether it has the file, on the `mono` clock.
    pub(crate) ask_at: Option<Duration>,
    /// Why this run ends, once it is decided.
    pub(crate) verdict: Option<Fault>,
    /// The folder that the path led to, and that 115 then said is not there.
    pub(crate) absent: Option<FolderId>,
    /// When that was, on the `mono` clock: what was said before of the folders of the path may be as wrong.
    pub(crate) absent_at: Option<Duration>,
    /// When the last keys of the storage were given: if those are of no use any more, older ones are not either.
    pub(crate) keys_at: Option<Duration>,
}

/// A second authentication that is wanted.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) challenge: Challenge,
    /// The how-manieth it is, since one was answered too late, or in vain.
    pub(crate) nth: u8,
    /// When it was asked for, on the `mono` clock.
    pub(crate) at: Duration,
}

/// Where the bytes are to go, as far as it was said in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is to be asked; it was refused so often, in a way that may pass.
    Unasked { refused: u8 },
    /// Where the task says.
    Told,
}

impl Default for Place {
    fn default() -> Self {
        Self::Unasked { refused: 0 }
    }
}

/// The way to the target's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Walk {
    /// Is there a folder at the end of so many names?
    Look { depth: usize },
    /// There is none at the end of so many names, and this is the one above it.
    Make { depth: usize, parent: FolderId },
}

/// A finished upload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// How it came to be complete.
    pub how: How,
    /// The file's id, where the vendor said it.
    pub file_id: Option<String>,
    /// The file's SHA-1, which the vendor was told, and compared.
    pub sha1: Option<Digest>,
    /// The name that it got, where the vendor said it: 115 changes one that is taken. It is the vendor's text.
    pub name: Option<String>,
}

impl From<Uploaded> for Receipt {
    fn from(uploaded: Uploaded) -> Self {
        let mut receipt = Self::new(uploaded.how);
        receipt.id = uploaded.file_id;
        receipt.digest = uploaded.sha1.map(|sha1| (HashKind::Sha1, sha1));
        receipt.rows.extend(uploaded.name.map(|name| ("name".to_owned(), name)));
        receipt
    }
}
