//! Uploads under a plan of the server's faults, in the format that `resumable emulator --faults` reads.

use fastrand::Rng;
use resumable_emulator::Plan;
use resumable_sim::campaign::{self, Campaign};
use resumable_sim::case::{self, Report};
use resumable_sim::profile::Profile;
use resumable_sim::transcript::Detail;
use resumable_sim::vendor::{Expectations, Wrapped};

pub(crate) fn plan(rules: &str) -> Plan {
    Plan::from_json(&format!("{{\"rules\": [{rules}]}}")).unwrap()
}

/// Uploads under these rules; every one of them ends finished or with an honest error.
pub(crate) fn end_honestly<S: Expectations>(rules: &str, seed: u64, cases: u64) -> Campaign {
    let campaign = campaign::run_under(&Wrapped::<S>::own(), &plan(rules), seed, 0, cases);
    assert_eq!(campaign.first, [], "{rules}");
    campaign
}

/// Of 300 uploads under these rules, more than so many finish.
pub(crate) fn survive<S: Expectations>(rules: &str, seed: u64, more_than: u64) {
    let finished = end_honestly::<S>(rules, seed, 300).census.marked("finished");
    assert!(finished > more_than, "{finished}");
}

/// A plan that never ends ends every upload.
pub(crate) fn end_without_answers<S: Expectations>(seed: u64) {
    let campaign = end_honestly::<S>(r#"{"times": "always", "fault": "html", "status": 502}"#, seed, 60);
    assert_eq!(campaign.census.marked("finished"), 0);
    assert!(campaign.census.marked("failure: patience") > 0);
}

/// What random cases met at the server is a plan that can be read and played.
pub(crate) fn write_plans<S: Expectations>(run: u64) {
    let vendor = Wrapped::<S>::own();
    let mut rules = 0;
    for index in 0..200 {
        let seed = case::seed_of(run, index);
        let met = case::run(&vendor, seed, Detail::Off).plan;
        let text = serde_json::to_string(&met).unwrap();
        assert_eq!(Plan::from_json(&text).as_ref(), Ok(&met), "{text}");
        rules += met.rules.len();
        let again = case::run_under(&vendor, seed, &met, Detail::Off);
        assert_eq!(again.violation, None, "case {index} under {text}");
    }
    assert!(rules > 50, "{rules}");
}

/// One upload under these rules.
pub(crate) fn under<S: Expectations>(setting: &S, rules: &str) -> Report {
    let profile = Profile { plan: plan(rules), ..Profile::calm(2) };
    case::run_alone(&Wrapped::<S>::own(), setting, profile, Rng::with_seed(1), Detail::Full)
}

/// How often the transcript says it.
pub(crate) fn told(report: &Report, what: &str) -> usize {
    report.transcript.lines().iter().filter(|line| line.contains(what)).count()
}

/// What was found wrong, and how it ended.
pub(crate) fn ended(report: &Report) -> (Option<&str>, &'static str) {
    (report.violation.as_deref(), report.ending)
}
