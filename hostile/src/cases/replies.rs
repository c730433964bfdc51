//! Replies that are right, however odd they look.

use http::Method;

use crate::client::{Client, MIB, at, call, post, put};
use crate::server::{ok, serve};
use crate::source::Memory;
use crate::subject::Subject;

pub(crate) fn refusals_are_answers_with_their_fields_and_bodies(subject: &dyn Subject) {
    for status in ["503 Busy", "500 Oops", "429 Slow", "416 Range", "411 Length", "404 Not Found", "401 Who", "400 Bad"]
    {
        for framed in ["Content-Length: 3\r\n\r\nwhy", "Transfer-Encoding: chunked\r\n\r\n3\r\nwhy\r\n0\r\n\r\n"] {
            let (place, server) = serve(move |mut listener| {
                let mut peer = listener.accept();
                let seen = peer.request();
                peer.say(format!("HTTP/1.1 {status}\r\nRetry-After: 7\r\n{framed}"));
                (seen, listener)
            });
            let sent = Client::open(subject).send(post(&at(&place), "hello"));
            sent.answers(status[..3].parse().unwrap(), "why");
            assert_eq!(sent.headers()["retry-after"], "7");
            let (seen, mut listener) = server.join();
            assert_eq!(seen.body, b"hello");
            listener.nothing_more();
        }
    }
}

pub(crate) fn a_redirect_is_an_answer_and_not_followed(subject: &dyn Subject) {
    for status in [301, 302, 303, 307, 308] {
        for elsewhere in ["", "http://PLACE"] {
            let (place, server) = serve(move |mut listener| {
                let mut peer = listener.accept();
                let seen = peer.request();
                let location = format!("{}/elsewhere", elsewhere.replace("PLACE", seen.head.text("host").unwrap()));
                peer.say(format!("HTTP/1.1 {status} There\r\nLocation: {location}\r\nContent-Length: 2\r\n\r\nno"));
                listener.keep(peer);
                let mut peer = listener.caller();
                let next = peer.request();
                peer.say(ok("next"));
                (location, next)
            });
            let client = Client::open(subject);
            let sent = client.send(post(&at(&place), "hello"));
            sent.answers(status, "no");
            // What the server hears next is this, and no other request.
            client.send(post(&format!("http://{place}/next"), "next")).answers(200, "next");
            let (location, next) = server.join();
            assert_eq!(sent.headers()["location"], location);
            assert_eq!((next.head.line.as_str(), next.body.as_slice()), ("POST /next HTTP/1.1", b"next".as_slice()));
        }
    }
}

pub(crate) fn a_reply_byte_by_byte_in_any_framing_is_read(subject: &dyn Subject) {
    let replies = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\n\r\nhello",
        "HTTP/1.1 200 \r\ncontent-length:5\r\n\r\nhello",
        "HTTP/1.1 200 成功\r\nContent-Length: 5\r\n\r\nhello",
    ];
    for reply in replies {
        let (place, server) = serve(move |mut listener| {
            let mut peer = listener.accept();
            let seen = peer.request();
            reply.as_bytes().iter().for_each(|byte| peer.say([*byte]));
            seen
        });
        Client::open(subject).send(post(&at(&place), "body")).answers(200, "hello");
        assert_eq!(server.join().body, b"body");
    }
}

pub(crate) fn the_fields_of_a_reply_are_kept_byte_for_byte(subject: &dyn Subject) {
    let values: [&[u8]; 4] = ["成功".as_bytes(), b"\xff\xfe", b"a, b; c=\"d\"  e", b""];
    let (place, server) = serve(move |mut listener| {
        let mut peer = listener.accept();
        peer.request();
        let fields = values.map(|value| [b"x-oss-meta: ", value, b"\t\r\n"].concat());
        peer.say([b"HTTP/1.1 200 OK\r\n", fields.concat().as_slice(), b"Content-Length: 0\r\n\r\n"].concat());
    });
    let sent = Client::open(subject).send(post(&at(&place), "hello"));
    sent.answers(200, "");
    assert_eq!(sent.headers().get_all("x-oss-meta").iter().collect::<Vec<_>>(), values);
    server.join();
}

pub(crate) fn a_reply_may_have_many_fields(subject: &dyn Subject) {
    let (place, server) = serve(|mut listener| {
        let mut peer = listener.accept();
        peer.request();
        peer.say("HTTP/1.1 200 OK\r\n");
        (0..64).for_each(|at| peer.say(format!("x-{at}: {}\r\n", "v".repeat(200))));
        peer.say("Content-Length: 5\r\n\r\nhello");
    });
    let sent = Client::open(subject).send(post(&at(&place), "hello"));
    sent.answers(200, "hello");
    assert_eq!(sent.headers().len(), 65);
    server.join();
}

pub(crate) fn a_reply_of_just_the_allowed_length_is_an_answer(subject: &dyn Subject) {
    for reply in [ok("12345"), "HTTP/1.1 200 OK\r\n\r\n12345".to_owned()] {
        let (place, server) = serve(|mut listener| {
            let mut peer = listener.accept();
            peer.request();
            peer.say(reply);
        });
        let mut call = post(&at(&place), "");
        call.limits.reply_bytes = 5;
        Client::open(subject).send(call).answers(200, "12345");
        server.join();
    }
}

pub(crate) fn nothing_is_decompressed(subject: &dyn Subject) {
    for coding in ["gzip", "deflate", "br", "zstd"] {
        let (place, server) = serve(move |mut listener| {
            let mut peer = listener.accept();
            peer.request();
            peer.say(format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: 5\r\n\r\n\x1fabcd"));
        });
        let sent = Client::open(subject).send(post(&at(&place), ""));
        sent.answers(200, "\x1fabcd");
        assert_eq!(sent.headers()["content-encoding"], coding);
        assert_eq!(sent.headers()["content-length"], "5");
        server.join();
    }
}

/// Some replies have no body, whatever their fields say; nothing is waited for.
pub(crate) fn a_reply_without_a_body_may_tell_a_length(subject: &dyn Subject) {
    for (method, status) in [(Method::HEAD, 200), (Method::HEAD, 404), (Method::GET, 304), (Method::DELETE, 204)] {
        let (place, server) = serve(move |mut listener| {
            let mut peer = listener.accept();
            let seen = peer.request();
            peer.say(format!("HTTP/1.1 {status} So\r\nContent-Length: 5\r\nETag: \"x\"\r\n\r\n"));
            listener.keep(peer);
            let mut peer = listener.caller();
            peer.request();
            peer.say(ok("next"));
            seen
        });
        let client = Client::open(subject);
        let sent = client.send(call(method.clone(), &at(&place), ""));
        sent.answers(status, "");
        assert_eq!(sent.headers()["etag"], "\"x\"");
        client.send(post(&at(&place), "hello")).answers(200, "next");
        assert!(server.join().head.line.starts_with(method.as_str()));
    }
}

pub(crate) fn interim_replies_are_not_the_answer(subject: &dyn Subject) {
    const CONTINUE: &str = "HTTP/1.1 100 Continue\r\n\r\n";
    const WITH_FIELDS: &str = "HTTP/1.1 100 Continue\r\nDate: now\r\nX-Request-Id: 1\r\n\r\n";
    const HINTS: &str = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    const PROCESSING: &str = "HTTP/1.1 102 Processing\r\n\r\n";
    for interim in [CONTINUE, WITH_FIELDS, HINTS, PROCESSING, &[CONTINUE, HINTS, WITH_FIELDS, CONTINUE].concat()] {
        for early in [true, false] {
            interim_replies(subject, interim.to_owned(), early);
        }
    }
}

fn interim_replies(subject: &dyn Subject, interim: String, early: bool) {
    const LEN: u64 = 3 * MIB;
    let source = Memory::of_len(LEN);
    let (place, server) = serve(move |mut listener| {
        let mut peer = listener.accept();
        let length = peer.head().length();
        if early {
            peer.say(&interim);
        }
        let body = peer.body(length);
        peer.say(interim + &ok("end"));
        body
    });
    Client::open(subject).send(put(&at(&place), &source)).answers(200, "end");
    assert!(server.join() == Memory::bytes(0..LEN));
    assert_eq!(source.read(), LEN, "it is read once");
}
