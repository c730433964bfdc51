//! Rule 7: everything that can be repeated has a budget.
//!
//! Two refinements: patience runs from the first nameless failure since the last progress, so that a long hash pass or
//! a sleeping laptop does not use it up; and nameless failures do not count in the net of answers, for patience bounds
//! them.

use std::collections::BTreeSet;
use std::time::Duration;

use http::Response;
use resumable_core::{Budget, Command, Event, Failure, Lane};
use serde_json::json;

use crate::toy::{Fate, Knob, Rig, Setup, Verdict, says};

fn code(code: &str) -> Fate {
    Fate::Says(says(200, &json!({ "code": code })))
}

fn busy(retry_after: &str) -> Fate {
    let response = Response::builder().status(503).header("retry-after", retry_after);
    Fate::Says(response.body("busy".into()).unwrap())
}

fn exhausted(verdict: &Verdict) -> Budget {
    match verdict {
        Err(failure @ Failure::Exhausted { budget, .. }) if failure.resumable() => *budget,
        other => panic!("{other:?}"),
    }
}

#[test]
fn rule_07_nameless_failures_last_as_long_as_patience() {
    for fate in [|| Fate::LostBefore, || Fate::Says(says(503, &json!(null)))] {
        let mut rig = Rig::<false>::new(95, Setup::default());
        let start = rig.now.mono;
        let verdict = rig.run_with(|kind, _| if kind == "init" { fate() } else { Fate::Fine });
        assert_eq!(exhausted(&verdict), Budget::Patience(Duration::from_secs(600)));
        let lasted = rig.since(start);
        assert!((600..602).contains(&lasted.as_secs()), "{lasted:?}");
        assert!(rig.upload.stats().requests > 10, "it was not idle meanwhile");
    }
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("part");
    let start = rig.now.mono;
    let verdict = rig.run_with(|kind, _| if kind == "part" { Fate::Fails } else { Fate::Fine });
    assert_eq!(exhausted(&verdict), Budget::Patience(Duration::from_secs(600)));
    assert!((600..602).contains(&rig.since(start).as_secs()), "{:?}", rig.since(start));
}

#[test]
fn rule_07_what_no_try_can_send_is_tried_once() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    let start = rig.now.mono;
    rig.run_until("part");
    let sent = rig.upload.stats().requests;
    rig.answer("part", Fate::Impossible);
    assert!(matches!(rig.run(), Err(Failure::Impossible(_))));
    assert!(rig.since(start) < Duration::from_secs(10), "{:?}", rig.since(start));
    assert!(rig.upload.stats().requests <= sent + 1);
    rig.crash();
    rig.run().unwrap();
    rig.assert_stored();
}

#[test]
fn rule_07_progress_renews_patience_and_quiet_time_does_not_use_it_up() {
    let mut setup = Setup::default();
    setup.options.window = 1;
    let mut rig = Rig::<true>::new(200, setup);
    let start = rig.now.mono;
    rig.run_with(|kind, nth| if kind == "part" && nth % 5 != 4 { busy("100") } else { Fate::Fine }).unwrap();
    rig.assert_stored();
    assert!(rig.since(start) > 2 * rig.setup.options.patience, "it took {:?}", rig.since(start));

    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("part");
    rig.pass(Duration::from_secs(100_000));
    rig.answer("part", Fate::Fails);
    rig.run().unwrap();
}

#[test]
fn rule_07_refusals_of_one_call_last_six_attempts() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    let verdict = rig.run_with(|kind, _| if kind == "init" { code("again") } else { Fate::Fine });
    assert_eq!(exhausted(&verdict), Budget::Attempts(6));
    assert_eq!(rig.done["init"], 6);

    // So do steps back that `apply` takes.
    let mut rig = Rig::<false>::new(30, Setup::default());
    let verdict = rig.run_with(|kind, nth| if kind == "finish" && nth < 9 { code("behind") } else { Fate::Fine });
    assert_eq!(exhausted(&verdict), Budget::Attempts(6));
}

#[test]
fn rule_07_progress_renews_the_attempts_and_nothing_else_does() {
    let mut setup = Setup::default();
    setup.options.window = 1;
    let mut rig = Rig::<false>::new(50, setup);
    rig.run_with(|kind, nth| if kind == "part" && nth % 6 != 5 { code("again") } else { Fate::Fine }).unwrap();
    assert_eq!(rig.upload.stats().retries, 25);
}

#[test]
fn rule_07_restarts_are_never_cleared() {
    for kind in ["gone", "lost"] {
        let mut rig = Rig::<false>::new(95, Setup::default());
        let fate = |part: &str, nth: usize| if part == "part" && nth % 5 == 4 { code(kind) } else { Fate::Fine };
        let verdict = rig.run_with(fate);
        assert_eq!(exhausted(&verdict), Budget::Restarts(4), "although every session made progress");
        assert_eq!(rig.upload.stats().restarts, 3);
    }
}

#[test]
fn rule_07_restarts_are_counted_over_crashes_and_renewed_by_an_honest_end() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    for crash in 1u64..=3 {
        rig.run_until("part");
        rig.answer("part", Fate::Fine);
        rig.answer("part", code("gone"));
        rig.run_until("init");
        rig.answer("init", Fate::Fine);
        while rig.waiting_for("part") > 0 {
            rig.answer("part", Fate::Fine);
        }
        while rig.saved_field("restarts") != json!(crash) {
            assert!(rig.poll_until_waiting().is_none());
            rig.answer("save", Fate::Fine);
        }
        rig.crash();
    }
    rig.run_until("part");
    rig.answer("part", code("gone"));
    let verdict = rig.run();
    assert_eq!(exhausted(&verdict), Budget::Restarts(4));
    assert_eq!(rig.saved_field("restarts"), json!(0), "to run it again is a new decision");
    rig.crash();
    rig.run().unwrap();
    rig.assert_stored();
}

#[test]
fn rule_07_a_lost_url_counts_as_a_restart_and_is_an_event_of_its_own() {
    let mut rig = Rig::<true>::new(25, Setup::default());
    rig.run_with(|kind, nth| if kind == "finish" && nth < 2 { code("url") } else { Fate::Fine }).unwrap();
    rig.assert_stored();
    assert_eq!((rig.server.count("init"), rig.upload.stats().restarts), (3, 2));
    let told = |wanted: fn(&Event) -> bool| rig.events.iter().filter(|event| wanted(event)).count();
    assert_eq!(told(|event| matches!(event, Event::UrlLost { why } if why == "url")), 2);
    assert_eq!(told(|event| matches!(event, Event::Restarting { .. })), 0);
}

#[test]
fn rule_07_a_fall_of_what_is_confirmed_counts_as_a_restart() {
    // Every list shows nothing: parts that were acknowledged are gone, session or no session.
    let mut rig = Rig::<false>::new(95, Setup::default());
    let verdict = rig.run_with(|kind, nth| match kind {
        "list" => Fate::Says(says(200, &json!({"code": "ok", "parts": []}))),
        "part" if nth % 7 == 6 => Fate::LostAfter,
        _ => Fate::Fine,
    });
    assert_eq!(exhausted(&verdict), Budget::Restarts(4));
}

#[test]
fn rule_07_the_file_is_hashed_again_once() {
    let mut rig = Rig::<false>::new(95, Setup { hash_first: true, ..Setup::default() });
    let verdict = rig.run_with(|kind, _| if kind == "finish" { code("digest") } else { Fate::Fine });
    assert!(matches!(verdict, Err(Failure::Integrity(_))), "{verdict:?}");
    assert_eq!((rig.done["hash"], rig.upload.stats().rehashes), (2, 1));
    assert_eq!(rig.saved_field("rehashes"), json!(0));
}

#[test]
fn rule_07_the_net_ends_what_a_vendor_forgot() {
    let mut rig = Rig::<false>::new(95, Setup { knob: Knob::ListsForEver, ..Setup::default() });
    let nothing = || Fate::Says(says(200, &json!({"code": "ok", "parts": []})));
    let verdict = rig.run_with(|kind, _| if kind == "list" { nothing() } else { Fate::Fine });
    assert_eq!(exhausted(&verdict), Budget::Answers(64));
    assert_eq!(rig.done["list"], 65);
}

#[test]
fn rule_07_nameless_failures_are_not_counted_in_the_net() {
    let mut setup = Setup::default();
    setup.options.answers = 5;
    let mut rig = Rig::<false>::new(15, setup);
    rig.run_with(|kind, nth| if kind == "init" && nth < 9 { busy("1") } else { Fate::Fine }).unwrap();
}

#[test]
fn rule_07_an_outage_is_met_by_no_more_calls_than_the_window_has_places() {
    let mut setup = Setup::default();
    setup.options.patience = Duration::from_secs(60);
    let mut rig = Rig::<false>::new(4000, setup);
    rig.run_with(|kind, _| if kind == "part" { Fate::Fails } else { Fate::Fine }).unwrap_err();
    let parts = rig.events.iter().filter_map(|event| match event {
        Event::Retrying { call: "part", bytes: Some(bytes), .. } => Some(bytes.start),
        _ => None,
    });
    assert_eq!(parts.collect::<BTreeSet<_>>().len(), 4);
}

#[test]
fn rule_07_a_retry_tells_how_many_there_were_and_when_the_upload_gives_up() {
    let told = |rig: &Rig<false>| {
        let told = rig.events.iter().filter_map(|event| match event {
            Event::Retrying { call, bytes, after, tries, gives_up, .. } => {
                Some((*call, bytes.clone(), *after, *tries, *gives_up))
            }
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    let mut setup = Setup::default();
    setup.options.patience = Duration::from_secs(60);
    let mut rig = Rig::<false>::new(4000, setup);
    rig.run_with(|kind, _| if kind == "part" { Fate::Fails } else { Fate::Fine }).unwrap_err();
    let outage = told(&rig);
    assert!(outage.len() > 10, "{outage:?}");
    assert_eq!(outage[0].4, Some(Duration::from_secs(60)));
    for ((call, bytes, after, tries, gives_up), number) in outage.iter().zip(1..) {
        assert!(*call == "part" && bytes.as_ref().is_some_and(|bytes| !bytes.is_empty()), "{bytes:?}");
        assert!(*tries == number && after <= &gives_up.unwrap(), "{tries} {after:?} {gives_up:?}");
    }
    assert!(outage.windows(2).all(|two| two[0].4 >= two[1].4), "{outage:?}");

    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_with(|kind, nth| if kind == "init" && nth < 2 { code("again") } else { Fate::Fine }).unwrap();
    let refused: Vec<_> =
        told(&rig).into_iter().map(|(call, bytes, _, tries, gives_up)| (call, bytes, tries, gives_up)).collect();
    assert_eq!(refused, [("init", None, 1, None), ("init", None, 2, None)]);
}

#[test]
fn rule_07_retry_after_is_kept_to_in_seconds_and_as_a_date() {
    for (retry_after, least) in [("100", 100), ("Fri, 15 Jan 2027 08:03:20 GMT", 199)] {
        let mut rig = Rig::<false>::new(5, Setup::default());
        let start = rig.now.mono;
        rig.run_with(|kind, nth| if kind == "init" && nth == 0 { busy(retry_after) } else { Fate::Fine }).unwrap();
        assert!((least..least + 3).contains(&rig.since(start).as_secs()), "{retry_after}");
    }
}

#[test]
fn rule_07_a_retry_after_beyond_patience_ends_at_once() {
    for retry_after in ["601", "18446744073709551615", "Fri, 15 Jan 2038 08:00:00 GMT"] {
        for code in [503, 429, 400] {
            let mut rig = Rig::<false>::new(5, Setup::default());
            let start = rig.now.mono;
            let mut response = says(code, &json!({"code": "again"}));
            response.headers_mut().insert("retry-after", retry_after.parse().unwrap());
            let verdict = rig.run_with(|kind, nth| match (kind, nth) {
                ("init", 0) => Fate::Says(response.clone()),
                _ => Fate::Fine,
            });
            let Budget::Wait { asked, patience } = exhausted(&verdict) else { panic!("{code} {retry_after}") };
            assert!(asked > patience && patience == Duration::from_secs(600), "{code} {retry_after}: {asked:?}");
            assert!(rig.since(start) < Duration::from_secs(3));
        }
    }
}

#[test]
fn rule_07_throttling_holds_the_lane() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("part");
    let start = rig.now.mono;
    rig.answer("part", Fate::Says(says(429, &json!(null))));
    for _ in 0..3 {
        rig.answer("part", Fate::Fine);
    }
    assert!(rig.poll_until_waiting().is_none());
    while rig.waiting_for("save") > 0 {
        rig.answer("save", Fate::Fine);
        assert!(rig.poll_until_waiting().is_none());
    }
    assert_eq!(rig.waiting_for("part"), 0, "no other part leaves either");
    rig.run_until("part");
    assert!(rig.since(start) >= Duration::from_secs(20));
    rig.run().unwrap();
    rig.assert_stored();
}

#[test]
fn rule_07_who_aborts_leaves_the_vendor_alone_for_as_long_as_it_asked() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("finish");
    let start = rig.now.mono;
    rig.answer("finish", busy("100"));
    assert!(rig.poll_until_waiting().is_none());
    rig.upload.handle(Command::Abort);
    rig.run().unwrap_err();
    assert!((100..103).contains(&rig.since(start).as_secs()), "{:?}", rig.since(start));
}

#[test]
fn rule_07_throttling_without_progress_doubles_and_progress_begins_anew() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    let verdict = rig.run_with(|kind, nth| match (kind, nth) {
        ("part", 0 | 5) | ("init", 0..4) => Fate::Says(says(429, &json!(null))),
        _ => Fate::Fine,
    });
    verdict.unwrap();
    rig.assert_stored();
    let pauses = rig.events.iter().filter_map(|event| match event {
        Event::Retrying { after, .. } => Some(after.as_secs()),
        _ => None,
    });
    assert_eq!(pauses.collect::<Vec<_>>(), [20, 40, 70, 70, 20, 20], "init four times, then two parts far apart");
}

#[test]
fn rule_07_throttling_that_is_longer_than_the_rest_of_patience_ends_the_upload() {
    let mut setup = Setup::default();
    setup.options.patience = Duration::from_secs(100);
    let mut rig = Rig::<false>::new(95, setup);
    let start = rig.now.mono;
    let verdict = rig.run_with(|kind, _| if kind == "init" { Fate::Says(says(429, &json!(null))) } else { Fate::Fine });
    let (asked, patience) = (Duration::from_secs(70), Duration::from_secs(100));
    assert_eq!(exhausted(&verdict), Budget::Wait { asked, patience });
    assert!((60..62).contains(&rig.since(start).as_secs()), "20 and 40 s were waited for, 70 more were not");
}

#[test]
fn rule_07_a_lane_that_the_host_limits_is_asked_for_before_every_call() {
    let mut setup = Setup::default();
    setup.options.gated = vec![Lane::Data];
    let mut rig = Rig::<false>::new(45, setup);
    rig.run_with(|kind, nth| if kind == "slot" && nth == 1 { Fate::Fails } else { Fate::Fine }).unwrap();
    rig.assert_stored();
    assert_eq!(rig.done["slot"], 6, "five parts, and one refusal");
    let retrying = rig.events.iter().filter(|event| matches!(event, Event::Retrying { .. })).count();
    assert_eq!(retrying, 0);
}
