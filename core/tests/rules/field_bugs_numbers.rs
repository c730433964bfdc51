//! Numbers that nobody wrote, in a checkpoint of the format that had no checksum, and in headers.

use proptest::prelude::*;
use resumable_core::{Budget, Checkpoint, Failure};
use serde_json::json;

use crate::numbers::{World, edits, with};
use crate::toy::{Fate, Rig, Setup, Toy, says};

fn half_way() -> Rig<true> {
    let mut rig = Rig::<true>::new(95, Setup { hash_first: true, ..Setup::default() });
    for _ in 0..3 {
        rig.run_until("part");
        rig.answer("part", Fate::Fine);
    }
    while rig.poll_until_waiting().is_none() && rig.waiting_for("save") > 0 {
        rig.answer("save", Fate::Fine);
    }
    rig
}

fn world(rig: &Rig<true>) -> World<Toy<true>, impl Fn() -> Toy<true>> {
    World {
        protocol: || rig.setup.toy(),
        credential: rig.setup.key().unwrap(),
        options: rig.setup.options.clone(),
        info: rig.info.clone(),
        content: rig.source.clone(),
    }
}

#[test]
fn field_bug_86_no_number_in_a_checkpoint_panics() {
    let rig = half_way();
    world(&rig).survives_all_edges(&rig.saved().unwrap());
}

#[test]
fn field_bug_86_restarts_and_rehashes_may_be_any() {
    for (place, kind) in [("/restarts", "gone"), ("/rehashes", "digest")] {
        let mut rig = half_way();
        let saved: Checkpoint<Toy<true>> = with(&rig.saved().unwrap(), place, u32::MAX);
        rig.durable = Some(String::from_utf8(saved.to_bytes()).unwrap());
        rig.crash();
        let verdict =
            rig.run_with(
                |part, _| if part == "part" { Fate::Says(says(200, &json!({ "code": kind }))) } else { Fate::Fine },
            );
        let known = match &verdict {
            Err(Failure::Exhausted { budget: Budget::Restarts(u32::MAX), .. }) => kind == "gone",
            Err(Failure::Integrity(_)) => kind == "digest",
            _ => false,
        };
        assert!(known, "{place}: {verdict:?}");
    }
}

proptest! {
    #[test]
    fn field_bug_86_nor_do_any_three(edits in edits()) {
        let rig = half_way();
        world(&rig).survives(&rig.saved().unwrap(), &edits);
    }

    /// However long the vendor wants us to wait, and whatever time it has.
    #[test]
    fn field_bug_86_no_number_in_a_header_panics(seconds in prop_oneof![any::<u64>(), Just(u64::MAX)], year in 1970u32..10_000, clock: bool) {
        for wait in [seconds.to_string(), format!("Wed, 21 Oct {year} 07:28:00 GMT")] {
            let mut rig = half_way();
            let mut answer = says(if clock { 200 } else { 503 }, &json!({ "code": "time" }));
            answer.headers_mut().insert("retry-after", wait.parse().unwrap());
            answer.headers_mut().insert("date", format!("Wed, 21 Oct {year} 07:28:00 GMT").parse().unwrap());
            let mut told = 0;
            let _ = rig.run_with(|part, _| {
                told += usize::from(part == "part");
                if part == "part" && told < 3 { Fate::Says(answer.clone()) } else { Fate::Fine }
            });
            prop_assert!(told > 0);
        }
    }
}
