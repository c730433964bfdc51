//! What goes over the wire when all is well.

mod scripted;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING};
use http::{HeaderValue, Request};
use resumable_core::drive::blocking::CancelFlag;
use resumable_core::{Body, Limits, Segment};
use scripted::{Call, Memory, accept, bytes, field, gate, ok, put, serve, transport};

const AGENT: &str = concat!("resumable/", env!("CARGO_PKG_VERSION"));

#[test]
fn an_upload_goes_out_byte_for_byte() {
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        let seen = peer.request();
        peer.say("HTTP/1.1 201 Created\r\nETag: \"x\"\r\nContent-Length: 4\r\n\r\ndone");
        seen
    });
    let source = Memory::of_len(1000);
    let mut body = Body::empty();
    body.push(Segment::Bytes(Bytes::from_static(b"before|")));
    body.push(Segment::Source(100..900));
    body.push(Segment::Bytes(Bytes::from_static(b"|after")));
    let request = Request::put(format!("http://{place}/a%20b/c?sign=x%2F&n=1")).header("authorization", "secret");
    let request = request.body(body).unwrap();
    let call = Call { request, source: &source, limits: Limits::default(), cancel: CancelFlag::new() };
    let sent = call.send(&transport(|_| ()));
    assert_eq!((sent.status(), sent.text(), sent.source_read), (201, "done", 800));
    assert_eq!(sent.answer.unwrap().headers()["etag"], "\"x\"");
    let (head, body) = server.join().unwrap();
    let expected = format!(
        "PUT /a%20b/c?sign=x%2F&n=1 HTTP/1.1\r\nuser-agent: {AGENT}\r\nhost: {place}\r\n\
         authorization: secret\r\ncontent-length: 813\r\n\r\n"
    );
    assert_eq!(sorted(&head), sorted(&expected));
    assert_eq!(body, [b"before|", &source.bytes[100..900], b"|after"].concat());
}

// The order of the fields is ureq's own affair.
fn sorted(head: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = head.split("\r\n").collect();
    lines[1..].sort_unstable();
    lines
}

#[test]
fn a_length_is_always_sent_even_if_it_is_zero() {
    for method in ["POST", "PUT", "GET", "DELETE", "HEAD"] {
        let (place, server) = serve(|listener| {
            let mut peer = accept(&listener);
            let seen = peer.request();
            peer.say("HTTP/1.1 204 No Content\r\n\r\n");
            seen
        });
        let sent = bytes(method, &format!("http://{place}/x"), "").send(&transport(|_| ()));
        assert_eq!(sent.status(), 204);
        let (head, _) = server.join().unwrap();
        assert_eq!(head.matches("content-length: 0\r\n").count(), 1, "{head}");
    }
}

#[test]
fn framing_is_the_transports_own_affair() {
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        let seen = peer.request();
        peer.say(ok(""));
        seen
    });
    let mut call = bytes("POST", &format!("http://{place}/x"), "hello");
    let headers = call.request.headers_mut();
    headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from_static("99"));
    headers.insert(EXPECT, HeaderValue::from_static("100-continue"));
    *call.request.version_mut() = http::Version::HTTP_2;
    assert_eq!(call.send(&transport(|_| ())).status(), 200);
    let (head, body) = server.join().unwrap();
    assert!(head.starts_with("POST /x HTTP/1.1\r\n"), "{head}");
    assert_eq!(field(&head, "content-length"), Some("5"));
    for absent in ["transfer-encoding", "expect", "accept-encoding", "connection"] {
        assert_eq!(field(&head, absent), None, "{head}");
    }
    assert_eq!(body, b"hello");
}

#[test]
fn a_redirect_is_an_answer() {
    for location in ["http://127.0.0.1:1/elsewhere", "/elsewhere"] {
        let (place, server) = serve(move |listener| {
            let mut peer = accept(&listener);
            let seen = peer.request();
            peer.say(format!("HTTP/1.1 307 Temporary\r\nLocation: {location}\r\nContent-Length: 2\r\n\r\nno"));
            (seen.0, peer.rest())
        });
        let sent = bytes("POST", &format!("http://{place}/x"), "hello").send(&transport(|config| config.max_idle = 0));
        assert_eq!((sent.status(), sent.text()), (307, "no"));
        let (head, more) = server.join().unwrap();
        assert!(head.starts_with("POST /x "), "{head}");
        assert!(more.is_empty());
    }
}

#[test]
fn refusals_are_answers_with_their_bodies() {
    for status in ["404 Not Found", "503 Busy", "500 Oops"] {
        let (place, server) = serve(move |listener| {
            let mut peer = accept(&listener);
            let seen = peer.request();
            peer.say(format!("HTTP/1.1 {status}\r\nRetry-After: 7\r\nTransfer-Encoding: chunked\r\n\r\n"));
            peer.say("3\r\nwhy\r\n0\r\n\r\n");
            seen
        });
        let sent = bytes("POST", &format!("http://{place}/x"), "hello").send(&transport(|_| ()));
        assert_eq!((sent.status(), sent.text()), (status[..3].parse().unwrap(), "why"));
        assert_eq!(sent.answer.unwrap().headers()["retry-after"], "7");
        assert_eq!(server.join().unwrap().1, b"hello");
    }
}

#[test]
fn nothing_is_decompressed() {
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        peer.request();
        peer.say("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n\x1fabcd");
    });
    let sent = bytes("GET", &format!("http://{place}/x"), "").send(&transport(|_| ()));
    assert_eq!(sent.text(), "\x1fabcd");
    assert_eq!(sent.answer.unwrap().headers()["content-encoding"], "gzip");
    server.join().unwrap();
}

#[test]
fn interim_replies_are_not_the_answer() {
    let source = Memory::of_len(3 << 20);
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        let head = peer.head();
        peer.say("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
        let body = peer.body(field(&head, "content-length").unwrap().parse().unwrap());
        peer.say(format!("HTTP/1.1 102 Processing\r\n\r\n{}", ok("end")));
        body
    });
    let sent = put(&format!("http://{place}/x"), &source).send(&transport(|_| ()));
    assert_eq!((sent.status(), sent.text(), sent.source_read), (200, "end", 3 << 20));
    assert!(server.join().unwrap() == source.bytes);
}

#[test]
fn a_reply_byte_by_byte_in_any_framing_is_read() {
    let replies = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\n\r\nhello",
    ];
    for reply in replies {
        let (place, server) = serve(move |listener| {
            let mut peer = accept(&listener);
            let seen = peer.request();
            reply.as_bytes().iter().for_each(|byte| peer.say([*byte]));
            seen
        });
        let sent = bytes("POST", &format!("http://{place}/x"), "body").send(&transport(|_| ()));
        assert_eq!((sent.status(), sent.text()), (200, "hello"));
        assert_eq!(server.join().unwrap().1, b"body");
    }
}

#[test]
fn a_connection_is_used_again() {
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        let mut seen = Vec::new();
        for reply in ["one", "two", "three"] {
            seen.push(peer.request().1);
            peer.say(ok(reply));
        }
        seen
    });
    let transport = transport(|_| ());
    for (body, reply) in [("1", "one"), ("22", "two"), ("333", "three")] {
        assert_eq!(bytes("POST", &format!("http://{place}/x"), body).send(&transport).text(), reply);
    }
    assert_eq!(server.join().unwrap(), [b"1".to_vec(), b"22".to_vec(), b"333".to_vec()]);
}

#[test]
fn a_connection_that_the_server_closed_while_idle_is_replaced() {
    let (closed, gate) = gate();
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        let first = peer.request().1;
        peer.say(ok("one"));
        drop(peer);
        drop(closed);
        let mut peer = accept(&listener);
        let second = peer.request().1;
        peer.say(ok("two"));
        (first, second)
    });
    let transport = transport(|_| ());
    let url = format!("http://{place}/x");
    assert_eq!(bytes("POST", &url, "1").send(&transport).text(), "one");
    gate.wait();
    assert_eq!(bytes("POST", &url, "2").send(&transport).text(), "two");
    assert_eq!(server.join().unwrap(), (b"1".to_vec(), b"2".to_vec()));
}

#[test]
fn a_connection_with_stray_bytes_is_replaced() {
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        peer.request();
        peer.say(format!("{}HTTP/1.1 408 Timeout\r\n\r\n", ok("one")));
        let mut peer = accept(&listener);
        peer.request();
        peer.say(ok("two"));
    });
    let transport = transport(|_| ());
    let url = format!("http://{place}/x");
    assert_eq!(bytes("POST", &url, "1").send(&transport).text(), "one");
    assert_eq!(bytes("POST", &url, "2").send(&transport).text(), "two");
    server.join().unwrap();
}
