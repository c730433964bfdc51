//! Numbers that nobody wrote: in a checkpoint of the format that had no checksum, and in the vendor's answers.

mod far;
#[path = "../../core/tests/numbers/mod.rs"]
mod numbers;

use far::{Server, Trouble, World as Far, content, parallel, slices, start};
use numbers::{World, edits};
use proptest::prelude::*;
use resumable_core::Checkpoint;
use resumable_proto_cos_v1::CosV1;

/// With some slices acknowledged, one after the other, and side by side with a gap.
fn half_done() -> [Checkpoint<CosV1>; 2] {
    [slices(), parallel()].map(|options| {
        let mut far = Far::new(Server::new(), content(71));
        far.backwards = true;
        let saved = start(far, options).saved;
        saved[saved.len() / 2].clone()
    })
}

fn world() -> World<CosV1, impl Fn() -> CosV1> {
    World {
        protocol: || far::protocol(parallel()),
        credential: far::credential(),
        options: far::how(),
        info: far::source(&content(71)),
        content: content(71),
    }
}

#[test]
fn field_bug_86_no_number_in_a_checkpoint_panics() {
    for saved in half_done() {
        world().survives_all_edges(&saved);
    }
}

#[test]
fn field_bug_86_slices_and_journals_that_cannot_be_are_refused() {
    let [saved, _] = half_done();
    for (place, number) in [
        ("/session/slice_size", 0),
        ("/session/slice_size", 17),
        ("/session/open/slice_size", 0),
        ("/session/open/slice_size", (64 << 20) + 1),
        ("/session/differed", 71),
    ] {
        world().refuses(&saved, place, number);
    }
    assert!((1..71).contains(&saved.confirmed()));
    world().refuses(&saved, "/session/open", serde_json::Value::Null);
}

const EDGES: [u64; 9] = [0, 1, 16, 71, 72, u32::MAX as u64, 1 << 63, u64::MAX - 1, u64::MAX];

#[test]
fn field_bug_86_no_offset_and_slice_size_of_an_init_panics() {
    for (offset, slice_size) in EDGES.iter().flat_map(|offset| EDGES.map(|size| (offset, size))) {
        let data = format!(r#"{{"offset":{offset},"slice_size":{slice_size},"session":"S1+a/b=="}}"#);
        let says = Trouble::Says(200, format!(r#"{{"code":0,"message":"M","data":{data}}}"#));
        for options in [slices(), parallel()] {
            let run = start(Far::new(Server::new(), content(71)).with(0, says.clone()), options);
            assert!(run.end.unwrap().is_err() || run.world.server.object == Some(run.world.content));
        }
    }
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![prop::sample::select(EDGES.to_vec()), any::<u64>()]
}

fn reply() -> impl Strategy<Value = (u16, String)> {
    let code = prop::sample::select(vec![0, 0, 0, -166, -177, -288, -4016, -5999, i64::MIN, i64::MAX]);
    (code, prop::array::uniform4(number())).prop_map(|(code, [offset, slice_size, filelen, filesize])| {
        let data = format!(
            r#"{{"offset":{offset},"slice_size":{slice_size},"filelen":{filelen},"filesize":{filesize},"session":"S1+a/b=="}}"#
        );
        (if code == 0 { 200 } else { 400 }, format!(r#"{{"code":{code},"message":"M","data":{data}}}"#))
    })
}

proptest! {
    #[test]
    fn field_bug_86_nor_do_any_three(edits in edits(), which in any::<prop::sample::Index>()) {
        world().survives(which.get(&half_done()), &edits);
    }

    #[test]
    fn field_bug_86_no_number_in_an_answer_panics(
        lies in prop::collection::btree_map(0usize..20, reply(), 1..12), side_by_side: bool,
    ) {
        let mut far = Far::new(Server::new(), content(71));
        for (request, (status, body)) in lies {
            far = far.with(request, Trouble::Says(status, body));
        }
        let run = start(far, if side_by_side { parallel() } else { slices() });
        prop_assert!(run.end.unwrap().is_err() || run.world.server.object == Some(run.world.content));
    }
}
