//! Every placement of one fault (or two) over one upload, instead of chance; and every effect of the host that fails, one
//! after the other.

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use fastrand::Rng;
use resumable_core::Lane;
use resumable_emulator::Fault as ServerFault;

use crate::case::{self, Report};
use crate::fault::{Fault, Row, Script, Then};
use crate::fault_kind::Kind;
use crate::profile::{Command, FirstCredential, Profile};
use crate::transcript::Detail;
use crate::vendor::{Expectations, Scenario, Vendor};

/// Threads that run enumerations.
const THREADS: usize = 2;

/// The kinds that are placed: a lost reply, a crash, and what a host can do wrong.
const PLACED: [Kind; 8] = [
    Kind::Refused,
    Kind::LostBefore,
    Kind::LostAfter,
    Kind::LostLate,
    Kind::CrashBefore,
    Kind::CrashAfter,
    Kind::HostLost,
    Kind::Fails,
];

/// The kinds that are placed alone. Where a side has other bytes than were sent, an honest error is as good as a success.
const PLACED_ALONE: [Kind; 4] = [Kind::Done, Kind::Flipped, Kind::Spoilt, Kind::Garbled];

/// What an enumeration found.
#[derive(Clone, Debug, Default)]
pub struct Enumeration {
    /// How many placements were run.
    pub placements: u64,
    /// Where the property was broken, and how.
    pub violations: Vec<String>,
}

impl Enumeration {
    fn add(&mut self, other: Self) {
        self.placements += other.placements;
        self.violations.extend(other.violations);
    }

    fn take(&mut self, what: &[(usize, Fault)], report: &Report) {
        let must_finish = !what.iter().any(|(_, fault)| fault.corrupts());
        let unfinished =
            (must_finish && report.ending != "finished").then(|| format!("it ended as {:?}", report.ending));
        self.count(&what, report.violation.clone().or(unfinished));
    }

    fn count(&mut self, what: &dyn fmt::Debug, wrong: Option<String>) {
        self.placements += 1;
        self.violations.extend(wrong.map(|wrong| format!("{what:?}: {wrong}")));
    }
}

/// Every placement of one fault over the upload that this setting and window give. Every one of them must finish, unless
/// the server has other bytes than were sent.
pub fn singles<V: Vendor>(vendor: &V, setting: &V::Setting, window: usize, seed: u64) -> Enumeration {
    let mut found = Enumeration::default();
    let rows = baseline(vendor, setting, window, seed, &mut found);
    for (number, row) in rows.iter().enumerate() {
        for fault in faults::<V::Setting>(*row).into_iter().chain(placed_alone(*row)) {
            let placed = vec![(number, fault)];
            found.take(&placed, &place(vendor, setting, window, seed, placed.clone()));
        }
    }
    found
}

/// Every placement of two faults: the second one on any action that the first one leaves or brings.
pub fn pairs<V: Vendor>(vendor: &V, setting: &V::Setting, window: usize, seed: u64) -> Enumeration {
    pairs_among(vendor, setting, window, seed, |_, _| true)
}

/// Every placement of one crash and one lost reply, whichever comes first.
pub fn crash_and_loss<V: Vendor>(vendor: &V, setting: &V::Setting, window: usize, seed: u64) -> Enumeration {
    pairs_among(vendor, setting, window, seed, |first, second| {
        (is_crash(first) && is_loss(second)) || (is_loss(first) && is_crash(second))
    })
}

fn is_crash(fault: &Fault) -> bool {
    matches!(fault, Fault::CrashBefore { .. } | Fault::CrashAfter)
}

fn is_loss(fault: &Fault) -> bool {
    matches!(fault, Fault::LostBefore | Fault::LostAfter | Fault::LostLate)
}

fn pairs_among<V: Vendor>(
    vendor: &V,
    setting: &V::Setting,
    window: usize,
    seed: u64,
    go_together: impl Fn(&Fault, &Fault) -> bool,
) -> Enumeration {
    let mut found = Enumeration::default();
    let rows = baseline(vendor, setting, window, seed, &mut found);
    for (number, row) in rows.iter().enumerate() {
        for first in faults::<V::Setting>(*row) {
            let after = place(vendor, setting, window, seed, vec![(number, first.clone())]).rows;
            for (later, row) in after.iter().enumerate().skip(number + 1) {
                let seconds = faults::<V::Setting>(*row).into_iter();
                for second in seconds.filter(|second| go_together(&first, second)) {
                    let placed = vec![(number, first.clone()), (later, second)];
                    found.take(&placed, &place(vendor, setting, window, seed, placed.clone()));
                }
            }
        }
    }
    found
}

/// Every placement of one command of the user's, alone: not every one of them lets the upload finish.
pub fn commands<V: Vendor>(
    vendor: &V,
    setting: &V::Setting,
    window: usize,
    seed: u64,
    command: Command,
) -> Enumeration {
    let mut found = Enumeration::default();
    for number in 0..baseline(vendor, setting, window, seed, &mut found).len() {
        let profile = Profile { commands: vec![(number, command)], ..Profile::calm(window) };
        let report = case::run_with(vendor, setting, profile, Rng::with_seed(seed), Detail::Off);
        found.count(&(number, command), report.violation);
    }
    found
}

/// What a host does for the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// Sends a request: there is no connection.
    Send,
    /// Makes a checkpoint durable: the disk is full.
    Save,
    /// Looks at the source: it cannot be read.
    Check,
    /// Takes digests: the source cannot be read.
    Hash,
    /// Gets a credential: there is none.
    Authorize,
    /// Grants a slot: there is none now.
    Acquire,
}

impl Effect {
    const ALL: [Self; 6] = [Self::Send, Self::Save, Self::Check, Self::Hash, Self::Authorize, Self::Acquire];

    fn rows(self) -> fn(Row) -> bool {
        match self {
            Self::Send => |row| matches!(row, Row::Call(_)),
            Self::Save => |row| row == Row::Save,
            Self::Check => |row| row == Row::Check,
            Self::Hash => |row| row == Row::Hash,
            Self::Authorize => |row| row == Row::Authorize,
            Self::Acquire => |row| row == Row::Acquire,
        }
    }
}

/// The n-th effect of each kind fails, for every n that the upload comes to: that one alone, and all from it on. Each time
/// the upload finishes; or it ends with an honest error, and finishes in the next process, in which nothing fails.
pub fn failing<V: Vendor>(vendor: &V, setting: &V::Setting, window: usize, seed: u64) -> Enumeration {
    let mut found = Enumeration::default();
    for effect in Effect::ALL {
        found.add(fail_each(vendor, setting, window, seed, effect, |nth| nth..nth + 1));
        // A slot that is never granted is waited for.
        if effect != Effect::Acquire {
            found.add(fail_each(vendor, setting, window, seed, effect, |nth| nth..usize::MAX));
        }
    }
    found
}

fn fail_each<V: Vendor>(
    vendor: &V,
    setting: &V::Setting,
    window: usize,
    seed: u64,
    effect: Effect,
    failing: impl Fn(usize) -> Range<usize>,
) -> Enumeration {
    let mut found = Enumeration::default();
    let which = effect.rows();
    for nth in 0.. {
        let mut profile = Profile::calm(window);
        profile.credential = FirstCredential::Missing;
        profile.gated = vec![Lane::Api, Lane::Data];
        profile.script = Script::Failing { which, met: 0, failing: failing(nth) };
        let report = case::run_with(vendor, setting, profile, Rng::with_seed(seed), Detail::Off);
        if report.rows.iter().filter(|row| which(**row)).count() <= nth {
            break;
        }
        let finished = report.ending == "finished" || report.census.marked("again: finished") > 0;
        let unfinished = (!finished).then(|| format!("it ended as {:?}, also when it was run again", report.ending));
        found.count(&(effect, failing(nth)), report.violation.or(unfinished));
    }
    found
}

/// The uploads of three parts among those that a vendor's faults are enumerated over.
pub fn three_parts<S: Expectations>() -> Vec<(S, usize)> {
    let has_three = |setting: &S| !setting.in_one_request() && setting.size().div_ceil(setting.part_size()) == 3;
    S::enumerated().into_iter().filter(|(setting, _)| has_three(setting)).collect()
}

/// What an enumeration finds over several uploads together, each with its window; on two threads.
pub fn over<S: Expectations>(
    uploads: &[(S, usize)],
    enumerate: impl Fn(&S, usize) -> Enumeration + Sync,
) -> Enumeration {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some((setting, window)) = uploads.get(number) else { return found };
            found.push((number, enumerate(setting, *window)));
        }
    };
    let mut all = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        let found = threads.into_iter().map(thread::ScopedJoinHandle::join);
        found.flat_map(|found| found.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect::<Vec<_>>()
    });
    all.sort_by_key(|(number, _)| *number);
    let mut sum = Enumeration::default();
    for (number, mut found) in all {
        let (setting, window) = &uploads[number];
        found.violations.iter_mut().for_each(|what| *what = format!("{setting:?}, window {window}: {what}"));
        sum.add(found);
    }
    sum
}

fn baseline<V: Vendor>(
    vendor: &V,
    setting: &V::Setting,
    window: usize,
    seed: u64,
    found: &mut Enumeration,
) -> Vec<Row> {
    let report = place(vendor, setting, window, seed, Vec::new());
    found.take(&[], &report);
    report.rows
}

fn faults<S: Scenario>(row: Row) -> Vec<Fault> {
    let possible = PLACED.into_iter().filter(|kind| row.can_meet::<S>(*kind));
    possible
        .flat_map(|kind| match kind {
            Kind::Refused => vec![Fault::Refused],
            Kind::LostBefore => vec![Fault::LostBefore],
            Kind::LostAfter => vec![Fault::LostAfter],
            Kind::LostLate => vec![Fault::LostLate],
            Kind::CrashBefore => [false, true].map(|late_effect| Fault::CrashBefore { late_effect }).to_vec(),
            Kind::CrashAfter => vec![Fault::CrashAfter],
            Kind::HostLost => vec![Fault::HostLost],
            _ => vec![Fault::Fails],
        })
        .collect()
}

fn placed_alone(row: Row) -> Vec<Fault> {
    let Row::Call(call) = row else { return Vec::new() };
    let possible = PLACED_ALONE.into_iter().filter(|kind| call.can_meet(*kind));
    possible
        .flat_map(|kind| match kind {
            Kind::Flipped => Then::all(call).iter().map(|then| Fault::Flipped(*then)).collect(),
            Kind::Garbled => vec![Fault::Garbled],
            Kind::Done => vec![Fault::Done(ServerFault::Unavailable)],
            _ => vec![Fault::Server(ServerFault::OtherBytes)],
        })
        .collect()
}

fn place<V: Vendor>(vendor: &V, setting: &V::Setting, window: usize, seed: u64, faults: Vec<(usize, Fault)>) -> Report {
    let mut profile = Profile::calm(window);
    profile.credential = FirstCredential::Missing;
    profile.script = Script::Placed(faults);
    case::run_with(vendor, setting, profile, Rng::with_seed(seed), Detail::Off)
}
