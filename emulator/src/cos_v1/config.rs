//! What the COS v1 server is told before it starts: accounts, limits, and a switch for each behaviour nobody has proven.

use serde::{Deserialize, Serialize};

use crate::cos::{Account, BadPath, ChangedSlice, DateForm, ExpiredCode, MissingDirectory, QueryPlus, StatUnfinished};
use crate::switch::{RepeatedField, switch};

/// Everything the COS v1 server is told before it starts.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Who may sign, and the buckets that exist. Default: one made-up account.
    pub accounts: Vec<Account>,
    /// The vendor's numbers.
    pub limits: Limits,
    /// A choice for each unproven behaviour.
    pub switches: Switches,
}

impl Default for Config {
    fn default() -> Self {
        Config { accounts: vec![Account::default()], limits: Limits::default(), switches: Switches::default() }
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
    /// The slice sizes the server gives (512 KiB, 1, 2 and 3 MiB); the smallest where init asks for none.
    pub slice_sizes: Vec<u64>,
    /// Longest file of `op=upload` (20 MiB). Longer ones meet an HTML 413.
    pub one_request: u64,
    /// Longest file of a sliced upload (64 GiB).
    pub max_file: u64,
    /// Longest request body whatever is in it (32 MiB). Longer ones meet an HTML 413.
    pub body: u64,
    /// Longest text field of a form, and of all of them together (1 MiB).
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
            text_fields: 1024 * 1024,
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
    /// `request_id` in bodies and `x-cos-request-id` in headers (`false`: servers of v1's time sent neither).
    pub request_id: bool,
    /// How `Date` is written (`asctime_beijing`).
    pub date: DateForm,
    /// The HTTP status of refusals (`bad_request`).
    pub error_status: ErrorStatus,
    /// What `resource_path` looks like (`full`).
    pub resource_path: ResourcePath,
    /// Which URLs are told of a finished object (`all`).
    pub urls: UrlsTold,
    /// The answer to the slice that completes the file also has `session` and `offset` (`true`).
    pub echo_at_end: bool,
    /// What tells an init from a slice (`without_file`).
    pub init_is: InitIs,
    /// The slice size init answers, whatever was asked for (`null`: what was asked for).
    pub slice_size: Option<u64>,
    /// Init asks for a slice size that is none of the limits' (`nearest`).
    pub odd_slice_size: OddSliceSize,
    /// A slice must start at a multiple of the slice size and fill it, save the last (`true`).
    pub aligned_slices: bool,
    /// In which order slices may come (`any`).
    pub slice_order: SliceOrder,
    /// What a slice's own `sha` is good for (`ignored`).
    pub slice_sha: SliceSha,
    /// What happens to a slice sent again with other bytes (`replace`).
    pub changed_slice: ChangedSlice,
    /// The `offset` init answers where slices came out of order (`first_gap`).
    pub resume_offset: ResumeOffset,
    /// The session init answers for an unfinished upload (`same`).
    pub resume_session: ResumeSession,
    /// Init names a session that is not the unfinished upload's (`ignore`).
    pub stray_session: StraySession,
    /// Init while an upload with another sha is unfinished at that path (`beside`).
    pub other_sha: OtherSha,
    /// An object of the same sha anywhere in the bucket completes an init at once (`true`).
    pub instant_upload: bool,
    /// `op=upload` of what is there already (`refuse`).
    pub upload_again: Again,
    /// Init for what is there already (`urls`).
    pub init_again: Again,
    /// A slice for an upload that was completed (`urls`).
    pub slice_after_end: SliceAfterEnd,
    /// What becomes of the upload when the whole file is not its sha (`forget`).
    pub failed_check: FailedCheck,
    /// A session the server does not know (`failed`).
    pub unknown_session: UnknownSession,
    /// The code where nothing is at a path (`index`).
    pub no_file: NoFile,
    /// `insertOnly`, which the oldest page does not have (`obeyed`).
    pub insert_only: InsertOnly,
    /// `op=upload` of a file without a byte is accepted (`true`).
    pub empty_upload: bool,
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
    /// A once-effect signature (`e=0`) is accepted for uploads too (`true`).
    pub once_for_uploads: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Switches {
            request_id: false,
            date: DateForm::AsctimeBeijing,
            error_status: ErrorStatus::BadRequest,
            resource_path: ResourcePath::Full,
            urls: UrlsTold::All,
            echo_at_end: true,
            init_is: InitIs::WithoutFile,
            slice_size: None,
            odd_slice_size: OddSliceSize::Nearest,
            aligned_slices: true,
            slice_order: SliceOrder::Any,
            slice_sha: SliceSha::Ignored,
            changed_slice: ChangedSlice::Replace,
            resume_offset: ResumeOffset::FirstGap,
            resume_session: ResumeSession::Same,
            stray_session: StraySession::Ignore,
            other_sha: OtherSha::Beside,
            instant_upload: true,
            upload_again: Again::Refuse,
            init_again: Again::Urls,
            slice_after_end: SliceAfterEnd::Urls,
            failed_check: FailedCheck::Forget,
            unknown_session: UnknownSession::Failed,
            no_file: NoFile::Index,
            insert_only: InsertOnly::Obeyed,
            empty_upload: true,
            stat_unfinished: StatUnfinished::NotFound,
            missing_directory: MissingDirectory::Create,
            expired: ExpiredCode::Proxy,
            bad_path: BadPath::IllegalPath,
            query_plus: QueryPlus::Space,
            path_plus: QueryPlus::Literal,
            repeated_field: RepeatedField::Refuse,
            once_for_uploads: true,
        }
    }
}

switch! {
    /// The HTTP status of refusals.
    ErrorStatus {
        /// 400 for every code.
        BadRequest,
        /// The one the code has in v2.
        AsV2,
    }
}
switch! {
    /// The form of `resource_path`.
    ResourcePath {
        /// `/appid/bucket/name`, as the vendor's page says.
        Full,
        /// `/name`, as a recorded answer has it.
        Bare,
    }
}
switch! {
    /// What is told of a finished object beside `access_url` and `resource_path`.
    UrlsTold {
        /// `url` and `source_url`, as in a recorded answer.
        All,
        /// `url`, as the vendor's page says.
        Page,
        /// Nothing.
        AccessOnly,
    }
}
switch! {
    /// What tells the two forms of `op=upload_slice` apart.
    InitIs {
        /// Init has no `filecontent`.
        WithoutFile,
        /// Init has a `filesize`.
        WithFilesize,
    }
}
switch! {
    /// A slice size that the server does not give.
    OddSliceSize {
        /// The next smaller one is given, or else the smallest.
        Nearest,
        /// -284.
        Refuse,
    }
}
switch! {
    /// The order of slices.
    SliceOrder {
        /// As they come.
        Any,
        /// One out of order is -5999.
        Serial,
    }
}
switch! {
    /// `sha` of a slice: the slice's own.
    SliceSha {
        /// Not looked at: "not in force".
        Ignored,
        /// -4016 if it is wrong.
        Checked,
    }
}
switch! {
    /// Where an upload goes on.
    ResumeOffset {
        /// At the first byte that is missing.
        FirstGap,
        /// Behind the last byte that is there.
        LastByte,
    }
}
switch! {
    /// The session of an upload that goes on.
    ResumeSession {
        /// The one it had.
        Same,
        /// A new one; the old one is unknown from then on.
        Fresh,
    }
}
switch! {
    /// A session given at init that is not the one of these bytes.
    StraySession {
        /// As if it had not been given.
        Ignore,
        /// As any session the server does not know.
        Refuse,
    }
}
switch! {
    /// Two unfinished uploads with different bytes at one path.
    OtherSha {
        /// Both are kept.
        Beside,
        /// The older one is given up.
        Replace,
        /// -4020.
        Refuse,
    }
}
switch! {
    /// Bytes that are at that path already.
    Again {
        /// The URLs.
        Urls,
        /// -4018.
        Refuse,
    }
}
switch! {
    /// A slice with the session of a completed upload.
    SliceAfterEnd {
        /// The URLs once more.
        Urls,
        /// -4018.
        Refuse,
        /// The session is unknown by now.
        Gone,
    }
}
switch! {
    /// An upload whose bytes are not those of its sha.
    FailedCheck {
        /// It is gone.
        Forget,
        /// It stays, and its slices may be sent again.
        Keep,
    }
}
switch! {
    /// A session the server does not know.
    UnknownSession {
        /// -288.
        Failed,
        /// -166.
        NoIndex,
        /// -5999.
        Parameter,
    }
}
switch! {
    /// Nothing is at that path.
    NoFile {
        /// -166.
        Index,
        /// -197.
        File,
    }
}
switch! {
    /// `insertOnly`.
    InsertOnly {
        /// `0` overwrites.
        Obeyed,
        /// Nothing is ever overwritten.
        Ignored,
    }
}
