//! Uploads under a plan of the server's faults.

use resumable_emulator::xfyun::{CompleteAgain, ParallelSlices};
use resumable_sim::registry::xfyun::Setting;

use crate::all_vendors::planned::{end_without_answers, survive, told, under, write_plans};

#[test]
fn every_upload_survives_a_plan_of_everything_before_and_after_the_work() {
    let rules = r#"{"op": "mpupload/init", "fault": "trickle"},
        {"op": "mpupload/init", "fault": "html", "status": 502},
        {"op": "mpupload/upload", "skip": 1, "fault": "cut_before", "at_byte": 120},
        {"op": "mpupload/upload", "skip": 1, "fault": "delay", "millis": 700},
        {"op": "mpupload/upload", "skip": 1, "fault": "expire_token"},
        {"op": "mpupload/upload", "fault": "throttle", "retry_after_seconds": 7},
        {"op": "mpupload/complete", "fault": "refuse", "status": 500, "code": 10002, "commit": true},
        {"op": "mpupload/complete", "fault": "reset"},
        {"op": "upload", "fault": "garbage", "commit": true}"#;
    survive::<Setting>(rules, 50, 200);
}

#[test]
fn a_plan_that_never_ends_ends_the_upload_honestly() {
    end_without_answers::<Setting>(51);
}

#[test]
fn what_a_random_case_met_at_the_server_is_a_plan_that_can_be_read_and_played() {
    write_plans::<Setting>(52);
}

#[test]
fn a_lost_url_is_an_event_of_its_own_and_the_file_is_uploaded_once_more() {
    let mut setting = Setting::plain(40);
    let lost = r#"{"op": "mpupload/complete", "fault": "drop_reply"}"#;
    let same = under(&setting, lost);
    assert_eq!((same.violation.as_ref(), same.ending, told(&same, " UrlLost {")), (None, "finished", 0));
    assert_eq!(told(&same, "Slice Body"), 3);
    setting.switches.complete_again = CompleteAgain::Expired;
    let gone = under(&setting, lost);
    assert_eq!((gone.violation.as_ref(), gone.ending, told(&gone, " UrlLost {")), (None, "finished", 1));
    assert_eq!((told(&gone, "Slice Body"), told(&gone, " Restarting {")), (6, 0));
    assert_eq!(told(&gone, "orphans: 1 }"), 1);
}

#[test]
fn a_second_lost_url_is_an_error_and_the_next_run_uploads_once_more() {
    let mut setting = Setting::plain(40);
    setting.switches.complete_again = CompleteAgain::Expired;
    let twice = under(
        &setting,
        r#"{"op": "mpupload/complete", "fault": "drop_reply"}, {"op": "mpupload/complete", "skip": 1, "fault": "drop_reply"}"#,
    );
    assert_eq!((twice.violation.as_ref(), twice.ending), (None, "finished"));
    assert_eq!(twice.census.marked("run again after a refusal"), 1);
    assert_eq!((told(&twice, " UrlLost {"), told(&twice, "Slice Body")), (2, 9));
    assert_eq!(told(&twice, "orphans: 2 }"), 1);
}

#[test]
fn a_vendor_that_refuses_slices_side_by_side_gets_them_one_after_the_other() {
    let mut setting = Setting::plain(80);
    setting.switches.parallel_slices = ParallelSlices::Refuse;
    let one_by_one = under(&setting, "");
    assert_eq!((one_by_one.violation.as_ref(), one_by_one.ending), (None, "finished"));
    setting.options.parallel = true;
    let side_by_side = under(&setting, "");
    assert_eq!((side_by_side.violation.as_ref(), side_by_side.ending), (None, "an honest error"));
    assert!(told(&side_by_side, "slices must not be sent in parallel") > 0);
}
