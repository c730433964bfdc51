//! What went wrong in other clients of Aliyun OSS, and does not here: one test a bug, numbered as in the list of such bugs
//! that this project keeps. Each says what was seen, and most of them where.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use resumable_emulator::{Config, Fault, Rule, VendorCode};

use crate::kit::{Home, PART, Ran};
use crate::oss::{CALLBACK, called, home_with, keeps};

fn home(lines: &str) -> Home {
    home_with("ureq", |_| {}, lines)
}

/// How often an answer had this code.
fn answered(home: &Home, code: &str) -> usize {
    let code = VendorCode::Text(code.to_owned());
    home.emulator.log().iter().filter(|entry| entry.code.as_ref() == Some(&code)).count()
}

/// Which operations there were from here on.
fn ops_since(home: &Home, earlier: usize) -> Vec<String> {
    home.emulator.log()[earlier..].iter().map(|entry| entry.op.clone()).collect()
}

/// The waits that were announced, in seconds.
fn waits(ran: &Ran) -> Vec<f64> {
    let tails = ran.err.split("retrying in ").skip(1);
    tails.map(|tail| tail.split(' ').next().unwrap().parse().unwrap()).collect()
}

/// The Go SDK v2 drops the upload id at any error of the list: one blip, and all begins from zero.
#[test]
fn field_bug_01_an_error_while_listing_drops_no_upload() {
    for fault in [
        Fault::refuse(500, "InternalError"),
        Fault::refuse(400, "BadRequest"),
        Fault::Html { status: 404 },
        Fault::Garbage,
        Fault::CutBefore,
        Fault::Reset,
    ] {
        let home = home("");
        let file = home.file("big.bin", 12 * PART, 1);
        home.break_off(&file, "/big.bin");
        let stored = home.emulator.totals().file_bytes;
        home.emulator.inject(Rule::once("list_parts", fault.clone()));
        let ran = home.put(&file, "/big.bin", &[]).ends(0);
        assert_eq!(home.asked("initiate"), 1, "{fault:?}");
        assert_eq!(ran.result("bytes sent"), (12 * PART - stored).to_string(), "{fault:?}");
        assert!(keeps(&home, "big.bin", &file));
    }
    // A refusal for good ends the run, and not the upload.
    let home = home("");
    let file = home.file("big.bin", 12 * PART, 1);
    home.break_off(&file, "/big.bin");
    home.emulator.inject(Rule::once("list_parts", Fault::refuse(403, "Unheard")));
    home.put(&file, "/big.bin", &[]).ends(6).says(&["Unheard"]);
    home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert!(home.asked("initiate") == 1 && keeps(&home, "big.bin", &file));
}

/// The same SDK stops at the first gap, and sends what arrived behind it again.
#[test]
fn field_bug_02_parts_behind_a_gap_are_kept() {
    let home = home("window = 4");
    let file = home.file("big.bin", 12 * PART, 2);
    home.begin_with(&file, "/big.bin", 7 * PART, |home| {
        // The second part to arrive, one of the first five, never does; nine are sent until the window is full.
        home.emulator.inject(Rule::once("upload_part", Fault::Stall).skip(1));
        home.emulator.inject(Rule::once("upload_part", Fault::Delay { millis: 600_000 }).skip(5).times(Rule::ALWAYS));
    })
    .kill();
    home.settle();
    assert_eq!(home.emulator.totals().file_bytes, 8 * PART);
    let ran = home.put(&file, "/big.bin", &[]).ends(0);
    assert_eq!(ran.result("bytes sent"), (4 * PART).to_string());
    assert!(keeps(&home, "big.bin", &file));
}

/// The SDKs v2 write the checkpoint one level up where its folder is given without a slash at the end.
#[test]
fn field_bug_03_the_folder_of_checkpoints_is_the_one_that_was_given() {
    for slash in ["", "/"] {
        let home = home("");
        let file = home.file("big.bin", 12 * PART, 3);
        let above = home.path("above");
        let state = format!("{}/mine{slash}", above.display());
        home.hold_back();
        let running = home.start(home.put_command(&file, "/big.bin", &["--state", &state]));
        crate::kit::until("something is stored", || home.emulator.totals().file_bytes > 0);
        running.kill();
        home.settle();
        let names = |folder: &Path| -> Vec<String> {
            let entries = fs::read_dir(folder).unwrap();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        };
        assert_eq!(names(&above), ["mine"], "{slash:?}");
        assert!(names(&above.join("mine")).iter().any(|name| name.strip_suffix(".json").is_some()));
        home.put(&file, "/big.bin", &["--state", &state]).ends(0).says(&["resuming "]);
    }
}

/// The Go SDK v2 and oss2 rewrite the checkpoint where it is: after a power loss it is torn. And they do not look
/// whether it was written.
#[test]
fn field_bug_04_a_checkpoint_is_never_rewritten_where_it_is() {
    let home = home("");
    let file = home.file("big.bin", 30 * PART, 4);
    home.break_off(&file, "/big.bin");
    let path = home.checkpoint();
    let whole = fs::read(&path).unwrap();
    let mut older = File::open(&path).unwrap();
    home.break_off_after(&file, "/big.bin", 0);
    assert_ne!(fs::read(&path).unwrap(), whole, "it was saved anew");
    let mut seen = Vec::new();
    older.read_to_end(&mut seen).unwrap();
    assert_eq!(seen, whole, "and who has the older one open still has all of it");

    // What cannot be saved ends the upload, and what was saved is still good.
    let (state, away) = (home.state(), home.path("away"));
    let running = home.begin_with(&file, "/big.bin", 0, |home| {
        home.emulator.inject(Rule::once("upload_part", Fault::Delay { millis: 1500 }).times(Rule::ALWAYS));
    });
    fs::rename(&state, &away).unwrap();
    fs::write(&state, "no folder").unwrap();
    running.wait().ends(1).says(&[state.to_str().unwrap()]);
    home.settle();
    fs::remove_file(&state).unwrap();
    fs::rename(&away, &state).unwrap();
    home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert!(keeps(&home, "big.bin", &file));
    assert_eq!(home.asked("initiate"), 1);
}

/// The Go SDK v1 compares callbacks the wrong way round: one that did not change invalidates the checkpoint.
#[test]
fn field_bug_05_with_the_same_callback_nothing_is_sent_again() {
    let home = home_with("ureq", called(200, "{}"), CALLBACK);
    let file = home.file("big.bin", 12 * PART, 5);
    home.break_off(&file, "/big.bin");
    let stored = home.emulator.totals().file_bytes;
    let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert_eq!((ran.result("callback"), home.asked("initiate")), ("{}", 1));
    assert_eq!(ran.result("bytes sent"), (12 * PART - stored).to_string());
    assert!(keeps(&home, "big.bin", &file));
}

/// ossutil v1 wants its checkpoint to be deleted by hand once the upload is gone.
#[test]
fn field_bug_07_an_upload_that_is_gone_heals_itself() {
    for op in ["list_parts", "upload_part", "complete"] {
        let home = home("");
        let file = home.file("big.bin", 12 * PART, 7);
        home.break_off(&file, "/big.bin");
        home.emulator.inject(Rule::once(op, Fault::ForgetSession));
        home.put(&file, "/big.bin", &[]).ends(0).says(&["NoSuchUpload"]);
        assert!(keeps(&home, "big.bin", &file), "{op}");
        assert_eq!(home.asked("initiate"), 2, "{op}");
        assert!(home.checkpoints().is_empty());
    }
}

/// oss2 takes every listed part for done, whatever its length.
#[test]
fn field_bug_08_a_listed_part_counts_by_its_length_and_its_digest() {
    for fault in [Fault::WrongLength, Fault::WrongEtag] {
        let home = home("");
        let file = home.file("big.bin", 12 * PART, 8);
        home.break_off(&file, "/big.bin");
        home.emulator.inject(Rule::once("list_parts", fault.clone()));
        let ran = home.put(&file, "/big.bin", &[]).ends(0);
        assert_eq!(ran.result("bytes sent"), (12 * PART).to_string(), "{fault:?}: none of them");
        assert_eq!(home.asked("initiate"), 1, "{fault:?}");
        assert!(keeps(&home, "big.bin", &file), "{fault:?}");
    }
}

/// The iOS SDK finds out at the very end that its journal and the server disagree.
#[test]
fn field_bug_09_the_list_is_asked_for_before_anything_is_sent() {
    let mut home = home("");
    let file = home.file("big.bin", 12 * PART, 9);
    home.break_off(&file, "/big.bin");
    let stored = home.emulator.totals().file_bytes;
    home.unplug();
    lose_a_part(&home);
    home.plug_in();
    let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert_eq!(ops_since(&home, 0)[0], "list_parts");
    assert_eq!(ran.result("bytes sent"), (13 * PART - stored).to_string(), "what is missing, and the lost one");
    assert_eq!((home.asked("initiate"), home.asked("complete")), (0, 1));
    assert!(keeps(&home, "big.bin", &file));
}

/// The server forgets the first part that it was sent.
fn lose_a_part(home: &Home) {
    let drafts = fs::read_dir(home.path("data/.work/drafts")).unwrap().map(|entry| entry.unwrap().path());
    let is_journal = |path: &Path| path.extension().is_some_and(|it| it == "journal");
    let journals: Vec<_> = drafts.filter(|path| is_journal(path)).collect();
    assert_eq!(journals.len(), 1, "{journals:?}");
    let text = fs::read_to_string(&journals[0]).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    assert!(lines[1].contains("\"part\""), "{}", lines[1]);
    lines.remove(1);
    fs::write(&journals[0], lines.join("\n") + "\n").unwrap();
}

/// COS's Go SDK goes on with the last unfinished upload of the key, which may be somebody else's.
#[test]
fn field_bug_10_an_upload_of_somebody_else_is_not_adopted() {
    let home = home("");
    let (theirs, ours) = (home.file("theirs.bin", 12 * PART, 10), home.file("ours.bin", 12 * PART, 11));
    home.break_off(&theirs, "/big.bin");
    let state = home.path("another");
    let ran = home.put(&ours, "/big.bin", &["--state", state.to_str().unwrap()]).ends(0);
    assert_eq!((ran.result("bytes sent"), home.asked("initiate")), (&*(12 * PART).to_string(), 2));
    assert!(keeps(&home, "big.bin", &ours));
    home.put(&theirs, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert!(keeps(&home, "big.bin", &theirs), "and theirs goes on, whole");
    assert_eq!(home.asked("initiate"), 2);
}

/// The same SDK begins anew when one part is wrong.
#[test]
fn field_bug_11_one_bad_part_costs_one_part() {
    for fault in [Fault::WrongCrc, Fault::refuse(400, "InvalidDigest"), Fault::DropReply] {
        let home = home("");
        let file = home.file("big.bin", 12 * PART, 11);
        home.emulator.inject(Rule::once("upload_part", fault.clone()).skip(5));
        home.put(&file, "/big.bin", &[]).ends(0);
        assert_eq!((home.asked("upload_part"), home.asked("initiate")), (13, 1), "{fault:?}");
        assert!(keeps(&home, "big.bin", &file), "{fault:?}");
    }
}

/// The same SDK tries three times, a millisecond apart.
#[test]
fn field_bug_12_tries_are_further_and_further_apart() {
    let home = home("");
    let file = home.file("big.bin", 2 * PART, 12);
    home.emulator.inject(Rule::once("initiate", Fault::Unavailable).times(5));
    let waits_grow = waits(&home.put(&file, "/1", &["-v"]).ends(0));
    assert_eq!(waits_grow.len(), 5);
    // Each is drawn from a range that doubles.
    assert!(
        waits_grow[0] >= 0.1 && waits_grow[3] + waits_grow[4] > 2.0 * (waits_grow[0] + waits_grow[1]),
        "{waits_grow:?}"
    );
    let slow = Fault::Throttle { retry_after_seconds: Some(3) };
    home.emulator.inject(Rule::once("initiate", slow));
    let told = waits(&home.put(&file, "/2", &["-v"]).ends(0));
    assert!(told.len() == 1 && told[0] >= 3.0, "{told:?}");
}

/// HTTP 203 is in the 200s, and oss2 takes it for success.
#[test]
fn field_bug_17_a_failed_callback_is_no_success() {
    for delivered in [false, true] {
        let home = home_with("ureq", called(200, "{}"), CALLBACK);
        let file = home.file("big.bin", 2 * PART, 17);
        home.emulator.inject(Rule::once("complete", Fault::CallbackFailed { delivered }));
        let ran = home.put(&file, "/big.bin", &[]).ends(6).says(&["is stored", "its callback failed"]);
        assert_eq!(ran.out, "", "nothing that looks like a result");
        assert_eq!((home.asked("upload_part"), home.asked("complete")), (2, 1), "and nothing is sent again");
    }
}

/// After the lost answer to a part of an upload in order, the vendor says 409 for ever.
#[test]
fn field_bug_19_a_part_that_is_there_already_is_compared() {
    let home = home("sequential = true");
    let file = home.file("big.bin", 6 * PART, 19);
    home.emulator.inject(Rule::once("upload_part", Fault::DropReply).skip(2));
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
    let seen = |home: &Home| (home.asked("initiate"), home.asked("upload_part"), answered(home, "PartAlreadyExist"));
    assert_eq!(seen(&home), (1, 7, 1));

    // What is there is said to be other bytes: those are never accepted.
    let other = home.file("other.bin", 6 * PART, 20);
    home.emulator.inject(Rule::once("upload_part", Fault::DropReply).skip(2));
    home.emulator.inject(Rule::once("upload_part", Fault::WrongEtag).skip(2));
    home.put(&other, "/other.bin", &[]).ends(0);
    assert!(keeps(&home, "other.bin", &other));
    assert_eq!(seen(&home).0, 1 + 2);
}

/// Only the first page of the list of parts is read, or the first one for ever.
#[test]
fn field_bug_20_every_page_of_the_list_is_read() {
    let home = home_with("ureq", |config| config.oss.limits.page_holds = 2, "");
    let file = home.file("big.bin", 12 * PART, 20);
    home.break_off(&file, "/big.bin");
    let stored = home.emulator.totals().file_bytes / PART;
    for fault in [Fault::StuckMarker, Fault::MissingMarker] {
        home.emulator.inject(Rule::once("list_parts", fault).skip(1).times(Rule::ALWAYS));
        let ran = home.put(&file, "/big.bin", &["--patience", "2s"]);
        assert!([5, 6].contains(&ran.code), "{ran:?}");
        ran.says(&["did not advance"]);
        home.emulator.clear_faults();
    }
    let asked = home.asked("list_parts") as u64;
    let ran = home.put(&file, "/big.bin", &[]).ends(0);
    assert_eq!(home.asked("list_parts") as u64 - asked, stored.div_ceil(2));
    assert_eq!(ran.result("bytes sent"), ((12 - stored) * PART).to_string());
    assert!(keeps(&home, "big.bin", &file));
}

/// After the lost answer to complete, `NoSuchUpload` is taken for failure, or blindly for success.
#[test]
fn field_bug_21_a_lost_complete_is_probed() {
    let home = home("");
    let (file, older) = (home.file("big.bin", 5 * PART, 21), home.file("older.bin", 5 * PART, 22));
    home.put(&older, "/big.bin", &[]).ends(0);
    home.emulator.inject(Rule::once("complete", Fault::DropReply));
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
    assert_eq!((answered(&home, "NoSuchUpload"), home.asked("upload_part")), (1, 10));
    assert!(home.asked("head_object") > 0);

    // Complete never got there, and by the second time the upload is gone: what is at the key is the older object, of
    // the same length, or nothing.
    for key in ["/big.bin", "/new.bin"] {
        let sent = home.asked("upload_part");
        home.emulator.inject(Rule::once("complete", Fault::CutBefore));
        home.emulator.inject(Rule::once("complete", Fault::ForgetSession));
        home.put(&older, key, &[]).ends(0);
        assert!(keeps(&home, &key[1..], &older), "{key}");
        assert_eq!(home.asked("upload_part") - sent, 10, "{key}: sent again");
    }
}

/// An empty file ends in a complete that names no part.
#[test]
fn field_bug_27_an_empty_file_goes_in_one_request() {
    for lines in ["", "sequential = true"] {
        let home = home(lines);
        let file = home.file("empty", 0, 27);
        home.put(&file, "/empty", &[]).ends(0);
        assert_eq!(["put_object", "initiate", "complete"].map(|op| home.asked(op)), [1, 0, 0]);
        assert!(keeps(&home, "empty", &file));
    }
}

/// Resumed at the sum of what is listed, be it contiguous or not, and of whatever lengths: where parts cannot be sent
/// again, another upload is begun, once.
#[test]
fn field_bug_29_a_list_of_parts_that_were_never_sent_costs_that_upload_and_no_more() {
    for fault in [Fault::WrongLength, Fault::WrongEtag] {
        let home = home("sequential = true");
        let file = home.file("big.bin", 8 * PART, 29);
        home.break_off(&file, "/big.bin");
        home.emulator.inject(Rule::once("list_parts", fault.clone()));
        home.put(&file, "/big.bin", &[]).ends(0);
        assert!(keeps(&home, "big.bin", &file), "{fault:?}");
        assert_eq!((home.asked("initiate"), home.asked("abort")), (2, 1), "{fault:?}");
    }
}

/// Keys, tokens and signatures are printed in logs and errors.
#[test]
fn field_bug_30_no_key_is_ever_shown_or_saved() {
    for signature in ["v1", "v4"] {
        let home = home(&format!("signature = '{signature}'"));
        let config = fs::read_to_string(home.config()).unwrap();
        let file = home.file("big.bin", 12 * PART, 30);
        crate::oss::grant(&home, &config);
        let mine = fs::read_to_string(home.config()).unwrap();
        let of =
            |key: &str| mine.lines().find_map(|line| line.strip_prefix(key)?.split('\'').nth(1)).unwrap().to_owned();
        let secrets = [of("access_key_secret"), of("security_token")];
        let clean = |ran: Ran| {
            let kept = home.checkpoints().into_iter().map(|path| fs::read_to_string(path).unwrap());
            for text in kept.chain([ran.out.clone(), ran.err.clone()]) {
                let never = secrets.iter().map(String::as_str).chain(["CAIS", "Signature=", "OSS4-", "OSS STS"]);
                never.for_each(|never| assert!(!text.contains(never), "{never:?} in {text}"));
            }
        };
        home.emulator.inject(Rule::once("upload_part", Fault::Html { status: 500 }));
        home.break_off(&file, "/big.bin");
        clean(home.run(&["list"]).ends(0));
        for code in ["SignatureDoesNotMatch", "SecurityTokenExpired", "Unheard"] {
            home.emulator.inject(Rule::once("list_parts", Fault::refuse(403, code)).times(Rule::ALWAYS));
            let ran = home.put(&file, "/big.bin", &["--patience", "1s"]);
            assert_ne!(ran.code, 0, "{ran:?}");
            clean(ran);
            home.emulator.clear_faults();
        }
        home.write_config(&mine.replace(&secrets[0], &secrets[0][1..]));
        clean(home.put(&file, "/big.bin", &[]).ends(4));
        home.write_config(&mine);
        clean(home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]));
    }
}

/// The Android SDK goes on wrongly when the part size is computed again.
#[test]
fn field_bug_32_the_part_size_is_the_uploads_whatever_the_profile_says_now() {
    for lines in ["", "sequential = true"] {
        let home = home(lines);
        let file = home.file("big.bin", 12 * PART + 7, 32);
        home.break_off(&file, "/big.bin");
        let (earlier, stored) = (home.emulator.log().len(), home.emulator.totals().file_bytes);
        let text = fs::read_to_string(home.config()).unwrap();
        home.write_config(&text.replace("part_size = '1MiB'", "part_size = '3MiB'"));
        let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
        assert_eq!(ran.result("bytes sent"), (12 * PART + 7 - stored).to_string());
        let log = home.emulator.log();
        let parts = log[earlier..].iter().filter(|entry| entry.op == "upload_part");
        assert!(parts.clone().all(|entry| [PART, 7].contains(&entry.received_bytes)), "{log:?}");
        assert!(keeps(&home, "big.bin", &file));
    }
}

/// COS's C++ SDK hangs when all parts of a window have arrived already.
#[test]
fn field_bug_33_an_upload_of_which_everything_has_arrived_ends() {
    for (len, lines) in [(6 * PART, ""), (4 * PART, "sequential = true")] {
        let home = home(&format!("window = 4\n{lines}"));
        let file = home.file("big.bin", len, 33);
        home.begin_with(&file, "/big.bin", len - PART, Home::hold_back).kill();
        home.settle();
        assert_eq!(home.emulator.totals().file_bytes, len);
        let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
        assert_eq!(ran.result("bytes sent"), "0");
        assert!(keeps(&home, "big.bin", &file));
    }
}

/// The same, where the vendor's settings are as tight as they may be: the list of one run has many pages, and each part
/// is the shortest.
#[test]
fn field_bug_32_hundreds_of_parts_go_on_over_many_pages() {
    let change = |config: &mut Config| config.oss.limits.page_holds = 7;
    let home = home_with("ureq", change, "");
    let text = fs::read_to_string(home.config()).unwrap();
    home.write_config(&text.replace("part_size = '1MiB'", "part_size = '100KiB'"));
    let file = home.file("big.bin", 300 * 102_400 + 1, 32);
    home.begin_with(&file, "/big.bin", 200 * 102_400, |home| {
        home.emulator.inject(Rule::once("upload_part", Fault::Delay { millis: 600_000 }).skip(200).times(Rule::ALWAYS));
    })
    .kill();
    home.settle();
    let stored = home.emulator.totals().file_bytes;
    let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert_eq!(ran.result("bytes sent"), (300 * 102_400 + 1 - stored).to_string());
    assert!(home.asked("list_parts") >= 200 / 7 && home.asked("initiate") == 1);
    assert!(keeps(&home, "big.bin", &file));
}
