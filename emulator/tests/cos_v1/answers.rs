//! What is answered, and in which shape.

use super::{OTHER, emulator, switched};
use crate::client::v1::*;
use crate::client::{Answer, File, NOW, Text, bytes, call_at, form, once, post, sign_text, with};
use resumable_emulator::cos::{Account, DateForm, ExpiredCode};
use resumable_emulator::cos_v1::{ErrorStatus, ResourcePath, UrlsTold};
use resumable_emulator::{Config, Emulator, MemoryStorage};
use serde_json::json;

#[test]
fn the_dialogue_of_the_reference() {
    let emulator = with(|config| config.cos_v1.limits.slice_sizes = vec![4096]);
    let file = bytes(10_000);
    let begun = init_with(&emulator, URL, &file, &[("slice_size", "524288")]);
    let session = begun.session();
    assert_eq!(begun.body["message"], "成功");
    assert_eq!(*begun.data(), json!({"offset": 0, "session": session, "slice_size": 4096}));
    for (offset, length) in [(0, 4096), (4096, 4096)] {
        let answer = slice(&emulator, &session, offset, &file[offset..offset + length]);
        assert_eq!(*answer.data(), json!({"offset": offset, "session": session}));
        assert_eq!(stored(&emulator), None);
    }
    let last = slice(&emulator, &session, 8192, &file[8192..]);
    let expected = json!({
        "access_url": "http://accesslog-10055004.file.myqcloud.com/d/f.bin",
        "offset": 8192,
        "resource_path": "/10055004/accesslog/d/f.bin",
        "session": session,
        "source_url": "http://accesslog-10055004.cos.myqcloud.com/d/f.bin",
        "url": "http://web.file.myqcloud.com/files/v1/10055004/accesslog/d/f.bin",
    });
    assert_eq!(*last.data(), expected);
    assert_eq!(stored(&emulator), Some(file));
    assert_eq!(unfinished(&emulator), [[]; 0]);
    assert_eq!(emulator.totals().file_bytes, 10_000);
}

#[test]
fn an_answer_byte_for_byte() {
    let emulator = emulator();
    let session = init(&emulator, &bytes(200)).session();
    let answer = slice(&emulator, &session, 0, &bytes(64)).reply.response;
    let expected = format!(r#"{{"code":0,"message":"成功","data":{{"offset":0,"session":"{session}"}}}}"#);
    assert_eq!(answer.body(), expected.as_bytes());
    assert_eq!(answer.headers()["content-length"], expected.len().to_string().as_str());
    assert_eq!(answer.headers()["date"], "Mon Aug  1 05:20:00 2016");
    assert!(!answer.headers().contains_key("x-cos-request-id"));
}

#[test]
fn a_session_is_a_uuid_and_base64() {
    let emulator = emulator();
    let mut seen = Vec::new();
    for length in 100..164 {
        let session = init(&emulator, &bytes(length)).session();
        let (uuid, tail) = session.split_once('+').expect("a plus");
        let groups: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!((groups.as_slice(), tail.len()), ([8, 4, 4, 4, 12].as_slice(), 12));
        assert!(tail.ends_with("=="), "{session}");
        assert!(!seen.contains(&session));
        seen.push(session);
    }
    assert_eq!(unfinished(&emulator).len(), 64);
}

#[test]
fn the_status_of_refusals() {
    for (switch, status) in [(ErrorStatus::BadRequest, [400; 4]), (ErrorStatus::AsV2, [404, 409, 403, 404])] {
        let emulator = switched(|it| it.error_status = switch);
        upload(&emulator, URL, b"x").is(200, 0);
        let unsigned = Answer::of(emulator.handle(NOW, post(URL, "", form(&[Text("op", "stat")]))));
        let clear = format!("a=10055004&b=nowhere&k={}&e=1470000300&t=1470000000&r=1&f=", Account::default().secret_id);
        let sign = sign_text(&clear, &Account::default().secret_key);
        let nowhere = post("/files/v1/10055004/nowhere/x", &sign, form(&[Text("op", "stat")]));
        let answers = [
            (call_at(&emulator, OTHER, &[Text("op", "stat")]), -166),
            (upload(&emulator, URL, b"y"), -177),
            (unsigned, -48),
            (Answer::of(emulator.handle(NOW, nowhere)), -133),
        ];
        for ((answer, code), status) in answers.into_iter().zip(status) {
            answer.is(status, code);
            assert!(answer.body.get("data").is_none());
        }
    }
}

#[test]
fn what_is_told_of_an_object() {
    let all = ["access_url", "resource_path", "source_url", "url"];
    for (switch, told) in [
        (UrlsTold::All, &all[..]),
        (UrlsTold::Page, &["access_url", "resource_path", "url"]),
        (UrlsTold::AccessOnly, &["access_url", "resource_path"]),
    ] {
        let emulator = switched(|it| (it.urls, it.echo_at_end) = (switch, false));
        let file = bytes(64);
        let session = init(&emulator, &file).session();
        let end = slice(&emulator, &session, 0, &file);
        let known: Vec<&String> = end.data().as_object().expect("an object").keys().collect();
        assert_eq!(known, told);
        assert_eq!(init(&emulator, &file).data(), end.data());
    }
}

#[test]
fn the_resource_path() {
    for (switch, path) in [(ResourcePath::Full, "/10055004/accesslog/d/f.bin"), (ResourcePath::Bare, "/d/f.bin")] {
        let emulator = switched(|it| it.resource_path = switch);
        assert_eq!(upload(&emulator, URL, b"x").data()["resource_path"], path);
        assert_eq!(stat(&emulator).data()["resource_path"], path);
    }
}

#[test]
fn signatures() {
    let emulator = with(|config| {
        config.clock_offset = 301;
        config.cos_v1.switches.expired = ExpiredCode::Sign;
        config.cos_v1.switches.date = DateForm::ImfFixdate;
        config.cos_v1.switches.request_id = true;
    });
    let expired = stat(&emulator);
    expired.is(400, -59);
    assert_eq!(expired.reply.response.headers()["date"], "Sun, 31 Jul 2016 21:25:01 GMT");
    assert!(expired.body["request_id"].is_string());
    let once_only = switched(|it| it.once_for_uploads = false);
    let sign = once(9, "/10055004/accesslog/d/f.bin");
    let body = form(&[Text("op", "upload"), File(b"x")]);
    Answer::of(once_only.handle(NOW, post(URL, &sign, body))).is(400, -97);
}

#[test]
fn operations_nobody_knows() {
    let emulator = emulator();
    for op in ["upload_slice_init", "upload_slice_list", "upload_slice_finish", "", "x"] {
        call(&emulator, &[Text("op", op)]).is(400, -5999);
    }
}

#[test]
fn the_log_tells_init_from_slice() {
    let emulator = emulator();
    let file = bytes(64);
    let session = init(&emulator, &file).session();
    slice(&emulator, &session, 0, &file).is(200, 0);
    let ops: Vec<(&str, String)> = emulator.log().into_iter().map(|entry| (entry.service, entry.op)).collect();
    assert_eq!(ops, [("cos-v1", "upload_slice_init".to_owned()), ("cos-v1", "upload_slice_data".to_owned())]);
}

#[test]
fn only_the_services_asked_for_are_offered() {
    let offered = |services: &[&str]| {
        let mut config = Config::default();
        config.services = services.iter().map(|name| (*name).to_owned()).collect();
        Emulator::new(config, Box::new(MemoryStorage::new()))
    };
    let only = offered(&["cos-v2"]).expect("an emulator");
    assert_eq!(upload(&only, URL, b"x").status, 404);
    crate::client::upload(&only, crate::client::URL, b"x").is(200, 0);
    let line = only.ready_line("http://h");
    assert_eq!(line.as_object().expect("an object").keys().collect::<Vec<_>>(), ["cos-v2"]);
    let refused = offered(&["cos-v2", "cos-v3"]).expect_err("no such service");
    assert!(refused.to_string().contains("`cos-v3`") && refused.to_string().contains("cos-v1"), "{refused}");
    let line = emulator().ready_line("http://h");
    for key in ["endpoint", "appid", "bucket", "secret_id", "secret_key"] {
        assert!(line["cos-v1"][key].is_string(), "{line}");
    }
}
