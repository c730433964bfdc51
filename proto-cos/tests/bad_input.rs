//! What the constructors refuse.

#[path = "../../core/tests/extremes/mod.rs"]
mod extremes;

use std::time::Duration;

use extremes::{CANARY, NO_ENDPOINTS, NO_WORDS, long_endpoint, refused};
use resumable_proto_cos::options::Shared;
use resumable_proto_cos::{Boundary, Credential, ObjectPath, Place, Version, limits};

struct V1;

impl Version for V1 {
    const NAME: &'static str = "v1";
}

fn place(endpoint: &str, appid: &str, bucket: &str) -> Result<Place<V1>, resumable_proto_cos::InvalidPlace> {
    Place::new(endpoint, appid, bucket, ObjectPath::new("/f").unwrap())
}

#[test]
fn each_part_of_a_place_is_checked() {
    assert!(place("http://web.file.myqcloud.com", "10055004", "accesslog").is_ok());
    for given in NO_ENDPOINTS.iter().copied().chain(["h", "web.file.myqcloud.com", &long_endpoint()]) {
        refused("endpoint", given, place(given, "1", "b"));
    }
    for given in NO_WORDS.iter().copied().chain(["a", "1a", "-1", "1.0", "１", "1/2"]) {
        refused("appid", given, place("http://h", given, "b"));
    }
    for given in NO_WORDS.iter().copied().chain([".", "..", "a/b", "a?b", "a%2fb", "b\u{e4}"]) {
        refused("bucket", given, place("http://h", "1", given));
    }
    for given in ["", " ", "f", "/", "//", "/d/", "/../x", "/a/../x", "/./x", "/a//b", "/ /x", "/a\nb", "/a\0b", "/a?b"]
    {
        refused("path", given, ObjectPath::new(given));
    }
    let long = ObjectPath::new(format!("/{}", "a".repeat(65_500))).unwrap();
    refused("path", "a long one", Place::<V1>::new("http://h", "1", "b", long));
    assert!(ObjectPath::new(format!("/{}", "a".repeat(1025))).is_ok(), "the vendor names no length");
}

#[test]
fn each_half_of_a_credential_is_checked_and_none_is_shown() {
    for given in NO_WORDS.iter().copied().chain(["hunter2canary&x", "hunter2canary=", "ä"]) {
        refused("secret_id", given, Credential::new(given, "key"));
    }
    for given in NO_WORDS {
        refused("secret_key", given, Credential::new("id", given));
    }
    let credential = Credential::new(CANARY, CANARY).unwrap();
    assert!(!format!("{credential:?} {credential:#?}").contains(CANARY));
}

#[test]
fn each_choice_is_checked() {
    let good = Shared {
        part_size: 1 << 20,
        part_sizes: &[1 << 20],
        file_max: limits::FILE_BYTES,
        biz_attr: Some("mine"),
        signature_life: Duration::from_secs(60),
    };
    assert_eq!(good.check(), Ok(()));
    for part_size in [0, 7, u64::MAX] {
        refused("part_size", "a size", Shared { part_size, ..good }.check());
        refused("part_size", "a size", Shared { part_size, part_sizes: &[], ..good }.check());
    }
    for part_size in [0, limits::SLICE_SIZE_BELIEVED + 1, u64::MAX] {
        refused("part_size", "a size", Shared { part_size, part_sizes: &[part_size], ..good }.check());
    }
    for signature_life in [Duration::ZERO, Duration::MAX] {
        refused("signature_life", "a life", Shared { signature_life, ..good }.check());
    }
    refused("file_max", "a size", Shared { file_max: u64::MAX, ..good }.check());
    for given in ["\n", "hunter2canary\nx", "hunter2canary\0"] {
        refused("biz_attr", given, Shared { biz_attr: Some(given), ..good }.check());
    }
}

#[test]
fn boundaries_are_checked() {
    for given in NO_WORDS.iter().copied().chain(["a;b", "a\"b", &"a".repeat(71)]) {
        refused("boundary", given, Boundary::new(given));
    }
}
