//! Rule 6: credentials, and the clock that signatures carry.

use resumable_core::{Action, AuthReason, Event, Failure};
use serde_json::json;

use crate::toy::{Fate, Key, Knob, Rig, Setup, says};

fn refused() -> Fate {
    Fate::Says(says(403, &json!({"code": "key"})))
}

fn untimely(date: &str) -> Fate {
    let mut response = says(403, &json!({"code": "time"}));
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
    rig.upload.handle_credential(ticket, Ok(refused.unwrap()));
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
