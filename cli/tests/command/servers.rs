//! Servers that are down, in trouble, or lie.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};

use resumable_emulator::{Fault, Rule};
use serde_json::{Value, json};

use crate::kit::{APPID, BUCKET, Home, PART, over_each_transport, until};
use crate::liar::Liar;

over_each_transport! {
    a_server_that_is_down_from_the_start_is_5,
    a_server_that_goes_down_and_comes_back_within_patience_is_sat_out,
    a_server_that_goes_down_and_stays_down_is_5_within_patience,
}

/// No mixture, nothing finished; the same command again, now that the server is well, finishes.
#[track_caller]
fn finishes_later(home: &Home, file: &std::path::Path) {
    assert_eq!(home.emulator.cos_v2().read_object(APPID, BUCKET, "x").unwrap(), None);
    home.put(file, "/x", &[]).ends(0);
    assert!(home.holds("/x", file) && home.checkpoints().is_empty());
}

fn a_server_that_is_down_from_the_start_is_5(home: &mut Home) {
    let file = home.file("big.bin", 10 * PART, 1);
    home.unplug();
    let says = ["cannot connect", "gave up after 1 s without progress", "Run the same command again", "--patience"];
    home.put(&file, "/x", &["--patience", "1s"]).ends(5).says(&says);
    home.plug_in();
    finishes_later(home, &file);
}

fn a_server_that_goes_down_and_comes_back_within_patience_is_sat_out(home: &mut Home) {
    let file = home.file("big.bin", 12 * PART, 2);
    let running = home.begin(&file, "/x");
    // Until then an answer may be on its way, and is lost with the server.
    until("three slices are known to be stored", || home.confirmed() >= 3 * PART);
    home.unplug();
    until("it says that it tries again", || running.said().contains("retrying in"));
    home.plug_in();
    let ran = running.wait().ends(0);
    assert!(ran.result("retries").parse::<u32>().unwrap() > 0, "{ran:?}");
    assert!(home.holds("/x", &file) && home.checkpoints().is_empty());
    assert!(home.emulator.totals().received_file_bytes <= 9 * PART, "what was stored is not sent again");
}

fn a_server_that_goes_down_and_stays_down_is_5_within_patience(home: &mut Home) {
    let file = home.file("big.bin", 12 * PART, 3);
    home.hold_back();
    let running = home.start(home.put_command(&file, "/x", &["--patience", "2s"]));
    until("the first bytes are stored", || home.emulator.totals().file_bytes > 3 * PART);
    // Until then an answer may be on its way, and is lost with the server.
    until("three slices are known to be stored", || home.confirmed() >= 3 * PART);
    home.unplug();
    running.wait().ends(5).says(&["gave up after 2 s without progress", " stored.", "Run the same command again"]);
    home.plug_in();
    let ran = home.put(&file, "/x", &[]).ends(0).says(&["resuming "]);
    assert!(ran.result("bytes sent").parse::<u64>().unwrap() <= 9 * PART, "{ran:?}");
    assert!(home.holds("/x", &file));
}

#[test]
fn a_server_that_answers_html_is_5() {
    for status in [200, 404, 502] {
        let home = Home::new();
        let file = home.file("big.bin", 10 * PART, 4);
        home.emulator.inject(Rule::any(Fault::Html { status }).times(Rule::ALWAYS));
        let says = format!("the answer (HTTP {status}) is not from this API: <");
        let ran = home.put(&file, "/x", &["--patience", "1s"]).ends(5);
        ran.says(&[&says, "Run the same command again", "check endpoint and proxy"]);
        home.emulator.clear_faults();
        finishes_later(&home, &file);
    }
}

#[test]
fn a_server_that_takes_no_hash_alone_is_6_and_the_setting_is_named() {
    let home = Home::new();
    home.in_real_time();
    let file = home.file("big.bin", 10 * PART, 13);
    home.configure("integrity = 'sha1'");
    home.put(&file, "/x", &[]).ends(6).says(&["a parameter is wrong", "code -5999", "try \"chain\" or \"none\""]);
    assert!(home.checkpoints().is_empty());
    for integrity in ["chain", "none"] {
        home.configure(&format!("integrity = '{integrity}'"));
        home.put(&file, &format!("/{integrity}"), &[]).ends(0);
        assert!(home.holds(&format!("/{integrity}"), &file));
    }
}

#[test]
fn a_server_that_answers_html_in_the_middle_is_5_and_what_is_stored_stays() {
    let home = Home::new();
    let file = home.file("big.bin", 10 * PART, 5);
    home.emulator.inject(Rule::any(Fault::Html { status: 502 }).skip(6).times(Rule::ALWAYS));
    home.put(&file, "/x", &["--patience", "1s"]).ends(5).says(&["HTTP 502", "4.0 of 10.0 MiB (40 %) stored"]);
    home.emulator.clear_faults();
    finishes_later(&home, &file);
    assert_eq!(home.emulator.totals().file_bytes, 10 * PART);
}

#[test]
fn a_server_that_answers_half_of_what_it_should_is_5() {
    for fault in [Fault::Garbage, Fault::CutBefore, Fault::CutReply] {
        let home = Home::new();
        let file = home.file("big.bin", 10 * PART, 6);
        home.emulator.inject(always("upload_slice_data", fault));
        home.put(&file, "/x", &["--patience", "1s"]).ends(5).says(&["gave up", "Run the same command again"]);
        home.emulator.clear_faults();
        finishes_later(&home, &file);
    }
}

#[test]
fn a_server_that_names_another_slice_than_was_sent_is_5() {
    let home = Home::new();
    let file = home.file("big.bin", 10 * PART, 7);
    home.emulator.inject(always("upload_slice_data", Fault::WrongOffset));
    let says = ["gave up", "a slice with ", " was acknowledged with ", "Run the same command again"];
    home.put(&file, "/x", &["--patience", "1s"]).ends(5).says(&says);
    home.emulator.clear_faults();
    finishes_later(&home, &file);
}

#[test]
fn a_server_that_names_another_session_than_was_sent_is_not_believed() {
    let home = Home::new();
    let file = home.file("big.bin", 10 * PART, 7);
    let fault = Fault::WrongSession;
    home.emulator.inject(Rule::once("upload_slice_data", fault).skip(2).times(2));
    home.put(&file, "/x", &[]).ends(0).says(&["a slice with session ", " was acknowledged with session "]);
    assert!(home.holds("/x", &file));
}

fn always(op: &str, fault: Fault) -> Rule {
    Rule::once(op, fault).skip(2).times(Rule::ALWAYS)
}

/// The first answers to `op` have `key` replaced by `value`: they are not believed, these words say why, and the truth
/// then ends well.
#[track_caller]
fn lies_once(op: &'static str, key: &'static str, value: &Value, says: &[&str]) {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 8);
    let (lie, lies) = (value.clone(), AtomicU32::new(0));
    let _liar = Liar::before(&home, "", move |called, answer| {
        if called == op && answer["code"] == 0 && lies.fetch_add(1, Ordering::SeqCst) == 0 {
            answer["data"][key] = lie.clone();
        }
    });
    if op == "upload_slice_list" {
        home.break_off(&file, "/x");
    }
    let before = home.emulator.totals().file_bytes;
    let ran = home.put(&file, "/x", &[]).ends(0).says(says).says(&["retrying in"]);
    let again = u64::from(op == "upload_slice_data") * PART;
    assert_eq!(ran.result("bytes sent"), (12 * PART - before + again).to_string());
    assert!(home.holds("/x", &file) && home.checkpoints().is_empty());
    let refused =
        home.emulator.log().into_iter().filter_map(|entry| entry.code.clone().filter(|code| *code != 0.into()));
    // -197 answers the question what is there: nothing.
    let expected = |code| code == (-4019).into() || code == (-197).into();
    assert!(refused.into_iter().all(expected), "nothing that the server would refuse was sent");
}

/// Words for a terminal: another line, a screen that is cleared, a title, text that is turned around.
#[test]
fn words_that_are_made_to_do_harm_are_words() {
    const WORDS: &str = "forged\r\nuploaded \u{1b}[2J\u{1b}]0;title\u{7}\u{202e}txt\u{200b}";
    let home = Home::new();
    let (file, log) = (home.file("a.bin", 5000, 1), home.path("log"));
    let _liar = Liar::before(&home, "", |_, answer| {
        (answer["code"], answer["message"]) = (json!(-97), json!(WORDS));
    });
    let ran = home.put(&file, "/x", &["-v", "--log-file", log.to_str().unwrap()]).ends(4);
    for text in [ran.err, fs::read_to_string(log).unwrap()] {
        assert!(text.contains("forged uploaded "), "one line: {text}");
        assert!(!text.contains(|c: char| c.is_control() && c != '\n' || "\u{202e}\u{200b}".contains(c)), "{text}");
    }
    let ran = home.put(&file, "/x", &["--json"]).ends(4);
    assert!(ran.out.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{ran:?}");
}

#[test]
fn a_server_that_opens_a_session_with_slices_of_0_bytes_is_not_believed() {
    lies_once("upload_slice_init", "slice_size", &json!(0), &["the vendor asks for slices of 0 bytes"]);
}

#[test]
fn a_server_that_opens_a_session_with_slices_of_no_whole_blocks_is_not_believed() {
    lies_once("upload_slice_init", "slice_size", &json!(1_048_577), &["slices of 1048577 bytes", "multiples of 64"]);
}

#[test]
fn a_server_that_opens_a_session_with_endless_slices_is_not_believed() {
    lies_once("upload_slice_init", "slice_size", &json!(u64::MAX), &["slices of 18446744073709551615 bytes"]);
}

#[test]
fn a_server_that_opens_a_session_without_a_name_is_not_believed() {
    lies_once("upload_slice_init", "session", &Value::Null, &["success, but without session"]);
}

#[test]
fn a_server_that_opens_a_session_with_an_endless_name_is_not_believed() {
    lies_once("upload_slice_init", "session", &json!("x".repeat(5000)), &["a session with a name of 5000 bytes"]);
}

#[test]
fn a_server_that_acknowledges_an_offset_beyond_the_file_is_not_believed() {
    lies_once("upload_slice_data", "offset", &json!(u64::MAX), &["acknowledged with offset 18446744073709551615"]);
}

#[test]
fn a_server_that_acknowledges_more_than_was_sent_is_not_believed() {
    lies_once("upload_slice_data", "datalen", &json!(u64::MAX), &["acknowledged with datalen 18446744073709551615"]);
}

#[test]
fn a_server_that_lists_slices_of_0_bytes_is_not_believed() {
    lies_once("upload_slice_list", "slice_size", &json!(0), &["the vendor asks for slices of 0 bytes"]);
}

#[test]
fn a_server_that_lists_slices_of_no_whole_blocks_is_not_believed() {
    lies_once("upload_slice_list", "slice_size", &json!(1_048_577), &["slices of 1048577 bytes", "multiples of 64"]);
}

/// What it says of a list that cannot be right.
const BAD_LIST: &str = "the vendor's list of slices cannot be right: the slice at offset ";

#[test]
fn a_server_that_lists_an_offset_beyond_the_file_is_not_believed() {
    let parts = json!([{ "offset": 12 * PART, "datalen": PART }]);
    lies_once("upload_slice_list", "listparts", &parts, &[BAD_LIST, "ends after the file"]);
}

#[test]
fn a_server_that_lists_an_offset_beyond_all_numbers_is_not_believed() {
    let parts = json!([{ "offset": u64::MAX, "datalen": PART }]);
    lies_once("upload_slice_list", "listparts", &parts, &[BAD_LIST, "ends after the file"]);
}

#[test]
fn a_server_that_lists_empty_slices_is_not_believed() {
    lies_once("upload_slice_list", "listparts", &json!([{ "offset": 0, "datalen": 0 }]), &[BAD_LIST, "is empty"]);
}

/// One that never tells the truth is given up after so many tries, and loses nothing that is stored.
#[test]
fn a_server_that_lies_on_and_on_is_5() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 9);
    let liar = Liar::before(&home, "", |called, answer| {
        if called == "upload_slice_list" {
            answer["data"]["slice_size"] = json!(0);
        }
    });
    home.break_off(&file, "/x");
    let (before, saved) = (home.emulator.totals().file_bytes, home.checkpoint());
    let says = ["gave up after one call was refused 6 times", "slices of 0 bytes", "Run the same command again"];
    home.put(&file, "/x", &[]).ends(5).says(&says);
    assert!(saved.exists() && home.emulator.cos_v2().slices(APPID, BUCKET, "x").is_some());
    liar.repent();
    let ran = home.put(&file, "/x", &[]).ends(0).says(&["resuming "]);
    assert_eq!(ran.result("bytes sent"), (12 * PART - before).to_string());
    assert!(home.holds("/x", &file));
}

/// It claims to have everything, finish finds that it has not, and the list then tells the truth.
#[test]
fn a_server_that_lists_slices_that_it_does_not_have_is_found_out_at_finish() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 10);
    let lists = AtomicU32::new(0);
    let _liar = Liar::before(&home, "", move |called, answer| {
        if called == "upload_slice_list" && lists.fetch_add(1, Ordering::SeqCst) == 0 {
            answer["data"]["listparts"] = json!([{ "offset": 0, "datalen": 12 * PART }]);
        }
    });
    home.break_off(&file, "/x");
    home.put(&file, "/x", &[]).ends(0).says(&["resuming "]);
    assert!(home.holds("/x", &file));
}

/// Finish is answered with success and no address: that is none, and the list tells.
#[test]
fn a_server_that_finishes_without_an_address_is_asked_what_it_has() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 11);
    let _liar = Liar::before(&home, "", |called, answer| {
        if called == "upload_slice_finish" {
            answer["data"] = json!({});
        }
    });
    let ran = home.put(&file, "/x", &[]).ends(0);
    assert!(ran.result("url").starts_with("http"), "{ran:?}");
    assert!(home.holds("/x", &file));
}

#[test]
fn content_that_the_vendor_finds_different_is_7() {
    let home = Home::new();
    let file = home.file("big.bin", 10 * PART, 12);
    let fault = Fault::refuse(400, -4016);
    home.emulator.inject(Rule::once("upload_slice_data", fault).times(Rule::ALWAYS));
    home.put(&file, "/x", &[]).ends(7).says(&["does not match", "reading the whole file once more"]);
    home.emulator.clear_faults();
    finishes_later(&home, &file);
}
