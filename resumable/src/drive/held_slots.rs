use resumable_core::{OpId, Slot};

/// The slots of requests that are under way, and of those that were answered but not acted on yet: what an answer leads
/// to (another key is asked for, say) is told to the host before it gives the slot to another upload.
#[derive(Default)]
pub(super) struct HeldSlots {
    under_way: Vec<(OpId, Slot)>,
    spent: Vec<Slot>,
}

impl HeldSlots {
    pub(super) fn keep(&mut self, op: OpId, slot: Slot) {
        self.under_way.push((op, slot));
    }

    /// The upload was handed the answer.
    pub(super) fn answered(&mut self, op: OpId) {
        self.spent.extend(self.under_way.extract_if(.., |(of, _)| *of == op).map(|(_, slot)| slot));
    }

    /// The upload has acted on all answers: it waits, or has finished.
    pub(super) fn give_back(&mut self) {
        self.spent.clear();
    }
}
