//! What is under way for an upload.

use std::future::Future;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::task::Poll;

use futures::future::{AbortHandle, AbortRegistration, BoxFuture, poll_fn};
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, Stream, StreamExt as _};
use resumable_core::{Acquiring, Action, Command, Input, Lane, Now, OpId, Output, Protocol, Question, Ticket, Upload};
use resumable_transport::asynchronous::{Panic, Transport};

use super::Host;
use super::work::{Done, Work};
use crate::drive::held_slots::{Ends, HeldSlots};
use crate::drive::{Grant, Inquiry};

/// An upload and everything that works for it. When this is dropped, the upload hears that all of it is lost.
pub(super) struct Workers<'a, P: Protocol> {
    upload: &'a mut Upload<P>,
    work: FuturesUnordered<BoxFuture<'a, Done<P>>>,
    under_way: Vec<(OpId, AbortHandle)>,
    pub(super) slots: HeldSlots,
    /// What somebody panicked with first: it goes on to the caller when the upload has ended.
    panic: Option<Panic>,
}

impl<P: Protocol> Drop for Workers<'_, P> {
    fn drop(&mut self) {
        self.under_way.iter().for_each(|(op, _)| self.upload.handle(Input::Lost(*op)));
    }
}

impl<'a, P: Protocol> Workers<'a, P> {
    pub(super) fn new(upload: &'a mut Upload<P>) -> Self {
        Self { upload, work: FuturesUnordered::new(), under_way: Vec::new(), slots: HeldSlots::default(), panic: None }
    }

    pub(super) fn poll(&mut self, now: Now) -> Output<P> {
        self.upload.poll(now)
    }

    pub(super) fn carry_out<T, H>(&mut self, action: Action<P>, work: Work<'a, P, T, H>)
    where
        T: Transport + ?Sized,
        H: Host<P> + ?Sized,
    {
        match action {
            Action::Send { ticket, name, slot, request, limits } => {
                self.slots.keep(ticket.id(), slot, request.body().len());
                self.begin(ticket.id(), |cancel| work.send(ticket, name, request, limits, cancel));
            }
            Action::Hash { ticket, jobs } => self.begin(ticket.id(), |cancel| work.hash(ticket, jobs, cancel)),
            Action::Save { ticket, checkpoint } => self.begin(ticket.id(), |_| work.save(ticket, checkpoint)),
            Action::Check { ticket } => self.begin(ticket.id(), |_| work.check(ticket)),
            Action::Authorize { ticket, reason, refused } => {
                self.begin(ticket.id(), |_| work.authorize(ticket, reason, refused));
            }
            Action::Acquire { ticket, lane, question } => self.acquire(ticket, lane, question, work),
            Action::Cancel(op) => self.cancel(op),
        }
    }

    fn begin<F>(&mut self, op: OpId, work: impl FnOnce(AbortRegistration) -> F)
    where
        F: Future<Output = Done<P>> + Send + 'a,
    {
        let (handle, cancel) = AbortHandle::new_pair();
        let done = AssertUnwindSafe(work(cancel)).catch_unwind();
        self.under_way.push((op, handle));
        self.work.push(done.map(move |done| done.unwrap_or_else(|panic| (Input::Lost(op), Some(panic)))).boxed());
    }

    /// Nothing works for a slot that is waited for: it comes by the run's channel.
    fn acquire<T, H>(
        &mut self,
        ticket: Ticket<Acquiring>,
        lane: Lane,
        question: Option<Question>,
        work: Work<'a, P, T, H>,
    ) where
        T: ?Sized,
        H: Host<P> + ?Sized,
    {
        self.under_way.push((ticket.id(), AbortHandle::new_pair().0));
        let tell = work.tell.clone();
        // A run that is over hears nothing, and the slot goes back.
        match question {
            None => {
                let grant = Grant::new(move |answer| drop(tell.unbounded_send(Input::Slot(ticket, answer))));
                work.host.slot(lane, grant);
            }
            Some(question) => {
                let tell = move |input| drop(tell.unbounded_send(input));
                work.host.inquire(Inquiry::new(ticket, lane, question, tell));
            }
        }
    }

    fn cancel(&self, op: OpId) {
        self.under_way.iter().filter(|(id, _)| *id == op).for_each(|(_, handle)| handle.abort());
    }

    /// Waits until something ended or was told, or until the nap is over; the upload hears all there is.
    pub(super) async fn wait(
        &mut self,
        told: &mut (impl Stream<Item = Input<P>> + Unpin),
        mut nap: Option<impl Future<Output = ()> + Unpin>,
    ) {
        poll_fn(|context| {
            let mut heard = false;
            while let Poll::Ready(Some(done)) = self.work.poll_next_unpin(context) {
                self.settle(done);
                heard = true;
            }
            while let Poll::Ready(Some(input)) = told.poll_next_unpin(context) {
                self.settle((input, None));
                heard = true;
            }
            match &mut nap {
                _ if heard => Poll::Ready(()),
                Some(nap) => nap.poll_unpin(context),
                None => Poll::Pending,
            }
        })
        .await;
    }

    fn settle(&mut self, (input, panic): Done<P>) {
        let (ended, ends) = (input.ends(), Ends::of(&input));
        self.upload.handle(input);
        if let Some(ended) = ended {
            self.under_way.retain(|(op, _)| *op != ended);
            self.slots.answered(ended, &ends);
        }
        if let Some(panic) = panic {
            self.upload.handle(Command::Stop);
            self.panic.get_or_insert(panic);
        }
    }

    /// The upload is over: what is still under way is given up, and a panic goes on.
    pub(super) fn end<R>(mut self, result: R) -> R {
        self.under_way.clear();
        match self.panic.take() {
            Some(panic) => resume_unwind(panic),
            None => result,
        }
    }
}
