//! Every placement of one fault, and of two, over small uploads: each must finish.

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
