//! Which keys there are, and where their objects are kept.

use resumable_emulator::{DiskStorage, Emulator};
use serde_json::Value;

use crate::client::*;

fn keys_of_the_reference() -> Vec<String> {
    let reference: Value =
        serde_json::from_str(include_str!("../../src/cos_xml/signature/vectors.json")).expect("JSON");
    let vectors = reference["vectors"].as_array().expect("vectors").iter();
    let named = vectors.filter(|vector| vector["id"].as_str().is_some_and(|id| id.starts_with('K')));
    named.map(|vector| vector["key"].as_str().expect("a key").to_owned()).collect()
}

#[test]
fn the_keys_of_the_reference_are_stored_listed_and_found() {
    let keys = keys_of_the_reference();
    assert!(keys.len() >= 7 && keys.iter().any(|key| key == "x/./y/../z"), "{keys:?}");
    for key in &keys {
        let emulator = emulator();
        put(&emulator, key, b"x").succeeds();
        let id = uploaded(&emulator, key, &[b"yz"]);
        let listed = |ask: Ask| ask.query("encoding-type", "url").send(&emulator).succeeds().text("Key");
        assert_eq!(listed(ask("GET", "")), encoded(key));
        assert_eq!(listed(ask("GET", "").query("uploads", "").query("prefix", key)), encoded(key));
        assert_eq!(listed(ask("GET", key).query("uploadId", &id)), encoded(key));
        complete(&emulator, key, &id, &[(1, b"yz")]).succeeds();
        assert_eq!(head(&emulator, key).succeeds().header("content-length"), "2");
        assert_eq!(stored(&emulator, key), Some(b"yz".to_vec()));
        assert_eq!(ask("GET", "").query("prefix", key).send(&emulator).succeeds().all("Size"), ["2"]);
    }
}

#[test]
fn every_slash_of_a_key_may_be_encoded() {
    let emulator = emulator();
    let ask = ask("PUT", "dir/a!'()*b").body(b"x");
    let mut request = ask.request();
    *request.uri_mut() = "/dir%2Fa!'()*b".parse().expect("a URI");
    Answer::of(emulator.handle(NOW, request)).succeeds();
    assert_eq!(stored(&emulator, "dir/a!'()*b"), Some(b"x".to_vec()));
}

#[test]
fn a_plus_is_a_plus_in_a_key_and_a_blank_in_a_query() {
    let emulator = emulator();
    let mut request = ask("PUT", "a+b").body(b"x").request();
    *request.uri_mut() = "/a+b".parse().expect("a URI");
    Answer::of(emulator.handle(NOW, request)).succeeds();
    assert_eq!(stored(&emulator, "a+b"), Some(b"x".to_vec()));
    put(&emulator, "a b", b"y").succeeds();
    let mut request = ask("GET", "").query("prefix", "a b").request();
    *request.uri_mut() = "/?prefix=a+b".parse().expect("a URI");
    assert_eq!(Answer::of(emulator.handle(NOW, request)).succeeds().all("Key"), ["a b"]);
}

#[test]
fn keys_that_are_refused() {
    let emulator = emulator();
    for (key, code) in [
        ("/a", "InvalidObjectName"),
        ("\\a", "InvalidObjectName"),
        ("a\u{18}", "InvalidObjectName"),
        ("a\u{1b}b", "InvalidObjectName"),
        (&"a".repeat(851), "KeyTooLong"),
        (&"a".repeat(256), "InvalidObjectName"),
    ] {
        put(&emulator, key, b"x").refuses(400, code);
        ask("POST", key).query("uploads", "").send(&emulator).refuses(400, code);
    }
    let mut request = ask("PUT", "a").body(b"x").request();
    *request.uri_mut() = "/a%FF".parse().expect("a URI");
    Answer::of(emulator.handle(NOW, request)).refuses(400, "InvalidURI");
    put(&emulator, "a\u{17}\u{1c}", b"x").succeeds();
}

#[test]
fn an_object_is_a_plain_file_where_its_key_can_be_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let storage = DiskStorage::open(folder.path()).expect("a folder");
    let emulator = Emulator::new(tiny(|_| {}), Box::new(storage)).expect("an emulator");
    for (key, file) in [
        ("dir/文件 100%.bin", "dir/文件 100%.bin"),
        ("end/", "end/%2F"),
        ("x/./y/../z", "x/%2E/y/%2E%2E/z"),
        ("a\nb", "a%0Ab"),
        ("a%0Ab", "a%250Ab"),
    ] {
        put(&emulator, key, key.as_bytes()).succeeds();
        let path = folder.path().join("cos-xml").join(BUCKET).join(file);
        assert_eq!(std::fs::read(&path).expect("a file"), key.as_bytes(), "{key:?}");
    }
    put(&emulator, "dir", b"x").refuses(400, "InvalidObjectName");
    drop(emulator);
    let storage = DiskStorage::open(folder.path()).expect("a folder");
    let emulator = Emulator::new(tiny(|_| {}), Box::new(storage)).expect("an emulator");
    for key in ["end/", "x/./y/../z", "a\nb", "a%0Ab"] {
        assert_eq!(head(&emulator, key).succeeds().etag(), tag(key.as_bytes()), "{key:?}");
    }
}
