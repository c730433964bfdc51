//! Every placement of one fault, and of two, over small uploads: each must finish. And every effect of the host that fails.

use resumable_sim::enumerate;
use resumable_sim::vendor::{Expectations, Wrapped};

/// Every upload that is enumerated survives every placement of one fault, of which there are more than so many.
pub(crate) fn survive_one_fault<S: Expectations>(more_than: u64) {
    let mut placements = 0;
    for (setting, window) in S::enumerated() {
        let found = enumerate::singles(&Wrapped::<S>::own(), &setting, window, 1);
        assert_eq!(found.violations, Vec::<String>::new(), "{setting:?}");
        placements += found.placements;
    }
    assert!(placements > more_than, "{placements}");
}

/// This upload survives every placement of two faults, of which there are more than so many.
pub(crate) fn survives_two_faults<S: Expectations>(setting: &S, window: usize, more_than: u64) {
    let found = enumerate::pairs(&Wrapped::<S>::own(), setting, window, 1);
    assert_eq!(found.violations, Vec::<String>::new());
    assert!(found.placements > more_than, "{}", found.placements);
}

/// An upload of three parts for each window survives every placement of one crash and one lost reply, of which there are more
/// than so many. `--pairs` of the simulator takes all these uploads, and all pairs of faults.
pub(crate) fn survive_a_crash_and_a_lost_reply<S: Expectations>(more_than: u64) {
    let mut uploads = enumerate::three_parts::<S>();
    uploads.sort_by_key(|(_, window)| *window);
    uploads.dedup_by_key(|(_, window)| *window);
    let found = enumerate::over(&uploads, |setting, window| {
        enumerate::crash_and_loss(&Wrapped::<S>::own(), setting, window, 1)
    });
    assert_eq!(found.violations, Vec::<String>::new());
    assert!(found.placements > more_than, "{}", found.placements);
}

/// Whichever effect of the host fails, once or from then on, every upload that is enumerated finishes at last. There are
/// more than so many that fail.
pub(crate) fn survive_failing_effects<S: Expectations>(more_than: u64) {
    let found = enumerate::over(&S::enumerated(), |setting, window| {
        enumerate::failing(&Wrapped::<S>::own(), setting, window, 1)
    });
    assert_eq!(found.violations, Vec::<String>::new());
    assert!(found.placements > more_than, "{}", found.placements);
}
