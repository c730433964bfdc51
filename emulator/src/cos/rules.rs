//! What the two APIs have in common, as the settings of each say it.

use super::account::Account;
use super::code::Code;
use super::switches::{BadPath, DateForm, ExpiredCode, MissingDirectory, QueryPlus, StatUnfinished};
use crate::switch::RepeatedField;

/// What the shared part asks of an API's settings.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) accounts: Vec<Account>,
    pub(crate) limits: Limits,
    pub(crate) style: ResponseStyle,
    /// Whether a once-effect signature may upload.
    pub(crate) once_for_uploads: bool,
    /// Whether `insertOnly=0` lets an object be overwritten.
    pub(crate) heeds_insert_only: bool,
    pub(crate) query_plus: QueryPlus,
    pub(crate) path_plus: QueryPlus,
    pub(crate) repeated_field: RepeatedField,
    pub(crate) expired: ExpiredCode,
    pub(crate) bad_path: BadPath,
    pub(crate) missing_directory: MissingDirectory,
    pub(crate) stat_unfinished: StatUnfinished,
    /// Whether the last slice completes the object, and no call is needed for it.
    pub(crate) completes_itself: bool,
    /// Nothing is at that path.
    pub(crate) no_file: Code,
    /// The backend is degraded.
    pub(crate) degraded: Code,
}

/// The vendor's numbers, as far as they are shared.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) one_request: u64,
    pub(crate) largest_slice: u64,
    pub(crate) max_file: u64,
    pub(crate) body: u64,
    pub(crate) text_fields: usize,
    pub(crate) key: usize,
    pub(crate) signature_life: u64,
}

/// How answers sound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResponseStyle {
    pub(crate) date: DateForm,
    pub(crate) request_id: bool,
    /// The message of success.
    pub(crate) success: &'static str,
    /// The status of every refusal, where it is the same for all.
    pub(crate) refusals: Option<u16>,
}
