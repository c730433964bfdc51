//! A client just good enough to talk to the emulator: it signs with version 4, and reads XML as far as tests ask.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use md5::{Digest, Md5};
use resumable_emulator::s3::{Account, Sts};
use resumable_emulator::{Config, Emulator, MemoryStorage, Reply};
use sha2::Sha256;

/// Thu, 01 Jan 2026 00:00:00 GMT.
pub(crate) const NOW: Duration = Duration::from_secs(1_767_225_600);
pub(crate) const DATE: &str = "20260101T000000Z";
pub(crate) const BUCKET: &str = "emubucket";
/// The shortest part that need not be the last.
pub(crate) const MIN: usize = 64;
/// The SHA-256 of nothing.
pub(crate) const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

pub(crate) fn emulator() -> Emulator {
    with(|_| {})
}

pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Emulator {
    Emulator::new(tiny(change), Box::new(MemoryStorage::new())).expect("an emulator")
}

/// Parts of 64 to 1000 bytes, at most 20, three to a page.
pub(crate) fn tiny(change: impl FnOnce(&mut Config)) -> Config {
    let mut config = Config::default();
    config.s3.limits.part_min = MIN as u64;
    config.s3.limits.part_max = 1000;
    config.s3.limits.put_max = 2000;
    config.s3.limits.parts = 20;
    config.s3.limits.page = 3;
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
    pub(crate) region: String,
    pub(crate) date: String,
    /// What `x-amz-content-sha256` says.
    pub(crate) payload: String,
    /// The bucket is in front of this, and not in the path.
    pub(crate) domain: Option<String>,
    /// Sent, but not signed.
    pub(crate) unsigned: Vec<(String, String)>,
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
        region: "us-east-1".to_owned(),
        date: DATE.to_owned(),
        payload: "UNSIGNED-PAYLOAD".to_owned(),
        domain: None,
        unsigned: Vec::new(),
    }
}

pub(crate) fn encoded(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    Hmac::<Sha256>::new_from_slice(key).expect("any key").chain_update(text).finalize().into_bytes().to_vec()
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

    pub(crate) fn unsigned_header(mut self, name: &str, value: &str) -> Ask {
        self.unsigned.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, body: &[u8]) -> Ask {
        self.body = body.to_vec();
        self
    }

    /// The SHA-256 of the body is part of what is signed.
    pub(crate) fn hashed(mut self) -> Ask {
        self.payload = sha256(&self.body);
        self
    }

    pub(crate) fn payload(mut self, payload: &str) -> Ask {
        payload.clone_into(&mut self.payload);
        self
    }

    /// In pieces of three bytes, with a line behind them.
    pub(crate) fn chunked(mut self, trailer: Option<(&str, &str)>) -> Ask {
        let mut framed: Vec<u8> = self
            .body
            .chunks(3)
            .flat_map(|it| [format!("{:x}\r\n", it.len()).as_bytes(), it, b"\r\n"].concat())
            .collect();
        framed.extend_from_slice(b"0\r\n");
        let length = self.body.len().to_string();
        let mut ask =
            self.clone().header("content-encoding", "aws-chunked").header("x-amz-decoded-content-length", &length);
        if let Some((name, value)) = trailer {
            framed.extend_from_slice(format!("{name}:{value}\r\n").as_bytes());
            ask = ask.header("x-amz-trailer", name);
        }
        framed.extend_from_slice(b"\r\n");
        self = ask.payload("STREAMING-UNSIGNED-PAYLOAD-TRAILER").body(&framed);
        self
    }

    pub(crate) fn bucket(mut self, bucket: &str) -> Ask {
        bucket.clone_into(&mut self.bucket);
        self
    }

    /// Virtual-host style.
    pub(crate) fn at(mut self, domain: &str) -> Ask {
        self.domain = Some(domain.to_owned());
        self
    }

    /// Signed with a temporary key.
    pub(crate) fn sts(mut self, sts: &Sts) -> Ask {
        self.account =
            Account { access_key_id: sts.access_key_id.clone(), access_key_secret: sts.access_key_secret.clone() };
        self.header("x-amz-security-token", &sts.security_token)
    }

    fn host(&self) -> String {
        match &self.domain {
            Some(domain) => format!("{}.{domain}", self.bucket),
            None => "127.0.0.1:9000".to_owned(),
        }
    }

    fn path(&self) -> String {
        let key: Vec<String> = self.key.split('/').map(encoded).collect();
        match self.domain {
            Some(_) => format!("/{}", key.join("/")),
            None => format!("/{}/{}", self.bucket, key.join("/")),
        }
    }

    /// Sorted; a name without a value has a `=` where it is signed.
    fn query_text(&self, bare: &str) -> String {
        let mut all: Vec<String> = self
            .query
            .iter()
            .map(|(name, value)| {
                let mark = if value.is_empty() { bare } else { "=" };
                format!("{}{mark}{}", encoded(name), encoded(value))
            })
            .collect();
        all.sort();
        all.join("&")
    }

    fn signed_headers(&self) -> Vec<(String, String)> {
        let own =
            [("host", self.host()), ("x-amz-date", self.date.clone()), ("x-amz-content-sha256", self.payload.clone())];
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
        let mut all: Vec<_> = own.chain(self.headers.iter().cloned()).filter(|(_, value)| !value.is_empty()).collect();
        all.sort();
        all
    }

    pub(crate) fn canonical_request(&self) -> String {
        let headers = self.signed_headers();
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let lines = headers.iter().fold(String::new(), |text, (name, value)| text + name + ":" + value.trim() + "\n");
        let (path, query) = (self.path(), self.query_text("="));
        format!("{}\n{path}\n{query}\n{lines}\n{}\n{}", self.method, names.join(";"), self.payload)
    }

    pub(crate) fn authorization(&self) -> String {
        let day = &self.date[..8];
        let scope = format!("{day}/{}/s3/aws4_request", self.region);
        let hashed = sha256(self.canonical_request().as_bytes());
        let text = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{hashed}", self.date);
        let secret = format!("AWS4{}", self.account.access_key_secret).into_bytes();
        let key = scope.split('/').fold(secret, |key, part| mac(&key, part));
        let signature = mac(&key, &text).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        let names: Vec<String> = self.signed_headers().into_iter().map(|(name, _)| name).collect();
        let (id, names) = (&self.account.access_key_id, names.join(";"));
        format!("AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}")
    }

    pub(crate) fn target(&self) -> String {
        let (path, query) = (self.path(), self.query_text(""));
        if query.is_empty() { path } else { format!("{path}?{query}") }
    }

    /// Without a signature, but with a length.
    pub(crate) fn unsigned(&self) -> Request<Bytes> {
        let mut request = Request::builder().method(self.method).uri(self.target());
        for (name, value) in self.signed_headers().iter().chain(&self.unsigned) {
            request = request.header(name, value);
        }
        request.header("content-length", self.body.len()).body(Bytes::from(self.body.clone())).expect("a request")
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
        assert!(self.status == 200 || self.status == 204, "{} {}", self.status, self.body);
        assert!(self.header("x-amz-request-id").len() == 16 && self.header("date").ends_with(" GMT"));
        self
    }

    /// The vendor's error document with this status and code.
    #[track_caller]
    pub(crate) fn refuses(self, status: u16, code: &str) -> Answer {
        assert_eq!((self.status, self.all("Code")), (status, vec![code.to_owned()]), "{}", self.body);
        assert!(self.body.contains("<Error>\n") && !self.body.contains("xmlns"), "{}", self.body);
        assert_eq!(self.text("RequestId"), self.header("x-amz-request-id"));
        assert_eq!(self.text("HostId"), self.header("x-amz-id-2"));
        assert_eq!(self.header("content-type"), "application/xml");
        self
    }

    pub(crate) fn maybe_header(&self, name: &str) -> Option<&str> {
        self.reply.response.headers().get(name).map(|value| value.to_str().expect("text"))
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        self.maybe_header(name).unwrap_or_else(|| panic!("no {name}: {}", self.body))
    }

    /// The tag without its quotes.
    #[track_caller]
    pub(crate) fn etag(&self) -> &str {
        let quoted = self.header("etag");
        quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).expect("quotes")
    }
}

pub(crate) fn texts(document: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let pieces = document.split(open.as_str()).skip(1).filter_map(|rest| rest.split_once(close.as_str()));
    let plain = |text: &str| {
        text.replace("&quot;", "\"")
            .replace("&#34;", "\"")
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

pub(crate) fn head(emulator: &Emulator, key: &str) -> Answer {
    ask("HEAD", key).header("x-amz-checksum-mode", "ENABLED").send(emulator)
}

pub(crate) fn ask_initiate(key: &str) -> Ask {
    ask("POST", key).query("uploads", "").payload(NOTHING)
}

pub(crate) fn initiate(emulator: &Emulator, key: &str) -> String {
    ask_initiate(key).send(emulator).succeeds().text("UploadId")
}

/// With a checksum for parts and object.
pub(crate) fn initiate_with(emulator: &Emulator, key: &str, algorithm: &str, kind: &str) -> String {
    let ask = ask_initiate(key).header("x-amz-checksum-algorithm", algorithm).header("x-amz-checksum-type", kind);
    ask.send(emulator).succeeds().text("UploadId")
}

pub(crate) fn ask_part(key: &str, id: &str, number: u32, bytes: &[u8]) -> Ask {
    ask("PUT", key).query("partNumber", &number.to_string()).query("uploadId", id).body(bytes)
}

pub(crate) fn part(emulator: &Emulator, key: &str, id: &str, number: u32, bytes: &[u8]) -> Answer {
    ask_part(key, id, number, bytes).send(emulator)
}

pub(crate) fn ask_list(key: &str, id: &str) -> Ask {
    ask("GET", key).query("uploadId", id).payload(NOTHING)
}

pub(crate) fn list(emulator: &Emulator, key: &str, id: &str) -> Answer {
    ask_list(key, id).send(emulator)
}

/// Numbers, tags without quotes, and further elements.
pub(crate) fn list_xml(parts: &[(u32, &str, &str)]) -> Vec<u8> {
    let part = |(number, tag, more): &(u32, &str, &str)| {
        format!("<Part><PartNumber>{number}</PartNumber><ETag>\"{tag}\"</ETag>{more}</Part>")
    };
    let parts: String = parts.iter().map(part).collect();
    let root = "CompleteMultipartUpload";
    format!("<{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{parts}</{root}>").into_bytes()
}

pub(crate) fn ask_complete_as(key: &str, id: &str, parts: &[(u32, &str, &str)]) -> Ask {
    ask("POST", key).query("uploadId", id).body(&list_xml(parts)).hashed()
}

pub(crate) fn ask_complete(key: &str, id: &str, parts: &[(u32, &[u8])]) -> Ask {
    let tags: Vec<(u32, String)> = parts.iter().map(|(number, bytes)| (*number, tag(bytes))).collect();
    let parts: Vec<(u32, &str, &str)> = tags.iter().map(|(number, tag)| (*number, tag.as_str(), "")).collect();
    ask_complete_as(key, id, &parts)
}

pub(crate) fn complete(emulator: &Emulator, key: &str, id: &str, parts: &[(u32, &[u8])]) -> Answer {
    ask_complete(key, id, parts).send(emulator)
}

pub(crate) fn abort(emulator: &Emulator, key: &str, id: &str) -> Answer {
    ask("DELETE", key).query("uploadId", id).payload(NOTHING).send(emulator)
}

pub(crate) fn stored(emulator: &Emulator, key: &str) -> Option<Vec<u8>> {
    emulator.s3().read_object(BUCKET, key).expect("readable")
}

pub(crate) fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((at * 7 + (at >> 8) * 13) & 255).expect("a byte")).collect()
}

/// Lower-case hex.
pub(crate) fn tag(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

pub(crate) fn md5(bytes: &[u8]) -> String {
    STANDARD.encode(Md5::digest(bytes))
}

/// Two parts and the whole.
pub(crate) fn pieces() -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let (one, two) = (bytes(MIN), b"tail".to_vec());
    let whole = [one.clone(), two.clone()].concat();
    (one, two, whole)
}

/// An upload with both parts; its id.
pub(crate) fn uploaded(emulator: &Emulator, key: &str) -> String {
    let (one, two, _) = pieces();
    let id = initiate(emulator, key);
    part(emulator, key, &id, 1, &one).succeeds();
    part(emulator, key, &id, 2, &two).succeeds();
    id
}

/// Of [`uploaded`].
pub(crate) fn complete_both(emulator: &Emulator, key: &str, id: &str) -> Answer {
    let (one, two, _) = pieces();
    complete(emulator, key, id, &[(1, &one), (2, &two)])
}
