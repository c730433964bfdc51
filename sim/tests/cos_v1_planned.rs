//! Uploads to COS v1 under a plan of the server's faults, in the format that `resumable emulator --faults` reads.

use resumable_emulator::Plan;
use resumable_sim::protocol::cos_v1::CosV1Vendor;
use resumable_sim::transcript::Detail;
use resumable_sim::{campaign, case};

fn plan(rules: &str) -> Plan {
    Plan::from_json(&format!("{{\"rules\": [{rules}]}}")).unwrap()
}

#[test]
fn every_upload_survives_a_plan_of_everything_before_and_after_the_work() {
    let plan = plan(
        r#"{"op": "upload_slice_data", "skip": 1, "fault": "cut_before", "at_byte": 300},
        {"op": "upload_slice_data", "skip": 1, "fault": "stall", "commit": true},
        {"op": "upload_slice_data", "skip": 1, "fault": "wrong_offset"},
        {"op": "upload_slice_data", "fault": "throttle", "retry_after_seconds": 7},
        {"op": "upload_slice_data", "fault": "refuse", "status": 400, "code": -5997, "commit": true},
        {"op": "upload_slice_init", "fault": "reset"},
        {"op": "upload_slice_init", "fault": "trickle"},
        {"op": "stat", "fault": "garbage"},
        {"op": "upload", "fault": "garbage", "commit": true}"#,
    );
    let campaign = campaign::run_under(&CosV1Vendor::new(), &plan, 50, 0, 300);
    assert_eq!(campaign.first, []);
    assert!(campaign.census.marked("finished") > 200);
}

#[test]
fn slice_sizes_and_offsets_that_lie_end_honestly() {
    for rules in [
        r#"{"op": "upload_slice_init", "fault": "offset_beyond_file"}, {"op": "upload_slice_init", "fault": "wrong_offset"}"#,
        r#"{"op": "upload_slice_data", "fault": "drop_reply"}, {"op": "upload_slice_init", "skip": 1, "fault": "wrong_offset"}"#,
        r#"{"op": "upload_slice_init", "fault": "slice_size", "bytes": 100}"#,
        r#"{"op": "upload_slice_init", "times": "always", "fault": "slice_size", "bytes": 0}"#,
    ] {
        let campaign = campaign::run_under(&CosV1Vendor::new(), &plan(rules), 51, 0, 150);
        assert_eq!(campaign.first, [], "{rules}");
    }
}

#[test]
fn a_plan_that_never_ends_ends_the_upload_honestly() {
    let plan = plan(r#"{"times": "always", "fault": "html", "status": 502}"#);
    let campaign = campaign::run_under(&CosV1Vendor::new(), &plan, 52, 0, 60);
    assert_eq!(campaign.first, []);
    assert_eq!(campaign.census.marked("finished"), 0);
    assert!(campaign.census.marked("failure: patience") > 0);
}

#[test]
fn what_a_random_case_met_at_the_server_is_a_plan_that_can_be_read_and_played() {
    let vendor = CosV1Vendor::new();
    let mut rules = 0;
    for index in 0..200 {
        let seed = case::seed_of(53, index);
        let met = case::run(&vendor, seed, Detail::Off).plan;
        let text = serde_json::to_string(&met).unwrap();
        assert_eq!(Plan::from_json(&text).as_ref(), Ok(&met), "{text}");
        rules += met.rules.len();
        let again = case::run_under(&vendor, seed, &met, Detail::Off);
        assert_eq!(again.violation, None, "case {index} under {text}");
    }
    assert!(rules > 50, "{rules}");
}
