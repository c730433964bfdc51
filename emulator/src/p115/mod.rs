//! The 115 open platform (`/open/…`, `/get/status/`): tokens, uploads, and as much of the drive as uploading needs. The bytes
//! go to OSS.

mod answer;
mod call;
mod callback;
mod challenges;
mod chance;
mod code;
mod config;
mod devices;
mod digest;
mod drive;
mod files;
mod folder_add;
mod get_info;
mod init;
mod journal;
mod log_in;
mod op;
mod registrar;
mod request;
mod resume;
mod server;
mod service;
mod shape;
mod switches;
mod tasks;
mod token_pair;
mod tokens;

pub use self::config::{Config, Limits, Names, User};
pub(crate) use self::op::FACTS;
pub use self::server::{DriveFile, P115};
pub use self::shape::{EndpointForm, NoCallback, NumberForm, RefusedData, Shape, StateForm, TokenErrors, Waiting};
pub use self::switches::{
    CallbackAgain, CallbackData, Challenge, ChallengeMet, EmptyFile, FoldersInList, InitAgain, Missing, NameTaken,
    OldAccess, RefreshAgain, ResumeCallback, ResumeDone, ResumeFields, ResumeObject, ResumePickCode, SameContent,
    StaleSignKey, Switches, UnknownToken,
};
