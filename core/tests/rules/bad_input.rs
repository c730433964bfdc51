//! Options and jobs out of any range.

use crate::extremes::{outputs, refused};
use crate::toy::{PART, Rig, Setup, says};
use resumable_core::{HashJob, HashKind, HashPass, Hasher, MAX_WINDOW};
use serde_json::json;

#[test]
fn a_window_out_of_its_range_counts_as_the_nearer_end() {
    for (window, at_once) in
        [(0, 1), (1, 1), (MAX_WINDOW, MAX_WINDOW), (MAX_WINDOW + 1, MAX_WINDOW), (usize::MAX, MAX_WINDOW)]
    {
        let mut setup = Setup::default();
        setup.options = setup.options.window(window);
        let mut rig = Rig::<false>::new(2 * MAX_WINDOW as u64 * PART, setup);
        // The rig compares what is in flight with it.
        rig.setup.options.window = at_once;
        rig.run_until("part");
        assert!(rig.poll_until_waiting().is_none());
        assert_eq!(rig.waiting_for("part"), at_once, "{window}");
        rig.run().unwrap();
        rig.assert_stored();
    }
}

#[test]
fn no_options_panic() {
    let answer = |_: &_| says(200, &json!({"code": "ok", "id": 1, "token": "t", "offset": 0, "len": PART}));
    for setup in [
        Setup::default(),
        Setup { hash_first: true, ..Setup::default() },
        Setup { one_request: true, ..Setup::default() },
    ] {
        let key = setup.key().unwrap();
        assert!(outputs(|| setup.toy::<false>(), &key, answer) > 0);
        assert!(outputs(|| setup.toy::<true>(), &key, answer) > 0);
    }
}

#[test]
fn jobs_that_cannot_be_done_are_refused() {
    for every in [0, 7, 63, 65, u64::MAX] {
        let kind = HashKind::Sha1Chain { every };
        refused("every", "a distance", Hasher::new(kind).map(|_| ()));
        refused("every", "a distance", HashPass::new(&[HashJob { kind, range: 0..5, keep: false }]).map(|_| ()));
    }
    #[expect(clippy::reversed_empty_ranges, reason = "nobody should hang over one")]
    for range in [5..3, u64::MAX..0, 0..0] {
        let pass = HashPass::new(&[HashJob { kind: HashKind::Sha1, range, keep: false }]).unwrap();
        assert_eq!(pass.wants(u64::MAX), None);
        assert_eq!(pass.finish().unwrap()[0], Hasher::new(HashKind::Sha1).unwrap().finish());
    }
}
