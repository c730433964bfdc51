//! The far side: a bucket with one key, which plays by the rules of this API.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request, Response};
use resumable_core::{Body, HashKind, Hasher, Segment};
use resumable_proto_s3::Options;

/// What is at the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) body: Vec<u8>,
    pub(crate) etag: String,
    /// The random name that its upload gave it.
    pub(crate) name: Option<String>,
    /// The upload that it was put together by.
    upload: Option<String>,
}

impl Object {
    /// Somebody's.
    pub(crate) fn of(body: Vec<u8>) -> Self {
        let etag = hex_md5(&body);
        Self { body, etag, name: None, upload: None }
    }
}

/// What a complete is answered that was answered before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Again {
    /// The same.
    Same,
    /// That the upload is not known.
    Unknown,
}

/// What a server does that another does not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Habit {
    /// Knows sums of the whole.
    Sums,
    /// Encrypts with a key of its owner's: tags are no MD5, though they look like one.
    Encrypts,
    /// A refused complete destroys the upload.
    Fragile,
    /// Keys may not list: HEAD of nothing is 403.
    HidesAbsence,
    /// Answers have no request id.
    Nameless,
    /// Keeps an object that is there, if it is asked to.
    Conditional,
}

#[derive(Default, Clone)]
pub(crate) struct Unfinished {
    parts: BTreeMap<u32, Vec<u8>>,
    name: Option<String>,
    summed: bool,
}

pub(crate) struct Server {
    pub(crate) object: Option<Object>,
    pub(crate) uploads: BTreeMap<String, Unfinished>,
    opened: u32,
    /// The session token that is good; `None` takes account keys.
    pub(crate) token: Option<String>,
    /// The region of the bucket.
    pub(crate) region: &'static str,
    pub(crate) habits: BTreeSet<Habit>,
    /// Says another sum of finished objects, so many times.
    pub(crate) wrong_sums: u32,
    pub(crate) again: Again,
    /// How many calls for the key's head are told that there is nothing, though there is.
    pub(crate) lags: u32,
    /// A complete does its work after so many more calls.
    pub(crate) slow: Option<u32>,
    pending: Option<(u32, Object, String)>,
    pub(crate) page: usize,
    /// After how many more aborts an upload is really gone.
    pub(crate) sticky: u32,
}

impl Server {
    pub(crate) fn new(options: &Options) -> Self {
        let preset = &options.preset;
        let habits = [
            (Habit::Sums, preset.checksum.is_some()),
            (Habit::Nameless, !preset.names_requests),
            (Habit::Conditional, preset.conditional),
        ];
        Self {
            object: None,
            uploads: BTreeMap::new(),
            opened: 0,
            token: None,
            region: "us-east-1",
            habits: habits.into_iter().filter_map(|(habit, has)| has.then_some(habit)).collect(),
            wrong_sums: 0,
            again: Again::Unknown,
            lags: 0,
            slow: None,
            pending: None,
            page: 1000,
            sticky: 0,
        }
    }

    fn is(&self, habit: Habit) -> bool {
        self.habits.contains(&habit)
    }

    pub(crate) fn handle(&mut self, request: &Request<Body>, source: &[u8]) -> Response<Bytes> {
        let mut response = self.answer(request, source);
        if self.is(Habit::Nameless) {
            response.headers_mut().remove("x-amz-request-id");
        }
        if request.method() == Method::HEAD {
            *response.body_mut() = Bytes::new();
        }
        response
    }

    fn answer(&mut self, request: &Request<Body>, source: &[u8]) -> Response<Bytes> {
        self.settle();
        let authorization = text(request, "authorization").unwrap_or_default();
        if !authorization.contains(&format!("/{}/s3/aws4_request", self.region)) {
            let mut response =
                refusal_with(400, "AuthorizationHeaderMalformed", &format!("<Region>{}</Region>", self.region));
            head(&mut response, "x-amz-bucket-region", self.region);
            return response;
        }
        if text(request, "x-amz-security-token") != self.token.as_deref() {
            return refusal(400, "ExpiredToken");
        }
        let body = flat(request.body(), source);
        match text(request, "x-amz-content-sha256").unwrap() {
            "UNSIGNED-PAYLOAD" => {}
            sha256 if sha256 == digest(HashKind::Sha256, &body).to_hex() => {}
            _ => return refusal(400, "XAmzContentSHA256Mismatch"),
        }
        let query = query(request);
        match (request.method(), query.get("uploadId").cloned()) {
            (&Method::POST, None) => self.create(request),
            (&Method::PUT, None) => self.put(request, body),
            (&Method::PUT, Some(upload)) => self.part(&upload, query["partNumber"].parse().unwrap(), body),
            (&Method::GET, Some(upload)) => self.list(&upload, &query),
            (&Method::POST, Some(upload)) => self.complete(request, &upload, &body),
            (&Method::DELETE, Some(upload)) => self.abort(&upload),
            (&Method::HEAD, None) => self.head(request),
            other => panic!("{other:?}"),
        }
    }

    /// A slow complete comes to its end.
    fn settle(&mut self) {
        if let Some((left, _, _)) = &mut self.pending {
            *left = left.saturating_sub(1);
        }
        if let Some((_, object, upload)) = self.pending.take_if(|(left, _, _)| *left == 0) {
            self.object = Some(object);
            self.uploads.remove(&upload);
        }
    }

    fn taken(&self, request: &Request<Body>) -> bool {
        self.is(Habit::Conditional) && self.object.is_some() && text(request, "if-none-match") == Some("*")
    }

    fn create(&mut self, request: &Request<Body>) -> Response<Bytes> {
        self.opened += 1;
        let upload = format!("U+/={}", self.opened);
        let name = text(request, "x-amz-meta-resumable-id").map(str::to_owned);
        let summed = text(request, "x-amz-checksum-algorithm").is_some();
        assert!(!summed || text(request, "x-amz-checksum-type") == Some("FULL_OBJECT"));
        self.uploads.insert(upload.clone(), Unfinished { name, summed, ..Unfinished::default() });
        says(
            200,
            &format!(
                "<?xml version=\"1.0\"?><InitiateMultipartUploadResult xmlns=\"x\"><Bucket>b</Bucket><Key>f</Key>\
                 <UploadId>{upload}</UploadId></InitiateMultipartUploadResult>"
            ),
        )
    }

    fn put(&mut self, request: &Request<Body>, body: Vec<u8>) -> Response<Bytes> {
        if self.taken(request) {
            return refusal(412, "PreconditionFailed");
        }
        let name = text(request, "x-amz-meta-resumable-id").map(str::to_owned);
        let object = Object { name, ..Object::of(body) };
        let mut response = says(200, "");
        head(&mut response, "etag", &self.tag(&object.etag));
        if self.is(Habit::Sums) {
            head(&mut response, "x-amz-checksum-crc64nvme", &self.sum(&object.body));
        }
        self.mark(&mut response);
        self.object = Some(object);
        response
    }

    fn part(&mut self, upload: &str, number: u32, body: Vec<u8>) -> Response<Bytes> {
        let etag = self.tag(&hex_md5(&body));
        let sums = self.is(Habit::Sums);
        let Some(unfinished) = self.uploads.get_mut(upload) else { return refusal(404, "NoSuchUpload") };
        let mut response = says(200, "");
        head(&mut response, "etag", &etag);
        if sums && unfinished.summed {
            head(&mut response, "x-amz-checksum-crc64nvme", &crc(&body));
        }
        unfinished.parts.insert(number, body);
        self.mark(&mut response);
        response
    }

    fn list(&self, upload: &str, query: &BTreeMap<String, String>) -> Response<Bytes> {
        let Some(unfinished) = self.uploads.get(upload) else { return refusal(404, "NoSuchUpload") };
        let after: u32 = query["part-number-marker"].parse().unwrap();
        let page = self.page.min(query["max-parts"].parse().unwrap());
        let rest: Vec<_> = unfinished.parts.range(after.saturating_add(1)..).collect();
        let shown = &rest[..rest.len().min(page)];
        let part = |(number, body): &(&u32, &Vec<u8>)| {
            let sum = format!("<ChecksumCRC64NVME>{}</ChecksumCRC64NVME>", crc(body));
            let sum = if self.is(Habit::Sums) && unfinished.summed { sum } else { String::new() };
            let (etag, size) = (self.tag(&hex_md5(body)).replace('"', "&#34;"), body.len());
            format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag><Size>{size}</Size>{sum}</Part>")
        };
        let parts: String = shown.iter().map(part).collect();
        let next = shown.last().map_or(after, |(number, _)| **number);
        // As servers do that resemble the vendor's: another root, and nothing where the page is the last.
        let more = if rest.len() > shown.len() { "<IsTruncated>true</IsTruncated>" } else { "" };
        says(
            200,
            &format!(
                "<ListPartsResponse><NextPartNumberMarker>{next}</NextPartNumberMarker>{more}{parts}</ListPartsResponse>"
            ),
        )
    }

    fn complete(&mut self, request: &Request<Body>, upload: &str, body: &[u8]) -> Response<Bytes> {
        let Some(unfinished) = self.uploads.get(upload).cloned() else {
            let same = self.object.clone().filter(|there| there.upload.as_deref() == Some(upload));
            return match same.filter(|_| self.again == Again::Same) {
                Some(object) => self.completed(&object, 0),
                None => refusal(404, "NoSuchUpload"),
            };
        };
        match self.put_together(request, upload, &unfinished, body) {
            Ok(object) => {
                if let Some(slow) = self.slow.take() {
                    self.pending = Some((slow, object.clone(), upload.to_owned()));
                } else {
                    self.object = Some(object.clone());
                    self.uploads.remove(upload);
                }
                let wrong = self.wrong_sums;
                self.wrong_sums = wrong.saturating_sub(1);
                self.completed(&object, wrong)
            }
            Err((status, code)) => {
                if self.is(Habit::Fragile) {
                    self.uploads.remove(upload);
                }
                refusal(status, code)
            }
        }
    }

    fn put_together(
        &self,
        request: &Request<Body>,
        upload: &str,
        unfinished: &Unfinished,
        body: &[u8],
    ) -> Result<Object, (u16, &'static str)> {
        let (mut content, mut tags, mut last) = (Vec::new(), Vec::new(), 0);
        for (number, tag) in named_parts(std::str::from_utf8(body).unwrap()) {
            let part = unfinished.parts.get(&number).filter(|part| self.tag(&hex_md5(part)).trim_matches('"') == tag);
            let Some(part) = part else { return Err((400, "InvalidPart")) };
            if number <= last {
                return Err((400, "InvalidPartOrder"));
            }
            last = number;
            tags.extend(hex::decode(hex_md5(part)).unwrap());
            content.extend_from_slice(part);
        }
        if text(request, "x-amz-mp-object-size").is_some_and(|len| len != content.len().to_string()) {
            return Err((400, "InvalidRequest"));
        }
        if text(request, "x-amz-checksum-crc64nvme").is_some_and(|sum| sum != crc(&content)) {
            return Err((400, "BadDigest"));
        }
        if self.taken(request) {
            return Err((412, "PreconditionFailed"));
        }
        let etag = format!("{}-{}", hex_md5(&tags), tags.len() / 16);
        Ok(Object { body: content, etag, name: unfinished.name.clone(), upload: Some(upload.to_owned()) })
    }

    fn completed(&self, object: &Object, wrong: u32) -> Response<Bytes> {
        let sum = if wrong > 0 { crc(b"another") } else { crc(&object.body) };
        let sum =
            if self.is(Habit::Sums) { format!("<ChecksumCRC64NVME>{sum}</ChecksumCRC64NVME>") } else { String::new() };
        let etag = &object.etag;
        says(
            200,
            &format!(
                "<?xml version=\"1.0\"?>\n   \n <CompleteMultipartUploadResult xmlns=\"x\"><ETag>&quot;{etag}&quot;</ETag>\
                 {sum}</CompleteMultipartUploadResult>"
            ),
        )
    }

    fn abort(&mut self, upload: &str) -> Response<Bytes> {
        if !self.uploads.contains_key(upload) {
            return refusal(404, "NoSuchUpload");
        }
        match self.sticky.checked_sub(1) {
            Some(left) => self.sticky = left,
            None => drop(self.uploads.remove(upload)),
        }
        says(204, "")
    }

    fn head(&mut self, request: &Request<Body>) -> Response<Bytes> {
        let shown = self.object.clone().filter(|_| self.lags == 0);
        self.lags = self.lags.saturating_sub(1);
        let Some(object) = shown else { return says(if self.is(Habit::HidesAbsence) { 403 } else { 404 }, "") };
        let mut response = says(200, "");
        head(&mut response, "content-length", &object.body.len().to_string());
        head(&mut response, "etag", &self.tag(&object.etag));
        if let Some(name) = &object.name {
            head(&mut response, "x-amz-meta-resumable-id", name);
        }
        if self.is(Habit::Sums) && text(request, "x-amz-checksum-mode") == Some("ENABLED") {
            head(&mut response, "x-amz-checksum-crc64nvme", &crc(&object.body));
        }
        self.mark(&mut response);
        response
    }

    fn tag(&self, etag: &str) -> String {
        if self.is(Habit::Encrypts) { format!("\"{}\"", hex_md5(etag.as_bytes())) } else { format!("\"{etag}\"") }
    }

    fn mark(&self, response: &mut Response<Bytes>) {
        if self.is(Habit::Encrypts) {
            head(response, "x-amz-server-side-encryption", "aws:kms");
        }
    }

    fn sum(&mut self, body: &[u8]) -> String {
        let wrong = self.wrong_sums > 0;
        self.wrong_sums = self.wrong_sums.saturating_sub(1);
        if wrong { crc(b"another") } else { crc(body) }
    }
}

pub(crate) fn says(status: u16, body: &str) -> Response<Bytes> {
    let mut response = Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap();
    head(&mut response, "x-amz-request-id", "4442587FB7D0A2F9");
    response
}

pub(crate) fn refusal(status: u16, code: &str) -> Response<Bytes> {
    refusal_with(status, code, "")
}

pub(crate) fn refusal_with(status: u16, code: &str, more: &str) -> Response<Bytes> {
    says(status, &format!("<Error><Code>{code}</Code><Message>no</Message>{more}</Error>"))
}

pub(crate) fn head(response: &mut Response<Bytes>, name: &'static str, value: &str) {
    response.headers_mut().insert(name, value.parse().unwrap());
}

fn text<'a>(request: &'a Request<Body>, name: &str) -> Option<&'a str> {
    request.headers().get(name).map(|value| value.to_str().unwrap())
}

fn named_parts(xml: &str) -> Vec<(u32, String)> {
    let part = |part: &str| {
        let (number, rest) = part.split_once("</PartNumber><ETag>\"").unwrap();
        (number.parse().unwrap(), rest.split('"').next().unwrap().to_owned())
    };
    xml.split("<PartNumber>").skip(1).map(part).collect()
}

pub(crate) fn query(request: &Request<Body>) -> BTreeMap<String, String> {
    let pairs = request.uri().query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let decoded = |text: &str| text.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

pub(crate) fn flat(body: &Body, source: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    for segment in body.segments() {
        match segment {
            Segment::Bytes(bytes) => all.extend_from_slice(bytes),
            Segment::Source(range) => all.extend_from_slice(piece(source, range)),
        }
    }
    assert_eq!(all.len() as u64, body.len());
    all
}

pub(crate) fn piece<'a>(source: &'a [u8], range: &Range<u64>) -> &'a [u8] {
    let at = |offset: u64| usize::try_from(offset).unwrap();
    &source[at(range.start)..at(range.end)]
}

pub(crate) fn digest(kind: HashKind, content: &[u8]) -> resumable_core::Digest {
    let mut hasher = Hasher::new(kind).unwrap();
    hasher.update(content);
    hasher.finish()
}

pub(crate) fn hex_md5(content: &[u8]) -> String {
    digest(HashKind::Md5, content).to_hex()
}

/// The CRC-64/NVME, as it is written.
pub(crate) fn crc(content: &[u8]) -> String {
    STANDARD.encode(digest(HashKind::Crc64Nvme, content).as_bytes())
}
