//! What strict open clients of 115 read: ids, counts and empty answers of the types that they declare.

use resumable_emulator::RepeatedField;
use resumable_emulator::p115::{NumberForm, Waiting};
use serde_json::{Value, json};

use crate::client::*;

/// A file in a folder of a folder, and its id.
fn deep(client: Client<'_>) -> String {
    let folder = |pid: &str, name: &str| client.post(FOLDER_ADD, &[("pid", pid), ("file_name", name)]).text("file_id");
    let inner = folder(&folder("0", "a"), "b c");
    let empty = client.init("f.bin", b"", &[("target", &format!("U_1_{inner}"))]);
    assert_eq!(empty.init_status().0, 2);
    empty.text("file_id")
}

#[test]
fn field_bug_83_a_log_in_that_nobody_scanned_answers_an_object() {
    assert_eq!(waiting(client(&emulator())), json!({}));
}

/// The first poll of a log-in.
fn waiting(client: Client<'_>) -> Value {
    let challenge = "3b35vdKqc6fflV3Ky/E+PRuaNfdbmtl9hLLP4R78T/M=";
    let method = ("code_challenge_method", "sha256");
    let begun = client.passport(AUTH, &[("client_id", "emulator-app"), ("code_challenge", challenge), method]);
    let (uid, sign) = (begun.grants().text("uid"), begun.text("sign"));
    let time = begun.data()["time"].to_string();
    let poll = format!("{STATUS}?{}", encoded(&[("uid", &uid), ("time", &time), ("sign", &sign)]));
    client.send(request("GET", &poll, None, "", "")).grants().data().clone()
}

#[test]
fn field_bug_83_the_types_of_before_are_a_choice_of_shape() {
    let emulator = with(|config| {
        config.p115.shape.waiting = Waiting::Array;
        config.p115.shape.path_ids = NumberForm::Number;
        config.p115.shape.count = NumberForm::Text;
    });
    let client = client(&emulator);
    assert_eq!(waiting(client), json!([]));
    let file = deep(client);
    let info = client.at(9).get(GET_INFO, &[("file_id", &file)]);
    assert_eq!(json!([info.data()["paths"][0]["file_id"], info.data()["count"]]), json!([0, "1"]));
}

#[test]
fn field_bug_83_ids_are_texts_and_counts_are_numbers() {
    let emulator = emulator();
    let client = client(&emulator);
    let file = deep(client);
    let later = client.at(9);
    let info = later.get(GET_INFO, &[("file_id", &file)]);
    let data = info.succeeds().data();
    let names: Vec<&Value> = data["paths"].as_array().expect("folders").iter().map(|it| &it["file_name"]).collect();
    assert_eq!(names[1..], [&json!("a"), &json!("b c")]);
    for folder in data["paths"].as_array().expect("folders") {
        let id = folder["file_id"].as_str().unwrap_or_else(|| panic!("no text: {folder}"));
        later.get(GET_INFO, &[("file_id", id)]).succeeds();
    }
    let root = later.get(GET_INFO, &[("file_id", "0")]);
    for (info, count, folders) in [(data, 1, 0), (root.succeeds().data(), 0, 1)] {
        assert_eq!(json!([info["count"], info["folder_count"]]), json!([count, folders]));
        for text in ["file_id", "file_name", "size", "sha1", "pick_code", "file_category", "ptime", "utime", "is_mark"]
        {
            assert!(info[text].is_string(), "{text} in {info}");
        }
        for number in ["open_time", "play_long", "show_play_long", "size_byte"] {
            assert!(info[number].is_u64(), "{number} in {info}");
        }
    }
}

#[test]
fn field_bug_83_a_path_may_be_written_with_either_separator() {
    let emulator = emulator();
    let client = client(&emulator);
    let file = deep(client);
    for path in ["/a/b c/f.bin", ">a>b c>f.bin", "/a>b c/f.bin", "a>b c>f.bin"] {
        let info = client.at(9).post(GET_INFO, &[("path", path)]);
        assert_eq!(info.succeeds().data()["file_id"], json!(file), "{path}");
        assert_eq!(client.at(9).get(GET_INFO, &[("path", path)]).data(), info.data());
        assert_eq!(emulator.log().last().expect("an entry").status, 200);
    }
    for root in ["/", ">"] {
        assert_eq!(client.post(GET_INFO, &[("path", root)]).succeeds().data()["file_id"], json!("0"), "{root}");
    }
    assert_eq!(client.at(9).post(GET_INFO, &[("path", ">a>f.bin")]).succeeds().data(), &json!([]));
}

/// The same number stands in a list of files, where `cid` is one.
#[test]
fn field_bug_83_a_list_names_its_folders_by_numbers() {
    let emulator = emulator();
    let client = client(&emulator);
    deep(client);
    let list = client.at(9).get(FILES, &[("cid", "0"), ("show_dir", "1")]);
    assert_eq!(list.succeeds().body["path"], json!([{ "name": "根目录", "cid": 0, "aid": 1 }]));
}

#[test]
fn field_bug_85_a_field_given_twice_is_a_switch() {
    let names = |switch| {
        let emulator = with(|config| config.p115.switches.repeated_field = switch);
        let client = client(&emulator);
        let twice = client.post(FOLDER_ADD, &[("pid", "0"), ("file_name", "first"), ("file_name", "last")]);
        (twice.body["code"].clone(), twice.data()["file_name"].clone())
    };
    assert_eq!(names(RepeatedField::Refuse).0, 990_002);
    assert_eq!(names(RepeatedField::First), (json!(0), json!("first")));
    assert_eq!(names(RepeatedField::Last), (json!(0), json!("last")));
}
