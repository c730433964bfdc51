//! Some thousand random cases, and that a seed is all there is to a case.

use resumable_sim::registry::xfyun::Setting;

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
        "failure: restarts",
        "failure: changed",
        "url lost",
        "run again after a refusal",
    ];
    let census = end_honestly::<Setting>("xfyun", 40, 4_000, &endings);
    let missing = census.missing::<Setting>();
    assert!(missing.iter().all(|cell| cell.starts_with("Cancel ")), "{missing:?}");
}

#[test]
fn the_same_seed_gives_the_same_case_line_by_line() {
    are_their_seeds::<Setting>(41);
}

#[test]
fn a_census_without_cases_has_holes() {
    let missing =
        have_holes::<Setting>(42, &["Slice never met forget", "Cancel never met crash>", "Complete never met lost>"]);
    assert!(!missing.iter().any(|cell| cell.starts_with("Hash ")), "nothing is hashed: {missing:?}");
}
