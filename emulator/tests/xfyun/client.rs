//! A client just good enough to talk to the emulator: it signs, writes forms and JSON, and reads JSON.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use resumable_emulator::xfyun::Account;
use resumable_emulator::{Config, Emulator, MemoryStorage, Reply};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Wed, 05 Jan 2022 09:29:14 GMT.
pub(crate) const NOW: Duration = Duration::from_secs(1_641_374_954);
pub(crate) const DATE: &str = "Wed, 05 Jan 2022 09:29:14 GMT";
pub(crate) const HOST: &str = "upload-ost-api.xfyun.cn";
pub(crate) const EMPTY: &str = "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
pub(crate) const BOUNDARY: &str = "X-XFYUN-TEST-BOUNDARY";
/// The shortest slice that need not be the last.
pub(crate) const MIN: usize = 64;

pub(crate) const UPLOAD: &str = "/file/upload";
pub(crate) const INIT: &str = "/file/mpupload/init";
pub(crate) const SLICE: &str = "/file/mpupload/upload";
pub(crate) const COMPLETE: &str = "/file/mpupload/complete";
pub(crate) const CANCEL: &str = "/file/mpupload/cancel";

pub(crate) fn emulator() -> Emulator {
    with(|_| {})
}

pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Emulator {
    Emulator::new(tiny(change), Box::new(MemoryStorage::new())).expect("an emulator")
}

/// Slices of 64 to 1000 bytes, at most 20.
pub(crate) fn tiny(change: impl FnOnce(&mut Config)) -> Config {
    let mut config = Config::default();
    config.xfyun.limits.slice_min = MIN as u64;
    config.xfyun.limits.slice_max = 1000;
    config.xfyun.limits.slices = 20;
    change(&mut config);
    config
}

/// One that has another application, and somebody else.
pub(crate) fn accounts() -> Vec<Account> {
    let of = |app: &str, key: &str| Account {
        app_id: app.to_owned(),
        api_key: key.to_owned(),
        api_secret: format!("{key}-secret"),
    };
    vec![Account::default(), Account { app_id: "second".to_owned(), ..Account::default() }, of("other", "other-key")]
}

pub(crate) fn signature(path: &str, host: &str, date: &str, digest: &str, secret: &str) -> String {
    let clear = format!("host: {host}\ndate: {date}\nPOST {path} HTTP/1.1\ndigest: {digest}");
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key").chain_update(clear);
    STANDARD.encode(mac.finalize().into_bytes())
}

pub(crate) fn authorization(api_key: &str, signature: &str) -> String {
    format!(
        r#"api_key="{api_key}", algorithm="hmac-sha256", headers="host date request-line digest", signature="{signature}""#
    )
}

/// What is sent to be signed, and how.
#[derive(Clone)]
pub(crate) struct Signed<'a> {
    pub(crate) date: &'a str,
    pub(crate) digest: &'a str,
    pub(crate) account: Account,
}

impl Default for Signed<'_> {
    fn default() -> Self {
        Signed { date: DATE, digest: EMPTY, account: Account::default() }
    }
}

impl Signed<'_> {
    pub(crate) fn request(&self, path: &str, kind: &str, body: impl Into<Bytes>) -> Request<Bytes> {
        let signature = signature(path, HOST, self.date, self.digest, &self.account.api_secret);
        Request::post(path)
            .header("Host", HOST)
            .header("Date", self.date)
            .header("Digest", self.digest)
            .header("Authorization", authorization(&self.account.api_key, &signature))
            .header("Content-Type", kind)
            .body(body.into())
            .expect("a request")
    }
}

pub(crate) fn digest_of(body: &[u8]) -> String {
    format!("SHA-256={}", STANDARD.encode(Sha256::digest(body)))
}

pub(crate) fn form_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

pub(crate) enum Part<'a> {
    Text(&'a str, &'a str),
    File(&'a [u8]),
    /// Headers and value, as they are.
    Raw(&'a str, &'a [u8]),
}

pub(crate) use Part::{File, Raw, Text};

pub(crate) fn form(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        let (head, value) = match part {
            Text(name, value) => (format!("Content-Disposition: form-data; name=\"{name}\""), value.as_bytes()),
            File(bytes) => (
                "Content-Disposition: form-data; name=\"data\"; filename=\"data.bin\"\r\n\
                 Content-Type: application/octet-stream"
                    .to_owned(),
                *bytes,
            ),
            Raw(head, value) => ((*head).to_owned(), *value),
        };
        body.extend_from_slice(format!("--{BOUNDARY}\r\n{head}\r\n\r\n").as_bytes());
        body.extend_from_slice(value);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

pub(crate) fn json_body(members: &[(&str, &str)]) -> Vec<u8> {
    let object: serde_json::Map<String, Value> =
        members.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    Value::Object(object).to_string().into_bytes()
}

pub(crate) fn send(emulator: &Emulator, path: &str, kind: &str, body: Vec<u8>) -> Answer {
    Answer::of(emulator.handle(NOW, Signed::default().request(path, kind, body)))
}

pub(crate) fn send_form(emulator: &Emulator, path: &str, parts: &[Part<'_>]) -> Answer {
    send(emulator, path, &form_type(), form(parts))
}

pub(crate) fn send_json(emulator: &Emulator, path: &str, members: &[(&str, &str)]) -> Answer {
    send(emulator, path, "application/json", json_body(members))
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

    /// The vendor's envelope with this status and code.
    #[track_caller]
    pub(crate) fn is(&self, status: u16, code: i64) {
        let got = (self.status, self.body["code"].as_i64());
        assert_eq!(got, (status, Some(code)), "{}", self.body);
        let sid = self.body["sid"].as_str().expect("a trace id");
        assert!(sid.len() == 32 && sid.starts_with("ost0001"), "{sid}");
        assert_eq!(self.header("content-type"), "application/json; charset=utf-8");
        assert_eq!(self.header("date"), "Wed, 05 Jan 2022 09:29:14 GMT");
    }

    #[track_caller]
    pub(crate) fn succeeds(&self) {
        self.is(200, 0);
        assert_eq!(self.body["message"], "success");
    }

    #[track_caller]
    pub(crate) fn refuses(&self, code: i64) {
        self.is(500, code);
        assert_eq!(self.body.get("data"), None);
    }

    /// The gateway's message with this status.
    #[track_caller]
    pub(crate) fn denies(&self, status: u16, message: &str) {
        assert_eq!((self.status, &self.body), (status, &json!({ "message": message })));
        assert_eq!(self.header("content-type"), "text/plain; charset=utf-8");
        assert!(self.header("date").ends_with(" GMT"));
    }

    #[track_caller]
    pub(crate) fn upload_id(&self) -> String {
        self.succeeds();
        self.body["data"]["upload_id"].as_str().expect("an upload id").to_owned()
    }

    /// The last segment of the URL.
    #[track_caller]
    pub(crate) fn object(&self) -> String {
        self.succeeds();
        let url = self.body["data"]["url"].as_str().expect("a URL");
        url.rsplit('/').next().expect("a segment").to_owned()
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        self.reply.response.headers()[name].to_str().expect("text")
    }
}

pub(crate) fn upload(emulator: &Emulator, file: &[u8]) -> Answer {
    send_form(emulator, UPLOAD, &[Text("app_id", "emulator"), File(file), Text("request_id", "r-1")])
}

pub(crate) fn init(emulator: &Emulator) -> Answer {
    send_json(emulator, INIT, &[("request_id", "r-2"), ("app_id", "emulator"), ("cloud_id", "0")])
}

pub(crate) fn slice_form(id: &str, slice_id: &str, bytes: &[u8]) -> Vec<u8> {
    form(&[
        Text("request_id", "r-3"),
        Text("app_id", "emulator"),
        Text("upload_id", id),
        Text("slice_id", slice_id),
        File(bytes),
    ])
}

pub(crate) fn slice(emulator: &Emulator, id: &str, slice_id: u32, bytes: &[u8]) -> Answer {
    send(emulator, SLICE, &form_type(), slice_form(id, &slice_id.to_string(), bytes))
}

fn of_upload(emulator: &Emulator, path: &str, id: &str) -> Answer {
    send_json(emulator, path, &[("request_id", "r-4"), ("app_id", "emulator"), ("upload_id", id)])
}

pub(crate) fn complete(emulator: &Emulator, id: &str) -> Answer {
    of_upload(emulator, COMPLETE, id)
}

pub(crate) fn cancel(emulator: &Emulator, id: &str) -> Answer {
    of_upload(emulator, CANCEL, id)
}

pub(crate) fn stored(emulator: &Emulator, object: &str) -> Option<Vec<u8>> {
    emulator.xfyun().read_object(object).expect("readable")
}

pub(crate) fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((at * 7 + (at >> 8) * 13) & 255).expect("a byte")).collect()
}
