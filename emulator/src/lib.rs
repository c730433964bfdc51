//! Upload vendors' servers, offline: strict, honest, with faults on demand.
//!
//! In scope: the Tencent COS JSON APIs v1 and v2 (`/files/v1/…`, `/files/v2/…`), iFLYTEK's OST file upload (`/file/…`),
//! Aliyun OSS (`/<bucket>/…`, or `/…` at a host whose name begins with the bucket) and the 115 open platform (`/open/…`,
//! `/get/status/`), as far as uploading needs them. Every signature is verified, every check the vendor documents is made,
//! errors have the vendor's shapes and codes, finished objects are plain files. What nobody has proven is a switch
//! ([v1's](cos_v1::Switches), [v2's](cos_v2::Switches), [xfyun's](xfyun::Switches), [OSS's](oss::Switches),
//! [115's](p115::Switches)); what may go wrong on a network is a [fault](Fault).
//!
//! Out of scope: downloads (but for OSS, whose clients verify by them), folders (but for 115, whose uploads go to one), moving
//! and copying, and every other vendor.
//!
//! The core opens no socket and reads no clock. An [`Emulator`] takes a request's head, then its body in chunks, and
//! gives a [`Reply`]; a [`Storage`] keeps the bytes, in memory or in a folder, or only their number. The feature `listener`
//! (on by default) adds the `Listener`, which puts it on a socket; the feature `tls` lets that socket speak TLS.
//!
//! ```
//! use std::time::Duration;
//! use resumable_emulator::{Config, Emulator, MemoryStorage};
//!
//! let emulator = Emulator::new(Config::default(), Box::new(MemoryStorage::new()))?;
//! let request = http::Request::post("/files/v2/10055004/accesslog/a.txt").body(bytes::Bytes::new())?;
//! let reply = emulator.handle(Duration::from_secs(1_470_000_000), request);
//! assert_eq!(reply.response.status(), 403);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod body_sink;
mod config;
pub mod cos;
pub mod cos_v1;
pub mod cos_v2;
mod date;
mod emulator;
mod exchange;
mod faults;
mod form;
#[cfg(feature = "listener")]
mod listener;
mod log;
mod multipart;
pub mod oss;
pub mod p115;
mod registry;
mod reply;
mod response;
mod service;
mod shared;
mod storage;
mod switch;
pub mod xfyun;

pub use config::{Config, Connections};
pub use emulator::Emulator;
pub use exchange::Exchange;
pub use faults::{Fault, Plan, PlanError, Rule, VendorCode};
#[cfg(feature = "listener")]
pub use listener::Listener;
#[cfg(feature = "tls")]
pub use listener::Tls;
pub use log::{Entry, Totals};
pub use reply::{Delivery, Reply};
pub use storage::{DiskStorage, MemoryStorage, NullStorage, ObjectName, Spool, Storage, StoredDraft, StoredObject};
pub use switch::RepeatedField;
