//! COS v1: every fault, in this vendor's shapes.

use std::time::Duration;

use crate::client::v1::*;
use crate::client::{Answer, File, NOW, Text, bytes, call_at, form, multi, post, sha};
use resumable_emulator::cos_v1::ErrorStatus;
use resumable_emulator::{Delivery, Emulator, Fault, Plan, Rule};

const INIT: &str = "upload_slice_init";
const DATA: &str = "upload_slice_data";

/// A slice of an upload of two under a rule: the answer, and whether the slice was stored.
fn slice_under_rule(rule: Rule) -> (Emulator, Answer, bool) {
    let emulator = crate::client::emulator();
    let session = init(&emulator, &bytes(100)).session();
    emulator.inject(rule);
    let answer = slice(&emulator, &session, 0, &bytes(100)[..64]);
    let stored = unfinished(&emulator) == [[(0, 64)]];
    (emulator, answer, stored)
}

fn slice_under(fault: Fault) -> (Emulator, Answer, bool) {
    slice_under_rule(Rule::once(DATA, fault))
}

#[test]
fn refusals_do_nothing() {
    for (fault, status, code) in [
        (Fault::refuse(400, -288), 400, -288),
        (Fault::refuse(500, -12_345), 500, -12_345),
        (Fault::Unavailable, 400, -5997),
        (Fault::ExpireToken, 400, -96),
        (Fault::Throttle { retry_after_seconds: Some(5) }, 400, -71),
    ] {
        let (emulator, answer, stored) = slice_under(fault.clone());
        answer.is(status, code);
        assert!(!stored && answer.body.get("data").is_none(), "{fault:?}");
        let retry = answer.reply.response.headers().get("retry-after");
        assert_eq!(retry.is_some_and(|value| value == "5"), matches!(fault, Fault::Throttle { .. }));
        assert_eq!(emulator.log().last().expect("an entry").fault, Some(fault));
    }
    let text = slice_under(Fault::refuse(400, -288)).1.body["message"].clone();
    assert_eq!(text, "ERROR_CMD_PROCESS_FAILED");
}

#[test]
fn with_the_statuses_of_v2() {
    let emulator = crate::client::with(|config| config.cos_v1.switches.error_status = ErrorStatus::AsV2);
    for (fault, status, code) in [
        (Fault::Unavailable, 503, -5997),
        (Fault::ExpireToken, 403, -96),
        (Fault::Throttle { retry_after_seconds: None }, 503, -71),
    ] {
        emulator.inject(Rule::any(fault));
        stat(&emulator).is(status, code);
    }
}

#[test]
fn answers_that_are_no_json() {
    for (fault, status) in [(Fault::Html { status: 502 }, 502), (Fault::Garbage, 200)] {
        let (_, answer, stored) = slice_under(fault.clone());
        assert!(answer.status == status && answer.body.is_null() && !stored);
        let (_, answer, stored) = slice_under_rule(Rule::any(fault).committed());
        assert!(answer.status == status && answer.body.is_null() && stored);
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
        let (_, answer, stored) = slice_under(fault);
        assert_eq!((answer.reply.delivery, stored), (delivery, commits));
    }
    let (_, answer, stored) = slice_under(Fault::CutReply);
    assert_eq!(answer.reply.delivery, Delivery::Cut(answer.reply.response.body().len() / 2));
    assert!(stored);
}

#[test]
fn wrong_echoes_of_a_slice() {
    let (_, answer, stored) = slice_under(Fault::WrongOffset);
    assert!(answer.data()["offset"] == 1 && stored);
    let (_, answer, stored) = slice_under(Fault::OffsetBeyondFile);
    assert!(answer.data()["offset"] == 101 && stored);
    let (emulator, answer, stored) = slice_under(Fault::WrongSession);
    let truth = init(&emulator, &bytes(100)).session();
    assert!(stored && answer.session() != truth && answer.session().len() == truth.len());
}

#[test]
fn wrong_echoes_of_the_last_slice() {
    for (fault, offset, lies) in
        [(Fault::WrongOffset, 65, false), (Fault::OffsetBeyondFile, 101, false), (Fault::WrongSession, 64, true)]
    {
        let emulator = crate::client::emulator();
        let session = init(&emulator, &bytes(100)).session();
        slices(&emulator, &session, &bytes(100), [0]);
        emulator.inject(Rule::once(DATA, fault));
        let last = slice(&emulator, &session, 64, &bytes(100)[64..]);
        assert!(last.data()["offset"] == offset && (last.session() != session) == lies);
        assert!(last.data().get("access_url").is_some());
        assert_eq!(stored(&emulator), Some(bytes(100)));
    }
}

#[test]
fn an_init_that_lies() {
    let file = bytes(200);
    for (fault, before, key, lie) in [
        (Fault::WrongOffset, 0, "offset", 64),
        (Fault::WrongOffset, 1, "offset", 128),
        (Fault::WrongOffset, 3, "offset", 200),
        (Fault::OffsetBeyondFile, 0, "offset", 201),
        (Fault::OffsetBeyondFile, 2, "offset", 201),
        (Fault::SliceSize { bytes: 0 }, 1, "slice_size", 0),
    ] {
        let emulator = crate::client::emulator();
        let session = init(&emulator, &file).session();
        (0..before).for_each(|index| drop(slices(&emulator, &session, &file, [index])));
        emulator.inject(Rule::once(INIT, fault.clone()));
        let answers = [init(&emulator, &file), init(&emulator, &file)];
        assert_eq!(answers[0].data()[key], lie, "{fault:?}");
        assert_eq!(answers[1].data()["offset"], before * 64);
        assert_eq!(answers[1].data()["slice_size"], 64);
    }
    let emulator = crate::client::emulator();
    emulator.inject(Rule::once(INIT, Fault::WrongSession));
    let lie = init(&emulator, &file).session();
    slice(&emulator, &lie, 0, &file[..64]).is(400, -288);
    assert_ne!(init(&emulator, &file).session(), lie);
}

#[test]
fn an_offset_at_the_end_is_also_lied_about() {
    let emulator = crate::client::with(|config| {
        config.cos_v1.switches.failed_check = resumable_emulator::cos_v1::FailedCheck::Keep;
    });
    let session = init(&emulator, &bytes(64)).session();
    slice(&emulator, &session, 0, &[0; 64]).is(400, -4016);
    emulator.inject(Rule::once(INIT, Fault::WrongOffset));
    let lies = [init(&emulator, &bytes(64)), init(&emulator, &bytes(64))];
    assert_eq!(lies.map(|answer| answer.data()["offset"].clone()), [0, 64]);
}

#[test]
fn a_slice_size_nobody_asked_for_is_kept_to() {
    let file = bytes(300);
    for (bytes, slice_length) in [(100, 100), (7, 7), (1000, 300)] {
        let emulator = crate::client::emulator();
        emulator.inject(Rule::once(INIT, Fault::SliceSize { bytes }));
        let begun = init(&emulator, &file);
        assert_eq!(begun.data()["slice_size"], bytes);
        slice(&emulator, &begun.session(), 0, &file[..64]).is(400, -5999);
        slice(&emulator, &begun.session(), 0, &file[..slice_length]).is(200, 0);
    }
    let emulator = crate::client::emulator();
    emulator.inject(Rule::once(INIT, Fault::SliceSize { bytes: 0 }));
    let begun = init(&emulator, &file);
    assert_eq!(begun.data()["slice_size"], 0);
    slice(&emulator, &begun.session(), 0, &file[..64]).is(400, -5999);
}

#[test]
fn a_forgotten_session() {
    let (emulator, answer, _) = slice_under(Fault::ForgetSession);
    answer.is(400, -288);
    assert_eq!(unfinished(&emulator), [[]; 0]);
    let session = init(&emulator, &bytes(100)).session();
    slices(&emulator, &session, &bytes(100), [0]);
    emulator.inject(Rule::once(INIT, Fault::ForgetSession));
    assert_eq!(init(&emulator, &bytes(100)).data()["offset"], 0);
}

#[test]
fn a_lost_last_answer_is_found_by_init_or_by_the_slice_again() {
    let emulator = crate::client::emulator();
    let file = bytes(64);
    let session = init(&emulator, &file).session();
    emulator.inject(Rule::once(DATA, Fault::DropReply));
    assert_eq!(slice(&emulator, &session, 0, &file).reply.delivery, Delivery::Drop);
    assert!(slice(&emulator, &session, 0, &file).data().get("url").is_some());
    assert!(init(&emulator, &file).data().get("url").is_some());
}

#[test]
fn a_plan_that_names_the_service_leaves_v2_alone() {
    let emulator = crate::client::emulator();
    let text =
        r#"{"rules": [{"service": "cos-v1", "op": "upload_slice_data", "times": "always", "fault": "unavailable"}]}"#;
    Plan::from_json(text).expect("a plan").rules.into_iter().for_each(|rule| emulator.inject(rule));
    let session = crate::client::init(&emulator, &bytes(64), 64).session();
    crate::client::data(&emulator, &session, 0, &bytes(64)).is(200, 0);
    let session = init(&emulator, &bytes(64)).session();
    slice(&emulator, &session, 0, &bytes(64)).is(400, -5997);
}

#[test]
fn what_no_answer_of_v1_can_show_is_refused_in_a_plan() {
    let plan = |rule: &str| Plan::from_json(&format!(r#"{{"rules": [{rule}]}}"#));
    for (rule, key) in [
        (r#"{"service": "cos-v1", "fault": "wrong_length"}"#, "rules[0].fault"),
        (r#"{"service": "cos-v1", "op": "upload_slice", "fault": "stall"}"#, "rules[0].op"),
        (r#"{"service": "cos-v1", "op": "upload_slice_finish", "fault": "stall"}"#, "rules[0].op"),
        (r#"{"service": "cos-v1", "op": "upload", "fault": "forget_session"}"#, "rules[0].op"),
        (r#"{"service": "cos-v1", "op": "upload_slice_data", "fault": "slice_size", "bytes": 1}"#, "rules[0].op"),
        (r#"{"service": "cos-v1", "op": "stat", "fault": "wrong_offset"}"#, "rules[0].op"),
    ] {
        assert_eq!(plan(rule).expect_err(rule).key(), key);
    }
    let known = plan(r#"{"op": "nothing", "fault": "stall"}"#).expect_err("no such operation").to_string();
    assert_eq!(known.matches("`upload_slice_init`").count(), 1, "{known}");
}

#[test]
fn a_fault_comes_before_the_signature() {
    let emulator = crate::client::emulator();
    emulator.inject(Rule::once("upload", Fault::Unavailable));
    let request = || post(URL, "", form(&[Text("op", "upload"), File(b"x")]));
    Answer::of(emulator.handle(NOW, request())).is(400, -5997);
    Answer::of(emulator.handle(NOW, request())).is(400, -48);
}

/// Feeds a body byte by byte until it is settled; how much was taken, and the answer.
fn fed(emulator: &Emulator, body: &[u8]) -> (usize, Answer) {
    let (head, _) = post(URL, &multi(), Vec::new()).into_parts();
    let mut exchange = emulator.begin(NOW, head);
    let mut taken = 0;
    for byte in body {
        if exchange.is_decided() {
            break;
        }
        exchange.feed(&[*byte]);
        taken += 1;
    }
    (taken, Answer::of(exchange.end(NOW)))
}

#[test]
fn a_slice_is_cut_in_its_middle() {
    let emulator = crate::client::emulator();
    let file = bytes(64);
    let session = init(&emulator, &file).session();
    let body = form(&[Text("op", "upload_slice"), Text("session", &session), Text("offset", "0"), File(&file)]);
    let middle = body.len() - 80;
    emulator.inject(Rule::once(DATA, Fault::CutBefore).at_byte(middle as u64));
    let (taken, answer) = fed(&emulator, &body);
    assert_eq!((taken, answer.reply.delivery), (middle, Delivery::Drop));
    assert_eq!(unfinished(&emulator), [[]]);
    assert!((1..64).contains(&emulator.totals().received_file_bytes));
}

#[test]
fn an_init_is_known_only_at_its_end() {
    let emulator = crate::client::emulator();
    let digest = sha(&bytes(64));
    let body = form(&[Text("op", "upload_slice"), Text("sha", &digest), Text("filesize", "64")]);
    emulator.inject(Rule::once(INIT, Fault::refuse(400, -1)).at_byte(10));
    let (taken, answer) = fed(&emulator, &body);
    answer.is(400, -1);
    assert_eq!((taken, unfinished(&emulator).len()), (body.len(), 0));
    call_at(&emulator, URL, &[Text("op", "upload_slice"), Text("sha", &digest), Text("filesize", "64")]).is(200, 0);
}
