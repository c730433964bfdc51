//! What carries a request to the vendor and its answer back, blocking.

mod outgoing;

use std::sync::Arc;

use bytes::Bytes;
use resumable_core::{Limits, SendError};

pub use self::outgoing::{OnRead, Outgoing};

/// Carries one request at a time per call; called from several threads at once.
///
/// A transport speaks HTTP/1.1, always sends `Content-Length` (`body.len()`) and never chunks, never retries, follows
/// a redirect or decompresses by itself, and reads at most `limits.reply_bytes` of the reply. It gives up when nothing
/// moves for its stall timeout; only between the end of the request and the beginning of the reply, while the vendor
/// thinks, `limits.reply_within` alone counts. It answers any HTTP status with `Ok`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no blocking transport",
    label = "this cannot carry requests for the blocking driver",
    note = "take a blocking transport (`UreqTransport`, say) with the blocking driver, and an async one with the async driver"
)]
pub trait Transport: Sync {
    /// Sends `head` with `body`, and reads the whole reply.
    ///
    /// Returns soon (within about a second) after [`Outgoing::cancelled`] turned true.
    ///
    /// # Errors
    /// [`SendError::NotSent`] only if the vendor cannot have acted on the request: no byte of it left this machine.
    /// [`SendError::Source`] if `body` could not be read (the driver finds that out by itself if the transport
    /// reports any other error). [`SendError::Impossible`] if no try can send it: the address is none, say.
    /// [`SendError::Unsure`] in every other case, and when in doubt.
    fn send(
        &self,
        head: http::request::Parts,
        body: &mut Outgoing<'_>,
        limits: &Limits,
    ) -> Result<http::Response<Bytes>, SendError>;
}

/// What is shared between threads is `Send`, too.
macro_rules! pointers {
    ($($pointer:ty $(where T: $bound:ident)?),*) => {$(
        impl<T: Transport $(+ $bound)? + ?Sized> Transport for $pointer {
            fn send(
                &self,
                head: http::request::Parts,
                body: &mut Outgoing<'_>,
                limits: &Limits,
            ) -> Result<http::Response<Bytes>, SendError> {
                (**self).send(head, body, limits)
            }
        }
    )*};
}

pointers!(&T, Box<T>, Arc<T> where T: Send);
