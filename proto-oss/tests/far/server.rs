//! The far side: a bucket with one key, which plays by the rules of this API.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request, Response};
use resumable_core::{Body, HashKind, Hasher, Segment};

pub(crate) struct Server {
    pub(crate) object: Option<Vec<u8>>,
    pub(crate) uploads: BTreeMap<String, Unfinished>,
    pub(crate) opened: u32,
    /// The security token that is good; `None` takes account keys.
    pub(crate) token: Option<String>,
    /// Leaves `x-oss-hash-crc64ecma` out of answers.
    pub(crate) no_crc64: bool,
    /// Leaves `HashCrc64ecma` out of lists.
    pub(crate) no_listed_crc64: bool,
    /// Says another CRC-64 of finished objects, so many times.
    pub(crate) wrong_crc64: u32,
    /// What the callback's server answers; `None`: it fails.
    pub(crate) callback: Option<&'static str>,
    pub(crate) calls_back: u32,
    /// How many parts a page has at most.
    pub(crate) page: usize,
    /// How many calls were asked for the key's head before an object is shown.
    pub(crate) hides: u32,
    /// After how many more aborts an upload is really gone.
    pub(crate) sticky: u32,
}

#[derive(Default, Clone)]
pub(crate) struct Unfinished {
    pub(crate) sequential: bool,
    pub(crate) parts: BTreeMap<u32, Vec<u8>>,
}

impl Server {
    pub(crate) fn new() -> Self {
        Self {
            object: None,
            uploads: BTreeMap::new(),
            opened: 0,
            token: None,
            no_crc64: false,
            no_listed_crc64: false,
            wrong_crc64: 0,
            callback: Some("{\"ok\":true}"),
            calls_back: 0,
            page: 1000,
            hides: 0,
            sticky: 0,
        }
    }

    pub(crate) fn handle(&mut self, request: &Request<Body>, source: &[u8]) -> Response<Bytes> {
        let token = request.headers().get("x-oss-security-token").map(|token| token.to_str().unwrap());
        if token != self.token.as_deref() {
            let echo = format!("<SecurityToken>{}</SecurityToken>", token.unwrap_or_default());
            return refusal_with(403, "SecurityTokenExpired", &echo);
        }
        let query = query(request);
        let body = flat(request.body(), source);
        let upload = query.get("uploadId").cloned();
        match (request.method(), upload) {
            (&Method::POST, None) => self.initiate(request, query.contains_key("sequential")),
            (&Method::PUT, None) => self.put(request, body),
            (&Method::PUT, Some(upload)) => self.part(&upload, query["partNumber"].parse().unwrap(), body),
            (&Method::GET, Some(upload)) => self.list(&upload, &query),
            (&Method::POST, Some(upload)) => self.complete(request, &upload, &body),
            (&Method::DELETE, Some(upload)) => self.abort(&upload),
            (&Method::HEAD, None) => self.head(),
            other => panic!("{other:?}"),
        }
    }

    fn taken(&self, request: &Request<Body>) -> Option<Response<Bytes>> {
        let forbidden = request.headers().get("x-oss-forbid-overwrite").is_some_and(|value| value == "true");
        (forbidden && self.object.is_some()).then(|| refusal(409, "FileAlreadyExists"))
    }

    fn initiate(&mut self, request: &Request<Body>, sequential: bool) -> Response<Bytes> {
        if let Some(taken) = self.taken(request) {
            return taken;
        }
        self.opened += 1;
        let upload = format!("U{}", self.opened);
        self.uploads.insert(upload.clone(), Unfinished { sequential, ..Unfinished::default() });
        says(
            200,
            &format!(
                "<?xml version=\"1.0\"?><InitiateMultipartUploadResult xmlns=\"x\"><Bucket>b</Bucket><Key>f</Key>\
                 <UploadId>{upload}</UploadId></InitiateMultipartUploadResult>"
            ),
        )
    }

    fn put(&mut self, request: &Request<Body>, body: Vec<u8>) -> Response<Bytes> {
        if let Some(taken) = self.taken(request) {
            return taken;
        }
        let etag = md5(&body);
        self.object = Some(body);
        self.stored(request, &etag, "")
    }

    fn part(&mut self, upload: &str, number: u32, body: Vec<u8>) -> Response<Bytes> {
        let Some(unfinished) = self.uploads.get_mut(upload) else { return refusal(404, "NoSuchUpload") };
        if unfinished.sequential {
            let next = u32::try_from(unfinished.parts.len()).unwrap() + 1;
            if number > next {
                return refusal_with(400, "PartNotSequential", &format!("<PartNumber>{number}</PartNumber>"));
            }
            if let Some(there) = unfinished.parts.get(&number) {
                let tag = format!("<ETag>\"{}\"</ETag><PartNumber>{number}</PartNumber>", md5(there));
                return refusal_with(409, "PartAlreadyExist", &tag);
            }
        }
        let mut response = says(200, "");
        head(&mut response, "etag", &format!("\"{}\"", md5(&body)));
        if !self.no_crc64 {
            head(&mut response, "x-oss-hash-crc64ecma", &crc64(&body).to_string());
        }
        unfinished.parts.insert(number, body);
        response
    }

    fn list(&self, upload: &str, query: &BTreeMap<String, String>) -> Response<Bytes> {
        let Some(unfinished) = self.uploads.get(upload) else { return refusal(404, "NoSuchUpload") };
        let after: u32 = query["part-number-marker"].parse().unwrap();
        let page = self.page.min(query["max-parts"].parse().unwrap());
        let rest: Vec<_> = unfinished.parts.range(after.saturating_add(1)..).collect();
        let shown = &rest[..rest.len().min(page)];
        let part = |(number, body): &(&u32, &Vec<u8>)| {
            let crc64 = format!("<HashCrc64ecma>{}</HashCrc64ecma>", crc64(body));
            let crc64 = if self.no_listed_crc64 { String::new() } else { crc64 };
            let (etag, size) = (md5(body), body.len());
            format!(
                "<Part><PartNumber>{number}</PartNumber><ETag>&quot;{etag}&quot;</ETag>{crc64}<Size>{size}</Size></Part>"
            )
        };
        let parts: String = shown.iter().map(part).collect();
        let next = shown.last().map_or(after, |(number, _)| **number);
        let more = rest.len() > shown.len();
        says(
            200,
            &format!(
                "<ListPartsResult><NextPartNumberMarker>{next}</NextPartNumberMarker>\
                 <IsTruncated>{more}</IsTruncated>{parts}</ListPartsResult>"
            ),
        )
    }

    fn complete(&mut self, request: &Request<Body>, upload: &str, body: &[u8]) -> Response<Bytes> {
        let Some(unfinished) = self.uploads.get(upload) else { return refusal(404, "NoSuchUpload") };
        if let Some(taken) = self.taken(request) {
            return taken;
        }
        let named = named_parts(std::str::from_utf8(body).unwrap());
        assert!(named.windows(2).all(|pair| pair[0].0 < pair[1].0), "out of order");
        if named.is_empty() {
            return refusal(400, "MalformedXML");
        }
        if unfinished.sequential && !named.iter().map(|(number, _)| number).eq(unfinished.parts.keys()) {
            return refusal(400, "PartNotSequential");
        }
        let mut object = Vec::new();
        for (number, etag) in &named {
            match unfinished.parts.get(number).filter(|part| md5(part) == *etag) {
                Some(part) => object.extend_from_slice(part),
                None => return refusal(400, "InvalidPart"),
            }
        }
        self.uploads.remove(upload);
        self.object = Some(object);
        let etag = format!("{}-{}", md5(body), named.len());
        let result = format!("<CompleteMultipartUploadResult><ETag>\"{etag}\"</ETag></CompleteMultipartUploadResult>");
        self.stored(request, &etag, &result)
    }

    fn stored(&mut self, request: &Request<Body>, etag: &str, result: &str) -> Response<Bytes> {
        let mut response = match (request.headers().contains_key("x-oss-callback"), self.callback) {
            (false, _) => says(200, result),
            (true, Some(reply)) => says(200, reply),
            (true, None) => refusal(203, "CallbackFailed"),
        };
        self.calls_back += u32::from(request.headers().contains_key("x-oss-callback"));
        head(&mut response, "etag", &format!("\"{etag}\""));
        let wrong = u64::from(self.wrong_crc64 > 0);
        self.wrong_crc64 = self.wrong_crc64.saturating_sub(1);
        if !self.no_crc64 {
            let crc64 = crc64(self.object.as_ref().unwrap()) ^ wrong;
            head(&mut response, "x-oss-hash-crc64ecma", &crc64.to_string());
        }
        response
    }

    fn abort(&mut self, upload: &str) -> Response<Bytes> {
        if !self.uploads.contains_key(upload) {
            return refusal(404, "NoSuchUpload");
        }
        if self.sticky > 0 {
            self.sticky -= 1;
        } else {
            self.uploads.remove(upload);
        }
        says(204, "")
    }

    fn head(&mut self) -> Response<Bytes> {
        let object = if self.hides > 0 { None } else { self.object.as_ref() };
        self.hides = self.hides.saturating_sub(1);
        let Some(object) = object else { return says(404, "") };
        let mut response = says(200, "");
        head(&mut response, "content-length", &object.len().to_string());
        head(&mut response, "etag", "\"3579E39A1324C2788D22AB4FA35C4918-3\"");
        if !self.no_crc64 {
            head(&mut response, "x-oss-hash-crc64ecma", &crc64(object).to_string());
        }
        response
    }
}

pub(crate) fn says(status: u16, body: &str) -> Response<Bytes> {
    let mut response = Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
    head(&mut response, "x-oss-request-id", "695584A0EMU0000000000001");
    response
}

pub(crate) fn refusal(status: u16, code: &str) -> Response<Bytes> {
    refusal_with(status, code, "")
}

pub(crate) fn refusal_with(status: u16, code: &str, more: &str) -> Response<Bytes> {
    says(status, &format!("<Error><Code>{code}</Code><Message>NO</Message>{more}<EC>0001-00000001</EC></Error>"))
}

fn head(response: &mut Response<Bytes>, name: &'static str, value: &str) {
    response.headers_mut().insert(name, value.parse().unwrap());
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
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

pub(crate) fn flat(body: &Body, source: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    for segment in body.segments() {
        match segment {
            Segment::Bytes(bytes) => all.extend_from_slice(bytes),
            Segment::Source(range) => all.extend_from_slice(&source[at(range.start)..at(range.end)]),
        }
    }
    assert_eq!(all.len() as u64, body.len());
    all
}

pub(crate) fn at(offset: u64) -> usize {
    usize::try_from(offset).unwrap()
}

pub(crate) fn digest(kind: HashKind, content: &[u8]) -> resumable_core::Digest {
    let mut hasher = Hasher::new(kind).unwrap();
    hasher.update(content);
    hasher.finish()
}

pub(crate) fn md5(content: &[u8]) -> String {
    digest(HashKind::Md5, content).to_hex().to_uppercase()
}

pub(crate) fn crc64(content: &[u8]) -> u64 {
    u64::from_be_bytes(digest(HashKind::Crc64, content).as_bytes().try_into().unwrap())
}
