//! `upload/init` where no challenge comes into it.

use resumable_emulator::p115::{EmptyFile, InitAgain};
use serde_json::{Value, json};

use crate::client::*;

const PICK_CODE: &str = "the pick code";

/// The reference's two texts (§2.2), but for what is this task's own.
const CALLBACK: &str = r#"{"callbackUrl":"http:\/\/uplb.115.com\/3.0\/completeupload.php","callbackBody":"bucket=${bucket}&object=${object}&size=${size}&sha1=${sha1}&pick_code=${x:pick_code}&user_id=${x:user_id}&behavior_type=${x:behavior_type}&source=${x:source}&target=${x:target}&task_uid=${x:task_uid}"}"#;
const CALLBACK_VAR: &str = r#"{"x:pick_code":"the pick code","x:user_id":"100000001","x:behavior_type":"0","x:source":"100","x:target":"U_1_0","x:task_uid":"100000001"}"#;

#[test]
fn unknown_content_gets_a_task_an_object_and_a_callback() {
    let emulator = emulator();
    let answer = client(&emulator).init("示例 视频+1.mkv", &bytes(5000), &[]);
    assert_eq!(answer.init_status(), (1, 0));
    assert_eq!(answer.text("bucket"), "fhnfile");
    let (pick_code, object) = (answer.text("pick_code"), answer.text("object"));
    assert!(pick_code.len() == 24 && pick_code.starts_with("6955b900"), "{pick_code}");
    assert!(object.len() == 40 && object.bytes().all(|byte| byte.is_ascii_hexdigit()), "{object}");
    let texts = &answer.data()["callback"];
    assert_eq!(texts["callback"], CALLBACK);
    assert_eq!(texts["callback_var"].as_str().expect("text").replace(&pick_code, PICK_CODE), CALLBACK_VAR);
    assert_eq!((answer.text("sign_key"), answer.text("file_id")), (String::new(), String::new()));
    assert_eq!(answer.text("target"), "U_1_0");
}

#[test]
fn the_references_request_is_read() {
    let emulator = emulator();
    let folder = emulator.p115().put_folder("/videos").expect("memory");
    let body = format!(
        "file_name=%E7%A4%BA%E4%BE%8B+%E8%A7%86%E9%A2%91%2B1.mkv&file_size=300000&target=U_1_{folder}\
         &fileid=4EC42555F6A50309CCDB22AE377A2759856C0231&preid=564E3CEA4A332298880258B2896477CE725866E4&topupload=0"
    );
    let request = request("POST", INIT, Some(ACCESS), "application/x-www-form-urlencoded", body);
    let answer = client(&emulator).send(request);
    assert_eq!(answer.init_status(), (1, 0));
    let entry = emulator.log().pop().expect("an entry");
    assert_eq!((entry.op.as_str(), entry.path.as_str()), ("upload/init", INIT));
}

#[test]
fn each_init_has_a_task_and_an_object_of_its_own() {
    let emulator = emulator();
    let client = client(&emulator);
    let first = client.init("a", &bytes(5), &[]);
    let again = client.init("a", &bytes(5), &[("pick_code", &first.text("pick_code"))]);
    assert_ne!(first.text("object"), again.text("object"));
    assert_ne!(first.text("pick_code"), again.text("pick_code"));
}

#[test]
fn an_init_that_names_its_task_may_get_it_again() {
    let emulator = with(|config| config.p115.switches.init_again = InitAgain::Same);
    let client = client(&emulator);
    let first = client.init("a", &bytes(5), &[]);
    let code = first.text("pick_code");
    let object = |answer: Answer| answer.text("object");
    assert_eq!(object(client.init("a", &bytes(5), &[("pick_code", &code)])), first.text("object"));
    for other in [
        client.init("b", &bytes(5), &[("pick_code", &code)]),
        client.init("a", &bytes(6), &[("pick_code", &code)]),
        client.init("a", &bytes(5), &[]),
        client.init("a", &bytes(5), &[("pick_code", "nobody's")]),
    ] {
        assert_ne!(object(other), first.text("object"));
    }
}

#[test]
fn short_content_that_is_known_is_there_at_once() {
    let emulator = emulator();
    emulator.p115().put_file("/theirs.bin", &bytes(999)).expect("memory");
    let answer = client(&emulator).init("mine.bin", &bytes(999), &[("fileid", &sha1(&bytes(999)).to_lowercase())]);
    assert_eq!(answer.init_status(), (2, 0));
    assert_eq!(emulator.p115().read_file("mine.bin").expect("memory"), Some(bytes(999)));
    let files = emulator.p115().files();
    assert_eq!(files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["/mine.bin", "/theirs.bin"]);
    assert_eq!(
        (answer.text("file_id"), answer.text("pick_code")),
        (files[0].file_id.clone(), files[0].pick_code.clone())
    );
    assert_eq!(files[0].sha1.as_deref(), Some(sha1(&bytes(999)).as_str()));
    // The same digest with another length is none of it.
    assert_eq!(client(&emulator).init("mine", &bytes(999), &[("file_size", "998")]).init_status(), (1, 0));
}

#[test]
fn instant_uploads_can_be_switched_off() {
    let emulator = with(|config| config.p115.switches.instant_upload = false);
    emulator.p115().put_file("/theirs.bin", &bytes(2000)).expect("memory");
    for length in [999, 2000] {
        assert_eq!(client(&emulator).init("mine.bin", &bytes(length), &[]).init_status(), (1, 0));
    }
}

#[test]
fn an_empty_file_is_there_at_once_or_has_to_be_put() {
    let emulator = emulator();
    assert_eq!(client(&emulator).init("empty", b"", &[]).init_status(), (2, 0));
    assert_eq!(emulator.p115().read_file("empty").expect("memory"), Some(Vec::new()));
    let emulator = with(|config| config.p115.switches.empty_file = EmptyFile::Bytes);
    assert_eq!(client(&emulator).init("empty", b"", &[]).init_status(), (1, 0));
    assert_eq!(emulator.p115().files(), []);
    let emulator = self::emulator();
    let wrong = client(&emulator).init("empty", b"", &[("fileid", &sha1(b"x"))]);
    assert_eq!(wrong.init_status(), (1, 0), "no digest of nothing");
}

#[test]
fn what_is_missing_or_wrong_is_990002() {
    let emulator = emulator();
    let client = client(&emulator);
    let good = [("file_name", "a"), ("file_size", "1"), ("target", "U_1_0"), ("fileid", &sha1(b"a"))];
    client.post(INIT, &good).succeeds();
    for (index, (name, _)) in good.iter().enumerate() {
        let mut fields = good.to_vec();
        fields[index] = (name, "");
        client.post(INIT, &fields).refuses(990_002);
        fields.remove(index);
        client.post(INIT, &fields).refuses(990_002);
    }
    for (name, value) in [
        ("file_size", "-1"),
        ("file_size", "+1"),
        ("file_size", "1.0"),
        ("file_size", "18446744073709551616"),
        ("target", "U_2_0"),
        ("target", "U_1_"),
        ("target", "U_1_x"),
        ("target", "S_1_0"),
        ("target", "0"),
        ("fileid", "ABC"),
        ("fileid", &"G".repeat(40)),
        ("topupload", "3"),
    ] {
        client.init("a", b"a", &[(name, value)]).refuses(990_002);
    }
    client.init("a", b"a", &[("target", "U_1_2000000000000000001")]).refuses(10_014);
    for value in ["0", "1", "2", "-1", ""] {
        client.init("a", b"a", &[("topupload", value)]).succeeds();
    }
}

#[test]
fn empty_fields_are_as_good_as_none() {
    let emulator = emulator();
    emulator.p115().put_file("theirs", &bytes(2000)).expect("memory");
    let empty = ["preid", "pick_code", "topupload", "sign_key", "sign_val", "path"].map(|name| (name, ""));
    let answer = client(&emulator).init("mine", &bytes(2000), &empty);
    assert_eq!(answer.init_status(), (7, 701));
}

#[test]
fn names_are_refused_as_the_settings_say() {
    let emulator = emulator();
    let client = client(&emulator);
    for name in ["a/b", "a\\b", "a:b", "what?", "a*", "\"", "<", ">", "|", ".", "..", "a\nb", &"x".repeat(256)] {
        client.init(name, b"a", &[]).refuses(990_002);
        client.post(FOLDER_ADD, &[("pid", "0"), ("file_name", name)]).refuses(990_002);
    }
    assert_eq!(client.init(&"x".repeat(255), b"a", &[]).init_status(), (1, 0));
    let emulator = with(|config| {
        config.p115.names.forbidden = "€".to_owned();
        config.p115.names.longest = 10;
        config.p115.names.code = 20_003;
    });
    let client = self::client(&emulator);
    client.init("a€", b"a", &[]).refuses(20_003);
    client.init("elevenbytes", b"a", &[]).refuses(20_003);
    assert_eq!(client.init("what?", b"a", &[]).init_status(), (1, 0));
    client.init("..", b"a", &[]).refuses(20_003);
}

#[test]
fn limits_of_length_and_space() {
    let emulator = with(|config| {
        config.p115.limits.max_file = Some(100);
        config.p115.limits.space = Some(150);
    });
    let client = client(&emulator);
    client.init("a", &bytes(101), &[]).refuses(990_002);
    client.init("a", &bytes(100), &[]).succeeds();
    emulator.p115().put_file("theirs", &bytes(51)).expect("memory");
    client.init("a", &bytes(100), &[]).refuses(91_005);
    client.init("a", &bytes(99), &[]).succeeds();
}

#[test]
fn a_relative_path_makes_folders_below_the_target() {
    let emulator = emulator();
    emulator.p115().put_file("theirs", &bytes(9)).expect("memory");
    let answer = client(&emulator).init("mine", &bytes(9), &[("path", "/x/y/")]);
    assert_eq!(answer.init_status(), (2, 0));
    assert_eq!(emulator.p115().read_file("x/y/mine").expect("memory"), Some(bytes(9)));
    client(&emulator).init("mine", &bytes(9), &[("path", "x/../y")]).refuses(990_002);
    client(&emulator).init("mine", &bytes(9), &[("path", "theirs/y")]).refuses(20_004);
}

#[test]
fn a_multipart_form_is_as_good() {
    let emulator = emulator();
    let fields = [("file_name", "示例 +1.mkv"), ("file_size", "1"), ("target", "U_1_0"), ("fileid", &sha1(b"a"))];
    let mut body = String::new();
    for (name, value) in fields {
        let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.push_str(&part);
    }
    let end = format!("--{BOUNDARY}--\r\n");
    body.push_str(&end);
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let send = |body: &str| client(&emulator).send(request("POST", INIT, Some(ACCESS), &kind, body.to_owned()));
    assert_eq!(send(&body).init_status(), (1, 0));
    send(&body[..body.len() - 9]).refuses(990_002);
}

#[test]
fn bodies_of_other_kinds_and_methods_are_refused() {
    let emulator = emulator();
    let client = client(&emulator);
    let json = json!({ "file_name": "a" }).to_string();
    client.send(request("POST", INIT, Some(ACCESS), "application/json", json)).refuses(990_002);
    for body in ["file_name=%FF", "a=1&a=2", &format!("a={}", "x".repeat(70_000)), &"a&".repeat(100)] {
        let body = body.to_owned();
        client.send(request("POST", INIT, Some(ACCESS), "application/x-www-form-urlencoded", body)).refuses(990_002);
    }
    for (method, path) in [("GET", INIT), ("POST", GET_TOKEN), ("PUT", RESUME), ("GET", "/open/none"), ("POST", STATUS)]
    {
        let answer = client.send(request(method, path, Some(ACCESS), "", ""));
        assert_eq!((answer.status, &answer.body), (404, &Value::Null), "{method} {path}");
    }
}
