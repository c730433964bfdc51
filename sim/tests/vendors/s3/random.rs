//! Some thousand random cases, and that a seed is all there is to a case.

use resumable_sim::registry::s3::Setting;

use crate::all_vendors::random::{are_their_seeds, end_honestly};

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
    let census = end_honestly::<Setting>("s3", 60, 3_000, &endings);
    let missing = census.missing::<Setting>();
    let is_rare = |cell: &String| ["Abort ", "Head ", "Put "].iter().any(|call| cell.starts_with(call));
    assert!(missing.iter().all(is_rare), "{missing:?}");
}

#[test]
fn the_same_seed_gives_the_same_case_line_by_line() {
    are_their_seeds::<Setting>(61);
}
