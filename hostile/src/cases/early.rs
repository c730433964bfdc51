//! Replies that come before the request is whole.

use std::net::Shutdown;

use crate::client::Verdict::{Answer, Unsure};
use crate::client::{Client, MIB, MUCH, SHORT, at, post, put};
use crate::server::{End, gate, ok, serve};
use crate::source::Memory;
use crate::subject::Subject;

const TOO_LARGE: &str = "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig";
const WITHOUT_LENGTH: &str = "HTTP/1.1 413 Too Large\r\n\r\nbig";

pub(crate) fn an_early_refusal_is_the_answer_while_the_server_waits(subject: &dyn Subject) {
    for reply in [TOO_LARGE.to_owned(), format!("HTTP/1.1 100 Continue\r\n\r\n{TOO_LARGE}")] {
        let source = Memory::of_len(MUCH);
        let (done, gate) = gate();
        let (place, server) = serve(move |mut listener| {
            let mut peer = listener.accept();
            let length = peer.head().length();
            peer.say(reply);
            gate.wait();
            (length, listener)
        });
        Client::open(subject).send(put(&at(&place), &source)).answers(413, "big");
        assert!(source.read() < MUCH, "the source is not read to its end");
        drop(done);
        let (length, mut listener) = server.join();
        assert_eq!(length, MUCH);
        listener.nothing_more();
    }
}

/// RFC 9112, 9.5: a client that hears a refusal should stop sending. The connection of a request that was cut is of no
/// use to another one.
pub(crate) fn an_early_refusal_is_the_answer_while_the_server_reads_on(subject: &dyn Subject) {
    let source = Memory::of_len(MUCH);
    let (place, server) = serve(|mut listener| {
        let mut peer = listener.accept();
        peer.head();
        peer.say(TOO_LARGE);
        let rest = peer.rest().len() as u64;
        let mut peer = listener.caller();
        let next = peer.request();
        peer.say(ok("next"));
        (rest, next)
    });
    let client = Client::open(subject);
    client.send(put(&at(&place), &source)).answers(413, "big");
    assert!(source.read() < MUCH, "the source is not read to its end");
    client.send(post(&at(&place), "next")).answers(200, "next");
    let (rest, next) = server.join();
    assert!(rest < MUCH);
    assert_eq!(next.body, b"next");
}

pub(crate) fn an_early_refusal_is_the_answer_when_the_server_ends_its_side(subject: &dyn Subject) {
    for reply in [TOO_LARGE, WITHOUT_LENGTH] {
        let source = Memory::of_len(MUCH);
        let (done, gate) = gate();
        let (place, server) = serve(move |mut listener| {
            let mut peer = listener.accept();
            peer.head();
            let seen = peer.body(MIB);
            peer.say(reply);
            peer.stream.shutdown(Shutdown::Write).unwrap();
            gate.wait();
            (seen, listener)
        });
        Client::open(subject).send(put(&at(&place), &source)).answers(413, "big");
        assert!(source.read() < MUCH, "the source is not read to its end");
        drop(done);
        let (seen, mut listener) = server.join();
        assert!(seen == Memory::bytes(0..MIB));
        listener.nothing_more();
    }
}

/// A reset may overtake the reply: the systems at both ends may drop what was not read. So the answer may be lost, and
/// then the request is in doubt. Never is it `NotSent`.
pub(crate) fn an_early_refusal_and_a_reset_are_the_answer_or_unsure(subject: &dyn Subject) {
    for reply in [TOO_LARGE, WITHOUT_LENGTH] {
        for end in End::ALL {
            let source = Memory::of_len(MUCH);
            let (place, server) = serve(move |mut listener| {
                let mut peer = listener.accept();
                peer.head();
                let seen = peer.body(MIB);
                peer.say(reply);
                peer.end(end);
                (seen, listener)
            });
            let sent = Client::open(subject).send(put(&at(&place), &source));
            if sent.must_be(&[Answer(413), Unsure]) == Answer(413) {
                assert!("big".starts_with(sent.body()) && (reply != TOO_LARGE || sent.body() == "big"));
            }
            assert!(source.read() < MUCH, "the source is not read to its end");
            let (seen, mut listener) = server.join();
            assert!(seen == Memory::bytes(0..MIB));
            listener.nothing_more();
        }
    }
}

pub(crate) fn an_early_success_waits_for_the_rest_of_the_body(subject: &dyn Subject) {
    let source = Memory::of_len(MUCH);
    let (place, server) = serve(|mut listener| {
        let mut peer = listener.accept();
        peer.head();
        peer.say(ok("fine"));
        (peer.body(MUCH), listener)
    });
    Client::open(subject).send(put(&at(&place), &source)).answers(200, "fine");
    assert_eq!(source.read(), MUCH, "it was sent before the answer was told");
    let (seen, mut listener) = server.join();
    assert!(seen == Memory::bytes(0..MUCH));
    listener.nothing_more();
}

/// The server has said that all is well, and does not take what it said so of: the answer is known, and so is the
/// stall. Either may be told; the vendor's own words in the body decide what an answer is worth.
pub(crate) fn an_early_success_of_which_the_rest_is_not_taken_is_the_answer_or_unsure(subject: &dyn Subject) {
    let source = Memory::of_len(MUCH);
    let (done, gate) = gate();
    let (place, server) = serve(move |mut listener| {
        let mut peer = listener.accept();
        peer.head();
        peer.say(ok("fine"));
        gate.wait();
        listener
    });
    let client = Client::with(subject, |setup| setup.stall_timeout = SHORT);
    let sent = client.send(put(&at(&place), &source));
    if sent.must_be(&[Answer(200), Unsure]) == Answer(200) {
        assert_eq!(sent.body(), "fine");
    }
    assert!(source.read() < MUCH);
    drop(done);
    server.join().nothing_more();
}
