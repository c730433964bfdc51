//! Once the faults have stopped, the same command run again ends, with success or with an error that stands.

use resumable_proto_cos_v2::Integrity;
use resumable_sim::enumerate::{self, Enumeration};
use resumable_sim::mix::Command;
use resumable_sim::protocol::cos_v1::{self, CosV1Vendor};
use resumable_sim::protocol::cos_v2::{self, CosV2Vendor};

/// Uploads of three slices, each at two windows, over every moment at which the file's midst is written to.
fn written_to<V: resumable_sim::protocol::Vendor>(vendor: &V, settings: &[V::Setting]) -> Enumeration {
    let mut all = Enumeration::default();
    for setting in settings {
        for window in [1, 3] {
            for seed in 0..4 {
                let found = enumerate::commands(vendor, setting, window, seed, Command::ChangeQuietly);
                all.placements += found.placements;
                all.violations
                    .extend(found.violations.into_iter().map(|what| format!("{setting:?}, {window}: {what}")));
            }
        }
    }
    all
}

#[test]
fn field_bug_58_a_file_that_changes_unseen_is_sent_right_or_refused_by_cos_v1() {
    let settings = [false, true].map(|parallel| cos_v1::Setting::plain(3 * 64 + 1, parallel));
    let found = written_to(&CosV1Vendor::new(), &settings);
    assert!(found.placements > 200, "{}", found.placements);
    assert_eq!(found.violations, Vec::<String>::new());
}

#[test]
fn a_file_that_changes_unseen_is_sent_right_or_refused_by_cos_v2() {
    let settings = [Integrity::Sha1, Integrity::Chain].map(|integrity| cos_v2::Setting::plain(3 * 64 + 1, integrity));
    let found = written_to(&CosV2Vendor::new(), &settings);
    assert!(found.placements > 200, "{}", found.placements);
    assert_eq!(found.violations, Vec::<String>::new());
}
