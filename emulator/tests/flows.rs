//! Whole uploads, and every way one can go wrong.

#![allow(missing_docs)]

mod kit;

use kit::*;
use resumable_emulator::cos_v2::{
    ChangedSlice, FinishAgain, FinishWithGaps, ListSha, ListShows, MissingDirectory, SerialUpload, StatUnfinished,
    UnknownSession,
};

#[test]
fn a_sliced_upload() {
    let emulator = emulator();
    let file = bytes(200);
    let begun = init(&emulator, &file, 64);
    assert_eq!(begun.data()["slice_size"], 64);
    let session = begun.session();
    assert_eq!(session.len(), 96);
    for (index, slice) in file.chunks(64).enumerate() {
        let answer = data(&emulator, &session, index * 64, slice);
        assert_eq!(answer.data()["datalen"], slice.len());
        assert_eq!(answer.data()["offset"], index * 64);
        assert_eq!(answer.data()["session"], session.as_str());
    }
    let urls = finish(&emulator, &session, 200);
    assert_eq!(urls.data()["url"], "http://sh.file.myqcloud.com/files/v2/10055004/accesslog/d/f.bin");
    assert_eq!(stored(&emulator), Some(file));
    assert_eq!(list(&emulator).data(), urls.data());
    assert_eq!(emulator.totals().file_bytes, 200);
}

#[test]
fn a_sliced_upload_with_sha_whatever_the_part_size() {
    let file = bytes(1000);
    for (slice, part) in [(64, 64), (64, 128), (128, 64), (128, 192), (64, 1024)] {
        let emulator = emulator();
        let session = init_sha(&emulator, URL, &file, slice, part).session();
        let slice = usize::try_from(slice).expect("small");
        for (index, piece) in file.chunks(slice).enumerate() {
            data_sha(&emulator, &session, index * slice, piece, &sha(&file)).is(200, 0);
        }
        finish_sha(&emulator, &session, &file).is(200, 0);
        assert_eq!(stored(&emulator).as_ref(), Some(&file), "{slice}/{part}");
    }
}

#[test]
fn slices_may_come_in_any_order() {
    for with_sha in [false, true] {
        let emulator = emulator();
        let file = bytes(300);
        let session = if with_sha {
            init_sha(&emulator, URL, &file, 64, 128).session()
        } else {
            init(&emulator, &file, 64).session()
        };
        for index in [4, 0, 3, 1, 2] {
            let slice = &file[index * 64..(index * 64 + 64).min(300)];
            data_sha(&emulator, &session, index * 64, slice, &sha(&file)).is(200, 0);
        }
        finish_sha(&emulator, &session, &file).is(200, 0);
        assert_eq!(stored(&emulator), Some(file));
    }
}

#[test]
fn an_interrupted_upload_is_listed_and_resumed() {
    let emulator = emulator();
    let file = bytes(200);
    list(&emulator).is(404, -197);
    let session = init_sha(&emulator, URL, &file, 64, 64).session();
    data_sha(&emulator, &session, 128, &file[128..192], &sha(&file)).is(200, 0);
    init_sha(&emulator, URL, &file, 128, 128).is(409, -4019);
    let listed = list(&emulator);
    let expected = serde_json::json!({
        "filesize": 200, "listparts": [{"datalen": 64, "offset": 128}],
        "session": session, "slice_size": 64,
    });
    assert_eq!(*listed.data(), expected);
    let other = bytes(201);
    init_sha(&emulator, URL, &other, 64, 64).is(409, -4020);
    delete(&emulator, URL, 1).is(200, 0);
    init_sha(&emulator, URL, &other, 64, 64).is(200, 0);
}

#[test]
fn without_a_sha_the_size_tells_uploads_apart() {
    let emulator = emulator();
    init(&emulator, &bytes(200), 64).is(200, 0);
    init(&emulator, &bytes(200), 64).is(409, -4019);
    init(&emulator, &bytes(201), 64).is(409, -4020);
    init_sha(&emulator, URL, &bytes(200), 64, 64).is(409, -4020);
}

#[test]
fn a_slice_that_contradicts_its_claim_is_refused_on_arrival() {
    let emulator = emulator();
    let file = bytes(300);
    let digest = sha(&file);
    let session = init_sha(&emulator, URL, &file, 64, 64).session();
    let mut wrong = file[128..192].to_vec();
    wrong[5] ^= 1;
    data_sha(&emulator, &session, 128, &wrong, &digest).is(409, -4016);
    assert_eq!(emulator.cos_v2().slices("10055004", "accesslog", "d/f.bin"), Some(vec![]));
    data_sha(&emulator, &session, 128, &file[128..192], &digest).is(200, 0);
    data_sha(&emulator, &session, 128, &wrong, &digest).is(409, -4016);
    for index in [0, 1, 3, 4] {
        let slice = &file[index * 64..(index * 64 + 64).min(300)];
        data_sha(&emulator, &session, index * 64, slice, &digest).is(200, 0);
    }
    finish_sha(&emulator, &session, &file).is(200, 0);
    assert_eq!(stored(&emulator), Some(file));
}

#[test]
fn slices_of_a_broken_part_must_all_come_again() {
    let emulator = emulator();
    let file = bytes(256);
    let digest = sha(&file);
    let session = init_sha(&emulator, URL, &file, 64, 128).session();
    let mut wrong = file[..64].to_vec();
    wrong[0] ^= 1;
    data_sha(&emulator, &session, 0, &wrong, &digest).is(200, 0);
    data_sha(&emulator, &session, 64, &file[64..128], &digest).is(409, -4016);
    assert_eq!(list(&emulator).data()["listparts"], serde_json::json!([]));
    for index in [2, 3] {
        data_sha(&emulator, &session, index * 64, &file[index * 64..index * 64 + 64], &digest).is(200, 0);
    }
    finish_sha(&emulator, &session, &file).is(409, -4019);
    for (index, slice) in file.chunks(64).enumerate() {
        data_sha(&emulator, &session, index * 64, slice, &digest).is(200, 0);
    }
    finish_sha(&emulator, &session, &file).is(200, 0);
}

#[test]
fn a_whole_file_that_is_not_its_sha_is_refused_at_finish() {
    let emulator = with(|config| config.cos_v2.switches.uploadparts_with_sha = false);
    let file = bytes(100);
    let digest = sha(&bytes(101));
    let session = call(
        &emulator,
        &[Text("op", "upload_slice_init"), Text("filesize", "100"), Text("slice_size", "128"), Text("sha", &digest)],
    )
    .session();
    data_sha(&emulator, &session, 0, &file, &digest).is(200, 0);
    let end =
        [Text("op", "upload_slice_finish"), Text("session", &session), Text("filesize", "100"), Text("sha", &digest)];
    call(&emulator, &end).is(409, -4016);
    assert_eq!(stored(&emulator), None);
}

#[test]
fn a_sha_at_finish_is_checked_even_if_init_had_none() {
    let emulator = emulator();
    let file = bytes(100);
    let session = init(&emulator, &file, 128).session();
    data(&emulator, &session, 0, &file).is(200, 0);
    finish_sha(&emulator, &session, &bytes(100)[1..]).is(400, -175);
    let mut other = file.clone();
    other[0] ^= 1;
    finish_sha(&emulator, &session, &other).is(409, -4016);
    finish_sha(&emulator, &session, &file).is(200, 0);
}

#[test]
fn a_sha_given_at_init_must_be_given_again() {
    let emulator = emulator();
    let file = bytes(64);
    let session = init_sha(&emulator, URL, &file, 64, 64).session();
    data(&emulator, &session, 0, &file).is(400, -29094);
    data_sha(&emulator, &session, 0, &file, &sha(b"other")).is(409, -4016);
    data_sha(&emulator, &session, 0, &file, &sha(&file)).is(200, 0);
    finish(&emulator, &session, 64).is(400, -29094);
    finish_sha(&emulator, &session, &file).is(200, 0);
}

#[test]
fn finish_wants_every_byte() {
    for (switch, status, code) in [(FinishWithGaps::Unfinished, 409, -4019), (FinishWithGaps::Length, 400, -175)] {
        let emulator = with(|config| config.cos_v2.switches.finish_with_gaps = switch);
        let file = bytes(200);
        let session = init(&emulator, &file, 64).session();
        data(&emulator, &session, 0, &file[..64]).is(200, 0);
        data(&emulator, &session, 128, &file[128..192]).is(200, 0);
        finish(&emulator, &session, 200).is(status, code);
        finish(&emulator, &session, 199).is(400, -175);
    }
}

#[test]
fn finish_again() {
    for (switch, again) in [(FinishAgain::Gone, -197), (FinishAgain::UrlsAgain, 0)] {
        let emulator = with(|config| config.cos_v2.switches.finish_again = switch);
        let file = bytes(64);
        let session = init(&emulator, &file, 64).session();
        data(&emulator, &session, 0, &file).is(200, 0);
        finish(&emulator, &session, 64).is(200, 0);
        assert_eq!(finish(&emulator, &session, 64).body["code"], again);
        finish(&emulator, "someone-elses", 64).is(404, -197);
    }
}

#[test]
fn a_session_nobody_knows() {
    for (switch, status, code) in [
        (UnknownSession::NotFound, 404, -197),
        (UnknownSession::Failed, 400, -288),
        (UnknownSession::Parameter, 400, -5999),
    ] {
        let emulator = with(|config| config.cos_v2.switches.unknown_session = switch);
        data(&emulator, "none", 0, b"x").is(status, code);
        init(&emulator, &bytes(64), 64).is(200, 0);
        data(&emulator, "none", 0, &bytes(64)).is(status, code);
    }
}

#[test]
fn slices_that_do_not_fit() {
    let emulator = emulator();
    let session = init(&emulator, &bytes(200), 64).session();
    let huge = usize::try_from(u64::MAX).expect("64 bits");
    for (offset, length) in
        [(0, 63), (0, 65), (1, 64), (32, 64), (192, 64), (192, 9), (256, 8), (192, 7), (0, 0), (huge, 64)]
    {
        data(&emulator, &session, offset, &bytes(length)).is(400, -5999);
    }
    data(&emulator, &session, 192, &bytes(8)).is(200, 0);
}

#[test]
fn loose_slices_must_still_not_overlap() {
    let emulator = with(|config| config.cos_v2.switches.aligned_slices = false);
    let file = bytes(200);
    let session = init(&emulator, &file, 64).session();
    data(&emulator, &session, 10, &file[10..20]).is(200, 0);
    data(&emulator, &session, 10, &file[10..20]).is(200, 0);
    data(&emulator, &session, 5, &file[5..11]).is(400, -5999);
    data(&emulator, &session, 19, &file[19..25]).is(400, -5999);
    data(&emulator, &session, 10, &file[10..15]).is(400, -5999);
    data(&emulator, &session, 12, &file[12..15]).is(400, -5999);
    data(&emulator, &session, 0, &file[..10]).is(200, 0);
    for start in (20..200).step_by(60) {
        data(&emulator, &session, start, &file[start..start + 60]).is(200, 0);
    }
    finish(&emulator, &session, 200).is(200, 0);
    assert_eq!(stored(&emulator), Some(file));
}

#[test]
fn a_slice_sent_again() {
    let file = bytes(100);
    let emulator = emulator();
    let session = init(&emulator, &file, 64).session();
    data(&emulator, &session, 0, &[1; 64]).is(200, 0);
    data(&emulator, &session, 0, &[1; 64]).is(200, 0);
    assert_eq!(emulator.totals().file_bytes, 64);
    assert_eq!(emulator.totals().received_file_bytes, 128);
    data(&emulator, &session, 0, &file[..64]).is(200, 0);
    data(&emulator, &session, 64, &file[64..]).is(200, 0);
    finish_sha(&emulator, &session, &file).is(200, 0);
    assert_eq!(stored(&emulator), Some(file));

    let emulator = with(|config| config.cos_v2.switches.changed_slice = ChangedSlice::Refuse);
    let session = init(&emulator, &bytes(100), 64).session();
    data(&emulator, &session, 0, &[1; 64]).is(200, 0);
    data(&emulator, &session, 0, &[2; 64]).is(409, -4016);
    data(&emulator, &session, 0, &[1; 64]).is(200, 0);
}

#[test]
fn serial_upload() {
    let file = bytes(200);
    for (switch, told) in [
        (SerialUpload::One, serde_json::json!(1)),
        (SerialUpload::Zero, serde_json::json!(0)),
        (SerialUpload::Absent, serde_json::Value::Null),
    ] {
        let emulator = with(|config| config.cos_v2.switches.serial_upload = switch);
        let begun = init(&emulator, &file, 64);
        assert_eq!(begun.data()["serial_upload"], told);
        let session = begun.session();
        let early = data(&emulator, &session, 64, &file[64..128]);
        assert_eq!(early.status == 400, switch == SerialUpload::One);
        data(&emulator, &session, 0, &file[..64]).is(200, 0);
        data(&emulator, &session, 0, &file[..64]).is(200, 0);
        data(&emulator, &session, 64, &file[64..128]).is(200, 0);
    }
}

#[test]
fn the_servers_slice_size_wins() {
    let emulator = with(|config| config.cos_v2.switches.slice_size = Some(32));
    let file = bytes(64);
    let begun = init(&emulator, &file, 128);
    assert_eq!(begun.data()["slice_size"], 32);
    let session = begun.session();
    data(&emulator, &session, 0, &file).is(400, -5999);
    data(&emulator, &session, 0, &file[..32]).is(200, 0);
    assert_eq!(list(&emulator).data()["slice_size"], 32);
}

#[test]
fn what_init_refuses() {
    let emulator = emulator();
    let digest = sha(&bytes(200));
    let good = uploadparts(&bytes(200), 64);
    let cases: &[(&str, &str, &str, &str, i32)] = &[
        ("", "64", "", "", -5999),
        ("0", "64", "", "", -5999),
        ("-1", "64", "", "", -5999),
        ("+1", "64", "", "", -5999),
        ("1e3", "64", "", "", -5999),
        ("99999999999999999999", "64", "", "", -5999),
        ("68719476737", "64", "", "", -5999),
        ("200", "", "", "", -5999),
        ("200", "65", "", "", -284),
        ("200", "0", "", "", -284),
        ("200", "64", "abc", "", -5999),
        ("200", "64", &digest, "", -5999),
        ("200", "64", "", &good, -5999),
        ("200", "64", &digest, "[", -5965),
        ("200", "64", &digest, "{}", -5965),
        ("200", "64", &digest, "[1]", -5965),
        ("200", "64", &digest, "[]", -5999),
        ("200", "64", &digest, r#"[{"offset":0,"datalen":200}]"#, -5965),
        ("200", "64", &digest, r#"[{"offset":0,"datalen":200,"datasha":"x"}]"#, -5965),
        ("201", "64", &digest, &good, -5999),
        ("200", "64", &sha(b"x"), &good, -5999),
    ];
    for (filesize, slice_size, sha, parts, code) in cases {
        let answer = call(
            &emulator,
            &[
                Text("op", "upload_slice_init"),
                Text("filesize", filesize),
                Text("slice_size", slice_size),
                Text("sha", sha),
                Text("uploadparts", parts),
            ],
        );
        answer.is(400, i64::from(*code));
    }
    for part in [63, 100] {
        init_sha(&emulator, URL, &bytes(200), 64, part).is(400, -5999);
    }
    list(&emulator).is(404, -197);
}

#[test]
fn instant_upload() {
    let file = bytes(200);
    for instant in [true, false] {
        let emulator = with(|config| config.cos_v2.switches.instant_upload = instant);
        upload(&emulator, "/files/v2/10055004/accesslog/other", &file).is(200, 0);
        let begun = init_sha(&emulator, URL, &file, 64, 64);
        assert_eq!(begun.data().get("access_url").is_some(), instant);
        assert_eq!(begun.data().get("session").is_none(), instant);
        assert_eq!(stored(&emulator).is_some(), instant);
    }
}

#[test]
fn instant_upload_needs_the_same_length() {
    let emulator = emulator();
    upload(&emulator, "/files/v2/10055004/accesslog/other", &bytes(64)).is(200, 0);
    let digest = sha(&bytes(64));
    let parts = format!(r#"[{{"offset":0,"datalen":65,"datasha":"{digest}"}}]"#);
    let begun = call(
        &emulator,
        &[
            Text("op", "upload_slice_init"),
            Text("filesize", "65"),
            Text("slice_size", "128"),
            Text("sha", &digest),
            Text("uploadparts", &parts),
        ],
    );
    assert!(begun.data().get("session").is_some());
}

#[test]
fn insert_only() {
    let emulator = emulator();
    let file = bytes(100);
    upload(&emulator, URL, &file).is(200, 0);
    upload(&emulator, URL, &file).is(200, 0);
    upload(&emulator, URL, b"other").is(409, -177);
    init(&emulator, &file, 64).is(409, -177);
    init_sha(&emulator, URL, &bytes(99), 64, 64).is(409, -177);
    assert!(init_sha(&emulator, URL, &file, 64, 64).data().get("session").is_none());
    for (value, status) in [("", 409), ("1", 409), ("2", 400), ("0", 200)] {
        let parts = [Text("op", "upload"), File(b"new"), Text("insertOnly", value)];
        assert_eq!(call(&emulator, &parts).status, status, "{value}");
    }
    assert_eq!(stored(&emulator).as_deref(), Some(&b"new"[..]));
}

#[test]
fn overwriting_in_slices() {
    for shows in [ListShows::Session, ListShows::Finished] {
        let emulator = with(|config| config.cos_v2.switches.list_shows = shows);
        upload(&emulator, URL, b"old").is(200, 0);
        let file = bytes(64);
        let session = call(
            &emulator,
            &[
                Text("op", "upload_slice_init"),
                Text("insertOnly", "0"),
                Text("filesize", "64"),
                Text("slice_size", "64"),
            ],
        )
        .session();
        let shown = list(&emulator);
        let shows_session = shown.data().get("session").is_some();
        assert_eq!(shows_session, shows == ListShows::Session);
        data(&emulator, &session, 0, &file).is(200, 0);
        assert_eq!(stored(&emulator).as_deref(), Some(&b"old"[..]));
        finish(&emulator, &session, 64).is(200, 0);
        assert_eq!(stored(&emulator), Some(file));
    }
}

#[test]
fn an_object_that_came_between_is_not_overwritten() {
    let emulator = emulator();
    let file = bytes(64);
    let session = init(&emulator, &file, 64).session();
    data(&emulator, &session, 0, &file).is(200, 0);
    upload(&emulator, URL, b"quicker").is(200, 0);
    finish(&emulator, &session, 64).is(409, -177);
    assert_eq!(stored(&emulator).as_deref(), Some(&b"quicker"[..]));
}

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
fn a_body_over_the_limit_is_settled_before_it_ends() {
    let emulator = with(|config| config.cos_v2.limits.body = 2000);
    let head = || post(URL, &multi(), Vec::new()).into_parts().0;
    let mut exchange = emulator.begin(NOW, head());
    exchange.feed(&[b'x'; 2000]);
    assert!(!exchange.is_decided());
    exchange.feed(b"x");
    assert!(exchange.is_decided());
    assert_eq!(exchange.end(NOW).response.status(), 413);
    let mut announced = head();
    announced.headers.insert("content-length", http::HeaderValue::from(2001));
    assert!(emulator.begin(NOW, announced).is_decided());
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

#[test]
fn the_sha_of_a_list() {
    let file = bytes(200);
    for (switch, expected) in
        [(ListSha::Absent, None), (ListSha::Plain, Some(sha(&file))), (ListSha::Suffixed, Some(sha(&file) + "_200"))]
    {
        let emulator = with(|config| config.cos_v2.switches.list_sha = switch);
        init_sha(&emulator, URL, &file, 64, 64).is(200, 0);
        let listed = list(&emulator);
        assert_eq!(listed.data()["sha"].as_str(), expected.as_deref());
    }
}

#[test]
fn operations_nobody_knows() {
    let emulator = emulator();
    call(&emulator, &[Text("op", "upload_slice")]).is(400, -5999);
    call(&emulator, &[Text("op", "")]).is(400, -5999);
    call(&emulator, &[]).is(400, -5999);
    let other = "/files/v3/10055004/accesslog/x";
    assert_eq!(upload(&emulator, other, b"x").status, 404);
    let put = |mut request: http::Request<bytes::Bytes>| {
        *request.method_mut() = http::Method::PUT;
        Answer::of(emulator.handle(NOW, request))
    };
    put(post(URL, &multi(), form(&[Text("op", "upload"), File(b"x")]))).is(400, -5999);
}

#[test]
fn a_request_that_is_cut_leaves_nothing_but_its_count() {
    let emulator = emulator();
    let session = init(&emulator, &bytes(64), 64).session();
    let body =
        form(&[Text("op", "upload_slice_data"), Text("session", &session), Text("offset", "0"), File(&bytes(64))]);
    let (head, ()) = post(URL, &multi(), Vec::new()).map(|_| ()).into_parts();
    let mut exchange = emulator.begin(NOW, head);
    let cut = body.len() - 60;
    exchange.feed(&body[..cut]);
    drop(exchange);
    let totals = emulator.totals();
    assert_eq!((totals.requests, totals.cut), (1, 1));
    assert_eq!(totals.file_bytes, 0);
    assert_eq!(totals.received_file_bytes, 64 - 12);
    assert_eq!(list(&emulator).data()["listparts"], serde_json::json!([]));
}

#[test]
fn the_log_keeps_the_last_exchanges() {
    let emulator = with(|config| config.log_entries = 2);
    upload(&emulator, URL, b"abc").is(200, 0);
    let session = init_sha(&emulator, "/files/v2/10055004/accesslog/z", &bytes(64), 64, 64).session();
    data(&emulator, &session, 0, b"x").is(404, -197);
    let log = emulator.log();
    assert_eq!(log.len(), 2);
    let last = &log[1];
    assert_eq!((last.op.as_str(), last.status, last.code.clone()), ("upload_slice_data", 404, Some((-197).into())));
    assert_eq!((last.offset, last.body_bytes, last.received_bytes), (Some(0), 0, 1));
    assert_eq!(last.path, URL);
    assert_eq!(emulator.totals().requests, 3);
}
