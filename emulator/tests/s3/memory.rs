//! A part passes through; it is never held.

#![allow(missing_docs)]
#![cfg(target_os = "linux")]

#[path = "client.rs"]
#[allow(dead_code)]
mod client;

use client::{Answer, NOW, ask, initiate, tiny};
use resumable_emulator::{DiskStorage, Emulator};

const MIB: usize = 1024 * 1024;
const PART: usize = 96 * MIB;

/// The most memory this process ever had, in KiB.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn a_part_of_96_mib_needs_no_16_mib() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = tiny(|config| config.s3.limits.part_max = PART as u64);
    let storage = Box::new(DiskStorage::open(folder.path()).expect("a folder"));
    let emulator = Emulator::new(config, storage).expect("an emulator");
    let id = initiate(&emulator, "a");
    let part = ask("PUT", "a").query("partNumber", "1").query("uploadId", &id);
    let mut head = part.request().into_parts().0;
    head.headers.insert("content-length", PART.to_string().parse().expect("a value"));
    let piece = vec![7u8; 64 * 1024];
    let before = peak();
    let mut exchange = emulator.begin(NOW, head);
    (0..PART / piece.len()).for_each(|_| exchange.feed(&piece));
    let answer = Answer::of(exchange.end(NOW)).succeeds();
    let named = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part></CompleteMultipartUpload>",
        answer.etag()
    );
    ask("POST", "a").query("uploadId", &id).body(named.as_bytes()).send(&emulator).succeeds();
    let grown = peak() - before;
    assert!(grown < 16 * 1024, "{grown} KiB");
    assert_eq!(folder.path().join("s3/emubucket/a").metadata().expect("a file").len(), PART as u64);
}
