//! Requests byte for byte: the vendor's vectors, made by the messages themselves.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use resumable_core::{Body, HashKind, Segment};
use resumable_proto_oss::complete_multipart_upload::CompleteMultipartUpload;
use resumable_proto_oss::initiate_multipart_upload::InitiateMultipartUpload;
use resumable_proto_oss::list_parts::ListParts;
use resumable_proto_oss::put_object::PutObject;
use resumable_proto_oss::upload_part::UploadPart;
use resumable_proto_oss::*;
use serde_json::Value;

/// Thu, 01 Jan 2026 00:00:00 GMT.
const NOW: Duration = Duration::from_secs(1_767_225_600);
const UPLOAD_ID: &str = "0004B9894A22E5B1888A1E29F8230001";

fn data() -> Value {
    serde_json::from_str(include_str!("data/vectors.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn object(key: &str) -> Object {
    let endpoint = Endpoint::new("https://oss-cn-shenzhen.aliyuncs.com").unwrap();
    Object::new(endpoint, "emubucket", ObjectKey::new(key).unwrap(), Addressing::Auto).unwrap()
}

fn credential(data: &Value) -> Credential {
    let token = text(&data["security_token"]).to_owned();
    Credential::temporary(text(&data["access_key_id"]), text(&data["access_key_secret"]), token).unwrap()
}

fn request(name: &str, data: &Value, key: &str, signing: &Signing<'_>) -> Request<Body> {
    let object = &object(key);
    let callback = Callback::new(text(&data["callback"]), Some(text(&data["callback_var"]).to_owned())).unwrap();
    let (callback, attributes, observe) = (Some(&callback), Attributes::default(), &[HashKind::Crc64][..]);
    match name.split(' ').next().unwrap() {
        "A" => put_object::encode(object, &PutObject { len: 9, attributes, callback, observe }, signing),
        "B" => {
            let message = InitiateMultipartUpload { sequential: true, attributes };
            initiate_multipart_upload::encode(object, &message, signing)
        }
        "C" => {
            let message = UploadPart { upload_id: UPLOAD_ID, part_number: 7, bytes: 60..70, observe };
            upload_part::encode(object, &message, signing)
        }
        "D" => {
            let message = ListParts { upload_id: UPLOAD_ID, max_parts: 1000, part_number_marker: 1000 };
            list_parts::encode(object, &message, signing)
        }
        "E" => {
            let first = Etag::new("8EFDA8BE206636A695359836FE0A0001").unwrap();
            let second = Etag::new("\"8C315065167132444177411FDA140002\"").unwrap();
            let parts = &[(1, &first), (2, &second)];
            let message = CompleteMultipartUpload {
                upload_id: UPLOAD_ID,
                parts,
                callback,
                headers: None,
                forbid_overwrite: false,
            };
            complete_multipart_upload::encode(object, &message, signing)
        }
        "F" => abort_multipart_upload::encode(object, UPLOAD_ID, signing),
        other => panic!("{other}"),
    }
    .unwrap()
}

#[test]
fn messages_are_the_vendors_vectors() {
    let data = data();
    let credential = credential(&data);
    let mut seen = String::new();
    for vector in data["vectors"].as_array().unwrap() {
        let name = text(&vector["name"]);
        if ["B2", "B3", "G"].contains(&name.split(' ').next().unwrap()) {
            continue;
        }
        for (version, label) in [(Version::V1, "v1"), (Version::V4, "v4")] {
            let signing = Signing { credential: &credential, version, now: NOW };
            let request = request(name, &data, text(&vector["key"]), &signing);
            assert_eq!(request.method().as_str(), text(&vector["method"]), "{name}");
            let mut expected: Vec<(String, String)> = vector[label]["headers_signed"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, value)| (name.to_lowercase(), text(value).to_owned()))
                .collect();
            expected.push(("authorization".into(), text(&vector[label]["authorization"]).to_owned()));
            expected.sort();
            let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
                (name.to_string(), value.to_str().unwrap().to_owned())
            };
            let mut headers: Vec<_> = request.headers().iter().map(header).collect();
            headers.sort();
            assert_eq!(headers, expected, "{name} {label}");
        }
        seen.push_str(&name[..1]);
    }
    assert_eq!(seen, "ABCDEF");
}

#[test]
fn urls_name_the_object_and_the_upload() {
    let data = data();
    let credential = credential(&data);
    let signing = Signing { credential: &credential, version: Version::V4, now: NOW };
    let url = "https://emubucket.oss-cn-shenzhen.aliyuncs.com/dir%20a/%E6%96%87%E4%BB%B6%2B1~.mkv";
    for (name, query) in [
        ("A", String::new()),
        ("B", "?sequential&uploads".into()),
        ("C", format!("?partNumber=7&uploadId={UPLOAD_ID}")),
        ("D", format!("?max-parts=1000&part-number-marker=1000&uploadId={UPLOAD_ID}")),
        ("E", format!("?uploadId={UPLOAD_ID}")),
        ("F", format!("?uploadId={UPLOAD_ID}")),
    ] {
        let request = request(name, &data, "dir a/文件+1~.mkv", &signing);
        assert_eq!(request.uri().to_string(), format!("{url}{query}"));
    }
    let head = head_object::encode(&object("a"), &signing).unwrap();
    assert_eq!((head.method(), head.uri().query(), head.body().len()), (&Method::HEAD, None, 0));
}

#[test]
fn bodies_are_ranges_of_the_source_and_the_list_of_parts() {
    let data = data();
    let credential = credential(&data);
    let signing = Signing { credential: &credential, version: Version::V1, now: NOW };
    let body = |name| request(name, &data, "k", &signing).into_body();
    assert_eq!(body("A").segments(), [Segment::Source(0..9)]);
    assert_eq!((body("C").segments(), body("C").observe()), (&[Segment::Source(60..70)][..], &[HashKind::Crc64][..]));
    let xml = Bytes::from(text(&data["complete_xml"]).to_owned());
    assert_eq!(body("E").segments(), [Segment::Bytes(xml)]);
    for name in ["B", "D", "F"] {
        assert!(body(name).is_empty(), "{name}");
    }
}

#[test]
fn options_are_headers() {
    let credential = Credential::new("ak", "sk").unwrap();
    let signing = Signing { credential: &credential, version: Version::V4, now: NOW };
    let kind = http::HeaderValue::from_static("video/mp4");
    let attributes = Attributes { content_type: Some(&kind), headers: None, forbid_overwrite: true };
    let put = PutObject { len: 1, attributes, callback: None, observe: &[] };
    let put = put_object::encode(&object("k"), &put, &signing).unwrap();
    let initiate = InitiateMultipartUpload { sequential: false, attributes };
    let initiate = initiate_multipart_upload::encode(&object("k"), &initiate, &signing).unwrap();
    for request in [&put, &initiate] {
        assert_eq!(request.headers()["content-type"], "video/mp4");
        assert_eq!(request.headers()["x-oss-forbid-overwrite"], "true");
        assert!(!request.headers().contains_key("x-oss-security-token"));
    }
    assert_eq!(initiate.uri().query(), Some("uploads"));
    let etag = Etag::new("A").unwrap();
    let parts = &[(1, &etag)];
    let complete =
        CompleteMultipartUpload { upload_id: "u", parts, callback: None, headers: None, forbid_overwrite: true };
    let complete = complete_multipart_upload::encode(&object("k"), &complete, &signing).unwrap();
    assert_eq!(complete.headers()["x-oss-forbid-overwrite"], "true");
    assert!(!complete.headers().contains_key("x-oss-callback"));
}

#[test]
fn headers_are_kept_with_the_object_and_signed() {
    let credential = Credential::new("ak", "sk").unwrap();
    let kept = ObjectHeaders::default().metadata("Author", "me").unwrap();
    let kept = kept.header("Cache-Control", "no-cache").unwrap().header("x-oss-object-acl", "private").unwrap();
    let shown = format!("{kept:?}");
    assert!(shown.contains("cache-control") && shown.contains("x-oss-meta-author"), "{shown}");
    assert!(!shown.contains("no-cache") && !shown.contains("\"me\""), "values may be private: {shown}");
    let attributes = Attributes { headers: Some(&kept), ..Attributes::default() };
    for version in [Version::V1, Version::V4] {
        let signing = Signing { credential: &credential, version, now: NOW };
        let put = PutObject { len: 1, attributes, callback: None, observe: &[] };
        let put = put_object::encode(&object("k"), &put, &signing).unwrap();
        let initiate = InitiateMultipartUpload { sequential: false, attributes };
        let initiate = initiate_multipart_upload::encode(&object("k"), &initiate, &signing).unwrap();
        let etag = Etag::new("A").unwrap();
        let complete = |headers| {
            let parts = &[(1, &etag)];
            let message =
                CompleteMultipartUpload { upload_id: "u", parts, callback: None, headers, forbid_overwrite: false };
            complete_multipart_upload::encode(&object("k"), &message, &signing).unwrap()
        };
        let (plain, complete) = (complete(None), complete(Some(&kept)));
        for request in [&put, &initiate] {
            assert_eq!(request.headers()["x-oss-meta-author"], "me");
            assert_eq!(request.headers()["cache-control"], "no-cache");
        }
        assert!(!initiate.headers().contains_key("x-oss-object-acl"));
        for request in [&put, &complete] {
            assert_eq!(request.headers()["x-oss-object-acl"], "private");
        }
        assert!(!complete.headers().contains_key("cache-control"));
        assert_ne!(plain.headers()["authorization"], complete.headers()["authorization"], "the ACL is signed");
    }
}

#[test]
fn v4_without_a_region_is_an_error_before_anything_is_sent() {
    let credential = Credential::new("ak", "sk").unwrap();
    let place = |endpoint: Endpoint| {
        Object::new(endpoint, "emubucket", ObjectKey::new("k").unwrap(), Addressing::Auto).unwrap()
    };
    let bare = Endpoint::new("http://127.0.0.1:1").unwrap();
    let signing = |version| Signing { credential: &credential, version, now: NOW };
    assert_eq!(head_object::encode(&place(bare.clone()), &signing(Version::V4)).unwrap_err(), Fault::NoRegion);
    assert!(head_object::encode(&place(bare.clone()), &signing(Version::V1)).is_ok());
    assert!(matches!(Oss::new(place(bare.clone()), Options::default()), Err(InvalidOptions::Region)));
    let said = place(bare.with_region("cn-shenzhen").unwrap());
    let authorization = head_object::encode(&said, &signing(Version::V4)).unwrap();
    assert!(authorization.headers()["authorization"].to_str().unwrap().contains("/cn-shenzhen/oss/"));
}
