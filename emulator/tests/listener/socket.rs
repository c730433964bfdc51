//! Raw HTTP against the listener.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::client::*;
use resumable_emulator::cos::Account;
use resumable_emulator::{Config, Emulator, Fault, Listener, MemoryStorage, Rule};

fn served() -> (Arc<Emulator>, Listener) {
    let emulator = Arc::new(emulator());
    let listener = Listener::bind("127.0.0.1:0", Arc::clone(&emulator)).expect("a port");
    (emulator, listener)
}

fn fresh_sign() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let now = now.as_secs();
    let account = Account::default();
    let clear =
        format!("a={}&b={}&k={}&e={}&t={now}&r=1&f=", account.appid, account.bucket, account.secret_id, now + 300);
    sign_text(&clear, &account.secret_key)
}

fn head(length: usize, more: &str) -> String {
    format!(
        "POST {URL} HTTP/1.1\r\nHost: sh.file.myqcloud.com\r\nAuthorization: {}\r\nMethod:POST\r\nUser-Agent:cos-php-sdk-v4.3.11\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {length}\r\n{more}\r\n",
        fresh_sign()
    )
}

fn request(body: &[u8], more: &str) -> Vec<u8> {
    [head(body.len(), more).as_bytes(), body].concat()
}

/// Sends and reads until the server closes.
fn exchange(listener: &Listener, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(listener.local_addr()).expect("connected");
    stream.write_all(bytes).expect("sent");
    let mut answer = Vec::new();
    // A cut may come as a reset.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

const CLOSE: &str = "Connection: close\r\n";

#[test]
fn an_upload_over_a_socket() {
    let (emulator, listener) = served();
    let body = form(&[Text("op", "upload"), File(b"hello")]);
    let answer = exchange(&listener, &request(&body, CLOSE));
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let lower = answer.to_ascii_lowercase();
    assert!(lower.contains("\r\nserver: tencent-cos\r\n"));
    assert_eq!(lower.matches("\r\ndate:").count(), 1);
    assert_eq!(lower.matches("\r\ncontent-length:").count(), 1);
    assert!(!lower.contains("gmt"));
    assert_eq!(stored(&emulator).as_deref(), Some(&b"hello"[..]));
}

#[test]
fn a_listener_of_its_own_emulator_shows_what_arrived() {
    let one = Listener::start(Config::default()).expect("a port");
    let other = Listener::start(Config::default()).expect("another port");
    assert!(one.local_addr().ip().is_loopback());
    assert_ne!(one.local_addr(), other.local_addr());
    one.emulator().inject(Rule::once("upload", Fault::DropReply));
    let body = form(&[Text("op", "upload"), File(b"hello")]);
    assert_eq!(exchange(&one, &request(&body, CLOSE)), "");
    assert_eq!(stored(one.emulator()).as_deref(), Some(&b"hello"[..]));
    assert_eq!(other.emulator().totals().requests, 0);
}

#[test]
fn a_listener_refuses_a_service_that_there_is_not() {
    let mut config = Config::default();
    config.services = vec!["ftp".to_owned()];
    let error = Listener::start(config).expect_err("no such service");
    assert!(error.to_string().contains("`ftp`"), "{error}");
}

#[test]
fn a_connection_stays_open() {
    let (emulator, listener) = served();
    let body = form(&[Text("op", "upload_slice_list")]);
    let both = [request(&body, ""), request(&body, CLOSE)].concat();
    let answer = exchange(&listener, &both);
    assert_eq!(answer.matches("HTTP/1.1 404 Not Found").count(), 2);
    assert_eq!(emulator.totals().requests, 2);
}

#[test]
fn a_dropped_reply_is_committed_and_not_one_byte_long() {
    let (emulator, listener) = served();
    emulator.inject(Rule::once("upload", Fault::DropReply));
    let body = form(&[File(b"hello"), Text("op", "upload")]);
    assert_eq!(exchange(&listener, &request(&body, "")), "");
    assert_eq!(stored(&emulator).as_deref(), Some(&b"hello"[..]));
}

#[test]
fn a_cut_before_the_commit_stores_nothing() {
    let (emulator, listener) = served();
    emulator.inject(Rule::any(Fault::CutBefore));
    let body = form(&[File(b"hello"), Text("op", "upload")]);
    assert_eq!(exchange(&listener, &request(&body, "")), "");
    assert_eq!(stored(&emulator), None);
}

#[test]
fn a_cut_reply_ends_in_its_middle() {
    let (emulator, listener) = served();
    emulator.inject(Rule::any(Fault::CutReply));
    let body = form(&[File(b"hello"), Text("op", "upload")]);
    let answer = exchange(&listener, &request(&body, ""));
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let promised =
        head.to_ascii_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    assert_eq!(body.len(), promised.expect("a length") / 2);
    assert!(stored(&emulator).is_some());
}

#[test]
fn a_reset_is_no_orderly_end() {
    for rule in [Rule::any(Fault::Reset), Rule::any(Fault::Reset).committed()] {
        let (emulator, listener) = served();
        let commits = rule.commit;
        emulator.inject(rule);
        let body = form(&[File(b"hello"), Text("op", "upload")]);
        let mut stream = TcpStream::connect(listener.local_addr()).expect("connected");
        stream.write_all(&request(&body, "")).expect("sent");
        let error = stream.read_to_end(&mut Vec::new()).expect_err("a reset");
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        assert_eq!(stored(&emulator).is_some(), commits);
    }
}

#[test]
fn a_body_is_cut_while_it_is_sent() {
    let (emulator, listener) = served();
    emulator.inject(Rule::once("upload", Fault::CutBefore).at_byte(400));
    let body = form(&[Text("op", "upload"), File(&bytes(900))]);
    // Only a part is ever sent: the server does not wait for the rest.
    let sent = &request(&body, "")[..head(body.len(), "").len() + 500];
    assert_eq!(exchange(&listener, sent), "");
    let totals = emulator.totals();
    assert!((1..900).contains(&totals.received_file_bytes), "{totals:?}");
    assert_eq!((totals.file_bytes, stored(&emulator)), (0, None));
}

#[test]
fn a_stalled_request_is_never_answered_and_holds_nothing_up() {
    let (emulator, listener) = served();
    emulator.inject(Rule::any(Fault::Stall).committed());
    let body = form(&[File(b"hello"), Text("op", "upload")]);
    let mut stalled = TcpStream::connect(listener.local_addr()).expect("connected");
    stalled.write_all(&request(&body, "")).expect("sent");
    while emulator.totals().requests == 0 {
        std::thread::yield_now();
    }
    let list = form(&[Text("op", "upload_slice_list")]);
    assert!(exchange(&listener, &request(&list, CLOSE)).starts_with("HTTP/1.1 200 OK\r\n"));
    stalled.set_nonblocking(true).expect("a socket");
    let error = stalled.read(&mut [0]).expect_err("nothing to read");
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    listener.shutdown();
}

#[test]
fn a_reply_comes_byte_by_byte() {
    let (emulator, listener) = served();
    emulator.inject(Rule::any(Fault::Trickle { millis: 1 }));
    let body = form(&[File(b"hello"), Text("op", "upload")]);
    let both = [request(&body, ""), request(&form(&[Text("op", "upload_slice_list")]), CLOSE)].concat();
    let begun = std::time::Instant::now();
    let answers = exchange(&listener, &both);
    assert_eq!(answers.matches("HTTP/1.1 200 OK\r\n").count(), 2, "{answers}");
    let first = answers.rfind("HTTP/1.1").expect("two answers");
    let least = std::time::Duration::from_millis(first as u64);
    assert!(begun.elapsed() >= least, "{first} bytes in {:?}", begun.elapsed());
}

#[test]
fn a_client_that_goes_away_is_counted() {
    let (emulator, listener) = served();
    let body = form(&[Text("op", "upload"), File(&bytes(500))]);
    let bytes = request(&body, "");
    let mut stream = TcpStream::connect(listener.local_addr()).expect("connected");
    stream.write_all(&bytes[..bytes.len() - 100]).expect("sent");
    stream.shutdown(Shutdown::Write).expect("shut");
    let _ = stream.read_to_end(&mut Vec::new());
    listener.shutdown();
    let totals = emulator.totals();
    assert_eq!((totals.requests, totals.cut), (0, 1));
    assert_eq!(totals.received_file_bytes, 500 - 100 + 48);
    assert_eq!(stored(&emulator), None);
}

#[test]
fn stopping_cuts_what_is_under_way() {
    let (emulator, listener) = served();
    let body = form(&[Text("op", "upload"), File(&bytes(500))]);
    let bytes = request(&body, "Expect: 100-continue\r\n");
    let head_end = bytes.len() - body.len();
    let mut stream = TcpStream::connect(listener.local_addr()).expect("connected");
    stream.write_all(&bytes[..head_end]).expect("sent");
    let mut go = [0; 25];
    stream.read_exact(&mut go).expect("read");
    assert_eq!(&go, b"HTTP/1.1 100 Continue\r\n\r\n");
    drop(listener);
    let _ = stream.read_to_end(&mut Vec::new());
    assert_eq!(emulator.totals().cut, 1);
}

#[test]
fn a_body_announced_too_long_is_refused_unread() {
    let (_, listener) = served();
    let answer = exchange(&listener, head(40_000_000, "Expect: 100-continue\r\n").as_bytes());
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.to_ascii_lowercase().contains("\r\nconnection: close\r\n"));
}

#[test]
fn chunked_bodies_and_slow_ones() {
    let (emulator, listener) = served();
    let body = form(&[Text("op", "upload"), File(b"hello")]);
    let head = head(0, CLOSE).replace("Content-Length: 0", "Transfer-Encoding: chunked");
    let mut stream = TcpStream::connect(listener.local_addr()).expect("connected");
    stream.write_all(head.as_bytes()).expect("sent");
    for piece in body.chunks(7) {
        let size = format!("{:x}\r\n", piece.len());
        let chunk = [size.as_bytes(), piece, b"\r\n"].concat();
        stream.write_all(&chunk).expect("sent");
    }
    stream.write_all(b"0\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("read");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(stored(&emulator).as_deref(), Some(&b"hello"[..]));
}

#[test]
fn many_connections_at_once() {
    let config = tiny(|config| config.cos_v2.limits.slice_sizes = vec![65_536]);
    let emulator = Emulator::new(config, Box::new(MemoryStorage::new())).expect("an emulator");
    let emulator = Arc::new(emulator);
    let listener = Listener::bind("127.0.0.1:0", Arc::clone(&emulator)).expect("a port");
    let file = bytes(65_536 * 16);
    let begun = form(&[
        Text("op", "upload_slice_init"),
        Text("filesize", &file.len().to_string()),
        Text("slice_size", "65536"),
    ]);
    let answer = exchange(&listener, &request(&begun, CLOSE));
    let at = answer.find("\"session\":\"").expect("a session") + 11;
    let session = &answer[at..at + 96];
    std::thread::scope(|scope| {
        for (index, slice) in file.chunks(65_536).enumerate() {
            let listener = &listener;
            scope.spawn(move || {
                let body = form(&[
                    Text("op", "upload_slice_data"),
                    Text("session", session),
                    Text("offset", &(index * 65_536).to_string()),
                    File(slice),
                ]);
                let answer = exchange(listener, &request(&body, CLOSE));
                assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
            });
        }
    });
    let end = form(&[
        Text("op", "upload_slice_finish"),
        Text("session", session),
        Text("filesize", &file.len().to_string()),
        Text("sha", &sha(&file)),
    ]);
    let answer = exchange(&listener, &request(&end, CLOSE));
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(stored(&emulator), Some(file));
}

#[test]
fn nonsense_is_answered_not_feared() {
    let (_, listener) = served();
    for nonsense in ["GET\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"] {
        let answer = exchange(&listener, nonsense.as_bytes());
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    let answer = exchange(&listener, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
}

#[test]
fn a_connection_counts_until_all_that_its_client_sent_has_arrived() {
    let (emulator, listener) = served();
    assert_eq!(listener.connections(), 0);
    emulator.inject(Rule::once("upload", Fault::Delay { millis: 600_000 }));
    let body = form(&[Text("op", "upload"), File(b"hello")]);
    let mut stream = TcpStream::connect(listener.local_addr()).expect("connected");
    stream.write_all(&request(&body, CLOSE)).expect("sent");
    while emulator.totals().requests == 0 {
        std::thread::yield_now();
    }
    assert_eq!(listener.connections(), 1, "its answer is held back");
    drop(stream);
    while listener.connections() > 0 {
        std::thread::yield_now();
    }
    assert_eq!(emulator.totals().file_bytes, 5);
}
