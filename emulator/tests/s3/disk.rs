//! The folder: plain files, and what a restart finds.

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
    let (drafts, objects) = (folder.path().join(".work/drafts"), folder.path().join("s3/emubucket"));
    let emulator = at(folder.path());
    put(&emulator, "dir/文件.bin", &bytes(300)).succeeds();
    assert_eq!(fs::read(objects.join("dir/文件.bin")).expect("a file"), bytes(300));
    for key in ["a//b/../c%", "/lead", "end/"] {
        put(&emulator, key, key.as_bytes()).succeeds();
    }
    assert_eq!(fs::read(objects.join("a/%/b/%2E%2E/c%25")).expect("a file"), b"a//b/../c%");
    let id = uploaded(&emulator, "up");
    assert_eq!(files(&drafts).len(), 2);
    complete_both(&emulator, "up", &id).succeeds();
    assert_eq!(fs::read(objects.join("up")).expect("a file"), pieces().2);
    let id = uploaded(&emulator, "up");
    abort(&emulator, "up", &id).succeeds();
    assert_eq!((files(&drafts), files(&folder.path().join(".work/spool"))), (Vec::new(), Vec::new()));
    put(&emulator, "up/b", b"x").refuses(400, "InvalidArgument");
    put(&emulator, "dir", b"x").refuses(400, "InvalidArgument");
    assert_eq!(ask("DELETE", "up").send(&emulator).succeeds().status, 204);
    assert!(!objects.join("up").exists());
}

#[test]
fn a_restart_finds_objects_and_unfinished_uploads_with_their_checksums() {
    let folder = tempfile::tempdir().expect("a folder");
    let hello = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
    let (plain, summed) = {
        let emulator = at(folder.path());
        put(&emulator, "a//b", b"123456789").succeeds();
        let (plain, summed) = (uploaded(&emulator, "a"), initiate_with(&emulator, "c", "SHA256", "COMPOSITE"));
        ask_part("c", &summed, 1, b"hello").header("x-amz-checksum-sha256", hello).send(&emulator).succeeds();
        (plain, summed)
    };
    let emulator = at(folder.path());
    let known = head(&emulator, "a//b").succeeds();
    assert_eq!((known.etag(), known.header("x-amz-checksum-crc64nvme")), (tag(b"123456789").as_str(), "rosUhgp5mIg="));
    assert_eq!(ask("GET", "").query("list-type", "2").send(&emulator).all("Key"), ["a//b"]);
    assert_eq!(list(&emulator, "c", &summed).succeeds().text("ChecksumSHA256"), hello);
    let more = format!("<ChecksumSHA256>{hello}</ChecksumSHA256>");
    let done = ask_complete_as("c", &summed, &[(1, &tag(b"hello"), &more)]).send(&emulator).succeeds();
    assert_eq!(done.text("ChecksumType"), "COMPOSITE");
    put(&emulator, "d", b"x").succeeds();
    assert_ne!(initiate(&emulator, "a"), plain);
    assert_eq!(emulator.s3().parts(&plain), Some(vec![(1, 64), (2, 4)]));
}

#[test]
fn without_bytes_digests_and_lengths_are_still_true() {
    let emulator = Emulator::new(tiny(|_| {}), Box::new(NullStorage::new())).expect("an emulator");
    let id = uploaded(&emulator, "a");
    let done = complete_both(&emulator, "a", &id).succeeds();
    let put = put(&emulator, "b", &pieces().2).succeeds();
    assert_eq!(done.text("ChecksumCRC64NVME"), put.header("x-amz-checksum-crc64nvme"));
    assert_eq!(head(&emulator, "a").succeeds().header("content-length"), "68");
    ask("GET", "a").send(&emulator).refuses(500, "InternalError");
}
