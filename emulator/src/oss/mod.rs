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
mod error;
mod get;
mod head;
mod initiate;
mod list_objects;
mod list_parts;
mod list_uploads;
mod op;
mod put;
mod request;
mod server;
mod service;
mod signature;
mod target;
mod upload_part;
mod vendor;

pub(crate) use self::callback::{CallbackAnswer, CallbackTarget};
pub use self::config::{
    Account, CompleteAgain, Config, FixedCallback, Limits, MissingToken, MultipartEtag, NextMarker, Refused, StsJudged,
    Switches,
};
pub(crate) use self::op::FACTS;
pub use self::server::Oss;
pub use crate::part_store::Sts;
