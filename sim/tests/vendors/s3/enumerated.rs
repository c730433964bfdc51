//! Every placement of one fault, and of two, over small uploads: each must finish.

use resumable_emulator::s3::CompleteAgain;
use resumable_sim::registry::s3::Setting;

use crate::all_vendors::enumerated::{
    survive_a_crash_and_a_lost_reply, survive_failing_effects, survive_one_fault, survives_two_faults,
};

#[test]
fn every_upload_survives_every_placement_of_one_fault() {
    survive_one_fault::<Setting>(1_000);
}

#[test]
fn one_part_survives_every_placement_of_two_faults() {
    for complete_again in [CompleteAgain::NoSuchUpload, CompleteAgain::PreconditionFailed] {
        let mut setting = Setting::plain(16, "aws");
        setting.switches.complete_again = complete_again;
        setting.options.forbid_overwrite = complete_again == CompleteAgain::PreconditionFailed;
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
