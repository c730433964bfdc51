//! Through a proxy, and what a proxy may do.

use std::time::Duration;

use crate::client::{BASIC, Client, LOGIN, post};
use crate::head::Head;
use crate::identity::Identity;
use crate::server::{End, ok, refuse, serve};
use crate::subject::Subject;

const PLAIN: &str = "http://vendor.example:8080/a/b?sign=s3cret";
const SECURE: &str = "https://vendor.example/x?sign=s3cret";

fn through(subject: &dyn Subject, place: &str) -> Client {
    Client::with(subject, |setup| setup.proxy = Some(format!("http://{LOGIN}@{place}")))
}

pub(crate) fn a_proxy_gets_http_requests_in_absolute_form(subject: &dyn Subject) {
    let (place, proxy) = serve(|mut listener| {
        ["one", "two"].map(|reply| {
            let mut peer = listener.caller();
            let seen = peer.request();
            peer.say(ok(reply));
            listener.keep(peer);
            seen
        })
    });
    let client = through(subject, &place);
    client.send(post(PLAIN, "hello")).answers(200, "one");
    client.send(post("http://vendor.example/%2F~?", "again")).answers(200, "two");
    let [first, second] = proxy.join();
    assert_eq!(first.head.line, format!("POST {PLAIN} HTTP/1.1"));
    assert_eq!(first.head.text("host"), Some("vendor.example:8080"));
    assert_eq!(first.body, b"hello");
    assert_eq!(second.head.line, "POST http://vendor.example/%2F~? HTTP/1.1");
    assert_eq!(second.head.text("host"), Some("vendor.example"));
    for head in [first.head, second.head] {
        assert_eq!(head.text("proxy-authorization"), Some(BASIC));
    }
}

pub(crate) fn a_proxy_is_asked_for_a_tunnel(subject: &dyn Subject) {
    for accepted in [
        "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\n",
        // RFC 9110, 9.3.6: here a length means nothing.
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
    ] {
        tunnel(subject, accepted);
    }
}

fn tunnel(subject: &dyn Subject, accepted: &'static str) {
    let identity = Identity::of("vendor.example");
    let tls = identity.tls();
    let (place, proxy) = serve(move |mut listener| {
        let mut plain = listener.accept();
        let connect = plain.any_head();
        accepted.bytes().for_each(|byte| plain.say([byte]));
        let mut peer = tls(plain.stream);
        let seen = peer.request();
        peer.say(ok("through"));
        (connect, seen)
    });
    let client = Client::with(subject, |setup| {
        setup.ca_file = Some(identity.ca_file.path().to_owned());
        setup.proxy = Some(format!("http://{LOGIN}@{place}"));
    });
    client.send(post(SECURE, "body")).answers(200, "through");
    let (connect, seen) = proxy.join();
    must_be_a_tunnel(&connect);
    assert_eq!(seen.head.line, "POST /x?sign=s3cret HTTP/1.1");
    assert_eq!(seen.head.text("host"), Some("vendor.example"));
    assert!(seen.head.all("proxy-authorization").is_empty(), "the login is the proxy's alone");
    assert_eq!(seen.body, b"body");
}

fn must_be_a_tunnel(connect: &Head) {
    assert_eq!(connect.line, "CONNECT vendor.example:443 HTTP/1.1");
    assert_eq!(connect.text("host"), Some("vendor.example:443"));
    assert_eq!(connect.text("proxy-authorization"), Some(BASIC));
    assert!(connect.all("authorization").is_empty());
}

pub(crate) fn a_login_in_the_proxys_address_may_be_escaped(subject: &dyn Subject) {
    let (place, proxy) = serve(|mut listener| {
        let mut peer = listener.accept();
        let seen = peer.request();
        peer.say(ok(""));
        seen
    });
    let client = Client::with(subject, |setup| setup.proxy = Some(format!("http://me:p%40s%3As@{place}")));
    client.send(post(PLAIN, "hello")).answers(200, "");
    assert_eq!(proxy.join().head.text("proxy-authorization"), Some("Basic bWU6cEBzOnM="));
}

pub(crate) fn a_tunnel_that_is_refused_is_not_sent(subject: &dyn Subject) {
    let refusals = [
        "HTTP/1.1 403 No\r\n\r\n",
        "HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\noops",
        "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\n\r\n",
        "HTTP/1.1 302 There\r\nLocation: http://vendor.example/\r\n\r\n",
        "what?\r\n\r\n",
    ];
    for reply in refusals {
        let (place, proxy) = serve(move |mut listener| {
            let mut peer = listener.accept();
            let connect = peer.any_head();
            peer.say(reply);
            (connect, peer.rest(), listener)
        });
        through(subject, &place).send(post(SECURE, "hello")).not_sent();
        let (connect, more, mut listener) = proxy.join();
        must_be_a_tunnel(&connect);
        assert!(more.is_empty());
        listener.nothing_more();
    }
}

pub(crate) fn a_tunnel_that_is_dropped_is_not_sent(subject: &dyn Subject) {
    for said in ["", "HTTP/1.1 200 Conn", "HTTP/1.1 200 Connection established\r\n\r\n"] {
        for end in End::ALL {
            let (place, proxy) = serve(move |mut listener| {
                let mut peer = listener.accept();
                let connect = peer.any_head();
                peer.say(said);
                peer.end(end);
                (connect, listener)
            });
            through(subject, &place).send(post(SECURE, "hello")).not_sent();
            let (connect, mut listener) = proxy.join();
            must_be_a_tunnel(&connect);
            listener.nothing_more();
        }
    }
}

/// It says nothing, or never stops saying.
pub(crate) fn a_tunnel_that_is_never_there_is_not_sent(subject: &dyn Subject) {
    for again in ["", "a: b\r\n"] {
        let (place, proxy) = serve(move |mut listener| {
            let mut peer = listener.accept();
            let connect = peer.any_head();
            if !again.is_empty() {
                peer.say("HTTP/1.1 200 OK\r\n");
                while peer.try_say(again.repeat(1000)).is_ok() {}
            }
            (connect, peer.rest(), listener)
        });
        let client = Client::with(subject, |setup| {
            setup.proxy = Some(format!("http://{LOGIN}@{place}"));
            setup.connect_timeout = Duration::from_millis(500);
        });
        client.send(post(SECURE, "hello")).not_sent();
        let (connect, more, mut listener) = proxy.join();
        must_be_a_tunnel(&connect);
        assert!(more.is_empty());
        listener.nothing_more();
    }
}

pub(crate) fn a_proxy_that_is_down_is_not_sent(subject: &dyn Subject) {
    let (place, _held) = refuse();
    for url in [PLAIN, SECURE] {
        let text = through(subject, &place).send(post(url, "hello")).not_sent();
        assert!(text.contains(&place), "it says where: {text}");
    }
}

/// Over plain http the proxy speaks for the server: the vendor's own refusals look the same.
pub(crate) fn a_refusal_of_the_proxy_is_an_answer_over_plain_http(subject: &dyn Subject) {
    for status in [407, 502] {
        let (place, proxy) = serve(move |mut listener| {
            let mut peer = listener.accept();
            let seen = peer.request();
            peer.say(format!("HTTP/1.1 {status} No\r\nContent-Length: 2\r\n\r\nno"));
            (seen, listener)
        });
        through(subject, &place).send(post(PLAIN, "hello")).answers(status, "no");
        let (seen, mut listener) = proxy.join();
        assert_eq!(seen.body, b"hello");
        listener.nothing_more();
    }
}

pub(crate) fn a_proxy_that_drops_a_plain_request_is_unsure(subject: &dyn Subject) {
    for end in End::ALL {
        let (place, proxy) = serve(move |mut listener| {
            let mut peer = listener.accept();
            let seen = peer.request();
            peer.end(end);
            (seen, listener)
        });
        through(subject, &place).send(post(PLAIN, "hello")).unsure();
        let (seen, mut listener) = proxy.join();
        assert_eq!(seen.body, b"hello");
        listener.nothing_more();
    }
}
