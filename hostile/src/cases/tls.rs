//! Over TLS: whom a transport trusts, and that all else is as without it.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::Shutdown;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use crate::client::Verdict::{Answer, NotSent, Unsure};
use crate::client::{Client, MIB, MUCH, SHORT, at, post, put};
use crate::identity::{Identity, TlsPeer};
use crate::server::{End, Peer, gate, ok, serve};
use crate::source::Memory;
use crate::subject::Subject;

const HERE: &str = "127.0.0.1";

fn tls_at(place: &str) -> String {
    at(place).replace("http:", "https:")
}

fn trusting(subject: &dyn Subject, identity: &Identity) -> Client {
    Client::with(subject, |setup| setup.ca_file = Some(identity.ca_file.path().to_owned()))
}

pub(crate) fn a_server_of_the_ca_file_is_trusted(subject: &dyn Subject) {
    for identity in [Identity::of(HERE), Identity::self_signed(HERE)] {
        let tls = identity.tls();
        let (place, server) = serve(move |mut listener| {
            let mut peer = tls(listener.accept_tcp());
            let seen = peer.request();
            peer.say(ok("one"));
            seen
        });
        trusting(subject, &identity).send(post(&tls_at(&place), "hello")).answers(200, "one");
        let seen = server.join();
        assert_eq!(seen.head.line, "POST /x?sign=s3cret HTTP/1.1");
        assert_eq!((seen.head.text("host"), seen.body.as_slice()), (Some(place.as_str()), b"hello".as_slice()));
    }
}

/// A handshake costs two round trips and a signature: not for every request.
pub(crate) fn a_connection_is_used_again(subject: &dyn Subject) {
    let identity = Identity::of(HERE);
    let tls = identity.tls();
    let (done, gate) = gate();
    let (place, server) = serve(move |mut listener| {
        let (tell, told) = channel();
        while let Some(caller) = listener.caller_before(&gate) {
            let (address, tell) = (caller.address(), tell.clone());
            let mut peer = tls(caller.stream);
            thread::spawn(move || {
                while peer.has_word() {
                    tell.send((address, peer.request().body)).unwrap();
                    peer.say(ok("again"));
                }
            });
        }
        told.try_iter().collect::<Vec<_>>()
    });
    let client = trusting(subject, &identity);
    for _ in 0..10 {
        client.send(post(&tls_at(&place), "hello")).answers(200, "again");
    }
    drop(done);
    let requests = server.join();
    assert!(requests.len() == 10 && requests.iter().all(|(_, body)| body == b"hello"));
    let connections: BTreeSet<_> = requests.iter().map(|(address, _)| address).collect();
    assert!(connections.len() <= 5, "{connections:?}");
}

pub(crate) fn a_server_that_is_not_trusted_gets_nothing(subject: &dyn Subject) {
    let unknown = (Identity::of(HERE), None);
    let of_another = (Identity::of(HERE), Some(Identity::of(HERE)));
    for (identity, trusted) in [unknown, of_another] {
        refused(subject, &identity, trusted.as_ref(), "an authority that is not known");
    }
}

pub(crate) fn a_server_of_another_name_gets_nothing(subject: &dyn Subject) {
    for name in ["vendor.example", "127.0.0.2"] {
        let identity = Identity::of(name);
        refused(subject, &identity, Some(&identity), "another name");
    }
}

pub(crate) fn a_server_that_is_expired_gets_nothing(subject: &dyn Subject) {
    let identity = Identity::expired(HERE);
    refused(subject, &identity, Some(&identity), "expired");
}

fn refused(subject: &dyn Subject, identity: &Identity, trusted: Option<&Identity>, why: &str) {
    let tls = identity.tls();
    let (place, server) = serve(move |mut listener| (tls(listener.accept_tcp()).rest(), listener));
    let client = Client::with(subject, |setup| setup.ca_file = trusted.map(|known| known.ca_file.path().to_owned()));
    let text = client.send(post(&tls_at(&place), "hello")).untrusted();
    assert!(text.contains("certificate") && text.contains(why), "it says why: {text}");
    let (seen, mut listener) = server.join();
    assert!(seen.is_empty(), "nothing of the request is seen");
    listener.nothing_more();
}

pub(crate) fn a_server_without_tls_gets_nothing(subject: &dyn Subject) {
    let (place, server) = serve(|mut listener| {
        let mut peer = listener.accept();
        peer.say("HTTP/1.1 400 Bad Request\r\n\r\n");
        (peer.rest(), listener)
    });
    Client::open(subject).send(post(&tls_at(&place), "hello")).not_sent();
    let (seen, mut listener) = server.join();
    assert!(!seen.windows(5).any(|bytes| bytes == b"hello"));
    listener.nothing_more();
}

pub(crate) fn a_handshake_that_is_cut_is_not_sent(subject: &dyn Subject) {
    const FATAL: &[u8] = b"\x15\x03\x03\0\x02\x02\x28";
    for said in [b"".as_slice(), b"\x16", FATAL] {
        for end in End::ALL {
            let (place, server) = serve(move |mut listener| {
                let mut peer = listener.accept();
                peer.until_word();
                peer.say(said);
                peer.end(end);
                listener
            });
            Client::open(subject).send(post(&tls_at(&place), "hello")).not_sent();
            server.join().nothing_more();
        }
    }
}

pub(crate) fn a_handshake_that_takes_too_long_is_not_sent(subject: &dyn Subject) {
    let (place, server) = serve(|mut listener| (listener.accept().rest(), listener));
    let client = Client::with(subject, |setup| setup.connect_timeout = Duration::from_millis(500));
    client.send(post(&tls_at(&place), "hello")).not_sent();
    let (seen, mut listener) = server.join();
    assert!(!seen.windows(5).any(|bytes| bytes == b"hello"));
    listener.nothing_more();
}

pub(crate) fn a_large_body_arrives_whole(subject: &dyn Subject) {
    const LEN: u64 = 5 * MIB + 3;
    let identity = Identity::of(HERE);
    let tls = identity.tls();
    let (place, server) = serve(move |mut listener| {
        let mut peer = tls(listener.accept_tcp());
        let seen = peer.request();
        peer.say(ok("all"));
        seen
    });
    trusting(subject, &identity).send(put(&tls_at(&place), &Memory::of_len(LEN))).answers(200, "all");
    assert!(server.join().body == Memory::bytes(0..LEN));
}

pub(crate) fn an_early_refusal_is_the_answer(subject: &dyn Subject) {
    let identity = Identity::of(HERE);
    let tls = identity.tls();
    let source = Memory::of_len(MUCH);
    let (done, gate) = gate();
    let (place, server) = serve(move |mut listener| {
        let mut peer = tls(listener.accept_tcp());
        peer.head();
        peer.say("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
        gate.wait();
    });
    trusting(subject, &identity).send(put(&tls_at(&place), &source)).answers(413, "big");
    assert!(source.read() < MUCH);
    drop(done);
    server.join();
}

/// As without TLS: a reset may take the refusal with it.
pub(crate) fn an_early_refusal_and_a_reset_are_the_answer_or_unsure(subject: &dyn Subject) {
    let identity = Identity::of(HERE);
    let tls = identity.tls();
    let source = Memory::of_len(MUCH);
    let (place, server) = serve(move |mut listener| {
        let mut peer = tls(listener.accept_tcp());
        peer.head();
        peer.say("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
    });
    let sent = trusting(subject, &identity).send(put(&tls_at(&place), &source));
    sent.must_be(&[Answer(413), Unsure]);
    assert!(source.read() < MUCH);
    server.join();
}

/// As without TLS: the end is there before the next request begins.
pub(crate) fn a_connection_that_was_closed_while_idle_harms_no_request(subject: &dyn Subject) {
    for ending in [Ending::Farewell, Ending::Close, Ending::Reset] {
        let identity = Identity::of(HERE);
        let tls = identity.tls();
        let (closed, gate_closed) = gate();
        let (done, gate_done) = gate();
        let (place, server) = serve(move |mut listener| {
            let mut peer = tls(listener.accept_tcp());
            peer.request();
            peer.say(ok("one"));
            drop(ending.of(peer));
            drop(closed);
            let caller = listener.caller_before(&gate_done)?;
            let mut next = tls(caller.stream);
            let second = next.request();
            next.say(ok("two"));
            Some(second.body)
        });
        let client = trusting(subject, &identity);
        client.send(post(&tls_at(&place), "1")).answers(200, "one");
        gate_closed.wait();
        let second = client.send(post(&tls_at(&place), "2"));
        drop(done);
        let seen = server.join();
        match second.must_be(&[Answer(200), NotSent]) {
            NotSent => assert_eq!(seen, None),
            _ => assert_eq!((second.body(), seen), ("two", Some(b"2".to_vec()))),
        }
    }
}

pub(crate) fn a_server_that_stops_reading_is_unsure(subject: &dyn Subject) {
    let identity = Identity::of(HERE);
    let tls = identity.tls();
    let source = Memory::of_len(MUCH);
    let (done, gate) = gate();
    let (place, server) = serve(move |mut listener| {
        let mut peer = tls(listener.accept_tcp());
        peer.head();
        gate.wait();
    });
    let client = Client::with(subject, |setup| {
        setup.ca_file = Some(identity.ca_file.path().to_owned());
        setup.stall_timeout = SHORT;
    });
    client.send(put(&tls_at(&place), &source)).unsure();
    assert!(source.read() < MUCH);
    drop(done);
    server.join();
}

/// Without a length only TLS's own farewell tells the end from a cut; with a length nothing is missing.
pub(crate) fn a_reply_counts_only_if_its_end_is_sure(subject: &dyn Subject) {
    const WITHOUT: &str = "HTTP/1.1 200 OK\r\n\r\nhello";
    const EXACT: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    const LONGER: &str = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello";
    let endings = [
        (WITHOUT, Ending::Farewell, Answer(200)),
        (WITHOUT, Ending::Close, Unsure),
        (WITHOUT, Ending::Reset, Unsure),
        (EXACT, Ending::Close, Answer(200)),
        (LONGER, Ending::Farewell, Unsure),
        (LONGER, Ending::Close, Unsure),
        (LONGER, Ending::Reset, Unsure),
    ];
    for (reply, ending, expected) in endings {
        let identity = Identity::of(HERE);
        let tls = identity.tls();
        let (place, server) = serve(move |mut listener| {
            let mut peer = tls(listener.accept_tcp());
            let seen = peer.request();
            peer.say(reply);
            // Read to the client's own end, so that a close does not become a reset.
            ending.of(peer).map(|mut peer| peer.rest());
            (seen, listener)
        });
        let sent = trusting(subject, &identity).send(post(&tls_at(&place), "body"));
        sent.must_be(&[expected]);
        let (seen, mut listener) = server.join();
        assert_eq!(seen.body, b"body");
        listener.nothing_more();
    }
}

/// How a server ends a TLS connection.
#[derive(Clone, Copy)]
enum Ending {
    Farewell,
    Close,
    Reset,
}

impl Ending {
    /// The connection, if it can still be read from.
    fn of(self, mut peer: TlsPeer) -> Option<TlsPeer> {
        match self {
            Self::Farewell => {
                peer.stream.conn.send_close_notify();
                peer.stream.flush().unwrap();
            }
            Self::Close => {}
            Self::Reset => {
                Peer::new(peer.stream.sock).end(End::Reset);
                return None;
            }
        }
        peer.stream.sock.shutdown(Shutdown::Write).unwrap();
        Some(peer)
    }
}
