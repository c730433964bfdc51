//! Where this transport promises more than the list of hostile servers asks: its words, and verdicts that are surer.

mod subject;

use std::sync::mpsc::channel;
use std::time::Duration;

use resumable_hostile::client::{Client, KIB, MIB, MUCH, SHORT, at, post, put};
use resumable_hostile::server::{Listener, Script, gate, ok, refuse, serve};
use resumable_hostile::{Call, Memory};
use resumable_transport_ureq::{Config, ConfigError, Proxy, UreqTransport};
use subject::Ureq;

const TOO_LARGE: &str = "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig";

fn reply(reply: &'static str) -> (String, Script<Listener>) {
    serve(move |mut listener| {
        let mut peer = listener.accept();
        peer.request();
        peer.say(reply);
        listener
    })
}

#[test]
fn a_failed_connection_is_named_with_its_request_and_its_place() {
    let (place, _held) = refuse();
    let text = Client::open(&Ureq).send(post(&at(&place), "hello")).not_sent();
    assert!(text.contains(&format!("POST http://{place}/x: cannot connect to {place}")), "{text}");
    let through = Client::with(&Ureq, |setup| setup.proxy = Some(format!("http://{place}")));
    let text = through.send(post("https://vendor.example/x", "hello")).not_sent();
    assert!(text.contains(&format!("POST https://vendor.example/x: cannot connect to {place}")), "{text}");
}

#[test]
fn a_connection_that_fails_is_told_from_a_reply_that_is_cut() {
    let (place, server) = serve(|mut listener| {
        let mut peer = listener.accept();
        peer.head();
        peer.body(MIB);
    });
    let text = Client::open(&Ureq).send(put(&at(&place), &Memory::of_len(MUCH))).unsure();
    assert!(text.contains("while the request was sent"), "{text}");
    server.join();
    let (place, server) = reply("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
    let text = Client::open(&Ureq).send(post(&at(&place), "hello")).unsure();
    assert!(text.contains("closed before the reply was complete"), "{text}");
    server.join();
}

#[test]
fn a_reply_that_is_too_long_is_told_with_the_limit() {
    let (place, server) = reply("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n123456");
    let mut call = post(&at(&place), "hello");
    call.limits.reply_bytes = 5;
    let text = Client::open(&Ureq).send(call).unsure();
    assert!(text.contains("longer than 5 bytes"), "{text}");
    server.join();
}

#[test]
fn time_limits_are_told_with_their_time() {
    for (begun, expected) in [("", "no complete reply within 0.5 s"), ("HTTP/1.1 200 OK", "stalled: no data for 0.5 s")]
    {
        let (done, gate) = gate();
        let (place, server) = serve(move |mut listener| {
            let mut peer = listener.accept();
            peer.request();
            peer.say(begun);
            gate.wait();
        });
        let mut call = post(&at(&place), "hello");
        let client = Client::with(&Ureq, |setup| {
            if begun.is_empty() { call.limits.reply_within = SHORT } else { setup.stall_timeout = SHORT }
        });
        let text = client.send(call).unsure();
        assert!(text.contains(expected), "{text}");
        drop(done);
        server.join();
    }
}

#[test]
fn a_handshake_that_takes_too_long_is_told_with_its_time() {
    let (place, server) = serve(|mut listener| listener.accept().rest());
    let client = Client::with(&Ureq, |setup| setup.connect_timeout = Duration::from_millis(300));
    let text = client.send(post(&format!("https://{place}/x"), "hello")).not_sent();
    assert!(text.contains(&format!("no connection to {place} within 0.3 s")), "{text}");
    server.join();
}

#[test]
fn a_proxys_refusal_is_told_as_such() {
    let refusals = [
        ("HTTP/1.1 403 No\r\n\r\n", "refused the connection with status 403"),
        ("HTTP/1.1 407 Login\r\n\r\n", "wants a user name and password"),
        ("what?\r\n\r\n", "answer to CONNECT is not HTTP"),
    ];
    for (reply, expected) in refusals {
        let (place, proxy) = serve(move |mut listener| {
            let mut peer = listener.accept();
            peer.any_head();
            peer.say(reply);
            peer.rest();
        });
        let client = Client::with(&Ureq, |setup| setup.proxy = Some(format!("http://{place}")));
        let text = client.send(post("https://vendor.example/x", "hello")).not_sent();
        assert!(text.contains("the proxy") && text.contains(expected), "{text}");
        proxy.join();
    }
}

#[test]
fn a_request_that_was_cancelled_before_it_left_is_not_sent() {
    let call = post("http://127.0.0.1:9/x", "hello");
    call.cancel.cancel();
    let text = Client::open(&Ureq).send(call).not_sent();
    assert!(text.contains("cancelled"), "{text}");
    let (tell, told) = channel::<Call>();
    // It accepts, and never says a word of TLS.
    let (place, server) = serve(move |mut listener| {
        let mut peer = listener.accept();
        told.recv().unwrap().cancel.cancel();
        peer.rest()
    });
    let call = post(&format!("https://{place}/x"), "hello");
    tell.send(call.clone()).unwrap();
    let text = Client::open(&Ureq).send(call).not_sent();
    assert!(text.contains("cancelled"), "{text}");
    server.join();
}

/// Linux keeps what came in before the reset, and so it can be read.
#[cfg(target_os = "linux")]
#[test]
fn an_early_refusal_is_the_answer_even_if_a_reset_follows() {
    for reply in [TOO_LARGE, "HTTP/1.1 413 Too Large\r\n\r\nbig"] {
        let (place, server) = serve(move |mut listener| {
            let mut peer = listener.accept();
            peer.head();
            peer.body(MIB);
            peer.say(reply);
        });
        Client::open(&Ureq).send(put(&at(&place), &Memory::of_len(MUCH))).answers(413, "big");
        server.join();
    }
}

#[test]
fn an_early_success_is_the_answer_even_if_the_rest_is_not_taken() {
    let (done, gate) = gate();
    let (place, server) = serve(move |mut listener| {
        let mut peer = listener.accept();
        peer.head();
        peer.say(ok("fine"));
        gate.wait();
    });
    let client = Client::with(&Ureq, |setup| setup.stall_timeout = SHORT);
    client.send(put(&at(&place), &Memory::of_len(MUCH))).answers(200, "fine");
    drop(done);
    server.join();
}

#[test]
fn dots_and_quotes_go_out_byte_for_byte() {
    for target in ["/a/./b/../c/..", "/%2e%2e/%2E/x", "/x?q='a'"] {
        let (place, server) = serve(move |mut listener| {
            let mut peer = listener.accept();
            let seen = peer.request();
            peer.say(ok(""));
            seen.head.line
        });
        Client::open(&Ureq).send(post(&format!("http://{place}{target}"), "hello")).answers(200, "");
        assert_eq!(server.join(), format!("POST {target} HTTP/1.1"));
    }
}

#[test]
fn no_accept_goes_out() {
    let (place, server) = serve(move |mut listener| {
        let mut peer = listener.accept();
        let seen = peer.request();
        peer.say(ok(""));
        seen.head
    });
    Client::open(&Ureq).send(post(&at(&place), "hello")).answers(200, "");
    assert!(server.join().all("accept").is_empty());
}

#[test]
fn a_source_is_read_in_pieces_of_one_buffer() {
    let (place, server) = reply("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nall");
    let source = Memory::of_len(2 * MIB);
    Client::open(&Ureq).send(put(&at(&place), &source)).answers(200, "all");
    assert!(source.largest_read() <= 128 * KIB, "{}", source.largest_read());
    server.join();
}

#[test]
fn a_proxy_that_is_none_is_an_error_without_its_secrets() {
    let mut config = Config::default();
    config.proxy = Proxy::Url("socks4://me:s3cret@host".to_owned());
    assert!(!format!("{config:?}").contains("s3cret"));
    let error = UreqTransport::new(config).unwrap_err();
    assert!(matches!(error, ConfigError::Proxy { .. }));
    assert!(error.to_string().contains("socks5") && !error.to_string().contains("s3cret"), "{error}");
}
