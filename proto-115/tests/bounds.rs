//! What is taken of an answer, and what is not: texts and numbers at and beside their bounds, and each field in each shape.

mod far;

use std::time::Duration;

use bytes::Bytes;
use far::{says, success};
use http::Response;
use resumable_core::{Answer, HashKind, Located, Lookup, Observed, Told};
use resumable_proto_115::get_info::Info;
use resumable_proto_115::init::Announced;
use resumable_proto_115::*;
use serde_json::{Value, json};

fn info(data: &Value) -> Option<Info> {
    get_info::decode(&success(data)).ok().flatten()
}

fn instant(data: &Value) -> (Option<String>, Option<String>) {
    match init::decode(&success(data)).unwrap() {
        Announced::Instant { file_id, file_name } => (file_id, file_name),
        other => panic!("{other:?}"),
    }
}

fn task(data: &Value) -> bool {
    let mut fields = json!({"status": 1, "pick_code": "p", "bucket": "b", "object": "o",
        "callback": {"callback": "{}", "callback_var": "{}"}});
    fields.as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
    matches!(init::decode(&success(&fields)), Ok(Announced::Wanted(_)))
}

/// What goes into a form and a checkpoint is short, printable and ASCII.
#[test]
fn names_of_the_vendors_are_bounded() {
    let longest = "a".repeat(256);
    for (text, taken) in [
        (json!("a"), true),
        (json!(longest), true),
        (json!(longest.clone() + "a"), false),
        (json!("~!"), true),
        (json!("a b"), false),
        (json!("a\n"), false),
        (json!("ä"), false),
        (json!(""), false),
        (json!(7), true),
        (json!(-7), true),
        (json!(7.5), false),
        (json!(true), false),
        (json!(null), false),
        (json!(["a"]), false),
    ] {
        let expected = text.as_str().map_or_else(|| text.to_string(), str::to_owned);
        let expected = taken.then_some(expected);
        assert_eq!(instant(&json!({"status": 2, "file_id": text})).0, expected, "{text}");
        assert_eq!(info(&json!({"file_id": text, "sha1": ""})).map(|info| info.file_id), expected, "{text}");
        for field in ["bucket", "object", "pick_code"] {
            assert_eq!(task(&json!({field: text})), taken, "{field} {text}");
        }
    }
}

#[test]
fn a_files_name_is_any_text_of_its_length() {
    for (len, taken) in [(1, true), (1020, true), (1021, false), (4096, false)] {
        let name = "a".repeat(len);
        let expected = taken.then(|| name.clone());
        assert_eq!(instant(&json!({"status": 2, "file_name": name})).1, expected, "{len}");
        assert_eq!(info(&json!({"file_id": "7", "file_name": name})).unwrap().file_name, expected, "{len}");
    }
    assert_eq!(instant(&json!({"status": 2, "file_name": "示例 视频"})).1.as_deref(), Some("示例 视频"));
}

#[test]
fn callbacks_are_one_line_of_a_bounded_length() {
    let with = |text: String| {
        let both = |a: &str, b: &str| task(&json!({"callback": {"callback": a, "callback_var": b}}));
        assert_eq!(both(&text, "{}"), both("{}", &text));
        both(&text, "{}")
    };
    for (text, taken) in [
        ("x".repeat(3072), true),
        ("x".repeat(3073), false),
        ("a\nb".to_owned(), false),
        ("a\0b".to_owned(), false),
        ("示".to_owned(), true),
        (String::new(), false),
    ] {
        assert_eq!(with(text.clone()), taken, "{}", text.len());
    }
    assert!(task(&json!({"callback": [{"callback": "{}", "callback_var": "{}"}]})));
    assert!(!task(&json!({"callback": [{"callback": "{}", "callback_var": "{}"}, {}]})));
}

#[test]
fn keys_and_tokens_are_texts_of_a_bounded_length() {
    let keys = |len: usize| {
        get_token::decode(&success(&json!({"endpoint": "h", "AccessKeyId": "i",
            "AccessKeySecret": "s", "SecurityToken": "t".repeat(len)})))
        .is_ok()
    };
    assert_eq!([1, 4096, 4097].map(keys), [true, true, false]);
    assert!(!keys(0));
    for missing in ["endpoint", "AccessKeyId", "AccessKeySecret", "SecurityToken"] {
        let mut fields = json!({"endpoint": "h", "AccessKeyId": "i", "AccessKeySecret": "s", "SecurityToken": "t"});
        fields.as_object_mut().unwrap().remove(missing);
        let refused = get_token::decode(&success(&fields)).unwrap_err();
        assert_eq!(refused.fault, Fault::Incomplete { op: Op::GetToken, missing });
    }
}

#[test]
fn keys_are_shown_by_where_they_lead_alone() {
    let keys = get_token::decode(&success(&json!({"endpoint": "h", "AccessKeyId": "idcanary",
        "AccessKeySecret": "secretcanary", "SecurityToken": "tokencanary"})));
    assert_eq!(format!("{:?}", keys.unwrap()), r#"StorageToken { endpoint: "h", expiration: None, .. }"#);
}

#[test]
fn an_answer_is_read_up_to_its_bound() {
    let body = |len: usize| {
        let text = r#"{"state":true,"code":0,"data":{"status":2}}"#;
        says(200, &format!("{text}{}", " ".repeat(len - text.len())))
    };
    assert!(init::decode(&body(1 << 20)).is_ok());
    let refused = init::decode(&body((1 << 20) + 1)).unwrap_err();
    assert!(matches!(refused.fault, Fault::Unreadable { .. }), "{refused:?}");
}

/// Any one of these names makes JSON an answer of 115's; without them it is somebody else's.
#[test]
fn an_envelope_is_known_by_its_names() {
    for name in ["state", "code", "errno", "errNo", "ErrorMessage"] {
        let refused = init::decode(&says(200, &json!({name: "9"}).to_string())).unwrap_err();
        assert!(matches!(refused.fault, Fault::Vendor { .. }), "{name}: {refused:?}");
    }
    for other in [r#"{"message":"x"}"#, r#"{"data":{}}"#, "{}", "[]", "7", "\"state\""] {
        let refused = init::decode(&says(200, other)).unwrap_err();
        assert!(matches!(refused.fault, Fault::Unreadable { .. }), "{other}: {refused:?}");
    }
}

#[test]
fn the_first_message_that_says_something_is_told() {
    let told = |json: Value| match init::decode(&says(200, &json.to_string())).unwrap_err().fault {
        Fault::Vendor { message, code, .. } => (message, code),
        other => panic!("{other:?}"),
    };
    for (json, message, code) in [
        (json!({"state": false, "code": 9, "message": "m", "error": "e"}), "m", 9),
        (json!({"state": false, "code": 9, "message": "", "error": "e"}), "e", 9),
        (json!({"state": false, "errno": 9, "error_msg": "f"}), "f", 9),
        (json!({"state": false, "code": 0, "errno": 8, "errNo": 9}), "", 8),
        (json!({"state": false, "errNo": 9, "ErrorMessage": "g"}), "g", 9),
        (json!({"state": false, "code": "x", "message": "770004"}), "770004", 770_004),
        (json!({"state": "TRUE", "code": -1}), "", -1),
    ] {
        assert_eq!(told(json.clone()), (message.to_owned(), code), "{json}");
    }
    assert!(init::decode(&says(200, r#"{"state":"TRUE","data":{"status":2}}"#)).is_ok());
}

/// No code and no words are throttling, unless the server says that it failed; so is the storage's word for it.
#[test]
fn silence_is_throttling() {
    let throttled = |status, body: &str| init::decode(&says(status, body)).unwrap_err().advice == codes::throttled();
    for (status, body, expected) in [
        (200, r#"{"state":false,"code":0,"message":"0"}"#, true),
        (404, r#"{"state":false,"code":0,"message":""}"#, true),
        (500, r#"{"state":false,"code":0,"message":""}"#, false),
        (200, r#"{"state":false,"code":4242,"message":""}"#, false),
        (200, r#"{"state":false,"code":4242,"message":"0"}"#, false),
        (200, r#"{"state":false,"code":0,"message":"m"}"#, false),
        (500, r#"{"state":false,"code":4242,"message":"Throttling.Api"}"#, true),
        (429, r#"{"state":false,"code":4242,"message":"m"}"#, true),
        (403, "", true),
        (403, "{", true),
        (401, "{", false),
        (404, "{", false),
        (404, "<html>", true),
        (413, "<html>", false),
        (503, "<html>", false),
    ] {
        assert_eq!(throttled(status, body), expected, "{status} {body}");
    }
}

#[test]
fn a_file_or_a_folder_is_read_in_each_shape() {
    let of = |data: Value| info(&data).unwrap();
    for (data, is_folder) in [
        (json!({"file_id": "7", "file_category": "0"}), true),
        (json!({"file_id": "7", "file_category": 1, "sha1": ""}), false),
        (json!({"file_id": "7", "file_category": 0, "sha1": "AB"}), true),
        (json!({"file_id": "7"}), true),
        (json!({"file_id": "7", "sha1": ""}), true),
        (json!({"file_id": "7", "sha1": "ab"}), false),
    ] {
        assert_eq!(of(data.clone()).is_folder, is_folder, "{data}");
    }
    for (data, size) in [
        (json!({"file_id": "7", "size_byte": 5, "size": 6}), Some(5)),
        (json!({"file_id": "7", "size_byte": " 5 "}), Some(5)),
        (json!({"file_id": "7", "size": "6"}), Some(6)),
        (json!({"file_id": "7", "size": "6KB"}), None),
        (json!({"file_id": "7", "size_byte": -1}), None),
    ] {
        assert_eq!(of(data.clone()).size, size, "{data}");
    }
    for (utime, expected) in [(json!(1), Some(1)), (json!("9"), Some(9)), (json!(0), None), (json!("x"), None)] {
        assert_eq!(of(json!({"file_id": "7", "utime": utime})).utime, expected.map(Duration::from_secs), "{utime}");
    }
    for (paths, above) in [
        (json!([{"file_id": 0, "file_name": "r"}]), Some(vec![])),
        (json!([{"file_id": "0"}, {"file_id": 5, "file_name": "a"}]), Some(vec!["a"])),
        (json!([{"file_id": 5, "file_name": "a"}]), None),
        (json!([{"file_id": 0}, {"file_id": 5}]), None),
        (json!([]), None),
        (json!("x"), None),
    ] {
        let names = of(json!({"file_id": "7", "paths": paths})).above;
        assert_eq!(names, above.map(|names| names.into_iter().map(str::to_owned).collect()), "{paths}");
    }
}

#[test]
fn what_is_found_is_what_can_be_compared() {
    let lookup = at("me", "/x").unwrap().lookup().unwrap();
    let found = |data: Value| {
        let answer = Answer { response: success(&data), observed: Observed::none() };
        match lookup.decode(&lookup.first(), &answer).unwrap() {
            Told::Found(found) => found,
            other => panic!("{other:?}"),
        }
    };
    let sha1 = "4ec42555f6a50309ccdb22ae377a2759856c0231";
    let file = found(json!({"file_id": "7", "file_category": 1, "file_name": "n", "sha1": sha1, "size": 5}));
    assert_eq!((file.len, file.is_folder, file.name.as_deref()), (Some(5), false, Some("n")));
    assert_eq!(file.digest(HashKind::Sha1).map(resumable_core::Digest::to_hex).as_deref(), Some(sha1));
    for odd in ["4ec4", "zz", ""] {
        let file = found(json!({"file_id": "7", "file_category": 1, "sha1": odd}));
        assert!(file.digest(HashKind::Sha1).is_none(), "{odd}");
    }
    let folder = found(json!({"file_id": "7", "file_category": 0, "size": 5}));
    assert_eq!((folder.len, folder.is_folder, folder.id.as_deref()), (None, true, Some("7")));
}

/// Of each separator and each odd name.
#[test]
fn names_of_a_target_are_checked_one_by_one() {
    let longest = "a".repeat(1020);
    for (name, good) in [
        ("a", true),
        ("...", true),
        (".a", true),
        (&longest, true),
        ("示", true),
        ("a>b", true),
        ("", false),
        (".", false),
        ("..", false),
        ("a\n", false),
        ("a\u{7f}", false),
        (&(longest.clone() + "a"), false),
    ] {
        assert_eq!(format!("7:{name}").parse::<Target>().is_ok(), good, "{name:?}");
        let folder = name != "a>b" && good;
        assert_eq!(format!("/{name}/x").parse::<Target>().is_ok(), folder, "{name:?}");
    }
    assert!(format!("{}/x", "/a".repeat(24)).parse::<Target>().is_ok());
    for (id, good) in [("0", true), ("12345678901234567890", true), ("123456789012345678901", false), ("", false)] {
        assert_eq!(FolderId::new(id).is_ok(), good, "{id}");
    }
}

fn echo(text: &str) -> Response<Bytes> {
    says(200, &json!({"state": false, "code": 4242, "message": text}).to_string())
}

/// What is as long as a secret may be one.
#[test]
fn words_that_are_as_long_as_a_secret_are_not_shown() {
    let told = |len: usize| init::decode(&echo(&"a".repeat(len))).unwrap_err().fault.to_string();
    assert!(told(27).contains(&"a".repeat(27)), "{}", told(27));
    assert!(!told(28).contains(&"a".repeat(28)), "{}", told(28));
}
