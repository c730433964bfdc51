use alloc::vec::Vec;

use crate::protocol::Lane;
use crate::slot::Slot;
use crate::ticket::OpId;

/// Slots that were asked for, and the one that was granted for a call that has not left yet.
#[derive(Default)]
pub(super) struct Slots {
    asked: Vec<(Lane, OpId)>,
    granted: Option<(Lane, Slot)>,
}

impl Slots {
    /// How many requests for one are not answered yet.
    pub(super) fn outstanding(&self) -> usize {
        self.asked.len()
    }

    pub(super) fn ask(&mut self, lane: Lane, op: OpId) {
        self.asked.push((lane, op));
    }

    pub(super) fn is_asked(&self, lane: Lane) -> bool {
        self.asked.iter().any(|(of, _)| *of == lane)
    }

    /// For which lane this operation asked; it is over.
    pub(super) fn answered(&mut self, op: OpId) -> Option<Lane> {
        let at = self.asked.iter().position(|(_, asked)| *asked == op)?;
        Some(self.asked.swap_remove(at).0)
    }

    /// Keeps a slot until the call is planned; another one goes back.
    pub(super) fn grant(&mut self, lane: Lane, slot: Slot) {
        self.granted = Some((lane, slot));
    }

    /// The slot that was granted for this lane; one of another lane goes back.
    pub(super) fn take(&mut self, lane: Lane) -> Option<Slot> {
        self.granted.take().filter(|(of, _)| *of == lane).map(|(_, slot)| slot)
    }

    /// Gives back what was granted and is not used.
    pub(super) fn release(&mut self) {
        self.granted = None;
    }
}
