//! Uploads that are broken off, and go on.

use std::fs;

use resumable_emulator::{Fault, Rule};

use crate::kit::{Home, PART, over_each_transport, until};

over_each_transport! {
    a_killed_upload_goes_on_where_it_was,
    a_second_ctrl_c_ends_it_at_once,
    lost_replies_are_no_failures,
}

fn a_killed_upload_goes_on_where_it_was(home: &Home) {
    let file = home.file("big.bin", 16 * PART, 1);
    home.break_off(&file, "/big.bin");
    let stored = home.emulator.totals().file_bytes;
    assert!((3 * PART..16 * PART).contains(&stored));
    let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert_eq!(ran.result("bytes sent"), (16 * PART - stored).to_string());
    assert!(home.holds("/big.bin", &file));
    assert!(home.checkpoints().is_empty());
    let received = home.emulator.totals().received_file_bytes;
    assert!(received <= 16 * PART + 4 * PART, "{received}: one window more than the file for one kill");
}

#[test]
fn a_crash_after_finish_and_before_the_checkpoint_is_removed_ends_well() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 2);
    home.break_off(&file, "/big.bin");
    let (checkpoint, kept) = (home.checkpoint(), home.path("kept"));
    fs::copy(&checkpoint, &kept).unwrap();
    home.put(&file, "/big.bin", &[]).ends(0);
    let before = home.emulator.totals().received_file_bytes;
    fs::copy(&kept, &checkpoint).unwrap();
    let ran = home.put(&file, "/big.bin", &[]).ends(0);
    assert_eq!(ran.result("bytes sent"), "0");
    assert!(ran.result("url").starts_with("http"));
    assert_eq!(home.emulator.totals().received_file_bytes, before);
    assert!(home.holds("/big.bin", &file) && home.checkpoints().is_empty());
}

fn a_second_ctrl_c_ends_it_at_once(home: &Home) {
    let file = home.file("big.bin", 12 * PART, 5);
    let running = home.begin(&file, "/big.bin");
    running.signal("INT");
    until("it says that it stops", || running.said().contains("Stopping…"));
    running.signal("INT");
    running.wait().ends(130);
    home.emulator.clear_faults();
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(home.holds("/big.bin", &file));
}

fn lost_replies_are_no_failures(home: &Home) {
    let file = home.file("big.bin", 9 * PART, 7);
    home.emulator.inject(Rule::once("upload_slice_data", Fault::DropReply));
    home.emulator.inject(Rule::once("upload_slice_finish", Fault::DropReply));
    let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["retrying in"]);
    assert_eq!(ran.result("retries"), "2");
    assert!(home.holds("/big.bin", &file));
    assert!(home.emulator.totals().received_file_bytes <= 10 * PART);
}

#[test]
fn one_upload_a_target_and_a_file() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 8);
    home.break_off(&file, "/one.bin");
    home.break_off(&file, "/two.bin");
    assert_eq!(home.checkpoints().len(), 2);
    std::os::unix::fs::symlink(&file, home.path("link")).unwrap();
    home.put(&home.path("link"), "/one.bin", &[]).ends(0).says(&["resuming "]);
    assert_eq!(home.checkpoints().len(), 1);
}
