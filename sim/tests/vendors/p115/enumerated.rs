//! Every placement of one fault, and of two, over small uploads: each must finish.

use resumable_emulator::p115::{Challenge, ChallengeMet};
use resumable_sim::registry::p115::{Before, Setting};

use crate::all_vendors::enumerated::{
    survive_a_crash_and_a_lost_reply, survive_failing_effects, survive_one_fault, survives_two_faults,
};

#[test]
fn every_upload_survives_every_placement_of_one_fault() {
    survive_one_fault::<Setting>(5_000);
}

#[test]
fn a_part_survives_every_placement_of_two_faults() {
    survives_two_faults(&Setting::plain(16), 1, 3_000);
}

#[test]
fn an_upload_in_one_request_survives_every_placement_of_two_faults() {
    let mut setting = Setting::plain(100);
    setting.options.one_request_max = 200;
    survives_two_faults(&setting, 1, 0);
}

#[test]
fn a_known_file_survives_every_placement_of_two_faults() {
    let mut setting = Setting::plain(40);
    setting.before = Before::Elsewhere;
    setting.limits.challenge_min = 1;
    setting.switches.challenge = Challenge::LastByte;
    setting.switches.challenge_met = ChallengeMet::FailedOnce;
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
