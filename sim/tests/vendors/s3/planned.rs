//! Uploads under a plan of the server's faults.

use resumable_emulator::s3::CompleteAgain;
use resumable_sim::registry::s3::Setting;

use crate::all_vendors::planned::{end_without_answers, ended, survive, told, under};

#[test]
fn every_upload_survives_a_plan_of_everything_before_and_after_the_work() {
    let rules = r#"{"op": "initiate", "fault": "trickle"},
        {"op": "initiate", "fault": "html", "status": 502},
        {"op": "upload_part", "skip": 1, "fault": "cut_before", "at_byte": 7},
        {"op": "upload_part", "skip": 1, "fault": "delay", "millis": 700},
        {"op": "upload_part", "skip": 1, "fault": "expire_token"},
        {"op": "upload_part", "fault": "throttle", "retry_after_seconds": 7},
        {"op": "list_parts", "fault": "missing_marker"},
        {"op": "complete", "fault": "refuse", "status": 200, "code": "InternalError"},
        {"op": "complete", "fault": "reset"},
        {"op": "head_object", "fault": "garbage"},
        {"op": "put_object", "fault": "garbage", "commit": true}"#;
    survive::<Setting>(rules, 70, 200);
}

#[test]
fn a_plan_that_never_ends_ends_the_upload_honestly() {
    end_without_answers::<Setting>(71);
}

#[test]
fn a_lost_complete_is_settled_by_the_head_of_the_object() {
    for complete_again in [CompleteAgain::Same, CompleteAgain::NoSuchUpload, CompleteAgain::PreconditionFailed] {
        let mut setting = Setting::plain(48, "minio");
        setting.switches.complete_again = complete_again;
        let lost = under(&setting, r#"{"op": "complete", "fault": "drop_reply"}"#);
        assert_eq!((ended(&lost), told(&lost, " Head Body"), told(&lost, " Part Body")), ((None, "finished"), 1, 3));
        assert_eq!(told(&lost, " Complete Body"), 1);
    }
}
