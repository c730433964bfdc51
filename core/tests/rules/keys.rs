//! Rule 6: credentials, and the clock that signatures carry.

use std::time::Duration;

use resumable_core::{Action, AuthReason, Event, Failure, Input};
use serde_json::json;

use crate::toy::{Fate, Key, Knob, Rig, Setup, says};

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
    rig.upload.handle(Input::Credential(ticket, Ok(refused.unwrap())));
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
        ("Sun, 15 Jan 2034 08:00:00 GMT", None, "wrong by 255"),
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
    assert!(words(HOST, HOST + 100 * 86_400).contains("one of two clocks is wrong by 100 days"));
}
