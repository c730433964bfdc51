//! Uploads to Aliyun OSS.

use std::fs;
use std::path::Path;

use resumable_emulator::oss::FixedCallback;
use resumable_emulator::{Config, Fault, Rule, VendorCode};

use crate::kit::{Home, PART, Service, over_each_transport, until};

over_each_transport! {
    every_length_arrives_whole_with_either_signature,
    a_killed_upload_goes_on_and_sends_little_twice,
    in_order_a_killed_upload_goes_on_part_by_part,
    a_lost_answer_to_complete_costs_no_second_upload,
    a_wrong_secret_is_4_and_the_right_one_goes_on,
    temporary_keys_that_end_in_the_middle_are_4_and_new_ones_go_on,
}

/// A profile with parts of 1 MiB, of which all but empty files are made, and these lines.
fn home(over: &Home, lines: &str) -> Home {
    home_with(over.transport(), |_| {}, lines)
}

pub(crate) fn home_with(transport: &'static str, change: impl FnOnce(&mut Config), lines: &str) -> Home {
    let mut config = Config::default();
    change(&mut config);
    let home = Home::of(Service::Oss, config).over(transport);
    home.configure(&format!("part_size = '1MiB'\none_request_max = '0'\n{lines}"));
    home
}

pub(crate) fn keeps(home: &Home, key: &str, file: &Path) -> bool {
    home.keeps(&format!("oss/examplebucket/{key}"), file)
}

fn every_length_arrives_whole_with_either_signature(over: &mut Home) {
    for signature in ["v1", "v4"] {
        let home = home(over, &format!("signature = '{signature}'"));
        for (at, len) in [0, 1, PART - 1, PART, PART + 1, 3 * PART, 3 * PART + 1].into_iter().enumerate() {
            let file = home.file("f", len, len + 7);
            let ran = home.put(&file, &format!("/dir {at}/文件+~"), &[]).ends(0);
            assert_eq!(ran.result("bytes sent"), len.to_string());
            let how = match len.div_ceil(PART) {
                0 => "in one request".to_owned(),
                1 => "in 1 part".to_owned(),
                parts => format!("in {parts} parts"),
            };
            assert_eq!(ran.result("how"), how);
            assert!(ran.result("crc64").parse::<u64>().is_ok(), "{ran:?}");
            assert!(keeps(&home, &format!("dir {at}/文件+~"), &file), "{len} {signature}");
        }
        assert_eq!(home.asked("put_object"), 1);
        assert!(home.checkpoints().is_empty());
    }
}

fn a_killed_upload_goes_on_and_sends_little_twice(over: &mut Home) {
    let home = home(over, "");
    let file = home.file("big.bin", 12 * PART + 5, 1);
    home.break_off(&file, "/big.bin");
    let received = home.emulator.totals().received_file_bytes;
    home.run(&["list"]).ends(0);
    let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming ", "already there"]);
    assert!(keeps(&home, "big.bin", &file));
    assert_eq!(home.asked("initiate"), 1, "the same upload");
    let total = home.emulator.totals().received_file_bytes;
    assert!(total <= 12 * PART + 5 + 4 * PART, "{received} then {total}: {ran:?}");
    assert!(home.checkpoints().is_empty());
}

fn in_order_a_killed_upload_goes_on_part_by_part(over: &mut Home) {
    let home = home(over, "sequential = true");
    let file = home.file("big.bin", 8 * PART + 5, 2);
    home.break_off(&file, "/big.bin");
    home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert!(keeps(&home, "big.bin", &file));
    assert_eq!(home.asked("initiate"), 1);
    assert!(home.emulator.totals().received_file_bytes <= 9 * PART + 5, "the part in flight at most");
}

fn a_lost_answer_to_complete_costs_no_second_upload(over: &mut Home) {
    let home = home(over, "");
    let file = home.file("big.bin", 5 * PART, 3);
    home.emulator.inject(Rule::once("complete", Fault::DropReply));
    home.emulator.inject(Rule::once("upload_part", Fault::DropReply).skip(2));
    let ran = home.put(&file, "/big.bin", &[]).ends(0);
    assert_eq!(ran.result("retries"), "2", "{ran:?}");
    assert!(keeps(&home, "big.bin", &file));
    assert_eq!(home.asked("upload_part"), 6);
}

fn a_wrong_secret_is_4_and_the_right_one_goes_on(over: &mut Home) {
    let home = home(over, "");
    let file = home.file("big.bin", 5 * PART, 4);
    let right = fs::read_to_string(home.config()).unwrap();
    for (word, says) in
        [("emulator-access-key-secret", "SignatureDoesNotMatch"), ("LTAIemulator", "InvalidAccessKeyId")]
    {
        home.write_config(&right.replace(word, "wrong"));
        let ran = home.put(&file, "/big.bin", &[]).ends(4);
        ran.says(&[says, "RESUMABLE_ACCESS_KEY_ID", "RESUMABLE_ACCESS_KEY_SECRET"]);
    }
    assert_eq!(home.emulator.totals().file_bytes, 0);
    home.write_config(&right);
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
}

/// A profile with temporary keys, which are good for one bucket.
pub(crate) fn grant(home: &Home, config: &str) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let sts = home.emulator.oss().grant(now);
    let lines: Vec<&str> = config.lines().filter(|line| !line.starts_with("access_key")).collect();
    let text = lines.join("\n").replace("examplebucket", home.emulator.oss().sts_bucket());
    home.write_config(&format!(
        "{text}\naccess_key_id = '{}'\naccess_key_secret = '{}'\nsecurity_token = '{}'\n",
        sts.access_key_id, sts.access_key_secret, sts.security_token
    ));
}

fn temporary_keys_that_end_in_the_middle_are_4_and_new_ones_go_on(over: &mut Home) {
    let home = home(over, "");
    let config = fs::read_to_string(home.config()).unwrap();
    let file = home.file("big.bin", 12 * PART, 5);
    grant(&home, &config);
    home.break_off(&file, "/big.bin");
    home.emulator.inject(Rule::once("list_parts", Fault::ExpireToken).times(Rule::ALWAYS));
    home.put(&file, "/big.bin", &[]).ends(4).says(&[
        "SecurityTokenExpired",
        "RESUMABLE_SECURITY_TOKEN",
        "command again",
    ]);
    home.emulator.clear_faults();
    grant(&home, &config);
    home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert!(home.keeps(&format!("oss/{}/big.bin", home.emulator.oss().sts_bucket()), &file));
    assert_eq!(home.asked("initiate"), 1);
}

#[test]
fn an_upload_that_is_given_up_leaves_nothing_at_the_vendor() {
    let home = home_with("ureq", |_| {}, "");
    let file = home.file("big.bin", 12 * PART, 6);
    home.break_off(&file, "/big.bin");
    let ran = home.run(&["abort", &home.key()]).ends(0);
    assert_eq!(ran.result("left at the vendor"), "nothing");
    assert_eq!(home.asked("abort"), 1);
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
}

#[test]
fn what_is_there_is_overwritten_unless_that_is_forbidden() {
    let home = home_with("ureq", |_| {}, "");
    let (old, new) = (home.file("old", 2 * PART, 7), home.file("new", 2 * PART, 8));
    home.put(&old, "x", &[]).ends(0);
    let config = fs::read_to_string(home.config()).unwrap();
    home.write_config(&format!("{config}\nforbid_overwrite = true"));
    home.put(&new, "x", &[]).ends(6).says(&["a different file", "if_exists = \"replace\""]);
    assert!(keeps(&home, "x", &old));
    home.write_config(&config);
    home.put(&new, "x", &["--restart"]).ends(0);
    assert!(keeps(&home, "x", &new));
}

#[test]
fn a_file_that_changes_before_the_last_part_is_3_and_never_a_mixture() {
    let home = home_with("ureq", |_| {}, "sequential = true");
    let file = home.file("big.bin", 8 * PART, 9);
    let running = home.begin(&file, "/big.bin");
    until("some of it is known to be stored", || !home.checkpoints().is_empty() && home.confirmed() > 2 * PART);
    running.kill();
    home.settle();
    // In what was sent, and in what was not.
    let mut bytes = fs::read(&file).unwrap();
    bytes[1 << 20] ^= 1;
    bytes[7 << 20] ^= 1;
    fs::write(&file, bytes).unwrap();
    home.put(&file, "/big.bin", &[]).ends(3).says(&["the file changed since its upload began", "--restart"]);
    assert_eq!(home.asked("complete"), 0);
    home.put(&file, "/big.bin", &["--restart"]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
}

#[test]
fn an_upload_that_the_vendor_has_forgotten_begins_anew() {
    let home = home_with("ureq", |_| {}, "");
    let file = home.file("big.bin", 12 * PART, 10);
    home.break_off(&file, "/big.bin");
    home.emulator.inject(Rule::once("list_parts", Fault::ForgetSession));
    home.put(&file, "/big.bin", &[]).ends(0).says(&["NoSuchUpload"]);
    assert!(keeps(&home, "big.bin", &file));
}

#[test]
fn another_bucket_or_key_on_resume_is_another_upload() {
    let home = home_with("ureq", |config| config.oss.buckets.push("otherbucket".to_owned()), "");
    let file = home.file("big.bin", 12 * PART, 20);
    home.break_off(&file, "/big.bin");
    let stored = home.emulator.totals().file_bytes;
    let right = fs::read_to_string(home.config()).unwrap();
    home.write_config(&right.replace("examplebucket", "otherbucket"));
    let ran = home.put(&file, "/big.bin", &[]).ends(0);
    assert_eq!((ran.result("bytes sent"), home.asked("initiate")), (&*(12 * PART).to_string(), 2));
    assert!(home.keeps("oss/otherbucket/big.bin", &file));
    home.write_config(&right);
    home.put(&file, "/other.bin", &[]).ends(0);
    let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert_eq!((ran.result("bytes sent"), home.asked("initiate")), (&*(12 * PART - stored).to_string(), 3));
    assert!(keeps(&home, "big.bin", &file) && keeps(&home, "other.bin", &file));
}

#[test]
fn a_key_that_the_vendor_does_not_take_is_6_in_its_words() {
    let home = home_with("ureq", |_| {}, "");
    let file = home.file("f", 2 * PART, 21);
    home.put(&file, "a//b", &[]).ends(6).says(&["InvalidObjectName"]);
    assert!(home.checkpoints().is_empty(), "nothing is left to resume");
    assert_eq!(home.emulator.totals().file_bytes, 0);
}

#[test]
fn a_list_that_does_not_advance_is_an_error_and_no_loop() {
    let home = home_with("ureq", |_| {}, "");
    let file = home.file("big.bin", 12 * PART, 11);
    home.break_off(&file, "/big.bin");
    home.emulator.inject(Rule::once("list_parts", Fault::StuckMarker).times(Rule::ALWAYS));
    let ran = home.put(&file, "/big.bin", &["--patience", "2s"]);
    assert!([5, 6].contains(&ran.code), "{ran:?}");
    ran.says(&["did not advance"]);
    home.emulator.clear_faults();
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
}

pub(crate) const CALLBACK: &str =
    r#"callback = '{"callbackUrl":"http://app.example/done","callbackBody":"object=${object}"}'"#;

pub(crate) fn called(status: u16, answer: &str) -> impl FnOnce(&mut Config) {
    let (url, answer) = ("http://app.example/done".to_owned(), answer.to_owned());
    move |config| config.oss.callbacks.push(FixedCallback { url, status, answer })
}

#[test]
fn what_a_callback_answers_is_shown_on_one_line() {
    let home = home_with("ureq", called(200, "{\"done\":\n true}"), CALLBACK);
    let file = home.file("big.bin", 2 * PART, 12);
    let ran = home.put(&file, "x", &[]).ends(0);
    assert_eq!(ran.result("callback"), "{\"done\":\\n true}");
}

#[test]
fn a_callback_that_fails_is_6_and_the_object_is_not_sent_again() {
    let home = home_with("ureq", called(500, "no"), CALLBACK);
    let file = home.file("big.bin", 2 * PART, 13);
    home.put(&file, "x", &[]).ends(6).says(&["is stored", "its callback failed"]);
    assert!(keeps(&home, "x", &file));
    assert_eq!((home.asked("upload_part"), home.asked("complete")), (2, 1));
}

#[test]
fn mistakes_in_a_profile_are_told() {
    let home = home_with("ureq", |_| {}, "");
    let file = home.file("f", 10, 14);
    let right = fs::read_to_string(home.config()).unwrap();
    for (from, to, says) in [
        ("region = 'cn-hangzhou'", "", "Add region to the profile, like region = \"cn-hangzhou\""),
        ("region = 'cn-hangzhou'", "region = 'CN'", "the region must be its bare name"),
        ("examplebucket", "Example", "the bucket must be its bare name"),
        ("1MiB", "1KiB", "part_size must be from 100"),
        ("one_request_max = '0'", "one_request_max = '6GiB'", "one_request_max must be at most 5.0 GiB"),
        ("part_size", "partsize", "Did you mean \"part_size\"?"),
        ("one_request_max", "addressing = 'host'\none_request_max", "addressing must be \"auto\""),
        ("one_request_max", "addressing = 'virtual-host'\none_request_max", "use path addressing"),
        ("one_request_max", "signature = 'v2'\none_request_max", "signature must be \"v4\" or \"v1\""),
        ("one_request_max", "callback = 'x'\none_request_max", "must be JSON objects"),
        ("one_request_max", "callback_var = '{}'\none_request_max", "callback_var needs callback"),
        (
            "one_request_max",
            "security_token = 'a b'\none_request_max",
            "security_token has a blank or a line break inside",
        ),
        ("access_key_id = 'LTAIemulator'", "", "RESUMABLE_ACCESS_KEY_ID"),
        ("http://", "http://user@", "must not contain a user name"),
    ] {
        assert!(right.contains(from), "{from} in {right}");
        home.write_config(&right.replacen(from, to, 1));
        home.put(&file, "x", &[]).ends(2).says(&[says]);
    }
    home.write_config(&right);
    for (path, says) in [("//x", "must not begin with"), ("a/../b", "'.' or '..'")] {
        home.put(&file, path, &[]).ends(2).says(&[says]);
    }
    assert_eq!(home.emulator.totals().requests, 0);
}

#[test]
fn a_bucket_that_is_not_there_is_6() {
    let home = home_with("ureq", |_| {}, "");
    let file = home.file("f", 2 * PART, 15);
    let right = fs::read_to_string(home.config()).unwrap();
    home.write_config(&right.replace("examplebucket", "nosuchbucket"));
    let ran = home.put(&file, "x", &[]).ends(6);
    ran.says(&["NoSuchBucket", "check the bucket"]);
    assert!(home.checkpoints().is_empty());
}

#[test]
fn a_clock_that_is_off_is_corrected_by_the_vendors() {
    for offset in [-1200, 1200] {
        let home = home_with("ureq", |config| config.clock_offset = offset, "");
        let file = home.file("f", 2 * PART, 16);
        home.put(&file, "x", &[]).ends(0).says(&["clock"]);
        assert!(keeps(&home, "x", &file));
    }
}

#[test]
fn a_service_that_is_slow_down_is_sat_out() {
    let home = home_with("ureq", |_| {}, "");
    let file = home.file("f", 4 * PART, 17);
    home.emulator.inject(Rule::once("upload_part", Fault::Throttle { retry_after_seconds: None }).skip(1));
    let refused = Fault::Refuse { status: 500, code: VendorCode::Text("InternalError".to_owned()) };
    home.emulator.inject(Rule::once("complete", refused));
    home.put(&file, "x", &[]).ends(0);
    assert!(keeps(&home, "x", &file));
}

#[test]
fn content_that_is_not_the_files_is_not_believed() {
    let home = home_with("ureq", |_| {}, "");
    let file = home.file("big.bin", 12 * PART, 18);
    home.break_off(&file, "/big.bin");
    home.emulator.inject(Rule::once("list_parts", Fault::WrongEtag));
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
    let other = home.file("other.bin", 12 * PART, 19);
    home.emulator.inject(Rule::once("complete", Fault::WrongCrc).times(2));
    home.put(&other, "/other.bin", &[]).ends(7).says(&["CRC-64", "the content differs"]);
}
