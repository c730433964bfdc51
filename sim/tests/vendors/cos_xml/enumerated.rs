//! Every placement of one fault, and of two, over small uploads: each must finish.

use resumable_emulator::cos_xml::CompleteAgain;
use resumable_sim::registry::cos_xml::Setting;

use crate::all_vendors::enumerated::{
    survive_a_crash_and_a_lost_reply, survive_failing_effects, survive_one_fault, survives_two_faults,
};

#[test]
fn every_upload_survives_every_placement_of_one_fault() {
    survive_one_fault::<Setting>(1_500);
}

#[test]
fn three_parts_survive_every_placement_of_two_faults() {
    for complete_again in [CompleteAgain::NoSuchUpload, CompleteAgain::Conflict] {
        let mut setting = Setting::plain(3 * 16);
        setting.options.limits.page = 2;
        setting.limits.page = 2;
        setting.options.forbid_overwrite = complete_again == CompleteAgain::Conflict;
        setting.switches.complete_again = complete_again;
        survives_two_faults(&setting, 3, 3_000);
    }
}

#[test]
fn an_upload_in_one_request_survives_every_placement_of_two_faults() {
    for forbid_overwrite in [false, true] {
        let mut setting = Setting::plain(100);
        setting.options.one_request_max = 200;
        setting.options.forbid_overwrite = forbid_overwrite;
        survives_two_faults(&setting, 1, 200);
    }
}

#[test]
fn three_parts_survive_every_placement_of_a_crash_and_a_lost_reply() {
    survive_a_crash_and_a_lost_reply::<Setting>(1_000);
}

#[test]
fn every_upload_survives_each_effect_that_fails() {
    survive_failing_effects::<Setting>(100);
}
