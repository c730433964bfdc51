//! Uploads that are given up, or begun anew.

use std::fs;

use resumable::units::show_number;

use crate::kit::{APPID, BUCKET, Home, PART, over_each_transport};

over_each_transport! {
    restart_of_the_same_file_sends_it_anew,
    abort_needs_no_file,
}

#[test]
fn a_changed_file_is_named_in_both_versions_and_restart_uploads_the_new_one() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 1);
    home.break_off(&file, "/big.bin");
    home.file("big.bin", 11 * PART, 2);
    let was = show_number(12 * PART);
    let is = show_number(11 * PART);
    let ran = home.put(&file, "/big.bin", &[]).ends(3);
    ran.says(&["changed", &format!("then: {was} bytes, modified 20"), &format!("now:  {is} bytes"), " UTC, sample "])
        .says(&["--restart"]);
    assert_eq!(home.checkpoints().len(), 1, "nothing is lost");
    let ran = home.put(&file, "/big.bin", &["--restart"]).ends(0);
    ran.says(&["the earlier upload was deleted at the vendor"]);
    assert!(home.holds("/big.bin", &file) && home.checkpoints().is_empty());
}

fn restart_of_the_same_file_sends_it_anew(home: &Home) {
    let file = home.file("big.bin", 12 * PART, 3);
    home.break_off(&file, "/big.bin");
    let ran = home.put(&file, "/big.bin", &["--restart"]).ends(0);
    assert_eq!(ran.result("bytes sent"), (12 * PART).to_string());
    assert!(home.holds("/big.bin", &file));
    home.put(&file, "/other.bin", &["--restart"]).ends(0);
}

#[test]
fn restart_begins_nothing_while_the_old_upload_cannot_be_removed() {
    let mut home = Home::new();
    let file = home.file("big.bin", 12 * PART, 4);
    home.break_off(&file, "/big.bin");
    home.unplug();
    home.put(&file, "/big.bin", &["--restart", "--patience", "0s"]).ends(5).says(&["earlier upload is kept"]);
    home.plug_in();
    let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert!(ran.result("bytes sent").parse::<u64>().unwrap() <= 9 * PART);
}

fn abort_needs_no_file(home: &Home) {
    let file = home.file("big.bin", 12 * PART, 5);
    home.break_off(&file, "/big.bin");
    fs::remove_file(&file).unwrap();
    let key = home.key();
    let list = home.run(&["list"]).ends(0);
    assert!(list.out.contains(&key) && list.out.contains("emu:/big.bin") && list.out.contains("of 12.0 MiB ("));
    let ran = home.run(&["abort", &key[..6]]).ends(0);
    assert_eq!((ran.result("aborted"), ran.result("left at the vendor")), (&*key, "nothing"));
    assert!(home.emulator.cos_v2().slices(APPID, BUCKET, "big.bin").is_none());
    assert!(home.checkpoints().is_empty());
    home.run(&["abort", &key]).ends(2).says(&["there is no upload", "There are none"]);
}

#[test]
fn an_upload_that_nobody_knows_is_answered_with_the_list() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 6);
    home.break_off(&file, "/big.bin");
    let key = home.key();
    for unknown in ["zzz", ""] {
        home.run(&["abort", unknown]).ends(2).says(&[&key, "emu:/big.bin"]);
    }
    let other = if key.starts_with('0') { "1" } else { "0" };
    for name in [&format!("{}0", &key[..8]), other] {
        fs::copy(home.state().join(format!("{key}.json")), home.state().join(format!("{name}.json"))).unwrap();
    }
    let ran = home.run(&["abort", &key[..8]]).ends(2).says(&["several uploads begin with", &key]);
    assert_eq!(ran.err.matches("emu:/big.bin").count(), 2, "those that begin so, and no others: {ran:?}");
    let ran = home.run(&["abort", "--local", &format!("{}0", &key[..8])]).ends(0);
    assert_eq!(ran.result("forgotten"), format!("{}0", &key[..8]), "a whole key is no beginning");
}

#[test]
fn an_upload_is_forgotten_on_this_machine_alone() {
    let home = Home::new();
    let running = home.begin(&home.file("big.bin", 12 * PART, 8), "/big.bin");
    crate::kit::until("some of it is known to be stored", || home.checkpoints().len() == 1 && home.confirmed() > 0);
    running.kill();
    home.settle();
    let key = home.key();
    // Neither profile nor vendor is needed.
    home.write_config("");
    home.run(&["abort", &key]).ends(2).says(&["no profile \"emu\"", &format!("resumable abort --local {key}")]);
    let asked = home.emulator.totals().requests;
    let ran = home.run(&["abort", "--local", &key]).ends(0);
    assert_eq!(ran.result("forgotten"), key);
    assert!(ran.result("left at the vendor").contains("/accesslog/big.bin; the vendor"), "{ran:?}");
    assert_eq!(fs::read_dir(home.state()).unwrap().count(), 0, "neither checkpoint nor lock");
    assert_eq!(home.emulator.totals().requests, asked);
    assert!(home.emulator.cos_v2().slices(APPID, BUCKET, "big.bin").is_some(), "what was sent is there still");
}

#[test]
fn what_cannot_be_read_is_forgotten_and_what_is_held_is_not() {
    let home = Home::new();
    let running = home.begin(&home.file("big.bin", 12 * PART, 9), "/big.bin");
    crate::kit::until("it is saved", || home.checkpoints().len() == 1);
    let key = home.key();
    home.run(&["abort", "--local", &key]).ends(8).says(&[&format!("process {}", running.pid())]);
    running.kill();
    home.settle();
    fs::write(home.checkpoint(), "{").unwrap();
    home.run(&["abort", &key]).ends(1).says(&["is damaged", &format!("resumable abort --local {key}")]);
    home.run(&["abort", "--local", &key]).ends(0);
    assert!(home.checkpoints().is_empty());
}

#[test]
fn abort_goes_only_where_the_upload_went() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 7);
    home.break_off(&file, "/big.bin");
    let text = fs::read_to_string(home.config()).unwrap();
    home.write_config(&text.replace(BUCKET, "elsewhere"));
    home.run(&["abort", &home.key()]).ends(2).says(&[
        "now points somewhere else",
        "/elsewhere/big.bin",
        "/accesslog/big.bin",
    ]);
    home.write_config(&text.replace("profiles.emu", "profiles.other"));
    home.run(&["abort", &home.key()]).ends(2).says(&["no profile \"emu\"", "other"]);
    home.write_config(&text);
    home.run(&["abort", &home.key()]).ends(0);
}

#[test]
fn restart_sets_a_damaged_checkpoint_aside() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 9);
    home.break_off(&file, "/big.bin");
    let path = home.checkpoint();
    fs::write(&path, "{").unwrap();
    // The vendor ties what it has to the content: nothing is lost there.
    let ran = home.put(&file, "/big.bin", &["--restart"]).ends(0).says(&["damaged"]);
    assert!(ran.result("bytes sent").parse::<u64>().unwrap() <= 9 * PART);
    assert_eq!(fs::read_to_string(path.with_extension("damaged")).unwrap(), "{");
    assert!(home.holds("/big.bin", &file));
}
