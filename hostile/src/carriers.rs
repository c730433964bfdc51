//! The drivers' two faces of a transport, as carriers.

use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

use bytes::Bytes;
use futures::future::{Either, select};
use http::Response;
use resumable_core::{Cause, SendError};
use resumable_transport::{CancelFlag, asynchronous, blocking};

use crate::subject::{Call, Carrier};

/// What a send gives.
pub type Answer = Result<Response<Bytes>, SendError>;

/// The carrier of a transport with the blocking driver's face.
pub fn blocking(transport: impl blocking::Transport + Send + 'static) -> Box<dyn Carrier> {
    Box::new(Blocking(transport))
}

struct Blocking<T>(T);

impl<T: blocking::Transport + Send> Carrier for Blocking<T> {
    fn send(&self, call: &Call) -> Answer {
        let mut body = blocking::Outgoing::new(call.request.body(), &*call.source, call.cancel.clone());
        let answer = self.0.send(call.head(), &mut body, &call.limits);
        // As the driver does: what is wrong with the source is told as such, whatever the transport makes of it.
        answer.map_err(|error| body.take_source_error().map_or(error, Into::into))
    }
}

/// What an [`asynchronous()`] carrier runs.
pub type Work<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

/// The carrier of a transport with the async driver's face. `block_on` runs a future to its end on the runtime that the
/// transport needs, and may be called from several threads at once: `|work| runtime.block_on(work)`.
///
/// A call that is cancelled is dropped, and [`SendError::Unsure`].
pub fn asynchronous(
    transport: impl asynchronous::Transport + 'static,
    block_on: impl Fn(Work<'_>) -> Answer + Send + Sync + 'static,
) -> Box<dyn Carrier> {
    Box::new(Asynchronous { transport, block_on })
}

struct Asynchronous<T, B> {
    transport: T,
    block_on: B,
}

impl<T: asynchronous::Transport, B: Fn(Work<'_>) -> Answer + Send + Sync> Carrier for Asynchronous<T, B> {
    fn send(&self, call: &Call) -> Answer {
        (self.block_on)(Box::pin(send(&self.transport, call)))
    }
}

async fn send(transport: &impl asynchronous::Transport, call: &Call) -> Answer {
    let given_up = CancelFlag::new();
    let _dropped = given_up.cancel_on_drop();
    let (body, report) = asynchronous::Outgoing::new(call.request.body().clone(), call.source.clone(), given_up);
    let answer = transport.send(call.head(), body, &call.limits);
    let timer = transport.timer();
    let cancelled = async {
        while !call.cancel.is_set() {
            timer.sleep(Duration::from_millis(10)).await;
        }
    };
    match select(pin!(cancelled), pin!(answer)).await {
        // The call is dropped with this function.
        Either::Left(_) => Err(SendError::Unsure(Cause::text("the request was cancelled"))),
        Either::Right((answer, _)) => answer.map_err(|error| report.take_source_error().map_or(error, Into::into)),
    }
}
