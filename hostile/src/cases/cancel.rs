//! Requests that are cancelled on their way.
//!
//! Where no byte had left, both `NotSent` and `Unsure` are honest: whoever drops a future cannot ask it any more.

use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use crate::client::Verdict::{NotSent, Unsure};
use crate::client::{Client, MUCH, at, post, put};
use crate::server::{gate, ok, serve};
use crate::source::Memory;
use crate::subject::{Call, Promise, Subject};

/// Promised is a second; what is watched here is that it is not the time limits that end the call.
const SOON: Duration = Duration::from_secs(10);

pub(crate) fn a_request_that_was_cancelled_before_is_not_sent(subject: &dyn Subject) {
    let (place, server) = serve(|listener| listener);
    let mut listener = server.join();
    let call = post(&at(&place), "hello");
    call.cancel.cancel();
    Client::open(subject).send(call).must_be(&[NotSent, Unsure]);
    listener.nothing_more();
}

pub(crate) fn cancelling_is_noticed_while_the_connection_is_made(subject: &dyn Subject) {
    // Without TLS the system makes the connection, in no time.
    if subject.does_not_promise().contains(&Promise::Tls) {
        return;
    }
    let (tell, told) = channel::<Call>();
    // It accepts, and never says a word of TLS.
    let (place, server) = serve(move |mut listener| {
        let mut peer = listener.accept();
        let call = told.recv().unwrap();
        call.cancel.cancel();
        let seen = peer.rest();
        (seen, listener)
    });
    let call = post(&format!("https://{place}/x"), "hello");
    tell.send(call.clone()).unwrap();
    let since = Instant::now();
    Client::open(subject).send(call).must_be(&[NotSent, Unsure]);
    assert!(since.elapsed() < SOON);
    let (seen, mut listener) = server.join();
    assert!(!seen.windows(5).any(|bytes| bytes == b"hello"));
    listener.nothing_more();
}

pub(crate) fn cancelling_is_noticed_while_the_server_does_not_read(subject: &dyn Subject) {
    let source = Memory::of_len(MUCH);
    let (tell, told) = channel::<Call>();
    let (done, gate) = gate();
    let (place, server) = serve(move |mut listener| {
        let mut peer = listener.accept();
        let head = peer.head();
        let call = told.recv().unwrap();
        call.source.until_still();
        let since = Instant::now();
        call.cancel.cancel();
        gate.wait();
        let within = since.elapsed();
        // The client is gone: what it had given to the system comes, and then the end.
        (head, within, peer.rest().len() as u64, listener)
    });
    let call = put(&at(&place), &source);
    tell.send(call.clone()).unwrap();
    let client = Client::open(subject);
    client.send(call).unsure();
    drop(done);
    let (head, within, seen, mut listener) = server.join();
    assert!(within < SOON, "{within:?}");
    assert!(source.read() < MUCH && seen < MUCH);
    assert!(head.line.starts_with("PUT /x?"), "{head:?}");
    listener.nothing_more();
}

pub(crate) fn cancelling_is_noticed_while_the_reply_is_due(subject: &dyn Subject) {
    for begun in ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"] {
        let (tell, told) = channel::<Call>();
        let (place, server) = serve(move |mut listener| {
            let mut peer = listener.accept();
            let seen = peer.request();
            peer.say(begun);
            let call = told.recv().unwrap();
            let since = Instant::now();
            call.cancel.cancel();
            let more = peer.rest();
            (seen, more, since.elapsed(), listener)
        });
        let call = post(&at(&place), "hello");
        tell.send(call.clone()).unwrap();
        let client = Client::open(subject);
        client.send(call).unsure();
        let (seen, more, within, mut listener) = server.join();
        assert!(within < SOON, "{within:?}");
        assert_eq!((seen.body.as_slice(), more.as_slice()), (b"hello".as_slice(), b"".as_slice()));
        listener.nothing_more();
    }
}

pub(crate) fn cancelling_one_request_harms_no_other(subject: &dyn Subject) {
    let (tell, told) = channel::<Call>();
    let (place, server) = serve(move |mut listener| {
        let mut peers = [listener.accept(), listener.accept()].map(|mut peer| (peer.request().body, peer));
        peers.sort_by(|(body, _), (other, _)| body.cmp(other));
        let [(_, mut given_up), (_, mut other)] = peers;
        told.recv().unwrap().cancel.cancel();
        assert!(given_up.rest().is_empty());
        other.say(ok("unharmed"));
    });
    let client = Client::open(subject);
    let (first, second) = (post(&at(&place), "first"), post(&at(&place), "second"));
    tell.send(first.clone()).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| client.send(first).unsure());
        client.send(second).answers(200, "unharmed");
    });
    server.join();
}
