//! Every fault: what the client sees, and what the server did.

use std::time::Duration;

use resumable_emulator::{Delivery, Emulator, Fault, Plan, Rule};

use crate::client::*;

const OP: &str = "mpupload/upload";

struct Seen {
    emulator: Emulator,
    id: String,
    answer: Answer,
    committed: bool,
}

fn slice_under_rule(rule: Rule) -> Seen {
    let emulator = emulator();
    let id = init(&emulator).upload_id();
    emulator.inject(rule);
    let answer = slice(&emulator, &id, 1, &bytes(64));
    let committed = emulator.xfyun().slices(&id).is_some_and(|slices| slices == [(1, 64)]);
    Seen { emulator, id, answer, committed }
}

fn slice_under(fault: Fault) -> Seen {
    slice_under_rule(Rule::once(OP, fault))
}

#[test]
fn refusals_with_the_vendors_codes() {
    let texts = [
        (10_001, "request parameter is invalid"),
        (10_002, "s3 operation failed"),
        (10_003, "database operation failed"),
        (10_004, "cache operation failed"),
        (10_005, "upload info expired or nothing uploaded"),
        (10_006, "io operation failed"),
        (10_007, "task push failed"),
        (11_203, "injected by the emulator"),
    ];
    for (code, text) in texts {
        for status in [500, 200] {
            let seen = slice_under(Fault::refuse(status, code));
            seen.answer.is(status, code);
            assert_eq!(seen.answer.body["message"], text);
            assert!(!seen.committed);
            slice(&seen.emulator, &seen.id, 1, b"x").succeeds();
        }
    }
}

#[test]
fn a_refusal_with_a_text_is_the_gateways() {
    let seen = slice_under(Fault::refuse(403, "Your IP address is not allowed"));
    seen.answer.denies(403, "Your IP address is not allowed");
    assert!(!seen.committed);
}

#[test]
fn an_expired_credential_is_a_clock_that_is_off() {
    let seen = slice_under(Fault::ExpireToken);
    seen.answer.denies(
        403,
        "HMAC signature cannot be verified, a valid date or x-date header is required for HMAC Authentication",
    );
    assert_eq!(seen.answer.header("date"), DATE);
    assert!(!seen.committed);
}

#[test]
fn pages_in_place_of_answers() {
    let throttle = |retry_after_seconds| Fault::Throttle { retry_after_seconds };
    for (fault, status) in [
        (Fault::Unavailable, 503),
        (throttle(None), 429),
        (throttle(Some(7)), 429),
        (Fault::Html { status: 502 }, 502),
        (Fault::Html { status: 413 }, 413),
    ] {
        let seen = slice_under(fault.clone());
        assert_eq!((seen.answer.status, seen.answer.header("content-type")), (status, "text/html"), "{fault:?}");
        let retry = seen.answer.reply.response.headers().get("retry-after").map(|value| value.to_str().expect("text"));
        assert_eq!(retry, (fault == throttle(Some(7))).then_some("7"));
        assert!(!seen.committed);
        assert_eq!(seen.emulator.log().last().map(|entry| entry.code.clone()), Some(None));
    }
    let seen = slice_under(Fault::Garbage);
    assert_eq!((seen.answer.status, seen.answer.body.is_null(), seen.committed), (200, true, false));
}

#[test]
fn with_commit_the_work_is_done_first() {
    for fault in [
        Fault::refuse(500, 10_002),
        Fault::Unavailable,
        Fault::Html { status: 502 },
        Fault::Garbage,
        Fault::Reset,
        Fault::Stall,
    ] {
        let without = slice_under(fault.clone());
        let with = slice_under_rule(Rule::once(OP, fault.clone()).committed());
        assert_eq!((without.committed, with.committed), (false, true), "{fault:?}");
        let shown = |seen: &Seen| (seen.answer.status, seen.answer.body["code"].clone(), seen.answer.reply.delivery);
        assert_eq!(shown(&with), shown(&without), "{fault:?}");
    }
}

#[test]
fn how_much_of_the_answer_is_delivered() {
    for (fault, delivery, commits) in [
        (Fault::CutBefore, Delivery::Drop, false),
        (Fault::Reset, Delivery::Reset, false),
        (Fault::Stall, Delivery::Stall, false),
        (Fault::DropReply, Delivery::Drop, true),
        (Fault::Trickle { millis: 3 }, Delivery::Trickle(Duration::from_millis(3)), true),
        (Fault::Delay { millis: 3 }, Delivery::Send, true),
    ] {
        let seen = slice_under(fault.clone());
        assert_eq!((seen.answer.reply.delivery, seen.committed), (delivery, commits));
        let delay = if fault == (Fault::Delay { millis: 3 }) { 3 } else { 0 };
        assert_eq!(seen.answer.reply.delay, Duration::from_millis(delay));
    }
    let seen = slice_under(Fault::CutReply);
    assert_eq!(seen.answer.reply.delivery, Delivery::Cut(seen.answer.reply.response.body().len() / 2));
    assert!(seen.committed);
}

#[test]
fn a_complete_whose_answer_is_lost() {
    let seen = slice_under_rule(Rule::once("mpupload/complete", Fault::DropReply));
    assert_eq!(complete(&seen.emulator, &seen.id).reply.delivery, Delivery::Drop);
    let object = complete(&seen.emulator, &seen.id).object();
    assert_eq!(stored(&seen.emulator, &object), Some(bytes(64)));
}

#[test]
fn a_forgotten_upload_is_gone() {
    for op in [OP, "mpupload/complete", "mpupload/cancel"] {
        let seen = slice_under_rule(Rule::once("upload", Fault::Garbage));
        seen.emulator.inject(Rule::once(op, Fault::ForgetSession));
        let answer = match op {
            OP => slice(&seen.emulator, &seen.id, 2, b"x"),
            "mpupload/complete" => complete(&seen.emulator, &seen.id),
            _ => cancel(&seen.emulator, &seen.id),
        };
        answer.refuses(10_005);
        assert_eq!(seen.emulator.xfyun().slices(&seen.id), None);
        init(&seen.emulator).succeeds();
    }
}

#[test]
fn a_body_is_cut_wherever_its_fields_are() {
    for rule in [Rule::once(OP, Fault::CutBefore).at_byte(200), Rule::any(Fault::Reset).at_byte(1)] {
        let emulator = emulator();
        let id = init(&emulator).upload_id();
        emulator.inject(rule.clone());
        let parts = [
            File(&bytes(900)),
            Text("app_id", "emulator"),
            Text("request_id", "r"),
            Text("upload_id", &id),
            Text("slice_id", "1"),
        ];
        let (head, body) = Signed::default().request(SLICE, &form_type(), form(&parts)).into_parts();
        let mut exchange = emulator.begin(NOW, head);
        exchange.feed(&body[..250]);
        assert!(exchange.is_decided(), "{rule:?}");
        assert_ne!(exchange.end(NOW).delivery, Delivery::Send);
        assert!(emulator.totals().received_file_bytes < 250);
        assert_eq!(emulator.xfyun().slices(&id), Some(vec![]));
    }
}

#[test]
fn rules_select_by_service_operation_and_path() {
    let emulator = emulator();
    let plan = r#"{"rules": [
        {"service": "cos-v2", "op": "upload", "fault": "garbage"},
        {"service": "xfyun", "op": "mpupload/init", "skip": 1, "fault": "unavailable"},
        {"path": "/file/mpupload/c*", "times": 2, "fault": "throttle"}
    ]}"#;
    for rule in Plan::from_json(plan).expect("a plan").rules {
        emulator.inject(rule);
    }
    upload(&emulator, b"x").succeeds();
    init(&emulator).succeeds();
    assert_eq!(init(&emulator).status, 503);
    assert_eq!([complete(&emulator, "x").status, cancel(&emulator, "x").status], [429, 429]);
    cancel(&emulator, "x").refuses(10_005);
}

#[test]
fn a_plan_that_asks_for_a_wrong_echo_is_refused() {
    for fault in ["wrong_offset", "wrong_length", "wrong_session", "offset_beyond_file"] {
        let plan = format!(r#"{{"rules": [{{"service": "xfyun", "fault": "{fault}"}}]}}"#);
        let error = Plan::from_json(&plan).expect_err(fault);
        assert!(error.to_string().contains("no request of this service can show it"), "{error}");
    }
    let slice_size = r#"{"rules": [{"service": "xfyun", "fault": "slice_size", "bytes": 1}]}"#;
    assert!(Plan::from_json(slice_size).is_err());
    let forget = r#"{"rules": [{"service": "xfyun", "op": "mpupload/init", "fault": "forget_session"}]}"#;
    let error = Plan::from_json(forget).expect_err("init");
    assert!(error.to_string().contains("`mpupload/upload`, `mpupload/complete`, `mpupload/cancel`"), "{error}");
    let forget = r#"{"rules": [{"service": "xfyun", "fault": "forget_session"}]}"#;
    assert!(Plan::from_json(forget).is_ok());
}

#[test]
fn a_request_that_is_turned_away_meets_faults_too() {
    let emulator = emulator();
    emulator.inject(Rule::once("mpupload/init", Fault::Html { status: 502 }));
    let date = "Wed, 05 Jan 2022 08:29:14 GMT";
    let request = || Signed { date, ..Signed::default() }.request(INIT, "application/json", "{}");
    assert_eq!(emulator.handle(NOW, request()).response.status(), 502);
    assert_eq!(emulator.handle(NOW, request()).response.status(), 403);
}
