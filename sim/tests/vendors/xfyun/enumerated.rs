//! Every placement of one fault, and of two, over small uploads: each must finish.

use resumable_emulator::xfyun::CompleteAgain;
use resumable_sim::registry::xfyun::Setting;

use crate::all_vendors::enumerated::{
    survive_a_crash_and_a_lost_reply, survive_failing_effects, survive_one_fault, survives_two_faults,
};

#[test]
fn every_upload_survives_every_placement_of_one_fault() {
    survive_one_fault::<Setting>(1_500);
}

#[test]
fn three_slices_survive_every_placement_of_two_faults() {
    for parallel in [false, true] {
        let mut setting = Setting::plain(3 * 16);
        setting.options.parallel = parallel;
        survives_two_faults(&setting, 3, 4_000);
    }
}

#[test]
fn an_upload_in_one_request_survives_every_placement_of_two_faults() {
    let mut setting = Setting::plain(100);
    setting.options.one_request_max = 199;
    survives_two_faults(&setting, 1, 0);
}

#[test]
fn one_lost_url_is_survived_wherever_a_second_fault_comes() {
    let mut setting = Setting::plain(16);
    setting.switches.complete_again = CompleteAgain::Expired;
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
