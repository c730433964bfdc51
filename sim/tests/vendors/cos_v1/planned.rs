//! Uploads under a plan of the server's faults.

use resumable_sim::registry::cos_v1::Setting;

use crate::all_vendors::planned::{end_honestly, end_without_answers, survive, write_plans};

#[test]
fn every_upload_survives_a_plan_of_everything_before_and_after_the_work() {
    let rules = r#"{"op": "upload_slice_data", "skip": 1, "fault": "cut_before", "at_byte": 300},
        {"op": "upload_slice_data", "skip": 1, "fault": "stall", "commit": true},
        {"op": "upload_slice_data", "skip": 1, "fault": "wrong_offset"},
        {"op": "upload_slice_data", "fault": "throttle", "retry_after_seconds": 7},
        {"op": "upload_slice_data", "fault": "refuse", "status": 400, "code": -5997, "commit": true},
        {"op": "upload_slice_init", "fault": "reset"},
        {"op": "upload_slice_init", "fault": "trickle"},
        {"op": "stat", "fault": "garbage"},
        {"op": "upload", "fault": "garbage", "commit": true}"#;
    survive::<Setting>(rules, 50, 200);
}

#[test]
fn slice_sizes_and_offsets_that_lie_end_honestly() {
    for rules in [
        r#"{"op": "upload_slice_init", "fault": "offset_beyond_file"}, {"op": "upload_slice_init", "fault": "wrong_offset"}"#,
        r#"{"op": "upload_slice_data", "fault": "drop_reply"}, {"op": "upload_slice_init", "skip": 1, "fault": "wrong_offset"}"#,
        r#"{"op": "upload_slice_init", "fault": "slice_size", "bytes": 100}"#,
        r#"{"op": "upload_slice_init", "times": "always", "fault": "slice_size", "bytes": 0}"#,
    ] {
        end_honestly::<Setting>(rules, 51, 150);
    }
}

#[test]
fn a_plan_that_never_ends_ends_the_upload_honestly() {
    end_without_answers::<Setting>(52);
}

#[test]
fn what_a_random_case_met_at_the_server_is_a_plan_that_can_be_read_and_played() {
    write_plans::<Setting>(53);
}
