//! Which state is durable, and which is on its way to be.

use crate::ticket::OpId;

/// One save is open at a time; the newest state wins.
#[derive(Default)]
pub(super) struct Saves {
    open: Option<OpId>,
    dirty: bool,
    /// Parts acknowledged since the open save was made.
    unsaved: usize,
    /// Parts acknowledged that the open save holds.
    in_open: usize,
}

impl Saves {
    /// The state changed.
    pub(super) fn changed(&mut self) {
        self.dirty = true;
    }

    /// A part was acknowledged.
    pub(super) fn acknowledged(&mut self) {
        self.unsaved += 1;
    }

    /// Acknowledged parts that no durable checkpoint holds.
    pub(super) fn not_durable(&self) -> usize {
        self.unsaved + self.in_open
    }

    pub(super) fn due(&self) -> bool {
        self.dirty && self.open.is_none()
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub(super) fn begin(&mut self, op: OpId) {
        self.open = Some(op);
        self.dirty = false;
        self.in_open += std::mem::take(&mut self.unsaved);
    }

    /// The open save is durable; false if it was not this one.
    pub(super) fn done(&mut self, op: OpId) -> bool {
        self.close(op) && {
            self.in_open = 0;
            true
        }
    }

    /// The open save is lost; what it held is to be saved again.
    pub(super) fn lost(&mut self, op: OpId) -> bool {
        self.close(op) && {
            self.dirty = true;
            self.unsaved += std::mem::take(&mut self.in_open);
            true
        }
    }

    fn close(&mut self, op: OpId) -> bool {
        self.open.take_if(|open| *open == op).is_some()
    }
}
