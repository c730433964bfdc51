//! Every placement of one fault, and of two, over small uploads: each must finish.

use resumable_emulator::xfyun::CompleteAgain;
use resumable_sim::enumerate;
use resumable_sim::protocol::Vendor as _;
use resumable_sim::protocol::xfyun::{Setting, XfyunVendor};

#[test]
fn every_upload_survives_every_placement_of_one_fault() {
    let mut placements = 0;
    for (setting, window) in XfyunVendor::new().enumerated() {
        let found = enumerate::singles(&XfyunVendor::new(), &setting, window, 1);
        assert_eq!(found.violations, Vec::<String>::new(), "{setting:?}");
        placements += found.placements;
    }
    assert!(placements > 1_500, "{placements}");
}

#[test]
fn three_slices_survive_every_placement_of_two_faults() {
    for parallel in [false, true] {
        let mut setting = Setting::plain(3 * 16);
        setting.options.parallel = parallel;
        let found = enumerate::pairs(&XfyunVendor::new(), &setting, 3, 1);
        assert_eq!(found.violations, Vec::<String>::new());
        assert!(found.placements > 4_000, "{}", found.placements);
    }
}

#[test]
fn an_upload_in_one_request_survives_every_placement_of_two_faults() {
    let mut setting = Setting::plain(100);
    setting.options.one_request_below = 200;
    let found = enumerate::pairs(&XfyunVendor::new(), &setting, 1, 1);
    assert_eq!(found.violations, Vec::<String>::new());
}

#[test]
fn one_lost_url_is_survived_wherever_a_second_fault_comes() {
    let mut setting = Setting::plain(16);
    setting.switches.complete_again = CompleteAgain::Expired;
    let found = enumerate::pairs(&XfyunVendor::new(), &setting, 1, 1);
    assert_eq!(found.violations, Vec::<String>::new());
}
