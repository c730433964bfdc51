//! The COS JSON API v2 (`/files/v2/…`), as far as uploading needs it: one file per operation.

mod answer;
mod api;
mod call;
mod config;
mod data;
mod finish;
mod init;
mod list;
mod operations;
mod server;
mod upload_slice;

pub(crate) use self::api::FACTS;
pub use self::config::{
    Config, FinishAgain, FinishWithGaps, Limits, ListSha, ListShows, SerialUpload, Switches, UnknownSession,
    UploadSlice,
};
pub use self::server::CosV2;
pub use crate::cos::{BadPath, ChangedSlice, DateForm, ExpiredCode, MissingDirectory, QueryPlus, StatUnfinished};
