//! Rules 1 to 5: who decides, waiting, tickets, planning again, epochs.

use proptest::prelude::*;
use resumable_core::{Command, Failure, Input, Receipt};
use serde_json::json;

use crate::toy::{Fate, Knob, Rig, Setup, kind_of, says, text_of};

fn with_window(window: usize) -> Setup {
    let mut setup = Setup::default();
    setup.options.window = window;
    setup
}

fn in_any_order<const JOURNAL: bool>(picks: Vec<u8>, window: usize) -> Receipt {
    let mut rig = Rig::<JOURNAL>::new(95, with_window(window));
    rig.picks = picks;
    let verdict = rig.run().expect("finishes");
    rig.assert_stored();
    assert_eq!((rig.server.received, rig.upload.stats().retries), (95, 0));
    verdict
}

proptest! {
    #[test]
    fn rule_01_answers_in_any_order_and_number_between_two_polls_end_alike(picks: Vec<u8>, window in 1usize..9) {
        let straight = in_any_order::<false>(Vec::new(), window);
        prop_assert_eq!(in_any_order::<false>(picks.clone(), window), straight);
        in_any_order::<true>(picks, window);
    }

    #[test]
    fn rule_01_commands_between_any_two_answers_lose_nothing(
        commands in prop::collection::vec((0u8..5, 1usize..9), 0..30), picks: Vec<u8>,
    ) {
        let mut rig = Rig::<false>::new(95, Setup::default());
        rig.picks = picks;
        let mut commands = commands.into_iter();
        let verdict = loop {
            match commands.next() {
                Some((0, _)) => {
                    rig.upload.handle(Command::Pause);
                    rig.paused = true;
                }
                Some((1, _)) => {
                    rig.upload.handle(Command::Unpause);
                    rig.paused = false;
                }
                Some((2, _)) => rig.upload.handle(Command::Stop),
                Some((3, window)) => {
                    rig.upload.handle(Command::Window(window));
                    rig.setup.options.window = 9;
                }
                Some(_) => {}
                None => {
                    rig.upload.handle(Command::Unpause);
                    rig.paused = false;
                    break rig.run();
                }
            }
            if let Some(verdict) = rig.poll_until_waiting() {
                break verdict;
            }
            if let Some(action) = rig.pending.first() {
                let kind = kind_of(action);
                rig.answer(kind, Fate::Fine);
            }
        };
        if verdict.is_err() {
            prop_assert!(matches!(verdict, Err(Failure::Stopped)), "{verdict:?}");
            rig.crash();
            prop_assert!(rig.run().is_ok());
        }
        rig.assert_stored();
    }
}

#[test]
fn rule_01_answers_alone_decide_nothing() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("part");
    rig.run_until("save");
    let text = |rig: &Rig<false>| text_of(&rig.upload.checkpoint(rig.now));
    let before = (text(&rig), rig.upload.stats(), rig.upload.protocol().log().others);
    while let Some(action) = rig.pending.first() {
        let (kind, now) = (kind_of(action), rig.now);
        rig.answer(kind, Fate::Fine);
        rig.now = now;
    }
    rig.upload.handle(Command::Pause);
    rig.upload.handle(Command::Stop);
    assert_eq!((text(&rig), rig.upload.stats(), rig.upload.protocol().log().others), before);
}

#[test]
fn rule_02_a_protocol_that_waits_for_what_cannot_come_is_a_defect() {
    for knob in [Knob::WaitsForNothing, Knob::WaitsForThePast, Knob::HashesWhatItHas] {
        let mut rig = Rig::<false>::new(95, Setup { knob, hash_first: true, ..Setup::default() });
        let verdict = rig.run();
        assert!(matches!(verdict, Err(Failure::Defect(_))), "{verdict:?}");
    }
}

#[test]
fn rule_02_a_call_that_is_in_flight_is_never_planned_again() {
    let mut rig = Rig::<false>::new(95, Setup { knob: Knob::PlansWhatIsInFlight, ..Setup::default() });
    let verdict = rig.run();
    assert!(matches!(verdict, Err(Failure::Defect(_))), "{verdict:?}");
}

#[test]
fn rule_02_only_a_paused_upload_waits_for_its_host_alone() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("part");
    rig.upload.handle(Command::Pause);
    rig.paused = true;
    while !rig.pending.is_empty() {
        let kind = kind_of(&rig.pending[0]);
        rig.answer(kind, Fate::Fine);
        assert!(rig.poll_until_waiting().is_none());
    }
    assert_eq!(rig.until, None);
    rig.upload.handle(Command::Unpause);
    rig.paused = false;
    rig.run().unwrap();
    rig.assert_stored();
}

#[test]
fn rule_02_polling_after_the_end_is_answered_with_an_end() {
    let mut rig = Rig::<false>::new(5, Setup::default());
    rig.run().unwrap();
    for _ in 0..3 {
        let again = rig.poll_until_waiting();
        assert!(matches!(again, Some(Err(Failure::Defect(_)))), "{again:?}");
    }
}

/// That a ticket answers once, and its own kind only, is what the `compile_fail` examples of `Ticket` show.
#[test]
fn rule_03_news_of_operations_that_are_over_is_ignored() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("part");
    let op = match &rig.pending[0] {
        resumable_core::Action::Send { ticket, .. } => ticket.id(),
        other => panic!("{other:?}"),
    };
    rig.answer("part", Fate::Fine);
    assert!(rig.poll_until_waiting().is_none());
    let before = text_of(&rig.upload.checkpoint(rig.now));
    rig.upload.handle(Input::Lost(op));
    rig.upload.handle(Input::Progress(op, 3));
    assert!(rig.poll_until_waiting().is_none());
    assert_eq!(text_of(&rig.upload.checkpoint(rig.now)), before);
    rig.run().unwrap();
    assert_eq!((rig.upload.stats().retries, rig.server.received), (0, 95));
}

#[test]
fn rule_04_a_retry_is_encoded_anew() {
    let mut rig = Rig::<false>::new(5, Setup::default());
    rig.run_with(|kind, nth| if kind == "init" && nth == 0 { Fate::LostAfter } else { Fate::Fine }).unwrap();
    for header in ["x-time", "x-nonce"] {
        let sent = rig.server.headers("init", header);
        assert_eq!(sent.len(), 2);
        assert_ne!(sent[0], sent[1], "{header}");
    }
}

#[test]
fn rule_04_a_retry_is_planned_anew() {
    // The part arrived although its reply was lost: the plan after the failure is another one, a list.
    let mut rig = Rig::<false>::new(25, with_window(1));
    rig.run_with(|kind, nth| if kind == "part" && nth == 1 { Fate::LostAfter } else { Fate::Fine }).unwrap();
    assert_eq!((rig.server.count("list"), rig.server.count("part")), (1, 3));
}

#[test]
fn rule_05_an_answer_of_a_dropped_session_is_ignored_and_holds_its_place_until_then() {
    let mut rig = Rig::<false>::new(200, with_window(2));
    rig.run_until("part");
    assert_eq!(rig.waiting_for("part"), 2);
    let gone = rig.pending.remove(0);
    rig.put_aside("part");
    rig.pending.push(gone);
    rig.answer("part", Fate::Says(says(200, &json!({"code": "gone"}))));
    rig.run_until("part");
    assert_eq!(rig.cancelled.len(), 1);
    assert_eq!(rig.waiting_for("part"), 1, "the other place is taken by the request that was not answered yet");
    let parts = |rig: &Rig<false>| rig.upload.checkpoint(rig.now).confirmed();
    let before = parts(&rig);
    let others = rig.upload.protocol().log().others;
    let part = rig.pending.iter().position(|action| kind_of(action) == "part").unwrap();
    let part = rig.pending.remove(part);
    rig.take_up_again();
    rig.answer("part", Fate::Says(says(200, &json!({"code": "ok", "offset": 10, "len": 10}))));
    rig.pending.push(part);
    assert!(rig.poll_until_waiting().is_none());
    assert_eq!(parts(&rig), before);
    assert_eq!(rig.upload.protocol().log().others - others, 1, "one more request, and no decode, no apply");
    assert_eq!(rig.waiting_for("part"), 2);
    rig.run().unwrap();
    rig.assert_stored();
    assert_eq!(rig.upload.stats().restarts, 1);
}

#[test]
fn rule_05_a_burst_of_refusals_drops_one_session() {
    let mut rig = Rig::<false>::new(200, Setup::default());
    rig.run_until("part");
    for _ in 0..4 {
        rig.answer("part", Fate::Says(says(200, &json!({"code": "lost"}))));
    }
    rig.run().unwrap();
    assert_eq!(rig.upload.stats().restarts, 1);
    rig.assert_stored();
}

#[test]
fn rule_05_a_late_success_of_a_dropped_session_is_no_progress_of_the_new_one() {
    let mut rig = Rig::<true>::new(40, Setup::default());
    rig.run_until("part");
    rig.answer("part", Fate::Says(says(200, &json!({"code": "gone"}))));
    rig.run_until("init");
    while rig.waiting_for("part") > 0 {
        rig.answer("part", Fate::Fine);
    }
    rig.run().unwrap();
    rig.assert_stored();
    assert_eq!(rig.server.received, 70, "the four parts of the new session, and what the old one still received");
}
