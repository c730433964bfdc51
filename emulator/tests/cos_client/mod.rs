//! A client just good enough to talk to the emulator: it signs, writes forms, and reads JSON.

#![allow(dead_code, missing_docs, unreachable_pub)]

pub mod v1;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use resumable_emulator::cos::Account;
use resumable_emulator::{Config, Emulator, MemoryStorage, Reply};
use serde_json::Value;
use sha1::{Digest, Sha1};

pub const NOW: Duration = Duration::from_secs(1_470_000_000);
pub const URL: &str = "/files/v2/10055004/accesslog/d/f.bin";
pub const BOUNDARY: &str = "----------------------------adb78d5a54eb";

pub fn emulator() -> Emulator {
    with(|_| {})
}

pub fn with(change: impl FnOnce(&mut Config)) -> Emulator {
    Emulator::new(tiny(change), Box::new(MemoryStorage::new())).expect("an emulator")
}

/// Slices of 64 and 128 bytes.
pub fn tiny(change: impl FnOnce(&mut Config)) -> Config {
    let mut config = Config::default();
    config.cos_v2.limits.slice_sizes = vec![64, 128];
    config.cos_v2.limits.one_request = 1000;
    config.cos_v1.limits.slice_sizes = vec![64, 128];
    config.cos_v1.limits.one_request = 1000;
    change(&mut config);
    config
}

pub fn sign_text(clear: &str, key: &str) -> String {
    let mac =
        Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("any key").chain_update(clear).finalize().into_bytes();
    STANDARD.encode([&mac[..], clear.as_bytes()].concat())
}

pub fn sign(expires: u64, random: u64, file: &str) -> String {
    let account = Account::default();
    let clear = format!(
        "a={}&k={}&e={expires}&t=1470000000&r={random}&f={file}&b={}",
        account.appid, account.secret_id, account.bucket
    );
    sign_text(&clear, &account.secret_key)
}

pub fn multi() -> String {
    sign(1_470_000_300, 7, "")
}

pub fn once(random: u64, file: &str) -> String {
    sign(0, random, file)
}

pub enum Part<'a> {
    Text(&'a str, &'a str),
    File(&'a [u8]),
}

pub use Part::{File, Text};

pub fn form(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        let (name, value) = match part {
            Text(name, value) => (*name, value.as_bytes()),
            File(bytes) => ("filecontent", *bytes),
        };
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(value);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

pub fn post(url: &str, sign: &str, body: Vec<u8>) -> Request<Bytes> {
    Request::post(url)
        .header("Authorization", sign)
        .header("Content-Type", format!("multipart/form-data; boundary={BOUNDARY}"))
        .body(body.into())
        .expect("a request")
}

pub fn call(emulator: &Emulator, parts: &[Part<'_>]) -> Answer {
    call_at(emulator, URL, parts)
}

pub fn call_at(emulator: &Emulator, url: &str, parts: &[Part<'_>]) -> Answer {
    Answer::of(emulator.handle(NOW, post(url, &multi(), form(parts))))
}

pub fn delete(emulator: &Emulator, url: &str, random: u64) -> Answer {
    let file = url.strip_prefix("/files/v2").or(url.strip_prefix("/files/v1")).expect("a URL of ours");
    let body = form(&[Text("op", "delete")]);
    Answer::of(emulator.handle(NOW, post(url, &once(random, file), body)))
}

pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub reply: Reply,
}

impl Answer {
    pub fn of(reply: Reply) -> Answer {
        Answer {
            status: reply.response.status().as_u16(),
            body: serde_json::from_slice(reply.response.body()).unwrap_or(Value::Null),
            reply,
        }
    }

    #[track_caller]
    pub fn is(&self, status: u16, code: i64) {
        let got = (self.status, self.body["code"].as_i64());
        assert_eq!(got, (status, Some(code)), "{}", self.body);
    }

    #[track_caller]
    pub fn data(&self) -> &Value {
        self.is(200, 0);
        &self.body["data"]
    }

    #[track_caller]
    pub fn session(&self) -> String {
        let session = self.data()["session"].as_str();
        session.expect("a session").to_owned()
    }
}

pub fn sha(bytes: &[u8]) -> String {
    hex(&Sha1::digest(bytes))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// `uploadparts`, worked out the slow way: one hasher per part, its state taken from its serialised form.
pub fn uploadparts(bytes: &[u8], size: usize) -> String {
    use sha1::digest::common::hazmat::SerializableState;
    let mut parts = Vec::new();
    let mut hasher = Sha1::new();
    for (index, part) in bytes.chunks(size).enumerate() {
        hasher.update(part);
        let offset = index * size;
        let datasha = if offset + part.len() == bytes.len() { sha(bytes) } else { hex(&hasher.serialize()[..20]) };
        parts.push(serde_json::json!({
            "offset": offset, "datalen": part.len(), "datasha": datasha,
        }));
    }
    Value::Array(parts).to_string()
}

pub fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((at * 7 + (at >> 8) * 13) & 255).expect("a byte")).collect()
}

pub fn init(emulator: &Emulator, file: &[u8], slice_size: u64) -> Answer {
    let (filesize, slice_size) = (file.len().to_string(), slice_size.to_string());
    call(emulator, &[Text("op", "upload_slice_init"), Text("filesize", &filesize), Text("slice_size", &slice_size)])
}

pub fn init_sha(emulator: &Emulator, url: &str, file: &[u8], slice: u64, part: usize) -> Answer {
    call_at(
        emulator,
        url,
        &[
            Text("op", "upload_slice_init"),
            Text("filesize", &file.len().to_string()),
            Text("slice_size", &slice.to_string()),
            Text("sha", &sha(file)),
            Text("uploadparts", &uploadparts(file, part)),
        ],
    )
}

pub fn data(emulator: &Emulator, session: &str, offset: usize, slice: &[u8]) -> Answer {
    call(
        emulator,
        &[Text("op", "upload_slice_data"), Text("session", session), Text("offset", &offset.to_string()), File(slice)],
    )
}

pub fn data_sha(emulator: &Emulator, session: &str, offset: usize, slice: &[u8], sha: &str) -> Answer {
    call(
        emulator,
        &[
            Text("op", "upload_slice_data"),
            Text("session", session),
            Text("offset", &offset.to_string()),
            File(slice),
            Text("sha", sha),
        ],
    )
}

pub fn list(emulator: &Emulator) -> Answer {
    call(emulator, &[Text("op", "upload_slice_list")])
}

pub fn finish(emulator: &Emulator, session: &str, length: usize) -> Answer {
    call(
        emulator,
        &[Text("op", "upload_slice_finish"), Text("session", session), Text("filesize", &length.to_string())],
    )
}

pub fn finish_sha(emulator: &Emulator, session: &str, file: &[u8]) -> Answer {
    call(
        emulator,
        &[
            Text("op", "upload_slice_finish"),
            Text("session", session),
            Text("filesize", &file.len().to_string()),
            Text("sha", &sha(file)),
        ],
    )
}

pub fn upload(emulator: &Emulator, url: &str, file: &[u8]) -> Answer {
    call_at(emulator, url, &[Text("op", "upload"), File(file)])
}

pub fn stored(emulator: &Emulator) -> Option<Vec<u8>> {
    emulator.cos_v2().read_object("10055004", "accesslog", "d/f.bin").expect("memory")
}
