//! Every placement of one fault, and of two, over small uploads: each must finish.

use resumable_emulator::p115::{Challenge, ChallengeMet};
use resumable_sim::enumerate;
use resumable_sim::protocol::Vendor as _;
use resumable_sim::protocol::p115::{Before, P115Vendor, Setting};

#[test]
fn every_upload_survives_every_placement_of_one_fault() {
    let mut placements = 0;
    for (setting, window) in P115Vendor::new().enumerated() {
        let found = enumerate::singles(&P115Vendor::new(), &setting, window, 1);
        assert_eq!(found.violations, Vec::<String>::new(), "{setting:?}");
        placements += found.placements;
    }
    assert!(placements > 5_000, "{placements}");
}

#[test]
fn a_part_survives_every_placement_of_two_faults() {
    let found = enumerate::pairs(&P115Vendor::new(), &Setting::plain(16), 1, 1);
    assert_eq!(found.violations, Vec::<String>::new());
    assert!(found.placements > 3_000, "{}", found.placements);
}

#[test]
fn an_upload_in_one_request_survives_every_placement_of_two_faults() {
    let mut setting = Setting::plain(100);
    setting.options.one_request_max = 200;
    let found = enumerate::pairs(&P115Vendor::new(), &setting, 1, 1);
    assert_eq!(found.violations, Vec::<String>::new());
}

#[test]
fn a_known_file_survives_every_placement_of_two_faults() {
    let mut setting = Setting::plain(40);
    setting.before = Before::Elsewhere;
    setting.limits.challenge_min = 1;
    setting.switches.challenge = Challenge::LastByte;
    setting.switches.challenge_met = ChallengeMet::FailedOnce;
    let found = enumerate::pairs(&P115Vendor::new(), &setting, 1, 1);
    assert_eq!(found.violations, Vec::<String>::new());
}
