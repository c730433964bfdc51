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
    let committed = emulator.oss().parts(&id).is_some_and(|parts| parts == [(1, 64)]);
    Seen { emulator, id, answer, committed }
}

fn part_under(fault: Fault) -> Seen {
    part_under_rule(Rule::once(OP, fault))
}

#[test]
fn refusals_with_the_vendors_codes() {
    for (status, code, message) in [
        (500, "InternalError", "We encountered an internal error. Please try again."),
        (403, "AccessDenied", "You have no right to access this object because of bucket acl."),
        (418, "Teapot", "injected by the emulator"),
    ] {
        let seen = part_under(Fault::refuse(status, code));
        assert_eq!(seen.answer.refuses(status, code).text("Message"), message);
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
    let slow = part_under(Fault::Throttle { retry_after_seconds: None }).answer.refuses(503, "SlowDown");
    assert!(!slow.reply.response.headers().contains_key("retry-after"));
    let page = part_under(Fault::Html { status: 405 });
    assert_eq!((page.answer.status, page.answer.header("content-type"), page.committed), (405, "text/html", false));
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
fn a_part_whose_reply_was_lost_is_there_already() {
    let seen = part_under(Fault::DropReply);
    let again = part(&seen.emulator, "a", &seen.id, 1, &bytes(64)).refuses(409, "PartAlreadyExist");
    assert_eq!(again.text("ETag"), format!("\"{}\"", tag(&bytes(64))));
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
    assert_eq!(emulator.oss().parts(&id), Some(Vec::new()));
}

#[test]
fn an_expired_token_is_told_of_once_and_then_unknown() {
    let emulator = emulator();
    let (sts, other) = (emulator.oss().grant(NOW), emulator.oss().grant(NOW));
    let ask = ask("PUT", "a").body(b"x");
    emulator.inject(Rule::once("put_object", Fault::ExpireToken));
    let answer = ask.clone().sts(&sts).send(&emulator).refuses(403, "SecurityTokenExpired");
    assert_eq!(answer.text("SecurityToken"), sts.security_token);
    ask.clone().sts(&sts).send(&emulator).refuses(403, "InvalidAccessKeyId");
    ask.sts(&other).send(&emulator).succeeds();
}

#[test]
fn with_a_long_lived_key_it_is_the_date_that_is_too_old() {
    let seen = part_under(Fault::ExpireToken);
    let answer = seen.answer.refuses(403, "RequestTimeTooSkewed");
    assert_eq!((answer.text("RequestTime").as_str(), seen.committed), ("2025-12-31T23:44:59.000Z", false));
    part(&seen.emulator, "a", &seen.id, 1, &bytes(64)).succeeds();
}

#[test]
fn a_forgotten_upload_is_unknown_from_then_on() {
    for op in ["upload_part", "list_parts", "complete", "abort"] {
        let emulator = emulator();
        let id = initiate(&emulator, "a");
        part(&emulator, "a", &id, 1, &bytes(5)).succeeds();
        emulator.inject(Rule::once(op, Fault::ForgetSession));
        let calls = || match op {
            "upload_part" => part(&emulator, "a", &id, 2, &bytes(5)),
            "list_parts" => list(&emulator, "a", &id),
            "complete" => complete(&emulator, "a", &id, &[(1, &bytes(5))]),
            _ => abort(&emulator, "a", &id),
        };
        calls().refuses(404, "NoSuchUpload");
        calls().refuses(404, "NoSuchUpload");
    }
}

#[test]
fn digests_that_are_wrong() {
    let zeros = "0".repeat(32);
    let (right, wrong) = (part_under(Fault::WrongCrc), part_under(Fault::WrongEtag));
    assert_eq!((right.answer.etag(), wrong.answer.etag()), (tag(&bytes(64)).as_str(), zeros.as_str()));
    assert_eq!(right.answer.crc64(), wrong.answer.crc64() + 1);
    assert!(right.committed && wrong.committed);
    let emulator = right.emulator;
    emulator.inject(Rule::once(OP, Fault::WrongEtag));
    let there = part(&emulator, "a", &right.id, 1, &bytes(64)).refuses(409, "PartAlreadyExist");
    assert_eq!(there.text("ETag"), format!("\"{zeros}\""));
    emulator.inject(Rule::once("list_parts", Fault::WrongEtag));
    assert_eq!(list(&emulator, "a", &right.id).all("ETag"), [format!("\"{zeros}\"")]);
    emulator.inject(Rule::once("complete", Fault::WrongCrc));
    let (done, crc64) = (complete(&emulator, "a", &right.id, &[(1, &bytes(64))]).succeeds(), wrong.answer.crc64());
    assert_eq!(done.crc64(), crc64 + 1);
    assert_eq!(ask("HEAD", "a").send(&emulator).crc64(), crc64);
    emulator.inject(Rule::once("head_object", Fault::WrongCrc));
    assert_eq!(ask("HEAD", "a").send(&emulator).crc64(), crc64 + 1);
}

#[test]
fn pages_that_lead_nowhere() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    (1..=5).for_each(|number| drop(part(&emulator, "a", &id, number, b"x").succeeds()));
    let page = |fault: Fault| {
        emulator.inject(Rule::once("list_parts", fault));
        ask("GET", "a").query("uploadId", &id).query("part-number-marker", "3").send(&emulator).succeeds()
    };
    let stuck = page(Fault::StuckMarker);
    assert_eq!((stuck.text("IsTruncated").as_str(), stuck.text("NextPartNumberMarker").as_str()), ("true", "3"));
    let missing = page(Fault::MissingMarker);
    assert_eq!((missing.text("IsTruncated").as_str(), missing.all("NextPartNumberMarker").len()), ("true", 0));
}

#[test]
fn a_list_whose_sizes_are_short() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    part(&emulator, "a", &id, 1, &bytes(64)).succeeds();
    emulator.inject(Rule::once("list_parts", Fault::WrongLength));
    let sizes = [(); 2].map(|()| ask("GET", "a").query("uploadId", &id).send(&emulator).succeeds().text("Size"));
    assert_eq!(sizes, ["63", "64"]);
}

#[test]
fn a_list_with_a_part_twice_without_one_and_with_one_too_many() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    (1..=3).for_each(|number| drop(part(&emulator, "a", &id, number, b"x").succeeds()));
    for (fault, numbers) in [
        (Fault::DuplicatePart, &["1", "1", "2", "3"][..]),
        (Fault::MissingPart, &["2", "3"]),
        (Fault::ExtraPart, &["1", "2", "3", "4"]),
    ] {
        emulator.inject(Rule::once("list_parts", fault));
        assert_eq!(list(&emulator, "a", &id).succeeds().all("PartNumber"), numbers);
    }
}

#[test]
fn an_object_that_is_not_as_its_parts_have_it_is_told_of_as_it_is() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    part(&emulator, "a", &id, 1, &bytes(64)).succeeds();
    emulator.inject(Rule::once("complete", Fault::OtherBytes));
    let done = complete(&emulator, "a", &id, &[(1, &bytes(64))]).succeeds();
    let there = stored(&emulator, "a").expect("an object");
    let differ: u32 = there.iter().zip(bytes(64)).map(|(there, sent)| (there ^ sent).count_ones()).sum();
    assert_eq!((there.len(), differ), (64, 1));
    assert_eq!(put(&emulator, "b", &there).succeeds().crc64(), done.crc64());
}

#[test]
fn a_failed_callback_was_heard_or_not() {
    for delivered in [false, true] {
        let emulator = emulator();
        emulator.inject(Rule::any(Fault::CallbackFailed { delivered }));
        let answer = called_back(ask("PUT", "a").body(b"x"), HEARD).send(&emulator).refuses(203, "CallbackFailed");
        assert_eq!((answer.etag(), stored(&emulator, "a")), (tag(b"x").as_str(), Some(b"x".to_vec())));
        emulator.inject(Rule::any(Fault::CallbackFailed { delivered }));
        put(&emulator, "b", b"x").succeeds();
    }
}

#[test]
fn bodiless_answers_stay_bodiless() {
    let emulator = emulator();
    emulator.inject(Rule::once("head_object", Fault::Garbage));
    assert_eq!(ask("HEAD", "a").send(&emulator).body, "");
    for fault in [Fault::Unavailable, Fault::refuse(500, "InternalError"), Fault::Html { status: 502 }] {
        emulator.inject(Rule::once("head_object", fault.clone()));
        let answer = ask("HEAD", "a").send(&emulator);
        assert_eq!((answer.status >= 500, answer.body.as_str()), (true, ""), "{fault:?}");
        assert_eq!(answer.reply.response.headers().contains_key("x-oss-err"), fault != Fault::Html { status: 502 });
    }
}

#[test]
fn a_page_of_a_proxys_has_nothing_of_the_vendors() {
    let emulator = emulator();
    for method in ["HEAD", "PUT"] {
        emulator.inject(Rule::any(Fault::Html { status: 404 }));
        let answer = ask(method, "a").send(&emulator);
        let ours = |name: &http::HeaderName| name.as_str().starts_with("x-oss-") || name == "server";
        let names: Vec<_> = answer.reply.response.headers().keys().filter(|name| ours(name)).collect();
        assert_eq!((answer.status, names), (404, Vec::new()), "{method}");
    }
}

#[test]
fn a_plan_knows_what_each_operation_can_show() {
    let plan = |op: &str, fault: &str| {
        Plan::from_json(&format!(r#"{{"rules": [{{"service": "oss", "op": "{op}", "fault": "{fault}"}}]}}"#)).is_ok()
    };
    for (op, fault) in [
        ("put_object", "callback_failed"),
        ("complete", "callback_failed"),
        ("list_parts", "stuck_marker"),
        ("list_parts", "missing_marker"),
        ("list_parts", "extra_part"),
        ("complete", "other_bytes"),
        ("upload_part", "wrong_etag"),
        ("abort", "forget_session"),
        ("initiate", "drop_reply"),
    ] {
        assert!(plan(op, fault), "{op} {fault}");
    }
    for (op, fault) in [
        ("initiate", "callback_failed"),
        ("upload_part", "stuck_marker"),
        ("upload_part", "other_bytes"),
        ("initiate", "wrong_crc"),
        ("put_object", "forget_session"),
        ("upload_part", "wrong_offset"),
        ("upload", "garbage"),
    ] {
        assert!(!plan(op, fault), "{op} {fault}");
    }
    for service in ["cos-v2", "cos-v1", "xfyun"] {
        let rule = format!(r#"{{"rules": [{{"service": "{service}", "fault": "stuck_marker"}}]}}"#);
        assert!(Plan::from_json(&rule).is_err(), "{service}");
    }
}
