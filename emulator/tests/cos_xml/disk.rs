//! The folder: what is in it, what a restart finds, and what is true without one.

use std::fs;
use std::path::Path;

use resumable_emulator::{DiskStorage, Emulator, NullStorage};

use crate::client::*;

fn at(folder: &Path) -> Emulator {
    let storage = DiskStorage::open(folder).expect("a folder");
    Emulator::new(tiny(|_| {}), Box::new(storage)).expect("an emulator")
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).into_iter().flatten().count()
}

#[test]
fn work_is_swept() {
    let folder = tempfile::tempdir().expect("a folder");
    let (drafts, objects) = (folder.path().join(".work/drafts"), folder.path().join("cos-xml").join(BUCKET));
    let emulator = at(folder.path());
    let pieces = [bytes(64), bytes(65), bytes(9)];
    for order in [[1, 2, 3], [3, 1, 2]] {
        let id = initiate(&emulator, "dir/a");
        for number in order {
            part(&emulator, "dir/a", &id, number, &pieces[number as usize - 1]).succeeds();
        }
        assert_eq!(files(&drafts), 2);
        let named: Vec<(u32, &[u8])> = (1..).zip(pieces.iter().map(Vec::as_slice)).collect();
        complete(&emulator, "dir/a", &id, &named).succeeds();
        assert_eq!(fs::read(objects.join("dir/a")).expect("a file"), pieces.concat(), "{order:?}");
        assert_eq!(files(&drafts), 0);
    }
    let id = uploaded(&emulator, "b", &[b"x"]);
    abort(&emulator, "b", &id);
    assert_eq!((files(&drafts), files(&folder.path().join(".work/spool"))), (0, 0));
    ask("DELETE", "dir/a").send(&emulator);
    assert!(!objects.join("dir/a").exists());
}

#[test]
fn a_restart_finds_objects_and_unfinished_uploads() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (bytes(64), bytes(70));
    let id = {
        let emulator = at(folder.path());
        put(&emulator, "dir/o", b"123456789").succeeds();
        let begun = ask("POST", "b").query("uploads", "").header("x-cos-meta-n", "1").send(&emulator);
        let id = begun.succeeds().text("UploadId");
        part(&emulator, "b", &id, 2, &two).succeeds();
        part(&emulator, "b", &id, 2, &one).succeeds();
        id
    };
    let emulator = at(folder.path());
    let told = head(&emulator, "dir/o").succeeds();
    assert_eq!((told.etag(), told.crc64()), (tag(b"123456789").as_str(), 11_051_210_869_376_104_954));
    assert_eq!(emulator.cos_xml().unfinished(BUCKET), [("b".to_owned(), id.clone(), 1)]);
    assert_ne!(initiate(&emulator, "b"), id);
    part(&emulator, "b", &id, 1, &two).succeeds();
    complete(&emulator, "b", &id, &[(1, &two), (2, &one)]).succeeds();
    assert_eq!(stored(&emulator, "b"), Some([two, one].concat()));
    assert_eq!(head(&emulator, "b").succeeds().header("x-cos-meta-n"), "1");
}

#[test]
fn without_bytes_digests_and_lengths_are_still_true() {
    let emulator = Emulator::new(tiny(|_| {}), Box::new(NullStorage::new())).expect("an emulator");
    let id = uploaded(&emulator, "a", &[&bytes(64), b"x"]);
    let done = complete(&emulator, "a", &id, &[(1, &bytes(64)), (2, b"x")]).succeeds();
    let put = put(&emulator, "b", &[bytes(64), b"x".to_vec()].concat()).succeeds();
    assert_eq!(done.crc64(), put.crc64());
    assert_eq!(head(&emulator, "a").succeeds().header("content-length"), "65");
    ask("GET", "a").send(&emulator).refuses(500, "InternalError");
}
