//! Every reply lost in every way, a crash before and after every effect, and both at random: the file ends up in the
//! drive, and little is sent twice.

mod far;

use std::time::Duration;

use far::{Fate, PART, Registers, Rig, refusal, says, uploaded};
use proptest::prelude::*;
use resumable_core::{Event, Failure, Remains};

/// The kinds of upload that there are, by name.
fn rig(kind: &str) -> Rig {
    let mut rig = match kind {
        "parts" | "late" | "never" | "folders" => Rig::new(350),
        "small" | "small and late" => Rig::new(60),
        "empty" => Rig::new(0),
        "known" => Rig::knowing(350),
        other => panic!("{other}"),
    };
    match kind {
        "late" | "small and late" => rig.server.registers = vec![Registers::Late],
        "never" => rig.server.registers = vec![Registers::Never],
        "known" => rig.server.challenges = 2,
        "folders" => (rig.target, rig.options.create_folders) = ("/a/b/x", true),
        _ => {}
    }
    rig
}

const KINDS: [&str; 8] = ["parts", "late", "never", "folders", "small", "small and late", "empty", "known"];

fn fates() -> Vec<Fate> {
    vec![
        Fate::Unsent,
        Fate::LostBefore,
        Fate::LostAfter,
        Fate::Says(says(502, "<html>bad gateway</html>")),
        Fate::ActsAndSays(says(500, "")),
        Fate::Says(says(200, "")),
        Fate::ActsAndSays(says(200, "{\"state\":tr")),
        Fate::Crash { after: false },
        Fate::Crash { after: true },
    ]
}

#[test]
fn every_lost_reply_is_survived() {
    for kind in KINDS {
        let mut plain = rig(kind);
        let verdict = plain.run();
        uploaded(&plain, verdict);
        for lost in 0..plain.asked.len() {
            for (number, fate) in fates().into_iter().enumerate() {
                let (mut rig, mut requests) = (rig(kind), 0);
                let verdict = rig.run_with(|_, _| {
                    requests += 1;
                    if requests == lost + 1 { fate.clone() } else { Fate::Fine }
                });
                uploaded(&rig, verdict);
                let (sent, least) = (rig.server.storage.received, plain.server.storage.received);
                assert!(sent <= least + PART, "{kind} {lost} {number}: {sent} of {least} bytes: {:?}", rig.asked);
            }
        }
    }
}

#[test]
fn field_bug_19_a_part_that_is_there_already_is_compared_and_not_sent_a_third_time() {
    let mut rig = rig("parts");
    let verdict = rig.run_with(|kind, nth| if (kind, nth) == ("part", 1) { Fate::LostAfter } else { Fate::Fine });
    uploaded(&rig, verdict);
    assert_eq!((rig.count("part"), rig.restarts(), rig.server.storage.opened), (5, 0, 1));
}

#[test]
fn a_proof_without_an_answer_is_none_that_was_refused() {
    let mut rig = Rig::knowing(350);
    rig.server.challenges = 4;
    let verdict = rig.run_with(|kind, nth| {
        let is_lost = kind == "init" && [1, 3, 5].contains(&nth);
        if is_lost { Fate::LostAfter } else { Fate::Fine }
    });
    uploaded(&rig, verdict);
    assert_eq!((rig.count("init"), rig.server.storage.received), (8, 0));
}

#[test]
fn a_proof_that_comes_too_late_is_none_that_was_refused() {
    let mut rig = Rig::knowing(350);
    rig.server.challenges = 4;
    let verdict = rig.run_with(|kind, nth| {
        let is_late = kind == "init" && (1..8).contains(&nth);
        if is_late { Fate::Unsent } else { Fate::Fine }
    });
    uploaded(&rig, verdict);
    assert_eq!((rig.count("init"), rig.server.storage.received), (12, 0));
}

#[test]
fn an_announcement_without_an_answer_is_remembered_after_a_crash() {
    for dies in 1..20 {
        let mut rig = Rig::knowing(350);
        rig.dies_at = Some((dies, true));
        let upload = rig.start();
        let lost = &mut |kind: &str, nth| if (kind, nth) == ("init", 0) { Fate::LostAfter } else { Fate::Fine };
        if rig.drive(upload, lost).is_some() || rig.saved.is_empty() {
            continue;
        }
        let upload = rig.abandon();
        let verdict = rig.drive(upload, &mut |_, _| Fate::Fine).expect("it ends");
        let is_there = rig.server.files.len() > 1;
        let untrue = is_there && matches!(verdict, Err(Failure::Abandoned(Remains::Nothing)));
        assert!(!untrue, "{dies}: {:?}", rig.asked);
    }
}

#[test]
fn two_lost_replies_in_a_row_are_survived() {
    for kind in ["parts", "small", "folders"] {
        let mut plain = rig(kind);
        plain.run().unwrap();
        for lost in 0..plain.asked.len() {
            let (mut rig, mut requests) = (rig(kind), 0);
            let verdict = rig.run_with(|_, _| {
                requests += 1;
                if requests == lost + 1 || requests == lost + 2 { Fate::LostAfter } else { Fate::Fine }
            });
            uploaded(&rig, verdict);
        }
    }
}

#[test]
fn a_crash_while_a_file_is_asked_for_does_not_shorten_the_asking() {
    let shown_late = || {
        let mut rig = Rig::new(250);
        let ids = r#"{"state":true,"data":{"file_id":"FILE_ID"}}"#;
        rig.server.registers = vec![Registers::AndSays(ids.to_owned())];
        rig.server.shows_after = Duration::from_secs(200);
        rig
    };
    let mut plain = shown_late();
    let verdict = plain.run();
    uploaded(&plain, verdict);
    assert_eq!(plain.count("check"), 5);
    // A question and a save each, but for the last one.
    for at in plain.effects - 8..=plain.effects {
        let mut rig = shown_late();
        rig.dies_at = Some((at, true));
        let verdict = rig.run();
        uploaded(&rig, verdict);
        assert_eq!((rig.count("init"), rig.server.storage.received), (1, 250), "{at}: {:?}", rig.asked);
    }
}

#[test]
fn a_crash_before_or_after_every_effect_is_survived() {
    for kind in KINDS {
        let mut plain = rig(kind);
        plain.run().unwrap();
        for dies in 1..=plain.effects {
            for after in [false, true] {
                let mut rig = rig(kind);
                rig.dies_at = Some((dies, after));
                let verdict = rig.run();
                uploaded(&rig, verdict);
                let (sent, least) = (rig.server.storage.received, plain.server.storage.received);
                assert!(sent <= least + PART, "{kind} {dies} {after}: {sent} of {least} bytes: {:?}", rig.asked);
            }
        }
    }
}

#[test]
fn a_crash_in_every_third_effect_is_survived() {
    let mut rig = rig("parts");
    let mut upload = rig.start();
    let verdict = loop {
        rig.dies_at = Some((rig.effects + 9, true));
        match rig.drive(upload, &mut |_, _| Fate::Fine) {
            Some(verdict) => break verdict,
            None => upload = rig.again(),
        }
    };
    uploaded(&rig, verdict);
    assert!(rig.count("resume") > 2, "{:?}", rig.asked);
    assert_eq!((rig.restarts(), rig.server.storage.opened), (0, 1));
}

/// Everything that the field has seen, by a number.
fn trouble(number: u8) -> Fate {
    match number % 16 {
        0 => Fate::Unsent,
        1 => Fate::LostBefore,
        2 | 3 => Fate::LostAfter,
        4 => Fate::Says(says(502, "<html>")),
        5 => Fate::ActsAndSays(says(500, "")),
        6 => Fate::Says(refusal(990_009)),
        7 => Fate::Says(refusal(770_004)),
        8 => Fate::Says(refusal(990_003)),
        9 => Fate::Says(says(403, "<Error><Code>SecurityTokenExpired</Code></Error>")),
        10 => Fate::ActsAndSays(says(203, "<Error><Code>CallbackFailed</Code><Message>no</Message></Error>")),
        11 => Fate::Crash { after: false },
        12 => Fate::Crash { after: true },
        13 => Fate::Says(says(404, "<Error><Code>NoSuchUpload</Code></Error>")),
        14 => Fate::Says(far::success(&serde_json::json!([]))),
        _ => Fate::ActsAndSays(says(200, "{\"state\":true,\"data\":{}}")),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn troubles_in_any_number_end_in_the_drive_or_in_an_honest_error(
        kind in 0..KINDS.len(), troubles in prop::collection::vec((0usize..30, any::<u8>()), 0..8),
    ) {
        let (mut rig, mut requests) = (rig(KINDS[kind]), 0);
        let verdict = rig.run_with(|_, _| {
            requests += 1;
            let met = troubles.iter().find(|(at, _)| *at + 1 == requests);
            met.map_or(Fate::Fine, |(_, number)| trouble(*number))
        });
        match verdict {
            Ok(done) => rig.assert_in_drive(&done),
            Err(Failure::Defect(what)) => panic!("{what}: {:?}", rig.asked),
            // HTTP 203 is no answer to most calls; and enough troubles use up any budget.
            Err(failure) => {
                let odd = troubles.len() > 3 || troubles.iter().any(|(_, number)| number % 16 == 10);
                prop_assert!(odd, "{failure}: {:?}", rig.asked);
            }
        }
        prop_assert!(rig.server.files.values().all(|(_, _, size)| *size == rig.source.len()));
        prop_assert!(rig.asked.len() < 120, "{:?}", rig.asked);
        let restarts = rig.events.iter().filter(|event| matches!(event, Event::Restarting { .. })).count();
        prop_assert!(restarts <= 12, "{restarts}");
    }
}
