//! What a transport is: for those who connect resumable to an HTTP client of their own, and for the two that come with
//! it.
//!
//! - [`blocking::Transport`] and [`asynchronous::Transport`] (feature `async`): carry one request, bring its answer back.
//! - [`Source`] and [`SourceError`]: what is uploaded. [`BodyReader`] reads a request's body out of it, and
//!   [`blocking::Outgoing`] or [`asynchronous::Outgoing`] give that body to a transport, at the pace that is wanted, until
//!   it is cancelled.
//! - What must not differ from transport to transport: the head of a request ([`prepare`]), the cap on replies
//!   ([`Reply`]), and what errors mean and say ([`WireError`], [`send_error`]), which name a request without its query.
//! - [`net`] (feature `net`): settings, proxies and trust, for transports that open their own connections. It brings
//!   rustls; without it no TLS is compiled.
//!
//! A program that uses the crate `resumable` has all of this as `resumable::transport`. `docs/own-transport.md` has two complete
//! transports.
//!
//! Out of scope: HTTP itself. Each transport brings its own client.

#[cfg(feature = "async")]
pub mod asynchronous;
pub mod blocking;
mod body_reader;
mod cancel_flag;
mod clock;
mod error;
mod head;
#[cfg(feature = "http1")]
mod http1;
#[cfg(feature = "net")]
pub mod net;
mod rate;
mod reply;
mod source;

pub use self::body_reader::BodyReader;
pub use self::cancel_flag::{CancelFlag, CancelOnDrop};
pub use self::clock::{Clock, TimeSource};
pub use self::error::{WireError, name_of, send_error};
pub use self::head::{USER_AGENT, plain_place, prepare};
#[cfg(feature = "http1")]
pub use self::http1::read_reply;
pub use self::rate::Rate;
pub use self::reply::Reply;
pub use self::source::{Source, SourceError};
