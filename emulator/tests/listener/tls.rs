//! TLS on the listener.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use crate::client::*;
use resumable_emulator::{Fault, Listener, Rule, Tls};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

const LIST: &str = "POST /files/v2/10055004/accesslog/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// Asks for something without a signature, trusting this authority, and reads to the end.
fn ask(listener: &Listener, ca: &str, name: &'static str) -> io::Result<String> {
    let mut roots = RootCertStore::empty();
    let ca = CertificateDer::from_pem_slice(ca.as_bytes()).expect("a certificate");
    roots.add(ca).expect("an authority");
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name).expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, TcpStream::connect(listener.local_addr())?);
    stream.write_all(LIST.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn who_is_given_the_authority_trusts_the_listener() {
    let tls = Tls::self_made(&["localhost", "127.0.0.1"]).expect("a certificate");
    let ca = tls.ca_pem().expect("an authority");
    let listener = Listener::bind_tls("127.0.0.1:0", Arc::new(emulator()), &tls).expect("a port");
    assert!(listener.base_url().starts_with("https://127.0.0.1:"));
    for name in ["localhost", "127.0.0.1"] {
        let answer = ask(&listener, ca, name).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{answer}");
    }
    assert!(ask(&listener, ca, "example.com").is_err(), "another name");
    let other = Tls::self_made(&["localhost"]).expect("a certificate");
    assert!(ask(&listener, other.ca_pem().expect("an authority"), "localhost").is_err(), "another authority");
}

#[test]
fn plain_http_is_not_spoken_there() {
    let tls = Tls::self_made(&["localhost"]).expect("a certificate");
    let emulator = Arc::new(emulator());
    let listener = Listener::bind_tls("127.0.0.1:0", Arc::clone(&emulator), &tls).expect("a port");
    let mut stream = TcpStream::connect(listener.local_addr()).expect("connected");
    stream.write_all(LIST.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"));
    assert_eq!(emulator.totals().requests, 0);
}

#[test]
fn faults_reach_through_tls() {
    let tls = Tls::self_made(&["localhost"]).expect("a certificate");
    let emulator = Arc::new(emulator());
    let listener = Listener::bind_tls("127.0.0.1:0", Arc::clone(&emulator), &tls).expect("a port");
    let ask = || ask(&listener, tls.ca_pem().expect("an authority"), "localhost");
    emulator.inject(Rule::any(Fault::Reset));
    assert_eq!(ask().expect_err("a reset").kind(), io::ErrorKind::ConnectionReset);
    emulator.inject(Rule::any(Fault::CutReply));
    assert_eq!(ask().expect_err("an end without notice").kind(), io::ErrorKind::UnexpectedEof);
    emulator.inject(Rule::any(Fault::Trickle { millis: 0 }));
    assert!(ask().expect("an answer").starts_with("HTTP/1.1 403 "));
}

#[test]
fn certificates_that_cannot_be_used_are_named() {
    let refused = Tls::from_pem(b"", b"").expect_err("nothing");
    assert!(refused.to_string().contains("the certificate"), "{refused}");
    let tls = Tls::self_made(&["localhost"]).expect("a certificate");
    let refused = Tls::from_pem(tls.ca_pem().expect("one").as_bytes(), b"x").expect_err("no key");
    assert!(refused.to_string().contains("the key"), "{refused}");
    assert!(Tls::self_made(&["名"]).is_err());
}
