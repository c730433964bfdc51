//! A few thousand random uploads to COS v1, and that they met what they should.

use resumable_sim::protocol::cos_v1::CosV1Vendor;
use resumable_sim::transcript::Detail;
use resumable_sim::{campaign, case};

#[test]
fn every_upload_ends_finished_or_with_an_honest_error() {
    let campaign = campaign::run(&CosV1Vendor::new(), 40, 0, 3000);
    assert_eq!(campaign.first, [], "replay: cargo xtask sim --cases 1 --seed 40 --protocol cos-v1 --case …");
    for ending in [
        "finished",
        "failure: stopped",
        "failure: abandoned",
        "success: parts",
        "success: one request",
        "success: instant",
        "success: already there",
    ] {
        assert!(campaign.census.marked(ending) > 0, "{ending}");
    }
}

#[test]
fn the_same_seed_gives_the_same_case_line_by_line() {
    let vendor = CosV1Vendor::new();
    for index in 0..40 {
        let seed = case::seed_of(41, index);
        let (one, other) = (case::run(&vendor, seed, Detail::Full), case::run(&vendor, seed, Detail::Full));
        assert_eq!(one.transcript.lines(), other.transcript.lines());
        assert_eq!(one.census, case::run(&vendor, seed, Detail::Off).census, "writing it down changes nothing");
    }
}

#[test]
fn the_calls_that_complete_an_object_are_told_from_the_others() {
    let census = campaign::run(&CosV1Vendor::new(), 42, 0, 400).census;
    let table = census.table(&CosV1Vendor::new());
    for call in ["Upload", "Init", "Slice", "Last", "Stat"] {
        let row = table.lines().find(|line| line.starts_with(call)).expect("a row for each call");
        let actions: u64 = row.split_whitespace().nth(1).and_then(|count| count.parse().ok()).expect("a count");
        assert!(actions > 0, "{row}");
    }
}
