//! Numbers that nobody wrote, in a checkpoint of the format that had no checksum.

#[path = "../../core/tests/numbers/mod.rs"]
mod numbers;
mod rig;

use numbers::{World, edits};
use proptest::prelude::*;
use resumable_core::Checkpoint;
use resumable_proto_xfyun::{App, Xfyun};
use rig::{Fate, Rig, Stop, parallel, tiny};

/// With some slices acknowledged, in their order and with a gap, and with all of them.
fn half_done() -> [Checkpoint<Xfyun>; 3] {
    [(tiny(), "slice", 4), (parallel(), "slice", 7), (tiny(), "complete", 1)].map(|(options, kind, nth)| {
        let mut rig = Rig::new(95, options);
        rig.newest_first = true;
        assert!(rig.run_until(Stop::At(kind, nth), |_, _| Fate::Fine).is_none());
        rig.last_saved()
    })
}

fn world() -> World<Xfyun, impl Fn() -> Xfyun> {
    let rig = Rig::new(95, parallel());
    World {
        protocol: || Xfyun::new(App::new("http://127.0.0.1:18099", "app00001", None).unwrap(), parallel()).unwrap(),
        credential: rig::credential(),
        options: rig.core,
        info: rig::info(&rig.source),
        content: rig.source,
    }
}

#[test]
fn field_bug_86_no_number_in_a_checkpoint_panics() {
    for saved in half_done() {
        world().survives_all_edges(&saved);
    }
}

#[test]
fn field_bug_86_slices_that_the_vendor_does_not_take_are_refused() {
    // Nothing is acknowledged, so that only the sizes can tell.
    let mut rig = Rig::new(95, tiny());
    assert!(rig.run_until(Stop::At("slice", 1), |_, _| Fate::Fine).is_none());
    let saved = rig.last_saved();
    for (place, number) in [
        ("/session/stage/open/slicing/size", 0),
        ("/session/stage/open/slicing/size", 7),
        ("/session/stage/open/slicing/len", 94),
        ("/session/len", 94),
    ] {
        world().refuses(&saved, place, number);
    }
}

proptest! {
    #[test]
    fn field_bug_86_nor_do_any_three(edits in edits(), which in any::<prop::sample::Index>()) {
        let all = half_done();
        world().survives(which.get(&all), &edits);
    }
}
