//! What the ways in refuse, and uploads by the most extreme options that they take.

#[path = "../../core/tests/extremes/mod.rs"]
mod extremes;

use std::time::Duration;

use bytes::Bytes;
use extremes::{CANARY, NO_ENDPOINTS, NO_WORDS, outputs, refused, says};
use http::{Request, Response};
use resumable_core::{Body, Segment};
use resumable_proto_cos_v2::{CosV2, Credential, Integrity, Options, at};

const ENDPOINT: &str = "https://sh.file.myqcloud.com";

fn here() -> CosV2 {
    at(ENDPOINT, "10055004", "accesslog", "/dir/f").unwrap()
}

#[test]
fn each_argument_is_checked() {
    for given in NO_ENDPOINTS {
        refused("endpoint", given, at(given, "1", "b", "/f"));
    }
    for given in NO_WORDS.iter().copied().chain(["a", "1a"]) {
        refused("appid", given, at(ENDPOINT, given, "b", "/f"));
    }
    for given in NO_WORDS {
        refused("bucket", given, at(ENDPOINT, "1", given, "/f"));
    }
    for given in ["", "f", "/../x", "/a//b", "/a\nb", "/a\0b"] {
        refused("path", given, at(ENDPOINT, "1", "b", given));
    }
}

#[test]
fn each_option_is_checked() {
    let with = |options| here().with_options(options);
    for size in [0, 7, u64::MAX] {
        refused("part_size", "a size", with(Options::default().part_size(size)));
        refused("part_size", "a size", with(Options::default().part_size(size).part_sizes(vec![0, u64::MAX])));
    }
    for life in [Duration::ZERO, Duration::MAX] {
        refused("signature_life", "a life", with(Options::default().signature_life(life)));
    }
    refused("file_max", "a size", with(Options::default().file_max(u64::MAX)));
    for given in ["\n", "hunter2canary\nx", "hunter2canary\0"] {
        refused("biz_attr", given, with(Options::default().biz_attr(given)));
    }
}

fn text(request: &Request<Body>) -> String {
    let text = |segment: &Segment| match segment {
        Segment::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Segment::Source(_) => String::new(),
    };
    request.body().segments().iter().map(text).collect()
}

/// The value of a field of the form.
fn field(request: &Request<Body>, name: &str) -> Option<String> {
    let text = text(request);
    let (_, after) = text.split_once(&format!("name=\"{name}\"\r\n\r\n"))?;
    Some(after.split_once("\r\n")?.0.to_owned())
}

/// Opens a session, and takes every slice.
fn vendor(request: &Request<Body>) -> Response<Bytes> {
    let data = match field(request, "offset") {
        Some(offset) => format!(r#"{{"session":"S1","offset":{offset},"datalen":{}}}"#, request.body().source_len()),
        None => r#"{"session":"S1","slice_size":64}"#.to_owned(),
    };
    says(200, format!(r#"{{"code":0,"message":"SUCCESS","data":{data}}}"#))
}

#[test]
fn no_options_that_are_taken_panic() {
    let credential = Credential::new("AKIDx", CANARY).unwrap();
    let tiny = || Options::default().part_sizes(vec![64]).part_size(64).one_request_max(0);
    let large = Options::default().part_sizes(vec![64 << 20]).part_size(64 << 20).one_request_max(u64::MAX);
    for options in [tiny(), tiny().integrity(Integrity::None), tiny().file_max(0), large] {
        let file_max = options.file_max;
        let sent = outputs(|| here().with_options(options.clone()).unwrap(), &credential, vendor);
        assert_eq!(sent > 0, file_max > 0);
    }
}
