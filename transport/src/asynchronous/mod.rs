//! What carries a request to the vendor and its answer back, as a future.

mod offload;
mod outgoing;
mod progress;
mod reading;
mod report;
mod timer;
mod watch;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use resumable_core::{Limits, SendError};

pub use self::offload::{Offload, Threads, Work};
pub use self::outgoing::Outgoing;
pub use self::report::{Panic, Report};
pub use self::timer::{Sleep, Timer};
pub use self::watch::Watch;

/// Carries one request at a time per future; several are under way at once, all polled by the upload's one task.
///
/// A transport speaks HTTP/1.1, always sends `Content-Length` (`body.len()`) and never chunks, never retries, follows
/// a redirect or decompresses by itself, and reads at most `limits.reply_bytes` of the reply. It gives up when nothing
/// moves for its stall timeout; only between the end of the request and the beginning of the reply, while the vendor
/// thinks, `limits.reply_within` alone counts. It answers any HTTP status with `Ok`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no async transport",
    label = "this cannot carry requests for the async driver",
    note = "take an async transport (`ReqwestTransport`, say) with the async driver, and a blocking one with the blocking driver"
)]
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends `head` with `body`, and reads the whole reply.
    ///
    /// When this future is dropped the request is given up: its connection is closed or never used again, and `body`
    /// is dropped soon, wherever it is. `body` fails from then on.
    ///
    /// # Errors
    /// [`SendError::NotSent`] only if the vendor cannot have acted on the request: no byte of it left this machine.
    /// [`SendError::Source`] if `body` could not be read (the driver finds that out by itself if the transport
    /// reports any other error). [`SendError::Impossible`] if no try can send it: the address is none, say.
    /// [`SendError::Unsure`] in every other case, and when in doubt.
    async fn send(
        &self,
        head: http::request::Parts,
        body: Outgoing,
        limits: &Limits,
    ) -> Result<http::Response<Bytes>, SendError>;

    /// The timer of the runtime that polls the upload.
    fn timer(&self) -> Arc<dyn Timer>;
}

macro_rules! pointers {
    ($($pointer:ty),*) => {$(
        #[async_trait]
        impl<T: Transport + ?Sized> Transport for $pointer {
            async fn send(
                &self,
                head: http::request::Parts,
                body: Outgoing,
                limits: &Limits,
            ) -> Result<http::Response<Bytes>, SendError> {
                (**self).send(head, body, limits).await
            }

            fn timer(&self) -> Arc<dyn Timer> {
                (**self).timer()
            }
        }
    )*};
}

pointers!(&T, Box<T>, Arc<T>);
