//! What a client says of an object beside its bytes.

use crate::client::*;

fn described(ask: Ask) -> Ask {
    ask.header("x-oss-meta-author", "me")
        .header("cache-control", "no-cache")
        .header("content-disposition", "attachment; filename=\"a.txt\"")
        .header("content-type", "text/plain")
        .header("x-oss-storage-class", "IA")
}

#[track_caller]
fn has_all(answer: &Answer) {
    for (name, value) in [
        ("x-oss-meta-author", "me"),
        ("cache-control", "no-cache"),
        ("content-disposition", "attachment; filename=\"a.txt\""),
        ("content-type", "text/plain"),
        ("x-oss-storage-class", "IA"),
    ] {
        assert_eq!(answer.header(name), value);
    }
}

#[test]
fn it_is_kept_with_the_object_and_given_back() {
    let emulator = emulator();
    described(ask("PUT", "a")).header("x-oss-object-acl", "public-read").body(b"x").send(&emulator).succeeds();
    let begin = described(ask("POST", "b").query("uploads", "")).send(&emulator).succeeds();
    let id = begin.text("UploadId");
    part(&emulator, "b", &id, 1, b"x").succeeds();
    ask_complete("b", &id, &[(1, b"x")]).header("x-oss-object-acl", "private").send(&emulator).succeeds();
    for key in ["a", "b"] {
        has_all(&ask("HEAD", key).send(&emulator).succeeds());
        has_all(&ask("GET", key).send(&emulator).succeeds());
    }
    put(&emulator, "plain", b"x").succeeds();
    let plain = ask("HEAD", "plain").send(&emulator).succeeds();
    assert_eq!(plain.header("x-oss-storage-class"), "Standard");
    assert!(!plain.reply.response.headers().contains_key("x-oss-meta-author"));
    let acl = |key: &str| emulator.oss().object_acl(BUCKET, key);
    assert_eq!([acl("a"), acl("b"), acl("plain")].map(Option::unwrap), ["public-read", "private", "default"]);
    assert_eq!(acl("none"), None);
}

#[test]
fn what_the_vendor_does_not_take_is_refused_and_makes_no_object() {
    let emulator = emulator();
    for (name, value) in
        [("x-oss-meta-my_key", "1"), ("x-oss-storage-class", "Cheap"), ("x-oss-object-acl", "everybody")]
    {
        ask("PUT", "a").header(name, value).body(b"x").send(&emulator).refuses(400, "InvalidArgument");
    }
    ask("POST", "a")
        .query("uploads", "")
        .header("x-oss-meta-my_key", "1")
        .send(&emulator)
        .refuses(400, "InvalidArgument");
    let id = initiate(&emulator, "a");
    part(&emulator, "a", &id, 1, b"x").succeeds();
    let complete = ask_complete("a", &id, &[(1, b"x")]);
    complete.clone().header("x-oss-object-acl", "everybody").send(&emulator).refuses(400, "InvalidArgument");
    assert_eq!(stored(&emulator, "a"), None);
    complete.send(&emulator).succeeds();
}

#[test]
fn an_upload_keeps_it_over_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = || {
        let storage = resumable_emulator::DiskStorage::open(folder.path()).expect("a folder");
        resumable_emulator::Emulator::new(tiny(|_| {}), Box::new(storage)).expect("an emulator")
    };
    let begun = at();
    let id = described(ask("POST", "b").query("uploads", "")).send(&begun).succeeds().text("UploadId");
    drop(begun);
    let emulator = at();
    part(&emulator, "b", &id, 1, b"x").succeeds();
    complete(&emulator, "b", &id, &[(1, b"x")]).succeeds();
    has_all(&ask("HEAD", "b").send(&emulator).succeeds());
}
