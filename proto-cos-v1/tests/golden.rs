//! The requests and replies of the vendor's page and of its SDKs, byte for byte.
//!
//! The page gives tables and no sample; the bytes are those that the vendor's own SDKs for Node and PHP send, and the reply
//! is one that the service gave.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::{Body, Segment};
use resumable_proto_cos_v1::upload_slice::{SliceReply, UploadSlice};
use resumable_proto_cos_v1::upload_slice_init::{InitReply, Opened, UploadSliceInit};
use resumable_proto_cos_v1::*;

const SESSION: &str = "48d44422-3188-4c6c-b122-6f780742f125+CpzDLtEHAA==";
const SHA: [u8; 20] = [
    0xb4, 0x29, 0xf7, 0xc9, 0x2b, 0x91, 0x34, 0x73, 0x62, 0x9e, 0x77, 0xe7, 0x7a, 0x15, 0x93, 0xc8, 0xd4, 0xb8, 0xa2,
    0x93,
];

fn place() -> Place {
    let path = ObjectPath::new("/d/f.bin").unwrap();
    Place::new("http://web.file.myqcloud.com", "10055004", "accesslog", path).unwrap()
}

fn signature() -> Signature {
    let (credential, place) = (Credential::new("AKIDtestid", "testsecretkey").unwrap(), place());
    let signing = Signing {
        credential: &credential,
        appid: place.appid(),
        bucket: place.bucket(),
        now: Duration::from_secs(1_470_000_000),
        nonce: 1_234_567_890,
        order: FieldOrder::BucketLast,
    };
    sign::multi_effect(&signing, Duration::from_secs(300), "")
}

fn boundary() -> Boundary {
    Boundary::new("B").unwrap()
}

/// The body, the source's ranges as `<from..to>`.
fn text(body: &Body) -> String {
    let piece = |segment: &Segment| match segment {
        Segment::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Segment::Source(range) => format!("<{}..{}>", range.start, range.end),
    };
    body.segments().iter().map(piece).collect()
}

fn field(name: &str, value: &str) -> String {
    format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

fn checked(request: &Request<Body>) {
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "http://web.file.myqcloud.com/files/v1/10055004/accesslog/d/f.bin");
    assert_eq!(request.headers()["content-type"], "multipart/form-data; boundary=B");
    assert_eq!(
        request.headers()["authorization"],
        "MRwNITWcrKm/hsIAGIkyW86G4+1hPTEwMDU1MDA0Jms9QUtJRHRlc3RpZCZlPTE0NzAwMDAzMDAmdD0xNDcwMDAwMDAwJnI9MTIzNDU2Nzg5MCZm\
         PSZiPWFjY2Vzc2xvZw=="
    );
    assert_eq!(request.headers().len(), 2);
}

#[test]
fn the_init_request() {
    let message = UploadSliceInit {
        sha: Sha(SHA),
        filesize: 10_000,
        slice_size: Some(524_288),
        biz_attr: None,
        session: None,
        insert_only: None,
    };
    let request = upload_slice_init::encode(&place(), &message, &signature(), &boundary());
    checked(&request);
    let fields = [
        field("op", "upload_slice"),
        field("sha", "b429f7c92b913473629e77e77a1593c8d4b8a293"),
        field("filesize", "10000"),
        field("slice_size", "524288"),
    ];
    assert_eq!(text(request.body()), format!("{}--B--\r\n", fields.concat()));
    assert_eq!(request.body().len(), text(request.body()).len() as u64);
}

#[test]
fn the_init_request_with_all_fields() {
    let message = UploadSliceInit {
        sha: Sha(SHA),
        filesize: 10_000,
        slice_size: None,
        biz_attr: Some(""),
        session: Some(SESSION),
        insert_only: Some(false),
    };
    let request = upload_slice_init::encode(&place(), &message, &signature(), &boundary());
    let fields = [
        field("op", "upload_slice"),
        field("sha", "b429f7c92b913473629e77e77a1593c8d4b8a293"),
        field("filesize", "10000"),
        field("biz_attr", ""),
        field("session", SESSION),
        field("insertOnly", "0"),
    ];
    assert_eq!(text(request.body()), format!("{}--B--\r\n", fields.concat()));
}

#[test]
fn the_slice_request() {
    for (sha, more) in [(None, String::new()), (Some(Sha([0xab; 20])), field("sha", &"ab".repeat(20)))] {
        let slice = UploadSlice { session: SESSION, offset: 8192, datalen: 1808, sha };
        let request = upload_slice::encode(&place(), &slice, &signature(), &boundary());
        checked(&request);
        let fields = [
            field("op", "upload_slice"),
            field("session", SESSION),
            field("offset", "8192"),
            more,
            field("filecontent", "<8192..10000>"),
        ];
        let expected = format!("{}--B--\r\n", fields.concat());
        assert_eq!(text(request.body()), expected);
        assert_eq!(request.body().len(), (expected.len() - "<8192..10000>".len()) as u64 + 1808);
    }
}

#[test]
fn the_stat_request() {
    let request = stat::encode(&place(), &signature());
    assert_eq!(request.method(), "GET");
    assert_eq!(request.uri(), "http://web.file.myqcloud.com/files/v1/10055004/accesslog/d/f.bin?op=stat");
}

fn ok(body: &str) -> Response<Bytes> {
    Response::new(Bytes::copy_from_slice(body.as_bytes()))
}

#[test]
fn the_init_reply() {
    let body =
        format!(r#"{{"code":0,"message":"成功","data":{{"offset":0,"session":"{SESSION}","slice_size":524288}}}}"#);
    let opened = Opened { session: SESSION.into(), offset: 0, slice_size: Some(524_288), urls: None };
    assert_eq!(upload_slice_init::decode(&ok(&body)).unwrap(), InitReply::Opened(opened));
}

#[test]
fn the_slice_replies() {
    let body = format!(r#"{{"code":0,"message":"成功","data":{{"offset":4096,"session":"{SESSION}"}}}}"#);
    let stored = SliceReply { offset: Some(4096), session: Some(SESSION.into()), urls: None };
    assert_eq!(upload_slice::decode(&ok(&body)).unwrap(), stored);
    let body = format!(
        r#"{{"code":0,"message":"成功","data":{{"access_url":"http://accesslog-10055004.file.myqcloud.com/d/f.bin",
        "url":"http://web.file.myqcloud.com/files/v1/d/f.bin","resource_path":"/d/f.bin","offset":8192,"session":"{SESSION}"}}}}"#
    );
    let last = upload_slice::decode(&ok(&body)).unwrap();
    assert_eq!(last.offset, Some(8192));
    assert_eq!(last.urls.unwrap().best(), Some("http://accesslog-10055004.file.myqcloud.com/d/f.bin"));
}
