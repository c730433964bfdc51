//! Upload vendors' servers, offline: strict, honest, with faults on demand.
//!
//! In scope: what uploading needs of a vendor's API. Each vendor has a module, which says which paths it answers. Every
//! signature is verified, every check the vendor documents is made, errors have the vendor's shapes and codes, finished objects
//! are plain files. What nobody has proven is a switch in the module's `Switches`; what may go wrong on a network is a
//! [fault](Fault).
//!
//! Out of scope: downloads (except for OSS, whose clients verify by them), folders (except for 115, whose uploads go to one),
//! moving and copying.
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
mod claim;
mod codes;
mod config;
pub mod cos;
pub mod cos_v1;
pub mod cos_v2;
pub mod cos_xml;
mod date;
mod emulator;
mod exchange;
mod faults;
mod form;
#[cfg(feature = "listener")]
mod listener;
mod log;
mod multipart;
mod ops;
pub mod oss;
pub mod p115;
mod part_store;
mod registry;
mod reply;
mod response;
pub mod s3;
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
