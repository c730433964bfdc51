//! Some thousand random cases, and that a seed is all there is to a case.

use resumable_sim::protocol::oss::OssVendor;
use resumable_sim::transcript::Detail;
use resumable_sim::{campaign, case};

#[test]
fn every_upload_ends_finished_or_with_an_honest_error() {
    let campaign = campaign::run(&OssVendor::new(), 60, 0, 4_000);
    assert_eq!(campaign.first, [], "replay: cargo xtask sim --cases 1 --seed 60 --protocol oss --case …");
    for ending in [
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
    ] {
        assert!(campaign.census.marked(ending) > 0, "{ending}");
    }
    let missing = campaign.census.missing(&OssVendor::new());
    let is_rare = |cell: &String| cell.starts_with("Abort ") || cell.starts_with("Head ");
    assert!(missing.iter().all(is_rare), "{missing:?}");
}

#[test]
fn the_same_seed_gives_the_same_case_line_by_line() {
    let vendor = OssVendor::new();
    for index in 0..40 {
        let seed = case::seed_of(61, index);
        let (one, other) = (case::run(&vendor, seed, Detail::Full), case::run(&vendor, seed, Detail::Full));
        assert_eq!(one.transcript.lines(), other.transcript.lines());
        assert_eq!(one.census, case::run(&vendor, seed, Detail::Off).census, "writing it down changes nothing");
    }
}

#[test]
fn a_census_without_cases_has_holes() {
    let campaign = campaign::run(&OssVendor::new(), 62, 0, 1);
    let missing = campaign.census.missing(&OssVendor::new());
    for cell in
        ["Part never met forget", "Abort never met crash>", "Complete never met callback", "List never met echo"]
    {
        assert!(missing.contains(&cell.to_owned()), "{missing:?}");
    }
    assert!(!missing.iter().any(|cell| cell.ends_with("never met session")), "no answer names a session: {missing:?}");
}
