//! What the field complained of later: one test a row.

mod far;

use std::time::Duration;

use far::{Fate, PART, Rig, Stop, lose, one_request, parts, refusal, refusal_with, says, sequential, stopped};
use http::Response;
use resumable_core::{Advice, Event, Failure, Remains};
use resumable_proto_oss::codes::{CODES, Class};
use resumable_proto_oss::stage::{self, Call};
use resumable_proto_oss::{
    Endpoint, Etag, complete_multipart_upload, head_object, initiate_multipart_upload, list_parts, upload_part,
};

type Answer = Response<bytes::Bytes>;

fn abandoned(rig: &mut Rig, fate: impl FnMut(&str, usize) -> Fate) -> Remains {
    let saved = rig.last_saved();
    rig.abandon(&saved);
    match rig.run_with(fate) {
        Err(Failure::Abandoned(remains)) => remains,
        other => panic!("{other:?}"),
    }
}

#[test]
fn field_bug_60_the_right_endpoint_is_named_with_what_to_set() {
    let more = "<Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint>";
    for (status, code) in [(403, "AccessDenied"), (301, "Unheard"), (400, "InvalidArgument")] {
        let mut rig = Rig::new(40, parts());
        let verdict = rig.run_with(lose("initiate", Fate::Says(refusal_with(status, code, more))));
        let Err(Failure::Refused(fault)) = verdict else { panic!("{verdict:?}") };
        let text = fault.to_string();
        assert!(text.contains(code) && text.contains("set endpoint to \"oss-cn-beijing.aliyuncs.com\""), "{text}");
        assert!(text.contains("region to \"cn-beijing\""), "{text}");
        assert_eq!(rig.asked(), ["initiate"]);
    }
    // Whatever is no host is not shown as one.
    for bad in ["a b", "<x/>", "http://user:secret@h", "h/path", "\u{1b}[31m", &"a".repeat(300)] {
        let more = format!("<Endpoint>{bad}</Endpoint>");
        let refused = initiate_multipart_upload::decode(&refusal_with(403, "AccessDenied", &more)).unwrap_err();
        assert_eq!(refused.fault.error().unwrap().endpoint, None, "{bad}");
    }
}

#[test]
fn field_bug_61_the_vendors_own_refusal_is_for_good_known_or_not() {
    for (status, code, says) in [
        (403, "SecondLevelDomainForbidden", "set addressing to \"virtual-host\""),
        (403, "DepositUnpaid", "owes money"),
        (403, "KmsServiceNotEnabled", "KMS"),
        (501, "NotImplemented", "only resembles OSS"),
        (409, "NobodyKnowsThis", "NobodyKnowsThis, \"NO\", HTTP 409"),
    ] {
        for call in ["initiate", "part 2", "complete"] {
            let mut rig = Rig::new(40, parts());
            let verdict = rig.run_with(lose(call, Fate::Says(refusal(status, code))));
            let Err(Failure::Refused(fault)) = verdict else { panic!("{verdict:?}") };
            let text = fault.to_string();
            assert!(text.contains(says) && text.contains("request id 695584A0EMU0000000000001"), "{text}");
            assert!(rig.events.iter().all(|event| !matches!(event, Event::Retrying { .. })), "{code} {call}");
            // What is stored is not lost by it.
            rig.go_on();
            let verdict = rig.run();
            rig.complete(verdict);
        }
    }
    // A page that is not the vendor's says nothing of the kind.
    for answer in [says(403, "<html>denied</html>"), says(404, ""), says(403, "<Error><Message>x</Message></Error>")] {
        assert_eq!(upload_part::decode(&answer).unwrap_err().advice, Advice::Retry);
    }
}

/// Each code of the table stands in the page, under the heading of what it leads to.
#[test]
fn field_bug_61_the_page_says_of_every_code_what_it_leads_to() {
    let page = include_str!("../../docs/oss.md");
    let row = |kind: &str| {
        let line = page.lines().find(|line| line.starts_with(&format!("| **{kind}** |")));
        line.unwrap_or_else(|| panic!("no row {kind}")).to_owned()
    };
    for code in CODES {
        let kind = match code.class {
            Class::Refused | Class::FileAlreadyExists | Class::NoSuchKey | Class::CallbackFailed => "permanent",
            Class::Again | Class::Unable => "passing",
            Class::Throttled => "throttled",
            Class::Clock => "clock",
            Class::Credential | Class::Signature => "credential",
            _ => "session",
        };
        assert!(row(kind).contains(&format!("`{}`", code.code)), "{} is not in the row of {kind}", code.code);
    }
}

fn skewed(server_time: &str, date: &str) -> Answer {
    let more = format!("<ServerTime>{server_time}</ServerTime><RequestTime>1970-01-01T12:52:35.000Z</RequestTime>");
    let mut answer = refusal_with(403, "RequestTimeTooSkewed", &more);
    answer.headers_mut().insert("date", date.parse().unwrap());
    answer
}

#[test]
fn field_bug_66_the_servers_time_in_the_body_corrects_the_clock() {
    // The rig's clock says 2026-01-01 00:00:00.
    for time in ["2026-01-01T01:00:00.000Z", "2026-01-01T01:00:00Z", "Thu, 01 Jan 2026 01:00:00 GMT"] {
        let answer = skewed(time, "Thu, 01 Jan 1970 12:52:37 GMT");
        let advice = initiate_multipart_upload::decode(&answer).unwrap_err().advice;
        assert_eq!(advice, Advice::ClockAt(Duration::from_secs(1_767_225_600 + 3600)), "{time}");
        let mut rig = Rig::new(40, parts());
        let verdict = rig.run_with(lose("initiate", Fate::Says(answer)));
        rig.complete(verdict);
        assert!(rig.events.contains(&Event::ClockCorrected { behind: 3600 }), "{:?}", rig.events);
    }
    let answer = skewed("yesterday", "Thu, 01 Jan 2026 01:00:00 GMT");
    assert_eq!(initiate_multipart_upload::decode(&answer).unwrap_err().advice, Advice::Clock);
}

#[test]
fn field_bug_94_a_server_time_that_is_years_ahead_dates_no_request() {
    let mut rig = Rig::new(40, parts());
    let answer = skewed("2034-01-01T00:00:00.000Z", "Sun, 01 Jan 2034 00:00:00 GMT");
    let verdict = rig.run_with(|_, _| Fate::Says(answer.clone()));
    let Err(Failure::Clock { .. }) = &verdict else { panic!("{verdict:?}") };
    assert_eq!(rig.asked(), ["initiate", "initiate"]);
    assert!(rig.requests.iter().all(|request| !request.contains("2034")), "{:?}", rig.requests);
    rig.go_on();
    let verdict = rig.run();
    rig.complete(verdict);
}

#[test]
fn field_bug_68_a_region_as_the_console_writes_it_is_taken() {
    let endpoint = Endpoint::new("http://127.0.0.1:1").unwrap();
    for region in ["oss-cn-hangzhou", "cn-hangzhou", "oss-cn-hangzhou-internal"] {
        assert_eq!(endpoint.clone().with_region(region).unwrap().region(), Some("cn-hangzhou"), "{region}");
    }
}

#[test]
fn field_bug_72_a_weak_tag_is_compared_and_sent_back_without_its_mark() {
    let weak = |answer: &mut Answer| {
        let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
        answer.headers_mut().insert("etag", format!("W/{tag}").parse().unwrap());
    };
    // The part's answer, and the tag that complete names: the server compares that with its own.
    let mut rig = Rig::new(40, parts());
    rig.server.no_crc64 = true;
    let probe = rig.source[..16].to_vec();
    let mut answer = says(200, "");
    answer.headers_mut().insert("etag", format!("\"{}\"", far::md5(&probe)).parse().unwrap());
    weak(&mut answer);
    let verdict = rig.run_with(lose("part 1", Fate::ActsAndSays(answer)));
    rig.complete(verdict);
    // In lists, refusals and the result.
    let tag = Etag::new(&far::md5(&probe)).unwrap();
    let xml = format!("W/&quot;{tag}&quot;");
    let list = format!(
        "<ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber><Size>16</Size><ETag>{xml}</ETag></Part></ListPartsResult>"
    );
    let page = list_parts::decode(0, &says(200, &list)).unwrap();
    let refused =
        upload_part::decode(&refusal_with(409, "PartAlreadyExist", &format!("<ETag>{xml}</ETag>"))).unwrap_err();
    let result = format!("<CompleteMultipartUploadResult><ETag>{xml}</ETag></CompleteMultipartUploadResult>");
    let completed = complete_multipart_upload::decode(false, &says(200, &result)).unwrap();
    assert_eq!(page.parts[0].etag, tag);
    assert_eq!(refused.fault.error().unwrap().etag.as_ref(), Some(&tag));
    assert_eq!(completed.etag.as_ref(), Some(&tag));
    assert_eq!(page.parts[0].etag.as_str(), tag.as_str(), "and nothing else is sent back");
    let mut head = says(200, "");
    head.headers_mut().insert("content-length", "16".parse().unwrap());
    head.headers_mut().insert("etag", format!("W/\"{tag}\"").parse().unwrap());
    assert!(matches!(head_object::decode(&head), Ok(head_object::AtKey::Object(head)) if head.etag == Some(tag)));
}

/// What a HEAD says of another object than ours; the server's answer to complete was lost.
fn lying_head(len: usize, crc64: u64) -> Answer {
    let mut answer = says(200, "");
    answer.headers_mut().insert("content-length", len.to_string().parse().unwrap());
    answer.headers_mut().insert("etag", "\"0\"".parse().unwrap());
    answer.headers_mut().insert("x-oss-hash-crc64ecma", crc64.to_string().parse().unwrap());
    answer
}

#[test]
fn field_bug_87_nothing_is_left_is_not_said_while_something_of_ours_may_be_at_the_key() {
    for (options, requests) in [(parts(), 5), (one_request(), 1)] {
        for (len, crc64) in [(40, 1), (41, 1), (0, 0)] {
            let mut rig = Rig::new(40, options.clone());
            assert!(rig.run_until(Stop::AtRequest { count: requests, arrives: true }, |_, _| Fate::Fine).is_none());
            assert!(rig.server.object.is_some(), "{:?}", rig.asked);
            let left = abandoned(&mut rig, |name, _| match name {
                "head" => Fate::Says(lying_head(len, crc64)),
                _ => Fate::Fine,
            });
            assert_eq!(left, Remains::Unknown, "{len} {:?}", rig.asked);
        }
        // One wrong "no such key" is no proof, either.
        let mut rig = Rig::new(40, options.clone());
        assert!(rig.run_until(Stop::AtRequest { count: requests, arrives: true }, |_, _| Fate::Fine).is_none());
        let saved = rig.last_saved();
        rig.abandon(&saved);
        let verdict = rig.run_with(lose("head", Fate::Says(refusal(404, "NoSuchKey"))));
        assert!(!matches!(verdict, Err(Failure::Abandoned(Remains::Nothing))), "{verdict:?}");
        // And if it never arrived, nothing is left.
        let mut rig = Rig::new(40, options);
        assert!(rig.run_until(Stop::AtRequest { count: requests, arrives: false }, |_, _| Fate::Fine).is_none());
        assert_eq!(abandoned(&mut rig, |_, _| Fate::Fine), Remains::Nothing);
        assert!(rig.server.object.is_none() && rig.server.uploads.is_empty());
    }
}

/// Complete takes effect and its answer is lost; head then tells another digest, and the file is sent again. The abort of
/// that second upload knows what became of the first.
#[test]
fn field_bug_87_an_unproven_object_is_not_forgotten_by_the_upload_after_it() {
    let mut rig = Rig::new(40, parts());
    let lies = |name: &str, nth: usize| match (name, nth) {
        ("complete", 0) => Fate::LostAfter,
        ("head", 0) => Fate::Says(lying_head(40, 1)),
        _ => Fate::Fine,
    };
    // initiate, three parts, complete twice, head, initiate, three parts
    assert!(rig.run_until(Stop::AtRequest { count: 10, arrives: true }, lies).is_none(), "{:?}", rig.asked);
    assert_eq!((rig.count("initiate"), rig.count("head")), (2, 1));
    let left = abandoned(&mut rig, |_, _| Fate::Fine);
    assert_eq!(left, Remains::Unknown, "{:?}", rig.asked);
    assert!(rig.server.object.is_some() && rig.server.uploads.is_empty());
}

#[test]
fn field_bug_93_an_initiate_that_a_crash_swallowed_is_counted_and_told() {
    for options in [parts(), sequential()] {
        for arrives in [true, false] {
            let mut rig = Rig::new(40, options.clone());
            assert!(rig.run_until(Stop::AtRequest { count: 1, arrives }, |_, _| Fate::Fine).is_none());
            assert_eq!(rig.asked(), ["initiate"]);
            assert!(!rig.saved.is_empty(), "it is durable before it leaves");
            let saved = rig.last_saved();
            rig.go_on();
            let verdict = rig.run();
            assert_eq!(rig.complete(verdict).orphans, 1, "whether it arrived nobody knows");
            rig.abandon(&saved);
            assert!(matches!(rig.run(), Err(Failure::Abandoned(Remains::Unknown))));
        }
        // One that was answered, or never left, is none.
        let mut rig = stopped(options, 3);
        rig.go_on();
        let verdict = rig.run();
        assert_eq!(rig.complete(verdict).orphans, 0);
    }
    assert!(stage::props(&Call::Initiate).commits);
}

/// The vendor says of a part that it is there, or not the next one, and its list says otherwise, on and on: the upload is
/// given up for another one, also when the program is stopped each time it is told so.
#[test]
fn rule_18_an_upload_that_contradicts_its_own_list_is_replaced() {
    for code in ["PartNotSequential", "PartAlreadyExist"] {
        let contradicts = |rig: &Rig| rig.server.uploads.contains_key("U1");
        let mut rig = Rig::new(4 * PART, sequential());
        let mut runs = 0;
        let verdict = loop {
            runs += 1;
            assert!(runs < 10, "it goes round: {:?}", rig.asked);
            let first = contradicts(&rig) || rig.server.opened == 0;
            let fate = |name: &str, _| match name {
                "part 3" if first => Fate::Says(refusal(409, code)),
                _ => Fate::Fine,
            };
            // Until the list is asked again, and perhaps once more.
            match rig.run_until(Stop::AtRequest { count: 5, arrives: true }, fate) {
                Some(verdict) => break verdict,
                None => rig.go_on(),
            }
        };
        rig.complete(verdict);
        assert_eq!(rig.server.opened, 2, "{code}: {:?}", rig.asked);
    }
}

#[test]
fn rule_18_parts_that_complete_does_not_find_are_remembered_over_a_stop() {
    let mut rig = Rig::new(40, parts());
    let mut stops = 0;
    let verdict = loop {
        let first = rig.server.opened < 2;
        let fate = |name: &str, _| match name {
            "complete" if first => Fate::Says(refusal(400, "InvalidPart")),
            _ => Fate::Fine,
        };
        // As far as the list that is asked because of it, or the abort.
        let count = if stops == 0 { 6 } else { 3 };
        match rig.run_until(Stop::AtRequest { count, arrives: true }, fate) {
            Some(verdict) => break verdict,
            None => rig.go_on(),
        }
        stops += 1;
        assert!(stops < 10, "it goes round: {:?}", rig.asked);
    };
    rig.complete(verdict);
    assert_eq!(rig.server.opened, 2, "{:?}", rig.asked);
}

#[test]
fn old_checkpoints_are_read() {
    let rig = stopped(parts(), 6);
    let mut saved: serde_json::Value = serde_json::from_slice(&rig.last_saved().to_bytes()).unwrap();
    saved.as_object_mut().unwrap().retain(|name, _| name != "checksum" && name != "fingerprint");
    saved["format"] = 1.into();
    // The format had no time of change: it says nothing against one before it was made.
    saved["saved_unix"]["secs"] = 1_000_000_000.into();
    let session = saved["session"].as_object_mut().unwrap();
    session.remove("unanswered");
    let open = session["phase"]["open"].as_object_mut().unwrap();
    assert!(open.remove("invalid").is_some() && open.remove("contradictions").is_some());
    let mut rig = rig;
    let saved = resumable_core::Checkpoint::from_bytes(saved.to_string().as_bytes()).unwrap();
    rig.resume(&saved);
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!(rig.count("initiate"), 1);
}
