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

/// A queue that has no room is given some for so many: an upload mostly has one input and one output at a time, and what a queue
/// takes at first by itself is too large to be had quickly.
const FEW: usize = 2;

impl<P: Protocol> Exchange<P> {
    pub(super) fn new() -> Self {
        Self { inbox: VecDeque::new(), outbox: VecDeque::new(), shown: None, last_op: 0, stats: Stats::default() }
    }

    pub(super) fn ticket<K>(&mut self) -> Ticket<K> {
        self.last_op += 1;
        Ticket::new(OpId(self.last_op))
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.put_out(Output::Tell(event));
    }

    pub(super) fn take_in(&mut self, input: Input<P>) {
        if self.inbox.capacity() == 0 {
            self.inbox.reserve_exact(FEW);
        }
        self.inbox.push_back(input);
    }

    pub(super) fn put_out(&mut self, output: Output<P>) {
        if self.outbox.capacity() == 0 {
            self.outbox.reserve_exact(FEW);
        }
        self.outbox.push_back(output);
    }

    /// The upload waits: a queue that is empty gives its memory back.
    pub(super) fn rests(&mut self) {
        self.inbox.shrink_to_fit();
        self.outbox.shrink_to_fit();
    }

    /// Tells how far the upload is, unless that was the last that was told of it.
    pub(super) fn show(&mut self, progress: Event) {
        if self.shown.as_ref() != Some(&progress) {
            self.shown = Some(progress.clone());
            self.tell(progress);
        }
    }
}
