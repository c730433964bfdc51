//! Calls that were sent and not answered, and calls that wait for their next try.

use alloc::vec::Vec;
use core::ops::Range;
use core::time::Duration;

use super::clock::Clock;
use crate::ticket::OpId;

/// The calls of the current epoch, and what is still under way of dropped ones.
pub(super) struct InFlight<C> {
    calls: Vec<C>,
    marks: Vec<Mark>,
    stale: Vec<OpId>,
}

enum Mark {
    Sent(Sent),
    BackingOff { until: Duration },
}

/// What is remembered of a request on its way.
#[derive(Clone)]
pub(super) struct Sent {
    pub(super) op: OpId,
    /// Which credential signed it.
    pub(super) generation: u32,
    /// By which correction of the clock it is dated.
    pub(super) dated: Clock,
    pub(super) commits: bool,
    /// Which bytes of the source its body has, where they are in one piece.
    pub(super) range: Option<Range<u64>>,
    /// Source bytes in its body.
    pub(super) source_len: u64,
    /// Source bytes read so far.
    pub(super) read: u64,
    /// Its failure is no news.
    pub(super) cancelled: bool,
}

/// Whose answer came.
pub(super) enum Settled<C> {
    Current(C, Sent),
    Stale,
    Unknown,
}

impl<C: PartialEq> InFlight<C> {
    pub(super) fn new() -> Self {
        Self { calls: Vec::new(), marks: Vec::new(), stale: Vec::new() }
    }

    /// Everything that must not be planned now.
    pub(super) fn calls(&self) -> &[C] {
        &self.calls
    }

    /// Requests on their way, those of dropped sessions included.
    pub(super) fn requests(&self) -> usize {
        self.on_their_way().count() + self.stale.len()
    }

    /// Places taken in the window: a call that backs off keeps its own, or an outage would grow into many.
    pub(super) fn places(&self) -> usize {
        self.calls.len() + self.stale.len()
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.on_their_way().map(|sent| sent.read).sum()
    }

    /// The committing call on its way, if there is one.
    pub(super) fn committing(&self) -> Option<&C> {
        let commits = |mark: &Mark| matches!(mark, Mark::Sent(sent) if sent.commits);
        self.marks.iter().position(commits).map(|at| &self.calls[at])
    }

    pub(super) fn sent(&mut self, call: C, sent: Sent) {
        self.calls.push(call);
        self.marks.push(Mark::Sent(sent));
    }

    pub(super) fn settled(&mut self, op: OpId) -> Settled<C> {
        if let Some(at) = self.stale.iter().position(|stale| *stale == op) {
            self.stale.swap_remove(at);
            return Settled::Stale;
        }
        let found = self.marks.iter().enumerate().find_map(|(at, mark)| match mark {
            Mark::Sent(sent) if sent.op == op => Some((at, sent.clone())),
            _ => None,
        });
        let Some((at, sent)) = found else { return Settled::Unknown };
        self.marks.swap_remove(at);
        Settled::Current(self.calls.swap_remove(at), sent)
    }

    pub(super) fn note_read(&mut self, op: OpId, bytes: u64) -> bool {
        for mark in &mut self.marks {
            if let Mark::Sent(sent) = mark
                && sent.op == op
            {
                sent.read = bytes.min(sent.source_len);
                return true;
            }
        }
        false
    }

    pub(super) fn back_off(&mut self, call: C, until: Duration) {
        self.calls.push(call);
        self.marks.push(Mark::BackingOff { until });
    }

    /// Lets go of calls that have backed off long enough, so that they can be planned again.
    pub(super) fn expire_backoff(&mut self, now: Duration) {
        self.forget_waiting(|until| until <= now);
    }

    pub(super) fn next_try(&self) -> Option<Duration> {
        let until = |mark: &Mark| match mark {
            Mark::BackingOff { until } => Some(*until),
            Mark::Sent(_) => None,
        };
        self.marks.iter().filter_map(until).min()
    }

    /// Forgets the calls of a dropped session; those on their way stay as stale ones until they are answered.
    pub(super) fn drop_epoch(&mut self) -> Vec<OpId> {
        let dropped: Vec<OpId> = self.on_their_way().map(|sent| sent.op).collect();
        self.stale.extend(&dropped);
        self.calls.clear();
        self.marks.clear();
        dropped
    }

    /// Forgets everything that waits for its next try.
    pub(super) fn forget_backing_off(&mut self) {
        self.forget_waiting(|_| true);
    }

    /// Marks everything on its way as cancelled.
    pub(super) fn cancel_all(&mut self) {
        for mark in &mut self.marks {
            if let Mark::Sent(sent) = mark {
                sent.cancelled = true;
            }
        }
    }

    /// Every operation on its way.
    pub(super) fn ops(&self) -> Vec<OpId> {
        self.on_their_way().map(|sent| sent.op).chain(self.stale.iter().copied()).collect()
    }

    fn on_their_way(&self) -> impl Iterator<Item = &Sent> {
        self.marks.iter().filter_map(|mark| match mark {
            Mark::Sent(sent) => Some(sent),
            Mark::BackingOff { .. } => None,
        })
    }

    fn forget_waiting(&mut self, done: impl Fn(Duration) -> bool) {
        let mut at = 0;
        while at < self.marks.len() {
            if matches!(self.marks[at], Mark::BackingOff { until } if done(until)) {
                self.marks.swap_remove(at);
                self.calls.swap_remove(at);
            } else {
                at += 1;
            }
        }
    }
}
