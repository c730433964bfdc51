//! Asking the vendor what is next, and getting a call ready to leave.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::access::Need;
use super::in_flight::Sent;
use super::preconditions::{Pass, Pending};
use super::slots::{Granted, Wanted};
use super::{Upload, cx};
use crate::digest::{HashJob, HashKind};
use crate::failure::Failure;
use crate::output::{Action, Output};
use crate::protocol::{Authority, CallProps, Intent, Next, Now, Occurrence, Protocol};
use crate::question::Known;
use crate::slot::Slot;

/// What one look at the machine gives.
#[expect(clippy::large_enum_variant, reason = "made one at a time and taken apart at once")]
pub(super) enum Turn<P: Protocol> {
    Out(Output<P>),
    /// Something changed: look again.
    Again,
    /// Nothing to do before an answer, or this time.
    Idle(Option<Duration>),
}

impl<P: Protocol> Upload<P> {
    /// The order in which needs are met: credential, saving, what is pending, the vendor's next wish.
    pub(super) fn advance(&mut self, now: Now) -> Turn<P> {
        self.calls.access.look_ahead(now);
        if matches!(self.calls.access.need, Need::Another(_)) {
            return Turn::Out(self.authorize());
        }
        if self.calls.access.credential.is_none() {
            return Turn::Idle(None);
        }
        if let Pending::Save { op: None, .. } = self.calls.next.pending
            && !self.calls.saves.is_open()
        {
            let save = self.save(now);
            if let (Output::Do(action), Pending::Save { op, .. }) = (&save, &mut self.calls.next.pending) {
                *op = Some(action.op());
            }
            return Turn::Out(save);
        }
        if self.calls.saves.is_due(now.mono) {
            return Turn::Out(self.save(now));
        }
        if let Pending::Check { op: op @ None, .. } = &mut self.calls.next.pending {
            let ticket = self.host.ticket();
            *op = Some(ticket.id());
            return Turn::Out(Output::Do(Action::Check { ticket }));
        }
        if let Pending::Compare { pass: None, .. } = self.calls.next.pending {
            return self.compare(now);
        }
        if self.calls.next.is_pending() || !self.calls.access.is_good(now) {
            return Turn::Idle(None);
        }
        if let Some(call) = self.calls.next.in_doubt.take() {
            self.occurred(Occurrence::Unsure(call), now);
            return Turn::Again;
        }
        self.plan(now)
    }

    fn authorize(&mut self) -> Output<P> {
        let ticket = self.host.ticket();
        let (reason, refused) = self.calls.access.ask(ticket.id());
        Output::Do(Action::Authorize { ticket, reason, refused })
    }

    fn plan(&mut self, now: Now) -> Turn<P> {
        let waiting_to_be_saved = match self.job.protocol.authority(&self.known.state.session) {
            Authority::Vendor => 0,
            Authority::Checkpoint => self.calls.saves.not_durable(),
        };
        if self.calls.in_flight.places() + waiting_to_be_saved >= self.job.options.window {
            return Turn::Idle(None);
        }
        let Some(credential) = &self.calls.access.credential else { return Turn::Idle(None) };
        let next = self.job.protocol.next(&self.known.state, &cx!(self, now, 0, credential));
        match next {
            Next::Call(call) => self.launch(call, now),
            Next::Hash(jobs) => self.hash(jobs, now),
            Next::Authorize(reason) => {
                self.calls.access.demand(reason, None);
                Turn::Again
            }
            Next::Wait(until) => Turn::Idle(until),
            Next::Done(outcome) => {
                self.end(Ok(outcome), now);
                Turn::Again
            }
            Next::Fail(fault) => {
                self.end(Err(Failure::Refused(fault)), now);
                Turn::Again
            }
            Next::Left(remains) => {
                self.end(Err(Failure::Abandoned(remains)), now);
                Turn::Again
            }
        }
    }

    fn hash(&mut self, jobs: Vec<HashJob>, now: Now) -> Turn<P> {
        let known = |job: &HashJob| self.known.digests.iter().any(|(have, _)| have == job);
        if jobs.iter().all(known) {
            return self.defect(format!("protocol {} asks for digests that it has", P::ID), now);
        }
        let total = match crate::digest::HashPass::new(&jobs) {
            Ok(pass) => pass.total(),
            Err(error) => return self.defect(format!("protocol {}: {error}", P::ID), now),
        };
        if let Some(turn) = self.drained(now).or_else(|| self.let_it_rest(true, now)) {
            return turn;
        }
        let ticket = self.host.ticket();
        self.calls.next.pending = Pending::Hash(Pass { op: ticket.id(), jobs: jobs.clone(), done: 0, total });
        Turn::Out(Output::Do(Action::Hash { ticket, jobs }))
    }

    /// Gets a call ready: what it needs is asked for one thing at a time, and the vendor is asked again after each.
    fn launch(&mut self, call: P::Call, now: Now) -> Turn<P> {
        if self.calls.in_flight.calls().contains(&call) {
            return self.defect(format!("protocol {} plans {call:?}, which is in flight", P::ID), now);
        }
        let props = self.job.protocol.props(&call);
        if props.carries_source
            && let Some(turn) = self.drained(now)
        {
            return turn;
        }
        if let Some((_, until)) = self.calls.held.iter().find(|(lane, _)| *lane == props.lane) {
            return Turn::Idle(Some(*until));
        }
        if props.commits && self.calls.in_flight.committing().is_some() {
            return Turn::Idle(None);
        }
        if props.commits && !self.calls.next.allows(&call) {
            return self.prepare_commit(call);
        }
        if props.carries_source {
            if !props.commits
                && let Some(turn) = self.let_it_rest(self.is_comparable(&props), now)
            {
                return turn;
            }
            self.leave_out_undigested(&props);
            if !self.calls.next.saved {
                self.calls.next.save(props.commits.then_some(call));
                return Turn::Again;
            }
        }
        if !self.job.options.gated.contains(&props.lane) {
            return self.send(call, &props, Slot::free(), now);
        }
        let question = self.job.protocol.asks(&call, &self.known.state);
        let wanted = Wanted { lane: props.lane, question };
        match self.calls.next.slots.take(&wanted) {
            Some(Granted::Slot(slot)) => self.send(call, &props, slot, now),
            Some(Granted::Known(known)) => self.already_known(call, known, now),
            None => self.acquire(wanted),
        }
    }

    /// Another upload was answered what this call would ask.
    fn already_known(&mut self, call: P::Call, known: Known<P::Reply>, now: Now) -> Turn<P> {
        self.occurred_at(Occurrence::Replied(call, known.reply), known.at, now);
        self.answered(now);
        Turn::Again
    }

    /// Asks for a slot for a call that may leave. Nothing but such calls waits for it.
    fn acquire(&mut self, wanted: Wanted) -> Turn<P> {
        if self.calls.next.slots.is_asked(&wanted) {
            return Turn::Idle(None);
        }
        let ticket = self.host.ticket();
        self.calls.next.slots.ask(wanted.clone(), ticket.id());
        let Wanted { lane, question } = wanted;
        Turn::Out(Output::Do(Action::Acquire { ticket, lane, question }))
    }

    /// Before a call that commits: is the source still the same, and would a crash remember the call?
    fn prepare_commit(&mut self, call: P::Call) -> Turn<P> {
        if self.job.intent == Intent::Abandon {
            self.calls.next.save(Some(call));
        } else {
            self.calls.next.check(Some(call));
        }
        Turn::Again
    }

    fn send(&mut self, call: P::Call, props: &CallProps, slot: Slot, now: Now) -> Turn<P> {
        let nonce = self.calls.chance.u128(..);
        let Some(credential) = &self.calls.access.credential else { return Turn::Idle(None) };
        let request = match self.job.protocol.encode(&call, &self.known.state, &cx!(self, now, nonce, credential)) {
            Ok(request) => request,
            Err(fault) => {
                self.end(Err(Failure::Refused(fault)), now);
                return Turn::Again;
            }
        };
        let source_len = request.body().source_len();
        if source_len > 0 && !props.carries_source {
            let what = format!("protocol {} sends bytes of the source with {call:?}, and denies it", P::ID);
            return self.defect(what, now);
        }
        let digested = self.is_digested(props);
        let request = request.map(|body| if digested { body.also_observing(HashKind::Crc64) } else { body });
        let name = P::name(&call);
        let limits = self.limits(&call, props.limits, request.body().len());
        let ticket = self.host.ticket();
        self.calls.next.used();
        let sent = Sent {
            op: ticket.id(),
            generation: self.calls.access.generation,
            dated: self.calls.clock,
            commits: props.commits,
            range: request.body().source_range(),
            source_len,
            read: 0,
            cancelled: false,
        };
        self.calls.in_flight.sent(call, sent);
        self.host.stats.requests += 1;
        Turn::Out(Output::Do(Action::Send { ticket, name, slot, request, limits }))
    }

    pub(super) fn defect(&mut self, what: String, now: Now) -> Turn<P> {
        self.end(Err(Failure::Defect(what)), now);
        Turn::Again
    }
}
