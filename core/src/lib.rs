//! A sans-IO engine for uploads that survive crashes, lost replies and changed files.
//!
//! An [`Upload`] is a state machine: [`Upload::poll`] says what to do ("send this request", "save this checkpoint"),
//! [`Upload::handle`] takes the answers. It reads no clock, opens no file and no socket; the same seed and the
//! same answers give the same outputs, byte for byte. What a vendor is, is a [`Protocol`]: pure functions over its own
//! messages.
//!
//! A program that wants to upload takes the crate `resumable`, whose client drives this machine; there it is
//! `resumable::machine`. Take this crate alone for a driver of your own, a simulator, or a vendor's protocol.
//!
//! In scope: deciding what to send, when to try again, what to save, when to give up; request bodies as ranges of the
//! source; digests; the checkpoint's format. Out of scope: HTTP (a transport's), vendors' messages (the `proto-*`
//! crates'), files and threads (the crate `resumable`'s).
#![no_std]
#![deny(clippy::disallowed_macros, clippy::disallowed_methods)]

#[macro_use]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod adaptive_window;
mod body;
pub mod calendar;
mod call_limit;
mod checkpoint;
pub mod crc64;
mod digest;
pub mod excerpt;
mod failure;
mod fingerprint;
pub mod foreign_answer;
mod host_error;
mod host_name;
#[cfg(resumable_impure)]
mod impure;
mod input;
mod lease;
pub mod leftovers;
mod located;
mod lookup;
pub mod multipart_form;
mod outline;
mod output;
mod pace;
mod protocol;
mod question;
mod ranges;
mod retry;
mod retry_after;
mod setters;
mod slot;
mod source;
mod tally;
mod ticket;
pub mod units;
mod upload;

pub use self::adaptive_window::{AdaptiveWindow, Begun};
pub use self::body::{Body, Segment};
pub use self::call_limit::CallLimit;
pub use self::checkpoint::{Checkpoint, DamagedCheckpoint, Envelope, FORMAT, ResumeError};
pub use self::digest::{Digest, HashJob, HashKind, HashPass, Hasher, InvalidJob, Misfed, Observed};
pub use self::failure::{Budget, Failure, Last};
pub use self::host_error::{AuthError, Cause, HashError, SendError, SourceFailure, SourceFailureKind, StoreError};
pub use self::host_name::is_host_name;
pub use self::input::{Command, Input};
pub use self::lease::Lease;
pub use self::leftovers::{Leftover, Leftovers, NoLeftovers};
pub use self::located::{IfExists, InvalidIfExists, Located, Unable, numbered};
pub use self::lookup::{Asked, Digesting, Found, Lookup, Told, ToldOf, Unasked};
pub use self::outline::Outline;
pub use self::output::{Action, Event, Output};
pub use self::pace::Pace;
pub use self::protocol::{
    Advice, Answer, AuthReason, Authority, CallProps, Cx, Env, How, Intent, Invalidated, Lane, Limits, Next, Now,
    Occurrence, Protocol, Receipt, Rejection, Remains, State, Transition,
};
pub use self::question::{Known, Question, Serves};
pub use self::ranges::{Ranges, starts_among};
pub use self::retry::Backoff;
pub use self::slot::{Place, Sent, Slot};
pub use self::source::{Comparison, Difference, Doubt, Modified, SAMPLE_BYTES, SourceInfo, TICK};
pub use self::tally::Tally;
pub use self::ticket::{Acquiring, Authorizing, Checking, Hashing, OpId, Saving, Sending, Ticket};
pub use self::upload::{MAX_WINDOW, Options, Stats, Upload};
