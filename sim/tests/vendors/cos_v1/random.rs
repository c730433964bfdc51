//! Some thousand random cases, and that a seed is all there is to a case.

use resumable_sim::registry::cos_v1::Setting;

use crate::all_vendors::random::{are_their_seeds, end_honestly};

#[test]
fn every_upload_ends_finished_or_with_an_honest_error() {
    let endings = [
        "finished",
        "failure: stopped",
        "failure: abandoned",
        "success: parts",
        "success: one request",
        "success: instant",
        "success: already there",
    ];
    end_honestly::<Setting>("cos-v1", 40, 3000, &endings);
}

#[test]
fn the_same_seed_gives_the_same_case_line_by_line() {
    are_their_seeds::<Setting>(41);
}

#[test]
fn the_calls_that_complete_an_object_are_told_from_the_others() {
    let table = end_honestly::<Setting>("cos-v1", 42, 400, &[]).table::<Setting>();
    for call in ["Upload", "Init", "Slice", "Last", "Stat"] {
        let row = table.lines().find(|line| line.starts_with(call)).expect("a row for each call");
        let actions: u64 = row.split_whitespace().nth(1).and_then(|count| count.parse().ok()).expect("a count");
        assert!(actions > 0, "{row}");
    }
}
