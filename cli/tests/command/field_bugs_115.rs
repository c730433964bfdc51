//! What went wrong in other clients of 115, and does not here: one test a bug, numbered as in the list of such bugs
//! that this project keeps. Each says what was seen, and most of them where.

use std::fs::{self, File};
use std::path::Path;

use resumable_emulator::p115::{
    Challenge, ChallengeMet, EmptyFile, NoCallback, RefusedData, SameContent, Shape, StateForm, TokenErrors,
};
use resumable_emulator::{Fault, Rule, VendorCode};

use crate::kit::{Home, PART, Ran, until};
use crate::p115::{home, keeps, number, plain};

/// The operations of the log from here on, without those in between that repeat.
fn ops_since(home: &Home, earlier: usize) -> Vec<String> {
    let mut ops: Vec<String> = home.emulator.log()[earlier..].iter().map(|entry| entry.op.clone()).collect();
    ops.dedup();
    ops
}

/// How often an answer had this code.
fn answered(home: &Home, code: &str) -> usize {
    let code = VendorCode::Text(code.to_owned());
    home.emulator.log().iter().filter(|entry| entry.code.as_ref() == Some(&code)).count()
}

/// What this content is in the drive already, under another name.
fn known(home: &Home, file: &Path) {
    home.emulator.p115().put_file("/known.bin", &fs::read(file).unwrap()).unwrap();
}

/// A vendor that keeps one entry of what it is told twice: the probe after a lost answer is an announcement, too.
fn with_one_entry() -> Home {
    home("ureq", |config| config.p115.switches.same_content = SameContent::Same, "")
}

fn is_instant(ran: &Ran) -> bool {
    ran.result("bytes sent") == "0" && ran.result("how").starts_with("instant")
}

/// Storage keys are fetched once, and die before a long upload ends: first they are expired, then unknown.
#[test]
fn field_bug_14_storage_keys_that_die_cost_one_part_at_most() {
    for (op, skip) in [("initiate", 0), ("upload_part", 3), ("complete", 0)] {
        let home = plain("");
        let file = home.file("big.bin", 6 * PART, 14);
        home.emulator.inject(Rule::once(op, Fault::ExpireToken).skip(skip));
        home.put(&file, "/big.bin", &[]).ends(0);
        assert!(keeps(&home, "big.bin", &file), "{op}");
        let asked = ["upload/init", "upload/get_token", "refreshToken"].map(|it| home.asked(it));
        assert_eq!(asked, [1, 2, 0], "{op}: the log-in has nothing to do with it");
        assert_eq!(home.asked("initiate"), if op == "initiate" { 2 } else { 1 }, "the same upload");
        assert!(home.emulator.totals().received_file_bytes <= 7 * PART, "{op}");
        assert_eq!((answered(&home, "SecurityTokenExpired"), answered(&home, "InvalidAccessKeyId")), (1, 0), "{op}");
    }
}

/// An upload that takes several lives of its keys.
#[test]
fn field_bug_14_an_upload_outlives_its_storage_keys() {
    let home = home("ureq", |config| config.oss.limits.sts_life = 4, "");
    let file = home.file("big.bin", 4 * PART, 14);
    home.emulator.inject(Rule::once("upload_part", Fault::Delay { millis: 2500 }).times(Rule::ALWAYS));
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
    assert!(home.asked("upload/get_token") >= 4, "after each part half of their life is over");
    assert_eq!((home.asked("initiate"), home.asked("upload/init")), (1, 1));
}

/// Nobody asks where an upload of an earlier run stands: it begins again from zero.
#[test]
fn field_bug_15_a_second_run_resumes() {
    let home = plain("");
    let file = home.file("big.bin", 8 * PART, 15);
    home.break_off(&file, "/big.bin");
    let (earlier, stored) = (home.emulator.log().len(), home.emulator.totals().file_bytes);
    let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    let ops = ["upload/resume", "upload/get_token", "list_parts", "upload_part", "complete"];
    assert_eq!(ops_since(&home, earlier), ops);
    assert_eq!(ran.result("bytes sent"), (8 * PART - stored).to_string(), "none of what had arrived");
    assert!(keeps(&home, "big.bin", &file));
}

/// HTTP 200 whose body says `state: false, code: 10002` is reported as success; the file is nowhere.
#[test]
fn field_bug_16_a_file_that_is_not_in_the_drive_is_no_success() {
    let refused = || Fault::Refuse { status: 200, code: number(10_002) };
    for one_request in [false, true] {
        let home = plain("");
        if one_request {
            let text = fs::read_to_string(home.config()).unwrap();
            home.write_config(&text.replace("one_request_max = '0'", ""));
        }
        let file = home.file("big.bin", 2 * PART, 16);
        home.emulator.inject(Rule::once("callback", refused()).times(Rule::ALWAYS));
        let ran = home.put(&file, "/big.bin", &[]).ends(7).says(&["10002"]);
        assert_eq!(ran.out, "", "nothing that looks like a result");
        assert!(home.emulator.p115().files().is_empty());
        assert_eq!(home.asked("upload/init"), 2, "hashed and announced once more, and no more than that");

        home.emulator.clear_faults();
        home.emulator.inject(Rule::once("callback", refused()));
        home.put(&file, "/big.bin", &[]).ends(0);
        assert!(keeps(&home, "big.bin", &file));
    }
}

/// HTTP 203 is in the 200s, and so it is taken for success; or the whole file is sent again though it has arrived.
#[test]
fn field_bug_17_a_failed_callback_is_looked_into() {
    for op in ["complete", "put_object"] {
        for delivered in [true, false] {
            let home = with_one_entry();
            if op == "put_object" {
                let text = fs::read_to_string(home.config()).unwrap();
                home.write_config(&text.replace("one_request_max = '0'", ""));
            }
            let file = home.file("big.bin", 2 * PART, 17);
            home.emulator.inject(Rule::once(op, Fault::CallbackFailed { delivered }));
            home.put(&file, "/big.bin", &[]).ends(0);
            assert!(keeps(&home, "big.bin", &file), "{op} {delivered}");
            assert_eq!(home.emulator.p115().files().len(), 1, "{op} {delivered}: once");
            let times = if delivered { 1 } else { 2 };
            assert_eq!(home.emulator.totals().received_file_bytes, times * 2 * PART, "{op} {delivered}");
        }
    }
}

/// Parts that come in any order reach 100 %, and then 115 refuses the file, for it was never told a SHA-1.
#[test]
fn field_bug_18_parts_go_one_after_the_other_and_115_takes_the_file() {
    let home = plain("");
    let file = home.file("big.bin", 6 * PART, 18);
    home.break_off(&file, "/big.bin");
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
    assert_eq!((home.asked("initiate"), home.asked("complete")), (1, 1));
    assert_eq!(answered(&home, "PartNotSequential"), 0);
}

/// After the lost answer to a part the vendor says 409 for ever: a loop, a restart from zero, or blind acceptance.
#[test]
fn field_bug_19_a_part_that_is_there_already_is_compared() {
    let home = plain("");
    let file = home.file("big.bin", 6 * PART, 19);
    home.emulator.inject(Rule::once("upload_part", Fault::DropReply).skip(2));
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
    assert_eq!((home.asked("initiate"), home.asked("upload_part")), (1, 7));
    assert_eq!(answered(&home, "PartAlreadyExist"), 1);

    // What is there is said to be other bytes: those are never accepted.
    let other = home.file("other.bin", 6 * PART, 20);
    home.emulator.inject(Rule::once("upload_part", Fault::DropReply).skip(2));
    home.emulator.inject(Rule::once("upload_part", Fault::WrongEtag).skip(2));
    home.put(&other, "/other.bin", &[]).ends(0);
    assert!(keeps(&home, "other.bin", &other));
    assert_eq!((home.asked("initiate"), answered(&home, "PartAlreadyExist")), (1 + 2, 2));
}

/// Only the first page of the list of parts is read.
#[test]
fn field_bug_20_every_page_of_the_list_is_read() {
    let home = home("ureq", |config| config.oss.limits.page_holds = 2, "");
    let file = home.file("big.bin", 9 * PART, 20);
    home.begin_with(&file, "/big.bin", 6 * PART, |home| {
        home.emulator.inject(Rule::once("upload_part", Fault::Delay { millis: 600_000 }).skip(6).times(Rule::ALWAYS));
    });
    home.settle();
    let stored = home.emulator.totals().file_bytes / PART;
    assert_eq!(stored, 7);
    for fault in [Fault::StuckMarker, Fault::MissingMarker] {
        home.emulator.inject(Rule::once("list_parts", fault).skip(1).times(Rule::ALWAYS));
        let ran = home.put(&file, "/big.bin", &["--patience", "2s"]);
        assert!([5, 6].contains(&ran.code), "{ran:?}");
        ran.says(&["did not advance"]);
        home.emulator.clear_faults();
    }
    let (asked, sent) = (home.asked("list_parts"), home.asked("upload_part"));
    home.put(&file, "/big.bin", &[]).ends(0);
    assert_eq!(home.asked("list_parts") - asked, 4, "2, 2, 2, and 1");
    assert_eq!((home.asked("upload_part") - sent, home.asked("initiate")), (2, 1));
    assert!(keeps(&home, "big.bin", &file));
}

/// After the lost answer to complete, `NoSuchUpload` is taken for failure, or blindly for success.
#[test]
fn field_bug_21_a_lost_complete_is_probed() {
    let home = with_one_entry();
    let file = home.file("big.bin", 2 * PART, 21);
    home.emulator.inject(Rule::once("complete", Fault::DropReply));
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
    assert_eq!((answered(&home, "NoSuchUpload"), home.asked("initiate")), (1, 1));
    assert_eq!(home.emulator.totals().received_file_bytes, 2 * PART);
    assert_eq!(home.emulator.p115().files().len(), 1);

    // It never got there, and by the second time the upload is gone.
    let other = home.file("other.bin", 2 * PART, 22);
    home.emulator.inject(Rule::once("complete", Fault::CutBefore));
    home.emulator.inject(Rule::once("complete", Fault::ForgetSession));
    home.put(&other, "/other.bin", &[]).ends(0);
    assert!(keeps(&home, "other.bin", &other));
    assert_eq!(home.emulator.totals().received_file_bytes, (2 + 4) * PART);

    // Where the probe makes a second entry, it is the same file.
    let home = plain("");
    home.emulator.inject(Rule::once("complete", Fault::DropReply));
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, "big.bin", &file) && keeps(&home, "big(1).bin", &file));
    assert_eq!(home.emulator.totals().received_file_bytes, 2 * PART);
}

/// A second challenge falls through to an upload with an empty callback.
#[test]
fn field_bug_22_three_challenges_are_met_and_no_more() {
    for rounds in 1..=5 {
        let home = home("ureq", |config| config.p115.limits.challenge_rounds = rounds, "");
        let file = home.file("big.bin", 2 * PART, 22);
        known(&home, &file);
        let ran = home.put(&file, "/big.bin", &[]);
        if rounds <= 3 {
            assert!(is_instant(&ran.ends(0)) && keeps(&home, "big.bin", &file), "{rounds}");
            assert_eq!(home.asked("upload/init"), 1 + rounds as usize);
        } else {
            ran.ends(7).says(&["proof", "reading the whole file once more"]);
            assert_eq!(home.asked("upload/init"), 8, "hashed and announced again, once");
        }
        assert_eq!((home.asked("upload/get_token"), home.asked("initiate")), (0, 0), "{rounds}");
    }
}

/// The same where the number of the status is another one, and where the bytes are wanted all the same.
#[test]
fn field_bug_22_a_challenge_that_was_met_may_end_in_any_way() {
    for (met, instant) in [(ChallengeMet::FailedOnce, true), (ChallengeMet::Bytes, false)] {
        let home = home("ureq", |config| config.p115.switches.challenge_met = met, "");
        let file = home.file("big.bin", 2 * PART, 22);
        known(&home, &file);
        let ran = home.put(&file, "/big.bin", &[]).ends(0);
        assert_eq!((is_instant(&ran), home.asked("upload_part")), (instant, if instant { 0 } else { 2 }), "{met:?}");
        assert!(keeps(&home, "big.bin", &file), "{met:?}");
    }
    let home = home("ureq", |config| config.p115.switches.challenge_met = ChallengeMet::Failed, "");
    let file = home.file("big.bin", 2 * PART, 22);
    known(&home, &file);
    let ran = home.put(&file, "/big.bin", &["--patience", "2s"]);
    assert!([5, 7].contains(&ran.code) && ran.out.is_empty(), "{ran:?}");
    assert_eq!(home.asked("initiate"), 0);
}

/// The range of a challenge is read as offset and length, or without its last byte.
#[test]
fn field_bug_23_the_range_of_a_challenge_has_both_ends_in_it() {
    for challenge in [Challenge::Random, Challenge::FirstByte, Challenge::LastByte, Challenge::WholeFile] {
        let home = home("ureq", |config| config.p115.switches.challenge = challenge, "");
        let file = home.file("big.bin", 2 * PART + 5, 23);
        known(&home, &file);
        let ran = home.put(&file, "/big.bin", &[]).ends(0);
        assert!(is_instant(&ran), "{challenge:?}: {ran:?}");
        assert_eq!(home.asked("upload/init"), 2, "{challenge:?}: the first proof is right");
    }
}

/// A refresh is made for every code that begins with 401: a token that works once is used up for nothing.
#[test]
fn field_bug_24_a_token_is_refreshed_for_the_codes_that_mean_it_alone() {
    let mean_it = [99, 990_001, 40_140_123, 40_140_124, 40_140_125, 40_140_126];
    let do_not = [40_110_000, 40_140_100, 40_140_117, 40_140_118, 40_140_122, 40_140_128, 40_199_002, 990_002];
    let home = plain("");
    let empty = home.file("empty", 0, 24);
    for (code, refreshes) in mean_it.map(|code| (code, 1)).into_iter().chain(do_not.map(|code| (code, 0))) {
        let before = home.asked("refreshToken");
        home.emulator.inject(Rule::once("upload/init", Fault::Refuse { status: 200, code: number(code) }));
        let ran = home.put(&empty, &format!("/{code}"), &["--patience", "2s"]);
        assert!(refreshes == 0 || ran.code == 0, "{code}: {ran:?}");
        assert_eq!(home.asked("refreshToken") - before, refreshes, "{code}: {ran:?}");
        home.emulator.clear_faults();
        home.put(&empty, &format!("/{code} again"), &[]).ends(0);
    }
}

/// The new pair is used first and kept later: who is killed in between has lost the log-in.
#[test]
fn field_bug_24_a_new_token_is_kept_before_it_is_used() {
    let home = plain("");
    let empty = home.file("empty", 0, 24);
    home.emulator.inject(Rule::once("upload/init", Fault::ExpireToken));
    home.emulator.inject(Rule::once("upload/init", Fault::Delay { millis: 600_000 }));
    let running = home.start(home.put_command(&empty, "/x", &[]));
    // The first use of the new token has no answer in this test's life.
    until("the new token is used", || home.asked("upload/init") == 2);
    let kept = fs::read_to_string(&home.token_files()[0]).unwrap();
    let (access, refresh) = home.emulator.p115().tokens();
    assert!(kept.contains(&access) && kept.contains(&refresh));
    running.kill();
    home.emulator.clear_faults();
    home.put(&empty, "/x", &[]).ends(0);
    assert_eq!(home.asked("refreshToken"), 1);
}

/// Throttling is no plain refusal: `code: 0` without a message, a number for a message, a page of HTML. Clients that do
/// not see it ask again and again.
#[test]
fn field_bug_25_throttling_is_sat_out_in_every_disguise() {
    let disguised = |status, text: &str| Fault::Refuse { status, code: VendorCode::Text(text.to_owned()) };
    for fault in [
        disguised(200, ""),
        disguised(200, "770004"),
        disguised(400, "Throttling.User"),
        Fault::Throttle { retry_after_seconds: None },
        Fault::Html { status: 405 },
        Fault::Html { status: 403 },
    ] {
        let home = plain("");
        let empty = home.file("empty", 0, 25);
        home.emulator.inject(Rule::once("upload/init", fault.clone()).times(Rule::ALWAYS));
        home.put(&empty, "/x", &["--patience", "4m"]).ends(5).says(&["Run the same command again"]);
        assert_eq!(home.asked("upload/init"), 1, "{fault:?}: the wait is longer than four minutes");
        assert_eq!(home.asked("refreshToken"), 0, "{fault:?}");
        home.emulator.clear_faults();
        home.put(&empty, "/x", &[]).ends(0);
    }
}

/// `callback` is `[]` where there is none, numbers are texts, objects stand in arrays: strict readers fail.
#[test]
fn field_bug_26_answers_are_read_in_every_shape_they_were_seen_in() {
    let shapes: [fn(&mut Shape); 6] = [
        |shape| shape.no_callback = NoCallback::Array,
        |shape| shape.no_callback = NoCallback::Object,
        |shape| (shape.no_callback, shape.state) = (NoCallback::Null, StateForm::Number),
        |shape| (shape.no_callback, shape.state) = (NoCallback::Absent, StateForm::Text),
        |shape| (shape.in_arrays, shape.numbers_as_texts, shape.message_as_number) = (true, true, true),
        |shape| (shape.refused_data, shape.token_errors) = (RefusedData::Null, TokenErrors::Errno),
    ];
    for (at, change) in shapes.into_iter().enumerate() {
        let home = home("ureq", |config| change(&mut config.p115.shape), "");
        let file = home.file("big.bin", 2 * PART, 26);
        home.emulator.inject(Rule::once("upload/init", Fault::ExpireToken));
        home.put(&file, "/dir/one.bin", &[]).ends(0);
        assert!(keeps(&home, "dir/one.bin", &file), "{at}");
        let ran = home.put(&file, "/dir/two.bin", &[]).ends(0);
        assert!(is_instant(&ran) && keeps(&home, "dir/two.bin", &file), "{at}: {ran:?}");
        assert_eq!(home.asked("refreshToken"), 1, "{at}");
    }
}

/// An empty file ends in a complete that names no part.
#[test]
fn field_bug_27_an_empty_file_goes_in_one_request() {
    let home = home("ureq", |config| config.p115.switches.empty_file = EmptyFile::Bytes, "");
    let file = home.file("empty", 0, 27);
    let ran = home.put(&file, "/empty", &[]).ends(0);
    assert_eq!(ran.result("how"), "in one request");
    assert_eq!(["put_object", "initiate", "complete"].map(|op| home.asked(op)), [1, 0, 0]);
    assert!(keeps(&home, "empty", &file));
}

/// The SHA-1 or the progress of an earlier run is used for a file that is another one by now.
#[test]
fn field_bug_28_a_file_that_was_replaced_is_not_gone_on_with() {
    let home = plain("");
    let file = home.file("big.bin", 8 * PART, 28);
    home.break_off(&file, "/big.bin");
    // Of the same name, length and date.
    let changed = fs::metadata(&file).unwrap().modified().unwrap();
    let other = home.file("other.bin", 8 * PART, 29);
    File::options().write(true).open(&other).unwrap().set_modified(changed).unwrap();
    fs::rename(&other, &file).unwrap();
    home.put(&file, "/big.bin", &[]).ends(3).says(&["the file changed since its upload began", "--restart"]);
    assert_eq!(home.asked("complete"), 0);
    home.put(&file, "/big.bin", &["--restart"]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
}

/// The same while it is being sent: it is looked at before the last call.
#[test]
fn field_bug_28_a_file_that_changes_behind_what_was_sent_is_never_completed() {
    let home = plain("");
    let file = home.file("big.bin", 2 * PART, 28);
    // Both parts are stored; the file changes before the answer to the second is here.
    let running = home.begin_with(&file, "/big.bin", PART, |home| {
        home.emulator.inject(Rule::once("upload_part", Fault::Delay { millis: 4000 }).skip(1));
    });
    let mut bytes = fs::read(&file).unwrap();
    bytes[5] ^= 1;
    fs::write(&file, bytes).unwrap();
    running.wait().ends(3).says(&["changed"]);
    assert_eq!(home.asked("complete"), 0);
    assert!(home.emulator.p115().files().is_empty());
}

/// Resumed at the sum of what is listed, be it contiguous or not, and of whatever lengths.
#[test]
fn field_bug_29_a_list_of_parts_that_were_never_sent_costs_that_upload_and_no_more() {
    let home = plain("");
    let file = home.file("big.bin", 8 * PART, 29);
    home.break_off(&file, "/big.bin");
    home.emulator.inject(Rule::once("list_parts", Fault::WrongLength));
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
    assert_eq!((home.asked("initiate"), home.asked("upload/init")), (2, 1));
}

/// Keys, tokens and signatures are printed in logs and errors.
#[test]
fn field_bug_30_no_token_and_no_key_is_ever_shown_or_saved() {
    let home = plain("");
    let file = home.file("big.bin", 8 * PART, 30);
    home.emulator.inject(Rule::once("upload_part", Fault::Html { status: 500 }));
    home.emulator.inject(Rule::once("upload/init", Fault::ExpireToken));
    home.break_off(&file, "/big.bin");
    clean(&home, &home.run(&["list"]).ends(0));
    home.emulator.inject(Rule::once("list_parts", Fault::refuse(403, "SignatureDoesNotMatch")).times(Rule::ALWAYS));
    let ran = home.put(&file, "/big.bin", &["--patience", "2s"]);
    assert_ne!(ran.code, 0, "{ran:?}");
    clean(&home, &ran);
    home.emulator.clear_faults();
    home.emulator.inject(Rule::once("upload/resume", Fault::ExpireToken));
    home.emulator.inject(Rule::once("refreshToken", Fault::refuse(200, 40_140_116)));
    clean(&home, &home.put(&file, "/big.bin", &[]).ends(4));
    clean(&home, &home.run(&["login", "emu"]).ends(0));
    home.emulator.inject(Rule::once("upload_part", Fault::ExpireToken));
    clean(&home, &home.put(&file, "/big.bin", &[]).ends(0));
}

/// What every token, key and signature here has in it; tokens of 115 are in their own files alone.
#[track_caller]
fn clean(home: &Home, ran: &Ran) {
    let (access, refresh) = home.emulator.p115().tokens();
    let kept = home.checkpoints().into_iter().map(|path| fs::read_to_string(path).unwrap());
    for text in kept.chain([ran.out.clone(), ran.err.clone()]) {
        for never in
            [&*access, &*refresh, "emulator-access", "emulator-refresh", "STS.N", "CAIS", "Signature=", "OSS4-"]
        {
            assert!(!text.contains(never), "{never:?} in {text}");
        }
    }
}

/// Parts go on with the dead keys while new ones are fetched.
#[test]
fn field_bug_31_nothing_is_sent_while_keys_are_replaced() {
    let home = plain("");
    let file = home.file("big.bin", 6 * PART, 31);
    home.emulator.inject(Rule::once("upload_part", Fault::ExpireToken).skip(2));
    home.emulator.inject(Rule::once("upload/get_token", Fault::Delay { millis: 1500 }).skip(1));
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
    assert_eq!((answered(&home, "SecurityTokenExpired"), answered(&home, "InvalidAccessKeyId")), (1, 0));
    let ops: Vec<String> = home.emulator.log().iter().map(|entry| entry.op.clone()).collect();
    let second = ops.iter().rposition(|op| op == "upload/get_token").unwrap();
    assert_eq!(ops[..second].iter().filter(|op| *op == "upload_part").count(), 3, "{ops:?}");
    assert_eq!(ops[second..].iter().filter(|op| *op == "upload_part").count(), 4, "the same part, and the rest");
}
