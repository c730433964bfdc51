//! Uploads under a plan of the server's faults.

use resumable_emulator::cos_xml::{CompleteAgain, CompleteStyle, PartEtag};
use resumable_sim::registry::cos_xml::Setting;
use resumable_sim::registry::oss::Before;

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
    survive::<Setting>(rules, 90, 200);
}

#[test]
fn a_plan_that_never_ends_ends_the_upload_honestly() {
    end_without_answers::<Setting>(91);
}

#[test]
fn what_a_random_case_met_at_the_server_is_a_plan_that_can_be_read_and_played() {
    write_plans::<Setting>(92);
}

#[test]
fn a_lost_complete_is_settled_by_the_head_of_the_object_whatever_a_second_one_would_say() {
    for again in [CompleteAgain::NoSuchUpload, CompleteAgain::SameResult, CompleteAgain::Conflict] {
        let mut setting = Setting::plain(48);
        setting.switches.complete_again = again;
        let report = under(&setting, r#"{"op": "complete", "fault": "drop_reply"}"#);
        let sent = (told(&report, " List Body"), told(&report, " Part Body"), told(&report, " Complete Body"));
        assert_eq!((ended(&report), sent), ((None, "finished"), (1, 3, 1)));
    }
}

#[test]
fn a_complete_that_says_two_hundred_and_is_cut_is_found_by_its_head() {
    let mut setting = Setting::plain(48);
    setting.switches.complete_style = CompleteStyle::Cut;
    let report = under(&setting, "");
    assert_eq!((ended(&report), told(&report, " List Body"), told(&report, " Part Body")), ((None, "finished"), 1, 3));
}

#[test]
fn an_open_upload_is_completed_although_the_same_content_is_there_already() {
    let mut setting = Setting::plain(48);
    setting.before = Before::Same;
    let report = under(&setting, r#"{"op": "complete", "fault": "unavailable"}"#);
    assert_eq!((ended(&report), told(&report, " Complete Body")), ((None, "finished"), 2));
}

#[test]
fn parts_whose_tags_are_no_md5_are_proven_by_their_sums() {
    let mut setting = Setting::plain(80);
    setting.switches.part_etag = PartEtag::Opaque;
    let report = under(&setting, r#"{"op": "upload_part", "skip": 2, "fault": "drop_reply"}"#);
    assert_eq!((ended(&report), told(&report, " Part Body")), ((None, "finished"), 6));
}

#[test]
fn a_redirect_leads_to_the_backup_domain_and_nowhere_else() {
    let mut setting = Setting::plain(48);
    setting.options.backup_domain = true;
    for op in ["initiate", "upload_part", "complete"] {
        let report = under(&setting, &format!(r#"{{"op": "{op}", "fault": "html", "status": 302}}"#));
        assert_eq!(ended(&report), (None, "finished"), "{op}");
    }
}

#[test]
fn keys_that_end_cost_new_keys_and_nothing_that_arrived() {
    let mut setting = Setting::plain(80);
    setting.temporary = true;
    let report = under(&setting, r#"{"op": "upload_part", "skip": 2, "fault": "expire_token"}"#);
    assert_eq!(ended(&report), (None, "finished"));
    assert_eq!((told(&report, " Initiate Body"), told(&report, " Reauthorizing {")), (1, 1));
}

#[test]
fn what_may_not_be_overwritten_is_not_and_a_strangers_upload_is_let_be() {
    for before in [Before::Same, Before::Other { same_length: true }, Before::OtherAndStranger] {
        let mut setting = Setting::plain(48);
        setting.before = before;
        setting.options.forbid_overwrite = true;
        let refused = under(&setting, "");
        assert_eq!((ended(&refused), told(&refused, " Part Body")), ((None, "an honest error"), 0), "{before:?}");
        setting.switches.versioned_bucket = true;
        assert_eq!(ended(&under(&setting, "")), (None, "finished"), "{before:?}");
    }
}
