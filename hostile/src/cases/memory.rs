//! What a huge body costs.

use std::process::Command;
use std::sync::Arc;
use std::{env, fs};

use crate::client::{Client, MIB, MUCH, at, put};
use crate::server::{gate, ok, serve};
use crate::source::Memory;
use crate::subject::Subject;

/// What waits in the transport and in the system for a server that does not read.
pub(crate) fn a_source_is_read_as_it_is_sent(subject: &dyn Subject) {
    let source = Memory::of_len(MUCH);
    let (done, gate) = gate();
    let read = Arc::clone(&source);
    let (place, server) = serve(move |mut listener| {
        let mut peer = listener.accept();
        let length = peer.head().length();
        let mut seen = peer.body(MIB);
        read.until_still();
        let ahead = read.read() - MIB;
        seen.extend(peer.body(length - MIB));
        peer.say(ok("all"));
        gate.wait();
        (ahead, seen)
    });
    Client::open(subject).send(put(&at(&place), &source)).answers(200, "all");
    drop(done);
    let (ahead, seen) = server.join();
    assert!(ahead < 16 * MIB, "{ahead}");
    assert!(source.largest_read() <= MIB, "{}", source.largest_read());
    assert!(seen == Memory::bytes(0..MUCH));
}

/// Says that this process is the one that is measured.
const ALONE: &str = "RESUMABLE_HOSTILE_ALONE";

/// What `tests!` calls this case.
const TEST: &str = "memory::a_huge_body_takes_little_memory";

/// The process is measured, so the case runs in one of its own.
pub(crate) fn a_huge_body_takes_little_memory(subject: &dyn Subject) {
    if env::var_os(ALONE).is_some() {
        return send_a_huge_body(subject);
    }
    let mut alone = Command::new(env::current_exe().unwrap());
    let said = alone.args([TEST, "--exact", "--nocapture"]).env(ALONE, "1").output().unwrap();
    let text = String::from_utf8_lossy(&said.stdout) + String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success() && text.contains("1 passed"), "{text}");
}

fn send_a_huge_body(subject: &dyn Subject) {
    const LEN: u64 = 256 * MIB;
    let source = Memory::of_len(LEN);
    let (place, server) = serve(|mut listener| {
        let mut peer = listener.accept();
        peer.head();
        (0..LEN / MIB).for_each(|at| assert!(peer.body(MIB) == Memory::bytes(at * MIB..(at + 1) * MIB)));
        peer.say(ok("all"));
    });
    let client = Client::open(subject);
    let before = peak_memory();
    client.send(put(&at(&place), &source)).answers(200, "all");
    server.join();
    assert_eq!(source.read(), LEN, "it is read once");
    if let (Some(before), Some(after)) = (before, peak_memory()) {
        assert!(after - before < 16 * MIB, "{before} {after}");
    }
}

/// The peak of the process so far, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? << 10)
}
