//! What has to be so before the next call may leave.

use alloc::vec::Vec;

use super::doubt::InDoubt;
use super::slots::Slots;
use crate::digest::HashJob;
use crate::output::Event;
use crate::ticket::OpId;

/// What the next call waits for, and what was answered for it already.
pub(super) struct Preconditions<C, R> {
    pub(super) pending: Pending<C>,
    /// This session is durable: its calls may carry bytes of the source.
    pub(super) saved: bool,
    /// The committing call that is durable as "in doubt", with the source checked.
    commit: Option<C>,
    pub(super) slots: Slots<R>,
    /// What a crash left open: reported to the vendor's `apply` as a lost reply.
    pub(super) in_doubt: Option<C>,
}

/// Something that must be answered before anything more is planned.
pub(super) enum Pending<C> {
    Nothing,
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

impl<C> Pending<C> {
    fn pass(&self) -> Option<&Pass> {
        match self {
            Self::Hash(pass) | Self::Compare { pass: Some(pass), .. } => Some(pass),
            _ => None,
        }
    }
}

impl<C: PartialEq, R> Preconditions<C, R> {
    pub(super) fn new() -> Self {
        Self { pending: Pending::Nothing, saved: false, commit: None, slots: Slots::default(), in_doubt: None }
    }

    pub(super) fn outstanding(&self) -> usize {
        let asked = matches!(self.pending, Pending::Check { op: Some(_), .. });
        usize::from(asked || self.pending.pass().is_some()) + self.slots.outstanding()
    }

    pub(super) fn is_pending(&self) -> bool {
        !matches!(self.pending, Pending::Nothing)
    }

    pub(super) fn pass_mut(&mut self) -> Option<&mut Pass> {
        match &mut self.pending {
            Pending::Hash(pass) | Pending::Compare { pass: Some(pass), .. } => Some(pass),
            _ => None,
        }
    }

    pub(super) fn hashing(&self) -> Option<Event> {
        self.pending.pass().map(|pass| Event::Hashing { done: pass.done, total: pass.total })
    }

    /// The committing call that a crash now would leave in doubt, as far as none is on its way.
    pub(super) fn committing(&self) -> Option<&C> {
        let waiting = match &self.pending {
            Pending::Save { call, .. } => call.as_ref(),
            _ => None,
        };
        waiting.or(self.commit.as_ref()).or(self.in_doubt.as_ref())
    }

    /// True if this committing call may leave: the source was checked for it, and a crash would remember it.
    pub(super) fn allows(&self, commit: &C) -> bool {
        self.commit.as_ref() == Some(commit)
    }

    /// The source is to be looked at, for this committing call if it is for one.
    pub(super) fn check(&mut self, call: Option<C>) {
        self.pending = Pending::Check { op: None, call };
    }

    /// The state is to be durable, with this committing call in doubt if there is one.
    pub(super) fn save(&mut self, call: Option<C>) {
        self.pending = Pending::Save { op: None, call };
    }

    pub(super) fn compare(&mut self, doubt: InDoubt<C>) {
        self.pending = Pending::Compare { pass: None, doubt };
    }

    /// What is pending, if this operation ends it.
    pub(super) fn end(&mut self, op: OpId) -> Option<Pending<C>> {
        let open = match &self.pending {
            Pending::Check { op, .. } | Pending::Save { op, .. } => *op,
            pending => pending.pass().map(|pass| pass.op),
        };
        (open == Some(op)).then(|| self.take())
    }

    pub(super) fn take(&mut self) -> Pending<C> {
        core::mem::replace(&mut self.pending, Pending::Nothing)
    }

    /// A save is durable.
    pub(super) fn saved(&mut self, op: OpId) {
        if let Some(Pending::Save { call, .. }) = self.end(op) {
            self.saved = true;
            self.commit = call;
        }
    }

    /// The host lost this operation: it is begun again if it is still needed.
    pub(super) fn lost(&mut self, op: OpId) {
        self.slots.answered(op);
        match self.end(op) {
            Some(Pending::Save { call, .. }) => self.save(call),
            Some(Pending::Compare { doubt, .. }) => self.compare(doubt),
            _ => {}
        }
    }

    /// A call left: what was settled for it holds for no other.
    pub(super) fn used(&mut self) {
        self.commit = None;
    }

    /// After a committing call, what is open at the vendor may be another session: it is saved before it gets bytes.
    pub(super) fn committed(&mut self) {
        self.saved = false;
    }

    /// Another session begins. A doubt about the source stays, and the call that waited for it goes.
    pub(super) fn session_dropped(&mut self) {
        self.saved = false;
        self.forget_call();
        if !matches!(self.pending, Pending::Hash(_) | Pending::Compare { .. }) {
            self.pending = Pending::Nothing;
        }
    }

    /// The committing call that waits is planned again: the source may have changed meanwhile.
    pub(super) fn forget_call(&mut self) {
        self.used();
        match &mut self.pending {
            Pending::Compare { doubt, .. } => doubt.call = None,
            Pending::Save { call: Some(_), .. } => self.pending = Pending::Nothing,
            _ => {}
        }
    }

    /// Nothing more is to leave as planned, so what has not left is not in doubt. Gives the pass to be cancelled.
    pub(super) fn give_up(&mut self) -> Option<OpId> {
        self.used();
        self.slots.release();
        match self.take() {
            Pending::Hash(pass) | Pending::Compare { pass: Some(pass), .. } => Some(pass.op),
            _ => None,
        }
    }
}
