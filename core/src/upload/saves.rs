//! Which state is durable, and which is on its way to be.

use core::time::Duration;

use crate::ticket::OpId;

/// One save is open at a time; the newest state wins.
#[derive(Default)]
pub(super) struct Saves {
    open: Option<OpId>,
    /// From when on the newest state is to be saved; `None` if it is durable or on its way.
    due: Option<Duration>,
    /// When the last save was begun.
    begun: Option<Duration>,
    /// Parts acknowledged since the open save was made.
    unsaved: usize,
    /// Parts acknowledged that the open save holds.
    in_open: usize,
}

impl Saves {
    /// The state changed: to be saved at once.
    pub(super) fn changed(&mut self) {
        self.changed_by(Duration::ZERO);
    }

    /// The same: to be saved then, or with what is saved before.
    pub(super) fn changed_by(&mut self, due: Duration) {
        self.due = Some(self.due.map_or(due, |earlier| earlier.min(due)));
    }

    /// A part was acknowledged, and no more than that: to be saved so long after the last save.
    pub(super) fn acknowledged(&mut self, apart: Duration) {
        self.unsaved += 1;
        self.changed_by(self.begun.map_or(Duration::ZERO, |begun| begun.saturating_add(apart)));
    }

    /// Acknowledged parts that no durable checkpoint holds.
    pub(super) fn not_durable(&self) -> usize {
        self.unsaved + self.in_open
    }

    /// When the next save is to begin, if no other is open.
    pub(super) fn due(&self) -> Option<Duration> {
        self.due.filter(|_| self.open.is_none())
    }

    pub(super) fn is_due(&self, now: Duration) -> bool {
        self.due().is_some_and(|due| due <= now)
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub(super) fn begin(&mut self, op: OpId, now: Duration) {
        self.open = Some(op);
        self.due = None;
        self.begun = Some(now);
        self.in_open += core::mem::take(&mut self.unsaved);
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
            self.changed();
            self.unsaved += core::mem::take(&mut self.in_open);
            true
        }
    }

    fn close(&mut self, op: OpId) -> bool {
        self.open.take_if(|open| *open == op).is_some()
    }
}
