//! Uploads that are open at the vendor, and known to no checkpoint here.

use std::fs;

use resumable_emulator::{Config, Fault, Rule};
use serde_json::{Value, json};

use crate::kit::{Home, PART, Service, over_each_transport};

over_each_transport! {
    of crate::moved::oss:
    what_no_checkpoint_knows_is_shown_and_cancelled,
    what_a_checkpoint_names_is_left_alone,
}

const LEN: u64 = 16 * PART;

fn open(home: &Home) -> Vec<(String, String, usize)> {
    home.emulator.oss().unfinished("examplebucket")
}

/// Loses the checkpoint of an upload that was killed.
fn stray(home: &Home, name: &str) -> u64 {
    let stored = home.emulator.totals().file_bytes;
    let file = home.file("stray.bin", LEN, 5);
    home.break_off(&file, &format!("/{name}"));
    home.checkpoints().into_iter().for_each(|path| fs::remove_file(path).unwrap());
    home.emulator.totals().file_bytes - stored
}

fn what_no_checkpoint_knows_is_shown_and_cancelled(home: &Home) {
    home.run(&["list", "--remote", "emu"]).ends(0).says(&["nothing is open in the bucket of profile \"emu\""]);
    let held = stray(home, "a b.bin");
    stray(home, "other/c.bin");
    let ran = home.run(&["list", "--remote", "emu"]).ends(0);
    for (key, id, _) in open(home) {
        let row = ran.out.lines().find(|line| line.starts_with(&key)).unwrap_or_else(|| panic!("{ran:?}"));
        assert!(row.contains(&id), "{row}");
    }
    let told = home.run(&["list", "--remote", "emu:a", "--json"]).ends(0);
    let object: Value = serde_json::from_str(&told.out).unwrap();
    let uploads = object["uploads"].as_array().unwrap();
    assert_eq!((uploads.len(), &uploads[0]["key"], &uploads[0]["size"]), (1, &json!("a b.bin"), &json!(held)));
    // Neither is old enough, and nobody is here to agree.
    home.run(&["abort", "--remote", "emu"]).ends(0).says(&["2 uploads there, and none of them was begun 7 days ago"]);
    let ran = home.run(&["abort", "--remote", "emu", "--older-than", "0s"]).ends(2).says(&["Add --yes to agree."]);
    assert!(
        ran.err.contains("a b.bin") && ran.err.contains("other/c.bin"),
        "what would be cancelled is shown: {ran:?}"
    );
    assert_eq!(open(home).len(), 2);
    let ran = home.run(&["abort", "--remote", "emu:other/", "--older-than", "0s", "--yes"]).ends(0);
    assert!(ran.out.contains("aborted: other/c.bin") && !ran.out.contains("a b.bin"), "{ran:?}");
    let left = open(home);
    assert_eq!((left.len(), left[0].0.as_str()), (1, "a b.bin"));
    home.emulator.inject(Rule::once("abort", Fault::ForgetSession));
    let ran = home.run(&["abort", "--remote", "emu", "--older-than", "0s", "--yes"]).ends(0);
    assert!(ran.out.contains("aborted: a b.bin"), "one that has gone meanwhile is no error: {ran:?}");
    assert!(open(home).is_empty());
}

fn what_a_checkpoint_names_is_left_alone(home: &Home) {
    let file = home.file("kept.bin", LEN, 6);
    home.break_off(&file, "/kept.bin");
    let ran = home.run(&["list", "--remote", "emu"]).ends(0).says(&["1 upload more is known here"]);
    assert!(!ran.out.contains("kept.bin"), "{ran:?}");
    home.run(&["abort", "--remote", "emu", "--older-than", "0s", "--yes"]).ends(0).says(&["nothing to cancel"]);
    assert_eq!(open(home).len(), 1);
    home.put(&file, "/kept.bin", &[]).ends(0);
}

#[test]
fn an_old_one_is_told_by_its_age() {
    let mut config = Config::default();
    config.clock_offset = -10 * 86_400;
    let home = Home::of(Service::Oss, config);
    home.configure("part_size = '1MiB'\none_request_max = '0'");
    stray(&home, "old.bin");
    home.run(&["abort", "--remote", "emu", "--older-than", "11d", "--yes"])
        .ends(0)
        .says(&["none of them was begun 11 days"]);
    assert!(home.run(&["list", "--remote", "emu"]).ends(0).out.contains("10 days"));
    home.run(&["abort", "--remote", "emu", "--yes"]).ends(0);
    assert!(open(&home).is_empty());
}

#[test]
fn a_checkpoint_that_cannot_be_read_may_name_anything() {
    let home = crate::moved::oss();
    stray(&home, "a.bin");
    let file = home.file("kept.bin", LEN, 7);
    home.break_off(&file, "/kept.bin");
    fs::write(home.checkpoint(), "{}").unwrap();
    for arguments in [&["list", "--remote", "emu"][..], &["abort", "--remote", "emu", "--older-than", "0s", "--yes"]] {
        home.run(arguments).ends(1).says(&["Without it nobody knows which uploads are in use"]);
    }
    assert_eq!(open(&home).len(), 2);
}

#[test]
fn a_vendor_without_such_a_list_says_so() {
    let home = Home::new();
    home.run(&["list", "--remote", "emu"]).ends(2).says(&["has no list of open uploads"]);
    home.run(&["list", "--remote", "none"]).ends(2).says(&["none"]);
    home.run(&["abort"]).ends(2);
    home.run(&["abort", "abc", "--remote", "emu"]).ends(2);
    home.run(&["abort", "abc", "--yes"]).ends(2);
    home.run(&["list", "--transport", "ureq"]).ends(2);
}

#[test]
fn one_that_the_vendor_does_not_cancel_is_told_and_the_others_are_cancelled() {
    let home = crate::moved::oss();
    stray(&home, "a.bin");
    stray(&home, "b.bin");
    let refused = Fault::Refuse { status: 403, code: "AccessDenied".into() };
    home.emulator.inject(Rule::once("abort", refused));
    let ran = home.run(&["abort", "--remote", "emu", "--older-than", "0s", "--yes"]).ends(6);
    assert!(ran.err.contains("It is still there: ") && ran.err.contains("1 upload could not be cancelled"), "{ran:?}");
    assert_eq!((open(&home).len(), ran.out.matches("aborted: ").count()), (1, 1));
}
