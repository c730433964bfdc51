//! The 115 open platform for resumable: messages, log-in, error codes, and the upload protocol.
//!
//! 115 takes a file's name, size and SHA-1 at `https://proapi.115.com`, and the file itself, unless it knows it already,
//! at a bucket of Aliyun OSS, whose messages are those of `resumable-proto-oss`.
//!
//! # In scope
//! * the messages of an upload, one module each, named after the vendor's path: [`init`], [`resume`], [`get_token`],
//!   [`get_info`], [`folder_add`], and the answer that the storage passes on, [`callback_reply`];
//! * a person's log-in: [`auth_device_code`], [`qrcode_status`], [`device_code_to_token`], [`refresh_token`], and what to
//!   do when one is refused ([`Remedy`]);
//! * what each error code means, and what to do about it ([`codes`]).
//!
//! # Out of scope
//! Where tokens are kept; sockets, clocks and random numbers: time and chance are arguments.
//!
//! # Example
//! An upload, with other options than the defaults:
//! ```
//! use resumable_proto_115::{Options, at};
//!
//! let to = at("mine", "/videos/big.mkv")?.with_options(Options::default().create_folders(true))?;
//! assert_eq!(to.target().name(), "big.mkv");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A message alone:
//! ```
//! use resumable_proto_115::*;
//!
//! let refresh = RefreshToken::new("emu-refresh-0001")?;
//! let request = refresh_token::encode(&Site::default(), &refresh);
//! assert_eq!(request.uri(), "https://passportapi.115.com/open/refreshToken");
//! # Ok::<(), InvalidToken>(())
//! ```
#![no_std]
#![deny(clippy::disallowed_macros, clippy::disallowed_methods)]

#[macro_use]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod argument;
pub mod auth_device_code;
pub mod callback_reply;
pub mod codes;
pub mod device_code_to_token;
mod envelope;
mod fault;
pub mod folder_add;
mod form;
pub mod get_info;
pub mod get_token;
pub mod init;
pub mod limits;
mod log_in;
mod lookup;
mod machine;
mod op;
mod options;
mod pkce;
pub mod qrcode_status;
pub mod refresh_token;
pub mod resume;
mod session;
mod site;
mod storage;
mod target;
mod task;
mod token;
mod transitions;

pub use argument::InvalidArgument;
pub use fault::{Fault, Refused};
pub use log_in::{NotLoggedIn, Remedy};
pub use lookup::{P115Lookup, Question};
pub use machine::{P115, Reply, at};
pub use op::Op;
pub use options::{InvalidOptions, Options};
pub use pkce::{CodeVerifier, InvalidVerifier};
pub use session::{Call, Ephemeral, Session, Uploaded};
pub use site::{InvalidSite, PASSPORTAPI, PROAPI, QRCODEAPI, Site};
pub use target::{Folder, FolderId, InvalidTarget, Target};
pub use task::Task;
pub use token::{AccessToken, InvalidToken, RefreshToken, Tokens};
