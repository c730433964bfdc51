//! What the constructors refuse, and uploads by the most extreme options that are taken.

#[path = "../../core/tests/extremes/mod.rs"]
mod extremes;
mod far;

use bytes::Bytes;
use extremes::{CANARY, NO_ENDPOINTS, NO_WORDS, long_endpoint, outputs, refused};
use far::{says, with};
use http::{Method, Request, Response};
use resumable_core::Body;
use resumable_proto_cos_xml::*;

const REGION: &str = "ap-guangzhou";
const BUCKET: &str = "emubucket-1250000000";

#[test]
fn each_argument_is_checked() {
    assert!(at(REGION, BUCKET, "dir/f").is_ok());
    for given in NO_ENDPOINTS.iter().copied().chain([long_endpoint().as_str(), "h%2e"]) {
        refused("endpoint", given, at_endpoint(given, BUCKET, "f"));
    }
    refused("endpoint", "another bucket's", at_endpoint("other-1.cos.ap-x.myqcloud.com", BUCKET, "f"));
    let long = format!("{}.example.com", "h".repeat(235));
    let origin = Origin::new(&long).unwrap();
    let object = |form| Object::new(origin.clone(), Bucket::new(BUCKET).unwrap(), ObjectKey::new("f").unwrap(), form);
    refused("endpoint", &long, object(Addressing::VirtualHost));
    for given in NO_WORDS.iter().copied().chain(["AP", "a/b", "a.b", "accelerate"]) {
        refused("region", given, at(given, BUCKET, "f"));
    }
    for given in NO_WORDS.iter().copied().chain(["emubucket", "Emu-1", "-a-1", "a_b-1", "a.b-1", "a/b-1", "125"]) {
        refused("bucket", given, at(REGION, given, "f"));
    }
    for given in ["", "/x", "\\x", "..", "a/..", "a\u{18}b", "a\0b", &"a".repeat(851)] {
        refused("key", given, at(REGION, BUCKET, given));
    }
    assert!(at(REGION, BUCKET, "a//b").is_ok(), "another object than a/b");
}

#[test]
fn each_option_is_checked() {
    let with = |options| at(REGION, BUCKET, "f").unwrap().with_options(options);
    for size in [0, 7, (1 << 20) - 1, u64::MAX] {
        refused("part_size", "a size", with(Options::default().part_size(size)));
    }
    let limits = Limits::default();
    for wrong in [
        Limits { part_min: 0, ..limits },
        Limits { part_max: 7, ..limits },
        Limits { parts: 0, ..limits },
        Limits { page: 0, ..limits },
        Limits { page: 1001, ..limits },
    ] {
        refused("limits", "a limit", with(Options::default().limits(wrong)));
    }
    for limit in [0, (100 << 10) - 1, (100 << 20) + 1, u64::MAX] {
        refused("traffic_limit", "a limit", with(Options::default().traffic_limit(limit)));
    }
    assert!(with(Options::default().traffic_limit(100 << 10)).is_ok());
    assert!(with(Options::default().backup_domain(true)).is_ok());
    for endpoint in
        ["http://127.0.0.1:1", "cos.accelerate.myqcloud.com", "cos-internal.ap-x.tencentcos.cn", "a.example"]
    {
        let to = at_endpoint(endpoint, BUCKET, "f").unwrap();
        refused("backup_domain", endpoint, to.with_options(Options::default().backup_domain(true)));
    }
}

#[test]
fn headers_that_a_request_says_for_itself_are_refused() {
    for name in
        ["Authorization", "Host", "x-cos-security-token", "X-Cos-Forbid-Overwrite", "x-cos-traffic-limit", "x-oss-a"]
    {
        refused(&name.to_lowercase(), name, ObjectHeaders::default().header(name, "1"));
    }
    for name in ["x-cos-acl", "x-cos-storage-class", "x-cos-tagging", "x-cos-server-side-encryption", "Expires"] {
        assert!(ObjectHeaders::default().header(name, "1").is_ok(), "{name}");
    }
}

#[test]
fn each_part_of_a_credential_is_checked_and_none_is_shown() {
    for given in ["", " ", "hunter2canary x", "hunter2canary\0", "hunter2canary&", "hunter2canary=", "ä"] {
        refused("secret_id", given, Credential::new(given, "key"));
    }
    for given in NO_WORDS {
        refused("secret_key", given, Credential::new("id", given));
        refused("security_token", given, Credential::temporary("id", "key", given.to_owned()));
    }
    let credential = Credential::temporary(CANARY, CANARY, CANARY.to_owned()).unwrap();
    assert!(!format!("{credential:?}").contains(CANARY));
}

/// Opens an upload, and takes every part.
fn vendor(request: &Request<Body>) -> Response<Bytes> {
    if request.method() == Method::POST {
        let opened = "<InitiateMultipartUploadResult><UploadId>U1</UploadId></InitiateMultipartUploadResult>";
        return says(200, opened);
    }
    with(says(200, ""), "etag", "\"0cc175b9c0f1b6a831c399e269772661\"")
}

#[test]
fn no_options_that_are_taken_panic() {
    let credential = Credential::new("id", CANARY).unwrap();
    let most = Limits {
        part_min: 1,
        part_max: u64::MAX,
        parts: u32::MAX,
        put_max: u64::MAX,
        object_max: u64::MAX,
        page: 1000,
    };
    let sizes = |size| Options::default().part_size(size).one_request_max(0);
    for options in [
        sizes(1).limits(most),
        sizes(u64::MAX).limits(most),
        sizes(u64::MAX).limits(Limits { part_min: u64::MAX, parts: 1, page: 1, ..most }),
        sizes(1).limits(Limits { parts: 1, put_max: 0, page: 1, ..most }),
        sizes(1).limits(most).one_request_max(u64::MAX),
        Options::default().one_request_max(u64::MAX).backup_domain(true).traffic_limit(100 << 20),
    ] {
        let to = at(REGION, BUCKET, "f").unwrap().with_options(options).unwrap();
        assert!(outputs(|| to.clone(), &credential, vendor) > 0);
    }
}
