//! What is refused, and with which code.

use std::fs;
use std::path::Path;
use std::process::Command;

use resumable_emulator::{Fault, Rule};

use crate::kit::{Home, PART, Running, until};

#[test]
fn a_wrong_key_is_4_and_the_right_one_goes_on() {
    let home = Home::new();
    let file = home.file("big.bin", 10 * PART, 1);
    let right = fs::read_to_string(home.config()).unwrap();
    home.write_config(&right.replace("emulator-secret-key", "no-such-key"));
    home.put(&file, "/big.bin", &[]).ends(4).says(&["SecretKey", "RESUMABLE_SECRET_KEY", "-97"]);
    home.write_config(&right);
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(home.holds("/big.bin", &file));
}

#[test]
fn a_wrong_bucket_is_6() {
    let home = Home::new();
    let file = home.file("big.bin", 10 * PART, 2);
    let right = fs::read_to_string(home.config()).unwrap();
    home.write_config(&right.replace("accesslog", "no-such-bucket"));
    home.put(&file, "/big.bin", &[]).ends(6).says(&["the vendor refused", "no such bucket", "-133"]);
    assert!(home.checkpoints().is_empty(), "nothing is at the vendor, so there is nothing to resume");
}

#[test]
fn a_server_that_answers_html_is_5() {
    let home = Home::new();
    let file = home.file("big.bin", 10 * PART, 3);
    home.emulator.inject(Rule { op: None, skip: 0, times: 1000, fault: Fault::Html { status: 502 } });
    home.put(&file, "/big.bin", &["--patience", "1s"]).ends(5).says(&["no reply of this API", "502"]);
}

#[test]
fn content_that_the_vendor_finds_different_is_7() {
    let home = Home::new();
    let file = home.file("big.bin", 10 * PART, 4);
    let fault = Fault::Refuse { status: 400, code: -4016 };
    home.emulator.inject(Rule { op: Some("upload_slice_data".to_owned()), skip: 0, times: 1000, fault });
    home.put(&file, "/big.bin", &[]).ends(7).says(&["does not match", "reading the whole file once more"]);
}

#[test]
fn what_cannot_be_uploaded_is_3_before_anything_is_sent() {
    let home = Home::new();
    let fifo = home.path("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    for (file, says) in [
        (home.path("missing"), "missing is not there"),
        (home.path("data"), "is not a regular file"),
        (fifo, "is not a regular file"),
        ("/dev/null".into(), "is not a regular file"),
    ] {
        home.put(&file, "/x", &[]).ends(3).says(&[says, "Nothing was sent"]);
    }
    assert_eq!(home.emulator.totals().requests, 0);
    assert!(!home.state().exists());
}

#[test]
fn destinations_that_are_none_are_2() {
    let home = Home::new();
    let file = home.file("x", 10, 5);
    let file = file.to_str().unwrap();
    for (destination, says) in [
        ("emu", "a destination is PROFILE:PATH"),
        (":/x", "a destination is PROFILE:PATH"),
        ("nobody:/x", "no profile \"nobody\""),
        ("emu:x", "must begin with '/'"),
        ("emu:/dir/", "must name a file"),
        ("emu:/a?b", "may not contain '?'"),
        ("emu:/a\\b", "may not contain '\\'"),
        ("emu:/a//b", "empty or blank"),
        ("emu:/../b", "'.' or '..'"),
        ("emu:/a\nb", "control characters"),
    ] {
        home.run(&["put", file, destination]).ends(2).says(&[says]);
    }
    for bad in ["--limit-rate=0", "--limit-rate=fast", "--patience=90", "--window=0", "--window=129"] {
        home.run(&["put", file, "emu:/x", bad]).ends(2);
    }
    assert_eq!(home.emulator.totals().requests, 0);
}

#[test]
fn a_state_folder_that_cannot_be_used_is_1() {
    let home = Home::new();
    let file = home.file("big.bin", 10 * PART, 6);
    let state = home.path("big.bin/state");
    let state = state.to_str().unwrap();
    home.put(&file, "/x", &["--state", state]).ends(1).says(&[state, "cannot be used", "Nothing was sent"]);
    assert_eq!(home.emulator.totals().requests, 0);
}

#[test]
fn a_state_folder_is_the_one_that_was_named() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 7);
    let state = home.path("my/state");
    home.hold_back();
    let running = home.start(home.put_command(&file, "/x", &["--state", state.to_str().unwrap()]));
    until("something is stored", || home.emulator.totals().file_bytes > 0);
    running.kill();
    let names = fs::read_dir(&state).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names.into_iter().any(|name| name.strip_suffix(".json").is_some()));
    assert!(!home.state().exists());
}

#[test]
fn a_file_that_changes_while_it_is_uploaded_is_3() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 8);
    let running = slowly(&home, &file);
    home.file("big.bin", 12 * PART, 9);
    running.wait().ends(3).says(&["changed", "then: ", "now: ", "--restart"]);
    home.put(&file, "/x", &["--restart"]).ends(0);
    assert!(home.holds("/x", &file));
}

#[test]
fn a_file_that_shrinks_while_it_is_uploaded_is_3() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 10);
    let running = slowly(&home, &file);
    fs::File::options().write(true).open(&file).unwrap().set_len(5 * PART).unwrap();
    running.wait().ends(3);
}

/// An upload of which some is stored, with seconds to go.
fn slowly(home: &Home, file: &Path) -> Running {
    let fault = Fault::Delay { millis: 3_000 };
    home.emulator.inject(Rule { op: Some("upload_slice_data".to_owned()), skip: 1, times: 4, fault });
    let running = home.start(home.put_command(file, "/x", &[]));
    until("the first bytes are stored", || home.emulator.totals().file_bytes > 3 * PART);
    running
}
