//! The COS JSON API v1 (`/files/v1/…`), as far as uploading needs it.
//!
//! A sliced upload has one operation, `upload_slice`, in two forms: init and slice. Plans and logs tell them apart by the
//! names that v2 gave them, `upload_slice_init` and `upload_slice_data`.

mod answer;
mod api;
mod call;
mod config;
mod init;
mod operations;
mod server;
mod slice;

pub(crate) use self::api::FACTS;
pub use self::config::{
    Again, Config, ErrorStatus, FailedCheck, InitIs, InsertOnly, Limits, NoFile, OddSliceSize, OtherSha, ResourcePath,
    ResumeOffset, ResumeSession, SliceAfterEnd, SliceOrder, SliceSha, StraySession, Switches, UnknownSession, UrlsTold,
};
pub use self::server::CosV1;
pub use crate::cos::{BadPath, ChangedSlice, DateForm, ExpiredCode, MissingDirectory, QueryPlus, StatUnfinished};
