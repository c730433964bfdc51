//! Every placement of one fault, and of two, over small uploads: each must finish.

use resumable_proto_cos_v2::Integrity;
use resumable_sim::enumerate;
use resumable_sim::protocol::Vendor as _;
use resumable_sim::protocol::cos_v2::{CosV2Vendor, Setting};

#[test]
fn every_upload_survives_every_placement_of_one_fault() {
    let mut placements = 0;
    for (setting, window) in CosV2Vendor::new().enumerated() {
        let found = enumerate::singles(&CosV2Vendor::new(), &setting, window, 1);
        assert_eq!(found.violations, Vec::<String>::new(), "{setting:?}");
        placements += found.placements;
    }
    assert!(placements > 800, "{placements}");
}

#[test]
fn an_upload_of_three_slices_survives_every_placement_of_two_faults() {
    let found = enumerate::pairs(&CosV2Vendor::new(), &Setting::plain(3 * 64, Integrity::None), 3, 1);
    assert_eq!(found.violations, Vec::<String>::new());
    assert!(found.placements > 4_000, "{}", found.placements);
}

#[test]
fn an_upload_in_one_request_survives_every_placement_of_two_faults() {
    let mut setting = Setting::plain(100, Integrity::Sha1);
    setting.options.one_request_max = 200;
    let found = enumerate::pairs(&CosV2Vendor::new(), &setting, 1, 1);
    assert_eq!(found.violations, Vec::<String>::new());
}
