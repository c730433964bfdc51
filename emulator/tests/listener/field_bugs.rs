//! Clients that stall or are many hold up nobody, and keep nothing.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::client::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use resumable_emulator::cos::Account;
use resumable_emulator::{Config, Connections, DiskStorage, Emulator, Listener, MemoryStorage};
use sha1::Sha1;

/// Shorter than any of the limits that are not asked for.
const SHORT: u64 = 50;
/// A read that takes longer has hung: the test fails in place of waiting for ever.
const HUNG: Duration = Duration::from_secs(30);

fn served(change: impl FnOnce(&mut Config)) -> (Arc<Emulator>, Listener) {
    let emulator = Emulator::new(tiny(change), Box::new(MemoryStorage::new())).expect("an emulator");
    let emulator = Arc::new(emulator);
    let listener = Listener::bind("127.0.0.1:0", Arc::clone(&emulator)).expect("a port");
    (emulator, listener)
}

fn limited(limit: impl FnOnce(&mut Connections)) -> (Arc<Emulator>, Listener) {
    served(|config| limit(&mut config.connections))
}

fn connected(listener: &Listener) -> TcpStream {
    let stream = TcpStream::connect(listener.local_addr()).expect("connected");
    stream.set_read_timeout(Some(HUNG)).expect("a socket");
    stream
}

/// All that comes until the server closes; a reset is an end, too.
fn to_the_end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    if let Err(error) = stream.read_to_end(&mut answer) {
        let hung = matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut);
        assert!(!hung, "the connection was kept");
    }
    String::from_utf8_lossy(&answer).into_owned()
}

fn eventually(what: &str, is: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < HUNG, "never: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

fn request(body: &[u8], more: &str) -> Vec<u8> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let account = Account::default();
    let clear =
        format!("a={}&b={}&k={}&e={}&t={now}&r=1&f=", account.appid, account.bucket, account.secret_id, now + 300);
    let sign = sign_text(&clear, &account.secret_key);
    let head = format!(
        "POST {URL} HTTP/1.1\r\nHost: x\r\nAuthorization: {sign}\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\n\
         Content-Length: {}\r\n{more}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[test]
fn field_bug_92_a_head_that_stalls_is_given_up() {
    let (emulator, listener) = limited(|limits| limits.header_timeout_ms = SHORT);
    for begun in ["", "POST /files/v2/10055004/accesslog/x HTTP/1.1\r\nHost:"] {
        let mut stream = connected(&listener);
        stream.write_all(begun.as_bytes()).expect("sent");
        to_the_end(&mut stream);
    }
    let mut kept_open = connected(&listener);
    let list = form(&[Text("op", "upload_slice_list")]);
    kept_open.write_all(&request(&list, "")).expect("sent");
    assert_eq!(to_the_end(&mut kept_open).matches("HTTP/1.1 404 ").count(), 1);
    assert_eq!(emulator.totals().requests, 1);
}

fn spooled(folder: &Path) -> usize {
    std::fs::read_dir(folder.join(".work/spool")).expect("a folder").count()
}

#[test]
fn field_bug_92_a_body_that_stalls_is_given_up_with_all_that_came_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = tiny(|config| {
        config.connections.body_timeout_ms = SHORT;
        config.cos_v2.limits.one_request = 16 << 20;
    });
    let storage = Box::new(DiskStorage::open(folder.path()).expect("a folder"));
    let emulator = Arc::new(Emulator::new(config, storage).expect("an emulator"));
    let listener = Listener::bind("127.0.0.1:0", Arc::clone(&emulator)).expect("a port");
    // Longer than what is held in memory, so that some of it is in a file.
    let body = form(&[Text("op", "upload"), File(&vec![7; 9 << 20])]);
    let sent = request(&body, "");
    let mut stream = connected(&listener);
    stream.write_all(&sent[..sent.len() - 100]).expect("sent");
    assert_eq!(to_the_end(&mut stream), "", "it is no answer to a request that is not there");
    eventually("the connection has ended", || listener.connections() == 0);
    let totals = emulator.totals();
    assert_eq!((totals.requests, totals.cut), (0, 1));
    assert!(totals.received_file_bytes > 8 << 20, "{totals:?}");
    assert_eq!((spooled(folder.path()), stored(&emulator)), (0, None));
}

/// Signed for OSS, with the time of now.
fn oss(method: &str, key: &str, length: usize, secret: &str) -> Vec<u8> {
    let date = httpdate::fmt_http_date(SystemTime::now());
    let mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("any key");
    let mac = mac.chain_update(format!("{method}\n\n\n{date}\n/examplebucket/{key}")).finalize().into_bytes();
    let authorization = format!("OSS LTAIemulator:{}", STANDARD.encode(mac));
    let target = format!("/examplebucket/{key}");
    format!(
        "{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nDate: {date}\r\nAuthorization: {authorization}\r\nContent-Length: {length}\r\n\r\n"
    )
    .into_bytes()
}

const SECRET: &str = "emulator-access-key-secret";
const BIG: usize = 32 << 20;

#[test]
fn field_bug_92_an_answer_that_nobody_reads_is_given_up() {
    let (_, listener) = limited(|limits| limits.send_timeout_ms = SHORT);
    let mut stream = connected(&listener);
    stream.write_all(&oss("PUT", "big", BIG, SECRET)).expect("sent");
    stream.write_all(&vec![7; BIG]).expect("sent");
    stream.write_all(&oss("GET", "big", 0, SECRET)).expect("sent");
    eventually("the connection has ended", || listener.connections() == 0);
    let mut read = Vec::new();
    let _ = stream.read_to_end(&mut read);
    assert!(read.len() < BIG, "it was cut");
}

#[test]
fn field_bug_92_connections_are_limited_and_further_ones_wait() {
    let (emulator, listener) = limited(|limits| limits.max = 2);
    let held = [connected(&listener), connected(&listener)];
    eventually("both are there", || listener.connections() == 2);
    let mut third = connected(&listener);
    let list = form(&[Text("op", "upload_slice_list")]);
    third.write_all(&request(&list, "Connection: close\r\n")).expect("sent");
    for _ in 0..20 {
        thread::sleep(Duration::from_millis(5));
        assert_eq!((listener.connections(), emulator.totals().requests), (2, 0));
    }
    drop(held);
    assert!(to_the_end(&mut third).starts_with("HTTP/1.1 404 "));
}

#[test]
fn field_bug_92_limits_come_from_the_settings() {
    let config: Config =
        serde_json::from_str(r#"{"connections": {"max": 7, "body_timeout_ms": 9}}"#).expect("settings");
    let limits = &config.connections;
    assert_eq!((limits.max, limits.body_timeout_ms, limits.header_timeout_ms), (7, 9, 60_000));
    assert!(serde_json::from_str::<Config>(r#"{"connections": {"most": 7}}"#).is_err());
}

#[test]
fn field_bug_92_services_whose_keys_are_public_are_named() {
    let mut config = Config::default();
    assert_eq!(config.with_public_keys(), ["cos-v2", "cos-v1", "xfyun", "oss", "s3", "cos-xml", "115"]);
    config.s3.accounts.clear();
    config.cos_xml.accounts[0].secret_key = "mine".to_owned();
    config.cos_v1.accounts[0].secret_key = "mine".to_owned();
    config.cos_v2.accounts.clear();
    config.xfyun.accounts[0].api_secret = "mine".to_owned();
    config.oss.accounts[0].access_key_secret = "mine".to_owned();
    config.p115.user.access_token = "mine".to_owned();
    assert_eq!(config.with_public_keys(), ["115"], "its refresh token is");
    config.p115.user.refresh_token = "mine, too".to_owned();
    assert!(config.with_public_keys().is_empty());
    let mut hidden = Config::default();
    hidden.services = vec!["xfyun".to_owned()];
    assert_eq!(hidden.with_public_keys(), ["xfyun"], "what is not on offer endangers nobody");
}

/// What a client hears that sends so much of its body to a server that does not want it.
fn refused(sent: usize) -> String {
    let (emulator, listener) = served(|_| {});
    let mut stream = connected(&listener);
    stream.write_all(&oss("PUT", "big", BIG, "other")).expect("sent");
    stream.write_all(&vec![7; sent]).expect("all of it is taken");
    let answer = to_the_end(&mut stream);
    assert_eq!(emulator.totals().received_file_bytes, 0);
    answer
}

#[test]
fn field_bug_84_a_refusal_does_not_wait_for_a_byte_of_the_body() {
    let answer = refused(0);
    assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("SignatureDoesNotMatch"), "{answer}");
    assert!(answer.to_ascii_lowercase().contains("\r\nconnection: close\r\n"), "{answer}");
}

#[test]
fn field_bug_84_a_client_that_sends_on_hears_the_refusal_all_the_same() {
    let answer = refused(BIG);
    assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("SignatureDoesNotMatch"), "{answer}");
}
