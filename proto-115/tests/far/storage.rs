//! The storage: one bucket, uploads in sequential mode.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bytes::Bytes;
use http::Response;
use resumable_core::HashKind;

use super::{Sent, hex};

#[derive(Default)]
pub(crate) struct Storage {
    /// By id: the object, and the parts so far.
    pub(crate) uploads: BTreeMap<String, (String, Vec<Vec<u8>>)>,
    pub(crate) objects: BTreeMap<String, Vec<u8>>,
    /// By SHA-1: what 115 knows.
    pub(crate) known: BTreeMap<String, Vec<u8>>,
    pub(crate) opened: u32,
    /// Parts of a page; 0 means 1000.
    pub(crate) page: usize,
    /// The last request finished an object.
    pub(crate) finished: bool,
    pub(crate) received: u64,
}

pub(crate) fn error(status: u16, code: &str, more: &str) -> Response<Bytes> {
    let body = format!(
        "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message><RequestId>R1</RequestId>{more}</Error>"
    );
    Response::builder().status(status).header("content-type", "application/xml").body(Bytes::from(body)).unwrap()
}

/// `20260101T010203Z`, in January 2026.
pub(crate) fn time(text: &str) -> u64 {
    let number = |range: std::ops::Range<usize>| text[range].parse::<u64>().unwrap();
    assert!(text.starts_with("202601") && text.len() == 16, "{text}");
    1_767_225_600 + (number(6..8) - 1) * 86_400 + number(9..11) * 3600 + number(11..13) * 60 + number(13..15)
}

fn xml(body: String) -> Response<Bytes> {
    Response::builder().header("content-type", "application/xml").body(Bytes::from(body)).unwrap()
}

fn crc64(content: &[u8]) -> u64 {
    u64::from_str_radix(&hex(HashKind::Crc64, content), 16).unwrap()
}

fn stored(content: &[u8], tag: &str) -> Response<Bytes> {
    let response = Response::builder().header("etag", format!("\"{tag}\""));
    response.header("x-oss-hash-crc64ecma", crc64(content).to_string()).body(Bytes::new()).unwrap()
}

impl Storage {
    pub(crate) fn handle(&mut self, request: &Sent) -> Response<Bytes> {
        let object = request.uri.path()[1..].to_owned();
        assert_eq!(request.uri.host(), Some("emubucket.oss-cn-shenzhen.aliyuncs.com"));
        assert_eq!(request.header("x-oss-security-token"), "tokencanary");
        let id = request.query("uploadId").unwrap_or_default().to_owned();
        match request.kind {
            "put" => {
                self.received += request.body.len() as u64;
                self.objects.insert(object, request.body.clone());
                self.finished = true;
                stored(&request.body, &hex(HashKind::Md5, &request.body))
            }
            "initiate" => {
                assert!(request.query("sequential").is_some(), "115 takes no other");
                self.opened += 1;
                let id = format!("UP{}", self.opened);
                self.uploads.insert(id.clone(), (object, Vec::new()));
                xml(format!("<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"))
            }
            "abort" => match self.uploads.remove(&id) {
                Some(_) => Response::builder().status(204).body(Bytes::new()).unwrap(),
                None => error(404, "NoSuchUpload", ""),
            },
            _ if self.uploads.get(&id).is_none_or(|upload| upload.0 != object) => error(404, "NoSuchUpload", ""),
            "list" => self.list(&id, request),
            "part" => self.part(&id, request),
            _ => self.complete(&id, request),
        }
    }

    fn part(&mut self, id: &str, request: &Sent) -> Response<Bytes> {
        let number: usize = request.query("partNumber").unwrap().parse().unwrap();
        self.received += request.body.len() as u64;
        let parts = &mut self.uploads.get_mut(id).unwrap().1;
        if number <= parts.len() {
            let tag = hex(HashKind::Md5, &parts[number - 1]);
            return error(409, "PartAlreadyExist", &format!("<PartNumber>{number}</PartNumber><ETag>\"{tag}\"</ETag>"));
        }
        if number > parts.len() + 1 {
            return error(400, "PartNotSequential", "");
        }
        parts.push(request.body.clone());
        stored(&request.body, &hex(HashKind::Md5, &request.body))
    }

    fn list(&self, id: &str, request: &Sent) -> Response<Bytes> {
        let after: usize = request.query("part-number-marker").map_or(0, |marker| marker.parse().unwrap());
        let page = if self.page == 0 { 1000 } else { self.page };
        let parts = &self.uploads[id].1;
        let mut body = String::from("<ListPartsResult>");
        let last = parts.len().min(after + page);
        write!(body, "<NextPartNumberMarker>{last}</NextPartNumberMarker>").unwrap();
        write!(body, "<IsTruncated>{}</IsTruncated>", last < parts.len()).unwrap();
        for (index, part) in parts.iter().enumerate().take(last).skip(after) {
            let (tag, size, crc64) = (hex(HashKind::Md5, part), part.len(), crc64(part));
            let number = index + 1;
            write!(body, "<Part><PartNumber>{number}</PartNumber><ETag>\"{tag}\"</ETag><Size>{size}</Size><HashCrc64ecma>{crc64}</HashCrc64ecma></Part>").unwrap();
        }
        body.push_str("</ListPartsResult>");
        xml(body)
    }

    fn complete(&mut self, id: &str, request: &Sent) -> Response<Bytes> {
        let named = String::from_utf8(request.body.clone()).unwrap();
        let (object, parts) = self.uploads[id].clone();
        assert!(!parts.is_empty(), "a complete without parts");
        assert_eq!(named.matches("<PartNumber>").count(), parts.len());
        for part in &parts {
            assert!(named.contains(&hex(HashKind::Md5, part)), "a part is not named");
        }
        self.uploads.remove(id);
        let content: Vec<u8> = parts.concat();
        let response = stored(&content, &format!("{}-{}", hex(HashKind::Md5, &content), parts.len()));
        self.objects.insert(object, content);
        self.finished = true;
        response
    }
}
