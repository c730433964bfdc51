//! What an upload may do and what not.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use resumable_emulator::oss::{CompleteAgain, MultipartEtag};

use crate::client::*;

#[test]
fn a_whole_object_in_one_request() {
    let emulator = emulator();
    let file = bytes(300);
    let answer = put(&emulator, "dir a/文件+1~.bin", &file).succeeds();
    assert_eq!(answer.etag(), tag(&file));
    assert_eq!(stored(&emulator, "dir a/文件+1~.bin"), Some(file.clone()));
    assert_eq!(emulator.totals().file_bytes, 300);
    let again = put(&emulator, "dir a/文件+1~.bin", b"123456789").succeeds();
    assert_eq!(again.crc64(), 11_051_210_869_376_104_954);
    assert_eq!(stored(&emulator, "dir a/文件+1~.bin"), Some(b"123456789".to_vec()));
    assert_eq!(put(&emulator, "empty", b"").succeeds().crc64(), 0);
    assert_eq!(stored(&emulator, "empty"), Some(Vec::new()));
}

#[test]
fn the_reference_file_in_parts() {
    let emulator = with(|config| config.oss.limits = resumable_emulator::oss::Limits::default());
    let file: Vec<u8> = (0..300_000u32).map(|at| u8::try_from(at % 251).expect("a byte")).collect();
    let pieces: Vec<&[u8]> = file.chunks(102_400).collect();
    let id = initiate(&emulator, "a");
    let expected = [
        ("1A0F81547E5BA2E9C4A4B94A74731993", 5_409_316_634_556_368_277),
        ("DDD151E78EF9F976E3E80A227AF56180", 8_193_091_521_729_089_674),
        ("AACA58A51837FDB4E57B8BED8C7DBF0D", 4_886_849_400_726_045_893),
    ];
    for ((number, piece), (etag, crc64)) in (1..).zip(&pieces).zip(expected) {
        let answer = part(&emulator, "a", &id, number, piece).succeeds();
        assert_eq!((answer.etag(), answer.crc64(), answer.body.as_str()), (etag, crc64, ""));
        assert_eq!(answer.header("content-md5"), STANDARD.encode(Md5::digest(piece)));
    }
    let named: Vec<(u32, &[u8])> = (1..).zip(pieces).collect();
    let answer = complete(&emulator, "a", &id, &named).succeeds();
    assert_eq!(answer.etag(), "3579E39A1324C2788D22AB4FA35C4918-3");
    assert_eq!(answer.text("ETag"), "\"3579E39A1324C2788D22AB4FA35C4918-3\"");
    assert_eq!(answer.crc64(), 10_356_266_839_035_167_742);
    assert_eq!(stored(&emulator, "a"), Some(file));
}

#[test]
fn a_sequential_upload_takes_the_next_part_and_no_other() {
    let emulator = emulator();
    for how in [("sequential", ""), ("sequential", "1")] {
        let id = ask("POST", "a").query("uploads", "").query(how.0, how.1).send(&emulator).succeeds().text("UploadId");
        let ahead = part(&emulator, "a", &id, 2, &bytes(64)).refuses(400, "PartNotSequential");
        assert_eq!(ahead.text("PartNumber"), "2");
        part(&emulator, "a", &id, 1, &bytes(64)).succeeds();
        for same in [bytes(64), bytes(65)] {
            let there = part(&emulator, "a", &id, 1, &same).refuses(409, "PartAlreadyExist");
            assert_eq!(
                (there.text("ETag"), there.text("PartNumber")),
                (format!("\"{}\"", tag(&bytes(64))), "1".to_owned())
            );
        }
        part(&emulator, "a", &id, 3, &bytes(64)).refuses(400, "PartNotSequential");
        part(&emulator, "a", &id, 2, &bytes(9)).succeeds();
        assert_eq!(emulator.oss().parts(&id), Some(vec![(1, 64), (2, 9)]));
        let (one, two) = (bytes(64), bytes(9));
        complete(&emulator, "a", &id, &[(1, &one)]).refuses(400, "PartNotSequential");
        complete(&emulator, "a", &id, &[(2, &two)]).refuses(400, "PartNotSequential");
        complete(&emulator, "a", &id, &[(1, &one), (2, &two)]).succeeds();
        assert_eq!(stored(&emulator, "a"), Some([one, two].concat()));
    }
}

#[test]
fn a_loose_upload_takes_parts_in_any_order_and_again() {
    let emulator = emulator();
    let id = initiate_loose(&emulator, "a");
    part(&emulator, "a", &id, 7, &bytes(64)).succeeds();
    part(&emulator, "a", &id, 3, &bytes(70)).succeeds();
    part(&emulator, "a", &id, 3, &bytes(66)).succeeds();
    part(&emulator, "a", &id, 5, &bytes(80)).succeeds();
    let (three, seven) = (bytes(66), bytes(64));
    complete(&emulator, "a", &id, &[(3, &three), (7, &seven)]).succeeds();
    assert_eq!(stored(&emulator, "a"), Some([three, seven].concat()));
    complete(&emulator, "a", &id, &[(3, &bytes(66))]).refuses(404, "NoSuchUpload");
}

#[test]
fn complete_checks_names_tags_order_and_lengths() {
    let emulator = emulator();
    let id = initiate_loose(&emulator, "a");
    let (short, long) = (bytes(63), bytes(64));
    part(&emulator, "a", &id, 1, &short).succeeds();
    part(&emulator, "a", &id, 2, &long).succeeds();
    let missing = complete(&emulator, "a", &id, &[(2, &long), (3, &long)]).refuses(400, "InvalidPart");
    assert_eq!((missing.text("PartNumber"), missing.text("UploadId")), ("3".to_owned(), id.clone()));
    complete(&emulator, "a", &id, &[(2, &short)]).refuses(400, "InvalidPart");
    complete(&emulator, "a", &id, &[(2, &long), (1, &short)]).refuses(400, "InvalidPartOrder");
    complete(&emulator, "a", &id, &[(2, &long), (2, &long)]).refuses(400, "InvalidPartOrder");
    complete(&emulator, "a", &id, &[(1, &short), (2, &long)]).refuses(400, "EntityTooSmall");
    complete(&emulator, "a", &id, &[]).refuses(400, "MalformedXML");
    ask("POST", "a").query("uploadId", &id).body(b"<x/>").send(&emulator).refuses(400, "MalformedXML");
    let with_md5 = |md5: &str| ask_complete("a", &id, &[(2, &long)]).header("content-md5", md5);
    with_md5("AAAAAAAAAAAAAAAAAAAAAA==").send(&emulator).refuses(400, "InvalidDigest");
    assert_eq!((stored(&emulator, "a"), emulator.oss().parts(&id)), (None, Some(vec![(1, 63), (2, 64)])));
    let right = STANDARD.encode(Md5::digest(list_xml(&[(2, &long)])));
    with_md5(&right).send(&emulator).succeeds();
    assert_eq!(stored(&emulator, "a"), Some(long));
}

#[test]
fn complete_may_name_all_parts_at_once() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    let all = |body: &[u8]| ask("POST", "a").query("uploadId", &id).header("x-oss-complete-all", "yes").body(body);
    all(b"").send(&emulator).refuses(400, "MalformedXML");
    part(&emulator, "a", &id, 1, &bytes(5)).succeeds();
    all(&list_xml(&[(1, &bytes(5))])).send(&emulator).refuses(400, "InvalidArgument");
    all(b"").send(&emulator).succeeds();
    assert_eq!(stored(&emulator, "a"), Some(bytes(5)));
}

#[test]
fn what_is_over_is_unknown() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    part(&emulator, "a", &id, 1, &bytes(5)).succeeds();
    part(&emulator, "b", &id, 2, &bytes(5)).refuses(404, "NoSuchUpload");
    let aborted = abort(&emulator, "a", &id);
    assert_eq!((aborted.status, aborted.body.as_str()), (204, ""));
    for answer in [
        abort(&emulator, "a", &id),
        list(&emulator, "a", &id),
        part(&emulator, "a", &id, 1, &bytes(5)),
        complete(&emulator, "a", &id, &[(1, &bytes(5))]),
        list(&emulator, "a", "0004B9894A22E5B1888A1E29F8230001"),
    ] {
        let answer = answer.refuses(404, "NoSuchUpload");
        assert!(!answer.text("UploadId").is_empty());
    }
    let ids: Vec<String> = (0..5).map(|_| initiate(&emulator, "a")).collect();
    assert!(ids.iter().all(|one| one.len() == 32 && ids.iter().filter(|other| *other == one).count() == 1));
}

#[test]
fn complete_again_is_a_switch() {
    for (switch, succeeds) in [(CompleteAgain::NoSuchUpload, false), (CompleteAgain::Success, true)] {
        let emulator = with(|config| config.oss.switches.complete_again = switch);
        let id = initiate(&emulator, "a");
        part(&emulator, "a", &id, 1, &bytes(5)).succeeds();
        let first = complete(&emulator, "a", &id, &[(1, &bytes(5))]).succeeds();
        let again = complete(&emulator, "a", &id, &[(1, &bytes(5))]);
        if succeeds {
            assert_eq!(again.succeeds().etag(), first.etag());
        } else {
            again.refuses(404, "NoSuchUpload");
        }
        abort(&emulator, "a", &id).refuses(404, "NoSuchUpload");
        part(&emulator, "a", &id, 2, &bytes(5)).refuses(404, "NoSuchUpload");
    }
}

#[test]
fn the_tag_of_an_object_in_parts_is_a_switch() {
    let tags = [MultipartEtag::PartDigests, MultipartEtag::Opaque].map(|switch| {
        let emulator = with(|config| config.oss.switches.multipart_etag = switch);
        let id = initiate(&emulator, "a");
        part(&emulator, "a", &id, 1, &bytes(5)).succeeds();
        complete(&emulator, "a", &id, &[(1, &bytes(5))]).succeeds().etag().to_owned()
    });
    assert!(tags[0] != tags[1] && tags.iter().all(|tag| tag.len() == 34 && tag.ends_with("-1")));
}

#[test]
fn lengths_numbers_and_digests_are_checked() {
    let emulator = emulator();
    let id = initiate_loose(&emulator, "a");
    for number in ["0", "21", "x", "-1", "+1", "4294967297"] {
        let answer = ask("PUT", "a").query("partNumber", number).query("uploadId", &id).body(b"x").send(&emulator);
        assert_eq!(answer.refuses(400, "InvalidArgument").text("EC"), "0017-00000220", "{number}");
    }
    let answer = ask("PUT", "a").query("uploadId", &id).body(b"x").send(&emulator);
    assert_eq!(answer.refuses(400, "InvalidArgument").text("EC"), "0017-00000219");
    part(&emulator, "a", &id, 20, &bytes(1000)).succeeds();
    part(&emulator, "a", &id, 20, &bytes(1001)).refuses(400, "EntityTooLarge");
    put(&emulator, "b", &bytes(2000)).succeeds();
    put(&emulator, "c", &bytes(2001)).refuses(400, "EntityTooLarge");
    for ask in [ask("PUT", "c"), ask_part("a", &id, 1, b"")] {
        let ask = ask.body(b"123");
        ask.clone()
            .header("content-md5", &STANDARD.encode(Md5::digest(b"124")))
            .send(&emulator)
            .refuses(400, "InvalidDigest");
        ask.clone().header("content-md5", "?").send(&emulator).refuses(400, "InvalidDigest");
        let mut request = ask.request();
        request.headers_mut().remove("content-length");
        Answer::of(emulator.handle(NOW, request.clone())).refuses(411, "MissingContentLength");
        request.headers_mut().insert("content-length", "4".parse().expect("a value"));
        Answer::of(emulator.handle(NOW, request)).refuses(400, "RequestTimeout");
        assert_eq!((stored(&emulator, "c"), emulator.oss().parts(&id)), (None, Some(vec![(20, 1000)])));
    }
    let mut chunked = ask("PUT", "c").body(b"123").request();
    chunked.headers_mut().remove("content-length");
    chunked.headers_mut().insert("transfer-encoding", "chunked".parse().expect("a value"));
    Answer::of(emulator.handle(NOW, chunked)).succeeds();
    let mut long = ask("PUT", "d").body(&bytes(2001)).request();
    long.headers_mut().remove("content-length");
    long.headers_mut().insert("transfer-encoding", "chunked".parse().expect("a value"));
    Answer::of(emulator.handle(NOW, long)).refuses(400, "EntityTooLarge");
    assert_eq!((stored(&emulator, "c"), stored(&emulator, "d")), (Some(b"123".to_vec()), None));
}

#[test]
fn an_object_that_must_not_be_overwritten_is_not() {
    let emulator = emulator();
    let careful = |ask: Ask| ask.header("x-oss-forbid-overwrite", "true");
    let id = initiate(&emulator, "a");
    part(&emulator, "a", &id, 1, &bytes(5)).succeeds();
    careful(ask("PUT", "a").body(b"first")).send(&emulator).succeeds();
    careful(ask("PUT", "a").body(b"second")).send(&emulator).refuses(409, "FileAlreadyExists");
    careful(ask("POST", "a").query("uploads", "")).send(&emulator).refuses(409, "FileAlreadyExists");
    careful(ask_complete("a", &id, &[(1, &bytes(5))])).send(&emulator).refuses(409, "FileAlreadyExists");
    assert_eq!(stored(&emulator, "a"), Some(b"first".to_vec()));
    ask_complete("a", &id, &[(1, &bytes(5))]).header("x-oss-forbid-overwrite", "false").send(&emulator).succeeds();
    assert_eq!(stored(&emulator, "a"), Some(bytes(5)));
}

#[test]
fn heads_and_bytes_of_objects() {
    let emulator = emulator();
    ask("PUT", "a").body(&bytes(10)).header("content-type", "text/x").send(&emulator).succeeds();
    let head = ask("HEAD", "a").send(&emulator).succeeds();
    assert_eq!((head.header("content-length"), head.body.as_str(), head.etag()), ("10", "", tag(&bytes(10)).as_str()));
    assert_eq!((head.header("content-type"), head.header("last-modified")), ("text/x", DATE));
    assert_eq!((head.header("x-oss-object-type"), head.header("x-oss-storage-class")), ("Normal", "Standard"));
    let got = ask("GET", "a").send(&emulator).succeeds();
    assert_eq!(got.reply.response.body(), &bytes(10));
    let piece = ask("GET", "a").header("range", "bytes=2-4").send(&emulator);
    assert_eq!((piece.status, piece.header("content-range")), (206, "bytes 2-4/10"));
    assert_eq!(piece.reply.response.body(), &bytes(10)[2..5]);
    ask("GET", "b").send(&emulator).refuses(404, "NoSuchKey");
    let missing = ask("HEAD", "b").send(&emulator);
    assert_eq!((missing.status, missing.body.as_str()), (404, ""));
    let told = STANDARD.decode(missing.header("x-oss-err")).expect("base64");
    assert_eq!(texts(&String::from_utf8(told).expect("text"), "Code"), ["NoSuchKey"]);
    let id = initiate(&emulator, "b");
    part(&emulator, "b", &id, 1, &bytes(5)).succeeds();
    complete(&emulator, "b", &id, &[(1, &bytes(5))]).succeeds();
    assert_eq!(ask("HEAD", "b").send(&emulator).succeeds().header("x-oss-object-type"), "Multipart");
}

#[test]
fn a_piece_that_is_too_long_for_one_answer_is_refused() {
    let emulator = with(|config| config.oss.limits.get_max = 9);
    put(&emulator, "a", &bytes(10)).succeeds();
    ask("GET", "a").send(&emulator).refuses(501, "NotImplemented");
    assert_eq!(ask("GET", "a").header("range", "bytes=1-9").send(&emulator).status, 206);
}

#[test]
fn keys_that_cannot_be_files_are_refused() {
    let emulator = emulator();
    for key in ["/a", "a//b", "a/", "../a", "a/../b", "a/./b", "a\\b", "a\u{1}b", &"a/".repeat(600), &"x".repeat(256)] {
        put(&emulator, key, b"x").refuses(400, "InvalidObjectName");
        ask("POST", key).query("uploads", "").send(&emulator).refuses(400, "InvalidObjectName");
    }
}

#[test]
fn what_is_not_for_uploading_is_refused_and_stores_nothing() {
    let emulator = emulator();
    put(&emulator, "a", b"x").succeeds();
    ask("PUT", "b").header("x-oss-copy-source", "/examplebucket/a").send(&emulator).refuses(501, "NotImplemented");
    let id = initiate(&emulator, "b");
    let copy = ask_part("b", &id, 1, b"").header("x-oss-copy-source", "/examplebucket/a");
    copy.send(&emulator).refuses(501, "NotImplemented");
    assert_eq!((stored(&emulator, "b"), emulator.oss().parts(&id)), (None, Some(Vec::new())));
    ask("POST", "a").body(b"x").send(&emulator).refuses(501, "NotImplemented");
    ask("DELETE", "a").send(&emulator).refuses(501, "NotImplemented");
    assert_eq!(stored(&emulator, "a"), Some(b"x".to_vec()));
}

#[test]
fn a_callback_answers_in_place_of_the_server() {
    let emulator = emulator();
    let own = called_back(ask("PUT", "a").body(b"x"), HEARD).send(&emulator).succeeds();
    assert_eq!((own.body.as_str(), own.header("content-type")), (r#"{"state":true}"#, "application/json"));
    assert_eq!((own.etag(), own.crc64() > 0), (tag(b"x").as_str(), true));
    let id = initiate(&emulator, "b");
    part(&emulator, "b", &id, 1, &bytes(5)).succeeds();
    let done = called_back(ask_complete("b", &id, &[(1, &bytes(5))]), HEARD).send(&emulator).succeeds();
    assert_eq!((done.body.as_str(), done.etag().ends_with("-1")), (r#"{"state":true}"#, true));
    assert_eq!(stored(&emulator, "b"), Some(bytes(5)));
}

#[test]
fn a_callback_that_fails_is_a_203_and_the_object_stays() {
    let emulator = emulator();
    for (url, message) in [
        ("http://nobody.example/", "Error status : 502."),
        ("http://ill.example/", "Error status : 500."),
        ("http://odd.example/", "Response body is not valid json format."),
    ] {
        let answer = called_back(ask("PUT", url).body(b"x"), url);
        let key = "a";
        let id = initiate(&emulator, key);
        part(&emulator, key, &id, 1, &bytes(5)).succeeds();
        let done =
            called_back(ask_complete(key, &id, &[(1, &bytes(5))]), url).send(&emulator).refuses(203, "CallbackFailed");
        assert_eq!((done.text("Message").as_str(), done.text("EC").as_str()), (message, "0007-00000203"));
        assert!(done.etag().ends_with("-1") && done.crc64() > 0);
        assert_eq!(stored(&emulator, key), Some(bytes(5)));
        complete(&emulator, key, &id, &[(1, &bytes(5))]).refuses(404, "NoSuchUpload");
        let put = Ask { key: "b".to_owned(), ..answer };
        put.send(&emulator).refuses(203, "CallbackFailed");
        assert_eq!(stored(&emulator, "b"), Some(b"x".to_vec()));
    }
    assert_eq!(emulator.log().iter().filter(|entry| entry.status == 203 && entry.body_bytes == 1).count(), 3);
}

#[test]
fn a_callback_that_cannot_be_read_stops_everything() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    part(&emulator, "a", &id, 1, &bytes(5)).succeeds();
    for callback in ["{}", "e30=", "?"] {
        let bad = |ask: Ask| ask.header("x-oss-callback", callback).send(&emulator).refuses(400, "InvalidArgument");
        bad(ask("PUT", "a").body(b"x"));
        bad(ask_complete("a", &id, &[(1, &bytes(5))]));
    }
    assert_eq!((stored(&emulator, "a"), emulator.oss().parts(&id)), (None, Some(vec![(1, 5)])));
}

#[test]
fn a_callback_may_stand_in_the_query() {
    let emulator = emulator();
    let callback = STANDARD.encode(format!(r#"{{"callbackUrl":"{HEARD}","callbackBody":"b"}}"#));
    let answer = ask("PUT", "a").query("callback", &callback).body(b"x").send(&emulator).succeeds();
    assert_eq!(answer.body, r#"{"state":true}"#);
}
