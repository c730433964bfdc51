//! Whatever happens to the file or to the checkpoint: the right object, or an error that stands.

use resumable_sim::registry::cos_v1::Setting;

use crate::all_vendors::changed::{are_not_mixed, survives_damage};

#[test]
fn field_bug_58_a_file_that_changes_unseen_is_sent_right_or_refused_by_cos_v1() {
    are_not_mixed(&[false, true].map(|parallel| Setting::plain(3 * 64 + 1, parallel)));
}

#[test]
fn a_damaged_checkpoint_is_refused_and_an_edited_one_leads_to_no_wrong_object() {
    survives_damage(&Setting::plain(3 * 64 + 1, true));
}
