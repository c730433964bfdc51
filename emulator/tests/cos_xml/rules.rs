//! What each operation does, and what it refuses.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::Value;

use crate::client::*;

fn md5(bytes: &[u8]) -> String {
    STANDARD.encode(Md5::digest(bytes))
}

fn reference() -> Value {
    serde_json::from_str(include_str!("../../src/cos_xml/signature/vectors.json")).expect("JSON")
}

#[test]
fn an_object_in_one_request() {
    let emulator = emulator();
    let sent = ask("PUT", "dir/a.bin")
        .body(b"123456789")
        .header("content-md5", &md5(b"123456789"))
        .header("content-type", "text/plain")
        .header("x-cos-meta-author", "me")
        .header("x-cos-storage-class", "STANDARD_IA")
        .header("x-cos-acl", "private")
        .send(&emulator)
        .succeeds();
    assert_eq!((sent.etag(), sent.crc64(), sent.body.as_str()), (&*tag(b"123456789"), 11_051_210_869_376_104_954, ""));
    let told = head(&emulator, "dir/a.bin").succeeds();
    assert_eq!((told.etag(), told.crc64(), told.body.as_str()), (sent.etag(), sent.crc64(), ""));
    for (name, value) in [
        ("content-length", "9"),
        ("content-type", "text/plain"),
        ("x-cos-meta-author", "me"),
        ("x-cos-storage-class", "STANDARD_IA"),
        ("x-cos-object-type", "normal"),
        ("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT"),
    ] {
        assert_eq!(told.header(name), value, "{name}");
    }
    assert_eq!(stored(&emulator, "dir/a.bin").as_deref(), Some(&b"123456789"[..]));
    let object_header = |name: &str| emulator.cos_xml().object_header(BUCKET, "dir/a.bin", name);
    assert_eq!(object_header("x-cos-acl").as_deref(), Some("private"));
    assert_eq!(object_header("content-type").as_deref(), Some("text/plain"));
    put(&emulator, "dir/a.bin", b"").succeeds();
    assert_eq!(head(&emulator, "dir/a.bin").succeeds().crc64(), 0, "it was overwritten, by an empty one");
}

#[test]
fn the_file_of_the_reference_in_four_parts() {
    let emulator = with(|config| config.cos_xml = resumable_emulator::cos_xml::Config::default());
    let hashes = &reference()["hashes"];
    let whole: Vec<u8> = (0..3_145_745u32).map(|at| u8::try_from(at % 251).expect("a byte")).collect();
    let id = initiate(&emulator, "dir/plain.bin");
    for (bytes, known) in whole.chunks(1 << 20).zip(hashes["parts"].as_array().expect("parts")) {
        let number = u32::try_from(known["number"].as_u64().expect("a number")).expect("a small one");
        let content_md5 = known["content_md5"].as_str().expect("a text");
        let sent = ask_part("dir/plain.bin", &id, number, bytes).header("content-md5", content_md5).send(&emulator);
        let sent = sent.succeeds();
        assert_eq!(Some(sent.etag()), known["md5"].as_str());
        assert_eq!(Some(sent.crc64().to_string().as_str()), known["crc64"].as_str());
    }
    let body = hashes["complete_body"].as_str().expect("a text");
    let done = ask("POST", "dir/plain.bin")
        .query("uploadId", &id)
        .header("content-md5", hashes["complete_content_md5"].as_str().expect("a text"))
        .body(body.as_bytes())
        .send(&emulator)
        .succeeds();
    let (whole_hashes, etag) = (&hashes["whole"], &hashes["whole"]["multipart_etag_guess"]);
    assert_eq!(Some(done.text("ETag")), etag.as_str().map(|etag| format!("\"{etag}\"")));
    assert_eq!(Some(done.crc64().to_string().as_str()), whole_hashes["crc64"].as_str());
    assert_eq!(done.text("Location"), format!("http://{HOST}/dir/plain.bin"));
    assert_eq!((done.text("Bucket").as_str(), done.text("Key").as_str()), (BUCKET, "dir/plain.bin"));
    assert_eq!(Some(head(&emulator, "dir/plain.bin").succeeds().etag()), etag.as_str());
    assert!(stored(&emulator, "dir/plain.bin") == Some(whole));
}

#[test]
fn an_upload_id_is_the_time_and_64_digits_and_later_ones_are_greater() {
    let emulator = emulator();
    let ids: Vec<String> = (0..20).map(|_| initiate(&emulator, "a")).collect();
    for id in &ids {
        assert_eq!((id.len(), &id[..10]), (74, "1767225600"));
        assert!(id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)), "{id}");
    }
    assert!(ids.is_sorted());
}

#[test]
fn what_is_said_at_initiate_is_kept() {
    let emulator = emulator();
    let begun = ask("POST", "a").query("uploads", "").header("x-cos-meta-n", "1").header("content-type", "text/x");
    let id = begun.header("x-cos-storage-class", "ARCHIVE").send(&emulator).succeeds().text("UploadId");
    part(&emulator, "a", &id, 1, b"x").succeeds();
    assert_eq!(list(&emulator, "a", &id).succeeds().text("StorageClass"), "ARCHIVE");
    complete(&emulator, "a", &id, &[(1, b"x")]).succeeds();
    let told = head(&emulator, "a").succeeds();
    assert_eq!((told.header("x-cos-meta-n"), told.header("content-type")), ("1", "text/x"));
    assert_eq!(told.header("x-cos-storage-class"), "ARCHIVE");
}

#[test]
fn a_part_that_comes_again_replaces_the_older_one() {
    let emulator = emulator();
    let id = uploaded(&emulator, "a", &[&bytes(64), b"old"]);
    part(&emulator, "a", &id, 2, b"newer").succeeds();
    assert_eq!(emulator.cos_xml().parts(&id), Some(vec![(1, 64), (2, 5)]));
    complete(&emulator, "a", &id, &[(1, &bytes(64)), (2, b"old")]).refuses(400, "InvalidPart");
    complete(&emulator, "a", &id, &[(1, &bytes(64)), (2, b"newer")]).succeeds();
    assert_eq!(stored(&emulator, "a"), Some([bytes(64), b"newer".to_vec()].concat()));
}

#[test]
fn what_complete_refuses() {
    let emulator = emulator();
    let (one, two, three) = (bytes(64), bytes(70), bytes(5));
    let id = initiate(&emulator, "a");
    let all: [(u32, &[u8]); 3] = [(1, &one), (2, &two), (3, &three)];
    // In any order.
    all.iter().rev().for_each(|(number, bytes)| drop(part(&emulator, "a", &id, *number, bytes).succeeds()));
    let ask = |parts: &[(u32, &[u8])]| complete(&emulator, "a", &id, parts);
    ask(&[all[1], all[0]]).refuses(400, "InvalidPartOrder");
    ask(&[all[0], all[0]]).refuses(400, "InvalidPartOrder");
    ask(&[all[0], all[2]]).refuses(400, "InvalidPart");
    ask(&[all[1], all[2]]).refuses(400, "InvalidPart");
    ask(&[all[0], (2, b"other")]).refuses(400, "InvalidPart");
    ask(&[all[0], all[1], all[2], (4, b"none")]).refuses(400, "InvalidPart");
    ask(&[]).refuses(400, "MalformedXML");
    let wrong = |header: &str| ask_complete("a", &id, &all).header("content-md5", header).send(&emulator);
    wrong(&md5(b"other")).refuses(400, "BadDigest");
    wrong("other").refuses(400, "InvalidDigest");
    complete(&emulator, "b", &id, &all).refuses(404, "NoSuchUpload");
    assert_eq!(stored(&emulator, "a"), None);
    ask(&all).succeeds();
    assert_eq!(stored(&emulator, "a"), Some([one, two, three].concat()));
    let small = uploaded(&emulator, "b", &[&bytes(63), b"x"]);
    complete(&emulator, "b", &small, &[(1, &bytes(63)), (2, b"x")]).refuses(400, "EntityTooSmall");
    complete(&emulator, "b", &small, &[(1, &bytes(63))]).succeeds();
    assert_eq!(stored(&emulator, "b"), Some(bytes(63)), "the last may be short, and parts behind it are lost");
}

#[test]
fn every_spelling_of_the_tags_is_understood() {
    let emulator = emulator();
    for quote in ["\"", "&quot;", ""] {
        let id = uploaded(&emulator, "a", &[b"x"]);
        let tag = tag(b"x");
        let body = format!(
            "<?xml version=\"1.0\"?>\n<CompleteMultipartUpload>\n <Part><ETag>{quote}{tag}{quote}</ETag>\
             <PartNumber>1</PartNumber></Part>\n</CompleteMultipartUpload>"
        );
        ask("POST", "a").query("uploadId", &id).body(body.as_bytes()).send(&emulator).succeeds();
    }
}

#[test]
fn an_abort_ends_an_upload_and_without_an_id_it_is_an_object_that_goes() {
    let emulator = emulator();
    put(&emulator, "a", b"x").succeeds();
    let id = uploaded(&emulator, "a", &[b"x"]);
    let gone = abort(&emulator, "a", &id);
    assert_eq!((gone.status, gone.body.as_str(), gone.has("content-length")), (204, "", false));
    abort(&emulator, "a", &id).refuses(404, "NoSuchUpload");
    part(&emulator, "a", &id, 1, b"x").refuses(404, "NoSuchUpload");
    list(&emulator, "a", &id).refuses(404, "NoSuchUpload");
    complete(&emulator, "a", &id, &[(1, b"x")]).refuses(404, "NoSuchUpload");
    abort(&emulator, "a", "").refuses(404, "NoSuchUpload");
    list(&emulator, "a", "").refuses(400, "ListPartUploadIdIsEmpty");
    assert!(stored(&emulator, "a").is_some());
    for _ in 0..2 {
        assert_eq!(ask("DELETE", "a").send(&emulator).status, 204);
        assert_eq!((stored(&emulator, "a"), head(&emulator, "a").status), (None, 404));
    }
}

#[test]
fn bytes_that_are_not_what_they_should_be() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    for ask in [ask("PUT", "a").body(b"x"), ask_part("a", &id, 1, b"x")] {
        ask.clone().header("content-md5", &md5(b"y")).send(&emulator).refuses(400, "BadDigest");
        ask.clone().header("content-md5", "eA==").send(&emulator).refuses(400, "InvalidDigest");
        ask.clone().header("content-length", "2").send(&emulator).refuses(400, "IncompleteBody");
        let mut unsaid = ask.clone().unlisted("content-length").request();
        unsaid.headers_mut().remove("content-length");
        Answer::of(emulator.handle(NOW, unsaid)).refuses(411, "MissingContentLength");
        let chunked = ask.clone().header("transfer-encoding", "chunked").unlisted("transfer-encoding");
        chunked.send(&emulator).refuses(411, "MissingContentLength");
        ask.clone().body(&bytes(2001)).send(&emulator).refuses(400, "EntityTooLarge");
        for (speed, is_good) in
            [("819200", true), ("838860800", true), ("819199", false), ("838860801", false), ("+819200", false)]
        {
            let answer = ask.clone().header("x-cos-traffic-limit", speed).send(&emulator);
            answer.succeeds_or_refuses(is_good, 400, "InvalidArgument");
        }
        ask.header("x-cos-copy-source", "b/k").send(&emulator).refuses(501, "NotImplemented");
    }
    part(&emulator, "a", &id, 1, b"").refuses(400, "EntityTooSmall");
    for number in ["", "0", "21", "x", "-1", "1.0", "99999999999"] {
        let ask = ask("PUT", "a").query("partNumber", number).query("uploadId", &id).body(b"x");
        ask.send(&emulator).refuses(400, "InvalidArgument");
    }
    let mut unsaid = ask("POST", "a").query("uploads", "").unlisted("content-length").request();
    unsaid.headers_mut().remove("content-length");
    Answer::of(emulator.handle(NOW, unsaid)).refuses(411, "MissingContentLength");
}

#[test]
fn what_is_not_to_be_overwritten_is_not() {
    let emulator = emulator();
    let forbid = |ask: Ask| ask.header("x-cos-forbid-overwrite", "true");
    let early = uploaded(&emulator, "a", &[b"z"]);
    forbid(ask("PUT", "a").body(b"x")).send(&emulator).succeeds();
    forbid(ask("PUT", "a").body(b"y")).send(&emulator).refuses(409, "FileAlreadyExists");
    forbid(ask("POST", "a").query("uploads", "")).send(&emulator).refuses(409, "FileAlreadyExists");
    forbid(ask_complete("a", &early, &[(1, b"z")])).send(&emulator).refuses(409, "FileAlreadyExists");
    assert_eq!(stored(&emulator, "a"), Some(b"x".to_vec()));
    assert_eq!(emulator.cos_xml().parts(&early), Some(vec![(1, 1)]), "the upload is still there");
    complete(&emulator, "a", &early, &[(1, b"z")]).succeeds();
    assert_eq!(stored(&emulator, "a"), Some(b"z".to_vec()));
}

#[test]
fn bytes_can_be_read_again() {
    let emulator = emulator();
    put(&emulator, "a", b"123456789").succeeds();
    let read = |range: &str| ask("GET", "a").header("range", range).send(&emulator);
    assert_eq!(ask("GET", "a").send(&emulator).succeeds().body, "123456789");
    let piece = read("bytes=2-4");
    assert_eq!((piece.status, piece.body.as_str(), piece.header("content-range")), (206, "345", "bytes 2-4/9"));
    assert_eq!(read("bytes=9-").succeeds().body, "123456789");
    ask("GET", "b").send(&emulator).refuses(404, "NoSuchKey");
    let small = with(|config| config.cos_xml.limits.get_max = 4);
    put(&small, "a", b"123456789").succeeds();
    ask("GET", "a").send(&small).refuses(501, "NotImplemented");
    assert_eq!(ask("GET", "a").header("range", "bytes=0-3").send(&small).body, "1234");
}

#[test]
fn what_is_not_for_uploading_is_not_there() {
    let emulator = emulator();
    put(&emulator, "a", b"x").succeeds();
    for (method, key, name) in [
        ("GET", "a", "acl"),
        ("PUT", "a", "tagging"),
        ("POST", "a", "append"),
        ("POST", "a", ""),
        ("GET", "", "location"),
        ("PUT", "", ""),
        ("DELETE", "", ""),
        ("OPTIONS", "a", ""),
    ] {
        let ask = if name.is_empty() { ask(method, key) } else { ask(method, key).query(name, "") };
        ask.send(&emulator).refuses(501, "NotImplemented");
    }
    assert_eq!(ask("HEAD", "").send(&emulator).succeeds().header("x-cos-bucket-region"), "ap-guangzhou");
    assert_eq!(stored(&emulator, "a"), Some(b"x".to_vec()));
}
