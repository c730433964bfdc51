//! What the constructors refuse, and uploads by the most extreme options that are taken.

#[path = "../../core/tests/extremes/mod.rs"]
mod extremes;

use bytes::Bytes;
use extremes::{CANARY, NO_ENDPOINTS, NO_WORDS, long_endpoint, outputs, refused, says};
use http::{Request, Response};
use resumable_core::Body;
use resumable_proto_xfyun::*;

#[test]
fn each_argument_is_checked() {
    assert!(at("4CC5779A").is_ok());
    for given in NO_ENDPOINTS.iter().copied().chain([long_endpoint().as_str()]) {
        refused("endpoint", given, App::new(given, "app", None));
    }
    for given in NO_WORDS.iter().copied().chain(["a/b", "a\"b", "ä", &"a".repeat(65)]) {
        refused("app_id", given, at(given));
        refused("app_id", given, App::new(ENDPOINT, given, None));
        refused("cloud_id", given, App::new(ENDPOINT, "app", Some(given)));
    }
}

#[test]
fn each_option_is_checked() {
    let with = |options| at("app").unwrap().with_options(options);
    for size in [0, 7, u64::MAX] {
        refused("part_size", "a size", with(Options::default().part_size(size)));
    }
    let limits = Limits::default();
    for wrong in [Limits { part_min: 0, ..limits }, Limits { part_max: 7, ..limits }, Limits { parts: 0, ..limits }] {
        refused("limits", "a limit", with(Options::default().limits(wrong)));
    }
}

#[test]
fn each_half_of_a_credential_is_checked_and_none_is_shown() {
    for given in NO_WORDS.iter().copied().chain(["hunter2canary\"", "hunter2canary\\", "ä"]) {
        refused("api_key", given, Credential::new(given, "secret"));
    }
    for given in NO_WORDS {
        refused("api_secret", given, Credential::new("key", given));
    }
    let credential = Credential::new(CANARY, CANARY).unwrap();
    assert!(!format!("{credential:?} {credential:#?}").contains(CANARY));
}

#[test]
fn names_of_messages_are_checked() {
    for given in NO_WORDS.iter().copied().chain(["a;b", "a\"b"]) {
        refused("request id", given, RequestId::new(given));
        refused("boundary", given, Boundary::new(given));
    }
}

/// Opens an upload, and takes every slice.
fn vendor(_: &Request<Body>) -> Response<Bytes> {
    says(200, r#"{"code":0,"message":"success","data":{"upload_id":"U1"}}"#)
}

#[test]
fn no_options_that_are_taken_panic() {
    let credential = Credential::new("key", CANARY).unwrap();
    let most = Limits { part_min: 1, part_max: u64::MAX, parts: u64::MAX };
    let sizes = |size| Options::default().part_size(size).one_request_max(0);
    for options in [
        sizes(1).limits(most),
        sizes(1).limits(most).parallel(true),
        sizes(u64::MAX).limits(most),
        sizes(u64::MAX).limits(Limits { part_min: u64::MAX, parts: 1, ..most }),
        sizes(1).limits(Limits { parts: 1, ..most }).parallel(true),
        Options::default().one_request_max(u64::MAX),
    ] {
        assert!(outputs(|| at("app").unwrap().with_options(options.clone()).unwrap(), &credential, vendor) > 0);
    }
}
