//! Every row of the table of codes, every disguise of throttling, and bytes that are no answer at all.

use bytes::Bytes;
use http::Response;
use proptest::prelude::*;
use resumable_core::Advice::{self, Fatal, Reauthorize, Rehash, Retry, Unavailable, Unsure};
use resumable_proto_115::codes::{CODES, throttled};
use resumable_proto_115::{Fault, Refused, callback_reply, folder_add, get_info, get_token, init, resume};

fn says(status: u16, body: &str) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

fn of_init(status: u16, body: &str) -> Refused {
    init::decode(&says(status, body)).unwrap_err()
}

#[test]
fn every_code_has_its_advice_and_its_words() {
    let wait = throttled();
    let advice = |code: u32| -> Advice {
        match code {
            99 | 990_001 | 40_140_123..=40_140_126 => Reauthorize,
            406 | 590_075 | 770_004 | 20_130_827 | 40_140_117 => wait,
            413 | 990_005 | 990_009 | 990_019 => Unsure,
            10_002 => Rehash,
            20_013 | 20_018 | 31_003 | 31_004 | 50_015 | 70_004 | 70_005 | 70_008 | 90_008 | 430_004 | 990_003
            | 40_110_000 | 40_140_121 => Retry,
            _ => Fatal,
        }
    };
    for row in CODES {
        for code in row.code..=row.last {
            for body in [
                format!(r#"{{"state":false,"code":{code},"message":"WORDS","data":[]}}"#),
                format!(r#"{{"state":0,"code":"{code}","message":"WORDS"}}"#),
                format!(r#"{{"state":false,"code":0,"errno":{code},"error":"WORDS","data":null}}"#),
            ] {
                let refused = of_init(200, &body);
                assert_eq!(refused.advice, advice(code), "{body}");
                let text = refused.fault.to_string();
                assert!(
                    text.contains(row.meaning) && text.contains("WORDS") && text.contains(&code.to_string()),
                    "{text}"
                );
            }
        }
    }
    assert_eq!(of_init(200, r#"{"state":false,"code":12345,"message":"?"}"#).advice, Fatal);
    assert_eq!(of_init(200, r#"{"state":false,"code":40199999,"message":"?"}"#).advice, Fatal);
    assert_eq!(of_init(502, r#"{"state":false,"code":12345,"message":"?"}"#).advice, Unsure);
    assert_eq!(of_init(200, r#"{"state":false,"code":0,"message":"?"}"#).advice, Retry);
    assert_eq!(of_init(500, r#"{"state":false,"code":12345,"message":"?"}"#).advice, Unsure);
}

#[test]
fn field_bug_25_throttling_is_recognised_in_every_disguise() {
    for (status, body) in [
        (200, r#"{"state":false,"code":0,"message":""}"#),
        (200, r#"{"state":false,"code":0,"message":"","data":[]}"#),
        (200, r#"{"state":false}"#),
        (200, r#"{"state":false,"code":0,"message":770004}"#),
        (200, r#"{"state":false,"code":0,"message":"770004"}"#),
        (200, r#"{"state":true,"code":770004,"message":"已达到当前访问上限"}"#),
        (200, r#"{"state":false,"code":406,"message":"已达上限"}"#),
        (400, r#"{"StatusCode":"400","ErrorCode":"400","ErrorMessage":"Throttling.User"}"#),
        (405, "<!doctype html><title>405</title>"),
        (403, "<html>blocked</html>"),
        (200, "<html>are you a robot?</html>"),
        (429, ""),
        (429, r#"{"state":false,"code":12,"message":"slow down"}"#),
    ] {
        assert_eq!(of_init(status, body).advice, throttled(), "{status} {body}");
    }
}

#[test]
fn what_names_nobody_is_no_throttling() {
    for (status, body) in [
        (502, "<html>bad gateway</html>"),
        (500, ""),
        (200, "{\"state\":tr"),
        (200, ""),
        (200, "[]"),
        (200, "{}"),
        (413, "<html>413</html>"),
    ] {
        assert_eq!(of_init(status, body).advice, Unsure, "{status} {body}");
        assert_eq!(get_token::decode(&says(status, body)).unwrap_err().advice, Unavailable, "{status} {body}");
    }
    assert!(matches!(of_init(502, "<p>no</p>").fault, Fault::Unreadable { status: 502, .. }));
    assert_eq!(of_init(401, "").advice, Reauthorize);
}

#[test]
fn a_success_needs_state_and_no_code_at_all() {
    let data = r#""data":{"status":2,"file_id":"3"}"#;
    for state in ["true", "1", "\"1\"", "\"true\""] {
        assert!(init::decode(&says(200, &format!(r#"{{"state":{state},"code":0,{data}}}"#))).is_ok(), "{state}");
        assert!(init::decode(&says(200, &format!("\u{feff} {{\"state\":{state},{data}}} "))).is_ok(), "{state}");
        assert!(init::decode(&says(200, &format!(r#"{{"state":{state},"code":0,"message":7,{data}}}"#))).is_ok());
        for code in [r#""code":5"#, r#""code":"5""#, r#""code":0,"errno":5"#, r#""errNo":5"#] {
            let refused = of_init(200, &format!(r#"{{"state":{state},{code},{data}}}"#));
            assert_eq!(refused.fault.code(), Some(5), "{code}");
        }
    }
    for state in ["false", "0", "\"0\"", "null", "2", "[]", "\"no\""] {
        assert!(init::decode(&says(200, &format!(r#"{{"state":{state},"code":0,{data}}}"#))).is_err(), "{state}");
    }
    assert!(init::decode(&says(200, &format!(r#"{{"code":0,{data}}}"#))).is_err());
}

#[test]
fn a_refused_name_is_told_in_the_vendors_words() {
    let refused = of_init(200, r#"{"state":false,"code":990002,"message":"文件名不能包含 < > 等字符","data":[]}"#);
    assert!(refused.fault.to_string().contains("文件名不能包含 < > 等字符"), "{}", refused.fault);
    assert_eq!(refused.advice, Fatal);
}

fn decode_all(response: &Response<Bytes>) {
    let _ = (init::decode(response), resume::decode(response), get_token::decode(response));
    let _ = (get_info::decode(response), folder_add::decode(response), callback_reply::decode(response.body()));
}

proptest! {
    #[test]
    fn no_bytes_make_a_decoder_panic(status in 100u16..600, body: Vec<u8>) {
        decode_all(&Response::builder().status(status).body(Bytes::from(body)).unwrap());
    }

    #[test]
    fn no_values_make_a_decoder_panic(
        state in "true|1|false|\"1\"|\\[\\]", code in "0|-1|1e9|\"x\"|18446744073709551616|null", data in value(),
    ) {
        decode_all(&says(200, &format!(r#"{{"state":{state},"code":{code},"message":{data},"data":{data}}}"#)));
        decode_all(&says(200, &format!(r#"{{"state":{state},"code":0,"data":{data}}}"#)));
    }
}

/// Objects with the names that are read, and all kinds of values.
fn value() -> impl Strategy<Value = String> {
    let name = "status|sign_key|sign_check|file_id|bucket|object|callback|callback_var|pick_code|Expiration|endpoint|size|sha1";
    let leaf = prop_oneof![
        "[0-9]{1,25}",
        "-1|1.5|null|true|\\[\\]|\\{\\}",
        "\"[ -!#-\\[\\]-~]{0,20}\"",
        "\"[0-9]{1,22}-[0-9]{1,22}\""
    ];
    leaf.prop_recursive(3, 24, 8, move |inner| {
        prop_oneof![
            prop::collection::vec((name, inner.clone()), 0..8).prop_map(|members| {
                let members: Vec<_> = members.into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
            prop::collection::vec(inner, 0..3).prop_map(|items| format!("[{}]", items.join(","))),
        ]
    })
}
