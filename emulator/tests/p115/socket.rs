//! Raw HTTP against the listener.

#![cfg(feature = "listener")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use resumable_emulator::{Config, Emulator, Listener, MemoryStorage};
use serde_json::Value;

use crate::client::*;

fn exchange(listener: &Listener, method: &str, path: &str, token: &str, body: &str) -> Value {
    let host = listener.local_addr();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(host).expect("connected");
    stream.write_all(head.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert_eq!(head.to_ascii_lowercase().matches("\r\ndate:").count(), 1);
    serde_json::from_str(body).expect("JSON")
}

#[test]
fn the_ready_line_is_enough_to_begin_an_upload() {
    let emulator = Emulator::new(Config::default(), Box::new(MemoryStorage::new())).expect("an emulator");
    let emulator = Arc::new(emulator);
    let listener = Listener::bind("127.0.0.1:0", Arc::clone(&emulator)).expect("a port");
    let ready = emulator.ready_line(&listener.base_url());
    let facts = &ready["115"];
    for endpoint in ["endpoint", "passport", "qrcode"] {
        assert_eq!(facts[endpoint], listener.base_url().as_str());
    }
    let token = facts["access_token"].as_str().expect("a token");
    let fields = [("file_name", "a"), ("file_size", "5"), ("target", "U_1_0"), ("fileid", &sha1(b"hello"))];
    let begun = exchange(&listener, "POST", INIT, token, &encoded(&fields));
    assert_eq!(begun["data"]["status"], 1);
    let key = exchange(&listener, "GET", GET_TOKEN, token, "");
    assert_eq!(key["data"]["endpoint"], listener.base_url().as_str());
    let refresh = [("refresh_token", facts["refresh_token"].as_str().expect("a token"))];
    let pair = exchange(&listener, "POST", REFRESH_TOKEN, "", &encoded(&refresh));
    assert_eq!(pair["state"], 1);
    assert_eq!(exchange(&listener, "GET", GET_TOKEN, token, "")["code"], 40_140_126);
}
