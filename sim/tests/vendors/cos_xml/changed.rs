//! Whatever happens to the file or to the checkpoint: the right object, or an error that stands.

use resumable_sim::registry::cos_xml::Setting;

use crate::all_vendors::changed::{are_not_mixed, is_found_mixed, survives_damage};

#[test]
fn field_bug_56_no_file_is_mixed_with_what_it_was_by_cos_xml() {
    are_not_mixed(&[Setting::plain(4 * 16 + 1)]);
}

#[test]
fn a_damaged_checkpoint_is_refused_and_an_edited_one_leads_to_no_wrong_object() {
    survives_damage(&Setting::plain(4 * 16 + 1));
}

#[test]
fn a_mixture_is_found_where_looks_are_believed() {
    is_found_mixed(Setting::plain(4 * 16 + 1));
}
