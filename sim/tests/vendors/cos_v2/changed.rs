//! Whatever happens to the file or to the checkpoint: the right object, or an error that stands.

use resumable_proto_cos_v2::Integrity;
use resumable_sim::registry::cos_v2::Setting;

use crate::all_vendors::changed::{are_not_mixed, is_found_mixed, survives_damage};

#[test]
fn field_bug_56_no_file_is_mixed_with_what_it_was_by_cos_v2() {
    are_not_mixed(&[Integrity::None, Integrity::Sha1, Integrity::Chain].map(|it| Setting::plain(3 * 64 + 1, it)));
}

#[test]
fn a_damaged_checkpoint_is_refused_and_an_edited_one_leads_to_no_wrong_object() {
    survives_damage(&Setting::plain(3 * 64 + 1, Integrity::None));
}

#[test]
fn a_mixture_is_found_where_looks_are_believed() {
    is_found_mixed(Setting::plain(3 * 64 + 1, Integrity::None));
}
