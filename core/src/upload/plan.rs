//! Asking the vendor what is next, and getting a call ready to leave.

use std::time::Duration;

use super::doubt::InDoubt;
use super::{Need, Upload, cx};
use crate::digest::HashJob;
use crate::failure::Failure;
use crate::output::{Action, Event, Output};
use crate::protocol::{AuthReason, Authority, CallProps, Happened, Intent, Lane, Next, Now, Protocol};
use crate::ticket::{OpId, Ticket};
use crate::upload::flights::Sent;

/// What one look at the machine gives.
#[expect(clippy::large_enum_variant, reason = "made one at a time and taken apart at once")]
pub(super) enum Turn<P: Protocol> {
    Out(Output<P>),
    /// Something changed: look again.
    Again,
    /// Nothing to do before an answer, or this time.
    Idle(Option<Duration>),
}

/// Something that must be answered before anything more is planned.
pub(super) enum Gate<C> {
    Open,
    /// The vendor wants digests.
    Hash(Pass),
    /// The source is in doubt; the pass is `None` until it is asked for.
    Compare {
        pass: Option<Pass>,
        doubt: InDoubt<C>,
    },
    /// `op` is `None` until it is asked; `call` is the committing call that waits for it.
    Check {
        op: Option<OpId>,
        call: Option<C>,
    },
    /// `op` is `None` until the save that is open is answered; `call` is the committing call that waits for it.
    Save {
        op: Option<OpId>,
        call: Option<C>,
    },
    Permit {
        op: OpId,
        lane: Lane,
    },
}

/// A pass over the source that is under way.
pub(super) struct Pass {
    pub(super) op: OpId,
    pub(super) jobs: Vec<HashJob>,
    /// Bytes read so far.
    pub(super) done: u64,
    /// Bytes to read in all.
    pub(super) total: u64,
}

impl<C> Gate<C> {
    pub(super) fn outstanding(&self) -> usize {
        let asked = matches!(self, Self::Check { op: Some(_), .. } | Self::Permit { .. });
        usize::from(asked || self.pass().is_some())
    }

    fn pass(&self) -> Option<&Pass> {
        match self {
            Self::Hash(pass) | Self::Compare { pass: Some(pass), .. } => Some(pass),
            _ => None,
        }
    }

    pub(super) fn pass_mut(&mut self) -> Option<&mut Pass> {
        match self {
            Self::Hash(pass) | Self::Compare { pass: Some(pass), .. } => Some(pass),
            _ => None,
        }
    }

    pub(super) fn hashing(&self) -> Option<Event> {
        self.pass().map(|pass| Event::Hashing { done: pass.done, total: pass.total })
    }

    pub(super) fn seal(&self) -> Option<&C> {
        match self {
            Self::Save { call, .. } => call.as_ref(),
            _ => None,
        }
    }

    pub(super) fn hash_op(&self) -> Option<OpId> {
        self.pass().map(|pass| pass.op)
    }

    /// True when this operation is what the gate waits for.
    pub(super) fn is(&self, op: OpId) -> bool {
        match self {
            Self::Hash(_) | Self::Compare { .. } => self.hash_op() == Some(op),
            Self::Permit { op: open, .. } => *open == op,
            Self::Check { op: open, .. } | Self::Save { op: open, .. } => *open == Some(op),
            Self::Open => false,
        }
    }

    pub(super) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::Open)
    }
}

/// What was answered already for the next call.
pub(super) struct Cleared<C> {
    /// The epoch whose opening is durable.
    epoch: Option<u32>,
    /// The committing call that is durable as "in doubt", with the source checked.
    seal: Option<C>,
    permit: Option<Lane>,
}

impl<C> Default for Cleared<C> {
    fn default() -> Self {
        Self { epoch: None, seal: None, permit: None }
    }
}

impl<C> Cleared<C> {
    pub(super) fn seal(&self) -> Option<&C> {
        self.seal.as_ref()
    }

    pub(super) fn saved(&mut self, epoch: u32, call: Option<C>) {
        self.epoch = Some(epoch);
        self.seal = call;
    }

    /// After a call that commits, what is open at the vendor may be another session: it is saved before it gets bytes.
    pub(super) fn sealed(&mut self) {
        self.epoch = None;
    }

    pub(super) fn permitted(&mut self, lane: Lane) {
        self.permit = Some(lane);
    }

    pub(super) fn withdraw(&mut self) {
        self.seal = None;
        self.permit = None;
    }
}

impl<P: Protocol> Upload<P> {
    /// The order in which needs are met: credential, saving, what a gate waits for, the vendor's next wish.
    pub(super) fn advance(&mut self, now: Now) -> Turn<P> {
        match &self.access.need {
            Need::Another { .. } => return Turn::Out(self.authorize()),
            Need::Asked { .. } if self.access.credential.is_none() => return Turn::Idle(None),
            Need::Asked { .. } | Need::Nothing => {}
        }
        if let Gate::Save { op: None, call } = &self.gate
            && !self.saves.is_open()
        {
            let call = call.clone();
            let save = self.save(now);
            if let Output::Do(Action::Save { ticket, .. }) = &save {
                self.gate = Gate::Save { op: Some(ticket.id()), call };
            }
            return Turn::Out(save);
        }
        if self.saves.is_due(now.mono) {
            return Turn::Out(self.save(now));
        }
        if let Gate::Check { op: op @ None, .. } = &mut self.gate {
            self.last_op += 1;
            let ticket = Ticket::new(OpId(self.last_op));
            *op = Some(ticket.id());
            return Turn::Out(Output::Do(Action::Check { ticket }));
        }
        if let Gate::Compare { pass: None, .. } = &self.gate {
            return self.compare(now);
        }
        if !matches!((&self.gate, &self.access.need), (Gate::Open, Need::Nothing)) {
            return Turn::Idle(None);
        }
        if let Some(call) = self.in_doubt.take() {
            self.happened(Happened::Unsure(call), now);
            return Turn::Again;
        }
        self.plan(now)
    }

    fn authorize(&mut self) -> Output<P> {
        let ticket = self.ticket();
        let need = std::mem::replace(&mut self.access.need, Need::Nothing);
        let (reason, refusal) = match need {
            Need::Another { reason, refusal } | Need::Asked { reason, refusal, .. } => (reason, refusal),
            Need::Nothing => (AuthReason::Missing, None),
        };
        let refused = refusal.as_ref().map(|(credential, _)| credential.clone());
        self.access.need = Need::Asked { op: ticket.id(), reason, refusal };
        Output::Do(Action::Authorize { ticket, reason, refused })
    }

    fn plan(&mut self, now: Now) -> Turn<P> {
        let waiting_to_be_saved = match self.protocol.authority(&self.state.session) {
            Authority::Vendor => 0,
            Authority::Checkpoint => self.saves.not_durable(),
        };
        if self.flights.places() + waiting_to_be_saved >= self.options.window {
            return Turn::Idle(None);
        }
        let Some(credential) = &self.access.credential else { return Turn::Idle(None) };
        let next = self.protocol.next(&self.state, &cx!(self, now, 0, credential));
        match next {
            Next::Call(call) => self.launch(call, now),
            Next::Hash(jobs) => self.hash(jobs, now),
            Next::Authorize(reason) => {
                self.access.need = Need::Another { reason, refusal: None };
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
        let known = |job: &HashJob| self.digests.iter().any(|(have, _)| have == job);
        if jobs.iter().all(known) {
            return self.defect(format!("protocol {} asks for digests that it has", P::ID), now);
        }
        let total = match crate::digest::HashPass::new(&jobs) {
            Ok(pass) => pass.total(),
            Err(error) => return self.defect(format!("protocol {}: {error}", P::ID), now),
        };
        if let Some(turn) = self.let_it_rest(true, now) {
            return turn;
        }
        let ticket = self.ticket();
        self.gate = Gate::Hash(Pass { op: ticket.id(), jobs: jobs.clone(), done: 0, total });
        Turn::Out(Output::Do(Action::Hash { ticket, jobs }))
    }

    /// Gets a call ready: what it needs is asked for one thing at a time, and the vendor is asked again after each.
    fn launch(&mut self, call: P::Call, now: Now) -> Turn<P> {
        if self.flights.calls().contains(&call) {
            return self.defect(format!("protocol {} plans {call:?}, which is in flight", P::ID), now);
        }
        let props = self.protocol.props(&call);
        if let Some((_, until)) = self.held.iter().find(|(lane, _)| *lane == props.lane) {
            return Turn::Idle(Some(*until));
        }
        if props.commits && self.flights.committing().is_some() {
            return Turn::Idle(None);
        }
        if self.options.gated.contains(&props.lane) && self.cleared.permit != Some(props.lane) {
            let ticket = self.ticket();
            self.gate = Gate::Permit { op: ticket.id(), lane: props.lane };
            return Turn::Out(Output::Do(Action::Permit { ticket, lane: props.lane }));
        }
        if props.commits && self.cleared.seal() != Some(&call) {
            return self.prepare_commit(call);
        }
        if props.carries_source {
            if !props.commits
                && let Some(turn) = self.let_it_rest(self.is_comparable(&props), now)
            {
                return turn;
            }
            if self.cleared.epoch != Some(self.epoch) {
                self.gate = Gate::Save { op: None, call: props.commits.then_some(call) };
                return Turn::Again;
            }
        }
        self.send(call, &props, now)
    }

    /// Before a call that commits: is the source still the same, and would a crash remember the call?
    fn prepare_commit(&mut self, call: P::Call) -> Turn<P> {
        if self.intent == Intent::Abandon {
            self.gate = Gate::Save { op: None, call: Some(call) };
            return Turn::Again;
        }
        self.gate = Gate::Check { op: None, call: Some(call) };
        Turn::Again
    }

    fn send(&mut self, call: P::Call, props: &CallProps, now: Now) -> Turn<P> {
        let nonce = self.chance.u128(..);
        let Some(credential) = &self.access.credential else { return Turn::Idle(None) };
        let request = match self.protocol.encode(&call, &self.state, &cx!(self, now, nonce, credential)) {
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
        let request = self.digested(request, props);
        let limits = self.limits(&call, props.limits, request.body().len());
        let ticket = self.ticket();
        self.cleared.withdraw();
        let sent = Sent {
            op: ticket.id(),
            generation: self.access.generation,
            dated: self.clock,
            commits: props.commits,
            range: request.body().source_range(),
            source_len,
            read: 0,
            cancelled: false,
        };
        self.flights.depart(call, sent);
        self.stats.requests += 1;
        Turn::Out(Output::Do(Action::Send { ticket, request, limits }))
    }

    pub(super) fn defect(&mut self, what: String, now: Now) -> Turn<P> {
        self.end(Err(Failure::Defect(what)), now);
        Turn::Again
    }
}
