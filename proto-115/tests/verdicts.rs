//! What 115 finds about our content and our upload is remembered until it is acted on, and a refusal that lasts is told at
//! once.

mod far;

use far::{Fate, PART, Registers, Rig, refusal, says, uploaded};
use resumable_core::{Event, Failure, How};
use resumable_proto_115::codes::CODES;
use resumable_proto_115::{Fault, Op, Remedy, refresh_token};

/// 115 knows the content by the digest that an earlier run took, and the file has changed since without a trace: every
/// proof is wrong. To go on with the same digest would lead to the same questions, in this run and in each later one.
#[test]
fn field_bug_58_proofs_that_are_not_believed_lead_to_hashing_again() {
    let mut rig = Rig::knowing(250);
    (rig.server.challenges, rig.server.takes_wrong_proofs) = (1, true);
    let died = rig.drive(rig.start(), &mut |_, _| Fate::Crash { after: false });
    assert!(died.is_none() && !rig.saved.is_empty());
    rig.source[200] ^= 1;
    let verdict = rig.drive(rig.again(), &mut |_, _| Fate::Fine).unwrap();
    assert_eq!(uploaded(&rig, verdict), How::Parts);
    assert_eq!(rig.asked[1..7], ["init", "init", "init", "init", "init", "token"]);
    assert!(rig.events.iter().any(|event| matches!(event, Event::Rehashing { .. })));
}

/// 115 says that the folder is not there, and then leads to it by its path.
#[test]
fn field_bug_58_a_folder_that_is_said_to_be_gone_twice_is_an_error() {
    let mut rig = Rig::new(250);
    rig.target = "/a/b/x";
    rig.options.create_folders = true;
    let verdict = rig.run_with(|kind, _| if kind == "init" { Fate::Says(refusal(10_014)) } else { Fate::Fine });
    assert!(matches!(&verdict, Err(Failure::Refused(why)) if why.code() == Some(10_014)), "{verdict:?}");
    assert_eq!(rig.count("init"), 2);
    let verdict = rig.drive(rig.again(), &mut |_, _| Fate::Fine).unwrap();
    uploaded(&rig, verdict);
}

/// A code that no table explains is told at once, under HTTP 200 as 115 answers everything.
#[test]
fn field_bug_61_a_code_that_nobody_explains_is_told_at_once() {
    let odd = || says(200, r#"{"state":false,"code":4242,"message":"odd"}"#);
    for kind in ["look", "add", "init", "token"] {
        let mut rig = Rig::new(250);
        rig.target = "/a/x";
        rig.options.create_folders = true;
        let verdict = rig.run_with(|asked, _| if asked == kind { Fate::Says(odd()) } else { Fate::Fine });
        let Err(failure) = verdict else { panic!("{kind}: {verdict:?}") };
        let text = failure.to_string();
        assert!(matches!(failure, Failure::Refused(_)) && text.contains("code 4242, \"odd\""), "{text}");
        assert_eq!(rig.count(kind), 1);
        let verdict = rig.drive(rig.again(), &mut |_, _| Fate::Fine).unwrap();
        uploaded(&rig, verdict);
    }
    let refused = refresh_token::decode(&odd()).unwrap_err();
    assert_eq!(refused.remedy, Remedy::Configuration, "nor is a token refreshed again and again");
}

/// What a task that is gone is answered with is not documented: after a few tries the file is announced anew.
#[test]
fn field_bug_61_an_unknown_code_to_a_resume_begins_anew() {
    let mut rig = Rig::new(250);
    rig.server.forgets = Some(4242);
    let verdict = rig.run_with(|kind, nth| match (kind, nth) {
        ("part", 1) => Fate::Crash { after: false },
        _ => Fate::Fine,
    });
    uploaded(&rig, verdict);
    assert_eq!((rig.count("resume"), rig.count("init"), rig.restarts()), (4, 2, 1));
}

/// 115 refuses the file when the storage asks it: it would do so again, and the file is not sent four times to hear it.
#[test]
fn field_bug_61_an_unknown_code_to_the_callback_is_told_at_once() {
    let mut rig = Rig::new(250);
    rig.server.registers = vec![Registers::Not(r#"{"state":false,"code":4242,"message":"odd"}"#.to_owned())];
    let verdict = rig.run();
    let text = verdict.as_ref().unwrap_err().to_string();
    assert!(matches!(verdict, Err(Failure::Refused(_))) && text.contains("code 4242, \"odd\""), "{text}");
    assert_eq!(rig.server.storage.received, 250);
    let verdict = rig.drive(rig.again(), &mut |_, _| Fate::Fine).unwrap();
    uploaded(&rig, verdict);
    assert_eq!(rig.server.storage.received, 500);
}

/// The table in the vendor's page is the one that the program goes by.
#[test]
fn field_bug_61_the_page_says_of_each_code_whether_it_passes() {
    let page = include_str!("../../docs/115.md");
    for row in CODES {
        let lasts = if row.class.passes() { "passing" } else { "permanent" };
        let codes = if row.code == row.last { row.code.to_string() } else { format!("{} to {}", row.code, row.last) };
        let line = format!("| {codes} | {} | {lasts} |", row.meaning);
        assert!(page.contains(&line), "not in docs/115.md: {line}");
    }
}

/// The firewall in front of 115 answers 405 to an account that asks too much, and to some names.
#[test]
fn field_bug_74_the_firewalls_page_may_be_about_the_name() {
    for (status, kind, named) in [
        (405, "init", true),
        (405, "add", true),
        (405, "look", true),
        (403, "init", true),
        (405, "token", false),
        (502, "init", false),
    ] {
        let mut rig = Rig::new(250);
        rig.target = "/a/x";
        rig.options.create_folders = true;
        let wall = |asked: &str, nth| {
            if asked == kind && nth == 0 { Fate::Says(says(status, "<html>405</html>")) } else { Fate::Fine }
        };
        let verdict = rig.run_with(wall);
        uploaded(&rig, verdict);
        let told = rig.events.iter().find_map(|event| match event {
            Event::Retrying { why, .. } => Some(why.clone()),
            _ => None,
        });
        let told = told.expect("it is told after the first one");
        assert_eq!(
            told.contains("for some file and folder names") && told.contains("try another name"),
            named,
            "{told}"
        );
    }
    let of = |op| Fault::Unreadable { op, status: 405, excerpt: String::new() }.may_be_the_name();
    assert!(of(Op::Init) && !of(Op::GetToken));
}

/// Nothing is sent, nor asked, with parts that cannot be.
#[test]
fn field_bug_78_parts_that_cannot_be_are_refused_before_anything_is_asked() {
    for part_size in [0, 7] {
        let rig = Rig::new(10 * PART);
        let options = resumable_proto_115::Options::default().part_size(part_size).one_request_max(0);
        let text = rig.protocol().with_options(options).unwrap_err().to_string();
        assert!(text.contains(&format!("part_size is {part_size} bytes")), "{text}");
        assert!(rig.asked.is_empty(), "{:?}", rig.asked);
    }
}

/// Status 6, and no other question: the same verdict in other words.
#[test]
fn field_bug_58_a_refused_proof_without_a_new_question_counts_like_one() {
    let question =
        far::success(&serde_json::json!({"status": 7, "sign_key": "K", "sign_check": "3-9", "callback": []}));
    let refused = far::success(&serde_json::json!({"status": 6, "code": 700, "sign_key": "", "callback": []}));
    let mut rig = Rig::new(250);
    let verdict = rig.run_with(|kind, nth| match (kind, nth) {
        ("init", 0) => Fate::Says(question.clone()),
        ("init", 1..4) => Fate::Says(refused.clone()),
        _ => Fate::Fine,
    });
    assert_eq!(uploaded(&rig, verdict), How::Parts);
    assert!(rig.events.iter().any(|event| matches!(event, Event::Rehashing { .. })), "{:?}", rig.asked);
    assert_eq!(rig.count("init"), 5);
}
