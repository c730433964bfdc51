//! Every fault: what the client sees, and what the server did.

use resumable_emulator::{Delivery, Emulator, Fault, Plan, Rule};

use crate::client::*;

const OP: &str = "upload_part";

struct Seen {
    emulator: Emulator,
    id: String,
    answer: Answer,
    committed: bool,
}

fn part_under_rule(rule: Rule) -> Seen {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    emulator.inject(rule);
    let answer = part(&emulator, "a", &id, 1, &bytes(64));
    let committed = emulator.cos_xml().parts(&id).is_some_and(|parts| parts == [(1, 64)]);
    Seen { emulator, id, answer, committed }
}

fn part_under(fault: Fault) -> Seen {
    part_under_rule(Rule::once(OP, fault))
}

#[test]
fn refusals_with_the_vendors_codes() {
    for (status, code) in
        [(500, "InternalError"), (402, "PaymentRequired"), (451, "DomainAuditFailed"), (418, "Teapot")]
    {
        let seen = part_under(Fault::refuse(status, code));
        assert_eq!(seen.answer.refuses(status, code).text("Message") == "injected by the emulator", code == "Teapot");
        assert!(!seen.committed);
        part(&seen.emulator, "a", &seen.id, 1, &bytes(64)).succeeds();
    }
    part_under(Fault::refuse(400, 7)).answer.refuses(400, "7");
}

#[test]
fn pages_and_patience() {
    part_under(Fault::Unavailable).answer.refuses(503, "ServiceUnavailable");
    let slow = part_under(Fault::Throttle { retry_after_seconds: Some(7) }).answer.refuses(503, "SlowDown");
    assert_eq!(slow.header("retry-after"), "7");
    assert!(
        !part_under(Fault::Throttle { retry_after_seconds: None }).answer.refuses(503, "SlowDown").has("retry-after")
    );
    let garbage = part_under(Fault::Garbage);
    assert_eq!((garbage.answer.status, garbage.committed), (200, false));
    assert!(std::str::from_utf8(garbage.answer.reply.response.body()).is_err());
}

#[test]
fn how_much_of_the_answer_is_delivered() {
    for (fault, delivery, commits) in [
        (Fault::CutBefore, Delivery::Drop, false),
        (Fault::Reset, Delivery::Reset, false),
        (Fault::Stall, Delivery::Stall, false),
        (Fault::DropReply, Delivery::Drop, true),
        (Fault::Delay { millis: 3 }, Delivery::Send, true),
    ] {
        let seen = part_under(fault.clone());
        assert_eq!((seen.answer.reply.delivery, seen.committed), (delivery, commits), "{fault:?}");
    }
}

#[test]
fn with_commit_the_work_is_done_first() {
    for fault in [Fault::refuse(500, "InternalError"), Fault::Unavailable, Fault::Html { status: 502 }, Fault::Garbage]
    {
        let without = part_under(fault.clone());
        let with = part_under_rule(Rule::once(OP, fault.clone()).committed());
        assert_eq!((without.committed, with.committed), (false, true), "{fault:?}");
        assert_eq!(with.answer.status, without.answer.status, "{fault:?}");
    }
}

#[test]
fn a_fault_in_the_middle_of_the_body_keeps_nothing() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    emulator.inject(Rule::once(OP, Fault::Reset).at_byte(50));
    let (head, _) = ask_part("a", &id, 1, &bytes(200)).request().into_parts();
    let mut exchange = emulator.begin(NOW, head);
    exchange.feed(&bytes(200)[..49]);
    assert!(!exchange.is_decided());
    exchange.feed(&bytes(200)[49..]);
    assert!(exchange.is_decided());
    assert_eq!(exchange.end(NOW).delivery, Delivery::Reset);
    assert_eq!(emulator.log().last().map(|entry| entry.received_bytes), Some(50));
    assert_eq!(emulator.cos_xml().parts(&id), Some(Vec::new()));
}

#[test]
fn a_forgotten_upload_is_unknown_from_then_on() {
    for op in ["upload_part", "list_parts", "complete", "abort"] {
        let emulator = emulator();
        let id = uploaded(&emulator, "a", &[b"x"]);
        emulator.inject(Rule::once(op, Fault::ForgetSession));
        let calls = || match op {
            "upload_part" => part(&emulator, "a", &id, 2, b"x"),
            "list_parts" => list(&emulator, "a", &id),
            "complete" => complete(&emulator, "a", &id, &[(1, b"x")]),
            _ => abort(&emulator, "a", &id),
        };
        calls().refuses(404, "NoSuchUpload");
        calls().refuses(404, "NoSuchUpload");
    }
}

#[test]
fn a_key_that_is_ended_stays_so_and_a_signature_is_refused_once() {
    let emulator = emulator();
    let (key, other) = (emulator.cos_xml().grant(NOW), emulator.cos_xml().grant(NOW));
    let ask = ask("PUT", "a").body(b"x");
    emulator.inject(Rule::once("put_object", Fault::ExpireToken));
    let (head, _) = ask.clone().temporary(&key).request().into_parts();
    let exchange = emulator.begin(NOW, head);
    assert!(exchange.is_decided(), "before the body is read");
    Answer::of(exchange.end(NOW)).refuses(400, "ExpiredToken");
    ask.clone().temporary(&key).send(&emulator).refuses(400, "ExpiredToken");
    ask.temporary(&other).send(&emulator).succeeds();
    let seen = part_under(Fault::ExpireToken);
    assert_eq!(seen.answer.refuses(403, "AccessDenied").text("Message"), "Request has expired");
    part(&seen.emulator, "a", &seen.id, 1, &bytes(64)).succeeds();
}

#[test]
fn bodiless_answers_stay_bodiless() {
    let emulator = emulator();
    for fault in [
        Fault::Garbage,
        Fault::Unavailable,
        Fault::refuse(500, "InternalError"),
        Fault::refuse(200, "InternalError"),
        Fault::Html { status: 502 },
        Fault::ExpireToken,
    ] {
        emulator.inject(Rule::once("head_object", fault.clone()));
        assert_eq!(head(&emulator, "a").body, "", "{fault:?}");
    }
}

#[test]
fn a_plan_knows_what_each_operation_can_show() {
    let plan = |op: &str, fault: &str| {
        let rule = format!(r#"{{"rules": [{{"service": "cos-xml", "op": "{op}", "fault": "{fault}"}}]}}"#);
        Plan::from_json(&rule).is_ok()
    };
    for (op, fault) in [
        ("list_parts", "stuck_marker"),
        ("list_uploads", "missing_marker"),
        ("upload_part", "wrong_etag"),
        ("complete", "wrong_crc"),
        ("abort", "forget_session"),
        ("initiate", "drop_reply"),
        ("delete_object", "unavailable"),
    ] {
        assert!(plan(op, fault), "{op} {fault}");
    }
    for (op, fault) in [
        ("complete", "callback_failed"),
        ("upload_part", "stuck_marker"),
        ("list_parts", "wrong_crc"),
        ("put_object", "forget_session"),
        ("upload_part", "wrong_offset"),
        ("upload", "garbage"),
    ] {
        assert!(!plan(op, fault), "{op} {fault}");
    }
}

#[test]
fn an_object_that_is_not_as_its_parts_have_it_and_a_list_that_is_not_as_the_parts_are() {
    let emulator = emulator();
    let parts = [&bytes(64)[..], b"x"];
    let id = uploaded(&emulator, "a", &parts);
    for (fault, numbers) in [
        (Fault::DuplicatePart, &["1", "1", "2"][..]),
        (Fault::MissingPart, &["2"]),
        (Fault::ExtraPart, &["1", "2", "3"]),
    ] {
        emulator.inject(Rule::once("list_parts", fault));
        assert_eq!(list(&emulator, "a", &id).succeeds().all("PartNumber"), numbers);
    }
    emulator.inject(Rule::once("complete", Fault::OtherBytes));
    let done = complete(&emulator, "a", &id, &[(1, parts[0]), (2, parts[1])]).succeeds();
    let there = stored(&emulator, "a").expect("an object");
    let differ: u32 = there.iter().zip(parts.concat()).map(|(there, sent)| (there ^ sent).count_ones()).sum();
    assert_eq!((there.len(), differ), (65, 1));
    assert_eq!(put(&emulator, "b", &there).succeeds().crc64(), done.crc64());
}
