//! Some thousand random cases, and that a seed is all there is to a case.

use resumable_sim::registry::cos_v2::Setting;
use resumable_sim::transcript::Detail;
use resumable_sim::vendor::Wrapped;
use resumable_sim::{campaign, case};

use crate::all_vendors::random::{are_their_seeds, end_honestly, have_holes};

#[test]
fn every_upload_ends_finished_or_with_an_honest_error() {
    let endings = ["finished", "failure: stopped", "failure: abandoned", "success: parts", "success: one request"];
    end_honestly::<Setting>("cos-v2", 20, 600, &endings);
}

#[test]
fn the_same_seed_gives_the_same_case_line_by_line() {
    are_their_seeds::<Setting>(21);
}

#[test]
fn two_seeds_give_two_cases() {
    let hash = |index| case::run(&Wrapped::<Setting>::own(), case::seed_of(22, index), Detail::Hash).transcript.hash();
    assert_ne!(hash(0), hash(1));
}

#[test]
fn which_thread_runs_a_case_changes_nothing() {
    let vendor = Wrapped::<Setting>::own();
    let (whole, again) = (campaign::run(&vendor, 23, 0, 100), campaign::run(&vendor, 23, 0, 100));
    assert_eq!(whole.census, again.census);
    let (mut first, second) = (campaign::run(&vendor, 23, 0, 37), campaign::run(&vendor, 23, 37, 100));
    first.census.add(&second.census);
    assert_eq!(whole.census, first.census);
}

#[test]
fn a_census_without_cases_has_holes() {
    have_holes::<Setting>(24, &["Delete never met crash>"]);
}
