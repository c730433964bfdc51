//! Whole files in one request, and what is asked of an object.

use crate::client::*;
use resumable_emulator::cos_v2::{MissingDirectory, StatUnfinished};

fn hello_as(sha: &str) -> [Part<'_>; 3] {
    [Text("op", "upload"), File(b"hello"), Text("sha", sha)]
}

#[test]
fn simple_upload() {
    let emulator = emulator();
    let (hello, world) = (sha(b"hello"), sha(b"world"));
    call(&emulator, &hello_as(&world)).is(409, -4016);
    assert_eq!(stored(&emulator), None);
    call(&emulator, &hello_as(&hello)).is(200, 0);
    assert_eq!(stored(&emulator).as_deref(), Some(&b"hello"[..]));
    call(&emulator, &[Text("op", "upload")]).is(400, -5999);
    let empty = "/files/v2/10055004/accesslog/empty";
    upload(&emulator, empty, b"").is(200, 0);
    let stored = emulator.cos_v2().read_object("10055004", "accesslog", "empty");
    assert_eq!(stored.expect("memory").as_deref(), Some(&b""[..]));
}

#[test]
fn a_file_too_long_for_one_request_meets_a_web_page() {
    let emulator = emulator();
    upload(&emulator, URL, &bytes(1000)).is(200, 0);
    let answer = upload(&emulator, "/files/v2/10055004/accesslog/big", &bytes(1001));
    assert_eq!(answer.status, 413);
    let response = answer.reply.response;
    assert_eq!(response.headers()["content-type"], "text/html");
    assert!(response.body().starts_with(b"<html>"));
}

#[test]
fn names_are_files_or_folders() {
    let emulator = emulator();
    upload(&emulator, URL, b"x").is(200, 0);
    let folder = "/files/v2/10055004/accesslog/d";
    let below = "/files/v2/10055004/accesslog/d/f.bin/g";
    for url in [folder, below] {
        upload(&emulator, url, b"x").is(409, -178);
        init_sha(&emulator, url, b"yy", 64, 64).is(409, -178);
    }
    for bad in ["d//f", "../x", "d/../../x", "%2e%2e/x", "a%5Cb", "d/", ""] {
        let url = format!("/files/v2/10055004/accesslog/{bad}");
        upload(&emulator, &url, b"x").is(400, -180);
    }
}

#[test]
fn a_missing_directory() {
    let emulator = with(|config| config.cos_v2.switches.missing_directory = MissingDirectory::Refuse);
    upload(&emulator, URL, b"x").is(404, -197);
    init(&emulator, b"x", 64).is(404, -197);
    upload(&emulator, "/files/v2/10055004/accesslog/top", b"x").is(200, 0);
}

#[test]
fn stat() {
    let emulator = with(|config| config.cos_v2.switches.stat_unfinished = StatUnfinished::Partial);
    let ask = || call(&emulator, &[Text("op", "stat")]);
    ask().is(404, -197);
    let file = bytes(100);
    let session = init(&emulator, &file, 64).session();
    data(&emulator, &session, 0, &file[..64]).is(200, 0);
    let partial = ask();
    assert_eq!(partial.data()["filelen"], 64);
    assert_eq!(partial.data()["filesize"], 100);
    data(&emulator, &session, 64, &file[64..]).is(200, 0);
    finish(&emulator, &session, 100).is(200, 0);
    let whole = ask();
    assert_eq!(whole.data()["filelen"], 100);
    assert_eq!(whole.data()["filesize"], 100);
    assert_eq!(whole.data()["sha"], sha(&file));
    assert_eq!(whole.data()["ctime"], NOW.as_secs());

    let request = http::Request::get(format!("{URL}?op=stat"))
        .header("Authorization", multi())
        .body(bytes::Bytes::new())
        .expect("a request");
    assert_eq!(*Answer::of(emulator.handle(NOW, request)).data(), *whole.data());
}

#[test]
fn stat_of_an_unfinished_upload_finds_nothing_by_default() {
    let emulator = emulator();
    init(&emulator, b"x", 64).is(200, 0);
    call(&emulator, &[Text("op", "stat")]).is(404, -197);
}

#[test]
fn delete_removes_object_and_session() {
    let emulator = emulator();
    delete(&emulator, URL, 1).is(404, -197);
    upload(&emulator, URL, b"x").is(200, 0);
    call(&emulator, &[Text("op", "delete")]).is(403, -97);
    delete(&emulator, URL, 2).is(200, 0);
    assert_eq!(stored(&emulator), None);
    upload(&emulator, URL, b"y").is(200, 0);
    delete(&emulator, URL, 2).is(403, -97);
    assert!(stored(&emulator).is_some());
}
