//! What outlives the process, and where the bytes are.

use std::fs;
use std::path::Path;

use resumable_emulator::p115::ResumePickCode;
use resumable_emulator::{DiskStorage, Emulator, NullStorage};
use serde_json::json;

use crate::client::*;

fn open(folder: &Path) -> Emulator {
    Emulator::new(tiny(|_| {}), Box::new(DiskStorage::open(folder).expect("a folder"))).expect("an emulator")
}

#[test]
fn files_are_plain_files_and_those_that_are_put_there_are_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let theirs = folder.path().join("115/somebody/theirs.bin");
    fs::create_dir_all(theirs.parent().expect("a folder")).expect("made");
    fs::write(&theirs, bytes(5000)).expect("written");
    let emulator = open(folder.path());
    let client = client(&emulator);
    let target = client.get(GET_INFO, &[("path", "/somebody")]).text("file_id");
    let more = [("target", &*format!("U_1_{target}"))];
    let answer = client.init("mine.bin", &bytes(5000), &more);
    assert_eq!(answer.init_status(), (7, 701));
    let asked = answer.challenge().expect("a challenge");
    let val = sha1(&bytes(5000)[asked.range.0..=asked.range.1]);
    let proof = [more[0], ("sign_key", &asked.key), ("sign_val", &val)];
    assert_eq!(client.init("mine.bin", &bytes(5000), &proof).init_status(), (2, 0));
    assert_eq!(fs::read(folder.path().join("115/somebody/mine.bin")).expect("read"), bytes(5000));
}

#[test]
fn tokens_tasks_folders_and_files_outlive_the_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let emulator = open(folder.path());
    emulator.p115().put_file("theirs", &bytes(9)).expect("a disk");
    let first = client(&emulator);
    let made = first.post(FOLDER_ADD, &[("pid", "0"), ("file_name", "empty")]).text("file_id");
    let there = first.init("mine", &bytes(9), &[]);
    let task = first.init("big", &bytes(5000), &[]).text("pick_code");
    let lost = first.init("lost", &bytes(9), &[]);
    let access = first.passport(REFRESH_TOKEN, &[("refresh_token", REFRESH)]).text("access_token");
    let tokens = emulator.p115().tokens();
    drop(emulator);
    fs::remove_file(folder.path().join("115/lost")).expect("removed");

    let emulator = open(folder.path());
    assert_eq!(emulator.p115().tokens(), tokens);
    client(&emulator).get(GET_TOKEN, &[]).refuses(40_140_126);
    client(&emulator).passport(REFRESH_TOKEN, &[("refresh_token", REFRESH)]).denies(40_140_116);
    let client = Client { token: &access, ..client(&emulator) };
    client.resume(&bytes(5000), &task, &[]).succeeds();
    let again = client.get(GET_INFO, &[("path", "/empty")]);
    assert_eq!(again.text("file_id"), made);
    let info = client.at(2).get(GET_INFO, &[("file_id", &there.text("file_id"))]);
    assert_eq!((info.text("pick_code"), info.text("sha1")), (there.text("pick_code"), sha1(&bytes(9))));
    let gone = client.at(2).get(GET_INFO, &[("file_id", &lost.text("file_id"))]);
    assert_eq!(gone.succeeds().data(), &json!([]));
}

#[test]
fn a_task_that_got_another_name_keeps_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || {
        let config = tiny(|config| config.p115.switches.resume_pick_code = ResumePickCode::Fresh);
        Emulator::new(config, Box::new(DiskStorage::open(folder.path()).expect("a folder"))).expect("an emulator")
    };
    let emulator = open();
    let old = client(&emulator).init("big", &bytes(5000), &[]).text("pick_code");
    let new = client(&emulator).resume(&bytes(5000), &old, &[]).text("pick_code");
    drop(emulator);
    let emulator = open();
    client(&emulator).resume(&bytes(5000), &old, &[]).refuses(20_018);
    client(&emulator).resume(&bytes(5000), &new, &[]).succeeds();
}

#[test]
fn content_that_was_removed_by_hand_is_not_known_any_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let emulator = open(folder.path());
    emulator.p115().put_file("theirs", &bytes(5000)).expect("a disk");
    assert_eq!(client(&emulator).init("mine", &bytes(5000), &[]).init_status(), (7, 701));
    fs::remove_file(folder.path().join("115/theirs")).expect("removed");
    assert_eq!(client(&emulator).init("mine", &bytes(5000), &[]).init_status(), (1, 0));
}

#[test]
fn new_tokens_in_the_settings_end_the_old_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let emulator = open(folder.path());
    client(&emulator).passport(REFRESH_TOKEN, &[("refresh_token", REFRESH)]).grants();
    let (old, _) = emulator.p115().tokens();
    drop(emulator);
    let config = tiny(|config| {
        config.p115.user.access_token = "new".to_owned();
        config.p115.user.refresh_token = "new-refresh".to_owned();
    });
    let storage = DiskStorage::open(folder.path()).expect("a folder");
    let emulator = Emulator::new(config, Box::new(storage)).expect("an emulator");
    Client { token: "new", ..client(&emulator) }.get(GET_TOKEN, &[]).succeeds();
    Client { token: &old, ..client(&emulator) }.get(GET_TOKEN, &[]).refuses(40_140_125);
}

#[test]
fn an_edited_journal_is_read_as_far_as_it_makes_sense() {
    let folder = tempfile::tempdir().expect("a folder");
    let emulator = open(folder.path());
    let task = client(&emulator).init("big", &bytes(5000), &[]).text("pick_code");
    drop(emulator);
    let journal = folder.path().join(".work/drafts/115-state.journal");
    let lines = fs::read_to_string(&journal).expect("a journal");
    fs::write(&journal, format!("nonsense\n{{\"folder\":{{}}}}\n{lines}{{\"task\":")).expect("written");
    let emulator = open(folder.path());
    client(&emulator).resume(&bytes(5000), &task, &[]).succeeds();
    client(&emulator).init("other", &bytes(5000), &[]).succeeds();
}

#[test]
fn where_no_byte_is_kept_a_proof_is_believed_if_it_looks_like_one() {
    let emulator = Emulator::new(tiny(|_| {}), Box::new(NullStorage::new())).expect("an emulator");
    let client = client(&emulator);
    assert_eq!(client.init("empty", b"", &[]).init_status(), (2, 0));
    assert_eq!(client.init("empty", b"", &[]).init_status(), (2, 0));
    assert_eq!(client.init("mine", &bytes(5000), &[]).init_status(), (1, 0));
}
