//! Raw HTTP against the listener.

#![cfg(feature = "listener")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::SystemTime;

use resumable_emulator::{Emulator, Fault, Listener, Rule};

use crate::client::*;

fn exchange(listener: &Listener, ask: Ask) -> String {
    let ask = Ask { date: httpdate::fmt_http_date(SystemTime::now()), ..ask };
    let mut head = format!(
        "{} {} HTTP/1.1\r\nhost: {}\r\ndate: {}\r\nauthorization: {}\r\ncontent-length: {}\r\nconnection: close\r\n",
        ask.method,
        ask.target(),
        listener.local_addr(),
        ask.date,
        ask.authorization(),
        ask.body.len()
    );
    ask.headers.iter().for_each(|(name, value)| head += &(name.clone() + ": " + value + "\r\n"));
    let mut stream = TcpStream::connect(listener.local_addr()).expect("connected");
    stream.write_all(&[head.as_bytes(), b"\r\n", &ask.body].concat()).expect("sent");
    let mut answer = Vec::new();
    // A cut may come as a reset.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn an_upload_over_a_socket() {
    let emulator: Arc<Emulator> = Arc::new(emulator());
    let listener = Listener::bind("127.0.0.1:0", Arc::clone(&emulator)).expect("a port");
    let begun = exchange(&listener, ask("POST", "a b/文").query("uploads", "").query("sequential", ""));
    assert!(begun.starts_with("HTTP/1.1 200 "), "{begun}");
    assert_eq!(begun.to_ascii_lowercase().matches("\r\ndate:").count(), 1);
    let id = texts(&begun, "UploadId").remove(0);
    emulator.inject(Rule::once("upload_part", Fault::DropReply));
    let part = || exchange(&listener, ask_part("a b/文", &id, 1, &bytes(900)));
    assert_eq!(part(), "");
    let again = part();
    assert!(again.starts_with("HTTP/1.1 409 "), "{again}");
    assert_eq!(texts(&again, "ETag"), [format!("\"{}\"", tag(&bytes(900)))]);
    let done = exchange(&listener, called_back(ask_complete("a b/文", &id, &[(1, &bytes(900))]), HEARD));
    assert!(done.starts_with("HTTP/1.1 200 ") && done.ends_with(r#"{"state":true}"#), "{done}");
    assert_eq!(stored(&emulator, "a b/文"), Some(bytes(900)));
    let failed = exchange(&listener, called_back(ask("PUT", "b").body(b"x"), "http://nobody.example/"));
    assert!(failed.starts_with("HTTP/1.1 203 "), "{failed}");
    let head = exchange(&listener, ask("HEAD", "a b/文"));
    assert!(head.contains("content-length: 900\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    let gone = exchange(&listener, ask("DELETE", "a").query("uploadId", &id));
    assert!(gone.starts_with("HTTP/1.1 404 ") && gone.contains("NoSuchUpload"), "{gone}");
    let missing = exchange(&listener, ask("HEAD", "nothing"));
    assert!(missing.starts_with("HTTP/1.1 404 ") && missing.contains("x-oss-err: ") && missing.ends_with("\r\n\r\n"));
    let aborted = exchange(&listener, ask("POST", "c").query("uploads", ""));
    let aborted = exchange(&listener, ask("DELETE", "c").query("uploadId", &texts(&aborted, "UploadId")[0]));
    assert!(aborted.starts_with("HTTP/1.1 204 ") && aborted.ends_with("\r\n\r\n"), "{aborted}");
}
