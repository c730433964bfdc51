//! Raw HTTP against the listener.

#![cfg(feature = "listener")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use resumable_emulator::{Emulator, Fault, Listener, Rule};

use crate::client::*;

fn date() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    let second = i64::try_from(now.as_secs()).expect("not so late");
    jiff::Timestamp::from_second(second).expect("a moment").strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn begin(listener: &Listener, ask: Ask) -> TcpStream {
    let ask = Ask { date: date(), ..ask };
    let mut head = format!("{} {} HTTP/1.1\r\nconnection: close\r\n", ask.method, ask.target());
    for (name, value) in ask.request().headers() {
        head.extend([name.as_str(), ": ", value.to_str().expect("text"), "\r\n"]);
    }
    let mut stream = TcpStream::connect(listener.local_addr()).expect("connected");
    stream.write_all(&[head.as_bytes(), b"\r\n", &ask.body].concat()).expect("sent");
    stream
}

fn exchange(listener: &Listener, ask: Ask) -> String {
    let mut answer = Vec::new();
    // A cut may come as a reset.
    let _ = begin(listener, ask).read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn an_upload_over_a_socket() {
    let emulator: Arc<Emulator> = Arc::new(emulator());
    let listener = Listener::bind("127.0.0.1:0", Arc::clone(&emulator)).expect("a port");
    let key = "a b//文/..";
    let begun = exchange(&listener, ask_initiate(key));
    assert!(begun.starts_with("HTTP/1.1 200 "), "{begun}");
    let id = texts(&begun, "UploadId").remove(0);
    emulator.inject(Rule::once("upload_part", Fault::DropReply));
    let part = || exchange(&listener, ask_part(key, &id, 1, &bytes(900)).chunked(None));
    assert_eq!(part(), "");
    let again = part();
    assert!(again.contains(&format!("etag: \"{}\"\r\n", tag(&bytes(900)))), "{again}");
    let done = exchange(&listener, ask_complete(key, &id, &[(1, &bytes(900))]));
    assert!(done.starts_with("HTTP/1.1 200 ") && done.contains("-1&quot;</ETag>"), "{done}");
    assert_eq!(stored(&emulator, key), Some(bytes(900)));
    let head = exchange(&listener, ask("HEAD", key));
    assert!(head.contains("content-length: 900\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    let missing = exchange(&listener, ask("HEAD", "nothing"));
    assert!(missing.starts_with("HTTP/1.1 404 ") && missing.ends_with("\r\n\r\n"));
    let gone = exchange(&listener, ask("DELETE", key).query("uploadId", &id));
    assert!(gone.starts_with("HTTP/1.1 404 ") && gone.contains("NoSuchUpload"), "{gone}");
}

#[test]
fn blanks_come_one_by_one_and_then_the_rest_or_nothing_more() {
    let emulator: Arc<Emulator> = Arc::new(emulator());
    let listener = Listener::bind("127.0.0.1:0", Arc::clone(&emulator)).expect("a port");
    for (cut, end) in [(false, "</CompleteMultipartUploadResult>\n"), (true, "?>   ")] {
        let id = uploaded(&emulator, "a");
        emulator.inject(Rule::once("complete", Fault::Blanks { count: 7, millis: 1, code: None, cut }));
        let (one, two, _) = pieces();
        let answer = exchange(&listener, ask_complete("a", &id, &[(1, &one), (2, &two)]));
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(end), "{answer}");
        assert_eq!(answer.contains("?>       \n<Complete"), !cut, "{answer}");
    }
}
