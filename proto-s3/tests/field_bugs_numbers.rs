//! Numbers that nobody wrote: in a checkpoint of the format that had no checksum.

mod far;
#[path = "../../core/tests/numbers/mod.rs"]
mod numbers;

use far::{PART, Rig, one_request, parts};
use numbers::{World, edits};
use proptest::prelude::*;
use resumable_core::Checkpoint;
use resumable_proto_s3::*;

/// In one request; with some parts acknowledged; and with all of them, and an object that may be there.
fn half_done() -> [Checkpoint<S3>; 3] {
    [(9, one_request(), 1), (3 * PART, parts(), 3), (3 * PART + 5, parts(), 6)].map(|(len, options, requests)| {
        let mut rig = Rig::new(len, options);
        rig.killed_at(requests, false);
        rig.saved.last().unwrap().clone()
    })
}

fn world(saved: &Checkpoint<S3>) -> World<S3, impl Fn() -> S3> {
    let source = far::content(saved.source().len);
    World {
        protocol: || far::protocol(&parts()),
        credential: far::credential(),
        options: far::core(),
        info: far::info(&source),
        content: source,
    }
}

#[test]
fn field_bug_86_no_number_in_a_checkpoint_of_s3_panics() {
    for saved in half_done() {
        world(&saved).survives_all_edges(&saved);
    }
}

#[test]
fn field_bug_86_parts_and_pages_that_s3_has_not_are_refused() {
    let mut rig = Rig::new(10 * PART, parts());
    rig.killed_at(2, false);
    let saved = rig.saved.last().unwrap().clone();
    for (place, number) in [
        ("/session/page", 0),
        ("/session/page", 1001),
        ("/session/way/parts/size", 0),
        ("/session/way/parts/size", 65),
        ("/session/len", 10 * PART + 1),
    ] {
        world(&saved).refuses(&saved, place, number);
    }
}

proptest! {
    #[test]
    fn field_bug_86_nor_do_any_three_of_s3(edits in edits(), which in any::<prop::sample::Index>()) {
        let all = half_done();
        let saved = which.get(&all);
        world(saved).survives(saved, &edits);
    }
}
