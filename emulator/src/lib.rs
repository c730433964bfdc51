//! Upload vendors' servers, offline: strict, honest, with faults on demand.
//!
//! In scope: the Tencent COS JSON API v2 (`/files/v2/…`), as far as uploading needs it. Every signature is verified, every
//! check the vendor documents is made, errors have the vendor's shapes and codes, finished objects are plain files. What
//! nobody has proven is a [switch](Switches); what may go wrong on a network is a [fault](Fault).
//!
//! Out of scope: downloads, folders, moving and copying, TLS, and every other vendor.
//!
//! The heart opens no socket and reads no clock. An [`Emulator`] takes a request's head, then its body in chunks, and
//! gives a [`Reply`]; a [`Storage`] keeps the bytes, in memory or in a folder. The feature `listener` (on by default)
//! adds the `Listener`, which puts it on a socket.
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

mod code;
mod config;
mod cos_v2;
mod date;
mod emulator;
mod exchange;
mod faults;
mod form;
#[cfg(feature = "listener")]
mod listener;
mod log;
mod path;
mod reply;
mod signature;
mod storage;

pub use config::{
    Account, BadPath, ChangedSlice, Config, DateForm, ExpiredCode, FinishAgain, FinishWithGaps, Limits, ListSha,
    ListShows, MissingDirectory, QueryPlus, SerialUpload, StatUnfinished, Switches, UnknownSession,
};
pub use emulator::Emulator;
pub use exchange::Exchange;
pub use faults::{Fault, Plan, Rule};
#[cfg(feature = "listener")]
pub use listener::Listener;
pub use log::{Entry, Totals};
pub use path::ObjectName;
pub use reply::{Delivery, Reply};
pub use storage::{DiskStorage, MemoryStorage, Spool, Storage, StoredDraft, StoredObject};
