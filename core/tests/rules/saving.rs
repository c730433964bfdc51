//! Rule 8: saved before it matters.

use std::time::Duration;

use resumable_core::{Command, Failure};
use serde_json::{Value, json};

use crate::toy::{Call, Fate, Knob, Rig, Setup, kind_of, text_of};

fn setups() -> impl Iterator<Item = Setup> {
    let plain = |window| {
        let mut setup = Setup::default();
        setup.options.window = window;
        setup
    };
    [1, 3].into_iter().map(plain).flat_map(|setup| {
        let hash_first = Setup { hash_first: true, ..setup.clone() };
        let one_request = Setup { one_request: true, ..setup.clone() };
        [setup, hash_first, one_request]
    })
}

fn crash_everywhere<const JOURNAL: bool>(setup: &Setup) {
    let mut whole = Rig::<JOURNAL>::new(65, setup.clone());
    whole.run().unwrap();
    let window = setup.options.window as u64;
    for at in 1..=whole.total_done {
        for after in [false, true] {
            let mut rig = Rig::<JOURNAL>::new(65, setup.clone());
            rig.dies_at = Some((at, after));
            let verdict = rig.run();
            assert!(verdict.is_ok(), "crash {at} {after}: {verdict:?}");
            rig.assert_stored();
            let again = if setup.one_request { 65 } else { window * 10 };
            assert!(rig.server.received <= 65 + again, "crash {at} {after}: {} bytes sent", rig.server.received);
            assert!(rig.server.finished.len() <= 1, "one object, in one piece");
        }
    }
}

#[test]
fn rule_08_a_crash_before_or_after_any_effect_loses_nothing() {
    for setup in setups() {
        crash_everywhere::<false>(&setup);
        crash_everywhere::<true>(&setup);
    }
}

fn seal_in_doubt<const JOURNAL: bool>(one_request: bool) {
    let mut rig = Rig::<JOURNAL>::new(25, Setup { one_request, ..Setup::default() });
    let (seal, call) = if one_request { ("put", Call::Put) } else { ("finish", Call::Finish) };
    rig.run_until(seal);
    assert_eq!(rig.saved_field("in_doubt"), json!(call), "saved before it leaves");
    rig.answer(seal, Fate::Never);
    rig.crash();
    rig.run().unwrap();
    assert_eq!(rig.all_unsure(), [call]);
    rig.assert_stored();
    assert_eq!(rig.server.finished.len() + usize::from(one_request), 1);
    assert_eq!(rig.server.count("init") + usize::from(one_request), 1);
}

#[test]
fn rule_08_a_crash_while_a_seal_is_on_its_way_is_a_lost_reply() {
    for one_request in [false, true] {
        seal_in_doubt::<false>(one_request);
        seal_in_doubt::<true>(one_request);
    }
}

#[test]
fn rule_08_a_crash_between_two_saves_that_are_far_apart_loses_nothing() {
    for mut setup in setups() {
        setup.options.save_every = Duration::from_secs(1);
        crash_everywhere::<false>(&setup);
        crash_everywhere::<true>(&setup);
    }
}

/// Saves made while 40 parts are acknowledged, so long after each other.
fn saves_of_parts<const JOURNAL: bool>(apart: Duration) -> usize {
    let mut setup = Setup::default();
    setup.options.save_every = Duration::from_secs(1);
    let mut rig = Rig::<JOURNAL>::new(400, setup);
    rig.run_until("part");
    let before = rig.done["save"];
    while rig.waiting_for("part") > 0 {
        rig.pass(apart);
        rig.answer("part", Fate::Fine);
        assert!(rig.poll_until_waiting().is_none());
        while rig.waiting_for("save") > 0 {
            rig.answer("save", Fate::Fine);
            assert!(rig.poll_until_waiting().is_none());
        }
    }
    assert_eq!(rig.done["part"], 40);
    rig.done["save"] - before
}

#[test]
fn rule_08_parts_alone_are_saved_now_and_then_where_the_vendor_can_be_asked() {
    assert!(saves_of_parts::<false>(Duration::from_millis(10)) <= 1);
    let often = saves_of_parts::<false>(Duration::from_millis(250));
    assert!((8..=10).contains(&often), "{often}");
    assert_eq!(saves_of_parts::<false>(Duration::from_secs(1)), 40);
    assert!(saves_of_parts::<true>(Duration::from_millis(10)) >= 36, "a journal saves each part");
}

#[test]
fn rule_08_digests_alone_are_saved_at_once_unless_they_are_soon_taken_again() {
    for (len, saves) in [(25, 1), (4 << 20, 1), ((4 << 20) + 1, 2)] {
        let mut setup = Setup { one_request: true, hash_first: true, ..Setup::default() };
        setup.options.save_every = Duration::from_secs(1);
        let mut rig = Rig::<false>::new(len, setup);
        rig.run_until("put");
        assert_eq!((rig.done["hash"], rig.done["save"]), (1, saves), "{len} bytes");
        rig.crash();
        rig.run().unwrap();
        rig.assert_stored();
    }
}

#[test]
fn rule_08_a_save_that_was_put_off_is_made_in_its_time() {
    let mut setup = Setup::default();
    setup.options.save_every = Duration::from_secs(1);
    let mut rig = Rig::<false>::new(400, setup);
    rig.run_until("part");
    rig.answer("part", Fate::Fine);
    rig.upload.handle(Command::Pause);
    assert!(rig.poll_until_waiting().is_none());
    let until = rig.until.unwrap();
    assert!(rig.waiting_for("save") == 0 && until <= rig.now.mono + Duration::from_secs(1), "{until:?}");
    rig.sleep();
    assert!(rig.poll_until_waiting().is_none());
    assert_eq!(rig.waiting_for("save"), 1);
}

#[test]
fn rule_08_what_is_in_doubt_stays_so_until_it_was_heard() {
    let mut rig = Rig::<true>::new(25, Setup::default());
    rig.run_until("finish");
    rig.answer("finish", Fate::Never);
    rig.setup.key = None;
    for _ in 0..2 {
        // No key yet: `apply` heard nothing, and neither stop nor crash may forget the question.
        rig.crash();
        rig.run_until("authorize");
        rig.upload.handle(Command::Stop);
        let verdict = rig.run();
        assert!(matches!(verdict, Err(Failure::Stopped)), "{verdict:?}");
        assert_eq!(rig.saved_field("in_doubt"), json!("Finish"));
    }
    rig.crash();
    rig.run().unwrap();
    assert_eq!(rig.all_unsure(), [Call::Finish]);
    assert_eq!((rig.saved_field("in_doubt"), rig.server.count("init")), (json!(null), 1));
}

#[test]
fn rule_08_no_save_is_open_when_it_has_finished() {
    for fate in [Fate::Fine, Fate::Fails, Fate::Forgotten] {
        let mut rig = Rig::<true>::new(25, Setup::default());
        rig.run_until("finish");
        rig.answer("finish", Fate::Fine);
        assert!(rig.poll_until_waiting().is_none(), "the host would delete what is about to be written");
        assert_eq!(rig.waiting_for("save"), 1);
        rig.answer("save", fate);
        rig.poll_until_waiting().unwrap().unwrap();
    }
}

#[test]
fn rule_08_a_seal_that_never_left_is_not_in_doubt() {
    for stage in ["check", "save"] {
        let mut rig = Rig::<true>::new(25, Setup::default());
        rig.run_until("check");
        if stage == "save" {
            rig.answer("check", Fate::Fine);
            rig.run_until("save");
        }
        rig.upload.handle(Command::Stop);
        let verdict = rig.run();
        assert!(matches!(verdict, Err(Failure::Stopped)), "{verdict:?}");
        assert_eq!(rig.saved_field("in_doubt"), json!(null), "{stage}");
    }
}

#[test]
fn rule_08_the_session_is_durable_before_the_first_byte_leaves() {
    let mut setup = Setup::default();
    setup.options.window = 1;
    let mut rig = Rig::<true>::new(25, setup);
    rig.run_until("init");
    rig.answer("init", Fate::Fine);
    assert!(rig.poll_until_waiting().is_none());
    assert_eq!((rig.waiting_for("part"), rig.waiting_for("save")), (0, 1));
    rig.run_until("part");
    assert_eq!(rig.saved_field("session")["phase"]["Open"]["id"], json!(1));
    // A new session opens a new epoch.
    rig.answer("part", Fate::Says(crate::toy::says(200, &json!({"code": "gone"}))));
    rig.run_until("init");
    rig.answer("init", Fate::Fine);
    rig.run_until("part");
    assert_eq!(rig.saved_field("session")["phase"]["Open"]["id"], json!(2));
}

#[test]
fn rule_08_a_save_that_is_not_answered_holds_back_the_first_byte_and_the_seal() {
    let mut rig = Rig::<false>::new(5, Setup::default());
    rig.run_until("init");
    while rig.waiting_for("save") > 0 {
        rig.answer("save", Fate::Fine);
        assert!(rig.poll_until_waiting().is_none());
    }
    rig.answer("init", Fate::Fine);
    assert!(rig.poll_until_waiting().is_none());
    assert_eq!((rig.waiting_for("save"), rig.pending.len()), (1, 1), "the part waits");
    rig.run_until("part");
    rig.answer("part", Fate::Fine);
    rig.run_until("check");
    rig.put_aside("save");
    rig.answer("check", Fate::Fine);
    assert!(rig.poll_until_waiting().is_none());
    assert_eq!(rig.pending.len(), 0, "the seal waits for the save that is open, and for one of its own");
    rig.take_up_again();
    rig.answer("save", Fate::Fine);
    assert!(rig.poll_until_waiting().is_none());
    assert_eq!((rig.waiting_for("save"), rig.waiting_for("finish")), (1, 0));
    rig.run().unwrap();
}

fn parts_behind_an_open_save<const JOURNAL: bool>() -> usize {
    let mut rig = Rig::<JOURNAL>::new(400, Setup::default());
    rig.run_until("part");
    rig.answer("part", Fate::Fine);
    rig.run_until("save");
    rig.put_aside("save");
    while rig.waiting_for("part") > 0 && rig.done["part"] < 30 {
        rig.answer("part", Fate::Fine);
        assert!(rig.poll_until_waiting().is_none());
    }
    rig.done["part"]
}

#[test]
fn rule_08_a_journal_keeps_an_acknowledged_part_in_the_window_until_it_is_durable() {
    assert_eq!(parts_behind_an_open_save::<true>(), 4);
    assert!(parts_behind_an_open_save::<false>() > 20, "a vendor that lists needs no such care");
}

#[test]
fn rule_08_what_arrived_behind_a_gap_keeps_its_place_until_it_is_durable() {
    let mut rig = Rig::<true>::new(400, Setup { counts_to_the_gap: true, ..Setup::default() });
    rig.run_until("part");
    let first = rig.pending.iter().position(|action| kind_of(action) == "part").unwrap();
    let first = rig.pending.remove(first);
    rig.stuck.push(first);
    rig.answer("part", Fate::Fine);
    rig.run_until("save");
    rig.put_aside("save");
    while rig.waiting_for("part") > 0 && rig.done["part"] < 30 {
        rig.answer("part", Fate::Fine);
        assert!(rig.poll_until_waiting().is_none());
    }
    assert_eq!(rig.done["part"] + 1, rig.setup.options.window, "with the one that is missing");
}

fn store_fails_at<const JOURNAL: bool>(nth: usize) -> bool {
    let mut rig = Rig::<JOURNAL>::new(65, Setup { hash_first: true, ..Setup::default() });
    let verdict = rig.run_with(|kind, met| if kind == "save" && met == nth { Fate::Fails } else { Fate::Fine });
    if verdict.is_ok() {
        rig.assert_stored();
        return false;
    }
    assert!(matches!(&verdict, Err(failure @ Failure::Store(_)) if failure.resumable()), "{verdict:?}");
    rig.crash();
    rig.run().unwrap();
    rig.assert_stored();
    true
}

#[test]
fn rule_08_a_store_that_fails_at_any_save_ends_the_upload_honestly() {
    let failures = (0..40).filter(|nth| store_fails_at::<false>(*nth)).count();
    assert!(failures > 5, "{failures}");
    let failures = (0..40).filter(|nth| store_fails_at::<true>(*nth)).count();
    assert!(failures > 5, "{failures}");
}

#[test]
fn rule_08_every_unfinished_end_is_saved_first() {
    let ends: [fn(&mut Rig<false>); 3] = [
        |rig| rig.upload.handle(Command::Stop),
        |rig| rig.answer("part", Fate::Says(crate::toy::says(200, &json!({"code": "never"})))),
        |rig| rig.info.len = 3,
    ];
    for end in ends {
        let mut rig = Rig::<false>::new(65, Setup::default());
        rig.run_until("part");
        rig.answer("part", Fate::Fine);
        end(&mut rig);
        assert!(rig.run().is_err());
        let now: Value = serde_json::from_str(&text_of(&rig.upload.checkpoint(rig.now))).unwrap();
        assert_eq!(rig.saved_field("session"), now["session"]);
        assert_eq!(rig.saved_field("confirmed"), now["confirmed"]);
    }
}

#[test]
fn rule_08_a_lost_save_is_made_once_more() {
    for nth in 0..8 {
        let mut rig = Rig::<true>::new(65, Setup::default());
        rig.run_with(|kind, met| if kind == "save" && met == nth { Fate::Forgotten } else { Fate::Fine }).unwrap();
        rig.assert_stored();
        assert_eq!(rig.server.received, 65);
    }
}

#[test]
fn rule_08_a_call_that_carries_what_its_properties_deny_never_leaves() {
    for one_request in [false, true] {
        let mut rig = Rig::<false>::new(95, Setup { knob: Knob::DeniesWhatItCarries, one_request, ..Setup::default() });
        let verdict = rig.run();
        assert!(matches!(verdict, Err(Failure::Defect(_))), "{verdict:?}");
        assert_eq!(rig.server.received, 0);
    }
}
