//! iFLYTEK's OST file upload (`/file/upload`, `/file/mpupload/…`).

mod answer;
mod call;
mod code;
mod config;
mod gateway;
mod op;
mod operations;
mod request;
mod server;
mod service;
mod slices;
mod uploads;

pub use self::config::{
    Account, CompleteAgain, Config, DigestCheck, EmptySlice, Gaps, Limits, ParallelSlices, Refusals, ShortSlice,
    SliceAgain, Switches,
};
pub(crate) use self::op::FACTS;
pub use self::server::Xfyun;
