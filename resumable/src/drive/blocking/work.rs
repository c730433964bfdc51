//! What one thread does for one action.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::Sender;
use std::thread;

use resumable_core::{
    Action, Answer, Body, Cause, Checkpoint, Input, Limits, OpId, Protocol, Saving, SendError, StoreError, Ticket,
};
use resumable_transport::blocking::{Outgoing, Transport};
use resumable_transport::{CancelFlag, Rate, Source};

use super::{Command, Host};
use crate::drive::hashing::hash;
use crate::drive::throttle::Throttle;
use crate::drive::trace::Sending;

/// The world outside the machine.
pub(super) struct Work<'a, T: ?Sized, S: ?Sized, H: ?Sized> {
    pub(super) transport: &'a T,
    pub(super) source: &'a S,
    pub(super) host: &'a H,
    pub(super) rate: &'a Rate,
}

impl<T: ?Sized, S: ?Sized, H: ?Sized> Clone for Work<'_, T, S, H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized, S: ?Sized, H: ?Sized> Copy for Work<'_, T, S, H> {}

/// Tells the loop that an answer will never come, should the thread panic, and stops the upload: it is saved, and then
/// the panic goes on to the caller.
struct Lifeline<'a, P: Protocol> {
    op: OpId,
    tell: &'a Sender<Input<P>>,
}

impl<P: Protocol> Drop for Lifeline<'_, P> {
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = self.tell.send(Input::Lost(self.op));
            let _ = self.tell.send(Input::Command(Command::Stop));
        }
    }
}

impl<T: Transport + ?Sized, S: Source + ?Sized, H: ?Sized> Work<'_, T, S, H> {
    pub(super) fn perform<P: Protocol>(self, action: Action<P>, flag: &CancelFlag, tell: &Sender<Input<P>>)
    where
        H: Host<P>,
    {
        let op = action.op();
        let _lifeline = Lifeline { op, tell };
        let progress = |bytes| drop(tell.send(Input::Progress(op, bytes)));
        let told = match action {
            Action::Send { ticket, name, request, limits, .. } => {
                let sending = Sending::begin(name, &request);
                let answer = self.send(request, limits, flag, progress);
                sending.end(&answer);
                Input::Response(ticket, answer)
            }
            Action::Hash { ticket, jobs } => Input::Digests(ticket, hash(self.source, &jobs, flag, progress)),
            Action::Save { ticket, checkpoint } => self.save(ticket, &checkpoint, tell),
            Action::Check { ticket } => Input::Source(ticket, self.source.info().map_err(Into::into)),
            Action::Authorize { ticket, reason, refused } => {
                Input::Credential(ticket, self.host.credential(reason, refused.as_ref(), flag))
            }
            // No work for a thread.
            Action::Acquire { .. } | Action::Cancel(_) => return,
        };
        let _ = tell.send(told);
    }

    /// A host that panics while it saves would do so again at the end: it is taken to have failed for good.
    fn save<P: Protocol>(self, ticket: Ticket<Saving>, checkpoint: &Checkpoint<P>, tell: &Sender<Input<P>>) -> Input<P>
    where
        H: Host<P>,
    {
        match catch_unwind(AssertUnwindSafe(|| self.host.save(checkpoint))) {
            Ok(saved) => Input::Saved(ticket, saved),
            Err(panic) => {
                let _ = tell.send(Input::Saved(ticket, Err(StoreError(Cause::text("the store panicked")))));
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
        let mut outgoing = Outgoing::new(&body, &self.source, flag.clone()).on_read(told).at_rate(self.rate);
        match self.transport.send(head, &mut outgoing, &limits) {
            Ok(response) => Ok(Answer { response, observed: outgoing.observed() }),
            Err(error) => Err(outgoing.take_source_error().map_or(error, Into::into)),
        }
    }
}
