//! Every ordinary reply, every row of the tables, and every way in which an answer can be no success.

use bytes::Bytes;
use http::{Response, StatusCode};
use resumable_core::Advice::{self, Clock, Fatal, Reauthorize, Restart, Unsure};
use resumable_proto_xfyun::codes::{CODES, TEXTS, advice, advice_unreadable, find};
use resumable_proto_xfyun::mpupload_init::Opened;
use resumable_proto_xfyun::mpupload_upload::Acknowledged;
use resumable_proto_xfyun::upload::Stored;
use resumable_proto_xfyun::*;

const WAIT: Advice = Advice::throttled();
const SID: &str = "ost00010004@dx17e29a1f3d0a1b2c3d";

fn answer(status: u16, body: &str) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

fn success(data: &str) -> Response<Bytes> {
    answer(200, &format!(r#"{{"code":0,{data}"message":"success","sid":"{SID}"}}"#))
}

/// How every call reads this answer, if it is no success.
fn refusals(response: &Response<Bytes>) -> Vec<Refused> {
    let refusals = vec![
        upload::decode(response).map(|_| ()).unwrap_err(),
        mpupload_init::decode(response).map(|_| ()).unwrap_err(),
        mpupload_upload::decode(response).map(|_| ()).unwrap_err(),
        mpupload_complete::decode(response).map(|_| ()).unwrap_err(),
        mpupload_cancel::decode(response).map(|_| ()).unwrap_err(),
    ];
    assert_eq!(refusals.len(), Op::ALL.len());
    refusals
}

fn advised(status: u16, body: &str, expected: Advice) -> Vec<Refused> {
    let refusals = refusals(&answer(status, body));
    for refused in &refusals {
        assert_eq!(refused.advice, expected, "HTTP {status} {body}");
    }
    refusals
}

// ── what each call answers when all is well

#[test]
fn ordinary_replies() {
    let url = success(r#""data":{"url":"https://files.example/ost/abc"},"#);
    let stored = Stored { url: "https://files.example/ost/abc".into() };
    assert_eq!(upload::decode(&url).unwrap(), stored);
    assert_eq!(mpupload_complete::decode(&url).unwrap(), stored);
    let opened = success(r#""data":{"upload_id":"up_220105172914000001001002"},"#);
    assert_eq!(mpupload_init::decode(&opened).unwrap(), Opened { upload_id: "up_220105172914000001001002".into() });
    for nothing in ["", r#""data":null,"#, r#""data":{},"#, r#""data":[],"#] {
        assert_eq!(mpupload_upload::decode(&success(nothing)).unwrap(), Acknowledged);
        mpupload_cancel::decode(&success(nothing)).unwrap();
    }
}

#[test]
fn the_code_decides_and_not_the_status_or_the_type() {
    for status in [200, 201, 400, 404, 500] {
        for code in ["0", "\"0\"", "\" 0 \""] {
            let response = answer(status, &format!("\u{feff} {{\"code\":{code},\"data\":{{\"upload_id\":\"u\"}}}}\n"));
            assert!(mpupload_init::decode(&response).is_ok(), "{status} {code}");
            assert!(mpupload_upload::decode(&response).is_ok(), "{status} {code}");
        }
    }
}

#[test]
fn a_success_without_what_the_call_needs_is_none() {
    let long = format!(r#""data":{{"url":"{0}","upload_id":"{0}"}},"#, "u".repeat(5000));
    for data in
        ["", r#""data":{"url":"","upload_id":""},"#, r#""data":{"url":7,"upload_id":7},"#, r#""data":"url","#, &long]
    {
        for (decoded, missing) in [
            (upload::decode(&success(data)).map(|_| ()), "url"),
            (mpupload_complete::decode(&success(data)).map(|_| ()), "url"),
            (mpupload_init::decode(&success(data)).map(|_| ()), "upload_id"),
        ] {
            let refused = decoded.unwrap_err();
            assert_eq!(refused.advice, Unsure);
            let text = refused.fault.to_string();
            assert!(text.contains(missing) && text.contains(SID), "{text}");
        }
    }
    for unusable in ["a\\nb", "a b", "ä", "\\u0000", "\\r\\n--boundary"] {
        let data = format!(r#""data":{{"upload_id":"{unusable}"}},"#);
        assert!(mpupload_init::decode(&success(&data)).is_err(), "{unusable} would break out of a form");
    }
    assert!(upload::decode(&success(r#""data":{"url":"https://a/\u0007"},"#)).is_err());
}

// ── the vendor's codes

#[test]
fn every_code_has_its_advice_whatever_the_status_and_as_text_too() {
    let table = [
        (10001, Fatal),
        (10002, Unsure),
        (10003, Unsure),
        (10004, Unsure),
        (10005, Restart),
        (10006, Unsure),
        (10007, Unsure),
        (11200, Fatal),
        (11201, Fatal),
        (11202, WAIT),
        (11203, WAIT),
    ];
    assert!(CODES.iter().map(|row| i64::from(row.code)).eq(table.iter().map(|(code, _)| *code)));
    for (code, expected) in table {
        for status in [200, 400, 403, 500] {
            for written in [code.to_string(), format!("\"{code}\"")] {
                let body = format!(r#"{{"code":{written},"message":"sliceId must not be empty","sid":"{SID}"}}"#);
                for refused in advised(status, &body, expected) {
                    assert_eq!((refused.fault.code(), refused.fault.sid()), (Some(code), Some(SID)));
                    let text = refused.fault.to_string();
                    let row = find(code).unwrap();
                    assert!(text.contains(row.meaning) && text.contains(row.remedy), "{text}");
                    for part in [&code.to_string(), "sliceId must not be empty", SID, &status.to_string()] {
                        assert!(text.contains(part), "{text}");
                    }
                }
            }
        }
    }
}

#[test]
fn field_bug_61_an_unknown_code_is_the_end() {
    assert_eq!(find(10401), None);
    for (status, expected) in
        [(200, Fatal), (400, Fatal), (404, Fatal), (500, Fatal), (503, Unsure), (408, Unsure), (429, WAIT)]
    {
        advised(status, r#"{"code":10401,"message":"no data found"}"#, expected);
    }
    assert_eq!(advice(-1, StatusCode::OK), Fatal);
}

// ── the gateway

#[test]
fn the_gateways_texts_come_first_and_the_status_second() {
    let date = "HMAC signature cannot be verified, a valid date or x-date header is required for HMAC Authentication";
    let table = [
        ("Unauthorized", Reauthorize),
        ("HMAC signature cannot be verified", Reauthorize),
        ("HMAC signature cannot be verified: apikey not found", Reauthorize),
        ("HMAC signature does not match", Reauthorize),
        (date, Clock),
        ("HMAC signature does not match, a valid date or x-date header is required", Clock),
        ("Your IP address is not allowed", Fatal),
        ("API rate limit exceeded", WAIT),
    ];
    for (message, expected) in table {
        for status in [401, 403] {
            let body = format!(r#"{{"message":"{message}"}}"#);
            for refused in advised(status, &body, expected) {
                let text = refused.fault.to_string();
                assert!(refused.fault.code().is_none() && text.contains(message) && text.contains("no code"), "{text}");
            }
            advised(status, message, expected);
        }
        assert!(TEXTS.iter().any(|row| message.to_lowercase().contains(row.part)));
    }
}

#[test]
fn an_unknown_text_of_the_gateways_is_judged_by_status() {
    let body = r#"{"message":"something else"}"#;
    for (status, expected) in [
        (200, Unsure),
        (302, Unsure),
        (400, Fatal),
        (401, Reauthorize),
        (403, Fatal),
        (404, Fatal),
        (408, Unsure),
        (413, Fatal),
        (429, WAIT),
        (500, Unsure),
        (502, Unsure),
        (503, Unsure),
    ] {
        advised(status, body, expected);
    }
}

// ── what is no reply of this API

#[test]
fn what_cannot_be_read_is_judged_by_status() {
    let deep = format!("{}0{}", "[".repeat(1000), "]".repeat(1000));
    let long = format!(r#"{{"code":0,"message":"{}"}}"#, "x".repeat(70_000));
    for body in [
        "",
        "<html><h1>Bad Gateway</h1></html>",
        "success",
        "{",
        r#"{"code":0"#,
        "[]",
        "null",
        "0",
        "{}",
        r#"{"code":null}"#,
        r#"{"code":true}"#,
        r#"{"code":"x"}"#,
        r#"{"code":0.5}"#,
        r#"{"message":""}"#,
        &deep,
        &long,
    ] {
        for (status, expected) in
            [(200, Unsure), (404, Unsure), (401, Unsure), (413, Fatal), (429, WAIT), (500, Unsure), (504, Unsure)]
        {
            for refused in advised(status, body, expected) {
                let text = refused.fault.to_string();
                assert!(text.contains(&format!("HTTP {status}")) && text.len() < 900, "{text}");
            }
            assert_eq!(advice_unreadable(StatusCode::from_u16(status).unwrap()), expected);
        }
    }
    let html = &advised(502, "<html><h1>Bad Gateway</h1></html>", Unsure)[0];
    assert!(html.fault.to_string().contains("<h1>Bad Gateway</h1>"));
}
