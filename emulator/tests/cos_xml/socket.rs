//! Raw HTTP against the listener.

#![cfg(feature = "listener")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use resumable_emulator::cos_xml::CompleteStyle;
use resumable_emulator::{Emulator, Fault, Listener, Rule};

use crate::client::*;

fn exchange(listener: &Listener, ask: &Ask) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let since = i64::try_from(now).expect("a time") - i64::try_from(NOW.as_secs()).expect("a time");
    let host = listener.local_addr().to_string();
    let ask = ask.clone().time(since - 60, since + 3600).at(&host, &format!("{BUCKET}/"));
    let mut head = format!("{} {} HTTP/1.1\r\nconnection: close\r\n", ask.method, ask.target());
    for (name, value) in ask.request().headers() {
        head += &[name.as_str(), ": ", value.to_str().expect("text"), "\r\n"].concat();
    }
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
    let begun = exchange(&listener, &ask("POST", "a b/文").query("uploads", ""));
    assert!(begun.starts_with("HTTP/1.1 200 "), "{begun}");
    assert_eq!(begun.to_ascii_lowercase().matches("\r\ndate:").count(), 1);
    let id = texts(&begun, "UploadId").remove(0);
    emulator.inject(Rule::once("upload_part", Fault::DropReply));
    let part = ask_part("a b/文", &id, 1, &bytes(900));
    assert_eq!(exchange(&listener, &part), "");
    assert_eq!(emulator.cos_xml().parts(&id), Some(vec![(1, 900)]), "it was stored all the same");
    assert!(exchange(&listener, &part).starts_with("HTTP/1.1 200 "));
    let done = exchange(&listener, &ask_complete("a b/文", &id, &[(1, &bytes(900))]));
    assert!(done.starts_with("HTTP/1.1 200 ") && done.contains("<CompleteMultipartUploadResult>"), "{done}");
    assert_eq!(stored(&emulator, "a b/文"), Some(bytes(900)));
    let told = exchange(&listener, &ask("HEAD", "a b/文"));
    assert!(told.contains("content-length: 900\r\n") && told.ends_with("\r\n\r\n"), "{told}");
    let missing = exchange(&listener, &ask("HEAD", "nothing"));
    assert!(missing.starts_with("HTTP/1.1 404 ") && missing.ends_with("\r\n\r\n"), "{missing}");
    let gone = exchange(&listener, &ask("DELETE", "a b/文").query("uploadId", &id));
    assert!(gone.starts_with("HTTP/1.1 404 ") && gone.contains("NoSuchUpload"), "{gone}");
    let begun = exchange(&listener, &ask("POST", "c").query("uploads", ""));
    let aborted = exchange(&listener, &ask("DELETE", "c").query("uploadId", &texts(&begun, "UploadId")[0]));
    assert!(aborted.starts_with("HTTP/1.1 204 ") && aborted.ends_with("\r\n\r\n"), "{aborted}");
}

#[test]
fn a_complete_in_chunks_that_may_break_off_among_its_blanks() {
    let style =
        |config: &mut resumable_emulator::Config| config.cos_xml.switches.complete_style = CompleteStyle::Blanks;
    let emulator = Arc::new(with(style));
    let listener = Listener::bind("127.0.0.1:0", Arc::clone(&emulator)).expect("a port");
    for cut in [false, true] {
        let id = uploaded(&emulator, "a", &[b"x"]);
        if cut {
            emulator.inject(Rule::once("complete", Fault::CutReply));
        }
        let done = exchange(&listener, &ask_complete("a", &id, &[(1, b"x")])).to_ascii_lowercase();
        let (head, body) = done.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with("http/1.1 200 ") && head.contains("\r\ntransfer-encoding: chunked"), "{head}");
        assert!(head.contains("\r\nx-cos-hash-crc64ecma: ") && !head.contains("content-length"), "{head}");
        let (_, sent) = body.split_once("\r\n").expect("the size of a chunk");
        assert_eq!((sent.contains("</completemultipartuploadresult>"), sent.ends_with("\r\n0\r\n\r\n")), (!cut, !cut));
        assert!(sent.starts_with("   ") && stored(&emulator, "a").is_some());
    }
}
