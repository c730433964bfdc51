//! Through a SOCKS 5 proxy (RFC 1928, RFC 1929), and what it may do.

use std::time::Duration;

use crate::client::{Client, LOGIN, post};
use crate::identity::Identity;
use crate::server::{End, Peer, ok, serve};
use crate::subject::Subject;

const PLAIN: &str = "http://vendor.example:8080/x?sign=s3cret";
const SECURE: &str = "https://vendor.example/x?sign=s3cret";
/// What a proxy says that has connected, from 0.0.0.0:0.
const CONNECTED: [u8; 10] = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0];

/// What a proxy was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    login: Option<(Vec<u8>, Vec<u8>)>,
    /// 1, 3 or 4: an IPv4 address, a name, an IPv6 address.
    kind: u8,
    host: Vec<u8>,
    port: u16,
}

/// Hears a client out, as far as the proxy's answer. With `login`, nobody gets in without one.
fn asked(peer: &mut Peer, login: bool) -> Asked {
    let methods = greeted(peer);
    let login = if login {
        assert!(methods.contains(&2), "it offers its login: {methods:?}");
        peer.say([5, 2]);
        let login = given(peer);
        peer.say([1, 0]);
        Some(login)
    } else {
        assert!(methods.contains(&0), "it offers to do without a login: {methods:?}");
        peer.say([5, 0]);
        None
    };
    let [version, command, reserved, kind] = peer.body(4)[..] else { unreachable!("four bytes") };
    assert_eq!((version, command, reserved), (5, 1, 0));
    let host = match kind {
        1 => peer.body(4),
        3 => sized(peer),
        4 => peer.body(16),
        other => panic!("{other} is no kind of address"),
    };
    let [high, low] = peer.body(2)[..] else { unreachable!("two bytes") };
    Asked { login, kind, host, port: u16::from_be_bytes([high, low]) }
}

/// The methods that a client offers.
fn greeted(peer: &mut Peer) -> Vec<u8> {
    assert_eq!(peer.body(1), [5]);
    sized(peer)
}

/// User name and password.
fn given(peer: &mut Peer) -> (Vec<u8>, Vec<u8>) {
    assert_eq!(peer.body(1), [1]);
    (sized(peer), sized(peer))
}

fn sized(peer: &mut Peer) -> Vec<u8> {
    let length = peer.body(1)[0];
    peer.body(length.into())
}

fn through(subject: &dyn Subject, scheme: &str, place: &str) -> Client {
    Client::with(subject, |setup| setup.proxy = Some(format!("{scheme}://{place}")))
}

pub(crate) fn a_socks_proxy_is_asked_for_a_connection_to_the_name(subject: &dyn Subject) {
    for login in [false, true] {
        let (place, proxy) = serve(move |mut listener| {
            let mut peer = listener.accept();
            let asked = asked(&mut peer, login);
            // Byte by byte, and the server's answer behind it.
            CONNECTED.iter().for_each(|byte| peer.say([*byte]));
            let seen = peer.request();
            peer.say(ok("through"));
            (asked, seen)
        });
        let place = if login { format!("{LOGIN}@{place}") } else { place };
        through(subject, "socks5h", &place).send(post(PLAIN, "hello")).answers(200, "through");
        let (asked, seen) = proxy.join();
        let expected = login.then(|| (b"me".to_vec(), b"p4ssw0rd".to_vec()));
        assert_eq!(asked, Asked { login: expected, kind: 3, host: b"vendor.example".to_vec(), port: 8080 });
        assert_eq!(seen.head.line, "POST /x?sign=s3cret HTTP/1.1", "as without a proxy");
        assert_eq!(seen.head.text("host"), Some("vendor.example:8080"));
        assert!(seen.head.all("proxy-authorization").is_empty());
        assert_eq!(seen.body, b"hello");
    }
}

pub(crate) fn a_socks_proxy_is_asked_for_a_connection_to_the_address(subject: &dyn Subject) {
    for (scheme, host) in [("socks5", "localhost"), ("socks5", "127.0.0.1"), ("socks5h", "127.0.0.1")] {
        let (place, proxy) = serve(|mut listener| {
            let mut peer = listener.accept();
            let asked = asked(&mut peer, false);
            // A name is a place, too.
            peer.say([5, 0, 0, 3, 1, b'x', 0, 1]);
            let seen = peer.request();
            peer.say(ok(""));
            (asked, seen)
        });
        let url = format!("http://{host}:81/x?sign=s3cret");
        through(subject, scheme, &place).send(post(&url, "hello")).answers(200, "");
        let (asked, seen) = proxy.join();
        match asked.kind {
            1 => assert_eq!(asked.host, [127, 0, 0, 1]),
            4 => assert_eq!((host, asked.host.last()), ("localhost", Some(&1))),
            kind => panic!("{scheme} {host}: {kind}"),
        }
        assert_eq!(asked.port, 81);
        assert_eq!(seen.head.text("host"), Some(format!("{host}:81").as_str()));
    }
}

pub(crate) fn a_socks_proxy_sees_nothing_of_an_https_request(subject: &dyn Subject) {
    let identity = Identity::of("vendor.example");
    let tls = identity.tls();
    let (place, proxy) = serve(move |mut listener| {
        let mut plain = listener.accept();
        let asked = asked(&mut plain, false);
        plain.say(CONNECTED);
        let mut peer = tls(plain.stream);
        let seen = peer.request();
        peer.say(ok("through"));
        (asked, seen)
    });
    let client = Client::with(subject, |setup| {
        setup.ca_file = Some(identity.ca_file.path().to_owned());
        setup.proxy = Some(format!("socks5h://{place}"));
    });
    client.send(post(SECURE, "body")).answers(200, "through");
    let (asked, seen) = proxy.join();
    assert_eq!((asked.host, asked.port), (b"vendor.example".to_vec(), 443));
    assert_eq!(seen.head.text("host"), Some("vendor.example"));
    assert_eq!(seen.body, b"body");
}

pub(crate) fn a_login_at_a_socks_proxy_may_be_escaped(subject: &dyn Subject) {
    let (place, proxy) = serve(|mut listener| {
        let mut peer = listener.accept();
        let asked = asked(&mut peer, true);
        peer.say(CONNECTED);
        peer.request();
        peer.say(ok(""));
        asked
    });
    through(subject, "socks5h", &format!("me:p%40s%3As@{place}")).send(post(PLAIN, "hello")).answers(200, "");
    assert_eq!(proxy.join().login, Some((b"me".to_vec(), b"p@s:s".to_vec())));
}

pub(crate) fn a_socks_proxy_that_refuses_is_not_sent(subject: &dyn Subject) {
    // It lets nobody in, wants a login that there is none of, or speaks HTTP.
    for greeting in [&[5, 0xff][..], &[5, 2], &[4, 0], b"HTTP/1.1 400 Bad Request\r\n\r\n"] {
        let (place, proxy) = serve(move |mut listener| {
            let mut peer = listener.accept();
            greeted(&mut peer);
            peer.say(greeting);
            peer.rest()
        });
        through(subject, "socks5h", &place).send(post(PLAIN, "hello")).not_sent();
        assert_eq!(proxy.join(), b"");
    }
    for url in [PLAIN, SECURE] {
        for reply in 1..=9 {
            let (place, proxy) = serve(move |mut listener| {
                let mut peer = listener.accept();
                asked(&mut peer, false);
                peer.say([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]);
                peer.rest()
            });
            through(subject, "socks5h", &place).send(post(url, "hello")).not_sent();
            assert_eq!(proxy.join(), b"");
        }
    }
    let (place, proxy) = serve(|mut listener| {
        let mut peer = listener.accept();
        greeted(&mut peer);
        peer.say([5, 2]);
        given(&mut peer);
        peer.say([1, 1]);
        peer.rest()
    });
    through(subject, "socks5h", &format!("{LOGIN}@{place}")).send(post(PLAIN, "hello")).not_sent();
    assert_eq!(proxy.join(), b"");
}

pub(crate) fn a_socks_proxy_that_drops_the_connection_is_not_sent(subject: &dyn Subject) {
    for end in End::ALL {
        for said in [0, 1, 4, 9] {
            let (place, proxy) = serve(move |mut listener| {
                let mut peer = listener.accept();
                asked(&mut peer, false);
                peer.say(&CONNECTED[..said]);
                peer.end(end);
                listener
            });
            through(subject, "socks5h", &place).send(post(PLAIN, "hello")).not_sent();
            proxy.join().nothing_more();
        }
    }
}

pub(crate) fn a_socks_proxy_that_never_answers_is_not_sent(subject: &dyn Subject) {
    for said in [0, 5] {
        let (place, proxy) = serve(move |mut listener| {
            let mut peer = listener.accept();
            asked(&mut peer, false);
            peer.say(&CONNECTED[..said]);
            (peer.rest(), listener)
        });
        let client = Client::with(subject, |setup| {
            setup.proxy = Some(format!("socks5h://{place}"));
            setup.connect_timeout = Duration::from_millis(500);
        });
        client.send(post(PLAIN, "hello")).not_sent();
        let (more, mut listener) = proxy.join();
        assert_eq!(more, b"");
        listener.nothing_more();
    }
}

pub(crate) fn a_socks_proxy_that_drops_a_request_is_unsure(subject: &dyn Subject) {
    for end in End::ALL {
        let (place, proxy) = serve(move |mut listener| {
            let mut peer = listener.accept();
            asked(&mut peer, false);
            peer.say(CONNECTED);
            let seen = peer.request();
            peer.end(end);
            (seen, listener)
        });
        through(subject, "socks5h", &place).send(post(PLAIN, "hello")).unsure();
        let (seen, mut listener) = proxy.join();
        assert_eq!(seen.body, b"hello");
        listener.nothing_more();
    }
}
