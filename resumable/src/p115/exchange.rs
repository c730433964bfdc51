//! One request of a log-in or a refresh, and its answer.

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::{Body, Limits, SendError};
use resumable_transport::CancelFlag;
use resumable_transport::blocking::{Outgoing, Transport};

use crate::sources::MemorySource;

/// Sends a request that carries nothing of a file, and waits for its answer; ends soon after `cancel` is set.
pub(super) fn exchange(
    transport: &dyn Transport,
    request: Request<Body>,
    limits: &Limits,
    cancel: &CancelFlag,
) -> Result<Response<Bytes>, SendError> {
    let (head, body) = request.into_parts();
    let nothing = MemorySource::new(Bytes::new());
    let mut body = Outgoing::new(&body, &nothing, cancel.clone());
    transport.send(head, &mut body, limits)
}
