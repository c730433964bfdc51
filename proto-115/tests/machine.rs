//! Whole uploads through the public machine, against 115 and its storage in memory.

mod far;

use std::time::Duration;

use far::{Fate, PART, Registers, Rig, refusal, says, uploaded};
use resumable_core::{Budget, Event, Failure, How, Lane};
use resumable_proto_115::Fault;

#[test]
fn field_bug_18_a_file_goes_in_parts_one_after_the_other() {
    let mut rig = Rig::new(250);
    let verdict = rig.run();
    assert_eq!(uploaded(&rig, verdict), How::Parts);
    assert_eq!(rig.asked, ["init", "token", "initiate", "part", "part", "part", "complete"]);
    assert_eq!(rig.server.storage.received, 250);
}

#[test]
fn field_bug_27_small_and_empty_files_go_in_one_request() {
    for len in [0, 1, PART] {
        let mut rig = Rig::new(len);
        let verdict = rig.run();
        assert_eq!(uploaded(&rig, verdict), How::OneRequest);
        assert_eq!(rig.asked, ["init", "token", "put"]);
    }
}

#[test]
fn known_content_is_not_sent() {
    let mut rig = Rig::knowing(250);
    let verdict = rig.run();
    assert_eq!(uploaded(&rig, verdict), How::Instant);
    assert_eq!(rig.asked, ["init"]);
}

#[test]
fn field_bug_22_at_most_three_proofs_are_given() {
    for rounds in [1, 2, 3, 9] {
        let mut rig = Rig::knowing(250);
        rig.server.challenges = rounds;
        let verdict = rig.run();
        if rounds <= 3 {
            assert_eq!(uploaded(&rig, verdict), How::Instant, "{rounds}");
            assert_eq!(rig.asked.len(), usize::from(rounds) + 1);
        } else {
            assert!(matches!(verdict, Err(Failure::Integrity(Fault::Unproven { asked: 4 }))), "{verdict:?}");
            assert_eq!(rig.asked, ["init"; 8], "the file is hashed again once");
        }
    }
}

#[test]
fn field_bug_23_a_proof_is_of_the_inclusive_range_up_to_the_edges() {
    for range in ["0-0", "249-249", "0-249", "7-150"] {
        let mut rig = Rig::knowing(250);
        (rig.server.challenges, rig.server.challenged_range) = (2, Some(range));
        let verdict = rig.run();
        assert_eq!(uploaded(&rig, verdict), How::Instant, "{range}");
    }
}

#[test]
fn a_proof_that_cannot_be_given_is_an_error() {
    let mut rig = Rig::knowing(250);
    (rig.server.challenges, rig.server.challenged_range) = (1, Some("0-250"));
    let failure = rig.run().unwrap_err();
    assert!(matches!(failure, Failure::Refused(Fault::BadChallenge { end: 251, len: 250 })), "{failure}");
}

#[test]
fn after_a_proof_the_bytes_may_be_wanted_all_the_same() {
    let mut rig = Rig::new(250);
    let challenge =
        far::success(&serde_json::json!({"status": 7, "sign_key": "K", "sign_check": "3-9", "callback": []}));
    let verdict = rig.run_with(|kind, nth| match (kind, nth) {
        ("init", 0) => Fate::Says(challenge.clone()),
        _ => Fate::Fine,
    });
    assert_eq!(uploaded(&rig, verdict), How::Parts);
    assert_eq!(rig.asked[..4], ["init", "init", "token", "initiate"]);
    let sign_val = far::hex(resumable_core::HashKind::Sha1, &rig.source[3..10]);
    assert!(rig.server.seen[0].ends_with(&format!("&sign_key=K&sign_val={sign_val}")), "{}", rig.server.seen[0]);
}

#[test]
fn field_bug_15_a_new_run_resumes_and_lists_and_goes_on() {
    let mut rig = Rig::new(550);
    let verdict = rig.run_with(|kind, nth| match (kind, nth) {
        ("part", 3) => Fate::Crash { after: true },
        _ => Fate::Fine,
    });
    assert_eq!(uploaded(&rig, verdict), How::Parts);
    assert_eq!(
        rig.asked[7..],
        ["resume", "token", "list", "part", "part", "complete"],
        "the fourth part had no answer: it is read again, and not sent"
    );
    assert_eq!(rig.server.storage.received, 550);
    assert_eq!((rig.server.storage.opened, rig.restarts()), (1, 0));
}

#[test]
fn a_task_that_is_gone_is_announced_anew() {
    for code in [20_018, 990_002] {
        let mut rig = Rig::new(250);
        rig.server.forgets = Some(code);
        let verdict = rig.run_with(|kind, nth| match (kind, nth) {
            ("part", 1) => Fate::Crash { after: false },
            _ => Fate::Fine,
        });
        assert_eq!(uploaded(&rig, verdict), How::Parts);
        assert_eq!(rig.asked[5..9], ["resume", "init", "token", "initiate"]);
        assert_eq!(rig.restarts(), 1);
    }
}

#[test]
fn a_resume_that_fails_is_tried_again_before_the_task_is_given_up() {
    let mut rig = Rig::new(250);
    let verdict = rig.run_with(|kind, nth| match (kind, nth) {
        ("part", 1) => Fate::Crash { after: false },
        ("resume", 0 | 2) => Fate::Says(refusal(990_003)),
        ("resume", 1) => Fate::Says(says(502, "<html>")),
        _ => Fate::Fine,
    });
    assert_eq!(uploaded(&rig, verdict), How::Parts);
    assert_eq!((rig.count("resume"), rig.count("init"), rig.restarts()), (4, 1, 0), "{:?}", rig.asked);
    assert_eq!(rig.server.storage.received, 250);

    let mut rig = Rig::new(250);
    rig.server.forgets = Some(990_003);
    let verdict = rig.run_with(|kind, nth| match (kind, nth) {
        ("part", 1) => Fate::Crash { after: false },
        _ => Fate::Fine,
    });
    assert_eq!(uploaded(&rig, verdict), How::Parts);
    assert_eq!((rig.count("resume"), rig.count("init"), rig.restarts()), (4, 2, 1), "{:?}", rig.asked);
}

#[test]
fn a_task_that_moved_begins_a_new_upload_in_the_new_place() {
    let mut rig = Rig::new(250);
    rig.server.moves = true;
    let verdict = rig.run_with(|kind, nth| match (kind, nth) {
        ("part", 1) => Fate::Crash { after: false },
        _ => Fate::Fine,
    });
    assert_eq!(uploaded(&rig, verdict), How::Parts);
    assert_eq!(rig.asked[5..8], ["resume", "token", "initiate"]);
    assert_eq!((rig.restarts(), rig.server.storage.opened), (1, 2));
}

#[test]
fn field_bug_16_a_file_that_115_does_not_take_is_hashed_again_and_announced_again_once() {
    let refused =
        || Registers::Not(r#"{"state":false,"message":"校验文件失败，请重新上传。","code":10002}"#.to_owned());
    for len in [50, 250] {
        let mut rig = Rig::new(len);
        rig.server.registers = vec![refused()];
        let verdict = rig.run();
        uploaded(&rig, verdict);
        assert_eq!(rig.count("init"), 2);
        assert!(rig.events.iter().any(|event| matches!(event, Event::Rehashing { .. })));

        let mut rig = Rig::new(len);
        rig.server.registers = vec![refused(), refused()];
        let failure = rig.run().unwrap_err();
        assert!(matches!(&failure, Failure::Integrity(fault) if fault.code() == Some(10_002)), "{failure}");
        assert!(failure.to_string().contains("校验文件失败"), "{failure}");
        assert_eq!((rig.count("init"), rig.server.files.len()), (2, 0));
    }
}

#[test]
fn field_bug_17_a_failed_callback_is_no_success_and_no_reason_to_send_again() {
    for len in [50, 250] {
        let mut rig = Rig::new(len);
        rig.server.registers = vec![Registers::Late];
        let start = rig.now.mono;
        let verdict = rig.run();
        assert_eq!(uploaded(&rig, verdict), How::AlreadyThere);
        assert_eq!((rig.server.storage.received, rig.count("init")), (len, 2));
        assert!((2..3).contains(&rig.since(start).as_secs()));

        let mut rig = Rig::new(len);
        rig.server.registers = vec![Registers::Never];
        let start = rig.now.mono;
        let verdict = rig.run();
        assert_ne!(uploaded(&rig, verdict), How::AlreadyThere);
        assert_eq!((rig.server.storage.received, rig.count("init"), rig.restarts()), (2 * len, 4, 1));
        assert!((22..23).contains(&rig.since(start).as_secs()), "2, 5 and 15 s");
    }
}

#[test]
fn a_file_that_never_gets_into_the_drive_is_an_honest_error() {
    let mut rig = Rig::new(250);
    rig.server.registers = vec![Registers::Never; 10];
    let failure = rig.run().unwrap_err();
    assert!(matches!(failure, Failure::Exhausted { budget: Budget::Restarts(_), .. }), "{failure}");
    assert!(failure.to_string().contains("not in the drive") && failure.to_string().contains("callback"), "{failure}");
    assert_eq!(rig.server.storage.received, 4 * 250);
}

#[test]
fn field_bug_21_a_lost_complete_is_probed_and_then_decided() {
    for hides in 0..=3 {
        let mut rig = Rig::new(250);
        rig.server.hides = hides;
        let verdict =
            rig.run_with(|kind, nth| if (kind, nth) == ("complete", 0) { Fate::LostAfter } else { Fate::Fine });
        let (how, received) = if hides < 3 { (How::AlreadyThere, 250) } else { (How::Parts, 500) };
        assert_eq!((uploaded(&rig, verdict), rig.server.storage.received), (how, received), "{hides}");
        assert_eq!(rig.asked[6..9], ["complete", "complete", "init"], "{:?}", rig.asked);
        assert_eq!(rig.count("init"), 1 + usize::from(hides.min(2)) + 1);
    }
}

#[test]
fn a_probe_may_be_challenged() {
    let mut rig = Rig::new(250);
    rig.server.challenges = 2;
    let verdict = rig.run_with(|kind, nth| if (kind, nth) == ("complete", 0) { Fate::LostAfter } else { Fate::Fine });
    assert_eq!(uploaded(&rig, verdict), How::AlreadyThere);
    assert_eq!((rig.count("init"), rig.server.storage.received), (4, 250));
}

#[test]
fn a_task_that_is_gone_after_a_lost_complete_is_probed_too() {
    let mut rig = Rig::new(250);
    rig.server.forgets = Some(20_018);
    let verdict = rig.run_with(|kind, nth| match (kind, nth) {
        ("complete", 0) => Fate::Crash { after: true },
        _ => Fate::Fine,
    });
    assert_eq!(uploaded(&rig, verdict), How::AlreadyThere);
    assert_eq!(rig.asked[7..], ["resume", "init"]);
}

#[test]
fn a_callback_that_says_too_little_is_checked() {
    for (says, shows_after, checks) in [
        (r#"{"state":true,"data":{"file_id":"FILE_ID"}}"#, 0, 1),
        (r#"{"state":true,"data":{"file_id":FILE_ID,"file_size":"250"}}"#, 6, 2),
        (r#"{"state":true,"data":{"file_id":"FILE_ID"}}"#, 200, 5),
    ] {
        let mut rig = Rig::new(250);
        rig.server.registers = vec![Registers::AndSays(says.to_owned())];
        rig.server.shows_after = Duration::from_secs(shows_after);
        let verdict = rig.run();
        assert_eq!(uploaded(&rig, verdict), How::Parts);
        assert_eq!((rig.count("check"), rig.count("init")), (checks, 1));
    }
}

#[test]
fn a_file_that_never_shows_is_probed() {
    let mut rig = Rig::new(250);
    rig.server.registers = vec![Registers::AndSays(r#"{"state":true,"data":{"file_id":"FILE_ID"}}"#.to_owned())];
    rig.server.shows_after = Duration::from_secs(1000);
    let verdict = rig.run();
    assert_eq!(uploaded(&rig, verdict), How::AlreadyThere);
    assert_eq!((rig.count("check"), rig.count("init")), (5, 2));
}

#[test]
fn a_callback_that_says_other_content_is_an_integrity_failure() {
    for other in [r#""sha1":"DA39A3EE5E6B4B0D3255BFEF95601890AFD80709","file_size":250"#, r#""file_size":0"#] {
        let mut rig = Rig::new(250);
        let body = format!(r#"{{"state":true,"data":{{"file_id":"FILE_ID",{other}}}}}"#);
        rig.server.registers = vec![Registers::Not(body.clone()), Registers::Not(body)];
        let failure = rig.run().unwrap_err();
        assert!(matches!(failure, Failure::Integrity(Fault::Differs { .. })), "{failure}");
    }
}

#[test]
fn a_callback_that_says_nothing_is_probed_and_one_that_is_final_ends_it() {
    for noise in ["<html>", "", r#"{"state":false,"code":0,"message":""}"#, r#"{"state":true,"code":0,"data":[]}"#] {
        let mut rig = Rig::new(250);
        rig.server.registers = vec![Registers::AndSays(noise.to_owned())];
        let verdict = rig.run();
        assert_eq!(uploaded(&rig, verdict), How::AlreadyThere, "{noise}");
    }
    let mut rig = Rig::new(250);
    rig.server.registers = vec![Registers::Not(r#"{"state":false,"code":91005,"message":"空间不足"}"#.to_owned())];
    let failure = rig.run().unwrap_err();
    assert!(matches!(&failure, Failure::Refused(fault) if fault.code() == Some(91_005)), "{failure}");
    assert!(failure.to_string().contains("空间不足") && failure.to_string().contains("free some space"), "{failure}");
}

#[test]
fn field_bug_14_keys_are_replaced_ahead_of_their_end() {
    let mut rig = Rig::new(2000);
    rig.takes = Duration::from_secs(28 * 60);
    let verdict = rig.run_with(|kind, _| {
        assert_ne!(kind, "list");
        Fate::Fine
    });
    assert_eq!(uploaded(&rig, verdict), How::Parts);
    assert_eq!((rig.count("part"), rig.server.storage.received, rig.server.storage.opened), (20, 2000, 1));
    assert_eq!(rig.count("token"), 11, "nothing begins in the last five minutes of an hour");
}

#[test]
fn field_bug_14_keys_that_die_early_are_replaced_and_the_same_part_sent() {
    for code in ["SecurityTokenExpired", "InvalidAccessKeyId", "InvalidSecurityToken"] {
        let mut rig = Rig::new(250);
        let body = format!("<Error><Code>{code}</Code><SecurityToken>tokencanary</SecurityToken></Error>");
        let verdict = rig.run_with(|kind, nth| match (kind, nth) {
            ("part", 1 | 2) | ("complete" | "initiate", 0) => Fate::Says(says(403, &body)),
            _ => Fate::Fine,
        });
        assert_eq!(uploaded(&rig, verdict), How::Parts);
        assert_eq!((rig.count("token"), rig.server.storage.opened, rig.restarts()), (5, 1, 0), "{code}");
        assert_eq!(rig.server.storage.received, 250);
    }
}

#[test]
fn keys_that_are_always_refused_are_an_honest_error() {
    let mut rig = Rig::new(250);
    let refused = || Fate::Says(says(403, "<Error><Code>InvalidAccessKeyId</Code></Error>"));
    let failure = rig.run_with(|kind, _| if kind == "part" { refused() } else { Fate::Fine }).unwrap_err();
    assert!(matches!(failure, Failure::Refused(Fault::KeysRefused(_))), "{failure}");
    assert_eq!((rig.count("part"), rig.count("token")), (3, 3));
}

#[test]
fn keys_that_live_shortly_are_used_all_the_same() {
    let mut rig = Rig::new(250);
    rig.server.keys_live = Duration::from_secs(2);
    let verdict = rig.run();
    assert_eq!(uploaded(&rig, verdict), How::Parts);
    assert_eq!(rig.count("token"), 1);
}

#[test]
fn field_bug_24_and_31_an_access_token_that_is_refused_is_replaced_once_before_anything_else_leaves() {
    let mut rig = Rig::new(250);
    (rig.tokens, rig.server.access) = (vec!["access-0".into(), "access-1".into()], "access-1".into());
    let verdict = rig.run();
    assert_eq!(uploaded(&rig, verdict), How::Parts);
    assert_eq!(rig.asked[..3], ["init", "init", "token"]);
    let told = rig.events.iter().filter(|event| matches!(event, Event::Reauthorizing { .. })).count();
    assert_eq!(told, 1);
}

#[test]
fn a_refresh_token_that_was_revoked_in_the_middle_ends_the_upload_so_that_it_can_be_resumed() {
    let mut rig = Rig::new(250);
    rig.takes = Duration::from_secs(3000);
    let mut fate = |kind: &str, nth| match (kind, nth) {
        ("token", 1) => Fate::Says(refusal(40_140_126)),
        _ => Fate::Fine,
    };
    let upload = rig.start();
    let failure = rig.drive(upload, &mut fate).unwrap().unwrap_err();
    assert!(matches!(&failure, Failure::Authorize(_)) && failure.resumable(), "{failure}");
    let sent = rig.server.storage.received;
    rig.takes = Duration::from_millis(1);
    let upload = rig.again();
    let verdict = rig.drive(upload, &mut |_, _| Fate::Fine).unwrap();
    assert_eq!(uploaded(&rig, verdict), How::Parts);
    assert_eq!((rig.server.storage.received, rig.server.storage.opened, sent > 0), (250, 1, true));
}

#[test]
fn field_bug_25_throttling_is_sat_out_and_doubles() {
    for disguise in [
        refusal(770_004),
        says(200, r#"{"state":false,"code":0,"message":""}"#),
        says(200, r#"{"state":false,"code":0,"message":770004}"#),
        says(405, "<html>405</html>"),
    ] {
        let mut rig = Rig::new(250);
        let start = rig.now.mono;
        let verdict = rig.run_with(|kind, nth| match (kind, nth) {
            ("init", 0..3) => Fate::Says(disguise.clone()),
            _ => Fate::Fine,
        });
        assert_eq!(uploaded(&rig, verdict), How::Parts);
        let waited = rig.since(start).as_secs();
        assert!((2100..2110).contains(&waited), "300, 600 and 1200 s: {waited}");
        assert_eq!(rig.count("init"), 4);
    }
}

#[test]
fn throttling_that_is_longer_than_patience_ends_the_upload_at_once() {
    let mut rig = Rig::new(250);
    rig.core.patience = Duration::from_secs(600);
    let start = rig.now.mono;
    let failure = rig.run_with(|kind, _| if kind == "init" { Fate::Says(refusal(770_004)) } else { Fate::Fine });
    let failure = failure.unwrap_err();
    assert!(matches!(failure, Failure::Exhausted { budget: Budget::Wait { .. }, .. }) && failure.resumable());
    assert!(failure.to_string().contains("limit of accesses"), "{failure}");
    assert_eq!((rig.since(start).as_secs(), rig.count("init")), (300, 2));
}

#[test]
fn a_host_can_limit_the_calls_to_115_and_not_those_to_the_storage() {
    let mut rig = Rig::new(550);
    rig.core.gated = vec![Lane::Api];
    let verdict = rig.run();
    assert_eq!(uploaded(&rig, verdict), How::Parts);
    assert_eq!(rig.slots, 2, "init and get_token");
}

#[test]
fn field_bug_28_a_file_that_changes_is_never_completed() {
    for requests in 1..=6 {
        let mut rig = Rig::new(250);
        rig.changes_at = Some(requests);
        let failure = rig.run().unwrap_err();
        assert!(matches!(failure, Failure::Changed { .. }), "{requests}: {failure}");
        assert!(rig.server.files.is_empty(), "{requests}");
        assert_eq!(rig.count("complete"), 0);
    }
}

#[test]
fn field_bug_28_a_file_that_changes_is_never_an_instant_upload_of_what_it_was() {
    let mut rig = Rig::knowing(250);
    rig.changes_at = Some(1);
    let failure = rig.run_with(|_, nth| if nth == 0 { Fate::Unsent } else { Fate::Fine }).unwrap_err();
    assert!(matches!(failure, Failure::Changed { .. }), "{failure}");
    assert_eq!(rig.server.files.len(), 1, "the one that was there before");
}

#[test]
fn what_the_storage_cannot_take_is_an_error_before_anything_is_asked() {
    let rig = Rig::new(250);
    let mut options = rig.options.clone().part_size(201);
    options.limits.part_max = 200;
    let refused = rig.protocol().with_options(options).unwrap_err();
    assert!(refused.to_string().contains("part_size is 201 bytes; the vendor takes 1 to 200"), "{refused}");
    assert!(rig.asked.is_empty() && rig.effects <= 1, "{:?}", rig.asked);
}

#[test]
fn a_name_that_115_refuses_is_an_error_in_its_words() {
    let mut rig = Rig::new(250);
    let words = says(200, r#"{"state":false,"code":990002,"message":"文件名不能包含以下字符","data":[]}"#);
    let failure = rig.run_with(|_, _| Fate::Says(words.clone())).unwrap_err();
    assert!(failure.to_string().contains("文件名不能包含以下字符"), "{failure}");
    assert_eq!(rig.asked, ["init"]);
}

#[test]
fn field_bug_20_all_pages_of_the_list_are_read() {
    let mut rig = Rig::new(1005 * PART);
    let verdict = rig.run_with(|kind, nth| match (kind, nth) {
        ("part", 1004) => Fate::Crash { after: true },
        _ => Fate::Fine,
    });
    assert_eq!(uploaded(&rig, verdict), How::Parts);
    assert_eq!((rig.count("part"), rig.count("list"), rig.restarts()), (1005, 2, 0));
}

#[test]
fn ten_thousand_parts_are_resumed_within_a_small_checkpoint() {
    let mut rig = Rig::new(10_000);
    (rig.options.part_size, rig.options.one_request_max) = (1, 0);
    rig.core.save_every = Duration::from_secs(1);
    let verdict = rig.run_with(|kind, nth| match (kind, nth) {
        ("part", 5000) => Fate::Crash { after: false },
        _ => Fate::Fine,
    });
    assert_eq!(uploaded(&rig, verdict), How::Parts);
    assert_eq!((rig.server.storage.opened, rig.server.storage.received, rig.restarts()), (1, 10_000, 0));
    assert!(rig.saved.iter().all(|saved| saved.len() < 8 << 10));
}

#[test]
fn field_bug_29_a_list_that_names_what_was_never_sent_costs_that_upload_and_no_more() {
    let list = |number: u32, size: u32, tag: &str| {
        says(
            200,
            &format!(
                "<ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>{number}</PartNumber>\
                 <ETag>\"{tag}\"</ETag><Size>{size}</Size></Part></ListPartsResult>"
            ),
        )
    };
    let tag = "0123456789ABCDEF0123456789ABCDEF";
    for page in [list(1, 99, tag), list(1, 100, tag), list(7, 100, tag), list(2, 100, tag)] {
        let mut rig = Rig::new(250);
        let verdict = rig.run_with(|kind, nth| match (kind, nth) {
            ("part", 1) => Fate::Crash { after: false },
            ("list", 0) => Fate::Says(page.clone()),
            _ => Fate::Fine,
        });
        assert_eq!(uploaded(&rig, verdict), How::Parts);
        assert_eq!((rig.count("abort"), rig.server.storage.opened), (1, 2), "{:?}", rig.asked);
        assert!((1..=2).contains(&rig.restarts()), "a part that counted no more, and the upload: {:?}", rig.events);
    }
}

#[test]
fn field_bug_13_a_part_that_is_sent_again_is_signed_again() {
    let mut rig = Rig::new(250);
    let verdict = rig.run_with(|kind, nth| match (kind, nth) {
        ("part", 0..6) => Fate::Says(says(503, "")),
        _ => Fate::Fine,
    });
    assert_eq!(uploaded(&rig, verdict), How::Parts);
    let dates: std::collections::BTreeSet<&String> = rig.signed_at[3..9].iter().collect();
    assert!(dates.len() >= 5, "the first pause is shorter than a second: {dates:?}");
}

#[test]
fn a_clock_that_is_wrong_costs_one_refusal() {
    for off in [-86_400, -1_200, 1_200, 86_400] {
        let mut rig = Rig::new(250);
        rig.server.unix += Duration::from_secs(200_000);
        rig.now.unix = Duration::from_secs(rig.server.unix.as_secs().checked_add_signed(off).unwrap());
        let verdict = rig.run();
        assert_eq!(uploaded(&rig, verdict), How::Parts, "{off}");
        assert_eq!((rig.count("initiate"), rig.count("token")), (2, 1), "the keys' life is counted without a clock");
    }
}

#[test]
fn the_longest_callback_that_is_taken_fits_into_a_checkpoint() {
    let mut rig = Rig::new(250);
    let long = format!("{{\"{}\"}}", "\\\"".repeat(1534));
    let callback = serde_json::json!({"callback": long, "callback_var": long});
    let wanted = far::success(&serde_json::json!({
        "status": 1, "pick_code": "p".repeat(256), "bucket": "emubucket", "object": "o".repeat(256), "callback": callback,
    }));
    let mut fate = |kind: &str, _| match kind {
        "init" => Fate::Says(wanted.clone()),
        "complete" => Fate::Crash { after: false },
        _ => Fate::Fine,
    };
    let upload = rig.start();
    assert!(rig.drive(upload, &mut fate).is_none());
    assert!(rig.saved.iter().any(|saved| saved.len() > 12 << 10), "{:?}", rig.asked);
}
