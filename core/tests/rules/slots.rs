//! Slots: what the host grants for a call goes back with its answer, or at once if the call does not leave.

use std::time::Duration;

use resumable_core::{Action, Command, Failure, Input, Lane, Output};
use serde_json::json;

use crate::toy::{Fate, Rig, Setup, kind_of, says};

fn limited(lanes: &[Lane]) -> Setup {
    let mut setup = Setup::default();
    setup.options.gated = lanes.to_vec();
    setup
}

/// A part is on its way, and the slot for the next one does not come.
fn waits_for_a_slot<const JOURNAL: bool>() -> Rig<JOURNAL> {
    let mut rig = Rig::<JOURNAL>::new(95, limited(&[Lane::Data]));
    rig.run_until("part");
    rig.run_until("slot");
    rig.put_aside("slot");
    rig
}

#[test]
fn rule_02_every_slot_goes_back_with_the_answer() {
    for lanes in [&[Lane::Data][..], &[Lane::Api], &[Lane::Api, Lane::Data]] {
        for lost in ["part", "init", "finish"] {
            let mut rig = Rig::<false>::new(95, limited(lanes));
            // The rig holds at every wait that no more slots are out than requests on their way.
            let fate = |kind: &str, nth| if kind == lost && nth == 0 { Fate::LostAfter } else { Fate::Fine };
            rig.run_with(fate).unwrap();
            rig.assert_stored();
            assert_eq!(rig.slots_out(), 0);
        }
    }
}

#[test]
fn rule_02_waiting_for_a_slot_blocks_no_save_and_no_answer() {
    let mut rig = waits_for_a_slot::<true>();
    while rig.waiting_for("part") + rig.waiting_for("save") > 0 {
        let kind = kind_of(&rig.pending[0]);
        rig.answer(kind, Fate::Fine);
        assert!(rig.poll_until_waiting().is_none());
    }
    assert_eq!((rig.saved_field("confirmed"), rig.stuck.len()), (json!(10), 1));
    rig.take_up_again();
    rig.run().unwrap();
    rig.assert_stored();
}

#[test]
fn rule_02_waiting_for_a_slot_blocks_no_credential() {
    let mut rig = waits_for_a_slot::<false>();
    rig.answer("part", Fate::Says(says(403, &json!({"code": "key"}))));
    rig.run_until("authorize");
    rig.take_up_again();
    rig.answer("slot", Fate::Fine);
    assert!(rig.poll_until_waiting().is_none());
    assert_eq!(rig.slots_out(), 0, "nothing leaves before there is a key");
    rig.run().unwrap();
    rig.assert_stored();
}

#[test]
fn rule_02_waiting_for_a_slot_blocks_no_call_of_another_lane() {
    let mut rig = waits_for_a_slot::<false>();
    rig.answer("part", Fate::Says(says(200, &json!({"code": "lost"}))));
    rig.run_until("init");
    rig.take_up_again();
    rig.answer("slot", Fate::Fine);
    assert!(rig.poll_until_waiting().is_none());
    assert_eq!(rig.slots_out(), 0, "another call is planned, which needs none");
    rig.run().unwrap();
    rig.assert_stored();
}

#[test]
fn rule_02_a_slot_that_comes_in_a_pause_or_at_the_end_goes_back_at_once() {
    for command in [Command::Pause, Command::Stop, Command::Abort] {
        let mut rig = waits_for_a_slot::<false>();
        rig.take_up_again();
        rig.upload.handle(command);
        rig.paused = command == Command::Pause;
        rig.answer("slot", Fate::Fine);
        assert!(rig.poll_until_waiting().is_none(), "{command:?}");
        assert_eq!((rig.slots_out(), rig.waiting_for("part")), (1, 1), "{command:?}");
        rig.upload.handle(Command::Unpause);
        rig.paused = false;
        let verdict = rig.run();
        match command {
            Command::Pause => assert!(verdict.is_ok(), "{verdict:?}"),
            Command::Stop => assert!(matches!(verdict, Err(Failure::Stopped)), "{verdict:?}"),
            _ => assert!(matches!(verdict, Err(Failure::Abandoned(_))), "{verdict:?}"),
        }
        assert_eq!(rig.slots_out(), 0, "{command:?}");
    }
}

#[test]
fn rule_02_a_slot_that_is_granted_while_the_window_shrinks_goes_back() {
    let mut rig = waits_for_a_slot::<false>();
    rig.take_up_again();
    rig.upload.handle(Command::Window(1));
    rig.answer("slot", Fate::Fine);
    assert!(rig.poll_until_waiting().is_none());
    assert_eq!((rig.slots_out(), rig.waiting_for("part")), (1, 1));
    rig.run().unwrap();
    rig.assert_stored();
}

#[test]
fn rule_08_a_slot_is_taken_when_nothing_else_is_waited_for() {
    let mut rig = Rig::<false>::new(25, limited(&[Lane::Api, Lane::Data]));
    rig.run_until("save");
    while rig.waiting_for("part") == 0 {
        if rig.waiting_for("slot") > 0 {
            assert_ne!(rig.saved_field("session"), json!(null), "the session is durable before a slot is asked for");
        }
        let kind = kind_of(&rig.pending[0]);
        rig.answer(kind, Fate::Fine);
        assert!(rig.poll_until_waiting().is_none());
    }
    rig.run().unwrap();
    rig.assert_stored();
}

#[test]
fn a_lost_ticket_for_a_slot_is_asked_for_again_and_a_late_one_is_dropped() {
    let mut rig = waits_for_a_slot::<false>();
    let Some(Action::Acquire { ticket, .. }) = rig.stuck.pop() else { panic!("no slot is asked for") };
    rig.upload.handle(Input::Lost(ticket.id()));
    assert!(rig.poll_until_waiting().is_none());
    assert_eq!(rig.waiting_for("slot"), 1);
    rig.upload.handle(Input::Slot(ticket, Ok(rig.slot())));
    rig.pass(Duration::from_millis(1));
    assert!(rig.poll_until_waiting().is_none());
    assert_eq!(rig.slots_out(), rig.waiting_for("part"));
    rig.run().unwrap();
    rig.assert_stored();
}

#[test]
fn rule_02_no_more_than_one_slot_is_held_for_a_call_that_has_not_left() {
    let mut rig = Rig::<false>::new(95, limited(&[Lane::Api, Lane::Data]));
    rig.run_until("part");
    rig.run_until("slot");
    rig.put_aside("slot");
    // The session is lost, so that a slot of the other lane is asked for, too; both come at once.
    rig.answer("part", Fate::Says(says(200, &json!({"code": "lost"}))));
    rig.run_until("slot");
    rig.take_up_again();
    while rig.waiting_for("slot") > 0 {
        rig.answer("slot", Fate::Fine);
    }
    loop {
        let output = rig.upload.poll(rig.now);
        let sends = usize::from(matches!(output, Output::Do(Action::Send { .. })));
        assert!(rig.slots_out() <= 1 + sends, "{output:?}: {} slots are out", rig.slots_out());
        if matches!(output, Output::Wait { .. }) {
            break;
        }
    }
    assert_eq!(rig.slots_out(), 0, "what was sent was dropped here");
}
