//! Over TLS: whom the transport trusts, and that all else is as without it.

mod scripted;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use resumable_core::{Body, Segment};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use scripted::{Memory, Peer, accept, accept_tcp, bytes, gate, ok, put, serve, transport};
use tempfile::NamedTempFile;

const MUCH: usize = 64 << 20;

type TlsPeer = Peer<StreamOwned<ServerConnection, TcpStream>>;

/// A server's own certificate for one name, and the file that makes a client trust it.
fn identity(name: &str) -> (Arc<ServerConfig>, NamedTempFile) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), made.cert.pem()).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    (Arc::new(config), file)
}

fn accept_tls(listener: &TcpListener, config: &Arc<ServerConfig>) -> TlsPeer {
    over_tls(accept_tcp(listener), config)
}

fn over_tls(stream: TcpStream, config: &Arc<ServerConfig>) -> TlsPeer {
    Peer::new(StreamOwned::new(ServerConnection::new(Arc::clone(config)).unwrap(), stream))
}

fn trusting(ca: &NamedTempFile) -> resumable_transport_ureq::UreqTransport {
    transport(|config| config.ca_file = Some(ca.path().to_owned()))
}

#[test]
fn a_server_of_the_ca_file_is_trusted_and_its_connection_used_again() {
    let (config, ca) = identity("127.0.0.1");
    let (place, server) = serve(move |listener| {
        let mut peer = accept_tls(&listener, &config);
        ["one", "two"].map(|reply| {
            let seen = peer.request();
            peer.say(ok(reply));
            seen
        })
    });
    let transport = trusting(&ca);
    let url = format!("https://{place}/x?y");
    assert_eq!(bytes("POST", &url, "1").send(&transport).text(), "one");
    assert_eq!(bytes("POST", &url, "22").send(&transport).text(), "two");
    let seen = server.join().unwrap();
    assert!(seen[0].0.starts_with("POST /x?y HTTP/1.1\r\n"), "{}", seen[0].0);
    assert_eq!(seen.map(|(_, body)| body), [b"1".to_vec(), b"22".to_vec()]);
}

#[test]
fn an_unknown_server_is_refused_before_anything_is_sent() {
    let (known, ca) = identity("127.0.0.1");
    let (elsewhere, other_ca) = identity("example.com");
    let cases = [(known, None), (elsewhere, Some(&other_ca)), (identity("127.0.0.1").0, Some(&ca))];
    for (config, trusted) in cases {
        let (place, server) = serve(move |listener| {
            let mut peer = accept_tls(&listener, &config);
            peer.rest()
        });
        let transport = transport(|config| config.ca_file = trusted.map(|file| file.path().to_owned()));
        let text = bytes("POST", &format!("https://{place}/x"), "hello").send(&transport).not_sent();
        assert!(text.contains("TLS") && text.contains("certificate"), "{text}");
        assert!(server.join().unwrap().is_empty());
    }
}

#[test]
fn a_server_without_tls_is_not_sent_anything() {
    let (place, server) = serve(|listener| {
        let mut peer = accept(&listener);
        peer.say("HTTP/1.1 400 Bad Request\r\n\r\n");
        String::from_utf8_lossy(&peer.rest()).into_owned()
    });
    let text = bytes("POST", &format!("https://{place}/x"), "hello").send(&transport(|_| ())).not_sent();
    assert!(text.contains("TLS"), "{text}");
    assert!(!server.join().unwrap().contains("hello"));
}

#[test]
fn a_handshake_that_takes_too_long_is_not_sent() {
    let (done, gate) = gate();
    let (place, server) = serve(|listener| {
        let peer = accept(&listener);
        gate.wait();
        drop(peer);
    });
    let transport = transport(|config| config.connect_timeout = Duration::from_millis(300));
    let text = bytes("POST", &format!("https://{place}/x"), "hello").send(&transport).not_sent();
    assert!(text.contains("no connection") && text.contains("0.3 s"), "{text}");
    drop(done);
    server.join().unwrap();
}

#[test]
fn a_large_body_arrives_whole() {
    let (config, ca) = identity("127.0.0.1");
    let source = Memory::of_len(5 << 20);
    let mut call = put("https://replaced/", &source);
    let mut body = Body::empty();
    body.push(Segment::Source(3..5 << 20));
    *call.request.body_mut() = body;
    let (place, server) = serve(move |listener| {
        let mut peer = accept_tls(&listener, &config);
        let seen = peer.request().1;
        peer.say(ok("all"));
        seen
    });
    *call.request.uri_mut() = format!("https://{place}/x").parse().unwrap();
    assert_eq!(call.send(&trusting(&ca)).text(), "all");
    assert!(server.join().unwrap() == source.bytes[3..]);
}

#[test]
fn an_early_refusal_is_the_answer() {
    for close in [false, true] {
        let (config, ca) = identity("127.0.0.1");
        let source = Memory::of_len(MUCH);
        let (done, gate) = gate();
        let (place, server) = serve(move |listener| {
            let mut peer = accept_tls(&listener, &config);
            peer.head();
            peer.say("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
            if !close {
                gate.wait();
            }
        });
        let sent = put(&format!("https://{place}/x"), &source).send(&trusting(&ca));
        assert_eq!((sent.status(), sent.text()), (413, "big"));
        assert!(sent.source_read < MUCH as u64);
        drop(done);
        server.join().unwrap();
    }
}

#[test]
fn a_reply_without_a_length_counts_only_if_tls_ends_it() {
    for whole in [true, false] {
        let (config, ca) = identity("127.0.0.1");
        let (place, server) = serve(move |listener| {
            let mut peer = accept_tls(&listener, &config);
            let seen = peer.request().1;
            peer.say("HTTP/1.1 200 OK\r\n\r\nhello");
            if whole {
                peer.stream.conn.send_close_notify();
                peer.stream.flush().unwrap();
            }
            peer.stream.sock.shutdown(Shutdown::Write).unwrap();
            let _ = peer.stream.sock.read(&mut [0; 100]);
            seen
        });
        let sent = bytes("POST", &format!("https://{place}/x"), "body").send(&trusting(&ca));
        if whole {
            assert_eq!(sent.text(), "hello");
        } else {
            sent.unsure();
        }
        assert_eq!(server.join().unwrap(), b"body");
    }
}

#[test]
fn a_proxy_is_asked_for_a_tunnel() {
    let (config, ca) = identity("vendor.example");
    let (place, proxy) = serve(move |listener| {
        let mut plain = accept(&listener);
        let connect = plain.head();
        plain.say("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n");
        let mut peer = over_tls(plain.stream, &config);
        let seen = peer.request();
        peer.say(ok("through"));
        (connect, seen)
    });
    let transport = transport(|config| {
        config.ca_file = Some(ca.path().to_owned());
        config.proxy = resumable_transport_ureq::Proxy::Url(format!("http://me:p%40ss@{place}"));
    });
    let sent = bytes("POST", "https://vendor.example/x?y", "body").send(&transport);
    assert_eq!(sent.text(), "through");
    let (connect, (head, body)) = proxy.join().unwrap();
    assert!(connect.starts_with("CONNECT vendor.example:443 HTTP/1.1\r\nhost: vendor.example:443\r\n"), "{connect}");
    assert!(connect.contains("proxy-authorization: Basic bWU6cEBzcw==\r\n"), "{connect}");
    assert!(head.starts_with("POST /x?y HTTP/1.1\r\n") && !head.contains("proxy-"), "{head}");
    assert_eq!(body, b"body");
}
