//! The requests of an upload, byte for byte, and the answers, as the vendor's pages and clients show them.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use resumable_core::{Body, Digest, HashKind, Hasher, Segment};
use resumable_proto_115::folder_add::Added;
use resumable_proto_115::get_info::{Info, Question};
use resumable_proto_115::init::{Announced, Challenge, Init, Proof};
use resumable_proto_115::resume::{Resume, Resumed};
use resumable_proto_115::*;

const CALLBACK: &str = r#"{"callbackUrl":"http:\/\/uplb.115.com\/3.0\/completeupload.php","callbackBody":"bucket=${bucket}&object=${object}&size=${size}&sha1=${sha1}&pick_code=${x:pick_code}&user_id=${x:user_id}&behavior_type=${x:behavior_type}&source=${x:source}&target=${x:target}&task_uid=${x:task_uid}"}"#;
const CALLBACK_VAR: &str = r#"{"x:pick_code":"695584801b2c3d4e5f607182","x:user_id":"100000001","x:behavior_type":"0","x:source":"100","x:target":"U_1_2900000000000000001","x:task_uid":"100000001"}"#;

/// The file of the vectors: byte i is i mod 251.
fn digest(range: Range<u64>) -> Digest {
    let bytes: Vec<u8> = range.map(|at| u8::try_from(at % 251).unwrap()).collect();
    let mut hasher = Hasher::new(HashKind::Sha1).unwrap();
    hasher.update(&bytes);
    hasher.finish()
}

fn token() -> AccessToken {
    AccessToken::new("emu-access-0002").unwrap()
}

fn folder() -> FolderId {
    FolderId::new("2900000000000000001").unwrap()
}

fn says(body: impl Into<String>) -> Response<Bytes> {
    Response::new(Bytes::from(body.into()))
}

fn text(request: &Request<Body>) -> String {
    let text = |segment: &Segment| match segment {
        Segment::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Segment::Source(_) => panic!("115's own calls carry no content"),
    };
    request.body().segments().iter().map(text).collect()
}

fn init(proof: Option<Proof<'_>>) -> Request<Body> {
    let (folder, fileid, preid) = (folder(), digest(0..300_000), digest(0..131_072));
    let file_name = "示例 视频+1.mkv";
    let message = Init { file_name, file_size: 300_000, folder: &folder, fileid: &fileid, preid: &preid, proof };
    resumable_proto_115::init::encode(&Site::default(), &message, &token())
}

const ROUND_1: &str = "file_name=%E7%A4%BA%E4%BE%8B+%E8%A7%86%E9%A2%91%2B1.mkv&file_size=300000\
                       &target=U_1_2900000000000000001&fileid=4EC42555F6A50309CCDB22AE377A2759856C0231\
                       &preid=564E3CEA4A332298880258B2896477CE725866E4&topupload=0";

#[test]
fn init_is_that_of_the_example() {
    let request = init(None);
    assert_eq!(
        (request.method(), request.uri().to_string().as_str()),
        (&Method::POST, "https://proapi.115.com/open/upload/init")
    );
    assert_eq!(request.headers()["authorization"], "Bearer emu-access-0002");
    assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(text(&request), ROUND_1);
}

#[test]
fn a_proof_is_the_inclusive_range_in_upper_case() {
    for (sign_check, range, sign_val) in [
        ("1000-1150", 1000..1151, "FA6FA3BE5972C33BDB627AC7B5B338C506C0EA48"),
        ("0-0", 0..1, "5BA93C9DB0CFF93F52B521D7420E43F6EDA2784F"),
        ("299999-299999", 299_999..300_000, "C1DFD96EEA8CC2B62785275BCA38AC261256E278"),
        ("131000-131200", 131_000..131_201, "6EF03A85893632B2D2DD6146FA46991A4A3D11D8"),
        ("0-299999", 0..300_000, "4EC42555F6A50309CCDB22AE377A2759856C0231"),
    ] {
        let key = "6A1B2C3D4E5F60718293A4B5C6D7E8F901234567";
        let body = format!(
            r#"{{"state":true,"message":"","code":0,"data":{{"code":701,"pick_code":"695584801b2c3d4e5f607182","status":7,"sign_key":"{key}","sign_check":"{sign_check}","target":"U_1_2900000000000000001","callback":[]}}}}"#
        );
        let Ok(Announced::Challenged(challenge)) = resumable_proto_115::init::decode(&says(body)) else {
            panic!("{sign_check}")
        };
        assert_eq!(challenge.range, range);
        let proof = Proof { challenge: &challenge, sign_val: &digest(range) };
        let expected = format!("{ROUND_1}&pick_code=695584801b2c3d4e5f607182&sign_key={key}&sign_val={sign_val}");
        assert_eq!(text(&init(Some(proof))), expected, "{sign_check}");
    }
}

#[test]
fn the_digests_are_those_of_the_vectors() {
    assert_eq!(digest(0..1000).to_hex().to_uppercase(), "C9C960A0B925474FAB83942CC27D504FC24AC37B");
    assert_eq!(digest(0..0).to_hex().to_uppercase(), "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709");
    assert_ne!(digest(1000..1151), digest(1000..1150), "the last byte counts");
}

fn task() -> Task {
    Task {
        pick_code: "695584801b2c3d4e5f607182".to_owned(),
        bucket: "emubucket".to_owned(),
        object: "69558480a1b2c3d4e5f60718293a4b5c6d7e8f90".to_owned(),
        callback: CALLBACK.to_owned(),
        callback_var: CALLBACK_VAR.to_owned(),
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// The members of `data` that say where to.
fn place(callback: &str) -> String {
    format!(
        r#""pick_code":"695584801b2c3d4e5f607182","target":"U_1_2900000000000000001","bucket":"emubucket","object":"69558480a1b2c3d4e5f60718293a4b5c6d7e8f90","callback":{callback}"#
    )
}

fn callback() -> String {
    format!(r#"{{"callback":{},"callback_var":{}}}"#, quoted(CALLBACK), quoted(CALLBACK_VAR))
}

fn announced(data: &str) -> Result<Announced, Refused> {
    resumable_proto_115::init::decode(&says(format!(r#"{{"state":true,"message":"","code":0,"data":{data}}}"#)))
}

#[test]
fn wanted_bytes_come_with_a_place_and_a_callback_byte_for_byte() {
    for data in [
        format!(r#"{{"status":1,"sign_key":"","sign_check":"","file_id":"",{}}}"#, place(&callback())),
        format!(r#"{{"status":"1",{}}}"#, place(&format!("[{}]", callback()))),
        format!(r#"[{{"status":1,"version":"v1",{}}}]"#, place(&callback())),
        format!(r#"{{"status":1,"sign_key":"ECHO","sign_check":"0-1",{}}}"#, place(&callback())),
    ] {
        assert_eq!(announced(&data).unwrap(), Announced::Wanted(task()), "{data}");
    }
}

#[test]
fn field_bug_26_an_instant_upload_has_no_callback_in_any_shape() {
    for callback in ["[]", "{}", "null", r#""""#] {
        let data = format!(
            r#"{{"pick_code":"emufinalpickcode01","status":2,"sign_key":"","sign_check":"","file_id":"3000000000000000001","target":"U_1_2900000000000000001","bucket":"","object":"","callback":{callback}}}"#
        );
        assert_eq!(
            announced(&data).unwrap(),
            Announced::Instant { file_id: Some("3000000000000000001".to_owned()), file_name: None }
        );
    }
    let number = announced(r#"{"status":"2","file_id":3000000000000000001,"file_name":"x(1)"}"#).unwrap();
    let (file_id, file_name) = (Some("3000000000000000001".to_owned()), Some("x(1)".to_owned()));
    assert_eq!(number, Announced::Instant { file_id, file_name });
    assert_eq!(announced(r#"{"status":2}"#).unwrap(), Announced::Instant { file_id: None, file_name: None });
}

#[test]
fn the_key_tells_of_a_challenge_and_not_the_number() {
    for status in ["6", "7", "8", "\"7\"", "99", "null"] {
        let data = format!(r#"{{"status":{status},"sign_key":"K","sign_check":"3-9","callback":[]}}"#);
        let challenge = Challenge { sign_key: "K".to_owned(), range: 3..10, pick_code: None };
        assert_eq!(announced(&data).unwrap(), Announced::Challenged(challenge), "{status}");
    }
}

#[test]
fn what_says_too_little_is_no_announcement() {
    for data in [
        "[]".to_owned(),
        "null".to_owned(),
        "{}".to_owned(),
        r#"{"status":7,"sign_key":"K","sign_check":""}"#.to_owned(),
        r#"{"status":7,"sign_key":"K","sign_check":"5-4"}"#.to_owned(),
        r#"{"status":7,"sign_key":"K","sign_check":"0_9"}"#.to_owned(),
        r#"{"status":7,"sign_key":"K","sign_check":"0-18446744073709551615"}"#.to_owned(),
        r#"{"status":7,"sign_key":"a b","sign_check":"0-1"}"#.to_owned(),
        format!(r#"{{"status":1,{}}}"#, place("[]")),
        format!(r#"{{"status":1,{}}}"#, place(r#"{"callback":"{}","callback_var":""}"#)),
        format!(r#"{{"status":1,{}}}"#, place(&format!(r#"{{"callback":"{}","callback_var":"x"}}"#, "x".repeat(3073)))),
    ] {
        assert!(announced(&data).is_err(), "{data}");
    }
    let disbelieved = announced(r#"{"status":6,"sign_key":"","sign_check":""}"#);
    assert!(matches!(disbelieved, Ok(Announced::Disbelieved(_))), "{disbelieved:?}");
}

#[test]
fn resume_is_that_of_the_page() {
    let (folder, fileid) = (folder(), digest(0..300_000));
    let message =
        Resume { file_size: 300_000, folder: &folder, fileid: &fileid, pick_code: "695584801b2c3d4e5f607182" };
    let request = resumable_proto_115::resume::encode(&Site::default(), &message, &token());
    assert_eq!(request.uri(), "https://proapi.115.com/open/upload/resume");
    assert_eq!(
        text(&request),
        "file_size=300000&target=U_1_2900000000000000001&fileid=4EC42555F6A50309CCDB22AE377A2759856C0231\
         &pick_code=695584801b2c3d4e5f607182"
    );
    let answer = |data: String| {
        let answer = says(format!(r#"{{"state":true,"message":"","code":0,"data":{data}}}"#));
        resumable_proto_115::resume::decode(&answer).unwrap()
    };
    assert_eq!(answer(format!(r#"{{"version":"v1",{}}}"#, place(&callback()))), Resumed::Task(task()));
    assert_eq!(answer(format!(r"[{{{}}}]", place(&format!("[{}]", callback())))), Resumed::Task(task()));
    for useless in [format!("{{{}}}", place("[]")), "[]".to_owned()] {
        assert!(matches!(answer(useless.clone()), Resumed::Gone(Fault::Incomplete { .. })), "{useless}");
    }
    for (code, gone) in [(990_002, true), (20_018, true), (10_014, true), (990_003, false), (31_004, false), (7, false)]
    {
        let refusal = says(format!(r#"{{"state":false,"message":"no","code":{code},"data":[]}}"#));
        let resumed = resumable_proto_115::resume::decode(&refusal).unwrap();
        assert_eq!(matches!(resumed, Resumed::Gone(_)), gone, "{code}: {resumed:?}");
    }
    for code in [770_004, 40_140_125, 40_140_116, 990_009, 911, 0] {
        let refusal = says(format!(r#"{{"state":false,"message":"","code":{code},"data":[]}}"#));
        assert!(resumable_proto_115::resume::decode(&refusal).is_err(), "{code} says nothing about the task");
    }
}

#[test]
fn storage_tokens_live_from_their_own_date_on() {
    let request = resumable_proto_115::get_token::encode(&Site::default(), &token());
    assert_eq!(
        (request.method(), request.uri().to_string().as_str()),
        (&Method::GET, "https://proapi.115.com/open/upload/get_token")
    );
    assert_eq!(request.headers()["authorization"], "Bearer emu-access-0002");
    let data = r#"{"endpoint":"http://oss-cn-shenzhen.aliyuncs.com","AccessKeySecret":"EmuSecretKey0000000000000000000000000001","SecurityToken":"CAISEmuSecurityToken+/==0001","Expiration":"2026-01-01T01:00:00Z","AccessKeyId":"STS.NEmu0000000000000001"}"#;
    let misspelt = data.replace("AccessKeySecret", "AccessKeySecrett");
    for data in [data, &misspelt, &format!("[{data}]")] {
        let mut answer = says(format!(r#"{{"state":true,"message":"","code":0,"data":{data}}}"#));
        let unix = Duration::from_secs(1_767_229_200 - 100);
        let keys = resumable_proto_115::get_token::decode(&answer).unwrap();
        assert_eq!(keys.lifetime(unix), Some(Duration::from_secs(100)), "by the host's clock, for want of a date");
        answer.headers_mut().insert("date", "Thu, 01 Jan 2026 00:00:00 GMT".parse().unwrap());
        let keys = resumable_proto_115::get_token::decode(&answer).unwrap();
        assert_eq!(keys.lifetime(Duration::ZERO), Some(Duration::from_secs(3600)));
        assert_eq!(
            (keys.endpoint.as_str(), keys.access_key_id.as_str()),
            ("http://oss-cn-shenzhen.aliyuncs.com", "STS.NEmu0000000000000001")
        );
        let shown = format!("{keys:?}");
        assert!(!shown.contains("EmuSec") && !shown.contains("CAIS") && !shown.contains("STS"), "{shown}");
    }
    let throttled = says(r#"{"StatusCode":"400","ErrorCode":"400","ErrorMessage":"Throttling.User"}"#);
    let refused = resumable_proto_115::get_token::decode(&throttled).unwrap_err();
    assert_eq!(refused.advice, codes::throttled());
}

#[test]
fn folders_and_files_are_asked_for_by_id_and_by_path() {
    let by_id = resumable_proto_115::get_info::encode(&Site::default(), Question::Id("3000000000000000001"), &token());
    assert_eq!(by_id.method(), Method::GET);
    assert_eq!(by_id.uri(), "https://proapi.115.com/open/folder/get_info?file_id=3000000000000000001");
    let names = ["示例 1".to_owned(), "b".to_owned()];
    let by_path = resumable_proto_115::get_info::encode(&Site::default(), Question::Path(&names), &token());
    assert_eq!((by_path.method(), by_path.uri().path()), (&Method::POST, "/open/folder/get_info"));
    assert_eq!(text(&by_path), "path=%2F%E7%A4%BA%E4%BE%8B+1%2Fb");
    let info = |data: &str| {
        resumable_proto_115::get_info::decode(&says(format!(r#"{{"state":true,"message":"","code":0,"data":{data}}}"#)))
            .unwrap()
    };
    let file = r#"{"file_id":"3000000000000000001","file_name":"x","pick_code":"p","sha1":"4ec42555f6a50309ccdb22ae377a2759856c0231","size":"292.97KB","size_byte":300000,"file_category":"1"}"#;
    let expected = Info {
        file_id: "3000000000000000001".to_owned(),
        is_folder: false,
        sha1: Some("4EC42555F6A50309CCDB22AE377A2759856C0231".to_owned()),
        size: Some(300_000),
        file_name: Some("x".to_owned()),
        utime: None,
        above: None,
    };
    assert_eq!(info(file), Some(expected.clone()));
    assert_eq!(info(&format!("[{file}]")), Some(expected));
    assert!(info(r#"{"file_id":"7","file_name":"x","file_category":"0","sha1":"","size":"0"}"#).unwrap().is_folder);
    for nothing in ["[]", "{}", "null"] {
        assert_eq!(info(nothing), None);
    }
    for code in [430_004, 50_015, 20_018] {
        let refusal = says(format!(r#"{{"state":false,"code":{code},"message":"不存在","data":[]}}"#));
        assert_eq!(resumable_proto_115::get_info::decode(&refusal).unwrap(), None, "{code}");
    }
}

#[test]
fn folders_are_made_below_their_parent() {
    let request = resumable_proto_115::folder_add::encode(&Site::default(), &FolderId::root(), "新 1", &token());
    assert_eq!(request.uri(), "https://proapi.115.com/open/folder/add");
    assert_eq!(text(&request), "pid=0&file_name=%E6%96%B0+1");
    let made = says(r#"{"state":true,"code":0,"message":"","data":{"file_name":"x","file_id":"2900000000000000009"}}"#);
    let id = FolderId::new("2900000000000000009").unwrap();
    assert_eq!(resumable_proto_115::folder_add::decode(&made).unwrap(), Added::Made(id));
    let exists = says(r#"{"state":false,"code":20004,"message":"该目录名称已存在。","data":[]}"#);
    assert!(matches!(resumable_proto_115::folder_add::decode(&exists), Ok(Added::Exists(_))));
    let orphan = says(r#"{"state":false,"code":20009,"message":"no","data":[]}"#);
    let refused = resumable_proto_115::folder_add::decode(&orphan).unwrap_err();
    assert!(refused.fault.to_string().contains("the parent folder does not exist"), "{}", refused.fault);
}

#[test]
fn the_callbacks_answer_decides_and_nothing_else() {
    let decode = |body: &str| resumable_proto_115::callback_reply::decode(&Bytes::copy_from_slice(body.as_bytes()));
    let registered = decode(r#"{"state":true,"code":0,"message":"","data":{"pick_code":"emufinalpickcode01","file_name":"示例 视频+1.mkv","file_size":300000,"file_id":"3000000000000000001","thumb_url":"","sha1":"4EC42555F6A50309CCDB22AE377A2759856C0231","aid":1,"cid":"2900000000000000001","is_video":1}}"#).unwrap();
    assert_eq!((registered.file_id.as_str(), registered.file_size), ("3000000000000000001", Some(300_000)));
    assert_eq!(registered.sha1.as_deref(), Some("4EC42555F6A50309CCDB22AE377A2759856C0231"));
    assert_eq!(registered.file_name.as_deref(), Some("示例 视频+1.mkv"));
    let bad = decode(r#"{"state":false,"message":"校验文件失败，请重新上传。","code":10002}"#).unwrap_err();
    assert_eq!(bad.advice, resumable_core::Advice::Rehash);
    for none in [
        r#"{"state":true,"code":0,"data":[]}"#,
        r#"{"state":true,"code":0,"data":{"file_id":""}}"#,
        "<html>",
        "",
        "{}",
        r#"{"state":"maybe"}"#,
    ] {
        assert!(decode(none).is_err(), "{none}");
    }
}
