//! Some thousand random cases, and that a seed is all there is to a case.

use resumable_sim::census::Census;
use resumable_sim::transcript::Detail;
use resumable_sim::vendor::{Expectations, Wrapped};
use resumable_sim::{campaign, case};

/// Every upload of a run ends finished or with an honest error, and each of these endings comes.
pub(crate) fn end_honestly<S: Expectations>(name: &str, seed: u64, cases: u64, endings: &[&str]) -> Census {
    let campaign = campaign::run(&Wrapped::<S>::own(), seed, 0, cases);
    assert_eq!(campaign.first, [], "replay: cargo xtask sim --cases 1 --seed {seed} --protocol {name} --case …");
    for ending in endings {
        assert!(campaign.census.marked(ending) > 0, "{ending}");
    }
    campaign.census
}

/// The same seed gives the same case, line by line.
pub(crate) fn are_their_seeds<S: Expectations>(run: u64) {
    let vendor = Wrapped::<S>::own();
    for index in 0..40 {
        let seed = case::seed_of(run, index);
        let (one, other) = (case::run(&vendor, seed, Detail::Full), case::run(&vendor, seed, Detail::Full));
        assert_eq!(one.transcript.lines(), other.transcript.lines());
        assert_eq!(one.transcript.hash(), case::run(&vendor, seed, Detail::Hash).transcript.hash());
        assert_eq!(one.census, case::run(&vendor, seed, Detail::Off).census, "writing it down changes nothing");
    }
}

/// A census of next to no cases has holes, these among them.
pub(crate) fn have_holes<S: Expectations>(run: u64, holes: &[&str]) -> Vec<String> {
    let missing = campaign::run(&Wrapped::<S>::own(), run, 0, 1).census.missing::<S>();
    for hole in holes {
        assert!(missing.contains(&(*hole).to_owned()), "{missing:?}");
    }
    missing
}
