//! What the COS v2 server is told before it starts: accounts, limits, and a switch for each behaviour nobody has proven.

use serde::{Deserialize, Serialize};

use crate::cos::{Account, BadPath, ChangedSlice, DateForm, ExpiredCode, MissingDirectory, QueryPlus, StatUnfinished};
use crate::switch::{RepeatedField, switch};

/// Everything the COS v2 server is told before it starts.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Who may sign, and the buckets that exist. Default: one made-up account.
    pub accounts: Vec<Account>,
    /// The region in the URLs of answers (`sh`).
    pub region: String,
    /// The vendor's numbers.
    pub limits: Limits,
    /// A choice for each unproven behaviour.
    pub switches: Switches,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            accounts: vec![Account::default()],
            region: "sh".to_owned(),
            limits: Limits::default(),
            switches: Switches::default(),
        }
    }
}

impl Config {
    /// Whether a key is the one that stands in this crate's source.
    pub(crate) fn has_public_key(&self) -> bool {
        self.accounts.contains(&Account::default())
    }
}

/// The vendor's numbers. A simulator may make them tiny.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// The slice sizes `upload_slice_init` may ask for (512 KiB, 1, 2 and 3 MiB). Any other is -284.
    pub slice_sizes: Vec<u64>,
    /// Longest file of `op=upload` (20 MiB: what the vendor's own SDKs send in one request; its page says "20 MB"). Longer ones meet an HTML 413.
    pub one_request: u64,
    /// Longest file of a sliced upload (64 GiB).
    pub max_file: u64,
    /// Longest request body whatever is in it (32 MiB). Longer ones meet an HTML 413.
    pub body: u64,
    /// Longest text field of a form, and of all of them together (8 MiB).
    pub text_fields: usize,
    /// Longest object key in bytes (1024; an emulator's own limit).
    pub key: usize,
    /// Longest time a signature may be valid after its `t`, in seconds (92 days: "about three months").
    pub signature_life: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            slice_sizes: vec![524_288, 1_048_576, 2_097_152, 3_145_728],
            one_request: 20 * 1024 * 1024,
            max_file: 64 * 1024 * 1024 * 1024,
            body: 32 * 1024 * 1024,
            text_fields: 8 * 1024 * 1024,
            key: 1024,
            signature_life: 92 * 86_400,
        }
    }
}

/// One choice per behaviour that is a guess in the reference. A client should survive all of them.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Switches {
    /// `request_id` in bodies and `x-cos-request-id` in headers (`true`; servers of 2016 sent neither).
    pub request_id: bool,
    /// How `Date` is written (`asctime_beijing`).
    pub date: DateForm,
    /// What init says about sending slices in parallel (`absent`).
    pub serial_upload: SerialUpload,
    /// The slice size init answers, whatever was asked for (`null`: what was asked for).
    pub slice_size: Option<u64>,
    /// An object of the same sha anywhere in the bucket completes an init at once (`true`).
    pub instant_upload: bool,
    /// `uploadparts` must come with init's `sha` (`true`).
    pub uploadparts_with_sha: bool,
    /// A slice must start at a multiple of the slice size and fill it, save the last (`true`).
    pub aligned_slices: bool,
    /// What happens to a slice sent again with other bytes (`replace`).
    pub changed_slice: ChangedSlice,
    /// The `sha` in a list answer (`absent`).
    pub list_sha: ListSha,
    /// What list shows where an older object and an unfinished session share a path (`session`).
    pub list_shows: ListShows,
    /// Finish while slices are missing (`unfinished`).
    pub finish_with_gaps: FinishWithGaps,
    /// Finish again after it succeeded (`gone`).
    pub finish_again: FinishAgain,
    /// A session the server does not know (`not_found`).
    pub unknown_session: UnknownSession,
    /// `stat` of a path that only has an unfinished session (`not_found`).
    pub stat_unfinished: StatUnfinished,
    /// Upload into a directory nobody created (`create`).
    pub missing_directory: MissingDirectory,
    /// The code of an expired signature (`proxy`).
    pub expired: ExpiredCode,
    /// The code of a path no object may have (`illegal_path`).
    pub bad_path: BadPath,
    /// How a `+` in `?sign=` is read (`space`, as forms are; a client must send `%2B`).
    pub query_plus: QueryPlus,
    /// How a `+` in the path is read (`literal`).
    pub path_plus: QueryPlus,
    /// A field that a form has more than once (`refuse`).
    pub repeated_field: RepeatedField,
    /// Version 1's `op=upload_slice`, which one official SDK sends to version 2 (`refuse`).
    pub upload_slice: UploadSlice,
    /// A once-effect signature (`e=0`) is accepted for uploads too (`true`).
    pub once_for_uploads: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Switches {
            request_id: true,
            date: DateForm::AsctimeBeijing,
            serial_upload: SerialUpload::Absent,
            slice_size: None,
            instant_upload: true,
            uploadparts_with_sha: true,
            aligned_slices: true,
            changed_slice: ChangedSlice::Replace,
            list_sha: ListSha::Absent,
            list_shows: ListShows::Session,
            finish_with_gaps: FinishWithGaps::Unfinished,
            finish_again: FinishAgain::Gone,
            unknown_session: UnknownSession::NotFound,
            stat_unfinished: StatUnfinished::NotFound,
            missing_directory: MissingDirectory::Create,
            expired: ExpiredCode::Proxy,
            bad_path: BadPath::IllegalPath,
            query_plus: QueryPlus::Space,
            path_plus: QueryPlus::Literal,
            repeated_field: RepeatedField::Refuse,
            upload_slice: UploadSlice::Refuse,
            once_for_uploads: true,
        }
    }
}

switch! {
    /// `serial_upload` in the answer to init.
    SerialUpload {
        /// `1`: slices come one after the other, and one out of order is refused.
        One,
        /// `0`: any order.
        Zero,
        /// Not there: any order.
        Absent,
    }
}
switch! {
    /// `sha` in a list answer.
    ListSha {
        /// Not there, as in the vendor's sample.
        Absent,
        /// The sha given at init.
        Plain,
        /// The sha, `_`, and more text, as one SDK expects.
        Suffixed,
    }
}
switch! {
    /// What list shows where both exist.
    ListShows {
        /// The unfinished session.
        Session,
        /// The older, finished object.
        Finished,
    }
}
switch! {
    /// Finish while slices are missing.
    FinishWithGaps {
        /// -4019.
        Unfinished,
        /// -175.
        Length,
    }
}
switch! {
    /// Finish with a session that finished before.
    FinishAgain {
        /// The session is unknown by now.
        Gone,
        /// The URLs once more.
        UrlsAgain,
    }
}
switch! {
    /// A session the server does not know.
    UnknownSession {
        /// -197.
        NotFound,
        /// -288.
        Failed,
        /// -5999.
        Parameter,
    }
}
switch! {
    /// `op=upload_slice`.
    UploadSlice {
        /// -5999.
        Refuse,
        /// Begins uploads, takes slices and completes, all in one, as version 1 does.
        AsV1,
    }
}
