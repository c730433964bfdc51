//! A few hundred random cases, and that a seed is all there is to a case.

use resumable_sim::protocol::cos_v2::CosV2Vendor;
use resumable_sim::transcript::Detail;
use resumable_sim::{campaign, case};

#[test]
fn every_upload_ends_finished_or_with_an_honest_error() {
    let campaign = campaign::run(&CosV2Vendor::new(), 20, 0, 600);
    assert_eq!(campaign.first, [], "replay: cargo xtask sim --cases 1 --seed 20 --protocol cos-v2 --case …");
    for ending in ["finished", "failure: stopped", "failure: abandoned", "success: parts", "success: one request"] {
        assert!(campaign.census.marked(ending) > 0, "{ending}");
    }
}

#[test]
fn the_same_seed_gives_the_same_case_line_by_line() {
    let vendor = CosV2Vendor::new();
    for index in 0..40 {
        let seed = case::seed_of(21, index);
        let (one, other) = (case::run(&vendor, seed, Detail::Full), case::run(&vendor, seed, Detail::Full));
        assert_eq!(one.transcript.lines(), other.transcript.lines());
        assert_eq!(one.transcript.hash(), case::run(&vendor, seed, Detail::Hash).transcript.hash());
        assert_eq!(one.census, case::run(&vendor, seed, Detail::Off).census, "writing it down changes nothing");
    }
}

#[test]
fn two_seeds_give_two_cases() {
    let hash = |index| case::run(&CosV2Vendor::new(), case::seed_of(22, index), Detail::Hash).transcript.hash();
    assert_ne!(hash(0), hash(1));
}

#[test]
fn which_thread_runs_a_case_changes_nothing() {
    let vendor = CosV2Vendor::new();
    let (whole, again) = (campaign::run(&vendor, 23, 0, 100), campaign::run(&vendor, 23, 0, 100));
    assert_eq!(whole.census, again.census);
    let (mut first, second) = (campaign::run(&vendor, 23, 0, 37), campaign::run(&vendor, 23, 37, 100));
    first.census.add(&second.census);
    assert_eq!(whole.census, first.census);
}

#[test]
fn a_census_without_cases_has_holes() {
    let campaign = campaign::run(&CosV2Vendor::new(), 24, 0, 1);
    let missing = campaign.census.missing(&CosV2Vendor::new());
    assert!(missing.contains(&"Delete never met crash>".to_owned()), "{missing:?}");
}
