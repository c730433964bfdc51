//! What bounds everything that a vendor, or a network, can make us repeat.

use alloc::vec::Vec;
use core::time::Duration;

use crate::protocol::Lane;

/// How often things went wrong since the last progress, and how often in all.
pub(super) struct Budgets<C> {
    /// Never cleared.
    pub(super) restarts: u32,
    /// Never cleared.
    pub(super) rehashes: u32,
    /// Since when transient failures keep progress away.
    outage: Option<Duration>,
    /// Transient failures of all calls since then.
    outage_failures: u32,
    /// Answered calls without progress.
    pub(super) answers: u32,
    /// Times that the vendor refused a signature's time although nothing could be corrected.
    pub(super) clock_strikes: u32,
    tries: Vec<Tries<C>>,
    /// How much longer the next throttling of a lane is than the first one.
    throttled: Vec<(Lane, u32)>,
    confirmed: u64,
    /// There was a connection.
    pub(super) connected: bool,
}

struct Tries<C> {
    call: C,
    refusals: u32,
    failures: u32,
    /// Those of the failures that were sent and not answered.
    unanswered: u32,
}

/// How long the vendor may take over each KiB of a request, besides what its protocol says.
const FOR_EACH_KIB: Duration = Duration::from_millis(1);

impl<C: PartialEq + Clone> Budgets<C> {
    pub(super) fn new(restarts: u32, rehashes: u32) -> Self {
        Self {
            restarts,
            rehashes,
            outage: None,
            outage_failures: 0,
            answers: 0,
            clock_strikes: 0,
            tries: Vec::new(),
            throttled: Vec::new(),
            confirmed: 0,
            connected: false,
        }
    }

    /// Progress is a confirmed count above its highest value so far; it clears what counts failures, nothing else does.
    /// A fall starts anew from there: whoever sees it counts it as a restart, which is never cleared.
    pub(super) fn confirmed(&mut self, bytes: u64) -> core::cmp::Ordering {
        let moved = bytes.cmp(&self.confirmed);
        self.confirmed = bytes;
        if moved.is_gt() {
            self.progressed();
        }
        moved
    }

    pub(super) fn progressed(&mut self) {
        self.outage = None;
        self.outage_failures = 0;
        self.answers = 0;
        self.clock_strikes = 0;
        self.tries.clear();
        self.throttled.clear();
    }

    /// Counts a refusal of this call.
    pub(super) fn refused(&mut self, call: &C) -> u32 {
        let tries = self.tries_of(call);
        tries.refusals += 1;
        tries.refusals
    }

    /// Counts a transient failure of this call: how many it had, and since when there is an outage.
    pub(super) fn failed(&mut self, call: &C, now: Duration) -> (u32, Duration) {
        let since = *self.outage.get_or_insert(now);
        self.outage_failures = self.outage_failures.saturating_add(1);
        let tries = self.tries_of(call);
        tries.failures += 1;
        (tries.failures, since)
    }

    /// Transient failures of all calls since the last progress.
    pub(super) fn outage_failures(&self) -> u32 {
        self.outage_failures
    }

    /// Counts a try of this call that was sent and not answered.
    pub(super) fn unanswered(&mut self, call: &C) {
        self.connected = true;
        self.tries_of(call).unanswered += 1;
    }

    /// How long the vendor may take over this call: `first` for an empty body at the first try, `most` at any.
    pub(super) fn reply_within(&self, call: &C, body: u64, first: Duration, most: Duration) -> Duration {
        let unanswered = self.tries.iter().find(|tries| tries.call == *call).map_or(0, |tries| tries.unanswered);
        let sized = first.saturating_add(FOR_EACH_KIB.saturating_mul(u32::try_from(body >> 10).unwrap_or(u32::MAX)));
        sized.saturating_mul(1 << unanswered.min(16)).min(most.max(sized))
    }

    /// Counts a throttling of this lane: how many times the first pause it is to last.
    pub(super) fn throttled(&mut self, lane: Lane) -> u32 {
        if let Some((_, factor)) = self.throttled.iter_mut().find(|(have, _)| *have == lane) {
            *factor = factor.saturating_mul(2);
            return *factor;
        }
        self.throttled.push((lane, 1));
        1
    }

    /// Time that does not count as an outage.
    pub(super) fn excuse(&mut self, time: Duration) {
        self.outage = self.outage.map(|since| since.saturating_add(time));
    }

    fn tries_of(&mut self, call: &C) -> &mut Tries<C> {
        let at = self.tries.iter().position(|tries| tries.call == *call).unwrap_or_else(|| {
            self.tries.push(Tries { call: call.clone(), refusals: 0, failures: 0, unanswered: 0 });
            self.tries.len() - 1
        });
        &mut self.tries[at]
    }
}
