//! What goes to and fro between an upload and its host.

use alloc::collections::VecDeque;

use super::Stats;
use crate::input::Input;
use crate::output::{Event, Output};
use crate::protocol::Protocol;
use crate::ticket::{OpId, Ticket};

pub(super) struct Exchange<P: Protocol> {
    pub(super) inbox: VecDeque<Input<P>>,
    pub(super) outbox: VecDeque<Output<P>>,
    /// What was shown last of how far the upload is.
    shown: Option<Event>,
    last_op: u64,
    pub(super) stats: Stats,
}

impl<P: Protocol> Exchange<P> {
    pub(super) fn new() -> Self {
        Self { inbox: VecDeque::new(), outbox: VecDeque::new(), shown: None, last_op: 0, stats: Stats::default() }
    }

    pub(super) fn ticket<K>(&mut self) -> Ticket<K> {
        self.last_op += 1;
        Ticket::new(OpId(self.last_op))
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.outbox.push_back(Output::Tell(event));
    }

    /// Tells how far the upload is, unless that was the last that was told of it.
    pub(super) fn show(&mut self, progress: Event) {
        if self.shown.as_ref() != Some(&progress) {
            self.shown = Some(progress.clone());
            self.tell(progress);
        }
    }
}
