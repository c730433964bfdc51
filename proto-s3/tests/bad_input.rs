//! What the constructors refuse, and uploads by the most extreme options that are taken.

#[path = "../../core/tests/extremes/mod.rs"]
mod extremes;

use bytes::Bytes;
use extremes::{CANARY, NO_ENDPOINTS, NO_WORDS, long_endpoint, outputs, refused, says};
use http::{HeaderValue, Method, Request, Response};
use resumable_core::Body;
use resumable_proto_s3::*;

const ENDPOINT: &str = "https://s3.eu-west-1.amazonaws.com";

#[test]
fn each_argument_is_checked() {
    assert!(at(ENDPOINT, "emubucket", "dir/f").is_ok());
    for given in NO_ENDPOINTS.iter().copied().chain([long_endpoint().as_str(), "h%2e"]) {
        refused("endpoint", given, at(given, "emubucket", "f"));
    }
    refused("endpoint", "another bucket's", at("https://other.s3.eu-west-1.amazonaws.com", "emubucket", "f"));
    assert!(at("https://emubucket.s3.eu-west-1.amazonaws.com", "emubucket", "f").is_ok(), "its own bucket's");
    for given in NO_WORDS.iter().copied().chain(["a/b", "a.b"]) {
        refused("region", given, in_region(given, "emubucket", "f"));
    }
    for given in
        NO_WORDS.iter().copied().chain(["ab", "Emubucket", "-ab", "a_b", "a..b", "a/b", "1.2.3.4", &"a".repeat(64)])
    {
        refused("bucket", given, at(ENDPOINT, given, "f"));
    }
    for given in ["", "..", "../x", "a/./b", "a\nb", "a\0b", &"a".repeat(1025)] {
        refused("key", given, at(ENDPOINT, "emubucket", given));
    }
    for odd in ["a//b", "/a", "a/", "ä", " "] {
        assert!(at(ENDPOINT, "emubucket", odd).is_ok(), "{odd}");
    }
    let address = Object::new("http://127.0.0.1:1", "emubucket", ObjectKey::new("f").unwrap(), Addressing::VirtualHost);
    assert_eq!(address, Err(InvalidObject::Address));
}

#[test]
fn each_option_is_checked() {
    let with = |options| at(ENDPOINT, "emubucket", "f").unwrap().with_options(options);
    for size in [0, 7, u64::MAX] {
        refused("part_size", "a size", with(Options::default().part_size(size)));
    }
    let limits = Options::default().preset.limits;
    for wrong in [
        Limits { part_min: 0, ..limits },
        Limits { part_max: 7, ..limits },
        Limits { parts: 0, ..limits },
        Limits { page: 0, ..limits },
        Limits { page: 1001, ..limits },
    ] {
        let mut options = Options::default();
        options.preset.limits = wrong;
        refused("limits", "a limit", with(options));
    }
    refused("forbid_overwrite", "b2", with(Options::of(*Preset::named("b2").unwrap()).forbid_overwrite(true)));
}

#[test]
fn each_part_of_a_credential_is_checked_and_none_is_shown() {
    for given in NO_WORDS.iter().copied().chain(["hunter2canary/", "ä"]) {
        assert!(Credential::new(given, "secret").is_err(), "{given:?}");
    }
    for given in NO_WORDS {
        assert!(Credential::new("id", given).is_err(), "{given:?}");
        assert!(Credential::temporary("id", "secret", given.to_owned()).is_err(), "{given:?}");
    }
    let credential = Credential::temporary(CANARY, CANARY, CANARY.to_owned()).unwrap();
    let headers = ObjectHeaders::default().metadata("a", CANARY).unwrap();
    let s3 = at(ENDPOINT, "emubucket", "f").unwrap().with_options(Options::default().headers(headers)).unwrap();
    assert!(!format!("{credential:?} {s3:#?}").contains(CANARY));
}

/// Opens an upload, and takes every part.
fn vendor(request: &Request<Body>) -> Response<Bytes> {
    let mut response = if request.method() == Method::POST {
        says(200, "<InitiateMultipartUploadResult><UploadId>U1</UploadId></InitiateMultipartUploadResult>")
    } else {
        says(200, "")
    };
    response.headers_mut().insert("etag", HeaderValue::from_static("\"0cc175b9c0f1b6a831c399e269772661\""));
    response
}

#[test]
fn no_options_that_are_taken_panic() {
    let credential = Credential::new("id", CANARY).unwrap();
    let sizes = |size, change: fn(&mut Limits)| {
        let mut options = Options::default().part_size(size).one_request_max(0);
        let limits = &mut options.preset.limits;
        (limits.part_min, limits.part_max, limits.parts) = (1, u64::MAX, u32::MAX);
        (limits.put_max, limits.object_max) = (u64::MAX, u64::MAX);
        change(limits);
        options
    };
    for options in [
        sizes(1, |_| {}),
        sizes(u64::MAX, |_| {}),
        sizes(u64::MAX, |limits| (limits.part_min, limits.parts, limits.page) = (u64::MAX, 1, 1)),
        sizes(1, |limits| (limits.parts, limits.put_max, limits.page) = (1, 0, 1)),
        sizes(1, |_| {}).one_request_max(u64::MAX),
        sizes(1, |_| {}).payload(Payload::Signed),
        Options::default().one_request_max(u64::MAX),
    ] {
        let s3 = at(ENDPOINT, "emubucket", "f").unwrap().with_options(options).unwrap();
        assert!(outputs(|| s3.clone(), &credential, vendor) > 0);
    }
}
