//! Connections that cannot be made, and those that are lost while the request is sent.

use std::net::Shutdown;
use std::time::{Duration, Instant};

use crate::client::Verdict::{NotSent, Unsure};
use crate::client::{Client, KIB, MIB, MUCH, SHORT, at, post, put};
use crate::server::{End, PATIENCE, gate, ok, refuse, serve};
use crate::source::Memory;
use crate::subject::Subject;

pub(crate) fn a_refused_connection_is_not_sent(subject: &dyn Subject) {
    let (place, _held) = refuse();
    let url = format!("http://me:p4ssw0rd@{place}/x?sign=s3cret");
    let text = Client::open(subject).send(post(&url, "hello")).not_sent();
    assert!(text.contains(&place), "it says where: {text}");
}

pub(crate) fn a_name_that_is_not_found_is_not_sent(subject: &dyn Subject) {
    let client = Client::with(subject, |setup| setup.connect_timeout = Duration::from_secs(2));
    let text = client.send(post("http://no-such-host.invalid/x?sign=s3cret", "hello")).not_sent();
    assert!(text.contains("no-such-host.invalid"), "it says who: {text}");
}

/// An address that is nobody's (RFC 5737): the network refuses it, or says nothing at all.
pub(crate) fn an_address_that_nobody_answers_is_not_sent(subject: &dyn Subject) {
    let client = Client::with(subject, |setup| setup.connect_timeout = SHORT);
    let since = Instant::now();
    client.send(post("http://192.0.2.1:9/x?sign=s3cret", "hello")).not_sent();
    assert!(since.elapsed() < PATIENCE);
}

/// `localhost` may be two addresses, of which the server has one.
pub(crate) fn a_name_is_tried_at_all_its_addresses(subject: &dyn Subject) {
    let (place, server) = serve(|mut listener| {
        let mut peer = listener.accept();
        let seen = peer.request();
        peer.say(ok("found"));
        seen
    });
    let named = place.replace("127.0.0.1", "localhost");
    Client::open(subject).send(post(&at(&named), "hello")).answers(200, "found");
    let seen = server.join();
    assert_eq!((seen.head.text("host"), seen.body.as_slice()), (Some(named.as_str()), b"hello".as_slice()));
}

pub(crate) fn an_address_that_is_none_cannot_be_sent(subject: &dyn Subject) {
    let client = Client::open(subject);
    for url in ["/only/a/path?sign=s3cret", "ftp://127.0.0.1/?sign=s3cret"] {
        client.send(post(url, "hello")).impossible();
    }
}

/// The connection ends before or after the client says its first word: both verdicts are honest.
pub(crate) fn a_connection_that_ends_at_once_sends_nothing_twice(subject: &dyn Subject) {
    for end in End::ALL {
        let (place, server) = serve(move |mut listener| {
            listener.accept().end(end);
            listener
        });
        Client::open(subject).send(post(&at(&place), "hello")).must_be(&[NotSent, Unsure]);
        server.join().nothing_more();
    }
}

pub(crate) fn a_connection_that_ends_before_the_head_is_read_is_unsure(subject: &dyn Subject) {
    for end in End::ALL {
        let (place, server) = serve(move |mut listener| {
            let peer = listener.accept();
            peer.until_word();
            peer.end(end);
            listener
        });
        Client::open(subject).send(post(&at(&place), "hello")).unsure();
        server.join().nothing_more();
    }
}

pub(crate) fn a_connection_that_ends_in_the_body_is_unsure(subject: &dyn Subject) {
    for end in End::ALL {
        let source = Memory::of_len(MUCH);
        let (place, server) = serve(move |mut listener| {
            let mut peer = listener.accept();
            let length = peer.head().length();
            let seen = peer.body(MIB);
            peer.end(end);
            (length, seen, listener)
        });
        Client::open(subject).send(put(&at(&place), &source)).unsure();
        assert!(source.read() < MUCH, "the source is not read to its end");
        let (length, seen, mut listener) = server.join();
        assert_eq!(length, MUCH);
        assert!(seen == Memory::bytes(0..MIB));
        listener.nothing_more();
    }
}

/// It would read on, but never speak again.
pub(crate) fn a_server_that_ends_its_side_without_a_word_is_unsure(subject: &dyn Subject) {
    let source = Memory::of_len(MUCH);
    let (place, server) = serve(move |mut listener| {
        let mut peer = listener.accept();
        peer.head();
        peer.stream.shutdown(Shutdown::Write).unwrap();
        let seen = peer.rest();
        (seen, listener)
    });
    let client = Client::open(subject);
    client.send(put(&at(&place), &source)).unsure();
    let (seen, mut listener) = server.join();
    assert!(seen == Memory::bytes(0..seen.len() as u64));
    listener.nothing_more();
}

pub(crate) fn a_connection_that_ends_after_the_body_is_unsure(subject: &dyn Subject) {
    for end in End::ALL {
        let (place, server) = serve(move |mut listener| {
            let mut peer = listener.accept();
            let seen = peer.request();
            peer.end(end);
            (seen, listener)
        });
        Client::open(subject).send(post(&at(&place), "hello")).unsure();
        let (seen, mut listener) = server.join();
        assert_eq!(seen.body, b"hello");
        listener.nothing_more();
    }
}

pub(crate) fn a_server_that_stops_reading_is_unsure(subject: &dyn Subject) {
    let source = Memory::of_len(MUCH);
    let (done, gate) = gate();
    let (place, server) = serve(move |mut listener| {
        let peer = listener.accept();
        gate.wait();
        drop(peer);
        listener
    });
    let client = Client::with(subject, |setup| setup.stall_timeout = SHORT);
    client.send(put(&at(&place), &source)).unsure();
    assert!(source.read() < MUCH);
    drop(done);
    server.join().nothing_more();
}

/// Much slower than the client, and never still for as long as the stall timeout.
pub(crate) fn a_server_that_reads_byte_by_byte_gets_all(subject: &dyn Subject) {
    const LEN: u64 = 192 * KIB;
    let source = Memory::of_len(LEN);
    let (place, server) = serve(|mut listener| {
        let mut peer = listener.accept();
        // Small buffers below, so that the client feels it.
        socket2::SockRef::from(&peer.stream).set_recv_buffer_size(4096).unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(b"\r\n\r\n") {
            seen.extend(one_byte(&mut peer.stream));
        }
        let body: Vec<u8> = (0..LEN).flat_map(|_| one_byte(&mut peer.stream)).collect();
        peer.say(ok("all"));
        body
    });
    Client::open(subject).send(put(&at(&place), &source)).answers(200, "all");
    assert!(server.join() == Memory::bytes(0..LEN));
}

fn one_byte(stream: &mut impl std::io::Read) -> [u8; 1] {
    let mut byte = [0];
    stream.read_exact(&mut byte).unwrap();
    byte
}

/// The transport is not the worse for a call that failed.
pub(crate) fn after_a_failure_the_next_request_gets_through(subject: &dyn Subject) {
    let source = Memory::of_len(MUCH);
    let (place, server) = serve(|mut listener| {
        let mut peer = listener.accept();
        peer.head();
        peer.end(End::Reset);
        let mut peer = listener.caller();
        let seen = peer.request();
        peer.say(ok("better"));
        seen
    });
    let client = Client::open(subject);
    client.send(put(&at(&place), &source)).unsure();
    client.send(post(&at(&place), "hello")).answers(200, "better");
    assert_eq!(server.join().body, b"hello");
}
