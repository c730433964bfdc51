//! Every placement of one fault, and of two, over small uploads: each must finish.

use resumable_emulator::oss::CompleteAgain;
use resumable_sim::registry::oss::{Listener, Setting};

use crate::all_vendors::enumerated::{
    survive_a_crash_and_a_lost_reply, survive_failing_effects, survive_one_fault, survives_two_faults,
};

fn paged(size: u64, sequential: bool, page: u32) -> Setting {
    let mut setting = Setting::plain(size, sequential);
    setting.options.limits.page = page;
    setting.limits.page = page;
    setting
}

fn whole(forbid_overwrite: bool) -> Setting {
    let mut setting = Setting::plain(100, false);
    setting.options.one_request_max = 200;
    setting.options.forbid_overwrite = forbid_overwrite;
    setting
}

#[test]
fn every_upload_survives_every_placement_of_one_fault() {
    survive_one_fault::<Setting>(2_500);
}

#[test]
fn three_parts_survive_every_placement_of_two_faults() {
    for (sequential, page) in [(true, 1), (false, 2)] {
        let mut setting = paged(3 * 16, sequential, page);
        setting.options.forbid_overwrite = sequential;
        setting.calls(Listener::Hears);
        survives_two_faults(&setting, 3, 3_000);
    }
}

#[test]
fn a_complete_that_may_be_asked_again_survives_every_placement_of_two_faults() {
    let mut setting = paged(16, false, 1000);
    setting.switches.complete_again = CompleteAgain::Success;
    setting.sts = true;
    survives_two_faults(&setting, 1, 0);
}

#[test]
fn an_upload_in_one_request_survives_every_placement_of_two_faults() {
    for forbid_overwrite in [false, true] {
        survives_two_faults(&whole(forbid_overwrite), 1, 200);
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
