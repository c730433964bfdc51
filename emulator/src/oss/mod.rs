//! Aliyun OSS (`/<bucket>/…`, or `/…` at a host whose name begins with the bucket), as far as uploading needs it: one file per
//! operation.

mod abort;
mod answer;
mod bucket_info;
mod call;
mod callback;
mod complete;
mod config;
mod description;
mod digests;
mod error;
mod get;
mod head;
mod initiate;
mod list_objects;
mod list_parts;
mod list_uploads;
mod listing;
mod objects;
mod op;
mod parts;
mod put;
mod query;
mod request;
mod server;
mod service;
mod signature;
mod sts;
mod target;
mod upload_part;
mod uploads;
mod xml;

pub(crate) use self::callback::{CallbackAnswer, CallbackTarget};
pub use self::config::{
    Account, CompleteAgain, Config, FixedCallback, Limits, MissingToken, MultipartEtag, NextMarker, Refused, StsJudged,
    Switches,
};
pub(crate) use self::op::FACTS;
pub use self::server::Oss;
pub use self::sts::Sts;
