//! COS v1, where it differs from v2: no list, no finish, one slice after the other, and nothing that takes parts back.

use std::fs::{self, File};
use std::io::Write as _;

use resumable_emulator::{Config, Fault, Rule};
use serde_json::{Value, json};

use crate::kit::{APPID, BUCKET, Home, PART, Service, over_each_transport};
use crate::liar::Liar;

over_each_transport! {
    of crate::cos_v1::home:
    a_result_says_what_was_done,
    a_killed_upload_goes_on_where_it_was_and_content_that_is_there_is_not_sent,
    ctrl_c_keeps_the_session,
    lost_replies_are_no_failures,
    an_abort_says_that_the_parts_stay,
    a_file_that_changes_while_it_is_sent_is_3,
}

/// An emulator with defaults, and a profile for its v1.
pub(crate) fn home() -> Home {
    Home::of(Service::CosV1, Config::default())
}

fn a_result_says_what_was_done(home: &Home) {
    let file = home.file("big.bin", 10 * PART, 1);
    let ran = home.put(&file, "/dir/big.bin", &[]).ends(0);
    assert!(ran.result("url").starts_with("http"), "{ran:?}");
    assert_eq!(ran.result("sha1").len(), 40);
    assert_eq!((ran.result("how"), ran.result("requests")), ("in 10 parts", "11"), "init, ten slices");
    assert!(home.holds("/dir/big.bin", &file) && home.checkpoints().is_empty());
}

fn a_killed_upload_goes_on_where_it_was_and_content_that_is_there_is_not_sent(home: &Home) {
    let file = home.file("big.bin", 16 * PART, 2);
    home.break_off(&file, "/big.bin");
    let list = home.run(&["list"]).ends(0);
    assert!(list.out.contains("emu:/big.bin") && list.out.contains("of 16.0 MiB ("), "{list:?}");
    let stored = home.emulator.totals().file_bytes;
    assert!((3 * PART..16 * PART).contains(&stored));
    let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert_eq!(ran.result("bytes sent"), (16 * PART - stored).to_string());
    assert!(home.holds("/big.bin", &file) && home.checkpoints().is_empty());
    assert!(home.emulator.totals().received_file_bytes <= 17 * PART, "one slice more than the file for one kill");
    let ran = home.put(&file, "/copy.bin", &[]).ends(0);
    assert_eq!((ran.result("how"), ran.result("bytes sent")), ("instant (the vendor already had this content)", "0"));
    assert!(home.holds("/copy.bin", &file));
}

fn ctrl_c_keeps_the_session(home: &Home) {
    let file = home.file("big.bin", 16 * PART, 3);
    let running = home.begin(&file, "/big.bin");
    running.signal("INT");
    running.wait().ends(130).says(&["Stopping…", "Run the same command again"]);
    home.emulator.clear_faults();
    assert_eq!(home.emulator.cos_v1().slices(APPID, BUCKET, "big.bin").len(), 1);
    home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert!(home.holds("/big.bin", &file));
}

fn lost_replies_are_no_failures(home: &Home) {
    let (file, small) = (home.file("big.bin", 9 * PART, 4), home.file("small", 5000, 4));
    for op in ["upload_slice_init", "upload_slice_data", "upload"] {
        home.emulator.inject(Rule::once(op, Fault::DropReply));
    }
    home.emulator.inject(Rule::once("upload_slice_data", Fault::DropReply).skip(7));
    let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["retrying in"]);
    assert_eq!(ran.result("retries"), "3");
    assert_eq!(home.emulator.totals().received_file_bytes, 9 * PART, "init says what is there: nothing is sent again");
    home.put(&small, "/small", &[]).ends(0);
    assert!(home.holds("/big.bin", &file) && home.holds("/small", &small));
    assert_eq!(home.emulator.log().iter().filter(|entry| entry.fault.is_some()).count(), 4);
}

fn an_abort_says_that_the_parts_stay(home: &Home) {
    let file = home.file("big.bin", 12 * PART, 5);
    home.break_off(&file, "/big.bin");
    fs::remove_file(&file).unwrap();
    let key = home.key();
    let ran = home.run(&["abort", &key[..6]]).ends(0);
    assert_eq!(ran.result("aborted"), key);
    assert!(
        ran.result("left at the vendor").starts_with("the parts sent so far; this API cannot delete them"),
        "{ran:?}"
    );
    assert!(home.checkpoints().is_empty());
    // The object is complete, and only the checkpoint is old: it is left, and named.
    let file = home.file("big.bin", 12 * PART, 6);
    home.emulator.inject(Rule::once("upload_slice_data", Fault::Stall).skip(11).committed());
    let running = home.begin_with(&file, "/done.bin", 11 * PART, |_| {});
    running.kill();
    home.settle();
    let ran = home.run(&["abort", &home.key()]).ends(0);
    assert!(ran.result("left at the vendor").contains("the finished object"), "{ran:?}");
    assert!(home.holds("/done.bin", &file));
}

fn a_file_that_changes_while_it_is_sent_is_3(home: &Home) {
    let file = home.file("big.bin", 12 * PART, 7);
    let fault = Fault::Delay { millis: 1_000 };
    home.emulator.inject(Rule::once("upload_slice_data", fault).skip(3).times(Rule::ALWAYS));
    let running = home.begin_with(&file, "/x", 3 * PART, |_| {});
    File::options().append(true).open(&file).unwrap().write_all(b"more").unwrap();
    running.wait().ends(3).says(&["the file changed since its upload began", "--restart"]);
    assert_eq!(home.emulator.cos_v1().read_object(APPID, BUCKET, "x").unwrap(), None);
    home.emulator.clear_faults();
    home.put(&file, "/x", &["--restart"]).ends(0);
    assert!(home.holds("/x", &file) && home.checkpoints().is_empty());
}

/// `len` is sent in this many slices, or in one request; a second run finds it there.
#[track_caller]
fn arrives_whole(home: &Home, len: u64, slices: usize) {
    let file = home.file(format!("{len}"), len, len);
    let path = format!("/{len}");
    let before = (home.asked("upload_slice_data"), home.asked("upload"));
    home.put(&file, &path, &[]).ends(0);
    assert!(home.holds(&path, &file), "{len}");
    let after = (home.asked("upload_slice_data"), home.asked("upload"));
    assert_eq!((after.0 - before.0, after.1 - before.1), (slices, usize::from(slices == 0)), "{len}");
    let ran = home.put(&file, &path, &[]).ends(0);
    assert!(slices == 0 || ran.result("bytes sent") == "0", "{len}: {ran:?}");
}

#[test]
fn files_around_the_threshold_and_around_slices_arrive_whole() {
    let home = home();
    for (len, slices) in [(0, 0), (1, 0), (8 * PART - 1, 0), (8 * PART, 0), (8 * PART + 1, 9)] {
        arrives_whole(&home, len, slices);
    }
    for parallel in [false, true] {
        let home = self::home();
        home.configure(&format!("one_request_max = 0\nslice_size = '512KiB'\nparallel = {parallel}"));
        for len in [1, PART / 2 - 1, PART / 2, PART / 2 + 1, 2 * PART - 1, 2 * PART, 2 * PART + 1] {
            arrives_whole(&home, len, usize::try_from(len.div_ceil(PART / 2)).unwrap());
        }
    }
}

#[test]
fn a_file_too_large_is_6_before_a_byte_of_it_is_read() {
    let home = home();
    let sparse = home.path("sparse");
    File::create(&sparse).unwrap().set_len((64 << 30) + 1).unwrap();
    let ran = home.put(&sparse, "/x", &[]).ends(6);
    ran.says(&["the file has 68,719,476,737 bytes", "COS takes at most 68,719,476,736 bytes"]);
    home.configure("file_max = '3MiB'");
    home.put(&home.file("big.bin", 3 * PART + 1, 8), "/x", &[]).ends(6).says(&["at most 3,145,728 bytes"]);
    assert!(home.emulator.totals().requests == 0 && home.checkpoints().is_empty());
    let file = home.file("big.bin", 3 * PART, 8);
    home.put(&file, "/x", &[]).ends(0);
    assert!(home.holds("/x", &file));
}

#[test]
fn a_mistake_in_the_profile_is_named_by_line_and_key() {
    let home = home();
    let file = home.file("x", 10, 9);
    for (line, says) in [
        ("integrity = 'sha1'", "there is no key \"integrity\""),
        ("paralel = true", "Did you mean \"parallel\"?"),
        ("parallel = 1", "parallel must be true or false"),
        ("slice_size = '4MiB'", "slice_size must be 512KiB, 1MiB, 2MiB or 3MiB"),
        ("one_request_max = '1GiB'", "one_request_max must be at most 20000000 bytes"),
        ("file_max = '65GiB'", "file_max must be at most 64GiB"),
        ("signature_life = 60", "signature_life must be a time like \"90s\""),
        ("signature_life = '1s'", "signature_life must be from 1m to 90d"),
        ("signature_life = '91d'", "signature_life must be from 1m to 90d"),
        ("biz_attr = 7", "biz_attr must be a text in quotes"),
    ] {
        home.configure(line);
        home.put(&file, "/x", &[]).ends(2).says(&["line 8, profile \"emu\": ", says]);
    }
    home.configure("");
    let whole = fs::read_to_string(home.config()).unwrap();
    for key in ["endpoint", "appid", "bucket", "secret_id", "secret_key"] {
        let lines: Vec<&str> = whole.lines().filter(|line| !line.starts_with(key)).collect();
        home.write_config(&lines.join("\n"));
        home.put(&file, "/x", &[]).ends(2).says(&[&format!("profile \"emu\": {key} is missing")]);
    }
    assert!(home.emulator.totals().requests == 0 && !home.state().exists());
}

#[test]
fn settings_of_a_profile_are_used() {
    let home = home();
    let watcher = Liar::watches(
        &home,
        "slice_size = '2MiB'\none_request_max = '1MiB'\nbiz_attr = 'mine'\ninsert_only = false\nsignature_life = '2m'",
    );
    let file = home.file("big.bin", 5 * PART, 10);
    let ran = home.put(&file, "/big.bin", &[]).ends(0);
    assert_eq!(ran.result("requests"), "4", "init, three slices");
    assert!(home.holds("/big.bin", &file));
    let init = watcher.seen()[0].text.clone();
    for field in ["name=\"biz_attr\"\r\n\r\nmine", "name=\"insertOnly\"\r\n\r\n0", "name=\"slice_size\"\r\n\r\n2097152"]
    {
        assert!(init.contains(field), "no {field:?} in {init}");
    }
}

#[test]
fn slices_go_side_by_side_where_the_profile_says_so() {
    for (parallel, most) in [(false, 1..=1), (true, 2..=8)] {
        let home = home();
        let fault = Fault::Delay { millis: 200 };
        home.emulator.inject(Rule::once("upload_slice_data", fault).times(Rule::ALWAYS));
        let watcher = Liar::watches(&home, &format!("parallel = {parallel}\nwindow = 8"));
        let file = home.file("big.bin", 12 * PART, 11);
        home.put(&file, "/big.bin", &[]).ends(0);
        assert!(most.contains(&watcher.most_at_once()), "{parallel}: {}", watcher.most_at_once());
        assert!(home.holds("/big.bin", &file));
    }
}

#[test]
fn another_file_at_the_path_is_not_overwritten_unless_asked() {
    let home = home();
    let (old, new) = (home.file("old", 9 * PART, 12), home.file("new", 9 * PART, 13));
    home.put(&old, "/x", &[]).ends(0);
    home.put(&new, "/x", &[]).ends(6).says(&["a different file of the same length", "if_exists = \"replace\""]);
    assert!(home.holds("/x", &old) && home.checkpoints().is_empty());
    home.configure("insert_only = false");
    home.put(&new, "/x", &[]).ends(0);
    assert!(home.holds("/x", &new));
}

/// With one word of the configuration wrong, no byte of the file is sent; with the right one the command goes through.
#[test]
fn wrong_keys_are_4_and_wrong_places_6() {
    for (right, wrong, code, says) in [
        ("emulator-secret-key", "no-such-key", 4, &["the SecretKey", "RESUMABLE_SECRET_KEY", "command again"][..]),
        ("AKIDemulator", "AKIDnobody", 4, &["the SecretId is not known", "RESUMABLE_SECRET_ID"]),
        (BUCKET, "no-such-bucket", 6, &["no such bucket", "check the bucket"]),
        (APPID, "10055005", 6, &["no such bucket", "the appid"]),
    ] {
        let home = home();
        let file = home.file("big.bin", 9 * PART, 14);
        let config = fs::read_to_string(home.config()).unwrap();
        home.write_config(&config.replace(right, wrong));
        home.put(&file, "/x", &["--patience", "1s"]).ends(code).says(says);
        assert_eq!(home.emulator.totals().received_file_bytes, 0);
        home.write_config(&config);
        home.put(&file, "/x", &[]).ends(0);
        assert!(home.holds("/x", &file));
    }
}

#[test]
fn a_session_that_the_vendor_forgot_is_begun_anew() {
    let home = home();
    let file = home.file("big.bin", 12 * PART, 15);
    home.break_off(&file, "/x");
    home.emulator.inject(Rule::once("upload_slice_data", Fault::ForgetSession).skip(2));
    home.put(&file, "/x", &[]).ends(0).says(&["resuming ", "what the vendor does not have is sent again"]);
    assert!(home.holds("/x", &file) && home.checkpoints().is_empty());
}

#[test]
fn a_server_that_answers_no_answer_is_5_and_what_is_stored_stays() {
    for (fault, says) in [
        (Fault::Html { status: 502 }, "HTTP 502"),
        (Fault::Html { status: 404 }, "check endpoint and proxy"),
        (Fault::Garbage, "gave up"),
        (Fault::WrongOffset, "acknowledged with offset"),
    ] {
        let home = home();
        let file = home.file("big.bin", 10 * PART, 16);
        let slices = Rule::once("upload_slice_data", fault).skip(4).times(Rule::ALWAYS);
        home.emulator.inject(slices);
        home.put(&file, "/x", &["--patience", "1s"]).ends(5).says(&[says, "Run the same command again"]);
        let stored = home.emulator.totals().file_bytes;
        assert!(stored >= 4 * PART);
        home.emulator.clear_faults();
        let ran = home.put(&file, "/x", &[]).ends(0);
        assert!(ran.result("bytes sent").parse::<u64>().unwrap() <= 10 * PART, "{ran:?}");
        assert!(home.holds("/x", &file) && home.checkpoints().is_empty());
    }
}

/// The first answer to `op` has `key` replaced by `value`: it is not believed, these words say why, and the truth then
/// ends well.
#[track_caller]
fn lies_once(op: &'static str, key: &'static str, value: &Value, says: &str) {
    let home = home();
    let file = home.file("big.bin", 12 * PART, 17);
    let (lie, lies) = (value.clone(), std::sync::atomic::AtomicU32::new(0));
    let _liar = Liar::before(&home, "", move |called, answer| {
        if called == op && lies.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 {
            answer["data"][key] = lie.clone();
        }
    });
    home.put(&file, "/x", &[]).ends(0).says(&[says]);
    assert!(home.holds("/x", &file) && home.checkpoints().is_empty());
}

#[test]
fn a_server_that_lies_is_not_believed() {
    lies_once("upload_slice_init", "slice_size", &json!(0), "the vendor asks for slices of 0 bytes");
    lies_once("upload_slice_init", "session", &json!("x".repeat(5000)), "a session with a name of 5000 bytes");
    lies_once(
        "upload_slice_init",
        "offset",
        &json!(u64::MAX),
        "the vendor wants to continue at byte 18446744073709551615",
    );
    lies_once("upload_slice_data", "offset", &json!(u64::MAX), "acknowledged with offset 18446744073709551615");
}

#[test]
fn content_that_the_vendor_finds_different_is_7() {
    let home = home();
    let file = home.file("big.bin", 10 * PART, 18);
    home.emulator.inject(Rule::once("upload_slice_data", Fault::refuse(400, -4016)).times(Rule::ALWAYS));
    home.put(&file, "/x", &[]).ends(7).says(&["does not match"]);
    home.emulator.clear_faults();
    home.put(&file, "/x", &[]).ends(0);
    assert!(home.holds("/x", &file));
}
