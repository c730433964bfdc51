//! Faults on a plan.

use std::time::Duration;

use resumable_emulator::{Delivery, Emulator, Fault, Rule};

use crate::client::*;

fn blanks(code: Option<&str>, cut: bool) -> Fault {
    Fault::Blanks { count: 20, millis: 0, code: code.map(Into::into), cut }
}

/// A request about the object `old`, or about an upload for `a`.
type Call = fn(&Emulator, &str) -> Ask;

#[test]
fn the_connection_breaks_before_or_after_the_work_of_every_call() {
    let calls: [(&str, Call); 9] = [
        ("put_object", |_, _| ask("PUT", "b").body(b"new")),
        ("get_object", |_, _| ask("GET", "old")),
        ("head_object", |_, _| ask("HEAD", "old")),
        ("delete_object", |_, _| ask("DELETE", "old")),
        ("initiate", |_, _| ask_initiate("b")),
        ("upload_part", |_, id| ask_part("a", id, 3, b"more")),
        ("list_parts", |_, id| ask_list("a", id)),
        ("complete", |_, id| ask_complete("a", id, &[(1, &pieces().0), (2, b"tail")])),
        ("abort", |_, id| ask("DELETE", "a").query("uploadId", id)),
    ];
    let state = |emulator: &Emulator, id: &str| {
        let objects = ["a", "b", "old"].map(|key| stored(emulator, key));
        (objects, emulator.s3().unfinished(BUCKET).len(), emulator.s3().parts(id))
    };
    for (op, call) in calls {
        for (fault, delivery, works) in [
            (Fault::CutBefore, Delivery::Drop, false),
            (Fault::Reset, Delivery::Reset, false),
            (Fault::Stall, Delivery::Stall, false),
            (Fault::DropReply, Delivery::Drop, true),
        ] {
            let emulator = emulator();
            put(&emulator, "old", b"old").succeeds();
            let id = uploaded(&emulator, "a");
            let before = state(&emulator, &id);
            emulator.inject(Rule::once(op, fault.clone()));
            assert_eq!(call(&emulator, &id).send(&emulator).reply.delivery, delivery, "{op} {fault:?}");
            let changes = !matches!(op, "get_object" | "head_object" | "list_parts");
            assert_eq!(state(&emulator, &id) != before, works && changes, "{op} {fault:?}");
        }
    }
}

#[test]
fn complete_answers_with_blanks_and_then_the_result() {
    let emulator = emulator();
    let id = uploaded(&emulator, "a");
    emulator.inject(Rule::once("complete", Fault::Blanks { count: 20, millis: 3, code: None, cut: false }));
    let answer = complete_both(&emulator, "a", &id).succeeds();
    let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    assert!(answer.body.starts_with(&format!("{declaration}{}\n<Complete", " ".repeat(20))), "{}", answer.body);
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    let pause = Duration::from_millis(3);
    assert_eq!(answer.reply.delivery, Delivery::Blanks { from: declaration.len(), count: 20, pause });
    assert_eq!(stored(&emulator, "a"), Some(pieces().2));
}

#[test]
fn complete_answers_with_blanks_and_then_an_error_done_or_not() {
    for (code, commits) in [("InternalError", false), ("InternalError", true), ("SlowDown", false), ("SlowDown", true)]
    {
        let emulator = emulator();
        let id = uploaded(&emulator, "a");
        let rule = Rule::once("complete", blanks(Some(code), false));
        emulator.inject(if commits { rule.committed() } else { rule });
        let answer = complete_both(&emulator, "a", &id).refuses(200, code);
        assert!(answer.body.contains("?>                    \n<Error>"), "{}", answer.body);
        assert_eq!(stored(&emulator, "a").is_some(), commits);
        assert_eq!(emulator.s3().parts(&id).is_some(), !commits);
    }
    let emulator = emulator();
    let id = uploaded(&emulator, "a");
    emulator.inject(Rule::once("complete", blanks(None, false)));
    complete(&emulator, "a", &id, &[(1, b"other")]).refuses(200, "InvalidPart");
}

#[test]
fn complete_breaks_off_among_the_blanks_or_in_the_document_done_or_not() {
    for commits in [false, true] {
        let emulator = emulator();
        let id = uploaded(&emulator, "a");
        let rule = Rule::once("complete", blanks(None, true));
        emulator.inject(if commits { rule.committed() } else { rule });
        let answer = complete_both(&emulator, "a", &id);
        let Delivery::Cut(at) = answer.reply.delivery else { panic!("{:?}", answer.reply.delivery) };
        assert_eq!((answer.status, &answer.body[at - 1..=at]), (200, "  "));
        assert_eq!(stored(&emulator, "a").is_some(), commits);
    }
    let emulator = emulator();
    let id = uploaded(&emulator, "a");
    emulator.inject(Rule::once("complete", Fault::CutReply));
    let answer = complete_both(&emulator, "a", &id);
    assert_eq!(answer.reply.delivery, Delivery::Cut(answer.body.len() / 2));
    assert_eq!(stored(&emulator, "a"), Some(pieces().2));
}

#[test]
fn complete_is_done_some_time_after_the_connection_broke() {
    for hidden in [false, true] {
        let emulator = emulator();
        let id = uploaded(&emulator, "a");
        emulator.inject(Rule::once("complete", Fault::Late { millis: 2000, hidden }));
        assert_eq!(complete_both(&emulator, "a", &id).reply.delivery, Delivery::Drop);
        let at = |millis| NOW + Duration::from_millis(millis);
        for millis in [0, 1999] {
            assert_eq!(ask("HEAD", "a").send_at(&emulator, at(millis)).status, 404);
            let listed = ask_list("a", &id).send_at(&emulator, at(millis));
            assert_eq!(listed.status, if hidden { 404 } else { 200 });
        }
        assert_eq!(ask("HEAD", "a").send_at(&emulator, at(2000)).status, 200);
        ask_list("a", &id).send_at(&emulator, at(2000)).refuses(404, "NoSuchUpload");
        assert_eq!(stored(&emulator, "a"), Some(pieces().2));
    }
}

#[test]
fn an_upload_vanishes_between_two_calls() {
    for op in ["upload_part", "list_parts", "complete", "abort"] {
        let emulator = emulator();
        let id = uploaded(&emulator, "a");
        emulator.inject(Rule::once(op, Fault::ForgetSession));
        let answer = match op {
            "upload_part" => part(&emulator, "a", &id, 3, b"x"),
            "list_parts" => list(&emulator, "a", &id),
            "complete" => complete_both(&emulator, "a", &id),
            _ => abort(&emulator, "a", &id),
        };
        answer.refuses(404, "NoSuchUpload");
        assert_eq!(emulator.s3().unfinished(BUCKET), []);
    }
}

#[test]
fn a_refusal_about_the_region_tells_where_to_go_once_or_for_ever() {
    let emulator = emulator();
    let refused = |status: u16, code: &str, times: u64| {
        emulator.clear_faults();
        emulator.inject(Rule::once("put_object", Fault::refuse(status, code)).times(times));
        let answer = ask("PUT", "a b").query("x", "y").send(&emulator).refuses(status, code);
        assert_eq!(ask("PUT", "a").send(&emulator).status, if times == 1 { 200 } else { status });
        answer
    };
    let region = "us-east-1";
    let answer = refused(400, "AuthorizationHeaderMalformed", 1);
    assert_eq!((answer.text("Region").as_str(), answer.header("x-amz-bucket-region")), (region, region));
    let answer = refused(301, "PermanentRedirect", Rule::ALWAYS);
    assert_eq!((answer.header("x-amz-bucket-region"), answer.maybe_header("location")), (region, None));
    assert_eq!(answer.text("Endpoint"), "emubucket.s3.us-east-1.amazonaws.com");
    let answer = refused(307, "TemporaryRedirect", Rule::ALWAYS);
    assert_eq!(answer.header("location"), "https://emubucket.s3.us-east-1.amazonaws.com/emubucket/a%20b?x=y");
    let answer = refused(400, "IllegalLocationConstraintException", 1);
    assert_eq!(answer.header("x-amz-bucket-region"), region);
}

#[test]
fn throttling_with_every_idea_of_when_to_come_back() {
    let emulator = emulator();
    let throttled = |fault: Fault| {
        emulator.inject(Rule::once("upload_part", fault));
        part(&emulator, "a", "x", 1, b"x").refuses(503, "SlowDown")
    };
    assert_eq!(throttled(Fault::Throttle { retry_after_seconds: None }).maybe_header("retry-after"), None);
    for seconds in [0, 120] {
        let answer = throttled(Fault::Throttle { retry_after_seconds: Some(seconds) });
        assert_eq!(answer.header("retry-after"), seconds.to_string());
    }
    for (name, value) in
        [("retry-after", "Thu, 01 Jan 2026 00:02:00 GMT"), ("retry-after", "soon"), ("x-amz-retry-after", "2500")]
    {
        let answer = throttled(Fault::ThrottleHeader { name: name.to_owned(), value: value.to_owned() });
        assert_eq!(answer.header(name), value);
    }
}

#[test]
fn a_proxy_answers_with_a_page() {
    let emulator = emulator();
    for status in [500, 502, 503, 504] {
        emulator.inject(Rule::once("head_object", Fault::Html { status }).times(1));
        emulator.inject(Rule::once("get_object", Fault::Html { status }).times(1));
        let answer = ask("GET", "a").send(&emulator);
        assert_eq!((answer.status, answer.header("content-type")), (status, "text/html"));
        assert!(answer.body.starts_with("<html>") && answer.maybe_header("x-amz-request-id").is_none());
        assert_eq!(ask("HEAD", "a").send(&emulator).body, "");
    }
    emulator.inject(Rule::once("get_object", Fault::Unavailable));
    ask("GET", "a").send(&emulator).refuses(503, "ServiceUnavailable");
}

#[test]
fn a_body_is_given_up_in_the_middle_and_refused_early_or_reset() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    for fault in [Fault::refuse(400, "RequestTimeout"), Fault::refuse(503, "SlowDown"), Fault::Reset] {
        emulator.inject(Rule::once("upload_part", fault.clone()).at_byte(30));
        let (head, body) = ask_part("a", &id, 1, &bytes(MIN)).request().into_parts();
        let mut exchange = emulator.begin(NOW, head);
        exchange.feed(&body[..29]);
        assert!(!exchange.is_decided());
        exchange.feed(&body[29..40]);
        assert!(exchange.is_decided());
        let answer = Answer::of(exchange.end(NOW));
        match fault {
            Fault::Reset => assert_eq!(answer.reply.delivery, Delivery::Reset),
            _ => assert!(answer.status >= 400),
        }
        assert_eq!(emulator.s3().parts(&id), Some(Vec::new()));
    }
}

#[test]
fn codes_that_a_plan_names_have_their_messages_and_extras() {
    let emulator = emulator();
    for (status, code) in [
        (400, "ExpiredToken"),
        (400, "InvalidToken"),
        (409, "ConditionalRequestConflict"),
        (412, "PreconditionFailed"),
        (403, "AccessDenied"),
        (500, "InternalError"),
        (400, "KMS.DisabledException"),
    ] {
        emulator.inject(Rule::once("complete", Fault::refuse(status, code)));
        complete(&emulator, "a", "x", &[(1, b"x")]).refuses(status, code);
    }
    emulator.inject(Rule::once("list_parts", Fault::refuse(403, "RequestTimeTooSkewed")));
    let answer = list(&emulator, "a", "x").refuses(403, "RequestTimeTooSkewed");
    assert_eq!(
        (answer.text("RequestTime").as_str(), answer.text("ServerTime").as_str()),
        (DATE, "2026-01-01T00:00:00Z")
    );
}

#[test]
fn a_list_of_parts_lies() {
    let emulator = emulator();
    let id = uploaded(&emulator, "a");
    let listed = |fault: Fault| {
        emulator.inject(Rule::once("list_parts", fault));
        list(&emulator, "a", &id).succeeds()
    };
    assert_eq!(listed(Fault::DuplicatePart).all("PartNumber"), ["1", "1", "2"]);
    assert_eq!(listed(Fault::MissingPart).all("PartNumber"), ["2"]);
    let extra = listed(Fault::ExtraPart);
    assert_eq!(
        (extra.all("PartNumber"), extra.all("Size")[2].as_str()),
        (["1", "2", "3"].map(str::to_owned).to_vec(), "65")
    );
    assert_eq!(listed(Fault::WrongLength).all("Size"), ["63", "3"]);
    assert_eq!(listed(Fault::WrongEtag).all("ETag"), vec![format!("\"{}\"", "0".repeat(32)); 2]);
    let stuck = listed(Fault::StuckMarker);
    assert_eq!((stuck.text("IsTruncated").as_str(), stuck.text("NextPartNumberMarker").as_str()), ("true", "0"));
    let missing = listed(Fault::MissingMarker);
    assert_eq!((missing.text("IsTruncated").as_str(), missing.all("NextPartNumberMarker").len()), ("true", 0));
    assert_eq!(list(&emulator, "a", &id).succeeds().all("Size"), ["64", "4"]);
}

#[test]
fn a_checksum_or_a_tag_is_wrong() {
    let emulator = emulator();
    let id = initiate_with(&emulator, "a", "CRC64NVME", "FULL_OBJECT");
    let hello = |fault: Option<Fault>| {
        fault.into_iter().for_each(|fault| emulator.inject(Rule::once("upload_part", fault)));
        part(&emulator, "a", &id, 1, b"hello").succeeds()
    };
    let header = "x-amz-checksum-crc64nvme";
    assert_eq!(hello(None).header(header), "M3eFcAZSQlc=");
    assert_ne!(hello(Some(Fault::WrongCrc)).header(header), "M3eFcAZSQlc=");
    assert_eq!(hello(Some(Fault::WrongEtag)).etag(), "0".repeat(32));
    emulator.inject(Rule::once("complete", Fault::WrongCrc));
    let done = complete(&emulator, "a", &id, &[(1, b"hello")]).succeeds();
    assert_ne!(done.text("ChecksumCRC64NVME"), "M3eFcAZSQlc=");
    assert_eq!(head(&emulator, "a").header(header), "M3eFcAZSQlc=");
}

#[test]
fn another_writer_replaces_the_object_or_a_part() {
    let emulator = emulator();
    put(&emulator, "b", b"mine").succeeds();
    emulator.inject(Rule::once("head_object", Fault::OtherWriter));
    assert_ne!(head(&emulator, "b").succeeds().etag(), tag(b"mine"));
    let id = uploaded(&emulator, "a");
    emulator.inject(Rule::once("list_parts", Fault::OtherWriter));
    let listed = list(&emulator, "a", &id).succeeds();
    assert_eq!(listed.all("Size"), ["64", "4"]);
    assert_ne!(listed.all("ETag")[0], format!("\"{}\"", tag(&pieces().0)));
    complete_both(&emulator, "a", &id).refuses(400, "InvalidPart");
    part(&emulator, "a", &id, 1, &pieces().0).succeeds();
    emulator.inject(Rule::once("complete", Fault::OtherWriter));
    complete_both(&emulator, "a", &id).refuses(400, "InvalidPart");
}

#[test]
fn a_part_in_flight_survives_an_abort() {
    let emulator = emulator();
    let id = uploaded(&emulator, "a");
    emulator.inject(Rule::once("abort", Fault::PartSurvives));
    assert_eq!(abort(&emulator, "a", &id).succeeds().status, 204);
    list(&emulator, "a", &id).succeeds();
    abort(&emulator, "a", &id).succeeds();
    list(&emulator, "a", &id).refuses(404, "NoSuchUpload");
}

#[test]
fn what_only_one_call_can_show_is_not_drawn_by_another() {
    let emulator = emulator();
    for fault in
        [Fault::DuplicatePart, Fault::PartSurvives, Fault::Late { millis: 1, hidden: false }, Fault::WrongOffset]
    {
        emulator.inject(Rule::any(fault));
        assert_eq!(put(&emulator, "a", b"x").succeeds().reply.fault, None);
    }
}

#[test]
fn an_object_that_is_not_as_its_parts_have_it() {
    let emulator = emulator();
    let id = uploaded(&emulator, "a");
    emulator.inject(Rule::once("complete", Fault::OtherBytes));
    complete_both(&emulator, "a", &id).succeeds();
    let (there, sent) = (stored(&emulator, "a").expect("an object"), pieces().2);
    let differ: u32 = there.iter().zip(&sent).map(|(there, sent)| (there ^ sent).count_ones()).sum();
    assert_eq!((there.len(), differ), (sent.len(), 1));
    let checksum = |key| ask("HEAD", key).header("x-amz-checksum-mode", "ENABLED").send(&emulator);
    put(&emulator, "b", &there).succeeds();
    let name = "x-amz-checksum-crc64nvme";
    assert_eq!(checksum("a").header(name), checksum("b").header(name));
}
