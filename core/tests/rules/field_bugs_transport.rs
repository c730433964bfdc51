//! What went wrong between a machine and the network in other clients.

use std::time::Duration;

use http::Response;
use resumable_core::{Action, Budget, Failure};
use serde_json::json;

use crate::toy::{Fate, PART, Rig, Setup, Verdict, kind_of, says};

const MIB: u64 = 1 << 20;

fn budget(verdict: &Verdict) -> Budget {
    match verdict {
        Err(failure @ Failure::Exhausted { budget, .. }) if failure.resumable() => *budget,
        other => panic!("{other:?}"),
    }
}

fn everything<const JOURNAL: bool>(rig: &mut Rig<JOURNAL>, fate: fn() -> Fate) -> Verdict {
    let sends = ["init", "list", "part", "finish", "delete"];
    rig.run_with(|kind, _| if sends.contains(&kind) { fate() } else { Fate::Fine })
}

#[test]
fn field_bug_63_an_upload_that_never_had_a_connection_ends_within_seconds_and_goes_on_later() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    let start = rig.now.mono;
    let verdict = everything(&mut rig, || Fate::Fails);
    assert_eq!(budget(&verdict), Budget::FirstContact(Duration::from_secs(5)));
    assert!((4..7).contains(&rig.since(start).as_secs()), "{:?}", rig.since(start));
    assert!(rig.upload.stats().requests > 2, "it tried more than once");
    assert!(verdict.unwrap_err().to_string().contains("after 5 s without ever getting a connection"));
    rig.crash();
    rig.run().unwrap();
    rig.assert_stored();
}

#[test]
fn field_bug_63_first_contact_is_no_longer_than_patience() {
    let mut setup = Setup::default();
    setup.options.patience = Duration::from_secs(2);
    let verdict = everything(&mut Rig::<false>::new(95, setup), || Fate::Fails);
    assert_eq!(budget(&verdict), Budget::Patience(Duration::from_secs(2)));
}

#[test]
fn field_bug_63_a_checkpoint_with_progress_has_had_its_first_contact() {
    for untrusted in [false, true] {
        let mut rig = Rig::<false>::new(95, Setup::default());
        rig.run_until("part");
        rig.answer("part", Fate::Fine);
        while rig.saved_field("confirmed") != json!(PART) {
            assert!(rig.poll_until_waiting().is_none());
            rig.answer("save", Fate::Fine);
        }
        rig.crash();
        let start = rig.now.mono;
        let fate = if untrusted { || Fate::Untrusted } else { || Fate::Fails };
        let verdict = everything(&mut rig, fate);
        assert_eq!(budget(&verdict), Budget::Patience(Duration::from_secs(600)), "a machine boots before its network");
        assert!(rig.since(start) >= Duration::from_secs(600));
        rig.abandon();
        let verdict = everything(&mut rig, fate);
        assert_eq!(budget(&verdict), Budget::Patience(Duration::from_secs(600)), "so does one that gives it up");
    }
}

#[test]
fn field_bug_63_any_answer_and_any_request_that_left_is_a_first_contact() {
    let answers = [|| Fate::Says(says(503, &json!(null))), || Fate::Says(says(407, &json!(null))), || Fate::LostBefore];
    for answer in answers {
        let mut rig = Rig::<false>::new(95, Setup::default());
        let verdict = rig.run_with(|kind, nth| match (kind, nth) {
            ("init", 0) => answer(),
            ("init", _) => Fate::Fails,
            _ => Fate::Fine,
        });
        assert_eq!(budget(&verdict), Budget::Patience(Duration::from_secs(600)));
    }
}

#[test]
fn field_bug_63_a_server_that_is_not_trusted_is_told_at_once() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    let start = rig.now.mono;
    let verdict = everything(&mut rig, || Fate::Untrusted);
    let failure = verdict.unwrap_err();
    assert!(matches!(failure, Failure::Untrusted(_)) && failure.resumable(), "{failure:?}");
    assert_eq!(rig.upload.stats().requests, 1);
    assert!(rig.since(start) < Duration::from_secs(1));
    rig.crash();
    rig.run().unwrap();
    rig.assert_stored();
}

/// How long the vendor may take over the request of this kind that is pending.
fn reply_within<const JOURNAL: bool>(rig: &Rig<JOURNAL>, kind: &str) -> u64 {
    let action = rig.pending.iter().find(|action| kind_of(action) == kind);
    let Some(Action::Send { limits, .. }) = action else { panic!("no {kind} is pending") };
    limits.reply_within.as_secs()
}

#[test]
fn field_bug_65_the_wait_for_an_answer_grows_with_the_request_and_with_each_try_without_one() {
    let one_request = |len, change: fn(&mut Setup)| {
        let mut setup = Setup { one_request: true, ..Setup::default() };
        change(&mut setup);
        let mut rig = Rig::<false>::new(len, setup);
        rig.run_until("put");
        rig
    };
    assert_eq!(reply_within(&one_request(5, |_| ()), "put"), 60);
    let mut rig = one_request(10 * MIB, |_| ());
    let mut waits = Vec::new();
    for _ in 0..5 {
        waits.push(reply_within(&rig, "put"));
        rig.answer("put", Fate::LostBefore);
        rig.run_until("put");
    }
    assert_eq!(waits, [70, 140, 280, 561, 600], "60 s, and 1 ms for each of 10,240 KiB; then twice; then patience");
    rig.run().unwrap();

    // A connection that was not there says nothing about how long the vendor takes.
    let mut rig = one_request(5, |_| ());
    rig.answer("put", Fate::Fails);
    rig.run_until("put");
    assert_eq!(reply_within(&rig, "put"), 60);

    let rig = one_request(5, |setup| setup.options.reply_timeout = Some(Duration::from_secs(1000)));
    assert_eq!(reply_within(&rig, "put"), 1000, "what is asked for counts, whatever the patience");
}

#[test]
fn field_bug_73_a_wait_beyond_patience_is_told_with_what_was_asked_for() {
    let mut rig = Rig::<false>::new(5, Setup::default());
    let busy = Response::builder().status(503).header("retry-after", "7200").body("busy".into()).unwrap();
    let verdict = rig.run_with(|kind, _| if kind == "init" { Fate::Says(busy.clone()) } else { Fate::Fine });
    let (asked, patience) = (Duration::from_secs(7200), Duration::from_secs(600));
    assert_eq!(budget(&verdict), Budget::Wait { asked, patience });
    let text = verdict.unwrap_err().to_string();
    assert!(text.contains("no request for 2 h, longer than the patience of 10 min"), "{text}");
}

#[test]
fn field_bug_94_a_redirect_is_told_at_once_and_the_upload_goes_on_where_it_was() {
    for (status, kind) in [(301, "init"), (302, "init"), (307, "part"), (308, "finish")] {
        let mut rig = Rig::<false>::new(95, Setup::default());
        let start = rig.now.mono;
        let there = "https://other.test/a?signature=canary-0";
        let moved = Response::builder().status(status).header("location", there).body("moved".into()).unwrap();
        let verdict = rig.run_with(|seen, _| if seen == kind { Fate::Says(moved.clone()) } else { Fate::Fine });
        let failure = verdict.unwrap_err();
        assert!(failure.resumable(), "{failure:?}");
        let text = failure.to_string();
        assert!(text.contains(&format!("HTTP {status}")) && text.contains("https://other.test/a"), "{text}");
        assert!(!text.contains("canary"), "{text}");
        assert!(rig.since(start) < Duration::from_secs(1), "{:?}", rig.since(start));
        rig.crash();
        rig.run().unwrap();
        rig.assert_stored();
    }
}

#[test]
fn field_bug_72_a_compressed_answer_ends_the_upload_with_what_is_wrong() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    let packed = Response::builder().header("content-encoding", "gzip").body("\x1f\x08…".into()).unwrap();
    let verdict = rig.run_with(|kind, _| if kind == "part" { Fate::ActsAndSays(packed.clone()) } else { Fate::Fine });
    let failure = verdict.unwrap_err();
    assert!(failure.resumable() && failure.to_string().contains("compressed (gzip)"), "{failure}");
    rig.crash();
    rig.run().unwrap();
    rig.assert_stored();
}

#[test]
fn field_bug_95_pages_that_bring_something_new_are_progress_and_others_are_not() {
    let page = |at: u64| json!({"code": "ok", "more": true, "parts": [[at * PART, (at + 1) * PART]]});
    let begun = || {
        let mut rig = Rig::<false>::new(1500, Setup::default());
        rig.run_until("part");
        rig.answer("part", Fate::Fine);
        rig.run_until("save");
        rig.answer("save", Fate::Fine);
        rig.crash();
        rig
    };
    let mut rig = begun();
    let listed = rig.run_with(|kind, nth| match (kind, nth) {
        ("list", 0..100) => Fate::Says(says(200, &page(nth as u64))),
        _ => Fate::Fine,
    });
    listed.unwrap();
    rig.assert_stored();
    assert!(rig.done["list"] > 100);

    let mut rig = begun();
    let again = rig.run_with(|kind, nth| match kind {
        "list" => Fate::Says(says(200, &page(nth as u64 % 100))),
        _ => Fate::Fine,
    });
    assert_eq!(budget(&again), Budget::Answers(64), "the same hundred pages over and over");
    assert!((160..170).contains(&rig.done["list"]), "{:?}", rig.done);
}
