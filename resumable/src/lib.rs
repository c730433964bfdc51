//! Uploads big files, and goes on where it stopped: after a crash, a lost reply, an expired signature, a reboot.
//!
//! ```no_run
//! # #[cfg(all(feature = "ureq", feature = "oss"))]
//! # fn upload() -> Result<(), resumable::Error> {
//! use resumable::blocking::Client;
//! use resumable::oss;
//!
//! let client = Client::builder().checkpoints("uploads").build()?;
//! let to = oss::at("https://oss-cn-shenzhen.aliyuncs.com", "mybackup", "dir/big.bin")?;
//! let key = oss::Credential::new("LTAI…", "…")?;
//! let receipt = client.put(to, key).file("big.bin").send()?; // run it again after an interruption: it resumes
//! # drop(receipt);
//! # Ok(())
//! # }
//! ```
//!
//! With the feature `async` there is [`Client`], with the same names; `send` is then a future. The guide
//! `docs/embedding.md` goes from these lines to the machine beneath, and `examples/` has programs to copy.
//!
//! # In scope
//! - A client in either style ([`blocking::Client`], [`Client`]), made by a [`ClientBuilder`]. Its clones share connections,
//!   checkpoints and limits.
//! - One upload ([`Put`]), many uploads ([`Many`]), and handles to them while they run ([`Handle`], [`ManyHandle`]).
//! - What is uploaded: a file ([`FileSource`]), bytes in memory ([`MemorySource`]), a reader ([`ReaderSource`]), a stream
//!   ([`Put::spool`]), or a [`Source`] of your own.
//! - Where checkpoints are kept: a [`Folder`], a [`MemoryStore`], or a [`Store`] of your own. A [`Key`] finds them.
//! - [`Credentials`] that many uploads share, and that are refreshed once for all of them.
//! - What was sent before is not sent again: a [`SentRecord`].
//! - [`Limits`] that uploads share, and that can be changed while they run.
//! - Vendors, each with its feature: [`oss`], [`s3`], [`p115`], [`cos_xml`], [`cos_v1`], [`cos_v2`], [`xfyun`].
//! - The vendor chosen at run time: [`profile`].
//! - The loops beneath the client ([`drive`]), what a transport is ([`transport`]), and the pure machine ([`machine`]).
//!
//! # Out of scope
//! Downloads, listings, and making two folders equal. HTTP, which transports bring. A user interface, which the command has.
//!
//! # What is promised
//! - Success is claimed only when the vendor's own answer says so, or when asking the vendor proves it.
//! - A crash or a lost reply costs at most the requests that were under way, as long as the vendor keeps the upload.
//! - A source that changed is an error ([`ErrorKind::Changed`]), never a mixture of two versions, wherever a look at the source
//!   can tell.
//! - Bad input is an [`Error`] that names the argument. A store, a source or credentials of the program's own may fail or
//!   panic: the upload ends with an error.
//! - No key, token or signature is in a checkpoint, an error, an event, or what `Debug` shows.
//!
//! # Features
//! | feature | what it adds |
//! |---|---|
//! | `blocking` (default) | [`blocking::Client`] |
//! | `ureq` (default) | `blocking`, and its transport |
//! | `async` | [`Client`], for any runtime |
//! | `reqwest` | `async`, and its transport, for programs with a tokio runtime |
//! | `oss`, `s3`, `115`, `cos-xml`, `cos-v1`, `cos-v2`, `xfyun` | a vendor |
//! | `profiles` | [`profile`], [`vendors`], [`Client::put_to`] |
//! | `folders` | [`tree`]: the files below folders |
//! | `tracing` | one event for each request |
//! | `http1` | [`transport::read_reply`], for transports without an HTTP client |

// Without a style there is no client, and nobody uses what it is made of.
#![cfg_attr(not(any(feature = "async", feature = "blocking")), allow(dead_code, unused_imports))]

#[cfg(all(feature = "profiles", any(feature = "async", feature = "blocking")))]
mod accounts;
#[cfg(feature = "async")]
mod asynchronous;
#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(any(feature = "async", feature = "blocking"))]
mod client;
#[cfg(feature = "cos-v1")]
pub mod cos_v1;
#[cfg(feature = "cos-v2")]
pub mod cos_v2;
#[cfg(feature = "cos-xml")]
pub mod cos_xml;
mod credentials;
#[cfg(any(feature = "async", feature = "blocking"))]
mod destination;
mod digests;
pub mod drive;
mod error;
mod event;
pub mod file;
mod foreign_code;
mod handle;
#[cfg(any(feature = "async", feature = "blocking"))]
mod leftovers;
mod limits;
#[cfg(any(feature = "async", feature = "blocking"))]
mod lookup;
#[cfg(any(feature = "async", feature = "blocking"))]
mod many;
#[cfg(feature = "oss")]
pub mod oss;
#[cfg(feature = "115")]
pub mod p115;
pub mod printable;
#[cfg(feature = "profiles")]
#[cfg_attr(
    not(any(feature = "cos-xml", feature = "oss")),
    allow(dead_code, unused_imports, reason = "some vendors need less of it")
)]
pub mod profile;
#[cfg(any(feature = "async", feature = "blocking"))]
mod put;
#[cfg(feature = "s3")]
pub mod s3;
#[cfg(any(feature = "async", feature = "blocking"))]
mod sent;
mod sources;
mod store;
#[cfg(any(feature = "profiles", feature = "reqwest", feature = "ureq"))]
pub mod transports;
#[cfg(feature = "folders")]
pub mod tree;
pub mod units;
#[cfg(feature = "profiles")]
#[cfg_attr(
    not(any(feature = "cos-xml", feature = "oss")),
    allow(dead_code, unused_imports, reason = "some vendors need less of it")
)]
pub mod vendors;
#[cfg(feature = "xfyun")]
pub mod xfyun;

pub use resumable_core as machine;
pub use resumable_core::{Found, How, IfExists, Leftover, Outline, Receipt, Remains};
pub use resumable_transport as transport;
pub use resumable_transport::{Source, SourceError};

#[cfg(feature = "async")]
pub use self::asynchronous::Client;
#[cfg(any(feature = "async", feature = "blocking"))]
pub use self::client::ClientBuilder;
pub use self::credentials::{BoxError, CredentialSource, Credentials, Issued};
pub use self::digests::digests;
pub use self::error::{Error, ErrorKind};
pub use self::event::Event;
pub use self::file::{FileSource, Folder, Key, Label};
pub use self::handle::{Handle, Phase, Progress};
#[cfg(any(feature = "async", feature = "blocking"))]
pub use self::leftovers::Named;
pub use self::limits::{Limits, RateSchedule, Timetable, Window};
#[cfg(any(feature = "async", feature = "blocking"))]
pub use self::lookup::Verified;
#[cfg(any(feature = "async", feature = "blocking"))]
pub use self::many::{Many, ManyHandle, Total};
#[cfg(any(feature = "async", feature = "blocking"))]
pub use self::put::{Abandoned, Put, Related, Relation};
#[cfg(any(feature = "async", feature = "blocking"))]
pub use self::sent::{Sent, SentError, SentRecord};
pub use self::sources::{MemorySource, ReaderSource};
pub use self::store::{MemoryStore, Store, StoreGuard};

// The programs on these pages are compiled here, where everything that they name can be had.
#[cfg(all(
    doctest,
    feature = "115",
    feature = "cos-v1",
    feature = "cos-v2",
    feature = "profiles",
    feature = "reqwest",
    feature = "ureq",
    feature = "xfyun"
))]
mod pages {
    #[doc = include_str!("../../README.md")]
    struct Readme;

    #[doc = include_str!("../../docs/embedding.md")]
    struct Embedding;

    #[doc = include_str!("../../docs/emulator.md")]
    struct Emulator;
}
