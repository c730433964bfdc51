//! The far side: 115 and its storage in memory, and the loop that drives an upload against them under a virtual clock,
//! with faults and crashes where a test wants them.

#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]

mod drive;
mod storage;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::{
    Action, Answer, Body, Cause, Checkpoint, Event, Failure, HashKind, HashPass, Hasher, Input, Now, Observed, Output,
    Saving, Segment, SendError, Slot, SourceInfo, Ticket, Upload,
};
use resumable_proto_115::{AccessToken, Fault, Options, P115, Site, Uploaded};
use serde_json::{Value, json};

pub(crate) use self::drive::{Fate, Rig, Verdict};
pub(crate) use self::storage::Storage;

pub(crate) const PART: u64 = 100;

/// What becomes of the callback of a finished object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Registers {
    /// The file gets into the drive, and 115 says so.
    Well,
    /// The file gets into the drive, and this is answered.
    AndSays(String),
    /// Nothing happens, and this is answered.
    Not(String),
    /// The file gets into the drive, and the storage answers 203.
    Late,
    /// Nothing happens, and the storage answers 203.
    Never,
}

/// 115.
pub(crate) struct Server {
    pub(crate) storage: Storage,
    pub(crate) unix: Duration,
    /// By id: name, SHA-1, length.
    pub(crate) files: BTreeMap<u64, (String, String, usize)>,
    /// By parent and name.
    pub(crate) folders: BTreeMap<(u64, String), u64>,
    /// Announced: by pick code, the SHA-1 and the object.
    pub(crate) tasks: BTreeMap<String, (String, String)>,
    /// How many proofs are asked for before one is believed.
    pub(crate) challenges: u8,
    /// A wrong proof is answered, as it is by 115, and no failure of the test.
    pub(crate) takes_wrong_proofs: bool,
    challenge: Option<(String, std::ops::Range<usize>)>,
    pub(crate) challenged_range: Option<&'static str>,
    /// What an init with the content known says at first: how often it wants the bytes although it has them.
    pub(crate) hides: u8,
    pub(crate) registers: Vec<Registers>,
    pub(crate) access: String,
    /// Keys live so long.
    pub(crate) keys_live: Duration,
    pub(crate) keys: Option<(String, Duration)>,
    pub(crate) keys_given: u32,
    /// A resume tells another object.
    pub(crate) moves: bool,
    /// A resume is refused with this code.
    pub(crate) forgets: Option<i64>,
    /// How long a file takes to show in `get_info`.
    pub(crate) shows_after: Duration,
    shown_from: BTreeMap<u64, Duration>,
    next_id: u64,
    pub(crate) seen: Vec<String>,
}

impl Server {
    pub(crate) fn new() -> Self {
        Self {
            storage: Storage::default(),
            unix: Duration::from_secs(1_767_225_600),
            files: BTreeMap::new(),
            folders: BTreeMap::new(),
            tasks: BTreeMap::new(),
            challenges: 0,
            takes_wrong_proofs: false,
            challenge: None,
            challenged_range: None,
            hides: 0,
            registers: Vec::new(),
            access: "access-1".to_owned(),
            keys_live: Duration::from_secs(3600),
            keys: None,
            keys_given: 0,
            moves: false,
            forgets: None,
            shows_after: Duration::ZERO,
            shown_from: BTreeMap::new(),
            next_id: 3_000_000_000_000_000_000,
            seen: Vec::new(),
        }
    }

    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    pub(crate) fn handle(&mut self, request: &Sent) -> Response<Bytes> {
        let mut response = match request.uri.host().unwrap() {
            "proapi.test" => self.api(request),
            _ => self.object(request),
        };
        let date = httpdate(self.unix);
        response.headers_mut().entry("date").or_insert_with(|| date.parse().unwrap());
        response
    }

    fn api(&mut self, request: &Sent) -> Response<Bytes> {
        if request.header("authorization") != format!("Bearer {}", self.access) {
            return refusal(40_140_125);
        }
        self.seen.push(request.text.clone());
        match request.uri.path() {
            "/open/folder/get_info" => self.get_info(request),
            "/open/folder/add" => self.folder_add(request),
            "/open/upload/init" => self.init(request),
            "/open/upload/resume" => self.resume(request),
            "/open/upload/get_token" => self.get_token(),
            other => panic!("{other}"),
        }
    }

    fn get_info(&mut self, request: &Sent) -> Response<Bytes> {
        if let Some(path) = request.fields.get("path") {
            let mut id = 0;
            for name in path.split('/').skip(1) {
                match self.folders.get(&(id, name.to_owned())) {
                    Some(folder) => id = *folder,
                    None if self.files.values().any(|file| file.0 == name) => {
                        return success(&json!({"file_id": "7", "file_category": "1", "sha1": "X"}));
                    }
                    None => return success(&json!([])),
                }
            }
            return success(&json!({"file_id": id.to_string(), "file_category": "0", "sha1": ""}));
        }
        let id: u64 = request.uri.query().unwrap().strip_prefix("file_id=").unwrap().parse().unwrap();
        match self.files.get(&id).filter(|_| self.shown_from[&id] <= self.unix) {
            Some((_, sha1, size)) => success(
                &json!({"file_id": id.to_string(), "file_category": "1", "sha1": sha1, "size": "1KB", "size_byte": size}),
            ),
            None => success(&json!([])),
        }
    }

    fn folder_add(&mut self, request: &Sent) -> Response<Bytes> {
        let (pid, name) = (request.fields["pid"].parse().unwrap(), request.fields["file_name"].clone());
        if pid != 0 && !self.folders.values().any(|folder| *folder == pid) {
            return refusal(20_009);
        }
        if self.folders.contains_key(&(pid, name.clone())) {
            return refusal(20_004);
        }
        let id = self.id();
        self.folders.insert((pid, name.clone()), id);
        success(&json!({"file_name": name, "file_id": id.to_string()}))
    }

    fn init(&mut self, request: &Sent) -> Response<Bytes> {
        let folder: u64 = request.fields["target"].strip_prefix("U_1_").unwrap().parse().unwrap();
        if folder != 0 && !self.folders.values().any(|there| *there == folder) {
            return refusal(10_014);
        }
        let sha1 = request.fields["fileid"].clone();
        let known = self.files.values().find(|file| file.1 == sha1).cloned();
        if known.is_some() && self.hides > 0 {
            self.hides -= 1;
        } else if let Some((_, _, size)) = known {
            return self.known(request, &sha1, size);
        }
        let (id, pick) = (self.id(), format!("task{}", self.next_id));
        let object = format!("object{id}");
        self.tasks.insert(pick.clone(), (sha1, object.clone()));
        let callback = callback(&pick);
        success(&json!({"pick_code": pick, "status": 1, "sign_key": "", "sign_check": "", "file_id": "",
            "bucket": "emubucket", "object": object, "callback": callback}))
    }

    fn known(&mut self, request: &Sent, sha1: &str, size: usize) -> Response<Bytes> {
        let proven = match (self.challenge.take(), request.fields.get("sign_key")) {
            (Some((key, range)), Some(sent)) if key == *sent => {
                let content = &self.storage.known[sha1];
                let right = request.fields["sign_val"] == hex(HashKind::Sha1, &content[range]);
                assert!(right || self.takes_wrong_proofs, "a wrong proof");
                right
            }
            _ => false,
        };
        if self.challenges > 0 {
            // A key is good for one answer; only such an answer brings the last challenge nearer.
            self.challenges -= u8::from(proven);
            let again = self.challenges > 0 || !proven;
            if again {
                return self.challenge(size, request.fields.contains_key("sign_key"));
            }
        }
        let id = self.add_file(request.fields["file_name"].clone(), sha1.to_owned(), size);
        success(&json!({"status": 2, "file_id": id.to_string(), "pick_code": "final", "callback": []}))
    }

    fn challenge(&mut self, size: usize, again: bool) -> Response<Bytes> {
        let id = self.id();
        let range = self.challenged_range.map_or_else(|| format!("{}-{}", size / 2, size - 1), str::to_owned);
        let (first, last) = range.split_once('-').unwrap();
        let last: usize = last.parse().unwrap();
        self.challenge = Some((format!("KEY{id}"), first.parse().unwrap()..(last + 1).min(size)));
        success(&json!({"code": 701, "status": if again { 8 } else { 7 }, "pick_code": format!("p{id}"),
            "sign_key": format!("KEY{id}"), "sign_check": range, "callback": []}))
    }

    fn add_file(&mut self, name: String, sha1: String, size: usize) -> u64 {
        let id = self.id();
        self.files.insert(id, (name, sha1, size));
        self.shown_from.insert(id, self.unix + self.shows_after);
        id
    }

    fn resume(&mut self, request: &Sent) -> Response<Bytes> {
        for field in ["file_size", "target", "fileid", "pick_code"] {
            assert!(!request.fields[field].is_empty(), "{field}");
        }
        let task = self.tasks.get(&request.fields["pick_code"]).cloned();
        let Some((_, object)) = task.filter(|_| self.forgets.is_none()) else {
            return refusal(self.forgets.unwrap_or(20_018));
        };
        let object = if self.moves { format!("{object}moved") } else { object };
        let pick = format!("{}r", request.fields["pick_code"]);
        let sha1 = request.fields["fileid"].clone();
        self.tasks.insert(pick.clone(), (sha1, object.clone()));
        let callback = callback(&pick);
        success(
            &json!({"pick_code": pick, "version": "v1", "bucket": "emubucket", "object": object, "callback": [callback]}),
        )
    }

    fn get_token(&mut self) -> Response<Bytes> {
        self.keys_given += 1;
        let key = format!("STS.canary{}", self.keys_given);
        let until = self.unix + self.keys_live;
        self.keys = Some((key.clone(), until));
        success(&json!({"endpoint": "http://oss-cn-shenzhen.aliyuncs.com", "AccessKeyId": key,
            "AccessKeySecret": "secretcanary", "SecurityToken": "tokencanary", "Expiration": iso(until)}))
    }

    /// The storage's part: keys first.
    fn object(&mut self, request: &Sent) -> Response<Bytes> {
        let signed_by = |key: &str| request.header("authorization").contains(&format!("Credential={key}/"));
        match &self.keys {
            Some((key, until)) if signed_by(key) && self.unix < *until => {}
            Some((key, _)) if signed_by(key) => return storage::error(403, "SecurityTokenExpired", ""),
            _ => return storage::error(403, "InvalidAccessKeyId", ""),
        }
        if storage::time(request.header("x-oss-date")).abs_diff(self.unix.as_secs()) > 900 {
            return storage::error(403, "RequestTimeTooSkewed", "");
        }
        let response = self.storage.handle(request);
        if !self.storage.finished {
            return response;
        }
        self.storage.finished = false;
        self.finished(request, response)
    }

    /// The storage has the object, and asks 115.
    fn finished(&mut self, request: &Sent, response: Response<Bytes>) -> Response<Bytes> {
        let pick = request.callback_var();
        let object = request.uri.path()[1..].to_owned();
        let (sha1, expected) = self.tasks.get(&pick).expect("a callback of ours").clone();
        assert_eq!(object, expected);
        let content = self.storage.objects[&object].clone();
        let how = if self.registers.is_empty() { Registers::Well } else { self.registers.remove(0) };
        let body = match how {
            _ if hex(HashKind::Sha1, &content) != sha1 && !matches!(how, Registers::Not(_) | Registers::Never) => {
                json!({"state": false, "message": "校验文件失败，请重新上传。", "code": 10002}).to_string()
            }
            Registers::Not(body) => body,
            Registers::Never => return storage::error(203, "CallbackFailed", ""),
            how => {
                self.storage.known.insert(sha1.clone(), content.clone());
                let id = self.add_file("x".to_owned(), sha1.clone(), content.len());
                match how {
                    Registers::AndSays(body) => body.replace("FILE_ID", &id.to_string()),
                    Registers::Late => return storage::error(203, "CallbackFailed", ""),
                    _ => json!({"state": true, "code": 0, "message": "", "data": {"file_id": id.to_string(),
                        "file_size": content.len(), "sha1": sha1, "aid": 1}})
                    .to_string(),
                }
            }
        };
        let (parts, _) = response.into_parts();
        Response::from_parts(parts, Bytes::from(body))
    }
}

/// Byte for byte as 115 writes them; the storage gets them back in base64.
pub(crate) fn callback(pick: &str) -> Value {
    json!({"callback": "{\"callbackUrl\":\"http:\\/\\/uplb.115.com\\/3.0\",\"callbackBody\":\"sha1=${sha1}\"}",
        "callback_var": format!("{{\"x:pick_code\":\"{pick}\", \"x:source\":\"100\"}}")})
}

pub(crate) fn success(data: &Value) -> Response<Bytes> {
    says(200, &json!({"state": true, "message": "", "code": 0, "data": data}).to_string())
}

pub(crate) fn refusal(code: i64) -> Response<Bytes> {
    says(200, &json!({"state": false, "message": "不行", "code": code, "data": []}).to_string())
}

pub(crate) fn says(status: u16, body: &str) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

pub(crate) fn hex(kind: HashKind, content: &[u8]) -> String {
    let mut hasher = Hasher::new(kind).unwrap();
    hasher.update(content);
    hasher.finish().to_hex().to_uppercase()
}

fn httpdate(unix: Duration) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + unix)
}

/// 2026-01-01 and the hours after it are enough here.
fn iso(unix: Duration) -> String {
    let seconds = unix.as_secs() - 1_767_225_600;
    let (day, rest) = (seconds / 86_400, seconds % 86_400);
    format!("2026-01-{:02}T{:02}:{:02}:{:02}Z", day + 1, rest / 3600, rest / 60 % 60, rest % 60)
}

/// A request as it arrives.
pub(crate) struct Sent {
    pub(crate) kind: &'static str,
    pub(crate) method: http::Method,
    pub(crate) uri: http::Uri,
    headers: http::HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) text: String,
    pub(crate) fields: BTreeMap<String, String>,
}

impl Sent {
    pub(crate) fn read(request: &Request<Body>, source: &[u8]) -> Self {
        let mut body = Vec::new();
        for segment in request.body().segments() {
            match segment {
                Segment::Bytes(bytes) => body.extend_from_slice(bytes),
                Segment::Source(range) => body.extend_from_slice(&source[at(range.start)..at(range.end)]),
            }
        }
        assert_eq!(body.len() as u64, request.body().len());
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let form =
            request.headers().get("content-type").is_some_and(|kind| kind == "application/x-www-form-urlencoded");
        let text = if form { String::from_utf8(body.clone()).unwrap() } else { String::new() };
        let fields = text.split('&').filter_map(|field| field.split_once('=')).map(|(name, value)| {
            (
                name.to_owned(),
                percent_encoding::percent_decode_str(&value.replace('+', " ")).decode_utf8().unwrap().into(),
            )
        });
        let fields = fields.collect();
        let kind = kind(&method, &uri);
        Self { kind, method, uri, headers: request.headers().clone(), body, text, fields }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.uri.query()?.split('&').find_map(|pair| {
            let (have, value) = pair.split_once('=').unwrap_or((pair, ""));
            (have == name).then_some(value)
        })
    }

    /// The pick code in the callback's variables, which must be what 115 wrote.
    fn callback_var(&self) -> String {
        use base64::Engine as _;
        let decoded = |name| {
            let bytes = base64::engine::general_purpose::STANDARD.decode(self.header(name)).unwrap();
            String::from_utf8(bytes).unwrap()
        };
        let (text, var) = (decoded("x-oss-callback"), decoded("x-oss-callback-var"));
        let pick = var.split('"').nth(3).unwrap().to_owned();
        let expected = callback(&pick);
        assert_eq!((expected["callback"].as_str(), expected["callback_var"].as_str()), (Some(&*text), Some(&*var)));
        pick
    }
}

fn kind(method: &http::Method, uri: &http::Uri) -> &'static str {
    let query = uri.query().unwrap_or_default();
    match (uri.path(), method.as_str()) {
        ("/open/folder/get_info", "POST") => "look",
        ("/open/folder/get_info", _) => "check",
        ("/open/folder/add", _) => "add",
        ("/open/upload/init", _) => "init",
        ("/open/upload/resume", _) => "resume",
        ("/open/upload/get_token", _) => "token",
        (_, "DELETE") => "abort",
        (_, "GET") => "list",
        (_, "PUT") if query.contains("partNumber") => "part",
        (_, "PUT") => "put",
        _ if query.contains("uploads") => "initiate",
        _ => "complete",
    }
}

/// How a file that must be in the drive got there.
#[track_caller]
pub(crate) fn uploaded(rig: &Rig, verdict: Verdict) -> resumable_core::How {
    let uploaded = verdict.unwrap_or_else(|failure| panic!("{failure}: {:?}", rig.asked));
    rig.assert_in_drive(&uploaded);
    uploaded.how
}

fn at(offset: u64) -> usize {
    usize::try_from(offset).unwrap()
}

/// Content in which no two parts are alike.
pub(crate) fn content(len: u64) -> Vec<u8> {
    (0..len).map(|i| u8::try_from((i * 7 + i / 251) % 256).unwrap()).collect()
}
