//! What one thread does for one action.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::Sender;
use std::thread;

use resumable_core::{
    Action, Answer, Body, Cause, Checkpoint, Limits, OpId, Protocol, Saving, SendError, StoreError, Ticket,
};
use resumable_transport::blocking::{Outgoing, Transport};
use resumable_transport::{CancelFlag, Rate, Source};

use super::{Command, Host};
use crate::drive::hashing::hash;
use crate::drive::news::News;
use crate::drive::throttle::Throttle;

/// The operation that an action asks for.
pub(super) fn op_of<P: Protocol>(action: &Action<P>) -> OpId {
    match action {
        Action::Send { ticket, .. } => ticket.id(),
        Action::Hash { ticket, .. } => ticket.id(),
        Action::Save { ticket, .. } => ticket.id(),
        Action::Check { ticket } => ticket.id(),
        Action::Authorize { ticket, .. } => ticket.id(),
        Action::Permit { ticket, .. } => ticket.id(),
        Action::Cancel(op) => *op,
    }
}

/// The world outside the machine.
pub(super) struct Work<'a, T, S, H> {
    pub(super) transport: &'a T,
    pub(super) source: &'a S,
    pub(super) host: &'a H,
    pub(super) rate: &'a Rate,
}

impl<T, S, H> Clone for Work<'_, T, S, H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, S, H> Copy for Work<'_, T, S, H> {}

/// Tells the loop that an answer will never come, should the thread panic, and stops the upload: it is saved, and then
/// the panic goes on to the caller.
struct Lifeline<'a, P: Protocol> {
    op: OpId,
    tell: &'a Sender<News<P>>,
}

impl<P: Protocol> Drop for Lifeline<'_, P> {
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = self.tell.send(News::Lost(self.op));
            let _ = self.tell.send(News::Command(Command::Stop));
        }
    }
}

impl<T: Transport, S: Source, H> Work<'_, T, S, H> {
    pub(super) fn perform<P: Protocol>(self, action: Action<P>, flag: &CancelFlag, tell: &Sender<News<P>>)
    where
        H: Host<P>,
    {
        let op = op_of(&action);
        let _lifeline = Lifeline { op, tell };
        let progress = |bytes| drop(tell.send(News::Progress(op, bytes)));
        let told = match action {
            Action::Send { ticket, request, limits } => {
                News::Response(ticket, self.send(request, limits, flag, progress))
            }
            Action::Hash { ticket, jobs } => News::Digest(ticket, hash(self.source, &jobs, flag, progress)),
            Action::Save { ticket, checkpoint } => self.save(ticket, &checkpoint, tell),
            Action::Check { ticket } => News::Source(ticket, self.source.info().map_err(Into::into)),
            Action::Authorize { ticket, reason, refused } => {
                News::Credential(ticket, self.host.credential(reason, refused.as_ref()))
            }
            Action::Permit { ticket, lane } => News::Permit(ticket, self.host.permit(lane)),
            Action::Cancel(_) => return,
        };
        let _ = tell.send(told);
    }

    /// A host that panics while it saves would do so again at the end: it is taken to have failed for good.
    fn save<P: Protocol>(self, ticket: Ticket<Saving>, checkpoint: &Checkpoint<P>, tell: &Sender<News<P>>) -> News<P>
    where
        H: Host<P>,
    {
        match catch_unwind(AssertUnwindSafe(|| self.host.save(checkpoint))) {
            Ok(saved) => News::Saved(ticket, saved),
            Err(panic) => {
                let _ = tell.send(News::Saved(ticket, Err(StoreError(Cause::text("the store panicked")))));
                resume_unwind(panic);
            }
        }
    }

    fn send(
        self,
        request: http::Request<Body>,
        limits: Limits,
        flag: &CancelFlag,
        progress: impl Fn(u64),
    ) -> Result<Answer, SendError> {
        let (head, body) = request.into_parts();
        let mut throttle = Throttle::new();
        let told = |read| {
            if throttle.is_due() {
                progress(read);
            }
        };
        let mut outgoing = Outgoing::new(&body, self.source, flag.clone()).telling(told).at_rate(self.rate);
        match self.transport.send(head, &mut outgoing, &limits) {
            Ok(response) => Ok(Answer { response, observed: outgoing.observed() }),
            Err(error) => Err(outgoing.take_source_error().map_or(error, Into::into)),
        }
    }
}
