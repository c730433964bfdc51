//! A client just good enough to talk to the emulator: it signs all that it sends, and reads XML as far as tests ask.

use std::time::Duration;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use md5::{Digest, Md5};
use resumable_emulator::cos_xml::{Account, TemporaryKey};
use resumable_emulator::{Config, Emulator, MemoryStorage, Reply};
use sha1::Sha1;

/// Thu, 01 Jan 2026 00:00:00 GMT.
pub(crate) const NOW: Duration = Duration::from_secs(1_767_225_600);
pub(crate) const BUCKET: &str = "examplebucket-1250000000";
pub(crate) const HOST: &str = "examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com";
/// The shortest part that need not be the last.
pub(crate) const MIN: usize = 64;

pub(crate) fn emulator() -> Emulator {
    with(|_| {})
}

pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Emulator {
    Emulator::new(tiny(change), Box::new(MemoryStorage::new())).expect("an emulator")
}

/// Parts of 64 to 1000 bytes, at most 20, three to a page.
pub(crate) fn tiny(change: impl FnOnce(&mut Config)) -> Config {
    let mut config = Config::default();
    config.cos_xml.limits.part_min = MIN as u64;
    config.cos_xml.limits.part_max = 1000;
    config.cos_xml.limits.put_max = 2000;
    config.cos_xml.limits.parts = 20;
    config.cos_xml.limits.page = 3;
    change(&mut config);
    config
}

/// A request that is going to be signed.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(crate) method: &'static str,
    pub(crate) host: String,
    /// What stands in front of the key.
    pub(crate) folder: String,
    pub(crate) key: String,
    /// Names and values, both plain.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) account: Account,
    /// Sent, and not signed.
    pub(crate) unlisted: Vec<&'static str>,
    /// From when to when the signature is good, in seconds from [`NOW`].
    pub(crate) time: (i64, i64),
}

pub(crate) fn ask(method: &'static str, key: &str) -> Ask {
    Ask {
        method,
        host: HOST.to_owned(),
        folder: String::new(),
        key: key.to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body: Vec::new(),
        account: Account::default(),
        unlisted: Vec::new(),
        time: (0, 3600),
    }
}

pub(crate) fn encoded(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn hmac(key: &[u8], message: &str) -> String {
    let mac = Hmac::<Sha1>::new_from_slice(key).expect("any key").chain_update(message).finalize().into_bytes();
    hex(&mac)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
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

    /// At another host; the bucket is then in the path if the host does not say it.
    pub(crate) fn at(mut self, host: &str, folder: &str) -> Ask {
        host.clone_into(&mut self.host);
        folder.clone_into(&mut self.folder);
        self
    }

    /// Signed with a temporary key.
    pub(crate) fn temporary(mut self, key: &TemporaryKey) -> Ask {
        self.account = Account { secret_id: key.secret_id.clone(), secret_key: key.secret_key.clone() };
        self.header("x-cos-security-token", &key.security_token)
    }

    pub(crate) fn time(mut self, start: i64, end: i64) -> Ask {
        self.time = (start, end);
        self
    }

    pub(crate) fn unlisted(mut self, name: &'static str) -> Ask {
        self.unlisted.push(name);
        self
    }

    fn all_headers(&self) -> Vec<(String, String)> {
        let mut headers = self.headers.clone();
        headers.push(("host".to_owned(), self.host.clone()));
        if !headers.iter().any(|(name, _)| name == "content-length") {
            headers.push(("content-length".to_owned(), self.body.len().to_string()));
        }
        headers
    }

    pub(crate) fn authorization(&self) -> String {
        let listed = |pairs: &[(String, String)]| {
            let pairs = pairs.iter().filter(|(name, _)| !self.unlisted.iter().any(|it| it == name));
            let mut pairs: Vec<_> =
                pairs.map(|(name, value)| (encoded(name).to_ascii_lowercase(), encoded(value))).collect();
            pairs.sort();
            let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
            let text: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
            (names.join(";"), text.join("&"))
        };
        let ((header_list, headers), (param_list, params)) = (listed(&self.all_headers()), listed(&self.query));
        let path = format!("/{}{}", self.folder, self.key);
        let format_string = format!("{}\n{path}\n{params}\n{headers}\n", self.method.to_ascii_lowercase());
        let moment = |seconds: i64| NOW.as_secs().checked_add_signed(seconds).expect("a moment");
        let time = format!("{};{}", moment(self.time.0), moment(self.time.1));
        let sign_key = hmac(self.account.secret_key.as_bytes(), &time);
        let to_sign = format!("sha1\n{time}\n{}\n", hex(&Sha1::digest(&format_string)));
        let signature = hmac(sign_key.as_bytes(), &to_sign);
        format!(
            "q-sign-algorithm=sha1&q-ak={}&q-sign-time={time}&q-key-time={time}&q-header-list={header_list}\
             &q-url-param-list={param_list}&q-signature={signature}",
            self.account.secret_id
        )
    }

    pub(crate) fn target(&self) -> String {
        let key: Vec<String> = self.key.split('/').map(encoded).collect();
        let pairs = self.query.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let query = pairs.collect::<Vec<String>>().join("&");
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/{}{}{mark}{query}", self.folder, key.join("/").replace("./", ".%2F"))
    }

    pub(crate) fn unsigned(&self) -> Request<Bytes> {
        let mut request = Request::builder().method(self.method).uri(self.target());
        for (name, value) in self.all_headers() {
            request = request.header(name, value);
        }
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
        assert!(!self.header("x-cos-request-id").is_empty() && self.header("date").ends_with(" GMT"));
        assert_eq!((self.header("server"), self.has("x-cos-trace-id")), ("tencent-cos", false));
        self
    }

    /// The vendor's error document with this status and code.
    #[track_caller]
    pub(crate) fn refuses(self, status: u16, code: &str) -> Answer {
        assert_eq!((self.status, self.all("Code")), (status, vec![code.to_owned()]), "{}", self.body);
        assert_eq!(self.text("RequestId"), self.header("x-cos-request-id"));
        assert_eq!(self.text("TraceId"), self.header("x-cos-trace-id"));
        assert_eq!(self.header("content-type"), "application/xml");
        assert!(self.body.contains("<Resource>") && !self.body.contains("HostId"), "{}", self.body);
        self
    }

    /// One or the other.
    #[track_caller]
    pub(crate) fn succeeds_or_refuses(self, is_good: bool, status: u16, code: &str) {
        if is_good {
            self.succeeds();
        } else {
            self.refuses(status, code);
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.reply.response.headers().contains_key(name)
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
        self.header("x-cos-hash-crc64ecma").parse().expect("a number")
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

pub(crate) fn initiate(emulator: &Emulator, key: &str) -> String {
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

pub(crate) fn list_xml(parts: &[(u32, &str)]) -> Vec<u8> {
    let part =
        |(number, etag): &(u32, &str)| format!("<Part><PartNumber>{number}</PartNumber><ETag>\"{etag}\"</ETag></Part>");
    let parts: String = parts.iter().map(part).collect();
    format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>").into_bytes()
}

pub(crate) fn ask_complete(key: &str, id: &str, parts: &[(u32, &[u8])]) -> Ask {
    let tags: Vec<(u32, String)> = parts.iter().map(|(number, bytes)| (*number, tag(bytes))).collect();
    let tags: Vec<(u32, &str)> = tags.iter().map(|(number, etag)| (*number, etag.as_str())).collect();
    let ask = ask("POST", key).query("uploadId", id).header("content-type", "application/xml");
    ask.body(&list_xml(&tags))
}

pub(crate) fn complete(emulator: &Emulator, key: &str, id: &str, parts: &[(u32, &[u8])]) -> Answer {
    ask_complete(key, id, parts).send(emulator)
}

pub(crate) fn abort(emulator: &Emulator, key: &str, id: &str) -> Answer {
    ask("DELETE", key).query("uploadId", id).send(emulator)
}

pub(crate) fn head(emulator: &Emulator, key: &str) -> Answer {
    ask("HEAD", key).send(emulator)
}

/// An upload with these parts, from 1 on.
pub(crate) fn uploaded(emulator: &Emulator, key: &str, parts: &[&[u8]]) -> String {
    let id = initiate(emulator, key);
    (1..).zip(parts).for_each(|(number, bytes)| drop(part(emulator, key, &id, number, bytes).succeeds()));
    id
}

pub(crate) fn stored(emulator: &Emulator, key: &str) -> Option<Vec<u8>> {
    emulator.cos_xml().read_object(BUCKET, key).expect("readable")
}

pub(crate) fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((at * 7 + (at >> 8) * 13) & 255).expect("a byte")).collect()
}

pub(crate) fn tag(bytes: &[u8]) -> String {
    hex(&Md5::digest(bytes))
}
