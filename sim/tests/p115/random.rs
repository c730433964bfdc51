//! Some thousand random cases, and that a seed is all there is to a case.

use resumable_sim::protocol::p115::P115Vendor;
use resumable_sim::transcript::Detail;
use resumable_sim::{campaign, case};

#[test]
fn every_upload_ends_finished_or_with_an_honest_error() {
    let campaign = campaign::run(&P115Vendor::new(), 40, 0, 2_500);
    assert_eq!(campaign.first, [], "replay: cargo xtask sim --cases 1 --seed 40 --protocol 115 --case …");
    for ending in [
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
    ] {
        assert!(campaign.census.marked(ending) > 0, "{ending}");
    }
    let rare = ["Initiate ", "Prove ", "Abort ", "Resume ", "List ", "Check ", "Put ", "FolderAdd ", "Complete "];
    let missing = campaign.census.missing(&P115Vendor::new());
    assert!(missing.iter().all(|cell| rare.iter().any(|call| cell.starts_with(call))), "{missing:?}");
}

#[test]
fn the_same_seed_gives_the_same_case_line_by_line() {
    let vendor = P115Vendor::new();
    for index in 0..40 {
        let seed = case::seed_of(41, index);
        let (one, other) = (case::run(&vendor, seed, Detail::Full), case::run(&vendor, seed, Detail::Full));
        assert_eq!(one.transcript.lines(), other.transcript.lines());
        assert_eq!(one.census, case::run(&vendor, seed, Detail::Off).census, "writing it down changes nothing");
    }
}

#[test]
fn a_census_without_cases_has_holes() {
    let campaign = campaign::run(&P115Vendor::new(), 42, 0, 1);
    let missing = campaign.census.missing(&P115Vendor::new());
    for cell in ["Part never met forget", "Complete never met callback", "Resume never met session"] {
        assert!(missing.contains(&cell.to_owned()), "{missing:?}");
    }
    assert!(!missing.iter().any(|cell| cell.starts_with("Init never met forget")), "there is nothing to forget");
}
