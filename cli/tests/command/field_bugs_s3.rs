//! What went wrong in other clients of S3, and does not here: one test a bug, numbered as in the list of such bugs that this
//! project keeps.

use std::fs;
use std::path::Path;

use resumable_emulator::s3::{Account, CompleteAgain, MissingObject, WrongRegion};
use resumable_emulator::{Config, Fault, Rule};

use crate::kit::{Home, PART, Service};

/// Parts of 1 MiB, of which all but empty files are made.
const SMALL: &str = "part_min = '1MiB'\npart_size = '1MiB'\none_request_max = '0'";

/// A profile with these, and these lines.
fn home_with(transport: &'static str, change: impl FnOnce(&mut Config), lines: &str) -> Home {
    let mut config = Config::default();
    config.s3.limits.part_min = PART;
    change(&mut config);
    let home = Home::of(Service::S3, config).over(transport);
    home.configure(&format!("{SMALL}\n{lines}"));
    home
}

fn home() -> Home {
    home_with("ureq", |_| {}, "")
}

fn keeps(home: &Home, key: &str, file: &Path) -> bool {
    home.keeps(&format!("s3/emubucket/{key}"), file)
}

/// s5cmd and others send the whole file again, or fail, though the object is there.
#[test]
fn field_bug_97_a_lost_complete_that_was_done_sends_nothing_again() {
    for again in [CompleteAgain::Same, CompleteAgain::NoSuchUpload, CompleteAgain::PreconditionFailed] {
        for preset in ["other", "aws"] {
            let home = home_with("ureq", |it| it.s3.switches.complete_again = again, &format!("preset = '{preset}'"));
            let file = home.file("big.bin", 5 * PART, 97);
            home.emulator.inject(Rule::once("complete", Fault::DropReply));
            let ran = home.put(&file, "/big.bin", &[]).ends(0);
            assert_eq!(ran.result("bytes sent"), (5 * PART).to_string(), "{again:?} {preset}");
            assert!(keeps(&home, "big.bin", &file));
            assert_eq!((home.asked("initiate"), home.asked("complete")), (1, 1), "{again:?} {preset}");
        }
    }
}

/// A large object takes minutes to assemble, and something between drops the connection: SDKs wait for ever, or fail.
#[test]
fn field_bug_100_a_complete_whose_answer_breaks_off_is_looked_for() {
    for (fault, completes) in [(Fault::CutReply, 1), (Fault::Reset, 2)] {
        let home = home();
        let file = home.file("big.bin", 5 * PART, 100);
        home.emulator.inject(Rule::once("complete", fault.clone()));
        home.put(&file, "/big.bin", &[]).ends(0);
        assert!(keeps(&home, "big.bin", &file), "{fault:?}");
        assert_eq!((home.asked("initiate"), home.asked("upload_part")), (1, 5), "{fault:?}");
        assert_eq!(home.asked("complete"), completes, "{fault:?}");
    }
}

/// The AWS CLI and SDKs end an upload when a token expires, or try with the same one again.
#[test]
fn field_bug_104_an_expired_token_costs_one_part_at_most() {
    let second =
        Account { access_key_id: "AKIASECOND".to_owned(), access_key_secret: "emulator-access-key-secret".to_owned() };
    let home = home_with("ureq", |it| it.s3.accounts.push(second), "");
    let file = home.file("big.bin", 8 * PART, 104);
    // A program that prints one pair and then the other.
    for (at, account) in home.emulator.config().s3.accounts.iter().enumerate() {
        let (id, secret) = (&account.access_key_id, &account.access_key_secret);
        let printed = format!("{{\"access_key_id\": \"{id}\", \"access_key_secret\": \"{secret}\"}}");
        fs::write(home.path(format!("keys-{}", at + 1)), printed).unwrap();
    }
    let folder = home.path("");
    let script = format!("cd {}; echo x >> asked; cat keys-$(grep -c x asked)", folder.display());
    let config = fs::read_to_string(home.config()).unwrap();
    let rest: Vec<&str> = config.lines().filter(|line| !line.starts_with("access_key_")).collect();
    home.write_config(&format!("{}\ncredential_command = ['sh', '-c', '{script}']\nwindow = 1\n", rest.join("\n")));
    home.emulator.inject(Rule::once("upload_part", Fault::refuse(400, "ExpiredToken")).skip(3));
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
    assert_eq!((home.asked("initiate"), home.asked("upload_part")), (1, 9));
    assert_eq!(fs::read_to_string(home.path("asked")).unwrap().lines().count(), 2);
}

/// The AWS CLI and others end with a riddle, follow the redirect in a circle, or leave the answer's endpoint unread.
#[test]
fn field_bug_106_the_region_of_the_refusal_is_taken_once() {
    for refusal in
        [WrongRegion::AuthorizationHeaderMalformed, WrongRegion::PermanentRedirect, WrongRegion::IllegalLocation]
    {
        let home = home_with("ureq", |it| it.s3.switches.wrong_region = refusal, "window = 1");
        let config = fs::read_to_string(home.config()).unwrap();
        home.write_config(&config.replace("us-east-1", "eu-central-1"));
        let file = home.file("big.bin", 5 * PART, 106);
        home.put(&file, "/big.bin", &[]).ends(0);
        assert!(keeps(&home, "big.bin", &file), "{refusal:?}");
        assert_eq!((home.asked("initiate"), home.asked("upload_part")), (2, 5), "{refusal:?}");
    }
}

/// Snowflake's connector, boto's `s3put` and `smart_open` ask what is there first, and take the 403 for a refusal.
#[test]
fn field_bug_112_a_key_that_may_only_write_uploads() {
    let home = home_with("ureq", |it| it.s3.switches.missing_object = MissingObject::Forbidden, "");
    for len in [0, 5 * PART] {
        let file = home.file("f", len, 112);
        home.put(&file, &format!("/{len}"), &[]).ends(0);
        assert!(keeps(&home, &len.to_string(), &file));
    }
    assert_eq!(home.asked("head_object"), 0);
}

/// Harbor, Nextcloud and s3gof3r end the upload, and abort it.
#[test]
fn field_bug_114_slow_down_is_sat_out() {
    let home = home();
    let file = home.file("big.bin", 8 * PART, 114);
    home.emulator.inject(Rule::once("upload_part", Fault::refuse(503, "SlowDown")).skip(2).times(12));
    home.emulator.inject(Rule::once("complete", Fault::refuse(503, "SlowDown")).times(2));
    let ran = home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
    assert_eq!((home.asked("initiate"), home.asked("abort"), home.asked("complete")), (1, 0, 3), "{ran:?}");
}

/// Nextcloud, s3cmd and `smart_open` keep the id of the upload in memory: who dies begins from zero, and the parts are billed.
#[test]
fn field_bug_117_a_killed_upload_goes_on_with_its_parts() {
    let home = home();
    let file = home.file("big.bin", 12 * PART, 117);
    home.break_off(&file, "/big.bin");
    let stored = home.emulator.totals().file_bytes;
    assert!(stored >= 3 * PART);
    let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert_eq!(ran.result("bytes sent"), (12 * PART - stored).to_string());
    assert!(keeps(&home, "big.bin", &file) && home.checkpoints().is_empty());
    assert_eq!(home.asked("initiate"), 1);
}

/// A sync engine swallows the failure of its abort: parts that no list of objects shows are billed.
#[test]
fn field_bug_118_an_abort_that_fails_is_told_and_can_be_repeated() {
    for (fault, code) in [(Fault::refuse(403, "AccessDenied"), 6), (Fault::refuse(500, "InternalError"), 5)] {
        let home = home();
        let file = home.file("big.bin", 12 * PART, 118);
        home.break_off(&file, "/big.bin");
        home.emulator.inject(Rule::once("abort", fault.clone()).times(Rule::ALWAYS));
        let key = home.key();
        home.run(&["abort", &key, "--patience", "10s"]).ends(code);
        assert_eq!((home.checkpoints().len(), home.emulator.s3().unfinished("emubucket").len()), (1, 1), "{fault:?}");
        home.emulator.clear_faults();
        home.run(&["abort", &key]).ends(0);
        assert_eq!((home.checkpoints().len(), home.emulator.s3().unfinished("emubucket").len()), (0, 0), "{fault:?}");
    }
}
