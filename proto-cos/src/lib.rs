//! What the two versions of Tencent's COS JSON API have in common.
//!
//! Version 1 (`/files/v1/`, 2015) and version 2 (`/files/v2/`, 2016) send a slice by other calls and resume in other
//! ways, but they sign alike, name objects alike and answer in the same envelope with the same error codes. That part
//! stands here, once; each version's own calls, and what to do after them, are in its own crate.
//!
//! # In scope
//! * the account, the bucket, the path and the URL made of them ([`Place`]), for each [`Version`];
//! * both forms of the signature and both orders of its fields ([`sign`]);
//! * the envelope of every reply ([`reply`]), read leniently ([`lenient`]), and what is no reply ([`BadAnswer`]);
//! * the error codes and what to do about each ([`codes`]), and the choices that no request could be made by ([`options`]);
//! * the calls that are the same in both: [`upload`] and [`stat`], and what the latter tells of a path ([`lookup`]).
//!
//! # Out of scope
//! Whatever only looks alike: the calls for slices, the machines, what else may be chosen.
#![no_std]
#![deny(clippy::disallowed_macros, clippy::disallowed_methods)]

#[macro_use]
extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod answer;
mod argument;
pub mod codes;
mod credential;
pub mod echo;
pub mod excerpt;
pub mod lenient;
pub mod limits;
pub mod lookup;
pub mod message;
mod object;
mod op;
pub mod options;
mod path;
mod place;
pub mod reply;
mod sha;
pub mod sign;
pub mod stat;
pub mod upload;
mod uploaded;

pub use answer::BadAnswer;
pub use argument::InvalidArgument;
pub use credential::{Credential, InvalidCredential};
pub use echo::WrongEcho;
pub use message::{Boundary, InvalidBoundary};
pub use object::ObjectUrls;
pub use op::Op;
pub use path::{InvalidPath, ObjectPath};
pub use place::{InvalidPlace, Place, Version};
pub use sha::Sha;
pub use sign::{FieldOrder, Signature, Signing};
pub use uploaded::Uploaded;
