//! Whole uploads, through OSS and its callback.

use resumable_emulator::p115::CallbackAgain;
use resumable_emulator::{DiskStorage, Emulator, Fault, NullStorage, Rule};
use serde_json::{Value, json};

use crate::client::*;
use crate::oss::Stage;

/// The file that came, as the callback's answer tells it.
#[track_caller]
fn is_there(emulator: &Emulator, answer: &Answer, name: &str, file: &[u8]) {
    assert_eq!((answer.status, &answer.body["state"]), (200, &json!(true)), "{:?}", answer.reply);
    let data = answer.data();
    assert_eq!((&data["file_name"], &data["file_size"]), (&json!(name), &json!(file.len())));
    assert_eq!(data["sha1"], sha1(file).as_str());
    let found = emulator.p115().files().into_iter().find(|it| it.path == format!("/{name}")).expect("a file");
    assert_eq!((&data["file_id"], &data["pick_code"]), (&json!(found.file_id), &json!(found.pick_code)));
    assert_eq!(emulator.p115().read_file(name).expect("readable").as_deref(), Some(file));
}

#[track_caller]
fn is_10002(answer: &Answer) {
    let expected = json!({ "state": false, "message": "校验文件失败，请重新上传。", "code": 10_002 });
    assert_eq!((answer.status, &answer.body), (200, &expected));
}

fn small_parts() -> Emulator {
    with(|config| config.oss.limits.part_min = 1000)
}

#[test]
fn a_file_in_one_request() {
    let emulator = emulator();
    let client = client(&emulator);
    let begun = client.init("示例 视频+1.mkv", &bytes(5000), &[]);
    let answer = Stage::of(client, &begun).put(&bytes(5000));
    is_there(&emulator, &answer, "示例 视频+1.mkv", &bytes(5000));
    assert_eq!(answer.header("content-type"), "application/json");
    let resumed = client.resume(&bytes(5000), &begun.text("pick_code"), &[]);
    resumed.refuses(20_018);
    // What is there is known from now on.
    assert_eq!(client.init("again", &bytes(5000), &[]).init_status(), (7, 701));
}

#[test]
fn a_file_in_parts_one_after_the_other_resumed_with_another_key() {
    let emulator = small_parts();
    let client = client(&emulator);
    let file = bytes(2500);
    let parts: Vec<&[u8]> = file.chunks(1000).collect();
    let begun = client.init("a.bin", &file, &[]);
    let stage = Stage::of(client, &begun);
    let id = stage.initiate("sequential&uploads");
    assert_eq!(stage.part(&id, 1, parts[0]), 200);
    let late = client.at(3700);
    assert_eq!(stage.part(&id, 2, parts[1]), 200);
    let resumed = late.resume(&file, &begun.text("pick_code"), &[]);
    assert_eq!(resumed.text("object"), begun.text("object"));
    let stage = Stage::of(late, &resumed);
    assert_eq!(stage.part(&id, 2, parts[1]), 409, "it is there");
    assert_eq!(stage.part(&id, 3, parts[2]), 200);
    is_there(&emulator, &stage.complete(&id, &parts), "a.bin", &file);
}

#[test]
fn parts_in_any_order_have_no_sha1_and_so_no_file() {
    let emulator = small_parts();
    let client = client(&emulator);
    let file = bytes(1500);
    let parts: Vec<&[u8]> = file.chunks(1000).collect();
    let stage = Stage::of(client, &client.init("a.bin", &file, &[]));
    let id = stage.initiate("uploads");
    for (index, part) in parts.iter().enumerate() {
        assert_eq!(stage.part(&id, index + 1, part), 200);
    }
    is_10002(&stage.complete(&id, &parts));
    assert_eq!(emulator.p115().files(), []);
}

#[test]
fn other_bytes_than_init_was_told_are_no_file() {
    let emulator = emulator();
    let client = client(&emulator);
    let begun = client.init("a.bin", &bytes(5000), &[]);
    let mut changed = bytes(5000);
    changed[4999] ^= 1;
    is_10002(&Stage::of(client, &begun).put(&changed));
    is_10002(&Stage::of(client, &begun).put(&changed[1..]));
    assert_eq!(emulator.p115().files(), []);
    is_there(&emulator, &Stage::of(client, &begun).put(&bytes(5000)), "a.bin", &bytes(5000));
}

#[test]
fn a_name_that_is_taken_meanwhile_gets_a_number() {
    let emulator = emulator();
    let client = client(&emulator);
    let begun = client.init("a.bin", &bytes(5000), &[]);
    emulator.p115().put_file("a.bin", b"theirs").expect("memory");
    is_there(&emulator, &Stage::of(client, &begun).put(&bytes(5000)), "a(1).bin", &bytes(5000));
}

#[test]
fn a_put_that_comes_again_is_a_switch() {
    let twice = |switch| {
        let emulator = with(|config| config.p115.switches.callback_again = switch);
        let client = client(&emulator);
        let stage = Stage::of(client, &client.init("a.bin", &bytes(5000), &[]));
        stage.put(&bytes(5000));
        let second = stage.put(&bytes(5000)).body["state"].clone();
        (second, emulator.p115().files().len())
    };
    assert_eq!(twice(CallbackAgain::Same), (json!(true), 1));
    assert_eq!(twice(CallbackAgain::Second), (json!(true), 2));
    assert_eq!(twice(CallbackAgain::Refuse), (json!(false), 1));
}

#[test]
fn a_callback_that_fails_is_203_and_the_object_stays() {
    for (fault, is_file) in [(Fault::Unavailable, false), (Fault::Garbage, false), (Fault::DropReply, true)] {
        let emulator = emulator();
        let client = client(&emulator);
        let stage = Stage::of(client, &client.init("a.bin", &bytes(5000), &[]));
        emulator.inject(Rule::once("callback", fault));
        let failed = stage.put(&bytes(5000));
        assert_eq!((failed.status, &failed.body), (203, &Value::Null));
        assert_eq!(emulator.p115().files().len(), usize::from(is_file));
        is_there(&emulator, &stage.put(&bytes(5000)), "a.bin", &bytes(5000));
    }
}

#[test]
fn a_refused_callback_and_a_wrong_size_reach_the_uploader() {
    let emulator = emulator();
    let client = client(&emulator);
    let stage = Stage::of(client, &client.init("a.bin", &bytes(5000), &[]));
    emulator.inject(Rule { path: Some("/a.*".to_owned()), ..Rule::once("callback", Fault::refuse(200, 10_002)) });
    is_10002(&stage.put(&bytes(5000)));
    emulator.inject(Rule::once("callback", Fault::WrongLength));
    assert_eq!(stage.put(&bytes(5000)).data()["file_size"], 4999);
}

#[test]
fn the_callbacks_answer_has_the_oddities_of_the_settings() {
    let emulator = with(|config| {
        config.p115.shape.numbers_as_texts = true;
        config.p115.shape.in_arrays = true;
    });
    let client = client(&emulator);
    let mut begun = client.init("a.bin", &bytes(5000), &[]);
    begun.body["data"] = begun.body["data"][0].take();
    begun.body["data"]["callback"] = begun.body["data"]["callback"][0].take();
    let key = client.get(GET_TOKEN, &[]).data()[0].clone();
    let answer = Stage::with_key(client, &begun, key).put(&bytes(5000));
    assert_eq!(answer.data()[0]["file_size"], "5000");
}

#[test]
fn a_task_another_process_began_is_finished_and_the_file_is_a_plain_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || {
        let config = tiny(|config| config.oss.limits.part_min = 1000);
        Emulator::new(config, Box::new(DiskStorage::open(folder.path()).expect("a folder"))).expect("an emulator")
    };
    let file = bytes(2500);
    let parts: Vec<&[u8]> = file.chunks(1000).collect();
    let emulator = open();
    let client = self::client(&emulator);
    let begun = client.init("a.bin", &file, &[("path", "x/y")]);
    let stage = Stage::of(client, &begun);
    let id = stage.initiate("sequential&uploads");
    assert_eq!(stage.part(&id, 1, parts[0]), 200);
    drop(emulator);

    let emulator = open();
    let client = self::client(&emulator);
    let resumed = client.resume(&file, &begun.text("pick_code"), &[]);
    let stage = Stage::of(client, &resumed);
    for number in [2, 3] {
        assert_eq!(stage.part(&id, number, parts[number - 1]), 200);
    }
    let done = stage.complete(&id, &parts);
    assert_eq!(done.body["state"], true, "{:?}", done.reply);
    assert_eq!(std::fs::read(folder.path().join("115/x/y/a.bin")).expect("a file"), file);
    drop(emulator);

    let emulator = open();
    self::client(&emulator).resume(&file, &begun.text("pick_code"), &[]).refuses(20_018);
    let answer = self::client(&emulator).at(2).get(GET_INFO, &[("path", "/x/y/a.bin")]);
    assert_eq!(answer.text("file_id"), done.text("file_id"));
    assert_eq!(answer.text("pick_code"), done.text("pick_code"));
}

#[test]
fn an_upload_where_no_byte_is_kept() {
    let emulator = Emulator::new(tiny(|_| {}), Box::new(NullStorage::new())).expect("an emulator");
    let client = client(&emulator);
    let file = bytes(5000);
    let answer = Stage::of(client, &client.init("a.bin", &file, &[])).put(&file);
    assert_eq!(answer.body["state"], true, "{:?}", answer.reply);
    let asked = client.init("b.bin", &file, &[]).challenge().expect("a challenge");
    let proof = |val: &str| client.init("b.bin", &file, &[("sign_key", &asked.key), ("sign_val", val)]).init_status();
    assert_eq!(proof("no SHA-1"), (8, 702));
    let asked = client.init("b.bin", &file, &[]).challenge().expect("a challenge");
    let believed = [("sign_key", asked.key.as_str()), ("sign_val", &sha1(b"anything"))];
    assert_eq!(client.init("b.bin", &file, &believed).init_status(), (2, 0));
}

#[test]
fn a_file_that_is_not_what_was_promised_is_taken_if_a_fault_makes_it() {
    let emulator = small_parts();
    let client = client(&emulator);
    let file = bytes(2500);
    let parts: Vec<&[u8]> = file.chunks(1000).collect();
    for (rules, takes) in [(1, false), (2, true)] {
        let stage = Stage::of(client, &client.init("a.bin", &file, &[]));
        let id = stage.initiate("sequential&uploads");
        parts.iter().enumerate().for_each(|(at, part)| assert_eq!(stage.part(&id, at + 1, part), 200));
        emulator.inject(Rule::any(Fault::OtherBytes).times(rules));
        let answer = stage.complete(&id, &parts);
        if takes {
            let there = emulator.p115().read_file("a.bin").expect("readable").expect("a file");
            assert_ne!(there, file);
            is_there(&emulator, &answer, "a.bin", &there);
        } else {
            is_10002(&answer);
        }
    }
}
