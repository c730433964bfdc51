//! Every fault: what the client sees, and what the server did.

use std::time::Duration;

use crate::client::*;
use resumable_emulator::cos::ExpiredCode;
use resumable_emulator::{Delivery, Emulator, Fault, Plan, Rule};

/// Begins an upload of one slice.
fn begun(emulator: &Emulator) -> String {
    init(emulator, &bytes(64), 64).session()
}

fn committed(emulator: &Emulator) -> bool {
    let slices = emulator.cos_v2().slices("10055004", "accesslog", "d/f.bin");
    slices.is_some_and(|slices| slices == [(0, 64)])
}

fn slice_under_rule(rule: Rule) -> (Emulator, Answer, bool) {
    let emulator = emulator();
    let session = begun(&emulator);
    emulator.inject(rule);
    let answer = data(&emulator, &session, 0, &bytes(64));
    let committed = committed(&emulator);
    (emulator, answer, committed)
}

fn slice_under(fault: Fault) -> (Emulator, Answer, bool) {
    slice_under_rule(Rule::once("upload_slice_data", fault))
}

#[test]
fn refusals_do_nothing() {
    let cases = [
        (Fault::refuse(500, -195), 500, -195),
        (Fault::refuse(400, -12_345), 400, -12_345),
        (Fault::Unavailable, 503, -196),
        (Fault::ExpireToken, 403, -96),
        (Fault::Throttle { retry_after_seconds: None }, 503, -71),
        (Fault::Throttle { retry_after_seconds: Some(5) }, 503, -71),
    ];
    for (fault, status, code) in cases {
        let (emulator, answer, committed) = slice_under(fault.clone());
        answer.is(status, code);
        assert!(!committed, "{fault:?}");
        assert_eq!(answer.reply.delivery, Delivery::Send);
        let retry = answer.reply.response.headers().get("retry-after");
        let asked = matches!(fault, Fault::Throttle { retry_after_seconds: Some(5) });
        assert_eq!(retry.is_some_and(|value| value == "5"), asked);
        let log = emulator.log();
        let entry = log.last().expect("an entry");
        assert_eq!((entry.fault.as_ref(), entry.op.as_str()), (Some(&fault), "upload_slice_data"));
        assert_eq!(answer.reply.fault, Some(fault));
    }
}

#[test]
fn a_refusal_with_a_code_that_is_a_text() {
    let (_, answer, committed) = slice_under(Fault::refuse(403, "SignatureDoesNotMatch"));
    assert_eq!((answer.status, answer.body["code"].as_str()), (403, Some("SignatureDoesNotMatch")));
    assert!(!committed);
}

#[test]
fn an_expired_token_is_refused_as_the_switch_says() {
    let emulator = with(|config| config.cos_v2.switches.expired = ExpiredCode::Sign);
    emulator.inject(Rule::any(Fault::ExpireToken));
    list(&emulator).is(403, -59);
}

#[test]
fn answers_that_are_no_json_do_nothing() {
    for (fault, status) in [(Fault::Html { status: 502 }, 502), (Fault::Garbage, 200)] {
        let (_, answer, committed) = slice_under(fault);
        assert_eq!(answer.status, status);
        assert!(answer.body.is_null() && !committed);
    }
}

#[test]
fn with_commit_the_work_is_done_first() {
    let faults = [
        Fault::refuse(500, -195),
        Fault::Unavailable,
        Fault::Html { status: 502 },
        Fault::Garbage,
        Fault::Reset,
        Fault::Stall,
    ];
    for fault in faults {
        let (_, without, done) = slice_under(fault.clone());
        assert!(!done, "{fault:?}");
        let (emulator, with, done) = slice_under_rule(Rule::any(fault.clone()).committed());
        assert!(done, "{fault:?}");
        let seen = |answer: &Answer| (answer.status, answer.body["code"].clone(), answer.reply.delivery);
        assert_eq!(seen(&with), seen(&without), "{fault:?}");
        assert_eq!(emulator.totals().file_bytes, 64);
    }
}

#[test]
fn how_much_of_the_answer_is_delivered() {
    let cases = [
        (Fault::CutBefore, Delivery::Drop, false),
        (Fault::Reset, Delivery::Reset, false),
        (Fault::Stall, Delivery::Stall, false),
        (Fault::DropReply, Delivery::Drop, true),
        (Fault::Trickle { millis: 3 }, Delivery::Trickle(Duration::from_millis(3)), true),
    ];
    for (fault, delivery, commits) in cases {
        let (_, answer, committed) = slice_under(fault);
        assert_eq!((answer.reply.delivery, committed), (delivery, commits));
    }
    let (_, answer, committed) = slice_under(Fault::CutReply);
    let length = answer.reply.response.body().len();
    assert_eq!(answer.reply.delivery, Delivery::Cut(length / 2));
    assert!(committed);
}

#[test]
fn delay() {
    let (_, answer, committed) = slice_under(Fault::Delay { millis: 1500 });
    assert_eq!(answer.reply.delay, Duration::from_millis(1500));
    assert!(committed);
    answer.is(200, 0);
}

#[test]
fn wrong_echoes_of_a_slice() {
    let (_, answer, committed) = slice_under(Fault::WrongOffset);
    assert_eq!((&answer.data()["offset"], &answer.data()["datalen"]), (&1.into(), &64.into()));
    assert!(committed);
    let (_, answer, committed) = slice_under(Fault::WrongLength);
    assert_eq!((&answer.data()["offset"], &answer.data()["datalen"]), (&0.into(), &63.into()));
    assert!(committed);
    let (emulator, answer, committed) = slice_under(Fault::WrongSession);
    let true_session = list(&emulator).session();
    assert_ne!(answer.session(), true_session);
    assert_eq!(answer.session().len(), true_session.len());
    assert!(committed);
}

fn list_under(fault: Fault) -> (serde_json::Value, serde_json::Value) {
    let emulator = emulator();
    let session = init(&emulator, &bytes(200), 64).session();
    data(&emulator, &session, 64, &bytes(64)).is(200, 0);
    emulator.inject(Rule::any(fault));
    (list(&emulator).data().clone(), list(&emulator).data().clone())
}

#[test]
fn lists_that_lie() {
    let (lie, truth) = list_under(Fault::OffsetBeyondFile);
    let lengths = [&lie, &truth].map(|list| list["listparts"].as_array().map(Vec::len));
    assert_eq!(lengths, [Some(2), Some(1)]);
    assert_eq!(lie["listparts"][1]["offset"], 264);
    let (lie, truth) = list_under(Fault::WrongLength);
    assert_eq!((&lie["listparts"][0]["datalen"], &truth["listparts"][0]["datalen"]), (&63.into(), &64.into()));
    let (lie, truth) = list_under(Fault::WrongSession);
    assert_ne!(lie["session"], truth["session"]);
    let (lie, truth) = list_under(Fault::SliceSize { bytes: 0 });
    assert_eq!((&lie["slice_size"], &truth["slice_size"]), (&0.into(), &64.into()));
}

#[test]
fn a_slice_size_nobody_asked_for_is_kept_to() {
    let file = bytes(300);
    for (bytes, fits, too_long) in [(100, 100, 64), (128, 128, 64), (7, 7, 64)] {
        let emulator = emulator();
        emulator.inject(Rule::once("upload_slice_init", Fault::SliceSize { bytes }));
        let begun = init(&emulator, &file, 64);
        assert_eq!(begun.data()["slice_size"], bytes);
        data(&emulator, &begun.session(), 0, &file[..too_long]).is(400, -5999);
        data(&emulator, &begun.session(), fits, &file[fits..2 * fits]).is(200, 0);
        assert_eq!(list(&emulator).data()["slice_size"], bytes);
    }
    let emulator = emulator();
    emulator.inject(Rule::once("upload_slice_init", Fault::SliceSize { bytes: 0 }));
    let begun = init(&emulator, &file, 64);
    assert_eq!(begun.data()["slice_size"], 0);
    data(&emulator, &begun.session(), 0, &file[..64]).is(400, -5999);
}

#[test]
fn a_forgotten_session() {
    let (emulator, answer, _) = slice_under(Fault::ForgetSession);
    answer.is(404, -197);
    list(&emulator).is(404, -197);
    begun(&emulator);
}

#[test]
fn a_reply_lost_at_finish_is_found_by_list() {
    let emulator = emulator();
    let session = begun(&emulator);
    data(&emulator, &session, 0, &bytes(64)).is(200, 0);
    emulator.inject(Rule::once("upload_slice_finish", Fault::DropReply));
    let lost = finish(&emulator, &session, 64);
    assert_eq!(lost.reply.delivery, Delivery::Drop);
    assert!(list(&emulator).data().get("access_url").is_some());
}

#[test]
fn a_fault_for_any_request_and_no_more_after_clearing() {
    let emulator = emulator();
    emulator.inject(Rule::any(Fault::Unavailable));
    list(&emulator).is(503, -196);
    list(&emulator).is(404, -197);
    emulator.inject(Rule::any(Fault::Unavailable).times(Rule::ALWAYS));
    list(&emulator).is(503, -196);
    emulator.clear_faults();
    list(&emulator).is(404, -197);
}

#[test]
fn a_fault_comes_before_the_signature() {
    let emulator = emulator();
    emulator.inject(Rule::once("upload", Fault::Unavailable));
    let request = || post(URL, "", form(&[Text("op", "upload"), File(b"x")]));
    Answer::of(emulator.handle(NOW, request())).is(503, -196);
    Answer::of(emulator.handle(NOW, request())).is(403, -48);
}

#[test]
fn a_rule_for_a_path_leaves_others_alone() {
    let emulator = emulator();
    let text = r#"{"rules": [{"path": "/e/*", "times": "always", "fault": "unavailable"}]}"#;
    for rule in Plan::from_json(text).expect("a plan").rules {
        emulator.inject(rule);
    }
    upload(&emulator, URL, b"x").is(200, 0);
    upload(&emulator, "/files/v2/10055004/accesslog/e/x", b"x").is(503, -196);
    upload(&emulator, "/files/v2/10055004/accesslog/e/y%20z", b"x").is(503, -196);
}

/// Feeds a slice in pieces; how much of the body was taken, and the answer.
fn fed_under(rule: Rule, op_first: bool, step: usize) -> (Emulator, u64, Answer) {
    let emulator = emulator();
    let session = begun(&emulator);
    emulator.inject(rule);
    let file = bytes(64);
    let mut parts = vec![Text("session", &session), Text("offset", "0"), File(&file)];
    parts.insert(if op_first { 0 } else { 3 }, Text("op", "upload_slice_data"));
    let body = form(&parts);
    let (head, _) = post(URL, &multi(), Vec::new()).into_parts();
    let mut exchange = emulator.begin(NOW, head);
    let mut taken = 0;
    for chunk in body.chunks(step) {
        if exchange.is_decided() {
            break;
        }
        exchange.feed(chunk);
        taken += chunk.len() as u64;
    }
    let answer = Answer::of(exchange.end(NOW));
    (emulator, taken, answer)
}

#[test]
fn a_body_is_cut_at_its_nth_byte() {
    let body_before_file = 500;
    for step in [1, 7, 100_000] {
        let rule = Rule::once("upload_slice_data", Fault::CutBefore).at_byte(body_before_file + 40);
        let (emulator, taken, answer) = fed_under(rule, true, step);
        assert_eq!(answer.reply.delivery, Delivery::Drop);
        assert!(!committed(&emulator));
        if step == 1 {
            assert_eq!(taken, body_before_file + 40);
        }
        let received = emulator.totals().received_file_bytes;
        assert!((1..64).contains(&received), "{received} bytes of the file by {step}");
        data(&emulator, &list(&emulator).session(), 0, &bytes(64)).is(200, 0);
    }
}

#[test]
fn a_body_whose_op_comes_late_is_cut_as_soon_as_it_is_known() {
    let rule = Rule::once("upload_slice_data", Fault::CutBefore).at_byte(10);
    let (emulator, _, answer) = fed_under(rule, false, 1);
    assert_eq!(answer.reply.delivery, Delivery::Drop);
    assert!(!committed(&emulator));
    assert_eq!(emulator.totals().received_file_bytes, 64);
}

#[test]
fn a_body_that_is_too_short_meets_the_fault_at_its_end() {
    let (emulator, _, answer) = fed_under(Rule::any(Fault::Unavailable).at_byte(1_000_000), true, 100);
    answer.is(503, -196);
    assert!(!committed(&emulator));
}

#[test]
fn an_answer_may_come_in_the_middle_of_the_body() {
    let (emulator, taken, answer) = fed_under(Rule::any(Fault::refuse(413, -1)).at_byte(300), true, 1);
    answer.is(413, -1);
    assert_eq!(taken, 300);
    assert_eq!(emulator.totals().cut, 0);
}
