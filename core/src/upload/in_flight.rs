//! Calls that were sent and not answered, and calls that wait for their next try.

use alloc::vec::Vec;
use core::ops::Range;
use core::time::Duration;

use super::clock::Clock;
use crate::ticket::OpId;

/// The calls of the current epoch, and what is still under way of dropped ones.
///
/// Whoever drives the machine asks much of this for each part, so what would be looked for among all calls is counted.
pub(super) struct InFlight<C> {
    calls: Vec<C>,
    marks: Vec<Mark>,
    stale: Vec<OpId>,
    /// How many of the calls wait for their next try, how many on their way commit, and what those have read.
    backing_off: usize,
    committing: usize,
    read: u64,
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
        Self { calls: Vec::new(), marks: Vec::new(), stale: Vec::new(), backing_off: 0, committing: 0, read: 0 }
    }

    /// Everything that must not be planned now.
    pub(super) fn calls(&self) -> &[C] {
        &self.calls
    }

    /// Requests on their way, those of dropped sessions included.
    pub(super) fn requests(&self) -> usize {
        self.calls.len() - self.backing_off + self.stale.len()
    }

    /// Places taken in the window: a call that backs off keeps its own, or an outage would grow into many.
    pub(super) fn places(&self) -> usize {
        self.calls.len() + self.stale.len()
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.read
    }

    /// The committing call on its way, if there is one.
    pub(super) fn committing(&self) -> Option<&C> {
        if self.committing == 0 {
            return None;
        }
        let commits = |mark: &Mark| matches!(mark, Mark::Sent(sent) if sent.commits);
        self.marks.iter().position(commits).map(|at| &self.calls[at])
    }

    pub(super) fn sent(&mut self, call: C, sent: Sent) {
        self.committing += usize::from(sent.commits);
        self.read += sent.read;
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
        // They stay in the order in which they were sent: where the next part begins is found the sooner.
        self.marks.remove(at);
        self.committing -= usize::from(sent.commits);
        self.read -= sent.read;
        Settled::Current(self.calls.remove(at), sent)
    }

    pub(super) fn note_read(&mut self, op: OpId, bytes: u64) -> bool {
        for mark in &mut self.marks {
            if let Mark::Sent(sent) = mark
                && sent.op == op
            {
                self.read -= sent.read;
                sent.read = bytes.min(sent.source_len);
                self.read += sent.read;
                return true;
            }
        }
        false
    }

    pub(super) fn back_off(&mut self, call: C, until: Duration) {
        self.backing_off += 1;
        self.calls.push(call);
        self.marks.push(Mark::BackingOff { until });
    }

    /// Lets go of calls that have backed off long enough, so that they can be planned again.
    pub(super) fn expire_backoff(&mut self, now: Duration) {
        self.forget_waiting(|until| until <= now);
    }

    pub(super) fn next_try(&self) -> Option<Duration> {
        if self.backing_off == 0 {
            return None;
        }
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
        (self.backing_off, self.committing, self.read) = (0, 0, 0);
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
        while self.backing_off > 0 && at < self.marks.len() {
            if matches!(self.marks[at], Mark::BackingOff { until } if done(until)) {
                self.marks.remove(at);
                self.calls.remove(at);
                self.backing_off -= 1;
            } else {
                at += 1;
            }
        }
    }
}
