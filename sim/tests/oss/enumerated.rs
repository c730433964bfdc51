//! Every placement of one fault, and of two, over small uploads: each must finish.

use resumable_emulator::oss::CompleteAgain;
use resumable_sim::enumerate;
use resumable_sim::protocol::Vendor as _;
use resumable_sim::protocol::oss::{Listener, OssVendor, Setting};

fn paged(size: u64, sequential: bool, page: u32) -> Setting {
    let mut setting = Setting::plain(size, sequential);
    setting.options.settings.limits.page = page;
    setting.limits.page = page;
    setting
}

fn whole(forbid_overwrite: bool) -> Setting {
    let mut setting = Setting::plain(100, false);
    setting.options.settings.one_request_max = 200;
    setting.options.settings.forbid_overwrite = forbid_overwrite;
    setting
}

#[test]
fn every_upload_survives_every_placement_of_one_fault() {
    let mut placements = 0;
    for (setting, window) in OssVendor::new().enumerated() {
        let found = enumerate::singles(&OssVendor::new(), &setting, window, 1);
        assert_eq!(found.violations, Vec::<String>::new(), "{setting:?}");
        placements += found.placements;
    }
    assert!(placements > 2_500, "{placements}");
}

#[test]
fn three_parts_survive_every_placement_of_two_faults() {
    for (sequential, page) in [(true, 1), (false, 2)] {
        let mut setting = paged(3 * 16, sequential, page);
        setting.options.settings.forbid_overwrite = sequential;
        setting.calls(Listener::Hears);
        let found = enumerate::pairs(&OssVendor::new(), &setting, 3, 1);
        assert_eq!(found.violations, Vec::<String>::new());
        assert!(found.placements > 3_000, "{}", found.placements);
    }
}

#[test]
fn a_complete_that_may_be_asked_again_survives_every_placement_of_two_faults() {
    let mut setting = paged(16, false, 1000);
    setting.switches.complete_again = CompleteAgain::Success;
    setting.sts = true;
    let found = enumerate::pairs(&OssVendor::new(), &setting, 1, 1);
    assert_eq!(found.violations, Vec::<String>::new());
}

#[test]
fn an_upload_in_one_request_survives_every_placement_of_two_faults() {
    for forbid_overwrite in [false, true] {
        let found = enumerate::pairs(&OssVendor::new(), &whole(forbid_overwrite), 1, 1);
        assert_eq!(found.violations, Vec::<String>::new());
        assert!(found.placements > 200, "{}", found.placements);
    }
}
