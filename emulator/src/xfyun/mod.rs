//! iFLYTEK's OST file upload (`/file/upload`, `/file/mpupload/…`).

mod answer;
mod arrival;
mod call;
mod cancel;
mod code;
mod complete;
mod config;
mod gateway;
mod init;
mod op;
mod server;
mod service;
mod slice;
mod slices;
mod upload;
mod uploads;

pub use self::config::{
    Account, CompleteAgain, Config, DigestCheck, EmptySlice, Gaps, Limits, ParallelSlices, Refusals, ShortSlice,
    SliceAgain, Switches,
};
pub(crate) use self::op::FACTS;
pub use self::server::Xfyun;
