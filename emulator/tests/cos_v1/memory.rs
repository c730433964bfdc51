//! A slice passes through; it is never held.

#![allow(missing_docs)]
#![cfg(target_os = "linux")]

#[path = "../cos_client/mod.rs"]
mod client;

use client::v1::URL;
use client::{Answer, BOUNDARY, NOW, Text, form, multi, post, tiny};
use resumable_emulator::{DiskStorage, Emulator};
use sha1::{Digest, Sha1};

const MIB: usize = 1024 * 1024;
const SLICE: usize = 96 * MIB;

/// The most memory this process ever had, in KiB.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn a_slice_of_96_mib_needs_no_16_mib() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = tiny(|config| {
        config.cos_v1.limits.slice_sizes = vec![SLICE as u64];
        config.cos_v1.limits.body = 2 * SLICE as u64;
    });
    let emulator =
        Emulator::new(config, Box::new(DiskStorage::open(folder.path()).expect("a folder"))).expect("an emulator");
    let piece = vec![7u8; 64 * 1024];
    let pieces = SLICE / piece.len();
    let digest = (0..pieces).fold(Sha1::new(), |hasher, _| hasher.chain_update(&piece)).finalize();
    let (digest, length) = (client::hex(&digest), SLICE.to_string());
    let begun =
        client::v1::call(&emulator, &[Text("op", "upload_slice"), Text("sha", &digest), Text("filesize", &length)]);
    let session = begun.session();
    let before = peak();
    let mut exchange = emulator.begin(NOW, post(URL, &multi(), Vec::new()).into_parts().0);
    let fields = form(&[Text("op", "upload_slice"), Text("session", &session), Text("offset", "0")]);
    let end = format!("--{BOUNDARY}--\r\n");
    exchange.feed(&fields[..fields.len() - end.len()]);
    let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"filecontent\"\r\n\r\n");
    exchange.feed(head.as_bytes());
    (0..pieces).for_each(|_| exchange.feed(&piece));
    exchange.feed(format!("\r\n{end}").as_bytes());
    let answer = Answer::of(exchange.end(NOW));
    assert!(answer.data().get("access_url").is_some());
    let grown = peak() - before;
    assert!(grown < 16 * 1024, "{grown} KiB");
}
