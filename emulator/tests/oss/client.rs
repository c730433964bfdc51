//! A client just good enough to talk to the emulator: it signs with version 1, and reads XML as far as tests ask.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use md5::{Digest, Md5};
use resumable_emulator::oss::{Account, Sts};
use resumable_emulator::{Config, Emulator, MemoryStorage, Reply};
use sha1::Sha1;

/// Thu, 01 Jan 2026 00:00:00 GMT.
pub(crate) const NOW: Duration = Duration::from_secs(1_767_225_600);
pub(crate) const DATE: &str = "Thu, 01 Jan 2026 00:00:00 GMT";
pub(crate) const BUCKET: &str = "examplebucket";
/// The shortest part that need not be the last.
pub(crate) const MIN: usize = 64;
/// Where callbacks of [`called_back`] are taken.
pub(crate) const HEARD: &str = "http://callback.example/";

pub(crate) fn emulator() -> Emulator {
    with(|_| {})
}

pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Emulator {
    Emulator::new(tiny(change), Box::new(MemoryStorage::new())).expect("an emulator")
}

/// Parts of 64 to 1000 bytes, at most 20, three to a page.
pub(crate) fn tiny(change: impl FnOnce(&mut Config)) -> Config {
    let mut config = Config::default();
    config.oss.limits.part_min = MIN as u64;
    config.oss.limits.part_max = 1000;
    config.oss.limits.put_max = 2000;
    config.oss.limits.parts = 20;
    config.oss.limits.page = 3;
    let answer = |url: &str, status: u16, answer: &str| resumable_emulator::oss::FixedCallback {
        url: url.to_owned(),
        status,
        answer: answer.to_owned(),
    };
    config.oss.callbacks = vec![
        answer(HEARD, 200, r#"{"state":true}"#),
        answer("http://ill.example/", 500, "{}"),
        answer("http://odd.example/", 200, "no"),
    ];
    change(&mut config);
    config
}

/// A request that is going to be signed.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(crate) method: &'static str,
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// Names and values, both plain.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) account: Account,
    pub(crate) date: String,
}

pub(crate) fn ask(method: &'static str, key: &str) -> Ask {
    Ask {
        method,
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body: Vec::new(),
        account: Account::default(),
        date: DATE.to_owned(),
    }
}

/// Those of the tests' parameters that version 1 signs.
const SIGNED: [&str; 8] =
    ["bucketInfo", "callback", "callback-var", "continuation-token", "partNumber", "sequential", "uploadId", "uploads"];

pub(crate) fn encoded(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

impl Ask {
    pub(crate) fn query(mut self, name: &str, value: &str) -> Ask {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Ask {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, body: &[u8]) -> Ask {
        self.body = body.to_vec();
        self
    }

    pub(crate) fn bucket(mut self, bucket: &str) -> Ask {
        bucket.clone_into(&mut self.bucket);
        self
    }

    /// Signed with a temporary key, for its bucket.
    pub(crate) fn sts(mut self, sts: &Sts) -> Ask {
        self.account =
            Account { access_key_id: sts.access_key_id.clone(), access_key_secret: sts.access_key_secret.clone() };
        self.bucket("fhnfile").header("x-oss-security-token", &sts.security_token)
    }

    fn string_to_sign(&self) -> String {
        let header = |name: &str| {
            let found = self.headers.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        let mut own: Vec<_> = self.headers.iter().filter(|(name, _)| name.starts_with("x-oss-")).collect();
        own.sort();
        let own = own.iter().fold(String::new(), |text, (name, value)| text + name + ":" + value + "\n");
        let mut signed: Vec<_> = self.query.iter().filter(|(name, _)| SIGNED.contains(&name.as_str())).collect();
        signed.sort();
        let signed: Vec<String> = signed
            .iter()
            .map(|(name, value)| if value.is_empty() { name.clone() } else { format!("{name}={value}") })
            .collect();
        let mark = if signed.is_empty() { "" } else { "?" };
        format!(
            "{}\n{}\n{}\n{}\n{own}/{}/{}{mark}{}",
            self.method,
            header("content-md5"),
            header("content-type"),
            self.date,
            self.bucket,
            self.key,
            signed.join("&")
        )
    }

    pub(crate) fn authorization(&self) -> String {
        let mac = Hmac::<Sha1>::new_from_slice(self.account.access_key_secret.as_bytes()).expect("any key");
        let mac = mac.chain_update(self.string_to_sign()).finalize().into_bytes();
        format!("OSS {}:{}", self.account.access_key_id, STANDARD.encode(mac))
    }

    pub(crate) fn target(&self) -> String {
        let key: Vec<String> = self.key.split('/').map(encoded).collect();
        let query: Vec<String> = self
            .query
            .iter()
            .map(
                |(name, value)| {
                    if value.is_empty() { encoded(name) } else { format!("{}={}", encoded(name), encoded(value)) }
                },
            )
            .collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/{}/{}{mark}{}", self.bucket, key.join("/"), query.join("&"))
    }

    /// Without a signature, but with a length.
    pub(crate) fn unsigned(&self) -> Request<Bytes> {
        let mut request = Request::builder().method(self.method).uri(self.target());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.header("host", "127.0.0.1:8800").header("date", &self.date);
        let request = request.header("content-length", self.body.len());
        request.body(Bytes::from(self.body.clone())).expect("a request")
    }

    pub(crate) fn request(&self) -> Request<Bytes> {
        let mut request = self.unsigned();
        request.headers_mut().insert("authorization", self.authorization().parse().expect("a value"));
        request
    }

    pub(crate) fn send(&self, emulator: &Emulator) -> Answer {
        self.send_at(emulator, NOW)
    }

    pub(crate) fn send_at(&self, emulator: &Emulator, now: Duration) -> Answer {
        Answer::of(emulator.handle(now, self.request()))
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) reply: Reply,
}

impl Answer {
    pub(crate) fn of(reply: Reply) -> Answer {
        let body = String::from_utf8_lossy(reply.response.body()).into_owned();
        Answer { status: reply.response.status().as_u16(), body, reply }
    }

    /// The texts of all elements with this name, unescaped.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        texts(&self.body, name)
    }

    #[track_caller]
    pub(crate) fn text(&self, name: &str) -> String {
        let mut all = self.all(name);
        assert_eq!(all.len(), 1, "{name} in {}", self.body);
        all.remove(0)
    }

    #[track_caller]
    pub(crate) fn succeeds(self) -> Answer {
        assert_eq!(self.status, 200, "{}", self.body);
        assert!(self.header("x-oss-request-id").len() == 24 && self.header("date").ends_with(" GMT"));
        assert_eq!(self.header("x-oss-server-time"), "1");
        self
    }

    /// The vendor's error document with this status and code.
    #[track_caller]
    pub(crate) fn refuses(self, status: u16, code: &str) -> Answer {
        assert_eq!((self.status, self.all("Code")), (status, vec![code.to_owned()]), "{}", self.body);
        assert!(self.body.contains("<Error>\n") && !self.body.contains("xmlns"), "{}", self.body);
        assert_eq!(self.text("RequestId"), self.header("x-oss-request-id"));
        assert_eq!(self.header("content-type"), "application/xml");
        assert!(self.text("HostId").ends_with("oss-cn-hangzhou.aliyuncs.com"));
        if let Some(ec) = self.reply.response.headers().get("x-oss-ec") {
            assert_eq!(self.text("EC"), ec.to_str().expect("text"));
        }
        self
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.reply.response.headers().get(name).unwrap_or_else(|| panic!("no {name}: {}", self.body));
        value.to_str().expect("text")
    }

    /// The tag without its quotes.
    #[track_caller]
    pub(crate) fn etag(&self) -> &str {
        let quoted = self.header("etag");
        quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).expect("quotes")
    }

    #[track_caller]
    pub(crate) fn crc64(&self) -> u64 {
        self.header("x-oss-hash-crc64ecma").parse().expect("a number")
    }
}

pub(crate) fn texts(document: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let pieces = document.split(open.as_str()).skip(1).filter_map(|rest| rest.split_once(close.as_str()));
    let plain = |text: &str| {
        text.replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&apos;", "'")
            .replace("&amp;", "&")
    };
    pieces.map(|(text, _)| plain(text)).collect()
}

pub(crate) fn put(emulator: &Emulator, key: &str, bytes: &[u8]) -> Answer {
    ask("PUT", key).body(bytes).send(emulator)
}

/// In sequential mode.
pub(crate) fn initiate(emulator: &Emulator, key: &str) -> String {
    ask("POST", key).query("uploads", "").query("sequential", "").send(emulator).succeeds().text("UploadId")
}

/// Parts in any order.
pub(crate) fn initiate_loose(emulator: &Emulator, key: &str) -> String {
    ask("POST", key).query("uploads", "").send(emulator).succeeds().text("UploadId")
}

pub(crate) fn ask_part(key: &str, id: &str, number: u32, bytes: &[u8]) -> Ask {
    ask("PUT", key).query("partNumber", &number.to_string()).query("uploadId", id).body(bytes)
}

pub(crate) fn part(emulator: &Emulator, key: &str, id: &str, number: u32, bytes: &[u8]) -> Answer {
    ask_part(key, id, number, bytes).send(emulator)
}

pub(crate) fn list(emulator: &Emulator, key: &str, id: &str) -> Answer {
    ask("GET", key).query("uploadId", id).send(emulator)
}

pub(crate) fn list_xml(parts: &[(u32, &[u8])]) -> Vec<u8> {
    let part = |(number, bytes): &(u32, &[u8])| {
        format!("<Part><PartNumber>{number}</PartNumber><ETag>\"{}\"</ETag></Part>", tag(bytes))
    };
    let parts: String = parts.iter().map(part).collect();
    format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>").into_bytes()
}

pub(crate) fn ask_complete(key: &str, id: &str, parts: &[(u32, &[u8])]) -> Ask {
    ask("POST", key).query("uploadId", id).body(&list_xml(parts))
}

pub(crate) fn complete(emulator: &Emulator, key: &str, id: &str, parts: &[(u32, &[u8])]) -> Answer {
    ask_complete(key, id, parts).send(emulator)
}

pub(crate) fn abort(emulator: &Emulator, key: &str, id: &str) -> Answer {
    ask("DELETE", key).query("uploadId", id).send(emulator)
}

/// With a callback to this address.
pub(crate) fn called_back(ask: Ask, url: &str) -> Ask {
    let callback = format!(r#"{{"callbackUrl":"{url}","callbackBody":"b=${{bucket}}&s=${{sha1}}&p=${{x:p}}"}}"#);
    ask.header("x-oss-callback", &STANDARD.encode(callback))
        .header("x-oss-callback-var", &STANDARD.encode(r#"{"x:p":"7"}"#))
}

pub(crate) fn stored(emulator: &Emulator, key: &str) -> Option<Vec<u8>> {
    emulator.oss().read_object(BUCKET, key).expect("readable")
}

pub(crate) fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((at * 7 + (at >> 8) * 13) & 255).expect("a byte")).collect()
}

pub(crate) fn tag(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02X}"))
}
