use alloc::vec::Vec;

use crate::protocol::Lane;
use crate::question::{Known, Question};
use crate::slot::Slot;
use crate::ticket::OpId;

/// What a call needs before it may leave.
#[derive(Clone, PartialEq)]
pub(super) struct Wanted {
    pub(super) lane: Lane,
    /// What the call asks for all uploads to the account: another one may have been answered.
    pub(super) question: Option<Question>,
}

/// What the host gave for a call.
pub(super) enum Granted<R> {
    /// It may leave.
    Slot(Slot),
    /// It need not: another upload was answered.
    Known(Known<R>),
}

/// Slots that were asked for, and what was granted for a call that has not left yet.
pub(super) struct Slots<R> {
    asked: Vec<(Wanted, OpId)>,
    granted: Option<(Wanted, Granted<R>)>,
}

impl<R> Default for Slots<R> {
    fn default() -> Self {
        Self { asked: Vec::new(), granted: None }
    }
}

impl<R> Slots<R> {
    /// How many requests for one are not answered yet.
    pub(super) fn outstanding(&self) -> usize {
        self.asked.len()
    }

    pub(super) fn ask(&mut self, wanted: Wanted, op: OpId) {
        self.asked.push((wanted, op));
    }

    pub(super) fn is_asked(&self, wanted: &Wanted) -> bool {
        self.asked.iter().any(|(of, _)| of == wanted)
    }

    /// For what this operation asked; it is over.
    pub(super) fn answered(&mut self, op: OpId) -> Option<Wanted> {
        let at = self.asked.iter().position(|(_, asked)| *asked == op)?;
        Some(self.asked.swap_remove(at).0)
    }

    /// Keeps a slot, or an answer, until the call is planned; another one goes back.
    pub(super) fn grant(&mut self, wanted: Wanted, granted: Granted<R>) {
        self.granted = Some((wanted, granted));
    }

    /// What was granted for this; a slot for something else goes back.
    pub(super) fn take(&mut self, wanted: &Wanted) -> Option<Granted<R>> {
        self.granted.take().filter(|(of, _)| of == wanted).map(|(_, granted)| granted)
    }

    /// Gives back what was granted and is not used.
    pub(super) fn release(&mut self) {
        self.granted = None;
    }
}
