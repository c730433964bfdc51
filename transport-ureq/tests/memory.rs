//! What a huge body costs in memory; alone in its process, for it is the process that is measured.

mod scripted;

use std::sync::atomic::Ordering;

use http::Request;
use resumable_core::drive::blocking::CancelFlag;
use resumable_core::{Body, Limits, Segment};
use scripted::{Call, Memory, accept, ok, serve, transport};

#[test]
fn a_huge_body_takes_little_memory() {
    const LEN: usize = 256 << 20;
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        peer.head();
        let count: usize = (0..LEN >> 20).map(|_| peer.body(1 << 20).len()).sum();
        peer.say(ok(""));
        count
    });
    // One mebibyte, read again and again.
    let source = Memory::of_len(1 << 20);
    let mut body = Body::empty();
    (0..LEN >> 20).for_each(|_| body.push(Segment::Source(0..1 << 20)));
    let request = Request::put(format!("http://{place}/x")).body(body).unwrap();
    let before = peak_memory();
    let call = Call { request, source: &source, limits: Limits::default(), cancel: CancelFlag::new() };
    let sent = call.send(&transport(|_| ()));
    assert_eq!((sent.status(), sent.source_read), (200, LEN as u64));
    assert_eq!(server.join().unwrap(), LEN);
    assert!(source.largest_read.load(Ordering::Relaxed) <= 256 * 1024);
    if let (Some(before), Some(after)) = (before, peak_memory()) {
        assert!(after - before < 16 << 20, "{before} {after}");
    }
}

// The peak of the process so far, where the system tells.
fn peak_memory() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<usize>().ok()? << 10)
}
