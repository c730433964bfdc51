//! Servers that take their time. The sleeps here are the slowness itself; nothing waits for another thread by them.

use std::thread;
use std::time::{Duration, Instant};

use crate::client::{Client, LONG, SHORT, at, post};
use crate::server::{PATIENCE, gate, ok, serve};
use crate::subject::Subject;

pub(crate) fn a_slow_reply_is_read_as_long_as_it_moves(subject: &dyn Subject) {
    let (place, server) = serve(|mut listener| {
        let mut peer = listener.accept();
        let seen = peer.request();
        for byte in ok("slow").bytes() {
            thread::sleep(Duration::from_millis(60));
            peer.say([byte]);
        }
        seen
    });
    // The whole takes longer than the stall timeout, no single byte does.
    let client = Client::with(subject, |setup| setup.stall_timeout = Duration::from_secs(2));
    client.send(post(&at(&place), "hello")).answers(200, "slow");
    assert_eq!(server.join().body, b"hello");
}

/// A client that shows a head only once it is whole cannot see it stall: there, the time for the whole reply may be what
/// ends it. Behind the head nothing excuses it.
pub(crate) fn a_reply_that_stalls_is_unsure(subject: &dyn Subject) {
    let stalled = [
        ("HTTP/1.1 200", SHORT * 2),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", LONG),
        ("HTTP/1.1 200 OK\r\n\r\nhello", LONG),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", LONG),
    ];
    for (reply, reply_within) in stalled {
        let (done, gate) = gate();
        let (place, server) = serve(move |mut listener| {
            let mut peer = listener.accept();
            let seen = peer.request();
            peer.say(reply);
            gate.wait();
            (seen, listener)
        });
        let client = Client::with(subject, |setup| setup.stall_timeout = SHORT);
        let mut call = post(&at(&place), "hello");
        call.limits.reply_within = reply_within;
        let since = Instant::now();
        client.send(call).unsure();
        assert!(since.elapsed() < PATIENCE, "it is the stall that ends it");
        drop(done);
        let (seen, mut listener) = server.join();
        assert_eq!(seen.body, b"hello");
        listener.nothing_more();
    }
}

/// It may have a whole file to put together.
pub(crate) fn a_vendor_may_think_longer_than_the_stall_timeout(subject: &dyn Subject) {
    for interim in ["", "HTTP/1.1 102 Processing\r\n\r\n"] {
        let (place, server) = serve(move |mut listener| {
            let mut peer = listener.accept();
            let seen = peer.request();
            peer.say(interim);
            thread::sleep(SHORT * 3);
            peer.say(ok("thought"));
            seen
        });
        let client = Client::with(subject, |setup| setup.stall_timeout = SHORT * 2);
        client.send(post(&at(&place), "hello")).answers(200, "thought");
        assert_eq!(server.join().body, b"hello");
    }
}

pub(crate) fn a_reply_that_never_begins_is_unsure(subject: &dyn Subject) {
    let (done, gate) = gate();
    let (place, server) = serve(move |mut listener| {
        let mut peer = listener.accept();
        let seen = peer.request();
        gate.wait();
        (seen, listener)
    });
    let mut call = post(&at(&place), "hello");
    call.limits.reply_within = SHORT;
    let client = Client::open(subject);
    client.send(call).unsure();
    drop(done);
    let (seen, mut listener) = server.join();
    assert_eq!(seen.body, b"hello");
    listener.nothing_more();
}

/// It never stalls, and never comes to its end.
pub(crate) fn a_reply_that_trickles_for_too_long_is_unsure(subject: &dyn Subject) {
    for start in
        ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nx: ", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;"]
    {
        let (place, server) = serve(move |mut listener| {
            let mut peer = listener.accept();
            let seen = peer.request();
            peer.say(start);
            while peer.try_say(".").is_ok() {
                thread::sleep(Duration::from_millis(20));
            }
            (seen, listener)
        });
        let mut call = post(&at(&place), "hello");
        call.limits.reply_within = SHORT;
        let client = Client::open(subject);
        client.send(call).unsure();
        let (seen, mut listener) = server.join();
        assert_eq!(seen.body, b"hello");
        listener.nothing_more();
    }
}
