//! What the constructors refuse, and uploads by the most extreme options that are taken.

#[path = "../../core/tests/extremes/mod.rs"]
mod extremes;

use bytes::Bytes;
use extremes::{CANARY, NO_ENDPOINTS, NO_WORDS, long_endpoint, outputs, refused, says};
use http::{HeaderValue, Method, Request, Response};
use resumable_core::Body;
use resumable_proto_115::*;
use resumable_proto_oss::Limits;
use serde_json::{Value, json};

/// Neither path nor id.
const NO_TARGETS: [&str; 12] = ["", " ", "\n", "x", "../x", "/", "/a//b", "/../x", "/a/./b", "/a\nb", "/a\0b", "id:x"];

#[test]
fn each_argument_is_checked() {
    assert!(at("mine", "/videos/f").is_ok() && at("mine", "0:f").is_ok());
    for given in ["", " ", "\n", "hunter2canary\nx", "hunter2canary\0"] {
        refused("account", given, at(given, "/f"));
    }
    for given in NO_TARGETS {
        refused("path", given, at("mine", given));
    }
    let (long, deep) = (format!("/{}", "a".repeat(1025)), format!("{}/f", "/d".repeat(25)));
    refused("path", "a long name", at("mine", &long));
    refused("path", "a deep folder", at("mine", &deep));
    refused("path", "another separator", at("mine", "/a>b/f"));
    for given in ["", "-1", "1a", "１", "1\n", &"1".repeat(21)] {
        refused("folder id", given, FolderId::new(given));
    }
}

#[test]
fn each_host_is_checked_and_named() {
    for given in NO_ENDPOINTS.iter().copied().chain([long_endpoint().as_str()]) {
        refused("endpoint", given, Site::at(given));
        refused("proapi", given, Site::new(given, PASSPORTAPI, QRCODEAPI));
        refused("passportapi", given, Site::new(PROAPI, given, QRCODEAPI));
        refused("qrcodeapi", given, Site::new(PROAPI, PASSPORTAPI, given));
    }
}

#[test]
fn each_option_is_checked() {
    let with = |options| at("mine", "/f").unwrap().with_options(options);
    for size in [0, 7, u64::MAX] {
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
}

#[test]
fn tokens_are_checked_and_none_is_shown() {
    for given in NO_WORDS.iter().copied().chain(["ä", &"a".repeat(4097)]) {
        refused("token", given, AccessToken::new(given));
        refused("token", given, RefreshToken::new(given));
        refused("code verifier", given, CodeVerifier::new(given));
    }
    let (access, refresh) = (AccessToken::new(CANARY).unwrap(), RefreshToken::new(CANARY).unwrap());
    let verifier = CodeVerifier::new(CANARY.repeat(4)).unwrap();
    let tokens = Tokens { access_token: access.clone(), refresh_token: refresh.clone(), expires_in: None };
    assert!(!format!("{access:?} {refresh:?} {verifier:?} {tokens:#?}").contains(CANARY));
}

fn success(data: &Value) -> Response<Bytes> {
    says(200, json!({"state": true, "message": "", "code": 0, "data": data}).to_string())
}

/// Wants the bytes, and its storage takes every part.
fn vendor(request: &Request<Body>) -> Response<Bytes> {
    match (request.method(), request.uri().path()) {
        (_, "/open/upload/init" | "/open/upload/resume") => success(&json!({"pick_code": "p", "status": 1,
            "sign_key": "", "sign_check": "", "file_id": "", "bucket": "emubucket", "object": "object1",
            "callback": {"callback": "{\"callbackUrl\":\"x\"}", "callback_var": "{\"x:pick_code\":\"p\"}"}})),
        (_, "/open/upload/get_token") => success(&json!({"endpoint": "http://oss-cn-shenzhen.aliyuncs.com",
            "AccessKeyId": "STS.x", "AccessKeySecret": CANARY, "SecurityToken": CANARY,
            "Expiration": "2026-01-01T01:00:00Z"})),
        (&Method::POST, _) => {
            says(200, "<InitiateMultipartUploadResult><UploadId>U1</UploadId></InitiateMultipartUploadResult>")
        }
        _ => {
            let mut response = says(200, "");
            response.headers_mut().insert("etag", HeaderValue::from_static("\"0CC175B9C0F1B6A831C399E269772661\""));
            response
        }
    }
}

#[test]
fn no_options_that_are_taken_panic() {
    let token = AccessToken::new(CANARY).unwrap();
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
        Options::default().one_request_max(u64::MAX).limits(most),
    ] {
        let to = || at("mine", "0:f").unwrap().with_options(options.clone()).unwrap();
        assert!(outputs(to, &token, vendor) > 0);
    }
}
