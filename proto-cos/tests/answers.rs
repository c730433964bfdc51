//! What an answer is taken for: by its length, its code, or, where it has none, its words and its status.

mod toy;

use http::StatusCode;
use resumable_core::Advice;
use resumable_proto_cos::*;
use toy::{Toy, answer};

#[test]
fn an_answer_is_read_up_to_its_bound() {
    let head = r#"{"code":0,"data":{"filesize":7},"x":""#;
    for (len, taken) in [(1000, true), (1001, false)] {
        let body = format!("{head}{}\"}}", "x".repeat(len - head.len() - 2));
        assert_eq!(body.len(), len);
        let said = stat::decode(Toy::Ask, &answer(200, &body));
        assert_eq!(said.is_ok(), taken, "{len}");
        assert!(taken || matches!(said.unwrap_err().fault, BadAnswer::Unreadable { .. }));
    }
    for (session, kept) in
        [("", true), ("s", true), (&*"s".repeat(1024), true), (&*"s".repeat(1025), false), ("s\n", false)]
    {
        assert_eq!(reply::is_session(session), kept, "{} bytes", session.len());
    }
    assert_eq!(reply::wrong("why").advice, Advice::Retry);
}

#[test]
fn a_request_is_named_in_the_body_or_else_in_a_header() {
    let named = |body: &str, header: Option<&str>| {
        let mut response = answer(400, body);
        if let Some(header) = header {
            response.headers_mut().insert("x-cos-request-id", header.parse().unwrap());
        }
        stat::decode(Toy::Ask, &response).unwrap_err().fault.request_id().map(str::to_owned)
    };
    let (bare, both) = (r#"{"code":-63}"#, r#"{"code":-63,"request_id":"NTk5"}"#);
    assert_eq!(named(bare, None), None);
    assert_eq!(named(bare, Some("NTk6")).as_deref(), Some("NTk6"));
    assert_eq!(named(both, None).as_deref(), Some("NTk5"));
    assert_eq!(named(both, Some("NTk6")).as_deref(), Some("NTk5"));
    assert_eq!(named(r#"{"message":"ERROR_PROXY_AUTH"}"#, Some("NTk6")).as_deref(), Some("NTk6"));
    assert_eq!(named(r#"{"code":0}"#, Some("NTk6")).as_deref(), Some("NTk6"));
    assert_eq!(named("<html>", Some("NTk6")), None);
}

/// What an answer without a code is taken for: a refusal in the vendor's words, or nothing of the vendor's.
#[test]
fn an_answer_without_a_code_is_judged_by_its_words_and_status() {
    let wait = Advice::throttled();
    for (status, body, vendors, advice) in [
        (403, r#"{"message":"ERROR_PROXY_AUTH_APPID"}"#, true, Advice::Reauthorize),
        (500, r#"{"message":"ERROR_PROXY_AUTH_APPID"}"#, true, Advice::Reauthorize),
        (403, r#"{"message":"PROXY_AUTH_SIGN_EXPIRED"}"#, true, Advice::Clock),
        (403, "ERROR_PROXY_AUTH_SIGN_EXPIRED", true, Advice::Clock),
        (500, "ERROR_PROXY_AUTH_SIGN_EXPIRED", false, Advice::Unsure),
        (403, "<b>ERROR_PROXY_AUTH_SIGN_EXPIRED</b>", false, Advice::Unsure),
        (400, r#"{"message":"ERROR_ODD"}"#, true, Advice::Fatal),
        (400, "__ERROR_ODD", true, Advice::Fatal),
        (429, "ERROR_ODD", true, wait),
        (500, r#"{"message":"ERROR_ODD"}"#, false, Advice::Unsure),
        (200, r#"{"message":"ERROR_ODD"}"#, false, Advice::Unsure),
        (400, r#"{"message":"an ERROR_ODD"}"#, false, Advice::Unsure),
        (429, "slow down", false, wait),
        (413, "<html>", false, Advice::Fatal),
    ] {
        let refused = upload::decode(Toy::Change, &answer(status, body)).unwrap_err();
        assert_eq!(refused.advice, advice, "{status} {body}");
        assert_eq!(matches!(refused.fault, BadAnswer::Vendor { code: None, .. }), vendors, "{status} {body}");
        assert_eq!(refused.fault.code(), None);
    }
    let empty = upload::decode(Toy::Change, &answer(502, "")).unwrap_err();
    assert_eq!(empty.fault.to_string(), "toy: the answer (HTTP 502) is not from this API: an empty body");
    let large = upload::decode(Toy::Change, &answer(413, "")).unwrap_err();
    assert!(large.fault.to_string().starts_with("toy was refused with HTTP 413: the body is too large"));
    let bare = upload::decode(Toy::Change, &answer(400, r#"{"code":-61}"#)).unwrap_err();
    assert_eq!(
        bare.fault.to_string(),
        "toy was refused: the signature is for another bucket; check the bucket (code -61, HTTP 400)"
    );
    let unhelpful = upload::decode(Toy::Change, &answer(400, r#"{"code":-63}"#)).unwrap_err();
    assert_eq!(unhelpful.fault.to_string(), "toy was refused: the signature is for another file (code -63, HTTP 400)");
}

/// The same code is not the same to a call that reads, one that changes something, and one within a session.
#[test]
fn a_code_is_judged_by_the_call_that_met_it() {
    use Advice::{Fatal, Restart, Retry, Unavailable, Unsure};
    for (code, status, ask, change, slice) in [
        (-166, 400, Retry, Restart, Restart),
        (-288, 400, Retry, Restart, Restart),
        (-197, 404, Fatal, Fatal, Restart),
        (-181, 500, Unavailable, Unsure, Unsure),
        (-175, 400, Retry, Retry, Retry),
        (-4019, 409, Retry, Retry, Retry),
        (-4020, 409, Fatal, Fatal, Fatal),
        (-4018, 409, Fatal, Fatal, Fatal),
        (-4242, 400, Fatal, Fatal, Fatal),
        (-4242, 408, Unavailable, Unsure, Unsure),
        (-4242, 429, Advice::throttled(), Advice::throttled(), Advice::throttled()),
        (-4242, 499, Fatal, Fatal, Fatal),
        (-4242, 500, Unavailable, Unsure, Unsure),
        (-4242, 503, Unavailable, Unsure, Unsure),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        let advised = [Toy::Ask, Toy::Change, Toy::Slice].map(|op| codes::advice(code, status, op));
        assert_eq!(advised, [ask, change, slice], "{code} {status}");
    }
}

#[test]
fn an_echo_is_the_same_or_shown_in_short() {
    assert_eq!(echo::echoed("offset", "5", "5"), Ok(()));
    for (sent, shown) in [("s".repeat(20), "s".repeat(20)), ("s".repeat(21), format!("{}…", "s".repeat(20)))] {
        let wrong = echo::echoed("session", &sent, "6").unwrap_err();
        assert_eq!((wrong.what, wrong.sent.as_str(), wrong.answered.as_str()), ("session", shown.as_str(), "6"));
        assert_eq!(wrong.to_string(), format!("a slice with session {shown} was acknowledged with session 6"));
    }
}
