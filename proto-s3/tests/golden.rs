//! Requests byte for byte: the vectors of the vendor's own library, made by the messages themselves.

use std::collections::BTreeMap;
use std::time::Duration;

use http::{HeaderValue, Method, Request};
use resumable_core::{Body, HashKind, Segment};
use resumable_proto_s3::list_parts::ListParts;
use resumable_proto_s3::upload_part::UploadPart;
use resumable_proto_s3::*;
use serde_json::Value;

/// Thu, 01 Jan 2026 00:00:00 GMT.
const NOW: Duration = Duration::from_secs(1_767_225_600);
const UPLOAD_ID: &str = "VXBsb2FkIElE.Emu_0001-~aZ9";
const NAME: &str = "0123456789abcdef0123456789abcdef";
/// The SHA-256 of `hello`.
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

fn data() -> Value {
    serde_json::from_str(include_str!("data/vectors.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn said(op: Op, name: Option<&str>) -> Said<'_> {
    Said { name, len: 5, ..Said::bare(op) }
}

/// The options that make the headers of a vector.
fn options(id: &str) -> Options {
    let preset = *Preset::named(if ["B2", "G1"].contains(&id) { "aws" } else { "minio" }).unwrap();
    match id {
        "B1" => Options::of(preset).content_type(HeaderValue::from_static("video/x-matroska")),
        "B2" => {
            let headers = ObjectHeaders::default().header("x-amz-storage-class", "STANDARD_IA").unwrap();
            let headers = headers.header("x-amz-acl", "private").unwrap();
            let headers = headers.header("x-amz-tagging", "a=1&b=c%20d").unwrap();
            Options::of(preset).content_type(HeaderValue::from_static("video/x-matroska")).headers(headers)
        }
        _ => Options::of(preset),
    }
}

fn request(vector: &Value, wire: &S3Wire<'_>) -> Option<Request<Body>> {
    let id = text(&vector["id"]);
    let observe = &[HashKind::Md5][..];
    let part = |number, upload_id| {
        let message = UploadPart { upload_id, part_number: number, bytes: 60..70, observe };
        upload_part::encode(&message, None, &said(Op::UploadPart, None), wire)
    };
    let (put, create) = (said(Op::PutObject, Some(NAME)), said(Op::CreateMultipartUpload, Some(NAME)));
    let made = match id {
        "A1" => put_object::encode(observe, Some(hex::decode(HELLO).unwrap().try_into().unwrap()), &put, wire),
        "A2" => put_object::encode(observe, None, &put, wire),
        "B1" => initiate_multipart_upload::encode(false, &create, wire),
        "B2" => {
            let create = Said { checksum: Some(ChecksumKind::Crc64Nvme), ..create };
            initiate_multipart_upload::encode(false, &create, wire)
        }
        "C1" => part(7, UPLOAD_ID),
        "C3" => part(10_000, "up/load+id=="),
        "D2" => {
            let message = ListParts { upload_id: UPLOAD_ID, max_parts: 1000, part_number_marker: 1000 };
            list_parts::encode(&message, wire)
        }
        "F1" => abort_multipart_upload::encode(UPLOAD_ID, wire),
        "G1" => head_object::encode(&said(Op::HeadObject, None), wire),
        key if key.starts_with('K') => part(1, UPLOAD_ID),
        _ => return None,
    };
    Some(made.unwrap())
}

#[test]
fn messages_are_the_vectors() {
    let data = data();
    let mut seen = Vec::new();
    for vector in data["vectors"].as_array().unwrap() {
        let (id, host) = (text(&vector["id"]), text(&vector["host"]));
        let Ok(key) = ObjectKey::new(text(&vector["key"])) else { continue };
        let (endpoint, addressing) = match text(&vector["style"]) {
            "path" => (format!("http://{host}"), Addressing::Path),
            _ => (host.replacen("emubucket.", "https://", 1), Addressing::VirtualHost),
        };
        let object = Object::new(&endpoint, "emubucket", key, addressing).unwrap();
        let object = object.with_region(text(&vector["region"])).unwrap();
        let (key_id, secret) = (text(&data["access_key_id"]), text(&data["secret_access_key"]));
        let credential = match vector["headers"].get("x-amz-security-token") {
            Some(token) => Credential::temporary(key_id, secret, text(token).to_owned()),
            None => Credential::new(key_id, secret),
        };
        let (credential, options) = (credential.unwrap(), options(id));
        let wire = S3Wire { object: &object, options: &options, credential: &credential, now: NOW };
        let Some(request) = request(vector, &wire) else { continue };
        assert_eq!(request.method().as_str(), text(&vector["method"]), "{id}");
        let target = request.uri().path_and_query().unwrap().as_str();
        let query = text(&vector["raw_query"]).trim_end_matches('=');
        let expected = [text(&vector["raw_path"]), if query.is_empty() { "" } else { "?" }, query].concat();
        assert_eq!(target.trim_end_matches('='), expected, "{id}");
        let header =
            |(name, value): (&http::HeaderName, &HeaderValue)| (name.to_string(), value.to_str().unwrap().to_owned());
        let mut headers: BTreeMap<String, String> = request.headers().iter().map(header).collect();
        assert_eq!(headers.remove("authorization").as_deref(), Some(text(&vector["authorization"])), "{id}");
        let given = vector["headers"].as_object().unwrap().iter().filter(|(name, _)| *name != "host");
        let given: BTreeMap<String, String> = given.map(|(name, value)| (name.clone(), text(value).into())).collect();
        assert_eq!(headers, given, "{id}");
        seen.push(id);
    }
    assert_eq!(
        seen,
        ["A1", "A2", "B1", "B2", "C1", "C3", "D2", "F1", "G1", "K1", "K2", "K5", "K6", "K7", "K8", "K9", "K10", "K11"]
    );
}

fn wired(options: &Options, make: impl FnOnce(&S3Wire<'_>) -> Result<Request<Body>, Fault>) -> Request<Body> {
    let object = Object::new("http://127.0.0.1:9000", "emubucket", ObjectKey::new("k").unwrap(), Addressing::Path);
    let (object, credential) = (object.unwrap(), Credential::new("id", "secret").unwrap());
    make(&S3Wire { object: &object, options, credential: &credential, now: NOW }).unwrap()
}

#[test]
fn what_ends_an_upload_is_signed_with_its_body() {
    let (first, second) =
        (Etag::new("\"8efda8be206636a695359836fe0a0001\""), Etag::new("8c315065167132444177411fda140002-X"));
    let (first, second) = (first.unwrap(), second.unwrap());
    let whole = Some(Checksum { kind: ChecksumKind::Crc64Nvme, value: 0xfcf3_c205_bbca_5897 ^ 0xc8 });
    let said = Said { len: 5_242_884, forbid_overwrite: true, whole, ..Said::bare(Op::CompleteMultipartUpload) };
    let options = Options::default().forbid_overwrite(true);
    let complete =
        wired(&options, |wire| complete_multipart_upload::encode(UPLOAD_ID, &[(1, &first), (2, &second)], &said, wire));
    let [Segment::Bytes(body)] = complete.body().segments() else { panic!() };
    let body = std::str::from_utf8(body).unwrap();
    // As they came, whatever their case: some servers compare them so.
    assert!(body.contains("<PartNumber>1</PartNumber><ETag>\"8efda8be206636a695359836fe0a0001\"</ETag>"), "{body}");
    assert!(body.contains("<PartNumber>2</PartNumber><ETag>\"8c315065167132444177411fda140002-X\"</ETag>"), "{body}");
    let headers = complete.headers();
    assert_eq!(headers["x-amz-content-sha256"], sign::payload(body.as_bytes()));
    assert_eq!(headers["x-amz-mp-object-size"], "5242884");
    assert_eq!(headers["x-amz-checksum-type"], "FULL_OBJECT");
    assert_eq!(headers["x-amz-checksum-crc64nvme"], "/PPCBbvKWF8=");
    assert_eq!(
        (&headers["if-none-match"], &headers["content-type"]),
        (&"*".parse().unwrap(), &"application/xml".parse().unwrap())
    );
    let signed = headers["authorization"].to_str().unwrap();
    let names = "SignedHeaders=content-md5;content-type;host;if-none-match;x-amz-checksum-crc64nvme;x-amz-checksum-type;\
                 x-amz-content-sha256;x-amz-date;x-amz-mp-object-size,";
    assert!(signed.contains(names), "{signed}");
}

#[test]
fn an_empty_object_is_signed_as_an_empty_body() {
    let said = Said { len: 0, ..Said::bare(Op::PutObject) };
    let put = wired(&Options::default(), |wire| put_object::encode(&[], None, &said, wire));
    assert_eq!(put.headers()["x-amz-content-sha256"], sign::payload(b""));
    assert_eq!((put.method(), put.body().len()), (&Method::PUT, 0));
}

#[test]
fn an_own_header_cannot_take_the_place_of_a_requests() {
    // The user's metadata of this name would hide whose object it is.
    let headers = ObjectHeaders::default().metadata("Resumable-Id", "mine").unwrap().metadata("author", "me").unwrap();
    let options = Options::default().headers(headers);
    let put = wired(&options, |wire| put_object::encode(&[], None, &said(Op::PutObject, Some(NAME)), wire));
    assert_eq!(put.headers().get_all("x-amz-meta-resumable-id").iter().collect::<Vec<_>>(), [NAME]);
    assert_eq!(put.headers()["x-amz-meta-author"], "me");
    for name in [
        "x-amz-date",
        "x-amz-checksum-sha256",
        "x-amz-content-sha256",
        "x-amz-security-token",
        "x-amz-server-side-encryption-customer-key",
        "x-amz-copy-source",
        "Authorization",
        "Content-Length",
        "if-none-match",
    ] {
        assert!(ObjectHeaders::default().header(name, "1").is_err(), "{name}");
    }
    for name in [
        "x-amz-storage-class",
        "x-amz-server-side-encryption",
        "x-amz-server-side-encryption-aws-kms-key-id",
        "Cache-Control",
    ] {
        assert!(ObjectHeaders::default().header(name, "1").is_ok(), "{name}");
    }
}
