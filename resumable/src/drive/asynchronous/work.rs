//! What is done for one action.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;

use futures::FutureExt as _;
use futures::channel::mpsc;
use futures::future::{AbortRegistration, Abortable, Aborted};
use resumable_core::{
    Acquiring, Answer, AuthReason, Authorizing, Body, Cause, Checking, Checkpoint, Digest, HashError, HashJob, Hashing,
    Input, Lane, Limits, OpId, Protocol, Saving, SendError, Sending, Slot, StoreError, Ticket,
};
use resumable_transport::asynchronous::{Outgoing, Panic, Transport};
use resumable_transport::{CancelFlag, Rate, Source, SourceError};

use super::Host;
use super::thread::on_thread;
use crate::drive::hashing::hash;
use crate::drive::throttle::Throttle;

/// The world outside the machine.
pub(super) struct Work<'a, T: ?Sized, S, H: ?Sized> {
    pub(super) transport: &'a T,
    pub(super) source: &'a Arc<S>,
    pub(super) host: &'a H,
    pub(super) rate: &'a Rate,
    pub(super) progress: &'a mpsc::UnboundedSender<(OpId, u64)>,
}

impl<T: ?Sized, S, H: ?Sized> Clone for Work<'_, T, S, H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized, S, H: ?Sized> Copy for Work<'_, T, S, H> {}

/// What came of an action, and what its work panicked with, if it did.
pub(super) type Done<P> = (Input<P>, Option<Panic>);

impl<T: Transport + ?Sized, S: Source + 'static, H: ?Sized> Work<'_, T, S, H> {
    pub(super) async fn send<P: Protocol>(
        self,
        ticket: Ticket<Sending>,
        slot: Slot,
        request: http::Request<Body>,
        limits: Limits,
        cancel: AbortRegistration,
    ) -> Done<P> {
        let cancelled = |Aborted| Err(SendError::Unsure(Cause::text("the request was cancelled")));
        let answer = Abortable::new(self.carry(ticket.id(), request, &limits), cancel).await;
        drop(slot);
        (Input::Response(ticket, answer.unwrap_or_else(cancelled)), None)
    }

    async fn carry(self, op: OpId, request: http::Request<Body>, limits: &Limits) -> Result<Answer, SendError> {
        let (head, body) = request.into_parts();
        let cancel = CancelFlag::new();
        let _dropped = cancel.cancel_on_drop();
        let (outgoing, report) = Outgoing::new(body, Arc::clone(self.source) as Arc<dyn Source>, cancel);
        let (progress, mut throttle) = (self.progress.clone(), Throttle::new());
        let told = move |read| {
            if throttle.is_due() {
                let _ = progress.unbounded_send((op, read));
            }
        };
        let outgoing = outgoing.on_read(told).at_rate(self.rate, self.transport.timer());
        let answer = self.transport.send(head, outgoing, limits).await;
        if let Some(panic) = report.take_panic() {
            resume_unwind(panic);
        }
        match answer {
            Ok(response) => Ok(Answer { response, observed: report.observed() }),
            Err(error) => Err(report.take_source_error().map_or(error, Into::into)),
        }
    }

    pub(super) async fn hash<P: Protocol>(
        self,
        ticket: Ticket<Hashing>,
        jobs: Vec<HashJob>,
        cancel: AbortRegistration,
    ) -> Done<P> {
        let digests = Abortable::new(self.take_digests(ticket.id(), jobs), cancel).await;
        (Input::Digests(ticket, digests.unwrap_or(Err(HashError::Cancelled))), None)
    }

    async fn take_digests(self, op: OpId, jobs: Vec<HashJob>) -> Result<Vec<Digest>, HashError> {
        let (source, progress) = (Arc::clone(self.source), self.progress.clone());
        let pass = move |cancel: &CancelFlag| {
            hash(&*source, &jobs, cancel, |bytes| drop(progress.unbounded_send((op, bytes))))
        };
        on_thread(pass).await.map_err(SourceError::Read)?
    }

    pub(super) async fn check<P: Protocol>(self, ticket: Ticket<Checking>) -> Done<P> {
        let source = Arc::clone(self.source);
        let info = on_thread(move |_| source.info()).await;
        (Input::Source(ticket, info.map_err(SourceError::Read).flatten().map_err(Into::into)), None)
    }

    /// A host that panics while it saves would do so again at the end: it is taken to have failed for good.
    pub(super) async fn save<P: Protocol>(self, ticket: Ticket<Saving>, checkpoint: Checkpoint<P>) -> Done<P>
    where
        H: Host<P>,
    {
        match AssertUnwindSafe(self.host.save(checkpoint)).catch_unwind().await {
            Ok(saved) => (Input::Saved(ticket, saved), None),
            Err(panic) => (Input::Saved(ticket, Err(StoreError(Cause::text("the store panicked")))), Some(panic)),
        }
    }

    pub(super) async fn authorize<P: Protocol>(
        self,
        ticket: Ticket<Authorizing>,
        reason: AuthReason,
        refused: Option<P::Credential>,
    ) -> Done<P>
    where
        H: Host<P>,
    {
        (Input::Credential(ticket, self.host.credential(reason, refused).await), None)
    }

    pub(super) async fn acquire<P: Protocol>(self, ticket: Ticket<Acquiring>, lane: Lane) -> Done<P>
    where
        H: Host<P>,
    {
        (Input::Slot(ticket, self.host.slot(lane).await), None)
    }
}
