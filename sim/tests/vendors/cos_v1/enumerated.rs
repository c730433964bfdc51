//! Every placement of one fault, and of two, over small uploads: each must finish.

use resumable_sim::registry::cos_v1::Setting;

use crate::all_vendors::enumerated::{
    survive_a_crash_and_a_lost_reply, survive_failing_effects, survive_one_fault, survives_two_faults,
};

#[test]
fn every_upload_survives_every_placement_of_one_fault() {
    survive_one_fault::<Setting>(1_300);
}

#[test]
fn three_slices_one_after_the_other_or_side_by_side_survive_every_placement_of_two_faults() {
    for parallel in [false, true] {
        survives_two_faults(&Setting::plain(3 * 64, parallel), 3, 2_900);
    }
}

#[test]
fn an_upload_in_one_request_survives_every_placement_of_two_faults() {
    let mut setting = Setting::plain(100, false);
    setting.options.one_request_max = 200;
    survives_two_faults(&setting, 1, 0);
}

#[test]
fn three_parts_survive_every_placement_of_a_crash_and_a_lost_reply() {
    survive_a_crash_and_a_lost_reply::<Setting>(1_000);
}

#[test]
fn every_upload_survives_each_effect_that_fails() {
    survive_failing_effects::<Setting>(100);
}
