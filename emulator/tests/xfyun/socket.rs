//! Raw HTTP against the listener.

#![cfg(feature = "listener")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::SystemTime;

use resumable_emulator::{Emulator, Fault, Listener, Rule};

use crate::client::*;

fn exchange(listener: &Listener, path: &str, kind: &str, body: &[u8]) -> String {
    let host = listener.local_addr().to_string();
    let date = httpdate::fmt_http_date(SystemTime::now());
    let signature = signature(path, &host, &date, EMPTY, "emulator-api-secret");
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\ndate: {date}\r\ndigest: {EMPTY}\r\nauthorization: {}\r\n\
         content-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        authorization("emulator-api-key", &signature),
        body.len()
    );
    let mut stream = TcpStream::connect(listener.local_addr()).expect("connected");
    stream.write_all(&[head.as_bytes(), body].concat()).expect("sent");
    let mut answer = Vec::new();
    // A cut may come as a reset.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn json_of(answer: &str) -> serde_json::Value {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert_eq!(head.to_ascii_lowercase().matches("\r\ndate:").count(), 1);
    serde_json::from_str(body).expect("JSON")
}

#[test]
fn an_upload_over_a_socket() {
    let emulator: Arc<Emulator> = Arc::new(emulator());
    let listener = Listener::bind("127.0.0.1:0", Arc::clone(&emulator)).expect("a port");
    let json = |path: &str, members: &[(&str, &str)]| {
        exchange(&listener, path, "application/json;charset=utf-8", &json_body(members))
    };
    let begun = json_of(&json(INIT, &[("request_id", "r"), ("app_id", "emulator")]));
    let id = begun["data"]["upload_id"].as_str().expect("an id");
    let members = [("request_id", "r"), ("app_id", "emulator"), ("upload_id", id)];
    emulator.inject(Rule::once("mpupload/upload", Fault::DropReply));
    let body = slice_form(id, "1", &bytes(900));
    assert_eq!(exchange(&listener, SLICE, &form_type(), &body), "");
    assert_eq!(emulator.xfyun().slices(id), Some(vec![(1, 900)]));
    assert_eq!(json_of(&exchange(&listener, SLICE, &form_type(), &body))["code"], 0);
    let done = json_of(&json(COMPLETE, &members));
    let url = done["data"]["url"].as_str().expect("a URL");
    assert_eq!(stored(&emulator, url.rsplit('/').next().expect("a name")), Some(bytes(900)));
    let refused = json(CANCEL, &members);
    assert!(refused.starts_with("HTTP/1.1 500 "), "{refused}");
    assert_eq!(json_of(&refused)["code"], 10_005);
}
