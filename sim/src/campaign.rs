//! Many cases on two threads; what comes out does not depend on which thread ran what.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use resumable_emulator::Plan;

use crate::calls::Calls as _;
use crate::case::{self, Report};
use crate::census::Census;
use crate::outcomes::Digests;
use crate::transcript::Detail;
use crate::vendor::{CallOf, Vendor};

/// Threads that run cases.
const THREADS: usize = 2;
/// Every so many cases, one is run twice and must come out the same.
const TWICE_EVERY: u64 = 32;
/// So many violations are kept, those of the lowest indices.
const KEPT: usize = 3;

/// What came of a campaign.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// What all cases met together.
    pub census: Census,
    /// How many cases broke the property.
    pub violations: u64,
    /// The first of them: index, and what was found.
    pub first: Vec<(u64, String)>,
    /// How many cases were run twice.
    pub twice: u64,
    /// How they ended.
    pub outcomes: Digests,
}

/// Runs the cases `from..to` of a run.
pub fn run<V: Vendor>(vendor: &V, seed: u64, from: u64, to: u64) -> Campaign {
    run_by(CallOf::<V>::ALL.len(), from, to, |index, detail| case::run(vendor, case::seed_of(seed, index), detail))
}

/// The same uploads under a plan of the server's faults, and with no other trouble.
pub fn run_under<V: Vendor>(vendor: &V, plan: &Plan, seed: u64, from: u64, to: u64) -> Campaign {
    run_by(CallOf::<V>::ALL.len(), from, to, |index, detail| {
        case::run_under(vendor, case::seed_of(seed, index), plan, detail)
    })
}

fn run_by(calls: usize, from: u64, to: u64, play: impl Fn(u64, Detail) -> Report + Sync) -> Campaign {
    let next = AtomicU64::new(from);
    let work = || {
        let mut mine = Campaign::new(calls);
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= to {
                return mine;
            }
            mine.take(index, one(index, &play));
        }
    };
    let mut all = Campaign::new(calls);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            match thread.join() {
                Ok(campaign) => all.add(campaign),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    all
}

/// Runs one case; a sampled one twice.
fn one(index: u64, play: &impl Fn(u64, Detail) -> Report) -> Report {
    if !index.is_multiple_of(TWICE_EVERY) {
        return play(index, Detail::Off);
    }
    let mut report = play(index, Detail::Hash);
    let again = play(index, Detail::Hash);
    if report.transcript.hash() != again.transcript.hash() {
        report.violation.get_or_insert_with(|| "the same seed gave another transcript".to_owned());
    }
    report
}

impl Campaign {
    fn new(calls: usize) -> Self {
        let census = Census::new(calls);
        Self { census, violations: 0, first: Vec::new(), twice: 0, outcomes: Digests::default() }
    }

    fn take(&mut self, index: u64, report: Report) {
        self.census.add(&report.census);
        self.outcomes.take(index, &report);
        self.twice += u64::from(index.is_multiple_of(TWICE_EVERY));
        if let Some(violation) = report.violation {
            self.violations += 1;
            self.keep(index, violation);
        }
    }

    fn add(&mut self, other: Self) {
        self.census.add(&other.census);
        self.violations += other.violations;
        self.twice += other.twice;
        self.outcomes.add(other.outcomes);
        other.first.into_iter().for_each(|(index, violation)| self.keep(index, violation));
    }

    fn keep(&mut self, index: u64, violation: String) {
        self.first.push((index, violation));
        self.first.sort();
        self.first.truncate(KEPT);
    }
}
