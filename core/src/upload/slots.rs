use crate::protocol::Lane;
use crate::slot::Slot;
use crate::ticket::OpId;

/// Slots that were asked for, and those that were granted for a call that has not left yet: one a lane.
#[derive(Default)]
pub(super) struct Slots(Vec<(Lane, Place)>);

enum Place {
    Asked(OpId),
    Granted(Slot),
}

impl Slots {
    /// How many requests for one are not answered yet.
    pub(super) fn outstanding(&self) -> usize {
        self.0.iter().filter(|(_, place)| matches!(place, Place::Asked(_))).count()
    }

    pub(super) fn ask(&mut self, lane: Lane, op: OpId) {
        self.0.push((lane, Place::Asked(op)));
    }

    pub(super) fn is_asked(&self, lane: Lane) -> bool {
        self.0.iter().any(|(of, place)| *of == lane && matches!(place, Place::Asked(_)))
    }

    /// For which lane this operation asked; it is over.
    pub(super) fn answered(&mut self, op: OpId) -> Option<Lane> {
        let is_it = |(_, place): &(Lane, Place)| matches!(place, Place::Asked(asked) if *asked == op);
        let at = self.0.iter().position(is_it)?;
        Some(self.0.swap_remove(at).0)
    }

    pub(super) fn grant(&mut self, lane: Lane, slot: Slot) {
        self.0.push((lane, Place::Granted(slot)));
    }

    /// Takes the slot that was granted for this lane.
    pub(super) fn take(&mut self, lane: Lane) -> Option<Slot> {
        let at = self.0.iter().position(|(of, place)| *of == lane && matches!(place, Place::Granted(_)))?;
        match self.0.swap_remove(at).1 {
            Place::Granted(slot) => Some(slot),
            Place::Asked(_) => None,
        }
    }

    /// Gives back what was granted and is not used.
    pub(super) fn release(&mut self) {
        self.0.retain(|(_, place)| matches!(place, Place::Asked(_)));
    }
}
