//! Some thousand random cases, and that a seed is all there is to a case.

use resumable_sim::protocol::xfyun::XfyunVendor;
use resumable_sim::transcript::Detail;
use resumable_sim::{campaign, case};

#[test]
fn every_upload_ends_finished_or_with_an_honest_error() {
    let campaign = campaign::run(&XfyunVendor::new(), 40, 0, 4_000);
    assert_eq!(campaign.first, [], "replay: cargo xtask sim --cases 1 --seed 40 --protocol xfyun --case …");
    for ending in [
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
    ] {
        assert!(campaign.census.marked(ending) > 0, "{ending}");
    }
    let missing = campaign.census.missing(&XfyunVendor::new());
    assert!(missing.iter().all(|cell| cell.starts_with("Cancel ")), "{missing:?}");
}

#[test]
fn the_same_seed_gives_the_same_case_line_by_line() {
    let vendor = XfyunVendor::new();
    for index in 0..40 {
        let seed = case::seed_of(41, index);
        let (one, other) = (case::run(&vendor, seed, Detail::Full), case::run(&vendor, seed, Detail::Full));
        assert_eq!(one.transcript.lines(), other.transcript.lines());
        assert_eq!(one.census, case::run(&vendor, seed, Detail::Off).census, "writing it down changes nothing");
    }
}

#[test]
fn a_census_without_cases_has_holes() {
    let campaign = campaign::run(&XfyunVendor::new(), 42, 0, 1);
    let missing = campaign.census.missing(&XfyunVendor::new());
    for cell in ["Slice never met forget", "Cancel never met crash>", "Complete never met lost>"] {
        assert!(missing.contains(&cell.to_owned()), "{missing:?}");
    }
    assert!(!missing.iter().any(|cell| cell.starts_with("Hash ")), "nothing is hashed: {missing:?}");
}
