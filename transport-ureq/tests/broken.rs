//! Servers that break, stall, lie or answer too soon: what the answer is, and what is known to have been sent.

mod scripted;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use resumable_core::drive::blocking::CancelFlag;
use resumable_core::{SendError, SourceError};
use scripted::{Memory, accept, bytes, field, gate, ok, put, serve, transport};

const MIB: usize = 1 << 20;
/// More than two ends of a connection hold in their buffers.
const MUCH: usize = 64 * MIB;
const STALL: Duration = Duration::from_millis(300);
const TOO_LARGE: &str = "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig";

#[test]
fn a_refused_connection_is_not_sent() {
    let (place, server) = serve(drop);
    server.join().unwrap();
    let sent = bytes("POST", &format!("http://me:pass@{place}/x?sign=s3cret"), "hello").send(&transport(|_| ()));
    let text = sent.not_sent();
    assert!(text.contains(&format!("POST http://{place}/x: could not connect to {place}")), "{text}");
    assert!(!text.contains("s3cret") && !text.contains("pass"), "{text}");
}

#[test]
fn a_name_that_is_not_found_is_not_sent() {
    let transport = transport(|config| config.connect_timeout = Duration::from_secs(2));
    let text = bytes("POST", "http://no-such-host.invalid/x", "hello").send(&transport).not_sent();
    assert!(text.contains("no-such-host.invalid"), "{text}");
}

#[test]
fn an_address_that_is_none_is_not_sent() {
    for url in ["/only/a/path?sign=s3cret", "ftp://127.0.0.1/?sign=s3cret"] {
        let text = bytes("POST", url, "hello").send(&transport(|_| ())).not_sent();
        assert!(!text.contains("s3cret"), "{text}");
    }
}

#[test]
fn a_connection_that_is_closed_before_anything_is_read_is_unsure() {
    let (place, server) = serve(|listener| {
        let peer = accept(&listener);
        peer.stream.peek(&mut [0]).unwrap();
        peer.reset();
    });
    bytes("POST", &format!("http://{place}/x"), "hello").send(&transport(|_| ())).unsure();
    server.join().unwrap();
}

#[test]
fn a_reset_in_the_middle_of_the_body_is_unsure() {
    let source = Memory::of_len(MUCH);
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        peer.head();
        let seen = peer.body(MIB);
        peer.reset();
        seen
    });
    let sent = put(&format!("http://{place}/x"), &source).send(&transport(|_| ()));
    let text = sent.unsure();
    assert!(text.contains("while the request was sent"), "{text}");
    assert!(sent.source_read < MUCH as u64);
    assert!(server.join().unwrap() == source.bytes[..MIB]);
}

#[test]
fn a_connection_lost_after_the_body_is_unsure_and_nothing_is_sent_twice() {
    for with_reset in [true, false] {
        let (place, server) = serve(move |listener| {
            let mut peer = accept(&listener);
            let seen = peer.request().1;
            if with_reset {
                peer.reset();
            } else {
                drop(peer);
            }
            listener.set_nonblocking(true).unwrap();
            (seen, listener)
        });
        bytes("POST", &format!("http://{place}/x"), "hello").send(&transport(|_| ())).unsure();
        let (seen, listener) = server.join().unwrap();
        assert_eq!(seen, b"hello");
        assert!(listener.accept().is_err(), "a second connection was made");
    }
}

#[test]
fn nothing_is_sent_twice_over_a_connection_that_was_kept_alive() {
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        peer.request();
        peer.say(ok("one"));
        let seen = peer.request().1;
        drop(peer);
        listener.set_nonblocking(true).unwrap();
        (seen, listener)
    });
    let transport = transport(|_| ());
    let url = format!("http://{place}/x");
    assert_eq!(bytes("POST", &url, "1").send(&transport).text(), "one");
    bytes("POST", &url, "2").send(&transport).unsure();
    let (seen, listener) = server.join().unwrap();
    assert_eq!(seen, b"2");
    assert!(listener.accept().is_err(), "a second connection was made");
}

#[test]
fn a_reply_that_is_cut_is_unsure() {
    let cut = [
        "HTTP/1.1 2",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ];
    for (reply, with_reset) in cut.iter().flat_map(|reply| [(*reply, true), (*reply, false)]) {
        let (place, server) = serve(move |listener| {
            let mut peer = accept(&listener);
            let seen = peer.request().1;
            peer.say(reply);
            if with_reset {
                peer.reset();
            }
            seen
        });
        let text = bytes("POST", &format!("http://{place}/x"), "hello").send(&transport(|_| ())).unsure();
        assert!(text.contains("reply"), "{text}");
        assert_eq!(server.join().unwrap(), b"hello");
    }
}

#[test]
fn a_reply_without_a_length_that_ends_in_a_reset_is_unsure() {
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        peer.request();
        peer.say("HTTP/1.1 200 OK\r\n\r\nhalf of");
        peer.reset();
    });
    bytes("POST", &format!("http://{place}/x"), "hello").send(&transport(|_| ())).unsure();
    server.join().unwrap();
}

#[test]
fn garbage_is_unsure() {
    for reply in
        ["SSH-2.0-OpenSSH\r\n\r\n", "\0\0\0\x12\x04\0\0\0\0\0", "HTTP/1.1 abc\r\n\r\n", "HTTP/3 200 OK\r\n\r\n"]
    {
        let (place, server) = serve(move |listener| {
            let mut peer = accept(&listener);
            let seen = peer.request().1;
            peer.say(reply);
            seen
        });
        bytes("POST", &format!("http://{place}/x"), "hello").send(&transport(|_| ())).unsure();
        assert_eq!(server.join().unwrap(), b"hello");
    }
}

#[test]
fn an_early_refusal_is_the_answer_while_the_server_waits() {
    let source = Memory::of_len(MUCH);
    let (done, gate) = gate();
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        let head = peer.head();
        peer.say(TOO_LARGE);
        gate.wait();
        head
    });
    let sent = put(&format!("http://{place}/x"), &source).send(&transport(|_| ()));
    assert_eq!((sent.status(), sent.text()), (413, "big"));
    assert!(sent.source_read < MUCH as u64);
    drop(done);
    assert_eq!(field(&server.join().unwrap(), "content-length"), Some(MUCH.to_string().as_str()));
}

#[test]
fn an_early_refusal_is_the_answer_while_the_server_reads_on() {
    let source = Memory::of_len(MUCH);
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        peer.head();
        peer.say(TOO_LARGE);
        peer.rest().len()
    });
    let sent = put(&format!("http://{place}/x"), &source).send(&transport(|_| ()));
    assert_eq!((sent.status(), sent.text()), (413, "big"));
    assert!(sent.source_read < MUCH as u64);
    // The connection of a request that was cut is closed, not used again.
    assert!(server.join().unwrap() < MUCH);
}

#[test]
fn an_early_refusal_is_the_answer_when_the_server_closes() {
    for (reply, half) in [TOO_LARGE, "HTTP/1.1 413 Too Large\r\n\r\nbig"].iter().flat_map(|r| [(*r, true), (*r, false)])
    {
        let source = Memory::of_len(MUCH);
        let (done, gate) = gate();
        let (place, server) = serve(move |listener| {
            let mut peer = accept(&listener);
            peer.head();
            peer.body(MIB);
            peer.say(reply);
            if half {
                peer.stream.shutdown(std::net::Shutdown::Write).unwrap();
                gate.wait();
            }
        });
        let sent = put(&format!("http://{place}/x"), &source).send(&transport(|_| ()));
        assert_eq!((sent.status(), sent.text()), (413, "big"));
        assert!(sent.source_read < MUCH as u64);
        drop(done);
        server.join().unwrap();
    }
}

#[test]
fn an_early_success_waits_for_the_rest_of_the_body() {
    let source = Memory::of_len(MUCH);
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        peer.head();
        peer.say(ok("fine"));
        peer.body(MUCH)
    });
    let sent = put(&format!("http://{place}/x"), &source).send(&transport(|_| ()));
    assert_eq!((sent.status(), sent.text(), sent.source_read), (200, "fine", MUCH as u64));
    assert!(server.join().unwrap() == source.bytes);
}

#[test]
fn an_early_success_is_the_answer_when_the_rest_is_not_taken() {
    let source = Memory::of_len(MUCH);
    let (done, gate) = gate();
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        peer.head();
        peer.say(ok("fine"));
        gate.wait();
    });
    let sent = put(&format!("http://{place}/x"), &source).send(&transport(|config| config.stall_timeout = STALL));
    assert_eq!((sent.status(), sent.text()), (200, "fine"));
    assert!(sent.source_read < MUCH as u64);
    drop(done);
    server.join().unwrap();
}

#[test]
fn an_endless_reply_is_cut_off_and_unsure() {
    let endless = [
        ("HTTP/1.1 200 OK\r\n\r\n", "x", "longer than 1000 bytes"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", "longer than 1000 bytes"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "x", "longer than 1000 bytes"),
        ("HTTP/1.1 200 OK\r\n", "a: b\r\n", "head"),
        ("HTTP/1.1 200 OK\r\na: ", "b", "head"),
    ];
    for (start, again, expected) in endless {
        let (place, server) = serve(move |listener| {
            let mut peer = accept(&listener);
            let seen = peer.request().1;
            peer.say(start);
            while std::io::Write::write_all(&mut peer.stream, again.repeat(1000).as_bytes()).is_ok() {}
            seen
        });
        let mut call = bytes("POST", &format!("http://{place}/x"), "hello");
        call.limits.reply_bytes = 1000;
        let text = call.send(&transport(|_| ())).unsure();
        assert!(text.contains(expected) || text.contains("too many headers"), "{text}");
        assert_eq!(server.join().unwrap(), b"hello");
    }
}

#[test]
fn a_reply_of_just_the_allowed_length_is_an_answer() {
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        peer.request();
        peer.say(ok("12345"));
    });
    let mut call = bytes("GET", &format!("http://{place}/x"), "");
    call.limits.reply_bytes = 5;
    assert_eq!(call.send(&transport(|_| ())).text(), "12345");
    server.join().unwrap();
}

#[test]
fn a_slow_reply_is_read_as_long_as_it_moves() {
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        peer.request();
        for byte in ok("slow").as_bytes() {
            thread::sleep(Duration::from_millis(60));
            peer.say([*byte]);
        }
    });
    // The whole takes longer than the stall timeout, no single byte does.
    let transport = transport(|config| config.stall_timeout = Duration::from_secs(2));
    assert_eq!(bytes("GET", &format!("http://{place}/x"), "").send(&transport).text(), "slow");
    server.join().unwrap();
}

#[test]
fn a_stalled_reply_is_unsure() {
    for reply in ["HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"] {
        let (done, gate) = gate();
        let (place, server) = serve(move |listener| {
            let mut peer = accept(&listener);
            let seen = peer.request().1;
            peer.say(reply);
            gate.wait();
            seen
        });
        let transport = transport(|config| config.stall_timeout = STALL);
        let text = bytes("POST", &format!("http://{place}/x"), "hello").send(&transport).unsure();
        assert!(text.contains("stalled: nothing moved for 0.3 s"), "{text}");
        drop(done);
        assert_eq!(server.join().unwrap(), b"hello");
    }
}

#[test]
fn a_vendor_may_think_longer_than_the_stall_timeout() {
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        peer.request();
        thread::sleep(STALL * 2);
        peer.say(ok("thought"));
    });
    let transport = transport(|config| config.stall_timeout = STALL);
    assert_eq!(bytes("POST", &format!("http://{place}/x"), "hello").send(&transport).text(), "thought");
    server.join().unwrap();
}

#[test]
fn a_reply_that_never_begins_is_unsure() {
    let (done, gate) = gate();
    let (place, server) = serve(move |listener| {
        let mut peer = accept(&listener);
        let seen = peer.request().1;
        gate.wait();
        seen
    });
    let mut call = bytes("POST", &format!("http://{place}/x"), "hello");
    call.limits.reply_within = STALL;
    let text = call.send(&transport(|_| ())).unsure();
    assert!(text.contains("no complete reply within 0.3 s"), "{text}");
    drop(done);
    assert_eq!(server.join().unwrap(), b"hello");
}

#[test]
fn a_reply_that_trickles_for_too_long_is_unsure() {
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        peer.request();
        peer.say("HTTP/1.1 200 OK\r\n\r\n");
        while std::io::Write::write_all(&mut peer.stream, b".").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    let mut call = bytes("POST", &format!("http://{place}/x"), "hello");
    call.limits.reply_within = STALL;
    let text = call.send(&transport(|_| ())).unsure();
    assert!(text.contains("no complete reply within 0.3 s"), "{text}");
    server.join().unwrap();
}

#[test]
fn a_server_that_stops_reading_is_unsure() {
    let source = Memory::of_len(MUCH);
    let (done, gate) = gate();
    let (place, server) = serve(|listener| {
        let peer = accept(&listener);
        gate.wait();
        drop(peer);
    });
    let sent = put(&format!("http://{place}/x"), &source).send(&transport(|config| config.stall_timeout = STALL));
    let text = sent.unsure();
    assert!(text.contains("stalled"), "{text}");
    assert!(sent.source_read < MUCH as u64);
    drop(done);
    server.join().unwrap();
}

#[test]
fn cancelling_is_noticed_while_the_server_does_not_read() {
    let source = Arc::new(Memory::of_len(MUCH));
    let mut call = put("http://replaced/", &source);
    let cancel = call.cancel.clone();
    let (done, gate) = gate();
    let read = Arc::clone(&source);
    let (place, server) = serve(move |listener| {
        let mut peer = accept(&listener);
        let head = peer.head();
        read.wait_for_rest();
        cancel.cancel();
        gate.wait();
        head
    });
    *call.request.uri_mut() = format!("http://{place}/x").parse().unwrap();
    let sent = call.send(&transport(|_| ()));
    let text = sent.unsure();
    assert!(text.contains("cancelled"), "{text}");
    assert!(sent.source_read < MUCH as u64);
    drop(done);
    assert!(server.join().unwrap().starts_with("PUT /x "));
}

#[test]
fn cancelling_is_noticed_while_the_reply_is_due() {
    let mut call = bytes("POST", "http://replaced/", "hello");
    let cancel = call.cancel.clone();
    let (done, gate) = gate();
    let (place, server) = serve(move |listener| {
        let mut peer = accept(&listener);
        let seen = peer.request().1;
        cancel.cancel();
        gate.wait();
        seen
    });
    *call.request.uri_mut() = format!("http://{place}/x").parse().unwrap();
    let text = call.send(&transport(|_| ())).unsure();
    assert!(text.contains("cancelled"), "{text}");
    drop(done);
    assert_eq!(server.join().unwrap(), b"hello");
}

#[test]
fn cancelling_is_noticed_while_the_connection_is_made() {
    let mut call = bytes("POST", "http://replaced/", "hello");
    let cancel = call.cancel.clone();
    let (done, gate) = gate();
    // It accepts, and never says a word of TLS.
    let (place, server) = serve(move |listener| {
        let peer = accept(&listener);
        cancel.cancel();
        gate.wait();
        drop(peer);
    });
    *call.request.uri_mut() = format!("https://{place}/x").parse().unwrap();
    let text = call.send(&transport(|_| ())).not_sent();
    assert!(text.contains("cancelled"), "{text}");
    drop(done);
    server.join().unwrap();
}

#[test]
fn a_request_that_was_cancelled_before_is_not_sent() {
    let (place, server) = serve(|listener| listener);
    let listener = server.join().unwrap();
    let mut call = bytes("POST", &format!("http://{place}/x"), "hello");
    call.cancel = CancelFlag::new();
    call.cancel.cancel();
    let text = call.send(&transport(|_| ())).not_sent();
    assert!(text.contains("cancelled"), "{text}");
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err());
}

#[test]
fn a_source_that_breaks_is_told_as_such_and_ends_the_connection() {
    let source = Memory { broken_at: Some(2 * MIB as u64), ..Memory::of_len(4 * MIB) };
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        let head = peer.head();
        (head, peer.rest())
    });
    let transport = transport(|_| ());
    let sent = put(&format!("http://{place}/x"), &source).send(&transport);
    assert!(matches!(&sent.answer, Err(SendError::Source(SourceError::Read(_)))), "{:?}", sent.answer);
    assert!(sent.source_error.is_none(), "it is in the answer");
    assert_eq!(sent.source_read, 2 * MIB as u64);
    let (head, body) = server.join().unwrap();
    assert_eq!(field(&head, "content-length"), Some((4 * MIB).to_string().as_str()));
    assert!(body == source.bytes[..2 * MIB]);
}
