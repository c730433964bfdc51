//! Some thousand random cases, and that a seed is all there is to a case.

use resumable_sim::registry::p115::Setting;

use crate::all_vendors::random::{are_their_seeds, end_honestly, have_holes};

#[test]
fn every_upload_ends_finished_or_with_an_honest_error() {
    let endings = [
        "finished",
        "success: parts",
        "success: one request",
        "success: instant",
        "success: already there",
        "failure: stopped",
        "failure: abandoned",
        "failure: refused",
        "failure: restarts",
        "failure: changed",
        "failure: integrity",
        "failure: no credential",
        "account used elsewhere",
    ];
    let census = end_honestly::<Setting>("115", 43, 2_500, &endings);
    let rare = ["Initiate ", "Prove ", "Abort ", "Resume ", "List ", "Check ", "Put ", "FolderAdd ", "Complete "];
    let missing = census.missing::<Setting>();
    assert!(missing.iter().all(|cell| rare.iter().any(|call| cell.starts_with(call))), "{missing:?}");
}

#[test]
fn the_same_seed_gives_the_same_case_line_by_line() {
    are_their_seeds::<Setting>(41);
}

#[test]
fn a_census_without_cases_has_holes() {
    let missing = have_holes::<Setting>(
        42,
        &["Part never met forget", "Complete never met callback", "Resume never met session"],
    );
    assert!(!missing.iter().any(|cell| cell.starts_with("Init never met forget")), "there is nothing to forget");
}
