//! Every placement of one fault, and of two, over small uploads to COS v1: each must finish.

use resumable_sim::enumerate;
use resumable_sim::protocol::Vendor as _;
use resumable_sim::protocol::cos_v1::{CosV1Vendor, Setting};

#[test]
fn every_upload_survives_every_placement_of_one_fault() {
    let mut placements = 0;
    for (setting, window) in CosV1Vendor::new().enumerated() {
        let found = enumerate::singles(&CosV1Vendor::new(), &setting, window, 1);
        assert_eq!(found.violations, Vec::<String>::new(), "{setting:?}");
        placements += found.placements;
    }
    assert!(placements > 1_300, "{placements}");
}

#[test]
fn three_slices_one_after_the_other_or_side_by_side_survive_every_placement_of_two_faults() {
    for parallel in [false, true] {
        let found = enumerate::pairs(&CosV1Vendor::new(), &Setting::plain(3 * 64, parallel), 3, 1);
        assert_eq!(found.violations, Vec::<String>::new());
        assert!(found.placements > 3_000, "{}", found.placements);
    }
}

#[test]
fn an_upload_in_one_request_survives_every_placement_of_two_faults() {
    let mut setting = Setting::plain(100, false);
    setting.options.one_request_max = 200;
    let found = enumerate::pairs(&CosV1Vendor::new(), &setting, 1, 1);
    assert_eq!(found.violations, Vec::<String>::new());
}
