//! The folder: plain files, what a restart finds, and how much memory it takes.

use std::fs;
use std::path::Path;

use resumable_emulator::{DiskStorage, Emulator, NullStorage};

use crate::client::*;

fn at(folder: &Path) -> Emulator {
    let storage = DiskStorage::open(folder).expect("a folder");
    Emulator::new(tiny(|_| {}), Box::new(storage)).expect("an emulator")
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn an_object_is_a_plain_file_and_work_is_swept() {
    let folder = tempfile::tempdir().expect("a folder");
    let (drafts, objects) = (folder.path().join(".work/drafts"), folder.path().join("oss/examplebucket"));
    let emulator = at(folder.path());
    put(&emulator, "dir/文件.bin", &bytes(300)).succeeds();
    assert_eq!(fs::read(objects.join("dir/文件.bin")).expect("a file"), bytes(300));
    let pieces = [bytes(64), bytes(65), bytes(9)];
    for order in [[1, 2, 3], [3, 1, 2]] {
        let id = initiate_loose(&emulator, "a");
        order
            .iter()
            .for_each(|number| drop(part(&emulator, "a", &id, *number, &pieces[*number as usize - 1]).succeeds()));
        assert_eq!(files(&drafts).len(), 2);
        let named: Vec<(u32, &[u8])> = (1..).zip(pieces.iter().map(Vec::as_slice)).collect();
        complete(&emulator, "a", &id, &named).succeeds();
        assert_eq!(fs::read(objects.join("a")).expect("a file"), pieces.concat(), "{order:?}");
        assert_eq!(files(&drafts), [""; 0]);
    }
    let id = initiate(&emulator, "b");
    part(&emulator, "b", &id, 1, b"x").succeeds();
    abort(&emulator, "b", &id);
    assert_eq!((files(&drafts), files(&folder.path().join(".work/spool"))), (Vec::new(), Vec::new()));
    put(&emulator, "a/b", b"x").refuses(400, "InvalidObjectName");
    put(&emulator, "dir", b"x").refuses(400, "InvalidObjectName");
    assert_eq!(fs::read(objects.join("a")).expect("a file"), pieces.concat());
}

#[test]
fn a_restart_finds_objects_and_unfinished_uploads() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (bytes(64), bytes(70));
    let (sequential, loose) = {
        let emulator = at(folder.path());
        put(&emulator, "dir/o", b"123456789").succeeds();
        let (sequential, loose) = (initiate(&emulator, "a"), initiate_loose(&emulator, "b"));
        part(&emulator, "a", &sequential, 1, &one).succeeds();
        part(&emulator, "b", &loose, 2, &two).succeeds();
        part(&emulator, "b", &loose, 2, &one).succeeds();
        (sequential, loose)
    };
    let emulator = at(folder.path());
    let head = ask("HEAD", "dir/o").send(&emulator).succeeds();
    assert_eq!((head.etag(), head.crc64()), (tag(b"123456789").as_str(), 11_051_210_869_376_104_954));
    assert_eq!(emulator.oss().parts(&loose), Some(vec![(2, 64)]));
    assert!(![&sequential, &loose].contains(&&initiate(&emulator, "a")));
    part(&emulator, "a", &sequential, 1, &one).refuses(409, "PartAlreadyExist");
    part(&emulator, "a", &sequential, 2, &two).succeeds();
    complete(&emulator, "a", &sequential, &[(1, &one), (2, &two)]).succeeds();
    assert_eq!(stored(&emulator, "a"), Some([one.clone(), two].concat()));
    complete(&emulator, "b", &loose, &[(2, &one)]).succeeds();
    assert_eq!(stored(&emulator, "b"), Some(one));
}

#[test]
fn a_journal_that_makes_no_sense_is_no_upload() {
    let folder = tempfile::tempdir().expect("a folder");
    let id = {
        let emulator = at(folder.path());
        let id = initiate(&emulator, "a");
        part(&emulator, "a", &id, 1, &bytes(64)).succeeds();
        id
    };
    let journal = folder.path().join(format!(".work/drafts/oss-{id}.journal"));
    let good = fs::read_to_string(&journal).expect("a journal");
    let data = journal.with_extension("data");
    let lines: Vec<&str> = good.lines().collect();
    for bad in
        [format!("{}\n", lines[1]), format!("{good}{}\n", lines[0]), format!("{good}x\n"), good.replace("64", "65")]
    {
        fs::write(&journal, bad).expect("written");
        fs::write(&data, bytes(64)).expect("written");
        list(&at(folder.path()), "a", &id).refuses(404, "NoSuchUpload");
        assert!(!journal.exists());
    }
}

#[test]
fn without_bytes_digests_and_lengths_are_still_true() {
    let emulator = Emulator::new(tiny(|_| {}), Box::new(NullStorage::new())).expect("an emulator");
    let id = initiate(&emulator, "a");
    part(&emulator, "a", &id, 1, &bytes(64)).succeeds();
    part(&emulator, "a", &id, 2, b"x").succeeds();
    let whole = [bytes(64), b"x".to_vec()].concat();
    let done = complete(&emulator, "a", &id, &[(1, &bytes(64)), (2, b"x")]).succeeds();
    let put = put(&emulator, "b", &whole).succeeds();
    assert_eq!(done.crc64(), put.crc64());
    assert_eq!(ask("HEAD", "a").send(&emulator).succeeds().header("content-length"), "65");
    ask("GET", "a").send(&emulator).refuses(500, "InternalError");
}
