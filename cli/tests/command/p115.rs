//! Uploads to the 115 open platform.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use resumable_emulator::p115::{Challenge, ResumeObject};
use resumable_emulator::{Config, Fault, Rule, VendorCode};

use crate::kit::{Home, PART, Service, over_each_transport};

over_each_transport! {
    every_length_arrives_whole,
    a_killed_upload_goes_on_and_sends_at_most_a_part_twice,
    content_that_the_vendor_has_is_proven_and_not_sent,
    a_token_that_ends_in_the_middle_is_refreshed_and_the_upload_goes_on,
}

/// A profile with parts of 1 MiB, and these lines.
pub(crate) fn home(transport: &'static str, change: impl FnOnce(&mut Config), lines: &str) -> Home {
    let mut config = Config::default();
    config.p115.limits.refresh_pause = 0;
    config.p115.limits.visible_after = 0;
    change(&mut config);
    let home = Home::of(Service::P115, config).over(transport);
    home.configure(&format!("part_size = '1MiB'\none_request_max = '0'\n{lines}"));
    home
}

pub(crate) fn plain(lines: &str) -> Home {
    home("ureq", |_| {}, lines)
}

pub(crate) fn keeps(home: &Home, path: &str, file: &Path) -> bool {
    home.keeps(&format!("115/{path}"), file)
}

pub(crate) fn number(code: i64) -> VendorCode {
    VendorCode::Number(code)
}

fn every_length_arrives_whole(over: &mut Home) {
    let home = home(over.transport(), |_| {}, "");
    for (at, len) in [0, 1, PART - 1, PART, PART + 1, 3 * PART].into_iter().enumerate() {
        let file = home.file("f", len, len + 7);
        let ran = home.put(&file, &format!("/示例 视频/{at}+~.mkv"), &[]).ends(0);
        assert!(ran.result("id").parse::<u64>().is_ok() && ran.result("sha1").len() == 40, "{ran:?}");
        let how = match len.div_ceil(PART) {
            0 => "instant (the vendor already had this content)".to_owned(),
            1 => "in 1 part".to_owned(),
            parts => format!("in {parts} parts"),
        };
        assert_eq!((ran.result("how"), ran.result("bytes sent")), (&*how, &*len.to_string()), "{ran:?}");
        assert!(keeps(&home, &format!("示例 视频/{at}+~.mkv"), &file), "{len}");
    }
    assert!(home.checkpoints().is_empty());
    assert_eq!(home.asked("folder/add"), 1);
}

fn a_killed_upload_goes_on_and_sends_at_most_a_part_twice(over: &mut Home) {
    let home = home(over.transport(), |_| {}, "");
    let file = home.file("big.bin", 8 * PART + 5, 1);
    home.break_off(&file, "/big.bin");
    home.run(&["list"]).ends(0);
    home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming ", "already there"]);
    assert!(keeps(&home, "big.bin", &file));
    assert_eq!((home.asked("initiate"), home.asked("upload/resume")), (1, 1));
    assert!(home.emulator.totals().received_file_bytes <= 9 * PART + 5);
    assert!(home.checkpoints().is_empty());
}

fn content_that_the_vendor_has_is_proven_and_not_sent(over: &mut Home) {
    for challenge in [Challenge::Random, Challenge::FirstByte, Challenge::LastByte, Challenge::WholeFile] {
        let home = home(over.transport(), |config| config.p115.switches.challenge = challenge, "");
        let file = home.file("big.bin", 2 * PART, 2);
        home.put(&file, "/one.bin", &[]).ends(0);
        let ran = home.put(&file, "/other.bin", &[]).ends(0);
        assert_eq!(ran.result("bytes sent"), "0");
        assert_eq!(ran.result("how"), "instant (the vendor already had this content)");
        assert!(keeps(&home, "other.bin", &file));
    }
}

fn a_token_that_ends_in_the_middle_is_refreshed_and_the_upload_goes_on(over: &mut Home) {
    let home = home(over.transport(), |_| {}, "");
    let file = home.file("big.bin", 3 * PART, 3);
    home.emulator.inject(Rule::once("upload/get_token", Fault::ExpireToken));
    home.put(&file, "/big.bin", &[]).ends(0);
    assert_eq!((home.asked("refreshToken"), home.asked("initiate")), (1, 1));
    assert!(keeps(&home, "big.bin", &file));
}

#[test]
fn a_small_file_goes_in_one_request() {
    let home = plain("");
    let text = fs::read_to_string(home.config()).unwrap();
    home.write_config(&text.replace("one_request_max = '0'", ""));
    let file = home.file("small", 5000, 4);
    let ran = home.put(&file, "/small", &[]).ends(0);
    assert_eq!(ran.result("how"), "in one request");
    assert!(keeps(&home, "small", &file));
}

#[test]
fn calls_to_the_api_keep_to_their_rate() {
    let home = plain("");
    home.in_real_time();
    let file = home.file("big.bin", 2 * PART, 5);
    let begun = Instant::now();
    home.put(&file, "/a/b/big.bin", &[]).ends(0);
    let calls = home.emulator.log().iter().filter(|entry| entry.service == "115").count();
    assert!(calls >= 6, "{calls}: two folders that are looked for and made, init, get_token");
    assert!(begun.elapsed() >= Duration::from_secs(calls as u64 - 2), "two at once, then one a second");
}

#[test]
fn storage_keys_that_end_are_renewed_within_the_upload() {
    for code in ["SecurityTokenExpired", "InvalidAccessKeyId", "InvalidSecurityToken"] {
        let home = plain("");
        let file = home.file("big.bin", 4 * PART, 6);
        let refusal = Fault::Refuse { status: 403, code: VendorCode::Text(code.to_owned()) };
        home.emulator.inject(Rule::once("upload_part", refusal).skip(2));
        home.put(&file, "/big.bin", &[]).ends(0);
        assert!(keeps(&home, "big.bin", &file));
        assert_eq!((home.asked("initiate"), home.asked("upload/get_token")), (1, 2), "{code}");
        assert_eq!(home.asked("refreshToken"), 0);
    }
}

#[test]
fn lost_answers_cost_a_part_at_most() {
    for op in ["upload/init", "upload/get_token", "initiate", "upload_part", "complete"] {
        let home = plain("");
        let file = home.file("big.bin", 3 * PART, 7);
        home.emulator.inject(Rule::once(op, Fault::DropReply));
        home.put(&file, "/big.bin", &[]).ends(0);
        assert!(keeps(&home, "big.bin", &file), "{op}");
        assert!(home.emulator.totals().received_file_bytes <= 4 * PART, "{op}");
    }
}

#[test]
fn a_callback_that_fails_after_it_arrived_costs_no_second_upload() {
    let home = plain("");
    let file = home.file("big.bin", 3 * PART, 8);
    home.emulator.inject(Rule::once("complete", Fault::CallbackFailed { delivered: true }));
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
    assert_eq!(home.emulator.totals().received_file_bytes, 3 * PART);
}

#[test]
fn a_file_that_the_vendor_finds_wrong_is_hashed_and_announced_once_more() {
    let home = plain("");
    let file = home.file("big.bin", 3 * PART, 9);
    home.emulator.inject(Rule::once("callback", Fault::Refuse { status: 200, code: number(10_002) }));
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
    home.emulator
        .inject(Rule::once("callback", Fault::Refuse { status: 200, code: number(10_002) }).times(Rule::ALWAYS));
    let other = home.file("other.bin", 3 * PART, 10);
    let ran = home.put(&other, "/other.bin", &[]);
    assert!([6, 7].contains(&ran.code), "{ran:?}");
    ran.says(&["10002"]);
}

#[test]
fn a_file_that_changes_between_its_hash_and_the_last_part_is_3() {
    let home = plain("");
    let file = home.file("big.bin", 8 * PART, 11);
    home.break_off(&file, "/big.bin");
    let mut bytes = fs::read(&file).unwrap();
    bytes[7 << 20] ^= 1;
    fs::write(&file, bytes).unwrap();
    home.put(&file, "/big.bin", &[]).ends(3).says(&["the file changed since its upload began", "--restart"]);
    assert_eq!(home.asked("complete"), 0);
    home.put(&file, "/big.bin", &["--restart"]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
}

#[test]
fn a_refresh_token_that_is_revoked_in_the_middle_is_4_and_a_log_in_goes_on() {
    let home = plain("");
    let file = home.file("big.bin", 8 * PART, 12);
    home.break_off(&file, "/big.bin");
    home.emulator.inject(Rule::once("upload/resume", Fault::ExpireToken));
    home.emulator.inject(Rule::once("refreshToken", Fault::Refuse { status: 200, code: number(40_140_116) }));
    let ran = home.put(&file, "/big.bin", &[]).ends(4);
    ran.says(&["40140116", "resumable login emu", "Run the same command again to re"]);
    home.run(&["login", "emu"]).ends(0);
    home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert!(keeps(&home, "big.bin", &file));
    assert!(home.emulator.totals().received_file_bytes <= 9 * PART, "what was stored stayed good");
}

#[test]
fn a_folder_that_does_not_exist_is_6_or_is_made() {
    let home = plain("create_folders = false");
    let file = home.file("f", 2 * PART, 13);
    home.put(&file, "/a/b/f", &[]).ends(6).says(&["no folder /a", "remove create_folders = false from the profile"]);
    home.put(&file, "12345:f", &[]).ends(6).says(&["folder"]);
    assert!(home.checkpoints().is_empty(), "nothing is left to resume");
    let text = fs::read_to_string(home.config()).unwrap();
    home.write_config(&text.replace("create_folders = false", ""));
    home.put(&file, "/a/b/f", &[]).ends(0);
    assert!(keeps(&home, "a/b/f", &file));
}

#[test]
fn a_folder_may_be_named_by_its_id() {
    let home = plain("");
    let id = home.emulator.p115().put_folder("/films").unwrap();
    let file = home.file("f", 2 * PART, 14);
    home.put(&file, &format!("{id}:one.bin"), &[]).ends(0);
    assert!(keeps(&home, "films/one.bin", &file));
    home.put(&file, "0:root.bin", &[]).ends(0);
    assert!(keeps(&home, "root.bin", &file));
}

#[test]
fn a_name_with_a_forbidden_character_is_6_in_the_vendors_words() {
    let home = plain("");
    let file = home.file("f", 2 * PART, 15);
    home.put(&file, "/a:b", &[]).ends(6).says(&["the name has a character that is not allowed", "990002"]);
    assert!(home.checkpoints().is_empty());
}

#[test]
fn another_object_on_resume_begins_the_bytes_anew() {
    let home = home("ureq", |config| config.p115.switches.resume_object = ResumeObject::Fresh, "");
    let file = home.file("big.bin", 8 * PART, 16);
    home.break_off(&file, "/big.bin");
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
    assert_eq!(home.asked("initiate"), 2);
}

#[test]
fn another_object_on_resume_is_never_completed_with_the_parts_of_the_first() {
    for resumes in [1, 2] {
        let home = plain("");
        let file = home.file("big.bin", 8 * PART, 21);
        for resume in 1..=resumes {
            home.break_off(&file, "/big.bin");
            home.emulator.inject(Rule::once("upload/resume", Fault::WrongSession));
            assert_eq!(home.asked("initiate"), resume);
        }
        home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
        assert!(keeps(&home, "big.bin", &file), "{resumes}");
        assert_eq!((home.asked("upload/init"), home.asked("complete")), (1, 1), "{resumes}");
    }
}

#[test]
fn an_upload_that_the_vendor_has_forgotten_is_announced_anew() {
    let home = plain("");
    let file = home.file("big.bin", 8 * PART, 17);
    home.break_off(&file, "/big.bin");
    home.emulator.inject(Rule::once("upload/resume", Fault::ForgetSession));
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
}

#[test]
fn an_upload_that_is_given_up_leaves_nothing_at_the_vendor() {
    let home = plain("");
    let file = home.file("big.bin", 8 * PART, 18);
    home.break_off(&file, "/big.bin");
    let ran = home.run(&["abort", &home.key()]).ends(0);
    assert_eq!(ran.result("left at the vendor"), "nothing");
    assert_eq!(home.asked("abort"), 1);
}

#[test]
fn mistakes_in_a_profile_are_told() {
    let home = plain("");
    let file = home.file("f", 10, 19);
    let right = fs::read_to_string(home.config()).unwrap();
    for (from, to, says) in [
        ("one_request_max", "passport = 'ftp://h'\none_request_max", "the passport must be https://"),
        ("one_request_max", "qrcode = 'http://user@h'\none_request_max", "the qrcode must not contain a user name"),
        ("one_request_max = '0'", "one_request_max = '6GiB'", "one_request_max must be at most 5.0 GiB"),
        ("part_size = '1MiB'", "part_size = '1KiB'", "part_size must be from 100"),
        ("one_request_max", "create_folder = true\none_request_max", "Did you mean \"create_folders\"?"),
    ] {
        assert!(right.contains(from), "{from} in {right}");
        home.write_config(&right.replacen(from, to, 1));
        home.put(&file, "/x", &[]).ends(2).says(&[says]);
    }
    home.write_config(&right);
    for path in ["x", "x:y", "1:", "x/", "/a/../b"] {
        home.put(&file, path, &[]).ends(2);
    }
    assert_eq!(home.emulator.totals().requests, 0);
}

#[test]
fn an_account_that_asks_too_much_waits_as_long_as_it_has_patience() {
    let home = plain("");
    let file = home.file("f", 2 * PART, 20);
    home.emulator.inject(Rule::once("upload/init", Fault::Throttle { retry_after_seconds: None }));
    let ran = home.put(&file, "/f", &["--patience", "2s"]).ends(5);
    ran.says(&["Run the same command again"]);
    home.emulator.clear_faults();
    home.put(&file, "/f", &[]).ends(0);
    assert!(keeps(&home, "f", &file));
}
