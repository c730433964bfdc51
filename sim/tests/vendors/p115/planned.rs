//! Uploads under a plan of the server's faults.

use fastrand::Rng;
use resumable_emulator::Fault as ServerFault;
use resumable_sim::calls::Calls as _;
use resumable_sim::case::{self, Report};
use resumable_sim::fault::{Fault, Row, Script};
use resumable_sim::profile::Profile;
use resumable_sim::registry::p115::{Call, Setting};
use resumable_sim::transcript::Detail;
use resumable_sim::vendor::Wrapped;

use crate::all_vendors::planned::{end_without_answers, ended, survive, told, under, write_plans};

fn finished(report: &Report) {
    assert_eq!(ended(report), (None, "finished"));
}

#[test]
fn every_upload_survives_a_plan_of_everything_before_and_after_the_work() {
    let rules = r#"{"op": "upload/init", "fault": "html", "status": 502},
        {"op": "upload/get_token", "fault": "expire_token"},
        {"op": "upload/resume", "fault": "garbage"},
        {"op": "initiate", "fault": "drop_reply"},
        {"op": "upload_part", "skip": 1, "fault": "cut_before", "at_byte": 10},
        {"op": "upload_part", "skip": 1, "fault": "drop_reply"},
        {"op": "upload_part", "skip": 2, "fault": "expire_token"},
        {"op": "complete", "fault": "reset"},
        {"op": "put_object", "fault": "callback_failed", "delivered": true}"#;
    survive::<Setting>(rules, 50, 150);
}

#[test]
fn a_plan_that_never_ends_ends_the_upload_honestly() {
    end_without_answers::<Setting>(51);
}

#[test]
fn a_callback_that_failed_is_no_success_and_the_file_is_not_sent_again_where_it_was_heard() {
    for (delivered, puts) in [(true, 1), (false, 2)] {
        let mut setting = Setting::plain(40);
        setting.options.one_request_max = 200;
        let server_fault = format!(r#"{{"op": "put_object", "fault": "callback_failed", "delivered": {delivered}}}"#);
        let report = under(&setting, &server_fault);
        finished(&report);
        assert_eq!(told(&report, " Put Body"), puts, "{delivered}");
    }
}

/// The upload, where what 115 answers its storage about the finished object meets this.
fn with_callback(setting: &Setting, fault: &ServerFault) -> Report {
    let (vendor, chance) = (Wrapped::<Setting>::own(), || Rng::with_seed(1));
    let plain = case::run_alone(&vendor, setting, Profile::calm(1), chance(), Detail::Off);
    let at = plain.rows.iter().position(|row| *row == Row::Call(Call::Complete.facts())).unwrap();
    let script = Script::Placed(vec![(at, Fault::Server(fault.clone()))]);
    case::run_alone(&vendor, setting, Profile { script, ..Profile::calm(1) }, chance(), Detail::Full)
}

#[test]
fn a_refusal_in_the_callback_is_no_success_whatever_the_status_says() {
    let setting = Setting::plain(40);
    let other_content = with_callback(&setting, &ServerFault::refuse(200, 10_002));
    finished(&other_content);
    assert_eq!((told(&other_content, " Complete Body"), told(&other_content, "Rehashing {")), (2, 1));
    let no_space = with_callback(&setting, &ServerFault::refuse(200, 91_005));
    assert_eq!((no_space.violation.as_ref(), no_space.ending), (None, "an honest error"));
    let nothing_said = with_callback(&setting, &ServerFault::refuse(200, 0));
    finished(&nothing_said);
    assert_eq!(told(&nothing_said, " Complete Body"), 2);
    let other_length = with_callback(&setting, &ServerFault::WrongLength);
    finished(&other_length);
    assert_eq!((told(&other_length, " Complete Body"), told(&other_length, "Rehashing {")), (1, 1));
}

#[test]
fn an_upload_outlives_many_keys_and_sends_no_part_again_but_one_for_each_key() {
    let mut setting = Setting::plain(20 * 16);
    setting.oss_limits.sts_life = 4;
    let slow = r#"{"op": "upload_part", "times": "always", "fault": "delay", "millis": 1500}"#;
    let report = under(&setting, slow);
    finished(&report);
    // A key may die while a part is on its way: that one is refused, and sent again.
    let is_part =
        |call: &str| report.transcript.lines().iter().any(|line| line.contains(&format!("send {call} Part Body")));
    let expired = report.transcript.lines().iter().filter(|line| line.contains("Expired</Code"));
    let refused =
        expired.filter_map(|line| line.split_once("answer to ")?.1.split_once(':')).filter(|(call, _)| is_part(call));
    assert_eq!(told(&report, " Part Body"), 20 + refused.count());
    assert!(told(&report, " GetToken Body") > 5, "{}", told(&report, " GetToken Body"));
}

#[test]
fn more_parts_than_a_page_shows_and_as_many_as_there_may_be_survive_crashes() {
    for parts in [1_005, 10_000] {
        let mut setting = Setting::plain(2 * parts - 1);
        setting.options.part_size = 2;
        setting.options.limits.part_min = 1;
        setting.options.limits.parts = 10_000;
        setting.oss_limits.part_min = 1;
        setting.oss_limits.parts = 10_000;
        let mut profile = Profile::calm(1);
        let calls = usize::try_from(2 * parts).unwrap();
        let at = |number| (number, Fault::CrashAfter);
        profile.script = Script::Placed(vec![at(calls / 3), at(calls / 2)]);
        let report = case::run_alone(&Wrapped::<Setting>::own(), &setting, profile, Rng::with_seed(2), Detail::Off);
        finished(&report);
        assert_eq!(report.census.marked("success: parts"), 1);
    }
}

#[test]
fn what_a_random_case_met_at_the_server_is_a_plan_that_can_be_read_and_played() {
    write_plans::<Setting>(52);
}
