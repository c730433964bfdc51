//! What is to happen, in the order of time; among equals, in the order in which it was planned.

use std::collections::BTreeMap;
use std::time::Duration;

/// An event queue.
#[derive(Clone, Debug)]
pub struct Queue<M> {
    events: BTreeMap<(Duration, u64), M>,
    planned: u64,
}

impl<M> Queue<M> {
    /// An empty queue.
    pub fn new() -> Self {
        Self { events: BTreeMap::new(), planned: 0 }
    }

    /// Plans an event.
    pub fn plan(&mut self, at: Duration, what: M) {
        self.planned += 1;
        self.events.insert((at, self.planned), what);
    }

    /// When the next event is.
    pub fn next_at(&self) -> Option<Duration> {
        self.events.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes the next event, if it is due by then.
    pub fn take_due(&mut self, by: Duration) -> Option<(Duration, M)> {
        let entry = self.events.first_entry().filter(|entry| entry.key().0 <= by)?;
        let ((at, _), what) = entry.remove_entry();
        Some((at, what))
    }

    /// Forgets every event that is not to be kept.
    pub fn retain(&mut self, keep: impl Fn(&M) -> bool) {
        self.events.retain(|_, what| keep(what));
    }
}

impl<M> Default for Queue<M> {
    fn default() -> Self {
        Self::new()
    }
}
