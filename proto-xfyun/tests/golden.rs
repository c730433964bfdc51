//! Signatures and bodies, byte for byte.

use std::time::Duration;

use http::Request;
use resumable_core::multipart_form::FilePart;
use resumable_core::{Body, Segment};
use resumable_proto_xfyun::mpupload_upload::Slice;
use resumable_proto_xfyun::sign::{authorization, date, signing_string};
use resumable_proto_xfyun::upload::Upload;
use resumable_proto_xfyun::*;

const NOW: Duration = Duration::from_secs(1_641_374_954);
const DATE: &str = "Wed, 05 Jan 2022 09:29:14 GMT";
const HOST: &str = "upload-ost-api.xfyun.cn";
const EMPTY: &str = "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
const UPLOAD_ID: &str = "up_220105172914000001001002";

const J1: &str = r#"{"request_id":"req-0001","app_id":"app00001","cloud_id":"0"}"#;
const J2: &str = r#"{"request_id":"req-0003","app_id":"app00001","upload_id":"up_220105172914000001001002"}"#;
const J1_DIGEST: &str = "SHA-256=XRaUcpX8bM1OZy5q+rW1laIVC6d/FWLVWOpGmWjj7kw=";
const J2_DIGEST: &str = "SHA-256=URgWtjTa3jyMciegYW0Hv2Rq8+DZSmUF07rQB9SOtrY=";
const M1_DIGEST: &str = "SHA-256=XA6FHkb8I2SjKvQ2JeCmFkZeYm2SeMrqaQToaJ6vhig=";
const M2_DIGEST: &str = "SHA-256=QBlcuX0fSloqXQbOAMvv+FqJkd6n8C5yqcaT8qOSdqs=";

fn credential() -> Credential {
    Credential::new("0123456789abcdef0123456789abcdef", "RXhhbXBsZVNlY3JldDAxMjM0NTY3ODlh").unwrap()
}

fn app(endpoint: &str, cloud_id: Option<&str>) -> App {
    App::new(endpoint, "app00001", cloud_id).unwrap()
}

fn id(text: &str) -> RequestId {
    RequestId::new(text).unwrap()
}

fn boundary() -> Boundary {
    Boundary::new("X-XFYUN-TEST-BOUNDARY").unwrap()
}

/// The body with the bytes of the source in their places.
fn flat(body: &Body, source: &[u8]) -> Vec<u8> {
    let at = |offset: u64| usize::try_from(offset).unwrap();
    let bytes = |segment: &Segment| match segment {
        Segment::Bytes(bytes) => bytes.to_vec(),
        Segment::Source(range) => source[at(range.start)..at(range.end)].to_vec(),
    };
    let all: Vec<u8> = body.segments().iter().flat_map(bytes).collect();
    assert_eq!(all.len() as u64, body.len());
    all
}

fn signature_of(request: &Request<Body>) -> String {
    let value = &request.headers()["authorization"];
    assert!(value.is_sensitive());
    let text = std::str::from_utf8(value.as_bytes()).unwrap();
    let head = "api_key=\"0123456789abcdef0123456789abcdef\", algorithm=\"hmac-sha256\", \
                headers=\"host date request-line digest\", signature=\"";
    text.strip_prefix(head).unwrap().strip_suffix('"').unwrap().to_owned()
}

/// What every request has, and the signature of this one.
fn check(request: &Request<Body>, path: &str, digest: &str, content_type: &str, signature: &str) {
    assert_eq!((request.method().as_str(), request.version()), ("POST", http::Version::HTTP_11));
    assert_eq!((request.uri().path(), request.uri().query()), (path, None));
    let headers = request.headers();
    assert_eq!(headers["host"], request.uri().authority().unwrap().as_str());
    assert_eq!(headers["date"], DATE);
    assert_eq!(headers["digest"], digest);
    assert_eq!(headers["content-type"], content_type);
    assert_eq!(headers["accept"], "application/json");
    assert_eq!(headers.len(), 6);
    assert_eq!(signature_of(request), signature, "{path}");
}

const JSON: &str = "application/json";
const FORM: &str = "multipart/form-data; boundary=X-XFYUN-TEST-BOUNDARY";

#[test]
fn the_signed_text_of_v1() {
    let text = signing_string(HOST, &date(NOW), "/file/upload", EMPTY);
    assert_eq!(
        text,
        "host: upload-ost-api.xfyun.cn\ndate: Wed, 05 Jan 2022 09:29:14 GMT\nPOST /file/upload HTTP/1.1\n\
         digest: SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    );
    assert_eq!(
        authorization(&credential(), &text).reveal(),
        "api_key=\"0123456789abcdef0123456789abcdef\", algorithm=\"hmac-sha256\", \
         headers=\"host date request-line digest\", signature=\"2D1ZMiNCa9pQAP3k08a2w9aJrvIDlQ3nts2LOh/bQ9M=\""
    );
    assert_eq!(BodyDigest::default().as_str(), EMPTY);
}

#[test]
fn every_vector_by_the_free_function() {
    let double = |first: &str| format!("{first}{EMPTY}");
    let vectors = [
        ("/file/upload", HOST, EMPTY.to_owned(), "2D1ZMiNCa9pQAP3k08a2w9aJrvIDlQ3nts2LOh/bQ9M="),
        ("/file/upload", HOST, double("SHA256="), "znfxGPFiotRcHsq+hAzTJhN5x4wTvwsgM+bcp4WDMMs="),
        ("/file/upload", HOST, double("SHA-256="), "ca4/se6XM4mhMblG8vq17AT6ddIhBfuJQYVy1hUocOQ="),
        ("/file/mpupload/init", HOST, EMPTY.to_owned(), "MmZZ0eULGfFS+ugkO00L5JHqdxA5i4k8vLb+l5sQzjY="),
        ("/file/mpupload/init", HOST, J1_DIGEST.to_owned(), "K7YhDmdZznXJc2eT2ytx+uumHVGQa8ekfN+AbHhV/E4="),
        ("/file/upload", HOST, M1_DIGEST.to_owned(), "YdzAvb6LRAyOVyZwqrC4ZCnp32jujI7sYiIXfUosg+A="),
        ("/file/mpupload/upload", HOST, EMPTY.to_owned(), "qAZYVzs+55cXyJcbMW+TIJH1x7nq5vCsQTuW/ldoj3M="),
        ("/file/mpupload/upload", HOST, M2_DIGEST.to_owned(), "yQRvfV1r3CRTGCeR22wdLomM79oWSFk2KipQ03Lu9/U="),
        ("/file/mpupload/complete", HOST, J2_DIGEST.to_owned(), "+H0Vxo1LGurop8yf9bgvZPULX/OsNzFjcl7LpWVZZTs="),
        ("/file/mpupload/cancel", HOST, EMPTY.to_owned(), "OD0GR9Mwv5p4XPWEVmbyUCs13z++cigaVsjNqj7yBOQ="),
        ("/file/upload", "127.0.0.1:18099", EMPTY.to_owned(), "cR8/ps+Ljqrlni3uV0uEkgsISAjheUCS5Hgu15JgCJc="),
        ("/file/upload", "127.0.0.1", EMPTY.to_owned(), "eKAMh1aVvOhAQKzeoUQ8IbXZLIPQQpLQhBCtVmjun3A="),
    ];
    assert_eq!(vectors.len(), 12);
    for (path, host, digest, signature) in vectors {
        let header = authorization(&credential(), &signing_string(host, DATE, path, &digest));
        assert!(header.reveal().ends_with(&format!("signature=\"{signature}\"")), "{path} {host} {digest}");
    }
}

fn signing(credential: &Credential, digest: DigestMode) -> Signing<'_> {
    Signing { credential, now: NOW, digest }
}

#[test]
fn the_init_request_with_both_digests() {
    let credential = credential();
    for (mode, digest, signature) in [
        (DigestMode::Empty, EMPTY, "MmZZ0eULGfFS+ugkO00L5JHqdxA5i4k8vLb+l5sQzjY="),
        (DigestMode::Body, J1_DIGEST, "K7YhDmdZznXJc2eT2ytx+uumHVGQa8ekfN+AbHhV/E4="),
    ] {
        let request = mpupload_init::encode(&app(ENDPOINT, Some("0")), &id("req-0001"), &signing(&credential, mode));
        assert_eq!(flat(request.body(), b""), J1.as_bytes());
        check(&request, "/file/mpupload/init", digest, JSON, signature);
    }
    let request = mpupload_init::encode(&app(ENDPOINT, None), &id("r"), &signing(&credential, DigestMode::Empty));
    assert_eq!(flat(request.body(), b""), br#"{"request_id":"r","app_id":"app00001"}"#);
}

#[test]
fn the_complete_and_cancel_requests() {
    let (credential, app) = (credential(), app(ENDPOINT, Some("0")));
    let by_body = signing(&credential, DigestMode::Body);
    let complete = mpupload_complete::encode(&app, &id("req-0003"), UPLOAD_ID, &by_body);
    assert_eq!(flat(complete.body(), b""), J2.as_bytes());
    let signature = "+H0Vxo1LGurop8yf9bgvZPULX/OsNzFjcl7LpWVZZTs=";
    check(&complete, "/file/mpupload/complete", J2_DIGEST, JSON, signature);
    let by_nothing = signing(&credential, DigestMode::Empty);
    let cancel = mpupload_cancel::encode(&app, &id("req-0003"), UPLOAD_ID, &by_nothing);
    assert_eq!(flat(cancel.body(), b""), J2.as_bytes());
    check(&cancel, "/file/mpupload/cancel", EMPTY, JSON, "OD0GR9Mwv5p4XPWEVmbyUCs13z++cigaVsjNqj7yBOQ=");
}

#[test]
fn the_whole_file_in_328_bytes() {
    let (credential, request_id) = (credential(), id("req-0001"));
    let file = FilePart { filename: Some("test.txt"), content_type: Some("text/plain") };
    let encode = |endpoint: &str, digest: Option<&BodyDigest>| {
        let message = Upload { request_id: &request_id, len: 8, file, digest };
        upload::encode(&app(endpoint, None), &message, &signing(&credential, DigestMode::Body), &boundary())
    };
    let request = encode(ENDPOINT, None);
    let body = flat(request.body(), b"==test==");
    let expected = "--X-XFYUN-TEST-BOUNDARY\r\nContent-Disposition: form-data; name=\"app_id\"\r\n\r\napp00001\r\n\
        --X-XFYUN-TEST-BOUNDARY\r\nContent-Disposition: form-data; name=\"data\"; filename=\"test.txt\"\r\n\
        Content-Type: text/plain\r\n\r\n==test==\r\n\
        --X-XFYUN-TEST-BOUNDARY\r\nContent-Disposition: form-data; name=\"request_id\"\r\n\r\nreq-0001\r\n\
        --X-XFYUN-TEST-BOUNDARY--\r\n";
    assert_eq!(String::from_utf8(body.clone()).unwrap(), expected);
    assert_eq!(body.len(), 328);
    check(&request, "/file/upload", EMPTY, FORM, "2D1ZMiNCa9pQAP3k08a2w9aJrvIDlQ3nts2LOh/bQ9M=");
    let digest = BodyDigest::of(&body);
    let request = encode(ENDPOINT, Some(&digest));
    check(&request, "/file/upload", M1_DIGEST, FORM, "YdzAvb6LRAyOVyZwqrC4ZCnp32jujI7sYiIXfUosg+A=");
    let signature = "cR8/ps+Ljqrlni3uV0uEkgsISAjheUCS5Hgu15JgCJc=";
    check(&encode("http://127.0.0.1:18099", None), "/file/upload", EMPTY, FORM, signature);
    let signature = "eKAMh1aVvOhAQKzeoUQ8IbXZLIPQQpLQhBCtVmjun3A=";
    check(&encode("http://127.0.0.1:80", None), "/file/upload", EMPTY, FORM, signature);
}

#[test]
fn a_cloud_is_a_field_of_its_own() {
    let (credential, request_id) = (credential(), id("r"));
    let message = Upload { request_id: &request_id, len: 0, file: FILE, digest: None };
    let signing = signing(&credential, DigestMode::Empty);
    let request = upload::encode(&app(ENDPOINT, Some("7")), &message, &signing, &boundary());
    let body = String::from_utf8(flat(request.body(), b"")).unwrap();
    assert!(body.contains("name=\"cloud_id\"\r\n\r\n7\r\n"), "{body}");
    assert!(
        body.contains("name=\"data\"; filename=\"data.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n")
    );
}

#[test]
fn a_slice_in_532_bytes() {
    let (credential, request_id) = (credential(), id("req-0002"));
    let file = FilePart { filename: Some("slice_1.bin"), content_type: Some("application/octet-stream") };
    let encode = |digest: Option<&BodyDigest>| {
        let slice = Slice { request_id: &request_id, upload_id: UPLOAD_ID, slice_id: 1, bytes: 0..10, file, digest };
        let signing = signing(&credential, DigestMode::Empty);
        mpupload_upload::encode(&app(ENDPOINT, Some("0")), &slice, &signing, &boundary())
    };
    let request = encode(None);
    let body = flat(request.body(), b"0123456789");
    let field = |name: &str, value: &str| {
        format!("--X-XFYUN-TEST-BOUNDARY\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let expected = [
        "--X-XFYUN-TEST-BOUNDARY\r\nContent-Disposition: form-data; name=\"data\"; filename=\"slice_1.bin\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n0123456789\r\n"
            .to_owned(),
        field("app_id", "app00001"),
        field("request_id", "req-0002"),
        field("upload_id", UPLOAD_ID),
        field("slice_id", "1"),
        "--X-XFYUN-TEST-BOUNDARY--\r\n".to_owned(),
    ];
    assert_eq!(String::from_utf8(body.clone()).unwrap(), expected.concat());
    assert_eq!(body.len(), 532);
    check(&request, "/file/mpupload/upload", EMPTY, FORM, "qAZYVzs+55cXyJcbMW+TIJH1x7nq5vCsQTuW/ldoj3M=");
    let digest = BodyDigest::of(&body);
    let signature = "yQRvfV1r3CRTGCeR22wdLomM79oWSFk2KipQ03Lu9/U=";
    check(&encode(Some(&digest)), "/file/mpupload/upload", M2_DIGEST, FORM, signature);
}
