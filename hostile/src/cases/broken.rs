//! Replies that are cut, endless, or none.

use std::time::{Duration, Instant};

use resumable_core::Limits;

use crate::client::Verdict::{Answer, Unsure};
use crate::client::{Client, LONG, MUCH, SHORT, Sent, at, post, put};
use crate::server::{End, PATIENCE, serve};
use crate::source::Memory;
use crate::subject::Subject;

pub(crate) fn a_reply_that_is_cut_is_unsure(subject: &dyn Subject) {
    let cut = [
        "HTTP/1.1 2",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
    ];
    for reply in cut {
        for end in End::ALL {
            reply_and_end(subject, reply.as_bytes(), end).must_be(&[Unsure]);
        }
    }
}

/// RFC 9112, 8: the body is complete with the chunk of no bytes; the message is with the empty line behind it.
pub(crate) fn a_reply_that_is_cut_before_its_last_line_is_taken_or_unsure(subject: &dyn Subject) {
    for last in ["0\r\n", "0\r\nTrailer: x\r\n"] {
        let reply = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n{last}");
        let sent = reply_and_end(subject, reply.as_bytes(), End::Close);
        if sent.must_be(&[Answer(200), Unsure]) == Answer(200) {
            assert_eq!(sent.body(), "hello");
        }
    }
}

/// Without a length the close is the end of the reply; a reset is not.
pub(crate) fn a_reply_without_a_length_that_ends_in_a_reset_is_unsure(subject: &dyn Subject) {
    reply_and_end(subject, b"HTTP/1.1 200 OK\r\n\r\nhalf of", End::Reset).must_be(&[Unsure]);
}

pub(crate) fn garbage_is_unsure(subject: &dyn Subject) {
    let garbage: [&[u8]; 14] = [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"220 mail.example ESMTP\r\n\r\n",
        b"<html>hello</html>\r\n\r\n",
        b"\0\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64\0\x04\0\0\xff\xff",
        b"\x15\x03\x01\0\x02\x02\x46",
        b"HTTP/1.1 abc\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/3 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno field at all\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nna me: x\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: a\0b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: a\rb: c\r\nContent-Length: 0\r\n\r\n",
    ];
    for reply in garbage {
        reply_and_end(subject, reply, End::Close).must_be(&[Unsure]);
    }
}

/// RFC 9112, 6.3: a length that is none is an error from which nobody recovers.
pub(crate) fn a_length_that_is_none_is_unsure(subject: &dyn Subject) {
    let lengths = ["-5", "+5", "5x", "0x5", "5.0", "five", "99999999999999999999999", "5, 6", "5\r\nContent-Length: 6"];
    for length in lengths {
        let reply = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nhello!");
        reply_and_end(subject, reply.as_bytes(), End::Close).must_be(&[Unsure]);
    }
}

/// The same length twice may be taken or refused (RFC 9112, 6.3), and beside chunks a length may be ignored or refused
/// (6.3 as well). Taken, it means what it says.
pub(crate) fn a_length_that_is_told_twice_is_taken_or_unsure(subject: &dyn Subject) {
    let twice = [
        "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "Content-Length: 5, 5\r\n\r\nhello",
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ];
    for framed in twice {
        let sent = reply_and_end(subject, format!("HTTP/1.1 200 OK\r\n{framed}").as_bytes(), End::Close);
        if sent.must_be(&[Answer(200), Unsure]) == Answer(200) {
            assert_eq!(sent.body(), "hello", "{framed:?}");
        }
    }
}

pub(crate) fn chunks_that_are_none_are_unsure(subject: &dyn Subject) {
    for chunks in [
        "xyz\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n",
        "\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello, you\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        "ffffffffffffffff\r\nhello",
    ] {
        let reply = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
        reply_and_end(subject, reply.as_bytes(), End::Close).must_be(&[Unsure]);
    }
}

/// RFC 9112, 6.1: with HTTP/1.0, whoever sees one must treat the framing as faulty.
pub(crate) fn a_transfer_coding_of_an_older_http_is_unsure(subject: &dyn Subject) {
    for framing in ["Transfer-Encoding: chunked", "Content-Length: 15\r\nTransfer-Encoding: chunked"] {
        let reply = format!("HTTP/1.0 200 OK\r\n{framing}\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        reply_and_end(subject, reply.as_bytes(), End::Close).must_be(&[Unsure]);
    }
}

/// RFC 9112, 7.4: a request without `TE` is answered `chunked`, or without a coding. Clients differ in what they make of others.
pub(crate) fn a_transfer_coding_that_nobody_asked_for_is_unsure(subject: &dyn Subject) {
    for codings in [
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    ] {
        let reply = format!("HTTP/1.1 200 OK\r\n{codings}\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        reply_and_end(subject, reply.as_bytes(), End::Close).must_be(&[Unsure]);
    }
}

fn reply_and_end(subject: &dyn Subject, reply: &[u8], end: End) -> Sent {
    let said = reply.to_vec();
    let (place, server) = serve(move |mut listener| {
        let mut peer = listener.accept();
        let seen = peer.request();
        // Who has heard enough may be gone before the end.
        let _ = peer.try_say(&said);
        peer.end(end);
        (seen, listener)
    });
    let sent = Client::open(subject).send(post(&at(&place), "hello"));
    let (seen, mut listener) = server.join();
    assert_eq!(seen.body, b"hello");
    listener.nothing_more();
    println!("{:?}, {end:?}: {sent:?}", String::from_utf8_lossy(reply));
    sent
}

/// It is the length that ends these, long before the time does.
pub(crate) fn an_endless_reply_is_cut_off_and_unsure(subject: &dyn Subject) {
    let endless = [
        ("HTTP/1.1 200 OK\r\n\r\n", "x"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "x"),
        ("HTTP/1.1 200 OK\r\n", "a: b\r\n"),
        ("HTTP/1.1 200 OK\r\na: ", "b"),
        ("HTTP/1.1 200 ", "O"),
    ];
    for (start, again) in endless {
        let since = Instant::now();
        say_for_ever(subject, start, again, LONG);
        assert!(since.elapsed() < PATIENCE, "{start:?} {again:?}");
    }
}

/// Nothing of this is a reply that could be too long: it may be the length that ends it, or the time.
pub(crate) fn endless_framing_is_cut_off_and_unsure(subject: &dyn Subject) {
    const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    say_for_ever(subject, &format!("{CHUNKED}5;"), "x", SHORT);
    say_for_ever(subject, &format!("{CHUNKED}0\r\n"), "a: b\r\n", SHORT);
    say_for_ever(subject, &format!("{CHUNKED}0\r\na: "), "b", SHORT);
}

fn say_for_ever(subject: &dyn Subject, start: &str, again: &str, reply_within: Duration) {
    let (start, again) = (start.to_owned(), again.repeat(1000));
    let (place, server) = serve(move |mut listener| {
        let mut peer = listener.accept();
        let seen = peer.request();
        // A client that was quick may be gone already.
        let mut said = peer.try_say(start);
        while said.is_ok() {
            said = peer.try_say(&again);
        }
        (seen, listener)
    });
    let mut call = post(&at(&place), "hello");
    call.limits = Limits { reply_bytes: 1000, reply_within };
    let client = Client::open(subject);
    client.send(call).unsure();
    let (seen, mut listener) = server.join();
    assert_eq!(seen.body, b"hello");
    listener.nothing_more();
}

/// Each interim reply is right; all of them together are never an answer, and no progress of the request.
pub(crate) fn endless_interim_replies_are_unsure(subject: &dyn Subject) {
    for reads in [true, false] {
        let (place, server) = serve(move |mut listener| {
            let mut peer = listener.accept();
            let length = peer.head().length();
            let seen = if reads { peer.body(length) } else { Vec::new() };
            while peer.try_say("HTTP/1.1 100 Continue\r\n\r\n".repeat(100)).is_ok() {}
            (seen, listener)
        });
        let source = Memory::of_len(if reads { 5 } else { MUCH });
        let mut call = put(&at(&place), &source);
        call.limits.reply_within = SHORT;
        let client = Client::with(subject, |setup| setup.stall_timeout = SHORT);
        client.send(call).unsure();
        let (seen, mut listener) = server.join();
        assert!(seen == Memory::bytes(0..seen.len() as u64));
        listener.nothing_more();
    }
}
