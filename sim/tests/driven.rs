//! Uploads by the library's async client, with its own driver, files and tokens, in the simulated world.

use resumable_sim::case::seed_of;
use resumable_sim::driven::{case, rivals};
use resumable_sim::registry::{self, Task};
use resumable_sim::transcript::Detail;
use resumable_sim::vendor::Expectations;

const SEED: u64 = 1;
const CASES: u64 = 200;
/// What so many cases of each vendor meet.
const MET: [&str; 16] = [
    "another version",
    "answer lost",
    "error: changed",
    "error: stopped",
    "error: store",
    "killed after an effect",
    "killed between two steps",
    "late effect",
    "request cut",
    "request refused",
    "run: dropped",
    "run: finished",
    "run: killed",
    "run: sent before",
    "server fault",
    "store failed",
];

struct Cases;

impl Task for Cases {
    fn run<S: Expectations>(&self, name: &str) -> bool {
        let all = case::run_all(case::run::<S>, SEED, 0, CASES);
        let again = "again: cargo xtask sim --driven --cases 1 --seed 1 --verbose --protocol";
        assert_eq!(all.violations, [], "{again} {name} --case …");
        for mark in MET {
            assert!(all.marks.contains_key(mark), "{name}: {mark}, of {:?}", all.marks);
        }
        name != "115" || all.marks.contains_key("error: credential")
    }
}

#[test]
fn every_upload_ends_as_it_should() {
    for (name, run) in registry::all::<Cases>() {
        assert!(run(&Cases, name), "{name}: no token was ever lost");
    }
}

struct Twice;

impl Task for Twice {
    fn run<S: Expectations>(&self, name: &str) -> bool {
        for index in 0..10 {
            let run = || case::run::<S>(seed_of(SEED, index), Detail::Full).transcript;
            let (one, other) = (run(), run());
            assert_eq!(one.lines(), other.lines(), "{name}, case {index}");
            assert!(one.lines().len() > 10, "{name}, case {index}");
        }
        true
    }
}

#[test]
fn the_same_seed_gives_the_same_transcript() {
    assert!(registry::all::<Twice>().into_iter().all(|(name, run)| run(&Twice, name)));
}

/// What so many cases of each vendor meet, in which there are two clients.
const RIVALS_MET: [&str; 3] = ["answer lost", "finished", "server fault"];

struct Rivals;

impl Task for Rivals {
    fn run<S: Expectations>(&self, name: &str) -> bool {
        let all = case::run_all(rivals::run::<S>, SEED, 0, CASES);
        let again = "again: cargo xtask sim --rivals --cases 1 --seed 1 --verbose --protocol";
        assert_eq!(all.violations, [], "{again} {name} --case …");
        for mark in RIVALS_MET {
            assert!(all.marks.contains_key(mark), "{name}: {mark}, of {:?}", all.marks);
        }
        true
    }
}

#[test]
fn two_clients_at_once_mix_nothing_and_tell_no_lie() {
    assert!(registry::all::<Rivals>().into_iter().all(|(name, run)| run(&Rivals, name)));
}
