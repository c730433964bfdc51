//! Pause, stop, abort, the window, and answers that never come.

use std::time::Duration;

use resumable_core::{Action, Budget, Command, Failure, Input, MAX_WINDOW, Remains};
use serde_json::json;

use crate::toy::{Fate, Rig, Setup, kind_of, says};

fn pause<const JOURNAL: bool>(rig: &mut Rig<JOURNAL>) {
    rig.upload.handle(Command::Pause);
    rig.paused = true;
    assert!(rig.poll_until_waiting().is_none());
}

fn unpause<const JOURNAL: bool>(rig: &mut Rig<JOURNAL>) {
    rig.upload.handle(Command::Unpause);
    rig.paused = false;
}

#[test]
fn a_pause_is_no_part_of_an_outage() {
    let mut rig = Rig::<false>::new(5, Setup::default());
    rig.run_until("init");
    rig.answer("init", Fate::Fails);
    rig.run_until("init");
    pause(&mut rig);
    rig.pass(Duration::from_secs(5000));
    rig.answer("init", Fate::Fails);
    assert!(rig.poll_until_waiting().is_none());
    rig.pass(Duration::from_secs(5000));
    unpause(&mut rig);
    rig.run_with(|kind, nth| if kind == "init" && nth < 4 { Fate::Fails } else { Fate::Fine }).unwrap();
    assert_eq!(rig.done["init"], 5);
}

#[test]
fn the_sleep_of_the_machine_is_no_part_of_an_outage() {
    let mut rig = Rig::<false>::new(5, Setup::default());
    rig.run_until("init");
    rig.answer("init", Fate::Fails);
    assert!(rig.poll_until_waiting().is_none());
    rig.pass(Duration::from_secs(8 * 3600));
    rig.run_with(|kind, nth| if kind == "init" && nth < 3 { Fate::Fails } else { Fate::Fine }).unwrap();
}

#[test]
fn an_abort_is_not_ended_by_what_comes_of_cancelled_requests() {
    for fate in [Fate::Says(says(200, &json!({"code": "never"}))), Fate::Says(says(200, &json!({"code": "key"})))] {
        let mut rig = Rig::<false>::new(95, Setup::default());
        rig.run_until("part");
        rig.upload.handle(Command::Abort);
        rig.answer("part", fate);
        let verdict = rig.run();
        assert!(matches!(verdict, Err(Failure::Abandoned(Remains::Nothing))), "{verdict:?}");
        assert!(rig.server.sessions.is_empty());
    }
}

#[test]
fn a_failure_within_a_pause_gains_no_patience() {
    let mut rig = Rig::<false>::new(5, Setup::default());
    rig.run_until("init");
    pause(&mut rig);
    rig.pass(Duration::from_secs(5000));
    rig.answer("init", Fate::LostBefore);
    assert!(rig.poll_until_waiting().is_none());
    rig.pass(Duration::from_secs(5));
    unpause(&mut rig);
    let start = rig.now.mono;
    let verdict = rig.run_with(|kind, _| if kind == "init" { Fate::Fails } else { Fate::Fine });
    assert!(matches!(verdict, Err(Failure::Exhausted { budget: Budget::Patience(_), .. })), "{verdict:?}");
    assert!(rig.since(start) < Duration::from_secs(602), "{:?}", rig.since(start));
}

#[test]
fn what_lands_in_a_pause_is_kept() {
    let mut rig = Rig::<true>::new(95, Setup::default());
    rig.run_until("part");
    pause(&mut rig);
    while let Some(action) = rig.pending.first() {
        let kind = kind_of(action);
        rig.answer(kind, Fate::Fine);
        assert!(rig.poll_until_waiting().is_none());
    }
    assert_eq!(rig.saved_field("confirmed"), json!(40));
    rig.crash();
    rig.run().unwrap();
    assert_eq!(rig.server.received, 95);
}

#[test]
fn stop_ends_within_its_grace_although_a_request_never_ends() {
    for when in ["init", "part", "finish", "hash"] {
        let mut rig = Rig::<false>::new(95, Setup { hash_first: true, ..Setup::default() });
        rig.run_until(when);
        rig.put_aside(when);
        rig.upload.handle(Command::Stop);
        let start = rig.now.mono;
        let verdict = rig.run();
        assert!(matches!(verdict, Err(Failure::Stopped)), "{verdict:?}");
        assert!(rig.since(start) < Duration::from_secs(3));
        assert!(!rig.cancelled.is_empty(), "{when}");
        rig.crash();
        rig.run().unwrap();
        rig.assert_stored();
    }
}

#[test]
fn stop_keeps_what_landed_in_its_grace() {
    let mut rig = Rig::<true>::new(95, Setup::default());
    rig.run_until("part");
    rig.upload.handle(Command::Stop);
    assert!(rig.poll_until_waiting().is_none());
    assert_eq!(rig.cancelled.len(), 4);
    let verdict = rig.run();
    assert!(matches!(verdict, Err(Failure::Stopped)), "{verdict:?}");
    assert_eq!(rig.saved_field("confirmed"), json!(40));
}

#[test]
fn stop_does_not_hide_that_the_object_is_complete() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("finish");
    rig.upload.handle(Command::Stop);
    rig.run().unwrap();
    rig.assert_stored();
}

/// Stops while this request is on its way; its grace passes, and the last checkpoint is being saved.
fn stopped_and_saving(kind: &str) -> Rig<true> {
    let mut rig = Rig::<true>::new(95, Setup::default());
    rig.run_until(kind);
    while rig.waiting_for(kind) > 0 {
        rig.put_aside(kind);
    }
    rig.upload.handle(Command::Stop);
    assert!(rig.poll_until_waiting().is_none());
    rig.pass(Duration::from_secs(3));
    assert!(rig.poll_until_waiting().is_none());
    assert_eq!(rig.waiting_for("save"), 1);
    rig.take_up_again();
    rig
}

#[test]
fn what_lands_while_the_last_checkpoint_is_being_saved_is_saved_too() {
    let mut rig = stopped_and_saving("part");
    rig.answer("part", Fate::Fine);
    rig.answer("save", Fate::Fine);
    let verdict = rig.run();
    assert!(matches!(verdict, Err(Failure::Stopped)), "{verdict:?}");
    assert_ne!(rig.saved_field("confirmed"), json!(0));
}

#[test]
fn an_object_that_is_complete_while_the_last_checkpoint_is_being_saved_is_not_hidden() {
    let mut rig = stopped_and_saving("finish");
    rig.answer("finish", Fate::Fine);
    rig.answer("save", Fate::Fine);
    rig.run().unwrap();
    rig.assert_stored();
}

#[test]
fn stop_ends_a_pause_and_a_wait_for_a_key() {
    let mut rig = Rig::<false>::new(95, Setup { key: None, ..Setup::default() });
    rig.run_until("authorize");
    pause(&mut rig);
    rig.upload.handle(Command::Stop);
    let verdict = rig.run();
    assert!(matches!(verdict, Err(Failure::Stopped)), "{verdict:?}");
}

#[test]
fn the_first_end_stands() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("part");
    rig.upload.handle(Command::Stop);
    rig.upload.handle(Command::Abort);
    rig.upload.handle(Command::Unpause);
    let verdict = rig.run();
    assert!(matches!(verdict, Err(Failure::Stopped)), "{verdict:?}");
    assert_eq!(rig.server.count("delete"), 0);
}

#[test]
fn abort_leaves_nothing_at_the_vendor() {
    for when in ["init", "part", "hash", "check", "save"] {
        let mut rig = Rig::<false>::new(95, Setup { hash_first: true, ..Setup::default() });
        rig.run_until(when);
        rig.upload.handle(Command::Abort);
        let verdict = rig.run();
        assert!(matches!(verdict, Err(Failure::Abandoned(Remains::Nothing))), "{when}: {verdict:?}");
        assert!(rig.server.sessions.is_empty(), "{when}");
        assert_eq!(rig.server.object, None, "{when}");
    }
}

#[test]
fn abort_of_a_complete_object_is_a_success() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("finish");
    rig.upload.handle(Command::Abort);
    rig.run().unwrap();
}

#[test]
fn an_upload_can_be_abandoned_when_its_file_is_gone() {
    let mut rig = Rig::<true>::new(95, Setup { hash_first: true, ..Setup::default() });
    rig.run_until("part");
    rig.abandon();
    let mut at_delete = None;
    let verdict = loop {
        if let Some(verdict) = rig.poll_until_waiting() {
            break verdict;
        }
        match kind_of(&rig.pending[0]) {
            "check" | "hash" => panic!("the file is gone"),
            "delete" => at_delete = Some(rig.saved_field("in_doubt")),
            _ => {}
        }
        rig.answer(kind_of(&rig.pending[0]), Fate::Fine);
    };
    assert!(matches!(verdict, Err(Failure::Abandoned(Remains::Nothing))), "{verdict:?}");
    assert_eq!((rig.server.sessions.len(), rig.server.count("delete")), (0, 1));
    assert_eq!(at_delete, Some(json!("Delete")), "deleting commits");
}

#[test]
fn whatever_the_host_loses_is_done_again() {
    for kind in ["authorize", "hash", "save", "init", "slot", "part", "check", "finish"] {
        let mut setup = Setup { hash_first: true, key: None, ..Setup::default() };
        setup.options.gated = vec![resumable_core::Lane::Api, resumable_core::Lane::Data];
        let mut rig = Rig::<false>::new(35, setup.clone());
        rig.run_with(|met, nth| if met == kind && nth == 0 { Fate::Forgotten } else { Fate::Fine }).unwrap();
        rig.assert_stored();
        let mut rig = Rig::<true>::new(35, setup);
        rig.run_with(|met, nth| if met == kind && nth == 0 { Fate::Forgotten } else { Fate::Fine }).unwrap();
        rig.assert_stored();
    }
}

#[test]
fn the_last_save_is_made_again_if_the_host_loses_it() {
    let mut rig = Rig::<true>::new(35, Setup::default());
    rig.run_until("part");
    rig.upload.handle(Command::Stop);
    assert!(rig.poll_until_waiting().is_none());
    let verdict = rig.run_with(|kind, nth| if kind == "save" && nth < 4 { Fate::Forgotten } else { Fate::Fine });
    assert!(matches!(verdict, Err(Failure::Stopped)), "{verdict:?}");
}

#[test]
fn the_window_can_be_changed_on_the_way() {
    let mut rig = Rig::<false>::new(4000, Setup::default());
    rig.run_until("part");
    rig.setup.options.window = MAX_WINDOW;
    for (window, at_once) in [(9, 9), (1, 1), (5, 5), (0, 1), (usize::MAX, MAX_WINDOW)] {
        rig.upload.handle(Command::Window(window));
        while rig.waiting_for("part") != at_once && rig.server.count("part") < 390 {
            let kind = kind_of(&rig.pending[0]);
            rig.answer(kind, Fate::Fine);
            assert!(rig.poll_until_waiting().is_none());
        }
        assert_eq!(rig.waiting_for("part"), at_once, "{window}");
    }
    rig.run().unwrap();
    rig.assert_stored();
}

#[test]
fn progress_is_shown_and_is_not_counted_twice() {
    let mut rig = Rig::<false>::new(35, Setup::default());
    rig.run_until("part");
    let Action::Send { ticket, .. } = &rig.pending[0] else { panic!("no send") };
    rig.upload.handle(Input::Progress(ticket.id(), 1_000_000));
    assert!(rig.poll_until_waiting().is_none());
    let shown = resumable_core::Event::Progress { confirmed: 0, in_flight: 10, total: 35 };
    assert_eq!(rig.events.last(), Some(&shown), "no more than the body holds");
    rig.answer("part", Fate::Says(says(503, &json!(null))));
    assert!(rig.poll_until_waiting().is_none());
    assert_eq!(rig.upload.stats().bytes_sent, 10);
}

#[test]
fn a_file_that_changes_in_a_pause_is_never_sealed() {
    // The pause begins before the look at the source is answered, or with the save of the seal on its way, which is
    // answered within the pause or after it.
    for (before_check, save_in_pause) in [(true, false), (false, true), (false, false)] {
        let mut rig = Rig::<false>::new(25, Setup::default());
        rig.run_until("check");
        while rig.waiting_for("save") > 0 {
            rig.answer("save", Fate::Fine);
            assert!(rig.poll_until_waiting().is_none());
        }
        if before_check {
            pause(&mut rig);
        }
        rig.answer("check", Fate::Fine);
        assert!(rig.poll_until_waiting().is_none());
        if !before_check {
            pause(&mut rig);
        }
        if save_in_pause {
            rig.answer("save", Fate::Fine);
            assert!(rig.poll_until_waiting().is_none());
        }
        rig.info.len += 1;
        unpause(&mut rig);
        let verdict = rig.run();
        assert!(matches!(verdict, Err(Failure::Changed { .. })), "{verdict:?}");
        assert_eq!(rig.server.object, None);
    }
}

fn drain<const JOURNAL: bool>(rig: &mut Rig<JOURNAL>, seconds: u64) {
    rig.upload.handle(Command::Drain { within: Duration::from_secs(seconds) });
    assert!(rig.poll_until_waiting().is_none());
}

fn field_bug_76<const JOURNAL: bool>() {
    let mut rig = Rig::<JOURNAL>::new(95, Setup::default());
    rig.run_until("part");
    drain(&mut rig, 60);
    assert_eq!((rig.waiting_for("part"), rig.cancelled.len()), (4, 0));
    let verdict = rig.run();
    assert!(matches!(verdict, Err(Failure::Stopped)), "{verdict:?}");
    assert_eq!((rig.saved_field("confirmed"), rig.server.count("part")), (json!(40), 4));
    rig.crash();
    rig.run().unwrap();
    rig.assert_stored();
    assert_eq!(rig.server.received, 95, "nothing is sent again");
}

#[test]
fn field_bug_76_a_drain_lets_what_is_in_flight_arrive_and_saves_it() {
    field_bug_76::<false>();
    field_bug_76::<true>();
}

#[test]
fn rule_17_a_drain_ends_in_its_time_although_a_request_never_ends() {
    let mut rig = Rig::<true>::new(95, Setup::default());
    rig.run_until("part");
    rig.put_aside("part");
    rig.take_up_again();
    rig.answer("part", Fate::Fine);
    rig.put_aside("part");
    let start = rig.now.mono;
    drain(&mut rig, 30);
    // The earlier end stands.
    drain(&mut rig, 10);
    drain(&mut rig, 100);
    let verdict = rig.run();
    assert!(matches!(verdict, Err(Failure::Stopped)), "{verdict:?}");
    assert!((10..13).contains(&rig.since(start).as_secs()), "{:?}", rig.since(start));
    assert_eq!((rig.cancelled.len(), rig.saved_field("confirmed")), (3, json!(10)));
}

#[test]
fn rule_17_a_drain_tries_nothing_again_and_begins_nothing() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("part");
    drain(&mut rig, 60);
    let start = rig.now.mono;
    let verdict = rig.run_with(|kind, _| if kind == "part" { Fate::Fails } else { Fate::Fine });
    assert!(matches!(verdict, Err(Failure::Stopped)), "{verdict:?}");
    assert!(rig.since(start) < Duration::from_secs(1), "{:?}", rig.since(start));
    for when in ["authorize", "hash", "save", "init", "list"] {
        let mut rig = Rig::<false>::new(95, Setup { hash_first: true, key: None, ..Setup::default() });
        if when == "list" {
            rig.run_until("part");
            rig.crash();
        }
        rig.run_until(when);
        rig.upload.handle(Command::Drain { within: Duration::from_secs(60) });
        let start = rig.now.mono;
        let verdict = rig.run();
        assert!(matches!(verdict, Err(Failure::Stopped)), "{when}: {verdict:?}");
        assert!(rig.since(start) < Duration::from_secs(3), "{when}: {:?}", rig.since(start));
        assert_eq!(rig.server.count("part"), 0, "{when}");
    }
}

#[test]
fn rule_17_a_drain_opens_no_session_and_reads_no_file() {
    let mut rig = Rig::<false>::new(95, Setup { key: None, ..Setup::default() });
    rig.run_until("authorize");
    rig.upload.handle(Command::Drain { within: Duration::from_secs(60) });
    let verdict = rig.run();
    assert!(matches!(verdict, Err(Failure::Stopped)), "{verdict:?}");
    assert_eq!(rig.server.count("init"), 0);
    let mut rig = Rig::<false>::new(95, Setup { hash_first: true, ..Setup::default() });
    rig.run_until("part");
    drain(&mut rig, 60);
    let passes = rig.done["hash"];
    rig.answer("part", Fate::Says(says(200, &json!({"code": "digest"}))));
    let verdict = rig.run();
    assert!(matches!(verdict, Err(Failure::Stopped)), "{verdict:?}");
    assert_eq!(rig.done["hash"], passes);
}

#[test]
fn rule_17_a_drain_of_the_last_parts_completes_the_object() {
    let mut rig = Rig::<false>::new(35, Setup::default());
    rig.run_until("part");
    drain(&mut rig, 60);
    rig.run().unwrap();
    rig.assert_stored();
}

#[test]
fn rule_17_a_drain_waits_for_no_slot_of_what_does_not_leave() {
    let mut setup = Setup::default();
    setup.options.gated = vec![resumable_core::Lane::Data];
    let mut rig = Rig::<false>::new(95, setup);
    rig.run_until("part");
    rig.run_until("slot");
    rig.put_aside("slot");
    let start = rig.now.mono;
    drain(&mut rig, 60);
    let verdict = rig.run();
    assert!(matches!(verdict, Err(Failure::Stopped)), "{verdict:?}");
    assert!(rig.since(start) < Duration::from_secs(3));
    assert_eq!((rig.server.count("part"), rig.slots_out()), (1, 0));
}

#[test]
fn rule_17_other_commands_in_a_drain() {
    let draining = |paused: bool| {
        let mut rig = Rig::<false>::new(95, Setup::default());
        rig.run_until("part");
        if paused {
            pause(&mut rig);
        }
        drain(&mut rig, 60);
        rig.paused = false;
        rig
    };
    for (paused, command) in [(true, Command::Unpause), (false, Command::Pause), (false, Command::Stop)] {
        let mut rig = draining(paused);
        rig.upload.handle(command);
        let verdict = rig.run();
        assert!(matches!(verdict, Err(Failure::Stopped)), "{verdict:?}");
        assert_eq!((rig.server.count("part"), rig.cancelled.is_empty()), (4, command != Command::Stop));
    }
    let mut rig = draining(false);
    rig.upload.handle(Command::Abort);
    // It has all the time it needs.
    assert!(rig.poll_until_waiting().is_none());
    rig.pass(Duration::from_secs(100));
    let verdict = rig.run();
    assert!(matches!(verdict, Err(Failure::Abandoned(Remains::Nothing))), "{verdict:?}");
    assert!(rig.server.sessions.is_empty());
}
