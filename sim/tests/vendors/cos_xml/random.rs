//! Some thousand random cases, and that a seed is all there is to a case.

use resumable_sim::registry::cos_xml::Setting;

use crate::all_vendors::random::{are_their_seeds, end_honestly, have_holes};

#[test]
fn every_upload_ends_finished_or_with_an_honest_error() {
    let endings = [
        "finished",
        "success: parts",
        "success: one request",
        "failure: stopped",
        "failure: abandoned",
        "failure: refused",
        "failure: changed",
        "failure: credential",
        "failure: patience",
        "resumed after it was finished",
    ];
    let census = end_honestly::<Setting>("cos-xml", 80, 4_000, &endings);
    let missing = census.missing::<Setting>();
    let is_rare = |cell: &String| cell.starts_with("Abort ") || cell.starts_with("Head ");
    assert!(missing.iter().all(is_rare), "{missing:?}");
}

#[test]
fn the_same_seed_gives_the_same_case_line_by_line() {
    are_their_seeds::<Setting>(81);
}

#[test]
fn a_census_without_cases_has_holes() {
    let missing =
        have_holes::<Setting>(82, &["Part never met forget", "Abort never met crash>", "List never met echo"]);
    assert!(!missing.iter().any(|cell| cell.ends_with("never met session")), "no answer names a session: {missing:?}");
}
