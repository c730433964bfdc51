//! Amazon S3 (`/<bucket>/…`, or `/…` at a host whose name begins with the bucket), as far as uploading needs it: one file per
//! operation.

mod abort;
mod answer;
mod bucket_location;
mod call;
mod checksums;
mod chunked;
mod complete;
mod config;
mod delete;
mod description;
mod error;
mod get;
mod head;
mod initiate;
mod late;
mod list_objects;
mod list_parts;
mod list_uploads;
mod op;
mod other_writer;
mod put;
mod request;
mod server;
mod service;
mod signature;
mod switches;
mod target;
mod upload_part;
mod vendor;

pub use self::config::{Account, Config, Limits, RefusedHeader};
pub(crate) use self::op::FACTS;
pub use self::server::S3;
pub use self::switches::{
    AbortAgain, Checksums, CompleteAgain, Documents, Etag, IsTruncated, ListMarker, MissingObject, MultipartEtag,
    PartAgain, PartLengths, Refused, RefusedComplete, Switches, UndeclaredPart, UnknownUpload, UploadId, WrongRegion,
};
pub use crate::part_store::Sts;
