//! What is known is hashed, asked for and copied piece by piece; it is never held. Nor is a body without end.

#![allow(missing_docs)]
#![cfg(target_os = "linux")]

#[path = "client.rs"]
#[allow(dead_code)]
mod client;

use std::fs::{self, File};
use std::io::Write as _;

use client::{ACCESS, Answer, BOUNDARY, INIT, NOW, client, emulator, request, tiny};
use resumable_emulator::p115::Challenge;
use resumable_emulator::{DiskStorage, Emulator};
use sha1::{Digest, Sha1};

const MIB: usize = 1024 * 1024;
const LENGTH: usize = 96 * MIB;

/// The most memory this process ever had, in KiB.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// Writes the file, and tells its SHA-1.
fn file(path: &std::path::Path) -> String {
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    let (mut file, mut hasher) = (File::create(path).expect("created"), Sha1::new());
    let piece = vec![7u8; 64 * 1024];
    for _ in 0..LENGTH / piece.len() {
        file.write_all(&piece).expect("written");
        hasher.update(&piece);
    }
    hasher.finalize().iter().fold(String::new(), |text, byte| text + &format!("{byte:02X}"))
}

#[test]
fn an_instant_upload_of_96_mib_needs_no_16_mib() {
    let folder = tempfile::tempdir().expect("a folder");
    let sha1 = file(&folder.path().join("115/theirs"));
    let config = tiny(|config| config.p115.switches.challenge = Challenge::WholeFile);
    let storage = Box::new(DiskStorage::open(folder.path()).expect("a folder"));
    let emulator = Emulator::new(config, storage).expect("an emulator");
    let client = client(&emulator);
    let size = LENGTH.to_string();
    let fields = [("file_name", "mine"), ("file_size", size.as_str()), ("target", "U_1_0"), ("fileid", sha1.as_str())];
    let before = peak();
    let asked = client.post(INIT, &fields).challenge().expect("a challenge");
    assert_eq!(asked.range, (0, LENGTH - 1));
    let proof = [&fields[..], &[("sign_key", asked.key.as_str()), ("sign_val", sha1.as_str())]].concat();
    assert_eq!(client.post(INIT, &proof).init_status(), (2, 0));
    let grown = peak() - before;
    assert!(grown < 16 * 1024, "{grown} KiB");
    assert_eq!(folder.path().join("115/mine").metadata().expect("a file").len(), LENGTH as u64);
}

#[test]
fn a_body_of_96_mib_needs_no_16_mib() {
    let piece = vec![b'a'; 64 * 1024];
    for kind in
        ["application/x-www-form-urlencoded", &format!("multipart/form-data; boundary={BOUNDARY}"), "text/plain"]
    {
        let emulator = emulator();
        let (head, _) = request("POST", INIT, Some(ACCESS), kind, "").into_parts();
        let before = peak();
        let mut exchange = emulator.begin(NOW, head);
        (0..LENGTH / piece.len()).for_each(|_| exchange.feed(&piece));
        Answer::of(exchange.end(NOW)).refuses(990_002);
        let grown = peak() - before;
        assert!(grown < 16 * 1024, "{grown} KiB of {kind}");
    }
}
