//! What is done for one action.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;

use futures::FutureExt as _;
use futures::channel::mpsc;
use futures::future::{AbortRegistration, Abortable, Aborted};
use resumable_core::{
    Answer, AuthReason, Authorizing, Body, Cause, Checking, Checkpoint, Digest, HashError, HashJob, Hashing, Input,
    Limits, OpId, Protocol, Saving, SendError, Sending, StoreError, Ticket,
};
use resumable_transport::asynchronous::{self, Offload, Outgoing, Panic, Transport};
use resumable_transport::{CancelFlag, Clock, Rate, Source, SourceError};

use super::Host;
use super::offloaded::offloaded;
use crate::drive::hashing::hash;
use crate::drive::throttle::Throttle;
use crate::drive::trace;

/// The world outside the machine.
pub(super) struct Work<'a, P: Protocol, T: ?Sized, H: ?Sized> {
    pub(super) transport: &'a T,
    pub(super) source: &'a Arc<dyn Source>,
    pub(super) host: &'a H,
    pub(super) rate: &'a Rate,
    pub(super) clock: Clock,
    pub(super) offload: &'a Arc<dyn Offload>,
    pub(super) tell: &'a mpsc::UnboundedSender<Input<P>>,
}

impl<P: Protocol, T: ?Sized, H: ?Sized> Clone for Work<'_, P, T, H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Protocol, T: ?Sized, H: ?Sized> Copy for Work<'_, P, T, H> {}

/// What came of an action, and what its work panicked with, if it did.
pub(super) type Done<P> = (Input<P>, Option<Panic>);

impl<P: Protocol, T: Transport + ?Sized, H: Host<P> + ?Sized> Work<'_, P, T, H> {
    pub(super) async fn send(
        self,
        ticket: Ticket<Sending>,
        name: &'static str,
        request: http::Request<Body>,
        limits: Limits,
        cancel: AbortRegistration,
    ) -> Done<P> {
        let cancelled = |Aborted| Err(SendError::Unsure(Cause::text("the request was cancelled")));
        let sending = trace::Sending::begin(name, &request);
        let carried = Abortable::new(self.carry(ticket.id(), request, &limits), cancel).await;
        let answer = carried.unwrap_or_else(cancelled);
        sending.end(&answer);
        (Input::Response(ticket, answer), None)
    }

    async fn carry(self, op: OpId, request: http::Request<Body>, limits: &Limits) -> Result<Answer, SendError> {
        let (head, body) = request.into_parts();
        let cancel = CancelFlag::new();
        let _dropped = cancel.cancel_on_drop();
        let (outgoing, report) = Outgoing::new(body, Arc::clone(self.source), cancel);
        let (tell, mut throttle) = (self.tell.clone(), Throttle::new());
        let told = move |read| {
            if throttle.is_due() {
                let _ = tell.unbounded_send(Input::Progress(op, read));
            }
        };
        let outgoing = outgoing.by(self.clock).on(Arc::clone(self.offload)).on_read(told);
        let outgoing = outgoing.at_rate(self.rate, self.transport.timer());
        let answer = self.transport.send(head, outgoing, limits).await;
        if let Some(panic) = report.take_panic() {
            resume_unwind(panic);
        }
        match answer {
            Ok(response) => Ok(Answer { response, observed: report.observed() }),
            Err(error) => Err(report.take_source_error().map_or(error, Into::into)),
        }
    }

    pub(super) async fn hash(self, ticket: Ticket<Hashing>, jobs: Vec<HashJob>, cancel: AbortRegistration) -> Done<P> {
        let digests = Abortable::new(self.take_digests(ticket.id(), jobs), cancel).await;
        (Input::Digests(ticket, digests.unwrap_or(Err(HashError::Cancelled))), None)
    }

    async fn take_digests(self, op: OpId, jobs: Vec<HashJob>) -> Result<Vec<Digest>, HashError> {
        let (source, tell) = (Arc::clone(self.source), self.tell.clone());
        let pass = move |cancel: &CancelFlag| {
            hash(&*source, &jobs, cancel, |bytes| drop(tell.unbounded_send(Input::Progress(op, bytes))))
        };
        offloaded(&**self.offload, asynchronous::Work::Hash, pass).await.map_err(SourceError::Read)?
    }

    pub(super) async fn check(self, ticket: Ticket<Checking>) -> Done<P> {
        let source = Arc::clone(self.source);
        let info = offloaded(&**self.offload, asynchronous::Work::Look, move |_| source.info()).await;
        (Input::Source(ticket, info.map_err(SourceError::Read).flatten().map_err(Into::into)), None)
    }

    /// A host that panics while it saves would do so again at the end: it is taken to have failed for good.
    pub(super) async fn save(self, ticket: Ticket<Saving>, checkpoint: Checkpoint<P>) -> Done<P> {
        match AssertUnwindSafe(self.host.save(checkpoint)).catch_unwind().await {
            Ok(saved) => (Input::Saved(ticket, saved), None),
            Err(panic) => (Input::Saved(ticket, Err(StoreError(Cause::text("the store panicked")))), Some(panic)),
        }
    }

    pub(super) async fn authorize(
        self,
        ticket: Ticket<Authorizing>,
        reason: AuthReason,
        refused: Option<P::Credential>,
    ) -> Done<P> {
        (Input::Credential(ticket, self.host.credential(reason, refused).await), None)
    }
}
