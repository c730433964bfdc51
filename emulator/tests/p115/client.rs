//! A client just good enough to talk to the emulator: it writes forms, and reads JSON.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use resumable_emulator::{Config, Emulator, MemoryStorage, Reply};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

/// Thu, 01 Jan 2026 00:00:00 GMT.
pub(crate) const NOW: Duration = Duration::from_secs(1_767_225_600);
pub(crate) const DATE: &str = "Thu, 01 Jan 2026 00:00:00 GMT";
pub(crate) const HOST: &str = "127.0.0.1:8115";
pub(crate) const ACCESS: &str = "emulator-access-token";
pub(crate) const REFRESH: &str = "emulator-refresh-token";
pub(crate) const BOUNDARY: &str = "X-115-TEST-BOUNDARY";

pub(crate) const AUTH: &str = "/open/authDeviceCode";
pub(crate) const STATUS: &str = "/get/status/";
pub(crate) const TO_TOKEN: &str = "/open/deviceCodeToToken";
pub(crate) const REFRESH_TOKEN: &str = "/open/refreshToken";
pub(crate) const INIT: &str = "/open/upload/init";
pub(crate) const GET_TOKEN: &str = "/open/upload/get_token";
pub(crate) const RESUME: &str = "/open/upload/resume";
pub(crate) const GET_INFO: &str = "/open/folder/get_info";
pub(crate) const FOLDER_ADD: &str = "/open/folder/add";
pub(crate) const FILES: &str = "/open/ufile/files";

pub(crate) fn emulator() -> Emulator {
    with(|_| {})
}

/// Challenges from 1000 bytes on.
pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Emulator {
    Emulator::new(tiny(change), Box::new(MemoryStorage::new())).expect("an emulator")
}

pub(crate) fn tiny(change: impl FnOnce(&mut Config)) -> Config {
    let mut config = Config::default();
    config.p115.limits.challenge_min = 1000;
    config.p115.confirm_at_poll = None;
    change(&mut config);
    config
}

pub(crate) fn later(seconds: u64) -> Duration {
    NOW + Duration::from_secs(seconds)
}

/// The reference's file: byte i is i mod 251.
pub(crate) fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from(at % 251).expect("a byte")).collect()
}

pub(crate) fn sha1(bytes: &[u8]) -> String {
    Sha1::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02X}"))
}

pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    let one = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{}={}", one(name), one(value))).collect();
    pairs.join("&")
}

pub(crate) fn request(
    method: &str,
    path: &str,
    token: Option<&str>,
    kind: &str,
    body: impl Into<Bytes>,
) -> Request<Bytes> {
    let mut builder = Request::builder().method(method).uri(path).header("Host", HOST);
    if let Some(token) = token {
        builder = builder.header("Authorization", format!("Bearer {token}"));
    }
    builder.header("Content-Type", kind).body(body.into()).expect("a request")
}

/// A client with its token and its time.
#[derive(Clone, Copy)]
pub(crate) struct Client<'a> {
    pub(crate) emulator: &'a Emulator,
    pub(crate) token: &'a str,
    pub(crate) now: Duration,
}

pub(crate) fn client(emulator: &Emulator) -> Client<'_> {
    Client { emulator, token: ACCESS, now: NOW }
}

impl Client<'_> {
    pub(crate) fn at(self, seconds: u64) -> Self {
        Client { now: later(seconds), ..self }
    }

    pub(crate) fn send(&self, request: Request<Bytes>) -> Answer {
        Answer::of(self.emulator.handle(self.now, request))
    }

    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(request("POST", path, Some(self.token), "application/x-www-form-urlencoded", encoded(fields)))
    }

    pub(crate) fn get(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let path = if fields.is_empty() { path.to_owned() } else { format!("{path}?{}", encoded(fields)) };
        self.send(request("GET", &path, Some(self.token), "", ""))
    }

    /// Without a token, as those calls go that give one.
    pub(crate) fn passport(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(request("POST", path, None, "application/x-www-form-urlencoded", encoded(fields)))
    }

    pub(crate) fn init(&self, name: &str, file: &[u8], more: &[(&str, &str)]) -> Answer {
        let (size, sha1) = (file.len().to_string(), sha1(file));
        let mut fields = vec![("file_name", name), ("file_size", &size), ("target", "U_1_0"), ("fileid", &sha1)];
        for (name, value) in more {
            fields.retain(|(known, _)| known != name);
            fields.push((name, value));
        }
        self.post(INIT, &fields)
    }

    pub(crate) fn resume(&self, file: &[u8], pick_code: &str, more: &[(&str, &str)]) -> Answer {
        let (size, sha1) = (file.len().to_string(), sha1(file));
        let mut fields =
            vec![("file_size", size.as_str()), ("target", "U_1_0"), ("fileid", &sha1), ("pick_code", pick_code)];
        for (name, value) in more {
            fields.retain(|(known, _)| known != name);
            fields.push((name, value));
        }
        self.post(RESUME, &fields)
    }

    /// Inits a file that is known, and proves it as often as need be.
    pub(crate) fn prove(&self, name: &str, file: &[u8], first: Answer) -> Answer {
        let mut answer = first;
        for _ in 0..10 {
            let Some(asked) = answer.challenge() else { break };
            let val = sha1(&file[asked.range.0..=asked.range.1]);
            answer = self.init(name, file, &[("sign_key", &asked.key), ("sign_val", &val)]);
        }
        answer
    }
}

/// What a challenge asks for; both bytes are part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) key: String,
    pub(crate) range: (usize, usize),
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) reply: Reply,
}

impl Answer {
    pub(crate) fn of(reply: Reply) -> Answer {
        Answer {
            status: reply.response.status().as_u16(),
            body: serde_json::from_slice(reply.response.body()).unwrap_or(Value::Null),
            reply,
        }
    }

    pub(crate) fn data(&self) -> &Value {
        &self.body["data"]
    }

    #[track_caller]
    pub(crate) fn text(&self, name: &str) -> String {
        let text = self.body["data"][name].as_str();
        text.unwrap_or_else(|| panic!("{name} in {}", self.body)).to_owned()
    }

    /// A success of the file API.
    #[track_caller]
    pub(crate) fn succeeds(&self) -> &Self {
        let is = json!([self.status, self.body["state"], self.body["code"], self.body["message"]]);
        assert_eq!(is, json!([200, true, 0, ""]), "{}", self.body);
        self.is_json();
        self
    }

    /// A refusal of the file API.
    #[track_caller]
    pub(crate) fn refuses(&self, code: i64) {
        let is = json!([self.status, self.body["state"], self.body["code"], self.body["data"]]);
        assert_eq!(is, json!([200, false, code, []]), "{}", self.body);
        assert!(self.body["message"].as_str().is_some_and(|text| !text.is_empty()), "{}", self.body);
        self.is_json();
    }

    /// A success of the token API.
    #[track_caller]
    pub(crate) fn grants(&self) -> &Self {
        let is = json!([self.status, self.body["state"], self.body["code"], self.body["errno"], self.body["error"]]);
        assert_eq!(is, json!([200, 1, 0, 0, ""]), "{}", self.body);
        self.is_json();
        self
    }

    /// A refusal of the token API.
    #[track_caller]
    pub(crate) fn denies(&self, code: i64) {
        let is = json!([self.status, self.body["state"], self.body["code"], self.body["errno"]]);
        assert_eq!(is, json!([200, 0, code, code]), "{}", self.body);
        self.is_json();
    }

    #[track_caller]
    fn is_json(&self) {
        assert_eq!(self.header("content-type"), "application/json; charset=utf-8");
        assert!(self.header("date").ends_with(" GMT"));
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        self.reply.response.headers()[name].to_str().expect("text")
    }

    /// Status and inner code of an init; those that want no bytes have no callback.
    #[track_caller]
    pub(crate) fn init_status(&self) -> (i64, i64) {
        self.succeeds();
        let number = |name: &str| self.body["data"][name].as_i64().unwrap_or_else(|| panic!("{}", self.body));
        let status = number("status");
        assert_eq!(status != 1, self.body["data"]["callback"] == json!([]), "{}", self.body);
        (status, number("code"))
    }

    /// The challenge of an init, if there is one.
    pub(crate) fn challenge(&self) -> Option<Asked> {
        let text = |name: &str| self.body["data"][name].as_str().filter(|text| !text.is_empty());
        let (start, end) = text("sign_check")?.split_once('-').expect("a range");
        let number = |text: &str| text.parse().expect("a number");
        Some(Asked { key: text("sign_key")?.to_owned(), range: (number(start), number(end)) })
    }
}
