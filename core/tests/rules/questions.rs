//! Questions: what one upload is answered may serve others to the same account.

use std::collections::BTreeMap;
use std::time::Duration;

use resumable_core::{Action, Command, Failure, Input, Known, Lane, Now, Question, Serves};

use crate::toy::{Fate, Key, Opens, Reply, Rig, Setup, kind_of, says};

const NAME: &str = "session";

fn sharing() -> Setup {
    let mut setup = Setup { opens: Opens::ForAll, ..Setup::default() };
    setup.options.gated = vec![Lane::Api];
    setup
}

/// The upload wants a slot for the call that asks; gives its place among what is pending.
fn asked(rig: &mut Rig<false>) -> (usize, Question) {
    assert!(rig.poll_until_waiting().is_none());
    let question = |action: &Action<_>| match action {
        Action::Acquire { question: Some(question), .. } => Some(question.clone()),
        _ => None,
    };
    let found = rig.pending.iter().enumerate().find_map(|(at, action)| Some((at, question(action)?)));
    found.expect("nothing is asked")
}

/// Another upload was told this a minute ago.
fn known(rig: &Rig<false>) -> Known<Reply> {
    let minute = Duration::from_secs(60);
    let at = Now { mono: rig.now.mono.saturating_sub(minute), unix: rig.now.unix.saturating_sub(minute) };
    Known { reply: Reply::Opened { id: 7, token: Key("canary-token".to_owned()) }, at }
}

fn tell(rig: &mut Rig<false>, at: usize, known: Known<Reply>) {
    let Action::Acquire { ticket, .. } = rig.pending.remove(at) else { panic!("no slot") };
    rig.upload.handle(Input::Known(ticket, known));
}

#[test]
fn rule_13_what_another_upload_was_answered_is_taken_as_of_then_and_the_call_does_not_leave() {
    let mut rig = Rig::<false>::new(35, sharing());
    let (at, question) = asked(&mut rig);
    assert_eq!(question, Question { name: NAME.to_owned(), since: None });
    let known = known(&rig);
    tell(&mut rig, at, known.clone());
    rig.server.sessions.insert(7, BTreeMap::new());
    rig.run().unwrap();
    rig.assert_stored();
    assert_eq!(rig.upload.protocol().log().opened_at, [known.at.mono]);
    assert_eq!(rig.done.get("init"), None);
    assert!(rig.shared.is_empty(), "what was known already is not news");
    assert!(!rig.shown.contains("canary"), "{}", rig.shown);
}

#[test]
fn an_upload_that_asks_itself_shares_what_it_is_answered_and_no_refusal() {
    let mut rig = Rig::<false>::new(35, sharing());
    let fate = |kind: &str, nth| match (kind, nth) {
        ("init", 0) => Fate::Says(says(200, &serde_json::json!({"code": "busy"}))),
        ("init", 1) => Fate::LostBefore,
        _ => Fate::Fine,
    };
    rig.run_with(fate).unwrap();
    rig.assert_stored();
    let [(name, shared, serves)] = &rig.shared[..] else { panic!("{:?}", rig.shared) };
    assert_eq!((name.as_str(), *serves), (NAME, Serves::All));
    assert_eq!([shared.at.mono], rig.upload.protocol().log().opened_at[..]);
    assert!(matches!(shared.reply, Reply::Opened { .. }));
}

#[test]
fn where_the_host_gives_no_slots_nothing_is_asked_and_nothing_shared() {
    let mut setup = sharing();
    setup.options.gated = vec![Lane::Data];
    let mut rig = Rig::<false>::new(35, setup);
    rig.run().unwrap();
    assert!(rig.shared.is_empty());
    assert_eq!(rig.done["init"], 1);
}

#[test]
fn rule_07_an_answer_that_helps_nobody_is_not_taken_for_ever() {
    let mut rig = Rig::<false>::new(35, sharing());
    for _ in 0..1_000 {
        if let Some(verdict) = rig.poll_until_waiting() {
            assert!(matches!(verdict, Err(Failure::Exhausted { .. })), "{verdict:?}");
            return;
        }
        let Some(at) =
            rig.pending.iter().position(|action| matches!(action, Action::Acquire { question: Some(_), .. }))
        else {
            let kind = kind_of(&rig.pending[0]);
            rig.answer(kind, Fate::Fine);
            continue;
        };
        let useless = Known { reply: Reply::Stored, ..known(&rig) };
        tell(&mut rig, at, useless);
    }
    panic!("it is taken for ever");
}

#[test]
fn rule_02_an_answer_that_comes_in_a_pause_is_dropped_and_asked_for_again() {
    let mut rig = Rig::<false>::new(35, sharing());
    let (at, _) = asked(&mut rig);
    let known = known(&rig);
    rig.upload.handle(Command::Pause);
    tell(&mut rig, at, known);
    // As with a slot: by the time it goes on, another upload may know more.
    rig.upload.handle(Command::Unpause);
    let (_, question) = asked(&mut rig);
    assert_eq!(question.name, NAME);
    assert!(rig.upload.protocol().log().opened_at.is_empty());
}

#[test]
fn answers_that_are_known_to_be_of_no_use_do_not_serve() {
    let second = Duration::from_secs;
    let question = |since| Question { name: NAME.to_owned(), since };
    assert!(question(None).is_answered_at(second(0)));
    assert!(!question(Some(second(5))).is_answered_at(second(5)));
    assert!(question(Some(second(5))).is_answered_at(second(6)));
}
