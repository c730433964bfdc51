//! COS v1 in a folder: plain files, and what a restart finds.

use std::fs;
use std::path::Path;

use crate::client::v1::*;
use crate::client::{bytes, delete, tiny};
use resumable_emulator::cos_v1::ResumeSession;
use resumable_emulator::{Config, DiskStorage, Emulator};

const OBJECT: &str = "cos-v1/10055004/accesslog/d/f.bin";

fn at_with(folder: &Path, change: impl FnOnce(&mut Config)) -> Emulator {
    let storage = DiskStorage::open(folder).expect("a folder");
    Emulator::new(tiny(change), Box::new(storage)).expect("an emulator")
}

fn at(folder: &Path) -> Emulator {
    at_with(folder, |_| {})
}

fn drafts(folder: &Path) -> usize {
    fs::read_dir(folder.join(".work/drafts")).expect("a folder").count()
}

#[test]
fn an_object_is_a_plain_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let emulator = at(folder.path());
    let file = bytes(200);
    let session = init(&emulator, &file).session();
    slices(&emulator, &session, &file, [2, 0, 3]);
    assert!(!folder.path().join(OBJECT).exists());
    assert_eq!(drafts(folder.path()), 2);
    slices(&emulator, &session, &file, [1]);
    assert_eq!(fs::read(folder.path().join(OBJECT)).expect("a file"), file);
    assert_eq!(drafts(folder.path()), 0);
    delete(&emulator, URL, 1).is(200, 0);
    assert!(!folder.path().join("cos-v1/10055004/accesslog/d").exists());
}

#[test]
fn a_restart_finds_every_upload_and_its_session() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (bytes(300), bytes(100));
    let sessions = {
        let emulator = at(folder.path());
        let sessions = [&one, &two].map(|file| init(&emulator, file).session());
        slices(&emulator, &sessions[0], &one, [0, 1, 3]);
        slices(&emulator, &sessions[1], &two, [0]);
        sessions
    };
    let emulator = at(folder.path());
    let mut found = unfinished(&emulator);
    found.sort();
    assert_eq!(found, [vec![(0, 64)], vec![(0, 64), (64, 64), (192, 64)]]);
    assert_eq!(init(&emulator, &one).session(), sessions[0]);
    assert_eq!(init(&emulator, &one).data()["offset"], 128);
    slices(&emulator, &sessions[0], &one, [2, 4]);
    assert_eq!(fs::read(folder.path().join(OBJECT)).expect("a file"), one);
    delete(&emulator, URL, 1).is(200, 0);
    assert_eq!(drafts(folder.path()), 0);
}

#[test]
fn a_new_session_for_an_old_upload_outlives_the_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = bytes(100);
    let fresh = |config: &mut Config| config.cos_v1.switches.resume_session = ResumeSession::Fresh;
    let (old, new) = {
        let emulator = at_with(folder.path(), fresh);
        let old = init(&emulator, &file).session();
        slices(&emulator, &old, &file, [0]);
        (old, init(&emulator, &file).session())
    };
    assert_ne!(old, new);
    let emulator = at(folder.path());
    slice(&emulator, &old, 64, &file[64..]).is(400, -288);
    slices(&emulator, &new, &file, [1]);
    assert_eq!(fs::read(folder.path().join(OBJECT)).expect("a file"), file);
}

#[test]
fn a_broken_upload_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let emulator = at(folder.path());
    let session = init(&emulator, &bytes(64)).session();
    slice(&emulator, &session, 0, &[0; 64]).is(400, -4016);
    assert_eq!(drafts(folder.path()), 0);
    assert!(!folder.path().join("cos-v1").exists());
}

#[test]
fn each_version_leaves_the_others_uploads_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ours, theirs) = {
        let emulator = at(folder.path());
        (init(&emulator, &bytes(100)).session(), crate::client::init(&emulator, &bytes(100), 64).session())
    };
    let emulator = at(folder.path());
    assert_eq!(unfinished(&emulator), [[]]);
    assert_eq!(init(&emulator, &bytes(100)).session(), ours);
    assert_eq!(crate::client::list(&emulator).session(), theirs);
}

#[test]
fn a_file_that_somebody_put_there_is_an_object() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = bytes(300);
    let place = folder.path().join("cos-v1/10055004/accesslog/found");
    fs::create_dir_all(place.parent().expect("a folder")).expect("created");
    fs::write(place, &file).expect("written");
    let emulator = at(folder.path());
    assert!(init(&emulator, &file).data().get("access_url").is_some());
    assert_eq!(fs::read(folder.path().join(OBJECT)).expect("a file"), file);
}

#[test]
fn an_upload_that_another_one_overtook_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let emulator = at(folder.path());
    let file = bytes(100);
    let session = init(&emulator, &file).session();
    slices(&emulator, &session, &file, [0]);
    upload(&emulator, URL, &file).is(200, 0);
    slices(&emulator, &session, &file, [1]);
    assert_eq!(drafts(folder.path()), 0);
}
