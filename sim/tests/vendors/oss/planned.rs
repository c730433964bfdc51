//! Uploads under a plan of the server's faults.

use resumable_emulator::oss::CompleteAgain;
use resumable_sim::registry::oss::{Before, Listener, Setting};

use crate::all_vendors::planned::{end_without_answers, ended, survive, told, under, write_plans};

#[test]
fn every_upload_survives_a_plan_of_everything_before_and_after_the_work() {
    let rules = r#"{"op": "initiate", "fault": "trickle"},
        {"op": "initiate", "fault": "html", "status": 502},
        {"op": "upload_part", "skip": 1, "fault": "cut_before", "at_byte": 7},
        {"op": "upload_part", "skip": 1, "fault": "delay", "millis": 700},
        {"op": "upload_part", "skip": 1, "fault": "expire_token"},
        {"op": "upload_part", "fault": "throttle", "retry_after_seconds": 7},
        {"op": "list_parts", "fault": "missing_marker"},
        {"op": "complete", "fault": "refuse", "status": 500, "code": "InternalError", "commit": true},
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
fn what_a_random_case_met_at_the_server_is_a_plan_that_can_be_read_and_played() {
    write_plans::<Setting>(72);
}

#[test]
fn a_part_whose_reply_was_lost_is_compared_in_order_and_replaced_side_by_side() {
    let lost = r#"{"op": "upload_part", "skip": 1, "fault": "drop_reply"}"#;
    let in_order = under(&Setting::plain(48, true), lost);
    assert_eq!((ended(&in_order), told(&in_order, "PartAlreadyExist")), ((None, "finished"), 2));
    let beside = under(&Setting::plain(48, false), lost);
    assert_eq!((ended(&beside), told(&beside, "PartAlreadyExist")), ((None, "finished"), 0));
}

#[test]
fn a_lost_complete_is_settled_by_the_head_of_the_object_or_by_the_same_again() {
    let mut setting = Setting::plain(48, true);
    let lost = r#"{"op": "complete", "fault": "drop_reply"}"#;
    let gone = under(&setting, lost);
    assert_eq!((ended(&gone), told(&gone, " Head Body"), told(&gone, " Part Body")), ((None, "finished"), 1, 3));
    setting.switches.complete_again = CompleteAgain::Success;
    let again = under(&setting, lost);
    assert_eq!((ended(&again), told(&again, " Head Body"), told(&again, " Part Body")), ((None, "finished"), 0, 3));
}

#[test]
fn keys_that_end_cost_new_keys_and_nothing_that_arrived() {
    let mut setting = Setting::plain(80, true);
    setting.sts = true;
    let report = under(&setting, r#"{"op": "upload_part", "skip": 2, "fault": "expire_token"}"#);
    assert_eq!(ended(&report), (None, "finished"));
    assert_eq!((told(&report, " Part Body"), told(&report, " Initiate Body")), (6, 1));
    assert_eq!(told(&report, " Reauthorizing {"), 1);
}

#[test]
fn a_callback_that_fails_is_an_error_and_the_object_is_sent_once() {
    for listener in [Listener::Fails, Listener::Mumbles, Listener::Absent] {
        let mut setting = Setting::plain(48, false);
        setting.calls(listener);
        let report = under(&setting, "");
        assert_eq!((ended(&report), told(&report, " Part Body")), ((None, "an honest error"), 3));
        assert_eq!(told(&report, "CallbackFailed {"), 1);
    }
}

#[test]
fn what_may_not_be_overwritten_is_not_and_a_strangers_upload_is_let_be() {
    for before in [Before::Same, Before::Other { same_length: true }, Before::OtherAndStranger] {
        let mut setting = Setting::plain(48, false);
        setting.before = before;
        setting.options.forbid_overwrite = true;
        let refused = under(&setting, "");
        assert_eq!((ended(&refused), told(&refused, " Part Body")), ((None, "an honest error"), 0), "{before:?}");
        setting.options.forbid_overwrite = false;
        assert_eq!(ended(&under(&setting, "")), (None, "finished"), "{before:?}");
    }
}
