use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::MemoryStorage;
use crate::faults::Rule;
use crate::oss::{self, Oss};
use crate::p115::Config;
use crate::service::Setup;
use crate::storage::Storage;

const NOW: Duration = Duration::from_secs(0x6955_8480);
const BYTES: &[u8] = b"0123456789";
const SHA1: &str = "87ACEC17CD9DCD20A716CC2CF67417B71C8A7016";
const PICK_CODE: &str = "695584801b2c3d4e5f607182";

/// A server with one task, whose bytes are in OSS.
fn server(change: impl FnOnce(&mut Config)) -> Arc<P115> {
    let (storage, mut config) = (MemoryStorage::new(), Config::default());
    change(&mut config);
    let object = ObjectName::new(OSS, "emubucket/o1").expect("a name");
    let mut spool = storage.spool().expect("memory");
    spool.write(BYTES).expect("memory");
    spool.into_object(&object).expect("memory");
    let setup =
        Setup { storage: Arc::new(storage), counters: Arc::default(), faults: Arc::default(), roots: Vec::new() };
    let oss = Oss::new(oss::Config::default(), &setup).expect("a server");
    let server = P115::new(config, &setup, &oss).expect("a server");
    let task = Task {
        pick_code: PICK_CODE.to_owned(),
        target: "U_1_0".to_owned(),
        folder: String::new(),
        name: "示例 +1.mkv".to_owned(),
        size: 10,
        sha1: SHA1.to_owned(),
        bucket: "emubucket".to_owned(),
        object: "o1".to_owned(),
        begun: NOW.as_secs(),
        done: None,
    };
    server.tasks.add(task, 1000);
    server
}

fn body(change: &[(&str, &str)]) -> String {
    let fields = [
        ("bucket", "emubucket"),
        ("object", "o1"),
        ("size", "10"),
        ("sha1", SHA1),
        ("pick_code", PICK_CODE),
        ("user_id", "100000001"),
        ("behavior_type", "0"),
        ("source", "100"),
        ("target", "U_1_0"),
        ("task_uid", "100000001"),
    ];
    let value = |name: &str, value| change.iter().find(|(known, _)| *known == name).map_or(value, |(_, other)| *other);
    let pairs: Vec<String> = fields.iter().map(|(name, known)| format!("{name}={}", value(name, *known))).collect();
    pairs.join("&")
}

fn told(server: &P115, change: &[(&str, &str)]) -> (u16, Value) {
    let answer = server.receive(NOW, FORM, &body(change));
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
}

fn paths(server: &P115) -> Vec<String> {
    server.files().into_iter().map(|file| file.path).collect()
}

fn inject(server: &P115, fault: Fault) {
    server.plan().rules.push(Rule::once(CALLBACK, fault));
}

#[test]
fn what_was_promised_comes_into_the_drive() {
    let server = server(|_| {});
    let (status, answer) = told(&server, &[]);
    let file = server.files().remove(0);
    let expected = json!({ "state": true, "code": 0, "message": "", "data": {
        "pick_code": file.pick_code, "file_name": "示例 +1.mkv", "file_size": 10, "file_id": file.file_id,
        "thumb_url": "", "sha1": SHA1, "aid": 1, "cid": "0", "is_video": 1 } });
    assert_eq!((status, answer), (200, expected));
    assert_eq!(server.read_file(&file.path).expect("memory").as_deref(), Some(BYTES));
    assert_eq!(server.tasks.look(PICK_CODE).and_then(|task| task.done).as_deref(), Some("示例 +1.mkv"));
}

#[test]
fn anything_else_is_10002_and_http_200() {
    let server = server(|_| {});
    let refused = json!({ "state": false, "code": 10_002, "message": "校验文件失败，请重新上传。" });
    for change in [
        ("sha1", ""),
        ("sha1", "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709"),
        ("size", "9"),
        ("size", ""),
        ("bucket", "other"),
        ("object", "o2"),
        ("pick_code", "other"),
        ("pick_code", ""),
        ("user_id", "1"),
        ("target", "U_1_1"),
        ("source", "100&source=5"),
    ] {
        assert_eq!(told(&server, &[change]), (200, refused.clone()), "{change:?}");
    }
    let answer = server.receive(NOW, "application/json", "{}");
    assert_eq!((answer.status, serde_json::from_slice::<Value>(&answer.body).ok()), (200, Some(refused)));
    assert!(server.files().is_empty());
    assert_eq!(told(&server, &[("sha1", &SHA1.to_lowercase())]).1["state"], true);
}

#[test]
fn a_second_callback_is_a_switch() {
    let twice = |switch| {
        let server = server(|config| config.switches.callback_again = switch);
        let (first, second) = (told(&server, &[]).1, told(&server, &[]).1);
        (first["data"] == second["data"], second["state"].clone(), paths(&server).len())
    };
    assert_eq!(twice(CallbackAgain::Same), (true, json!(true), 1));
    assert_eq!(twice(CallbackAgain::Second), (false, json!(true), 2));
    assert_eq!(twice(CallbackAgain::Refuse), (false, json!(false), 1));
}

#[test]
fn an_answer_may_tell_nothing_but_ids() {
    let server = server(|config| config.switches.callback_data = CallbackData::Id);
    let (status, answer) = told(&server, &[]);
    let data = &answer["data"];
    assert_eq!((status, &answer["state"], data["file_id"].is_string()), (200, &json!(true), true));
    assert!(data.get("sha1").is_none() && data.get("file_size").is_none(), "{answer}");
}

#[test]
fn a_task_that_is_too_old_takes_no_callback() {
    let server = server(|config| config.limits.task_life = 100);
    let late = NOW + Duration::from_secs(100);
    let answer = server.receive(late, FORM, &body(&[]));
    assert!(answer.body.starts_with(b"{\"code\":10002"));
}

#[test]
fn an_object_that_is_gone_is_990003() {
    let server = server(|_| {});
    let object = ObjectName::new(OSS, "emubucket/o1").expect("a name");
    server.storage.remove_object(&object).expect("there");
    assert_eq!(told(&server, &[]).1["code"], 990_003);
    assert!(server.files().is_empty());
}

#[test]
fn faults_before_the_work_leave_the_drive_as_it_is() {
    for (fault, status) in [
        (Fault::refuse(200, 10_002), 200),
        (Fault::refuse(200, "busy"), 200),
        (Fault::Unavailable, 503),
        (Fault::Html { status: 504 }, 504),
        (Fault::Garbage, 200),
        (Fault::CutBefore, 502),
    ] {
        let server = server(|_| {});
        inject(&server, fault.clone());
        let (got, answer) = told(&server, &[]);
        assert_eq!((got, answer["state"] == true), (status, false), "{fault:?}");
        assert!(server.files().is_empty(), "{fault:?}");
        assert_eq!(told(&server, &[]).1["state"], true, "{fault:?}");
    }
}

#[test]
fn an_answer_that_is_lost_or_lies_leaves_a_file() {
    for (fault, status, size) in [(Fault::DropReply, 502, None), (Fault::WrongLength, 200, Some(9))] {
        let server = server(|_| {});
        inject(&server, fault.clone());
        let (got, answer) = told(&server, &[]);
        assert_eq!((got, answer["data"]["file_size"].as_u64()), (status, size), "{fault:?}");
        assert_eq!(paths(&server), ["/示例 +1.mkv"]);
    }
}

#[test]
fn only_the_address_of_the_settings_is_ours() {
    let server = server(|_| {});
    assert!(server.claims("http://uplb.115.com/3.0/completeupload.php"));
    assert!(!server.claims("http://uplb.115.com/3.0/completeupload.php/") && !server.claims(""));
}

mod fuzz {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

        #[test]
        fn any_body_is_answered_and_only_the_promised_one_makes_a_file(
            at in 0usize..260, with in ".{0,6}", drop in 0usize..6, kind in "(application/x-www-form-urlencoded|[ -~]{0,9})",
        ) {
            let server = server(|_| {});
            let true_body = body(&[]);
            let mut changed: Vec<char> = true_body.chars().collect();
            let at = at.min(changed.len());
            let end = (at + drop).min(changed.len());
            changed.splice(at..end, with.chars());
            let changed: String = changed.into_iter().collect();
            let answer = server.receive(NOW, &kind, &changed);
            let answer: Value = serde_json::from_slice(&answer.body).expect("JSON");
            prop_assert_eq!(answer["state"] == true, paths(&server).len() == 1);
            let promised = changed.contains(&format!("pick_code={PICK_CODE}"));
            prop_assert!(promised && kind == FORM || answer["state"] == false, "{}", changed);
        }
    }
}
