//! Uploads that nothing disturbs.

use std::fs;

use crate::kit::{Home, PART, over_each_transport};

over_each_transport! {
    a_result_says_what_was_done,
    content_that_the_vendor_has_is_not_sent,
    a_small_file_is_one_request,
    lines_say_how_far_it_is_where_there_is_no_terminal,
    settings_of_a_profile_are_used,
}

fn a_result_says_what_was_done(home: &Home) {
    let file = home.file("big.bin", 10 * PART, 1);
    let ran = home.put(&file, "/dir/big.bin", &[]).ends(0);
    assert!(ran.result("url").starts_with("http"), "{ran:?}");
    assert_eq!(ran.result("sha1").len(), 40);
    assert_eq!(ran.result("bytes sent"), (10 * PART).to_string());
    assert_eq!(ran.result("how"), "in 10 parts");
    assert_eq!(ran.result("requests"), "12", "init, ten slices, finish");
    assert_eq!(ran.result("retries"), "0");
    assert!(ran.result("time").ends_with(" s"));
    assert!(home.holds("/dir/big.bin", &file));
    assert!(home.checkpoints().is_empty(), "nothing is left to resume");
    home.run(&["list"]).ends(0).says(&["no unfinished uploads"]);
}

fn content_that_the_vendor_has_is_not_sent(home: &Home) {
    let file = home.file("big.bin", 10 * PART, 2);
    home.put(&file, "/one.bin", &[]).ends(0);
    let before = home.emulator.totals().received_file_bytes;
    let ran = home.put(&file, "/other.bin", &[]).ends(0);
    assert_eq!(ran.result("how"), "instant (the vendor already had this content)");
    assert_eq!(ran.result("bytes sent"), "0");
    assert_eq!(home.emulator.totals().received_file_bytes, before);
    assert!(home.holds("/other.bin", &file));
}

#[test]
fn the_same_command_after_success_sends_nothing() {
    let home = Home::new();
    let file = home.file("big.bin", 10 * PART, 3);
    home.put(&file, "/big.bin", &[]).ends(0);
    let ran = home.put(&file, "/big.bin", &[]).ends(0);
    assert_eq!(ran.result("bytes sent"), "0");
}

fn a_small_file_is_one_request(home: &Home) {
    let file = home.file("small", 5000, 4);
    let ran = home.put(&file, "/small", &[]).ends(0);
    assert_eq!((ran.result("requests"), ran.result("how")), ("1", "in one request"));
    assert_eq!(home.emulator.totals().requests, 1);
    assert!(home.holds("/small", &file));
}

#[test]
fn another_file_at_the_path_is_not_overwritten_unless_asked() {
    let home = Home::new();
    let (old, new) = (home.file("old", 9 * PART, 5), home.file("new", 9 * PART, 6));
    home.put(&old, "/x", &[]).ends(0);
    home.put(&new, "/x", &[]).ends(6).says(&["a different file of the same length", "if_exists = \"replace\""]);
    assert!(home.holds("/x", &old));
    assert!(home.checkpoints().is_empty(), "what was refused before it began leaves nothing to resume");
    home.configure("insert_only = false");
    home.put(&new, "/x", &[]).ends(0);
    assert!(home.holds("/x", &new));
}

fn lines_say_how_far_it_is_where_there_is_no_terminal(home: &Home) {
    home.in_real_time();
    let file = home.file("big.bin", 12 * PART, 7);
    let ran = home.put(&file, "/big.bin", &["--limit-rate", "4MiB"]).ends(0);
    let ran = ran.says(&["uploading ", " to emu:/big.bin (12.0 MiB)", "sending: "]);
    assert!(!ran.err.contains('\x1b') && !ran.err.contains('\r'), "{ran:?}");
    assert!(ran.err.lines().count() < 15, "{ran:?}");
}

fn settings_of_a_profile_are_used(home: &Home) {
    home.in_real_time();
    home.configure("integrity = 'none'\nslice_size = '2MiB'\none_request_max = '1MiB'\nwindow = 2\nproxy = 'none'");
    let file = home.file("big.bin", 5 * PART, 8);
    let ran = home.put(&file, "/big.bin", &[]).ends(0);
    assert_eq!((ran.fact("sha1"), ran.result("requests")), (None, "5"));
    let bytes = fs::read(&file).unwrap();
    assert_eq!(home.emulator.cos_v2().read_object("10055004", "accesslog", "big.bin").unwrap(), Some(bytes));
}

#[test]
fn a_reader_that_goes_away_stops_no_upload() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 9);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = home.put_command(&file, "/big.bin", &["--limit-rate", "12MiB"]);
    let status = command.stdout(writer.try_clone().unwrap()).stderr(writer).status().unwrap();
    assert_eq!(status.code(), Some(1), "nobody has the result");
    assert!(home.holds("/big.bin", &file));
    assert_eq!(home.put(&file, "/big.bin", &[]).ends(0).result("bytes sent"), "0");
}
