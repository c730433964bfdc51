//! The far side: a bucket with one key, which plays by the rules of this API.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request, Response};
use resumable_core::{Body, HashKind, Hasher, Segment};

/// What a complete is answered with whose upload was completed before.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) enum Again {
    #[default]
    NoSuchUpload,
    SameResult,
    Conflict,
}

#[derive(Default)]
pub(crate) struct Server {
    pub(crate) object: Option<Vec<u8>>,
    pub(crate) uploads: BTreeMap<String, BTreeMap<u32, Vec<u8>>>,
    /// The upload that made the object, and what it was answered.
    pub(crate) completed: Option<(String, Response<Bytes>)>,
    pub(crate) opened: u32,
    /// The security token that is good; `None` takes account keys.
    pub(crate) token: Option<String>,
    /// Leaves `x-cos-hash-crc64ecma` out of answers.
    pub(crate) no_crc64: bool,
    /// Tags are no MD5.
    pub(crate) opaque_tags: bool,
    /// Says another CRC-64 of finished objects, so many times.
    pub(crate) wrong_crc64: u32,
    /// How many parts a page has at most; as many as are asked for where nothing is said.
    pub(crate) page: Option<usize>,
    pub(crate) again: Again,
    /// Sends blanks before the result of a complete.
    pub(crate) blanks: &'static str,
    /// Takes no notice of `x-cos-forbid-overwrite`, as a bucket with versions.
    pub(crate) has_versions: bool,
}

impl Server {
    pub(crate) fn handle(&mut self, request: &Request<Body>, source: &[u8]) -> Response<Bytes> {
        let token = request.headers().get("x-cos-security-token").map(|token| token.to_str().unwrap());
        if token != self.token.as_deref() {
            return refusal(400, "ExpiredToken");
        }
        let query = query(request);
        let body = flat(request.body(), source);
        match (request.method(), query.get("uploadId")) {
            (&Method::POST, None) => self.initiate(request),
            (&Method::PUT, None) => self.put(request, body),
            (&Method::PUT, Some(upload)) => self.part(upload, query["partNumber"].parse().unwrap(), body),
            (&Method::GET, Some(upload)) => self.list(upload, &query),
            (&Method::POST, Some(upload)) => self.complete(request, upload, &body),
            (&Method::DELETE, Some(upload)) => match self.uploads.remove(upload) {
                Some(_) => says(204, ""),
                None => refusal(404, "NoSuchUpload"),
            },
            (&Method::HEAD, None) => self.head(),
            other => panic!("{other:?}"),
        }
    }

    fn taken(&self, request: &Request<Body>) -> Option<Response<Bytes>> {
        let forbidden = request.headers().get("x-cos-forbid-overwrite").is_some_and(|value| value == "true");
        (forbidden && !self.has_versions && self.object.is_some()).then(|| refusal(409, "FileAlreadyExists"))
    }

    fn initiate(&mut self, request: &Request<Body>) -> Response<Bytes> {
        if let Some(taken) = self.taken(request) {
            return taken;
        }
        self.opened += 1;
        let upload = format!("17672256000b1f38{}", self.opened);
        self.uploads.insert(upload.clone(), BTreeMap::new());
        says(
            200,
            &format!(
                "<InitiateMultipartUploadResult><Bucket>emubucket-1250000000</Bucket><Key>dir/f</Key>\
                 <UploadId>{upload}</UploadId></InitiateMultipartUploadResult>"
            ),
        )
    }

    fn put(&mut self, request: &Request<Body>, body: Vec<u8>) -> Response<Bytes> {
        if let Some(taken) = self.taken(request) {
            return taken;
        }
        let etag = self.tag(&body);
        self.object = Some(body);
        self.stored(&etag, "")
    }

    fn part(&mut self, upload: &str, number: u32, body: Vec<u8>) -> Response<Bytes> {
        if !self.uploads.contains_key(upload) {
            return refusal(404, "NoSuchUpload");
        }
        let mut response = with(says(200, ""), "etag", &format!("\"{}\"", self.tag(&body)));
        if !self.no_crc64 {
            response = with(response, "x-cos-hash-crc64ecma", &crc64(&body).to_string());
        }
        self.uploads.get_mut(upload).unwrap().insert(number, body);
        response
    }

    fn list(&self, upload: &str, query: &BTreeMap<String, String>) -> Response<Bytes> {
        let Some(parts) = self.uploads.get(upload) else { return refusal(404, "NoSuchUpload") };
        let after: u32 = query["part-number-marker"].parse().unwrap();
        let asked: usize = query["max-parts"].parse().unwrap();
        let rest: Vec<_> = parts.range(after.saturating_add(1)..).collect();
        let shown = &rest[..rest.len().min(self.page.unwrap_or(asked).min(asked))];
        let part = |(number, body): &(&u32, &Vec<u8>)| {
            let (etag, size) = (self.tag(body), body.len());
            format!(
                "<Part><PartNumber>{number}</PartNumber><LastModified>Tue Jan 17 16:43:37 2017</LastModified>\
                 <ETag>&quot;{etag}&quot;</ETag><Size>{size}</Size></Part>"
            )
        };
        let parts: String = shown.iter().map(part).collect();
        let next = shown.last().map_or(after, |(number, _)| **number);
        let more = rest.len() > shown.len();
        says(
            200,
            &format!(
                "<ListPartsResult><Encoding-type>url</Encoding-type><PartNumberMarker>{after}</PartNumberMarker>{parts}\
                 <NextPartNumberMarker>{next}</NextPartNumberMarker><IsTruncated>{more}</IsTruncated></ListPartsResult>"
            ),
        )
    }

    fn complete(&mut self, request: &Request<Body>, upload: &str, body: &[u8]) -> Response<Bytes> {
        let again = self.completed.as_ref().filter(|(completed, _)| completed == upload);
        match (again, self.again) {
            (Some((_, answer)), Again::SameResult) => return answer.clone(),
            (Some(_), Again::Conflict) => return refusal(400, "InvalidUploadStatus"),
            _ => {}
        }
        let Some(parts) = self.uploads.get(upload) else { return refusal(404, "NoSuchUpload") };
        if let Some(taken) = self.taken(request) {
            return taken;
        }
        let mut object = Vec::new();
        for (number, etag) in &named_parts(std::str::from_utf8(body).unwrap()) {
            match parts.get(number).filter(|part| self.tag(part) == *etag) {
                Some(part) => object.extend_from_slice(part),
                None => return refusal(400, "InvalidPart"),
            }
        }
        self.uploads.remove(upload);
        self.object = Some(object);
        let etag = format!("{}-1", md5(body));
        let result = format!(
            "{}<CompleteMultipartUploadResult><ETag>\"{etag}\"</ETag></CompleteMultipartUploadResult>",
            self.blanks
        );
        let answer = self.stored(&etag, &result);
        self.completed = Some((upload.to_owned(), answer.clone()));
        answer
    }

    fn stored(&mut self, etag: &str, result: &str) -> Response<Bytes> {
        let response = with(says(200, result), "etag", &format!("\"{etag}\""));
        let wrong = u64::from(self.wrong_crc64 > 0);
        self.wrong_crc64 = self.wrong_crc64.saturating_sub(1);
        if self.no_crc64 {
            return response;
        }
        let crc64 = crc64(self.object.as_ref().unwrap()) ^ wrong;
        with(response, "x-cos-hash-crc64ecma", &crc64.to_string())
    }

    fn head(&mut self) -> Response<Bytes> {
        let Some(object) = &self.object else { return says(404, "") };
        let response = with(says(200, ""), "content-length", &object.len().to_string());
        let response = with(response, "etag", "\"3579e39a1324c2788d22ab4fa35c4918-3\"");
        if self.no_crc64 { response } else { with(response, "x-cos-hash-crc64ecma", &crc64(object).to_string()) }
    }

    fn tag(&self, content: &[u8]) -> String {
        if self.opaque_tags { format!("{:040x}", crc64(content)) } else { md5(content) }
    }
}

pub(crate) fn says(status: u16, body: &str) -> Response<Bytes> {
    let response = Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
    with(response, "x-cos-request-id", "NjI3NzM5ZTZfYzYxYTk0MGJfMTU2N18x")
}

pub(crate) fn refusal(status: u16, code: &str) -> Response<Bytes> {
    refusal_with(status, code, "")
}

pub(crate) fn refusal_with(status: u16, code: &str, more: &str) -> Response<Bytes> {
    says(
        status,
        &format!(
            "<?xml version='1.0' encoding='utf-8' ?><Error><Code>{code}</Code><Message>no</Message>{more}\
             <Resource>emubucket-1250000000.cos.ap-guangzhou.myqcloud.com/dir/f</Resource>\
             <RequestId>NjI3NzM5ZTZfYzYxYTk0MGJfMTU2N18x</RequestId><TraceId>OGVmYzZi</TraceId></Error>"
        ),
    )
}

pub(crate) fn with(mut response: Response<Bytes>, name: &'static str, value: &str) -> Response<Bytes> {
    response.headers_mut().insert(name, value.parse().unwrap());
    response
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

fn flat(body: &Body, source: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    for segment in body.segments() {
        match segment {
            Segment::Bytes(bytes) => all.extend_from_slice(bytes),
            Segment::Source(range) => all.extend_from_slice(&source[index(range.start)..index(range.end)]),
        }
    }
    assert_eq!(all.len() as u64, body.len());
    all
}

pub(crate) fn index(offset: u64) -> usize {
    usize::try_from(offset).unwrap()
}

pub(crate) fn digest(kind: HashKind, content: &[u8]) -> resumable_core::Digest {
    let mut hasher = Hasher::new(kind).unwrap();
    hasher.update(content);
    hasher.finish()
}

pub(crate) fn md5(content: &[u8]) -> String {
    digest(HashKind::Md5, content).to_hex()
}

pub(crate) fn crc64(content: &[u8]) -> u64 {
    u64::from_be_bytes(digest(HashKind::Crc64, content).as_bytes().try_into().unwrap())
}
