//! iFLYTEK OST file upload for resumable: messages, signatures and error codes.
//!
//! The API takes files for the vendor's speech services and gives back an address that those read; it is at
//! `https://upload-ost-api.xfyun.cn`. What its page leaves open was read in the vendor's demos.
//!
//! # In scope
//! * every message, one module each, named after the vendor's path: [`upload`], [`mpupload_init`], [`mpupload_upload`],
//!   [`mpupload_complete`], [`mpupload_cancel`]. Each has an `encode`, a reply type and a `decode`;
//! * the headers that authenticate a request ([`sign`]);
//! * what each error code and each text of the gateway means, and what to do about it ([`codes`], [`fault`]).
//!
//! # Out of scope
//! The services that read the files (`pro_create`, `query`); sockets, clocks and random numbers: time and chance are
//! arguments.
//!
//! # Example
//! An upload, with other options than the defaults:
//! ```
//! use resumable_proto_xfyun::{Options, at};
//!
//! let to = at("4CC5779A")?.with_options(Options::default().part_size(16 << 20).one_request_max(5 << 20))?;
//! assert_eq!(to.app().endpoint(), "https://upload-ost-api.xfyun.cn");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A message alone:
//! ```
//! use std::time::Duration;
//! use resumable_proto_xfyun::*;
//!
//! let app = App::new(ENDPOINT, "4CC5779A", None)?;
//! let credential = Credential::new("0123456789abcdef0123456789abcdef", "secret")?;
//! let now = Duration::from_secs(1_641_374_954);
//! let signing = Signing { credential: &credential, now, digest: DigestMode::Empty };
//! let request = mpupload_init::encode(&app, &RequestId::from_nonce(42), &signing);
//! assert_eq!(request.uri(), "https://upload-ost-api.xfyun.cn/file/mpupload/init");
//! assert_eq!(request.headers()["date"], "Wed, 05 Jan 2022 09:29:14 GMT");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]
#![deny(clippy::disallowed_macros, clippy::disallowed_methods)]

#[macro_use]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod app;
mod argument;
pub mod codes;
mod credential;
pub mod fault;
pub mod limits;
mod lookup;
mod machine;
mod message;
pub mod mpupload_cancel;
pub mod mpupload_complete;
pub mod mpupload_init;
pub mod mpupload_upload;
mod op;
mod options;
pub mod reply;
mod session;
pub mod sign;
mod slicing;
mod transitions;
pub mod upload;

pub use app::{App, ENDPOINT, InvalidApp};
pub use argument::InvalidArgument;
pub use credential::{Credential, InvalidCredential};
pub use fault::{Fault, Refused};
pub use limits::Limits;
pub use machine::{Reply, Xfyun, at};
pub use message::{Boundary, FILE, InvalidName, RequestId};
pub use op::Op;
pub use options::{InvalidOptions, Options};
pub use session::{Call, Ephemeral, Session, Uploaded};
pub use sign::{BodyDigest, DigestMode, Signing};
