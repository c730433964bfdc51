//! Faults, in the vendor's shapes.

use resumable_emulator::{Delivery, Emulator, Fault, Plan, Rule};
use serde_json::{Value, json};

use crate::client::*;

fn met(emulator: &Emulator, op: &str, fault: Fault) -> Answer {
    emulator.inject(Rule::once(op, fault));
    let client = client(emulator);
    match op {
        "upload/get_token" => client.get(GET_TOKEN, &[]),
        "refreshToken" => client.passport(REFRESH_TOKEN, &[("refresh_token", REFRESH)]),
        "authDeviceCode" => client.passport(AUTH, &[]),
        _ => client.init("a", &bytes(5000), &[]),
    }
}

#[test]
fn refusals_by_number_have_the_shape_of_their_api() {
    let emulator = emulator();
    for code in [406, 590_075, 770_004, 990_009, 40_140_125, 99, 12_345] {
        met(&emulator, "upload/init", Fault::refuse(200, code)).refuses(code);
    }
    met(&emulator, "refreshToken", Fault::refuse(200, 40_140_117)).denies(40_140_117);
    let answer = met(&emulator, "upload/init", Fault::refuse(413, 413));
    assert_eq!((answer.status, &answer.body["message"]), (413, &json!("网络异常")));
    assert_eq!(emulator.p115().files(), []);
    client(&emulator).init("a", &bytes(5000), &[]).succeeds();
}

#[test]
fn throttling_comes_in_disguises() {
    let emulator = emulator();
    let empty = met(&emulator, "upload/init", Fault::refuse(200, ""));
    assert_eq!(empty.body, json!({ "state": false, "code": 0, "message": "", "data": [] }));
    let number = met(&emulator, "upload/init", Fault::refuse(200, "770004"));
    assert_eq!(number.body, json!({ "state": false, "code": 0, "message": 770_004, "data": [] }));
    let text = met(&emulator, "upload/init", Fault::refuse(200, "busy"));
    assert_eq!(text.body["message"], "busy");
    let sts = met(&emulator, "upload/get_token", Fault::refuse(400, "Throttling.User"));
    let expected = json!({ "StatusCode": "400", "ErrorCode": "400", "ErrorMessage": "Throttling.User" });
    assert_eq!((sts.status, sts.body), (400, expected));
    let page = met(&emulator, "upload/init", Fault::Html { status: 405 });
    assert_eq!((page.status, &page.body), (405, &Value::Null));
    assert_eq!(page.header("content-type"), "text/html");
}

#[test]
fn the_other_faults_before_the_work() {
    let emulator = emulator();
    met(&emulator, "upload/init", Fault::ExpireToken).refuses(40_140_125);
    met(&emulator, "refreshToken", Fault::ExpireToken).denies(40_140_119);
    met(&emulator, "authDeviceCode", Fault::ExpireToken).denies(40_199_002);
    let throttled = met(&emulator, "upload/init", Fault::Throttle { retry_after_seconds: Some(7) });
    throttled.refuses(770_004);
    assert_eq!(throttled.header("retry-after"), "7");
    let unavailable = met(&emulator, "upload/init", Fault::Unavailable);
    assert_eq!((unavailable.status, &unavailable.body), (503, &Value::Null));
    let garbage = met(&emulator, "upload/init", Fault::Garbage);
    assert_eq!((garbage.status, &garbage.body), (200, &Value::Null));
    assert_eq!(met(&emulator, "upload/init", Fault::Reset).reply.delivery, Delivery::Reset);
}

#[test]
fn a_lost_answer_to_a_refresh_has_rotated_the_tokens() {
    let emulator = emulator();
    let answer = met(&emulator, "refreshToken", Fault::DropReply);
    assert_eq!(answer.reply.delivery, Delivery::Drop);
    assert_ne!(emulator.p115().tokens().1, REFRESH);
    client(&emulator).passport(REFRESH_TOKEN, &[("refresh_token", REFRESH)]).denies(40_140_116);
}

#[test]
fn a_challenge_is_forgotten() {
    let emulator = emulator();
    emulator.p115().put_file("theirs", &bytes(5000)).expect("memory");
    let client = client(&emulator);
    let answer = client.init("a", &bytes(5000), &[]);
    emulator.inject(Rule::once("upload/init", Fault::ForgetSession));
    let asked = answer.challenge().expect("a challenge");
    let val = sha1(&bytes(5000)[asked.range.0..=asked.range.1]);
    let answer = client.init("a", &bytes(5000), &[("sign_key", &asked.key), ("sign_val", &val)]);
    assert_eq!(answer.init_status(), (8, 702));
    assert_eq!(client.prove("a", &bytes(5000), answer).init_status(), (2, 0));
}

#[test]
fn a_size_is_told_wrongly() {
    let emulator = emulator();
    emulator.p115().put_file("theirs", &bytes(10)).expect("memory");
    let client = client(&emulator);
    emulator.inject(Rule::any(Fault::WrongLength).times(2));
    assert_eq!(client.get(GET_INFO, &[("path", "/theirs")]).data()["size_byte"], 9);
    assert_eq!(client.get(FILES, &[]).data()[0]["fs"], 9);
    assert_eq!(client.get(FILES, &[]).data()[0]["fs"], 10);
}

#[test]
fn rules_choose_by_operation_and_by_path_in_the_drive() {
    let emulator = emulator();
    let folder = emulator.p115().put_folder("/d").expect("memory");
    let plan = r#"{"rules": [
        {"service": "115", "op": "upload/init", "path": "/d/*", "times": "always", "fault": "throttle"},
        {"service": "115", "path": "/open/upload/get_token", "fault": "refuse", "status": 200, "code": 911}
    ]}"#;
    Plan::from_json(plan).expect("a plan").rules.into_iter().for_each(|rule| emulator.inject(rule));
    let client = client(&emulator);
    client.init("a", b"a", &[]).succeeds();
    client.init("a", b"a", &[("target", &format!("U_1_{folder}"))]).refuses(770_004);
    client.get(GET_TOKEN, &[]).refuses(911);
    client.get(GET_TOKEN, &[]).succeeds();
    let fault = emulator.log().into_iter().filter_map(|entry| entry.fault).count();
    assert_eq!(fault, 2);
}

#[test]
fn a_plan_that_no_request_can_show_is_refused() {
    let of = |rule: &str| Plan::from_json(&format!(r#"{{"rules": [{{"service": "115", {rule}}}]}}"#)).is_ok();
    assert!(of(r#""op": "upload/resume", "fault": "wrong_session""#));
    assert!(of(r#""op": "callback", "fault": "drop_reply""#));
    assert!(of(r#""op": "get/status", "fault": "stall""#));
    for rule in [
        r#""op": "upload/init", "fault": "wrong_session""#,
        r#""op": "callback", "fault": "stall""#,
        r#""op": "callback", "fault": "expire_token""#,
        r#""fault": "wrong_offset""#,
        r#""fault": "slice_size", "bytes": 1"#,
        r#""op": "upload", "fault": "stall""#,
    ] {
        assert!(!of(rule), "{rule}");
    }
}
