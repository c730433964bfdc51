//! What the constructors refuse, and uploads by the most extreme options that are taken.

#[path = "../../core/tests/extremes/mod.rs"]
mod extremes;

use bytes::Bytes;
use extremes::{CANARY, NO_ENDPOINTS, NO_WORDS, long_endpoint, outputs, refused, says};
use http::{HeaderValue, Method, Request, Response};
use resumable_core::Body;
use resumable_proto_oss::*;

const ENDPOINT: &str = "https://oss-cn-shenzhen.aliyuncs.com";

#[test]
fn each_argument_is_checked() {
    assert!(at(ENDPOINT, "emubucket", "dir/f").is_ok());
    for given in NO_ENDPOINTS.iter().copied().chain([long_endpoint().as_str(), "h%2e"]) {
        refused("endpoint", given, at_region(given, "cn-shenzhen", "emubucket", "f"));
        refused("endpoint", given, Endpoint::new(given));
    }
    refused("endpoint", "another bucket's", at("https://other.oss-cn-shenzhen.aliyuncs.com", "emubucket", "f"));
    assert!(at("https://emubucket.oss-cn-shenzhen.aliyuncs.com", "emubucket", "f").is_ok(), "its own bucket's");
    for endpoint in ["http://127.0.0.1:1", "https://oss-accelerate.aliyuncs.com"] {
        refused("region", endpoint, at(endpoint, "emubucket", "f"));
        assert!(at_region(endpoint, "oss-cn-shenzhen", "emubucket", "f").is_ok());
    }
    for given in NO_WORDS.iter().copied().chain(["CN", "a/b", "a.b"]) {
        refused("region", given, at_region(ENDPOINT, given, "emubucket", "f"));
    }
    for given in NO_WORDS.iter().copied().chain(["ab", "Emubucket", "-ab", "a_b", "a.b", "a/b", &"a".repeat(64)]) {
        refused("bucket", given, at(ENDPOINT, given, "f"));
    }
    for given in ["", "/x", "\\x", "..", "../x", "a/./b", "a\nb", "a\0b", &"a".repeat(1025)] {
        refused("key", given, at(ENDPOINT, "emubucket", given));
    }
    assert!(at(ENDPOINT, "emubucket", "a//b").is_ok(), "another object than a/b");
}

#[test]
fn each_option_is_checked() {
    let with = |options| at(ENDPOINT, "emubucket", "f").unwrap().with_options(options);
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
    for given in NO_WORDS {
        refused("callback", given, Callback::new(given, None));
        refused("callback", given, Callback::new("{}", Some(given.to_owned())));
    }
}

#[test]
fn each_part_of_a_credential_is_checked_and_none_is_shown() {
    for given in NO_WORDS.iter().copied().chain(["hunter2canary/", "ä"]) {
        refused("access_key_id", given, Credential::new(given, "secret"));
    }
    for given in NO_WORDS {
        refused("access_key_secret", given, Credential::new("id", given));
        refused("security_token", given, Credential::temporary("id", "secret", given.to_owned()));
    }
    let credential = Credential::temporary(CANARY, CANARY, CANARY.to_owned()).unwrap();
    let callback = Callback::new(format!("{{\"{CANARY}\":1}}"), Some(format!("{{\"{CANARY}\":1}}"))).unwrap();
    let oss = at(ENDPOINT, "emubucket", "f").unwrap();
    let oss = oss.with_options(Options::default().callback(callback.clone())).unwrap();
    assert!(!format!("{credential:?} {callback:?} {oss:#?}").contains(CANARY));
}

#[test]
fn tags_are_checked() {
    for given in ["", " ", "\n", "a b", "a\nb", "a\0b", &"a".repeat(129)] {
        refused("ETag", given, Etag::try_from(given.to_owned()));
    }
}

/// Opens an upload, and takes every part.
fn vendor(request: &Request<Body>) -> Response<Bytes> {
    if request.method() == Method::POST {
        let opened = "<InitiateMultipartUploadResult><UploadId>U1</UploadId></InitiateMultipartUploadResult>";
        return says(200, opened);
    }
    let mut response = says(200, "");
    response.headers_mut().insert("etag", HeaderValue::from_static("\"0CC175B9C0F1B6A831C399E269772661\""));
    response
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
        sizes(1).limits(most).sequential(true),
        sizes(u64::MAX).limits(most),
        sizes(u64::MAX).limits(Limits { part_min: u64::MAX, parts: 1, page: 1, ..most }),
        sizes(1).limits(Limits { parts: 1, put_max: 0, page: 1, ..most }),
        sizes(1).limits(most).one_request_max(u64::MAX),
        Options::default().one_request_max(u64::MAX),
    ] {
        let oss = at(ENDPOINT, "emubucket", "f").unwrap().with_options(options).unwrap();
        assert!(outputs(|| oss.clone(), &credential, vendor) > 0);
    }
}
