//! Connections that are kept for the next request.

use std::collections::BTreeSet;
use std::thread;

use crate::client::Verdict::{Answer, NotSent};
use crate::client::{Client, MIB, at, post, put};
use crate::server::{End, gate, ok, serve};
use crate::source::Memory;
use crate::subject::Subject;

/// A new connection now and then is no fault; one for every request is.
pub(crate) fn a_connection_is_used_again(subject: &dyn Subject) {
    let (place, server) = serve(|mut listener| {
        let requests = (0..10).map(|at| {
            let mut peer = listener.caller();
            let body = peer.request().body;
            peer.say(ok(&at.to_string()));
            let address = peer.address();
            listener.keep(peer);
            (body, address)
        });
        requests.collect::<Vec<_>>()
    });
    let client = Client::open(subject);
    for at_most in 0..10 {
        client.send(post(&at(&place), "again")).answers(200, &at_most.to_string());
    }
    let requests = server.join();
    assert!(requests.iter().all(|(body, _)| body == b"again"));
    let connections: BTreeSet<_> = requests.iter().map(|(_, address)| address).collect();
    assert!(connections.len() <= 5, "{connections:?}");
}

/// The close is there before the next request begins: it goes over a new connection, or not at all.
pub(crate) fn a_connection_that_was_closed_while_idle_harms_no_request(subject: &dyn Subject) {
    for end in End::ALL {
        let (closed, gate_closed) = gate();
        let (done, gate_done) = gate();
        let (place, server) = serve(move |mut listener| {
            let mut peer = listener.accept();
            peer.request();
            peer.say(ok("one"));
            peer.end(end);
            drop(closed);
            let Some(mut peer) = listener.caller_before(&gate_done) else { return (None, listener) };
            let second = peer.request();
            peer.say(ok("two"));
            (Some(second.body), listener)
        });
        let client = Client::open(subject);
        client.send(post(&at(&place), "1")).answers(200, "one");
        gate_closed.wait();
        let second = client.send(post(&at(&place), "2"));
        drop(done);
        let (seen, mut listener) = server.join();
        match second.must_be(&[Answer(200), NotSent]) {
            NotSent => assert_eq!(seen, None),
            _ => assert_eq!((second.body(), seen), ("two", Some(b"2".to_vec()))),
        }
        listener.nothing_more();
    }
}

/// Whether it goes over the old connection or a new one, it goes once.
pub(crate) fn a_connection_that_ends_in_the_second_request_is_unsure(subject: &dyn Subject) {
    for whole in [true, false] {
        for end in End::ALL {
            let source = Memory::of_len(MIB);
            let (place, server) = serve(move |mut listener| {
                let mut peer = listener.accept();
                peer.request();
                peer.say(ok("one"));
                listener.keep(peer);
                let mut peer = listener.caller();
                let length = peer.head().length();
                let seen = peer.body(if whole { length } else { 1 });
                peer.end(end);
                (seen, listener)
            });
            let client = Client::open(subject);
            client.send(post(&at(&place), "1")).answers(200, "one");
            client.send(put(&at(&place), &source)).unsure();
            let (seen, mut listener) = server.join();
            assert!(seen == Memory::bytes(0..seen.len() as u64));
            assert!(source.read() <= MIB, "it is read once");
            listener.nothing_more();
        }
    }
}

/// What an idle connection says is no answer to a request that was not made.
pub(crate) fn a_connection_with_stray_bytes_is_not_used_again(subject: &dyn Subject) {
    for stray in
        ["HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad", "!"]
    {
        let (place, server) = serve(move |mut listener| {
            let mut first = listener.accept();
            first.request();
            first.say(ok("one") + stray);
            let mut peer = listener.accept();
            let second = peer.request();
            peer.say(ok("two"));
            second
        });
        let client = Client::open(subject);
        client.send(post(&at(&place), "1")).answers(200, "one");
        client.send(post(&at(&place), "2")).answers(200, "two");
        assert_eq!(server.join().body, b"2");
    }
}

pub(crate) fn a_connection_of_which_the_server_wants_the_end_is_not_used_again(subject: &dyn Subject) {
    let last = [
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\none",
        "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\none",
    ];
    for reply in last {
        let (place, server) = serve(move |mut listener| {
            let mut first = listener.accept();
            first.request();
            first.say(reply);
            let mut peer = listener.accept();
            let second = peer.request();
            peer.say(ok("two"));
            (second, first.rest())
        });
        let client = Client::open(subject);
        client.send(post(&at(&place), "1")).answers(200, "one");
        client.send(post(&at(&place), "2")).answers(200, "two");
        let (second, more) = server.join();
        assert_eq!(second.body, b"2");
        assert!(more.is_empty());
    }
}

/// No request waits for another one: none is answered before all are there.
pub(crate) fn many_requests_are_under_way_at_once(subject: &dyn Subject) {
    const MANY: usize = 8;
    let (place, server) = serve(|mut listener| {
        let asked: Vec<_> = (0..MANY)
            .map(|_| {
                let mut peer = listener.caller();
                let line = peer.request().head.line;
                (peer, line)
            })
            .collect();
        for (mut peer, line) in asked {
            peer.say(ok(&line));
        }
    });
    let client = Client::open(subject);
    thread::scope(|scope| {
        for at in 0..MANY {
            let (client, url) = (client.clone(), format!("http://{place}/{at}"));
            let line = format!("POST /{at} HTTP/1.1");
            scope.spawn(move || client.send(post(&url, "hello")).answers(200, &line));
        }
    });
    server.join();
}
