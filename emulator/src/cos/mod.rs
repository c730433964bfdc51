//! What the two COS JSON APIs share: accounts, paths, signatures, forms, codes, the envelope of answers, buckets, sessions,
//! and the operations that are the same in both.

mod account;
pub(crate) mod answer;
pub(crate) mod api;
pub(crate) mod bucket;
pub(crate) mod call;
pub(crate) mod code;
pub(crate) mod delete;
mod parts;
pub(crate) mod path;
mod request;
pub(crate) mod rules;
pub(crate) mod server;
mod service;
pub(crate) mod session;
pub(crate) mod sha;
pub(crate) mod signature;
pub(crate) mod slice;
pub(crate) mod stat;
mod switches;
pub(crate) mod upload;
pub(crate) mod urls;

pub use account::Account;
pub(crate) use parts::{Claim, UploadParts};
pub use switches::{BadPath, ChangedSlice, DateForm, ExpiredCode, MissingDirectory, QueryPlus, StatUnfinished};
