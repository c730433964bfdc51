//! Every placement of one fault (or two) over one upload, instead of chance.

use std::fmt;

use fastrand::Rng;
use resumable_emulator::Fault as ServerFault;

use crate::case::{self, Report};
use crate::fault::{Fault, Row, Then};
use crate::fault_kind::Kind;
use crate::profile::{Command, Profile};
use crate::transcript::Detail;
use crate::vendor::{Scenario, Vendor};

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
    let mut found = Enumeration::default();
    let rows = baseline(vendor, setting, window, seed, &mut found);
    for (number, row) in rows.iter().enumerate() {
        for first in faults::<V::Setting>(*row) {
            let after = place(vendor, setting, window, seed, vec![(number, first.clone())]).rows;
            for (later, row) in after.iter().enumerate().skip(number + 1) {
                for second in faults::<V::Setting>(*row) {
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
    profile.credential = crate::profile::FirstCredential::Missing;
    profile.script = crate::fault::Script::Placed(faults);
    case::run_with(vendor, setting, profile, Rng::with_seed(seed), Detail::Off)
}
