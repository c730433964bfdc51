//! What is done for one action.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::pin;
use std::sync::Arc;

use futures::channel::mpsc;
use futures::future::{AbortRegistration, Abortable, Aborted, Either, pending, select};
use futures::{FutureExt as _, StreamExt as _};

use super::outgoing::{Panic, Passing};
use super::thread::on_thread;
use super::{Host, Outgoing, Transport};
use crate::body::Body;
use crate::checkpoint::Checkpoint;
use crate::digest::{Digest, HashJob};
use crate::drive::hashing::hash;
use crate::drive::rate::Rate;
use crate::drive::seldom::Seldom;
use crate::drive::{CancelFlag, Clock};
use crate::host_error::{Cause, HashError, SendError, StoreError};
use crate::input::Input;
use crate::protocol::{Answer, AuthReason, Lane, Limits, Protocol};
use crate::slot::Slot;
use crate::source::{Source, SourceError};
use crate::ticket::{Acquiring, Authorizing, Checking, Hashing, OpId, Saving, Sending, Ticket};

/// The world outside the machine.
pub(super) struct Work<'a, T: ?Sized, S, H: ?Sized> {
    pub(super) transport: &'a T,
    pub(super) source: &'a Arc<S>,
    pub(super) host: &'a H,
    pub(super) rate: &'a Rate,
    pub(super) clock: Clock,
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
        let (outgoing, report) = Outgoing::new(body, Arc::clone(self.source) as Arc<dyn Source>);
        let (outgoing, passing) = outgoing.tolled(self.rate.piece());
        let sending = self.transport.send(head, outgoing, limits);
        let answer = match select(sending, pin!(self.let_through(op, passing))).await {
            Either::Left((answer, _)) => answer,
            Either::Right((never, _)) => match never {},
        };
        if let Some(panic) = report.take_panic() {
            resume_unwind(panic);
        }
        match answer {
            Ok(response) => Ok(Answer { response, observed: report.observed() }),
            Err(error) => Err(report.take_source_error().map_or(error, SendError::Source)),
        }
    }

    /// Lets the pieces of a body through, as fast as the rate limit wants.
    async fn let_through(self, op: OpId, mut passing: mpsc::UnboundedReceiver<Passing>) -> Infallible {
        let (mut before, mut seldom) = (0, Seldom::new());
        while let Some(Passing { source_read, go }) = passing.next().await {
            if seldom.is_due() {
                let _ = self.progress.unbounded_send((op, source_read));
            }
            let wait = self.rate.take(source_read - before, self.clock.now().mono);
            before = source_read;
            if !wait.is_zero() {
                self.transport.sleep(wait).await;
            }
            let _ = go.send(());
        }
        pending().await
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
        (Input::Source(ticket, info.unwrap_or_else(|error| Err(error.into()))), None)
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
