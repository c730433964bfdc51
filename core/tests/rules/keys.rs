//! Rule 6: credentials, and the clock that signatures carry.

use std::time::Duration;

use resumable_core::{Action, AuthReason, Event, Failure, Input, Lease};
use serde_json::json;

use crate::toy::{Fate, Key, Knob, Rig, Setup, kind_of, says};

fn refused() -> Fate {
    Fate::Says(says(403, &json!({"code": "key"})))
}

fn untimely(date: &str) -> Fate {
    untimely_with(date, &json!({"code": "time"}))
}

fn untimely_with(date: &str, body: &serde_json::Value) -> Fate {
    let mut response = says(403, body);
    response.headers_mut().insert("date", date.parse().unwrap());
    Fate::Says(response)
}

#[test]
fn rule_06_without_a_key_the_first_thing_is_to_ask_for_one() {
    let mut rig = Rig::<false>::new(35, Setup { key: None, ..Setup::default() });
    assert!(rig.poll_until_waiting().is_none());
    assert!(matches!(&rig.pending[..], [Action::Authorize { reason: AuthReason::Missing, refused: None, .. }]));
    rig.run().unwrap();
    rig.assert_stored();
}

#[test]
fn rule_06_a_refused_key_is_a_barrier_asked_for_once_and_costs_no_retry() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("part");
    rig.server.key = Some("canary-1".to_owned());
    assert_eq!(rig.waiting_for("part"), 4);
    rig.answer("part", Fate::Fine);
    rig.run_until("authorize");
    // Three requests that the old key signed are still on their way: their refusals ask for nothing.
    for _ in 0..3 {
        rig.answer("part", Fate::Fine);
        assert!(rig.poll_until_waiting().is_none());
        assert_eq!((rig.waiting_for("authorize"), rig.server.count("part")), (1, 4 - rig.waiting_for("part")));
    }
    rig.run().unwrap();
    rig.assert_stored();
    assert_eq!((rig.keys_given, rig.upload.stats().retries), (1, 0));
}

#[test]
fn rule_06_a_late_refusal_of_an_older_key_only_plans_again() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("part");
    rig.answer("part", refused());
    rig.run_until("authorize");
    rig.answer("authorize", Fate::Fine);
    for _ in 0..3 {
        rig.answer("part", refused());
    }
    rig.run().unwrap();
    rig.assert_stored();
    assert_eq!((rig.keys_given, rig.upload.stats().retries), (1, 0));
    assert_eq!(rig.events.iter().filter(|event| matches!(event, Event::Reauthorizing { .. })).count(), 1);
}

#[test]
fn rule_06_one_key_that_expires_under_a_full_window_costs_no_retry() {
    let mut setup = Setup::default();
    setup.options.window = 128;
    let mut rig = Rig::<false>::new(4000, setup);
    rig.run_until("part");
    while rig.waiting_for("part") > 0 {
        rig.answer("part", refused());
    }
    rig.run().unwrap();
    rig.assert_stored();
    assert_eq!((rig.keys_given, rig.upload.stats().retries), (1, 0));
}

#[test]
fn rule_06_the_same_key_again_is_a_failure() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("init");
    rig.answer("init", refused());
    rig.run_until("authorize");
    let Action::Authorize { ticket, reason, refused } = rig.pending.remove(0) else { panic!("no authorize") };
    assert_eq!((reason, &refused), (AuthReason::Refused, &Some(Key("canary-0".to_owned()))));
    rig.upload.handle(Input::Credential(ticket, Ok(refused.unwrap().into())));
    let verdict = rig.run();
    assert!(matches!(verdict, Err(Failure::Credential(_))), "{verdict:?}");
    rig.server.key = None;
    rig.crash();
    rig.run().unwrap();
    rig.assert_stored();
}

#[test]
fn rule_06_a_host_without_a_key_ends_the_upload_so_that_it_can_be_resumed() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.server.key = Some("another".to_owned());
    let verdict = rig.run_with(|kind, _| if kind == "authorize" { Fate::Fails } else { Fate::Fine });
    assert!(matches!(&verdict, Err(failure @ Failure::Authorize(_)) if failure.resumable()), "{verdict:?}");
}

#[test]
fn rule_06_keys_that_are_all_refused_end_under_the_net() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.server.key = Some("none of them".to_owned());
    let verdict = rig.run();
    assert!(matches!(verdict, Err(Failure::Exhausted { .. })), "{verdict:?}");
    let knob = Knob::AuthorizesForEver;
    let verdict = Rig::<false>::new(95, Setup { knob, ..Setup::default() }).run();
    assert!(matches!(verdict, Err(Failure::Exhausted { .. })), "{verdict:?}");
}

#[test]
fn rule_06_the_clock_is_corrected_by_a_gmt_date_alone() {
    let mut rig = Rig::<false>::new(35, Setup::default());
    // Two hours after the host's 2027-01-15 08:00:00.
    let date = "Fri, 15 Jan 2027 10:00:00 GMT";
    rig.run_with(|kind, nth| if kind == "init" && nth == 0 { untimely(date) } else { Fate::Fine }).unwrap();
    let times: Vec<u64> = rig.server.headers("init", "x-time").iter().map(|time| time.parse().unwrap()).collect();
    assert_eq!(
        times.iter().map(|time| time / 1000).collect::<Vec<_>>(),
        [1_800_007_200],
        "the request is dated by the vendor's clock"
    );
    assert!(rig.events.contains(&Event::ClockCorrected { behind: 7199 }));
    assert_eq!(rig.upload.stats().retries, 0);

    // Beijing time without a word of it: not believed, and the second refusal is one of the key.
    let mut rig = Rig::<false>::new(35, Setup::default());
    let verdict =
        rig.run_with(|kind, _| if kind == "init" { untimely("Fri Jan 15 16:00:00 2027") } else { Fate::Fine });
    assert!(matches!(verdict, Err(Failure::Credential(_))), "{verdict:?}");
    assert!(!rig.events.iter().any(|event| matches!(event, Event::ClockCorrected { .. })));
}

#[test]
fn rule_06_requests_dated_before_a_correction_are_only_planned_again() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("part");
    assert_eq!(rig.waiting_for("part"), 4);
    for _ in 0..4 {
        rig.answer("part", untimely("Fri, 15 Jan 2027 10:00:00 GMT"));
    }
    rig.run().unwrap();
    rig.assert_stored();
    assert_eq!(rig.upload.stats().retries, 0);
}

/// The host's clock says 2027-01-15 08:00:00.
const HOST: u64 = 1_800_000_000;

#[test]
fn field_bug_66_the_vendors_own_time_is_believed_before_a_useless_date() {
    // Both dates have been seen; the body is an hour ahead of the host.
    for date in ["Thu, 01 Jan 1970 12:52:37 GMT", "Fri, 15 Jan 2027 05:00:00 GMT", "soon"] {
        let mut rig = Rig::<false>::new(35, Setup::default());
        let refused = json!({"code": "time", "server_time": HOST + 3600});
        let fate = || untimely_with(date, &refused);
        rig.run_with(|kind, nth| if kind == "init" && nth == 0 { fate() } else { Fate::Fine }).unwrap();
        assert!(rig.events.contains(&Event::ClockCorrected { behind: 3599 }), "{date}: {:?}", rig.events);
    }
    // A body whose time is useless leaves the date.
    let mut rig = Rig::<false>::new(35, Setup::default());
    let fate = || untimely_with("Fri, 15 Jan 2027 09:00:00 GMT", &json!({"code": "time", "server_time": 0}));
    rig.run_with(|kind, nth| if kind == "init" && nth == 0 { fate() } else { Fate::Fine }).unwrap();
    assert!(rig.events.contains(&Event::ClockCorrected { behind: 3599 }), "{:?}", rig.events);
}

#[test]
fn field_bug_94_a_time_that_is_far_off_is_told_and_no_request_is_dated_by_it() {
    let far = [
        ("Thu, 01 Jan 1970 12:52:37 GMT", None, "cannot be right"),
        ("Sun, 15 Jan 2034 08:00:00 GMT", None, "wrong by 2,55"),
        ("Fri, 15 Jan 2027 08:00:00 GMT", Some(HOST + 32 * 86_400), ""),
        ("soon", Some(HOST + 32 * 86_400), "wrong by 3"),
        ("soon", Some(u64::MAX), "31 Dec 9999"),
    ];
    for (date, server_time, says) in far {
        let mut rig = Rig::<false>::new(35, Setup::default());
        let fate = || untimely_with(date, &json!({"code": "time", "server_time": server_time}));
        let failure = rig.run_with(|kind, _| if kind == "init" { fate() } else { Fate::Fine }).unwrap_err();
        let text = failure.to_string();
        // Where the date is as the host's, the clock is right, and it is the key or the vendor.
        assert_eq!(matches!(failure, Failure::Clock { .. }), !says.is_empty(), "{text}");
        assert!(text.contains(says) && failure.resumable(), "{text}");
        assert!(!rig.events.iter().any(|event| matches!(event, Event::ClockCorrected { .. })), "{date}");
        assert_eq!(rig.server.count("part"), 0);
    }
    // A month is not far.
    for days in [-31_i64, 31] {
        let mut rig = Rig::<false>::new(35, Setup::default());
        let time = HOST.checked_add_signed(days * 86_400).unwrap();
        let fate = || untimely_with("soon", &json!({"code": "time", "server_time": time + u64::from(days < 0)}));
        rig.run_with(|kind, nth| if kind == "init" && nth == 0 { fate() } else { Fate::Fine }).unwrap();
        assert!(rig.events.iter().any(|event| matches!(event, Event::ClockCorrected { .. })), "{days}");
    }
}

#[test]
fn field_bug_94_whose_clock_seems_wrong_is_said() {
    let words = |ours, theirs| {
        let fault = "late".to_owned();
        Failure::Clock { ours: Duration::from_secs(ours), theirs: Duration::from_secs(theirs), fault }.to_string()
    };
    let text = words(1_000, HOST);
    assert!(text.contains("this machine's clock seems never to have been set"), "{text}");
    assert!(text.contains("Thu, 01 Jan 1970 00:16:40 GMT") && text.ends_with(": late"), "{text}");
    assert!(words(HOST, 1_000).contains("something on the way may have written it"));
    assert!(words(HOST, HOST + 100 * 86_400).contains("one of the two clocks is wrong by 100 days"));
}

fn key(name: &str) -> Key {
    Key(name.to_owned())
}

/// Parts are on their way, signed with a key that is good for a thousand seconds more.
fn with_an_end<const JOURNAL: bool>() -> Rig<JOURNAL> {
    let mut rig = Rig::<JOURNAL>::new(395, Setup { key: None, ..Setup::default() });
    rig.run_until("authorize");
    give(&mut rig, "canary-short", Some(1000));
    rig.run_until("part");
    rig
}

/// Answers the question for a key with this one, which is good for so many seconds.
fn give<const JOURNAL: bool>(rig: &mut Rig<JOURNAL>, name: &str, seconds: Option<u64>) {
    let at = rig.pending.iter().position(|action| matches!(action, Action::Authorize { .. })).unwrap();
    let Action::Authorize { ticket, .. } = rig.pending.remove(at) else { unreachable!() };
    let expires = seconds.map(|seconds| rig.now.mono + Duration::from_secs(seconds));
    rig.upload.handle(Input::Credential(ticket, Ok(Lease { credential: key(name), expires })));
    assert!(rig.poll_until_waiting().is_none());
}

/// Why a key is asked for, and in place of which.
fn asked<const JOURNAL: bool>(rig: &Rig<JOURNAL>) -> Option<(AuthReason, Option<Key>)> {
    rig.pending.iter().find_map(|action| match action {
        Action::Authorize { reason, refused, .. } => Some((*reason, refused.clone())),
        _ => None,
    })
}

fn signed_with<const JOURNAL: bool>(rig: &Rig<JOURNAL>) -> Vec<String> {
    let mut keys = rig.server.headers("part", "authorization");
    keys.dedup();
    keys
}

#[test]
fn rule_06_a_key_that_comes_unasked_signs_the_next_request() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("part");
    rig.upload.handle(Lease::from(key("canary-new")));
    rig.server.key = Some("canary-new".to_owned());
    // What the older one signed is refused, and only planned again.
    rig.run().unwrap();
    rig.assert_stored();
    assert_eq!((rig.keys_given, rig.upload.stats().retries), (0, 0));
    assert_eq!(rig.server.headers("finish", "authorization"), ["canary-new"]);
    assert!(!rig.events.iter().any(|event| matches!(event, Event::Reauthorizing { .. })));
}

#[test]
fn rule_06_a_key_that_comes_unasked_answers_the_question_for_one() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("part");
    rig.answer("part", refused());
    rig.run_until("authorize");
    rig.put_aside("authorize");
    // The refused one is of no use.
    rig.upload.handle(Lease::from(key("canary-0")));
    let before = rig.server.count("part");
    while rig.waiting_for("part") > 0 {
        rig.answer("part", Fate::Fine);
        assert!(rig.poll_until_waiting().is_none());
    }
    assert_eq!(rig.server.count("part"), before + 3, "nothing more leaves");
    let Some(Action::Authorize { ticket, .. }) = rig.stuck.pop() else { panic!("no authorize") };
    rig.upload.handle(Lease::from(key("canary-new")));
    assert!(rig.poll_until_waiting().is_none());
    assert!(rig.waiting_for("part") > 0);
    // The answer that comes now is older.
    rig.upload.handle(Input::Credential(ticket, Ok(key("canary-old").into())));
    rig.run().unwrap();
    assert_eq!(rig.server.headers("finish", "authorization"), ["canary-new"]);
}

#[test]
fn rule_06_a_key_whose_end_is_known_is_replaced_ahead_of_it_while_parts_go_on() {
    let mut rig = with_an_end::<false>();
    rig.put_aside("part");
    let ask = rig.until.unwrap();
    let left = (rig.now.mono + Duration::from_secs(1000)).saturating_sub(ask);
    assert!((240..260).contains(&left.as_secs()), "asked for in the last quarter: {left:?} before the end");
    rig.sleep();
    assert!(rig.poll_until_waiting().is_none());
    assert_eq!(asked(&rig), Some((AuthReason::Expiring, None)));
    rig.take_up_again();
    for _ in 0..8 {
        rig.answer("part", Fate::Fine);
        assert!(rig.poll_until_waiting().is_none());
    }
    assert_eq!(rig.waiting_for("part"), 4, "the old one is still good");
    give(&mut rig, "canary-long", Some(100_000));
    rig.run().unwrap();
    rig.assert_stored();
    assert_eq!(signed_with(&rig), ["canary-short", "canary-long"]);
    assert_eq!(rig.upload.stats().retries, 0);
}

#[test]
fn rule_06_nothing_is_signed_with_a_key_that_is_known_to_be_dead() {
    for asked_before in [true, false] {
        let mut rig = with_an_end::<true>();
        if asked_before {
            rig.pass(Duration::from_secs(900));
            assert!(rig.poll_until_waiting().is_none());
            rig.put_aside("authorize");
        }
        rig.pass(Duration::from_secs(1000));
        let before = rig.server.count("part");
        while rig.waiting_for("part") + rig.waiting_for("save") > 0 {
            let kind = if rig.waiting_for("save") > 0 { "save" } else { "part" };
            rig.answer(kind, Fate::Fine);
            assert!(rig.poll_until_waiting().is_none());
        }
        assert_eq!(rig.server.count("part"), before + 4, "what had left, and no more");
        assert_eq!(rig.saved_field("confirmed"), json!(40), "what came is saved");
        rig.take_up_again();
        assert_eq!(asked(&rig), Some((AuthReason::Expiring, None)));
        rig.run().unwrap();
        rig.assert_stored();
    }
}

#[test]
fn rule_06_a_host_that_has_no_other_key_yet_is_asked_again_until_the_end() {
    let mut rig = with_an_end::<false>();
    rig.put_aside("part");
    let mut times = 0;
    let verdict = loop {
        if let Some(verdict) = rig.poll_until_waiting() {
            break verdict;
        }
        if rig.waiting_for("authorize") > 0 {
            times += 1;
            rig.answer("authorize", Fate::Fails);
        } else if rig.pending.is_empty() {
            rig.sleep();
        } else {
            let kind = kind_of(&rig.pending[0]);
            rig.answer(kind, Fate::Fine);
        }
    };
    assert!(matches!(verdict, Err(Failure::Authorize(_))), "{verdict:?}");
    assert!((3..9).contains(&times), "{times}");
}

#[test]
fn rule_06_a_key_that_is_dead_when_it_comes_is_none() {
    let mut rig = Rig::<false>::new(95, Setup { key: None, ..Setup::default() });
    rig.run_until("authorize");
    give(&mut rig, "canary-old", Some(0));
    assert_eq!(asked(&rig), Some((AuthReason::Missing, None)), "the machine may have slept meanwhile");
    let Action::Authorize { ticket, .. } = rig.pending.remove(0) else { panic!("no authorize") };
    rig.upload.handle(Input::Credential(ticket, Ok(Lease::until(key("canary-old"), rig.now.mono))));
    let verdict = rig.run();
    assert!(matches!(&verdict, Err(failure @ Failure::Authorize(_)) if failure.resumable()), "{verdict:?}");
    assert_eq!(rig.server.count("init"), 0);
}

#[test]
fn rule_06_a_refusal_while_a_key_is_asked_for_ahead_asks_for_none_besides() {
    let mut rig = with_an_end::<false>();
    rig.pass(Duration::from_secs(900));
    assert!(rig.poll_until_waiting().is_none());
    rig.answer("part", refused());
    assert!(rig.poll_until_waiting().is_none());
    rig.answer("part", Fate::Fine);
    assert!(rig.poll_until_waiting().is_none());
    assert_eq!((rig.waiting_for("authorize"), rig.waiting_for("part")), (1, 2), "a barrier, and one question");
    // The host was asked before the refusal: the same one is no failure yet.
    give(&mut rig, "canary-short", None);
    assert_eq!(asked(&rig), Some((AuthReason::Refused, Some(key("canary-short")))));
    give(&mut rig, "canary-other", None);
    rig.run().unwrap();
    rig.assert_stored();
    assert_eq!(rig.upload.stats().retries, 0);
}
