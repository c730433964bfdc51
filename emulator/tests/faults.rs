//! Every fault: what the client sees, and what the server did.

#![allow(missing_docs)]

mod kit;

use std::time::Duration;

use kit::*;
use resumable_emulator::{Delivery, Emulator, Fault, Rule};

/// Begins an upload of one slice.
fn begun(emulator: &Emulator) -> String {
    init(emulator, &bytes(64), 64).session()
}

fn slice_under(fault: Fault) -> (Emulator, Answer, bool) {
    let emulator = emulator();
    let session = begun(&emulator);
    emulator.inject(Rule::once("upload_slice_data", fault));
    let answer = data(&emulator, &session, 0, &bytes(64));
    let slices = emulator.slices("10055004", "accesslog", "d/f.bin");
    let committed = slices.is_some_and(|slices| slices == [(0, 64)]);
    (emulator, answer, committed)
}

#[test]
fn refusals_do_nothing() {
    let cases = [
        (Fault::Refuse { status: 500, code: -195 }, 500, -195),
        (Fault::Refuse { status: 400, code: -12345 }, 400, -12345),
        (Fault::Unavailable, 503, -196),
        (Fault::ExpiredSignature, 403, -96),
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
        assert_eq!(log.last().and_then(|entry| entry.fault.clone()), Some(fault));
    }
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
fn cuts_before_and_after_the_commit() {
    let (_, answer, committed) = slice_under(Fault::CutBefore);
    assert_eq!(answer.reply.delivery, Delivery::Drop);
    assert!(!committed);
    let (_, answer, committed) = slice_under(Fault::DropReply);
    assert_eq!(answer.reply.delivery, Delivery::Drop);
    assert!(committed);
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
fn wrong_echoes() {
    let (_, answer, committed) = slice_under(Fault::WrongEcho);
    assert_eq!(answer.data()["offset"], 1);
    assert_eq!(answer.data()["datalen"], 63);
    assert!(committed);
    let (emulator, answer, committed) = slice_under(Fault::WrongSessionEcho);
    let true_session = list(&emulator).session();
    assert_ne!(answer.session(), true_session);
    assert_eq!(answer.session().len(), true_session.len());
    assert!(committed);
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
    emulator.inject(Rule { times: 100, ..Rule::any(Fault::Unavailable) });
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
