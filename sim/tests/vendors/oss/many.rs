//! Uploads of more parts than a page of the vendor's list shows, up to the most that it takes.

use fastrand::Rng;
use resumable_emulator::{Fault as ServerFault, Plan, Rule};
use resumable_sim::calls::Calls as _;
use resumable_sim::case::{self, Report};
use resumable_sim::fault::{Fault, Row, Script};
use resumable_sim::profile::Profile;
use resumable_sim::registry::oss::{Call, Setting};
use resumable_sim::transcript::Detail;
use resumable_sim::vendor::Wrapped;

fn of_parts(parts: u64, sequential: bool) -> Setting {
    let mut setting = Setting::plain(parts, sequential);
    let limits = &mut setting.options.limits;
    (limits.part_min, limits.parts, limits.page) = (1, 10_000, 1000);
    setting.options.part_size = 1;
    setting.limits.part_min = 1;
    setting.limits.parts = 10_000;
    setting.limits.page = 1000;
    setting
}

/// The number of the action that sends this part of an upload without faults.
fn action_of_part(rows: &[Row], number: usize) -> usize {
    let sends = rows.iter().enumerate().filter(|(_, row)| **row == Row::Call(Call::Part.facts()));
    sends.map(|(action, _)| action).nth(number - 1).expect("a part")
}

fn lists(report: &Report) -> usize {
    report.rows.iter().filter(|row| **row == Row::Call(Call::List.facts())).count()
}

fn parts(report: &Report) -> usize {
    report.rows.iter().filter(|row| **row == Row::Call(Call::Part.facts())).count()
}

fn run(setting: &Setting, window: usize, faults: Vec<(usize, Fault)>, plan: Plan) -> Report {
    let profile = Profile { script: Script::Placed(faults), plan, ..Profile::calm(window) };
    case::run_with(&Wrapped::<Setting>::own(), setting, profile, Rng::with_seed(1), Detail::Off)
}

fn survives_a_crash(count: u64, crash_at: usize, orders: &[(bool, usize)]) {
    for (sequential, window) in orders.iter().copied() {
        let setting = of_parts(count, sequential);
        let calm = run(&setting, window, Vec::new(), Plan::default());
        assert_eq!((calm.violation.as_deref(), calm.ending, lists(&calm)), (None, "finished", 0));
        assert_eq!(parts(&calm) as u64, count);
        let crash = vec![(action_of_part(&calm.rows, crash_at), Fault::CrashAfter)];
        let crashed = run(&setting, window, crash, Plan::default());
        assert_eq!((crashed.violation.as_deref(), crashed.ending), (None, "finished"), "{sequential}");
        // What was on its way may have arrived, or not.
        let pages = (crash_at - window).div_ceil(1000)..=crash_at.div_ceil(1000);
        assert!(pages.contains(&lists(&crashed)), "{sequential}: {}", lists(&crashed));
        // What had arrived is read again, and not sent again but for what was on its way.
        assert!(parts(&crashed) as u64 <= count + window as u64, "{sequential}: {}", parts(&crashed));
    }
}

#[test]
fn a_thousand_and_five_parts_go_on_after_a_crash_at_the_page_limit() {
    survives_a_crash(1_005, 1_003, &[(true, 1), (false, 8)]);
}

#[test]
fn ten_thousand_parts_go_on_after_a_crash() {
    survives_a_crash(10_000, 9_500, &[(false, 8)]);
}

#[test]
fn a_page_that_leads_nowhere_is_asked_again_and_the_upload_goes_on() {
    let setting = of_parts(1_005, true);
    let calm = run(&setting, 1, Vec::new(), Plan::default());
    for server_fault in [ServerFault::StuckMarker, ServerFault::MissingMarker] {
        let rules = vec![Rule::once("list_parts", server_fault).skip(1).times(2)];
        let crash = vec![(action_of_part(&calm.rows, 1_003), Fault::CrashAfter)];
        let report = run(&setting, 1, crash, Plan { rules });
        assert_eq!((report.violation.as_deref(), report.ending, lists(&report)), (None, "finished", 4));
    }
}

#[test]
fn one_part_more_than_the_vendor_takes_is_grown_and_not_refused() {
    let setting = of_parts(10_001, false);
    let report = run(&setting, 8, Vec::new(), Plan::default());
    assert_eq!((report.violation.as_deref(), report.ending, parts(&report)), (None, "finished", 5_001));
}
