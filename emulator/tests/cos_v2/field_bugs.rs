//! What other clients of the COS JSON APIs send, as they do it.

use crate::client::*;
use bytes::Bytes;
use http::Request;
use resumable_emulator::cos_v2::{FinishAgain, QueryPlus, UploadSlice};
use resumable_emulator::{Emulator, Fault, RepeatedField, Rule};

const V1: &str = "/files/v1/10055004/accesslog/d/f.bin";

fn as_v1() -> Emulator {
    with(|config| config.cos_v2.switches.upload_slice = UploadSlice::AsV1)
}

/// As `qcloud_cos_v4` for Node sends it: version 1's operation on version 2's path, the fields in this order.
fn begin(emulator: &Emulator, file: &[u8], session: &str) -> Answer {
    let (digest, length) = (sha(file), file.len().to_string());
    let head = [Text("op", "upload_slice"), Text("sha", &digest), Text("filesize", &length), Text("slice_size", "128")];
    let session = Some(Text("session", session)).filter(|_| !session.is_empty());
    call(emulator, &head.into_iter().chain(session).chain([Text("insertOnly", "")]).collect::<Vec<_>>())
}

fn slice(emulator: &Emulator, session: &str, offset: usize, bytes: &[u8]) -> Answer {
    let offset = offset.to_string();
    let fields = [
        Text("op", "upload_slice"),
        Text("session", session),
        Text("offset", &offset),
        Text("insertOnly", ""),
        File(bytes),
    ];
    call(emulator, &fields)
}

#[test]
fn field_bug_85_upload_slice_on_the_v2_path_is_refused_unless_a_switch_allows_it() {
    begin(&emulator(), &bytes(300), "").is(400, -5999);
    begin(&as_v1(), &bytes(300), "").is(200, 0);
}

#[test]
fn field_bug_85_upload_slice_uploads_on_the_v2_path() {
    let (emulator, file) = (as_v1(), bytes(300));
    let begun = begin(&emulator, &file, "");
    let session = begun.session();
    assert_eq!(begun.data(), &serde_json::json!({"offset": 0, "session": session, "slice_size": 128}));
    let first = slice(&emulator, &session, 0, &file[..128]);
    assert_eq!(first.data(), &serde_json::json!({"offset": 0, "session": session}));
    let again = begin(&emulator, &file, &session);
    assert_eq!(again.data(), &serde_json::json!({"offset": 128, "session": session, "slice_size": 128}));
    assert!(slice(&emulator, &session, 128, &file[128..256]).data()["url"].is_null());
    let last = slice(&emulator, &session, 256, &file[256..]);
    assert!(last.data()["url"].is_string(), "the client ends with this alone: {}", last.body);
    assert_eq!(stored(&emulator), Some(file.clone()));
    assert!(begin(&emulator, &file, "").data()["url"].is_string(), "it is there");
    let ops: Vec<String> = emulator.log().into_iter().map(|entry| entry.op).collect();
    let (init, data) = ("upload_slice_init", "upload_slice_data");
    assert_eq!(ops, [init, data, init, data, data, init]);
}

#[test]
fn field_bug_85_upload_slice_is_as_strict_as_the_rest() {
    let (emulator, file) = (as_v1(), bytes(300));
    let session = begin(&emulator, &file, "").session();
    slice(&emulator, &session, 1, &file[1..129]).is(400, -5999);
    slice(&emulator, "nobodys", 0, &file[..128]).is(404, -197);
    begin(&emulator, &bytes(299), "").is(409, -4020);
    init(&emulator, &bytes(299), 128).is(409, -4020);
    let wrong = vec![7; 300];
    slice(&emulator, &session, 0, &wrong[..128]).is(200, 0);
    slice(&emulator, &session, 128, &wrong[128..256]).is(200, 0);
    slice(&emulator, &session, 256, &wrong[256..]).is(409, -4016);
    assert_eq!(stored(&emulator), None);
    call(&emulator, &[Text("op", "upload_slice"), Text("filesize", "300"), Text("slice_size", "128")]).is(400, -5999);
}

#[test]
fn field_bug_85_a_last_slice_whose_answer_was_lost_is_the_switch_of_finish() {
    for (switch, status) in [(FinishAgain::Gone, 404), (FinishAgain::UrlsAgain, 200)] {
        let emulator = with(|config| {
            config.cos_v2.switches.upload_slice = UploadSlice::AsV1;
            config.cos_v2.switches.finish_again = switch;
        });
        let session = begin(&emulator, &bytes(100), "").session();
        emulator.inject(Rule::once("upload_slice_data", Fault::DropReply));
        slice(&emulator, &session, 0, &bytes(100));
        assert_eq!(slice(&emulator, &session, 0, &bytes(100)).status, status);
    }
}

/// `cos-js-sdk-v4` appends to the same form once more for each retry.
fn retried(switch: RepeatedField) -> (Emulator, Answer) {
    let emulator = with(|config| config.cos_v2.switches.repeated_field = switch);
    let session = init(&emulator, &bytes(100), 128).session();
    let (file, once) = (bytes(100), |bytes| {
        [
            Text("op", "upload_slice_data"),
            Text("session", &session),
            Text("offset", "0"),
            Text("sliceSize", "128"),
            bytes,
        ]
    });
    let fields: Vec<Part<'_>> = once(File(&file)).into_iter().chain(once(File(&file))).collect();
    let answer = call(&emulator, &fields);
    (emulator, answer)
}

#[test]
fn field_bug_85_a_field_given_twice_is_a_switch() {
    retried(RepeatedField::Refuse).1.is(400, -5999);
    for switch in [RepeatedField::First, RepeatedField::Last] {
        let (emulator, answer) = retried(switch);
        assert_eq!(answer.data()["datalen"], 100);
        assert_eq!(emulator.cos_v2().slices("10055004", "accesslog", "d/f.bin"), Some(vec![(0, 100)]));
    }
}

#[test]
fn field_bug_85_the_first_or_the_last_of_two_fields_counts_in_both_versions() {
    let fields = [Text("op", "upload"), File(b"first"), Text("sha", "x"), Text("SHA", ""), File(b"the last")];
    for (switch, expected) in [(RepeatedField::First, None), (RepeatedField::Last, Some(b"the last".to_vec()))] {
        let emulator = with(|config| {
            config.cos_v1.switches.repeated_field = switch;
            config.cos_v2.switches.repeated_field = switch;
        });
        for url in [V1, URL] {
            let status = call_at(&emulator, url, &fields).status;
            assert_eq!(status, if expected.is_some() { 200 } else { 400 }, "the first `sha` is none");
        }
        assert_eq!(stored(&emulator), expected);
        let of_v1 = emulator.cos_v1().read_object("10055004", "accesslog", "d/f.bin").expect("memory");
        assert_eq!(of_v1, expected);
        let files = [File(b"first"), File(b"the last"), Text("op", "upload")];
        call_at(&emulator, "/files/v2/10055004/accesslog/e", &files).is(200, 0);
        let file = emulator.cos_v2().read_object("10055004", "accesslog", "e").expect("memory");
        assert_eq!(file.as_deref(), Some(if expected.is_some() { &b"the last"[..] } else { b"first" }));
    }
}

#[test]
fn field_bug_81_a_plus_in_the_path_is_a_switch_where_nobody_has_proven_it() {
    for (switch, key) in [(QueryPlus::Literal, "a+b"), (QueryPlus::Space, "a b")] {
        let emulator = with(|config| {
            config.cos_v1.switches.path_plus = switch;
            config.cos_v2.switches.path_plus = switch;
        });
        for version in ["v1", "v2"] {
            let url = format!("/files/{version}/10055004/accesslog/a+b");
            let body = form(&[Text("op", "upload"), File(b"hello")]);
            let request: Request<Bytes> = post(&url, &multi(), body);
            Answer::of(emulator.handle(NOW, request)).is(200, 0);
        }
        let read = |found: std::io::Result<Option<Vec<u8>>>| found.expect("memory").is_some();
        assert!(read(emulator.cos_v1().read_object("10055004", "accesslog", key)), "{key}");
        assert!(read(emulator.cos_v2().read_object("10055004", "accesslog", key)), "{key}");
    }
}
