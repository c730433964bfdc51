//! Tencent COS XML (`/…` at a host whose name begins with the bucket, or `/<bucket>/…`), as far as uploading needs it: one file per
//! operation.

mod abort;
mod answer;
mod call;
mod complete;
mod config;
mod delete;
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
mod temporary;
mod upload_part;
mod vendor;

pub use self::config::{
    Account, CompleteAgain, CompleteStyle, Config, CrcAbsent, EncodingElement, EtagQuotes, ExpiredAs, JudgeTime,
    Limits, ListCase, LocationScheme, MultipartEtag, MustSign, NextMarker, PartEtag, Refused, SignedHost, Switches,
};
pub(crate) use self::op::FACTS;
pub use self::server::CosXml;
pub use self::temporary::TemporaryKey;
