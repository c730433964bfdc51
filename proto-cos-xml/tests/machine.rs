//! The machine over this vendor, driven through the public `Upload` against a small server.

mod far;

use std::time::Duration;

use far::{
    Again, Fate, PART, Rig, content, crc64, lose, one_request, parts, refusal, refusal_with, says, temporary, with,
};
use resumable_core::{Budget, Failure, How, Last, Receipt, Remains};
use resumable_proto_cos_xml::Fault;

const LENGTHS: [u64; 9] = [1, PART - 1, PART, PART + 1, 2 * PART - 1, 2 * PART, 2 * PART + 1, 5 * PART, 71];

// ── without trouble

#[test]
fn a_file_of_any_length_arrives_as_it_is() {
    for len in LENGTHS {
        let mut rig = Rig::new(len, parts());
        let verdict = rig.run();
        let uploaded = rig.complete(verdict);
        assert_eq!(rig.asked.len() as u64, 2 + len.div_ceil(PART), "{:?}", rig.asked);
        assert_eq!((rig.bytes_sent, rig.hashed), (len, 0));
        assert_eq!((uploaded.how, uploaded.crc64), (How::Parts, Some(crc64(&rig.source))));
        assert_eq!(uploaded.url, "https://emubucket-1250000000.cos.ap-guangzhou.myqcloud.com/dir/f");
        assert!(rig.server.uploads.is_empty() && uploaded.orphans == 0);
    }
}

#[test]
fn empty_and_small_files_go_in_one_request() {
    for (len, options) in [(0, one_request()), (1, one_request()), (1000, one_request()), (0, parts())] {
        let mut rig = Rig::new(len, options);
        let verdict = rig.run();
        let uploaded = rig.complete(verdict);
        assert_eq!(rig.asked(), ["put"]);
        assert_eq!((uploaded.how, uploaded.crc64), (How::OneRequest, Some(crc64(&rig.source))));
        let receipt = Receipt::from(uploaded);
        assert_eq!(receipt.digest.unwrap().1.as_bytes(), crc64(&rig.source).to_be_bytes());
    }
}

#[test]
fn blanks_before_the_result_of_a_complete_mean_nothing() {
    for blanks in ["\n \n", "      \r\n\t<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"] {
        let mut rig = Rig::new(40, parts());
        rig.server.blanks = blanks;
        let verdict = rig.run();
        rig.complete(verdict);
        assert_eq!(rig.count("complete"), 1);
    }
}

#[test]
fn a_vendor_that_leaves_out_sums_is_compared_by_tags() {
    let mut rig = Rig::new(10 * PART, parts());
    rig.server.no_crc64 = true;
    let verdict = rig.run();
    rig.complete(verdict);
    // The first window's parts were sent before it was known, and are read again.
    assert!(rig.hashed <= 3 * 2 * PART, "{}", rig.hashed);
}

#[test]
fn tags_that_are_no_md5_are_sent_back_as_they_came() {
    let mut rig = Rig::new(10 * PART, parts());
    rig.server.opaque_tags = true;
    assert!(rig.run_until(6, true, |_, _| Fate::Fine).is_none());
    rig.go_on();
    let verdict = rig.run();
    rig.complete(verdict);
}

// ── lost replies

#[test]
fn a_lost_put_is_made_again_and_found_where_nothing_may_be_overwritten() {
    for fate in [Fate::LostBefore, Fate::LostAfter, Fate::Says(says(200, "<html>"))] {
        let mut rig = Rig::new(40, one_request());
        let verdict = rig.run_with(lose("put", fate));
        rig.complete(verdict);
        assert_eq!(rig.asked(), ["put", "put"]);
    }
    let mut rig = Rig::new(40, one_request().forbid_overwrite(true));
    let verdict = rig.run_with(lose("put", Fate::LostAfter));
    rig.complete(verdict);
    assert_eq!(rig.asked(), ["put", "put", "head"]);
}

#[test]
fn a_lost_initiate_leaves_an_upload_that_is_told() {
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(lose("initiate", Fate::LostAfter));
    let uploaded = rig.complete(verdict);
    assert_eq!((uploaded.orphans, rig.server.uploads.len()), (1, 1));
}

#[test]
fn a_lost_part_is_sent_again_and_replaces_itself() {
    for fate in [Fate::LostBefore, Fate::LostAfter, Fate::NotSent, Fate::Says(refusal(500, "InternalError"))] {
        let mut rig = Rig::new(40, parts());
        let verdict = rig.run_with(lose("part 2", fate));
        rig.complete(verdict);
        assert_eq!((rig.count("part"), rig.bytes_sent, rig.hashed), (4, 56, 0));
    }
}

#[test]
fn a_lost_list_is_asked_again() {
    for fate in [Fate::LostBefore, Fate::Says(refusal(503, "ServiceUnavailable")), Fate::Says(says(404, "<html>"))] {
        let mut rig = Rig::new(10 * PART, parts());
        assert!(rig.run_until(6, false, |_, _| Fate::Fine).is_none());
        rig.go_on();
        let verdict = rig.run_with(lose("list 0", fate));
        rig.complete(verdict);
        assert_eq!((rig.count("initiate"), rig.count("list")), (1, 2));
    }
}

#[test]
fn a_lost_complete_is_found_whatever_a_second_one_would_say() {
    for again in [Again::NoSuchUpload, Again::SameResult, Again::Conflict] {
        for foreign in [None, Some(vec![7; 40])] {
            let mut rig = Rig::new(40, parts());
            rig.server.again = again;
            rig.server.object = foreign;
            let verdict = rig.run_with(lose("complete", Fate::LostAfter));
            let uploaded = rig.complete(verdict);
            assert_eq!((uploaded.how, uploaded.crc64), (How::Parts, Some(crc64(&rig.source))));
            assert_eq!((rig.bytes_sent, rig.hashed, rig.restarts()), (40, 0, 0), "{:?}", rig.asked);
        }
    }
}

#[test]
fn a_complete_that_did_not_arrive_is_made_again() {
    let cut = says(200, "\n\n  ");
    let error = says(200, "\n \n<?xml version='1.0'?><Error><Code>InternalError</Code></Error>");
    let half = says(200, "<CompleteMultipartUploadResult><ETag>\"979e");
    let html = says(200, "<html>");
    let busy = refusal(409, "UploadConflict");
    for fate in [Fate::LostBefore].into_iter().chain([cut, error, half, html, busy].map(Fate::Says)) {
        for foreign in [None, Some(vec![7; 40])] {
            let mut rig = Rig::new(40, parts());
            rig.server.object = foreign;
            let verdict = rig.run_with(lose("complete", fate.clone()));
            rig.complete(verdict);
            assert_eq!((rig.count("complete"), rig.bytes_sent, rig.restarts()), (2, 40, 0), "{:?}", rig.asked);
        }
    }
}

#[test]
fn an_open_upload_is_completed_although_the_same_content_is_there_already() {
    let mut rig = Rig::new(40, parts());
    rig.server.object = Some(rig.source.clone());
    let verdict = rig.run_with(lose("complete", Fate::LostBefore));
    rig.complete(verdict);
    assert_eq!((rig.count("complete"), rig.server.uploads.len()), (2, 0), "{:?}", rig.asked);
}

#[test]
fn a_complete_that_merged_and_said_an_error_is_found() {
    for body in ["", " \n", "<Error><Code>InternalError</Code></Error>"] {
        let mut rig = Rig::new(40, parts());
        let verdict = rig.run_with(lose("complete", Fate::ActsAndSays(says(200, body))));
        rig.complete(verdict);
        assert_eq!((rig.count("complete"), rig.bytes_sent), (1, 40), "{:?}", rig.asked);
    }
}

#[test]
fn an_upload_that_is_gone_without_a_doubt_is_begun_anew() {
    for what in ["part 2", "complete"] {
        let mut rig = Rig::new(40, parts());
        let verdict = rig.run_with(lose(what, Fate::Forgets));
        rig.complete(verdict);
        assert_eq!((rig.restarts(), rig.count("initiate")), (1, 2));
    }
    let mut rig = Rig::new(10 * PART, parts());
    assert!(rig.run_until(6, false, |_, _| Fate::Fine).is_none());
    rig.server.uploads.clear();
    rig.go_on();
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!(rig.count("initiate"), 2);
}

#[test]
fn an_upload_that_is_gone_in_doubt_is_begun_anew_if_the_key_has_something_else() {
    for there in [None, Some(content(39)), Some(vec![7; 40])] {
        let mut rig = Rig::new(40, parts());
        rig.server.object = there.clone();
        let verdict = rig.run_with(|name, nth| match (name, nth) {
            ("complete", 0) => Fate::LostBefore,
            ("list 0", 0) => Fate::Forgets,
            _ => Fate::Fine,
        });
        rig.complete(verdict);
        assert_eq!(rig.restarts(), 1, "{:?}", rig.asked);
    }
}

#[test]
fn an_object_without_a_sum_is_not_taken_for_ours() {
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(|name, nth| match (name, nth) {
        ("complete", 0) => Fate::LostAfter,
        ("head", _) => {
            let head = with(says(200, ""), "content-length", "40");
            Fate::Says(with(head, "etag", "\"3579e39a1324c2788d22ab4fa35c4918-3\""))
        }
        _ => Fate::Fine,
    });
    rig.complete(verdict);
    assert_eq!((rig.restarts(), rig.count("initiate")), (1, 2));
}

#[test]
fn a_lost_abort_is_made_again() {
    let mut rig = Rig::new(10 * PART, parts());
    assert!(rig.run_until(6, false, |_, _| Fate::Fine).is_none());
    rig.abandon();
    let verdict = rig.run_with(lose("abort", Fate::LostAfter));
    assert!(matches!(verdict, Err(Failure::Abandoned(Remains::Nothing))), "{verdict:?}");
    assert!(rig.server.uploads.is_empty());
}

#[test]
fn an_upload_that_turns_out_to_be_complete_is_not_given_up() {
    let mut rig = Rig::new(40, parts());
    assert!(rig.run_until(5, true, |_, _| Fate::Fine).is_none());
    rig.abandon();
    let verdict = rig.run();
    rig.complete(verdict);
}

// ── lists

#[test]
fn every_page_of_the_list_is_read() {
    let mut rig = Rig::new(50 * PART, parts());
    rig.server.page = Some(7);
    assert!(rig.run_until(42, false, |_, _| Fate::Fine).is_none());
    rig.go_on();
    let there = rig.server.uploads.values().next().unwrap().len();
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!((rig.count("list"), rig.count("initiate"), rig.hashed), (there.div_ceil(7), 1, 0));
}

#[test]
fn what_cannot_be_ours_in_a_list_is_sent_again() {
    for (number, body) in [(2, vec![0; 16]), (2, vec![0; 3]), (9_999, vec![1])] {
        let mut rig = Rig::new(10 * PART, parts());
        assert!(rig.run_until(6, false, |_, _| Fate::Fine).is_none());
        rig.server.uploads.values_mut().next().unwrap().insert(number, body);
        rig.go_on();
        let verdict = rig.run();
        rig.complete(verdict);
        assert_eq!(rig.count("initiate"), 1);
    }
}

#[test]
fn a_page_that_does_not_advance_is_an_error_and_drops_nothing() {
    for marker in ["<NextPartNumberMarker>0</NextPartNumberMarker>", ""] {
        let mut rig = Rig::new(10 * PART, parts());
        assert!(rig.run_until(4, false, |_, _| Fate::Fine).is_none());
        let stuck = says(200, &format!("<ListPartsResult><IsTruncated>true</IsTruncated>{marker}</ListPartsResult>"));
        rig.go_on();
        let verdict = rig.run_with(|name, _| if name == "list 0" { Fate::Says(stuck.clone()) } else { Fate::Fine });
        let Err(Failure::Exhausted { budget: Budget::Attempts(_), last: Last::Vendor(fault) }) = verdict else {
            panic!("{verdict:?}")
        };
        assert!(matches!(fault, Fault::StuckMarker { after: 0, .. }));
        rig.go_on();
        let verdict = rig.run();
        rig.complete(verdict);
        assert_eq!(rig.count("initiate"), 1);
    }
}

#[test]
fn parts_that_complete_does_not_find_are_listed_and_sent_again() {
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(lose("complete", Fate::Says(refusal(400, "InvalidPart"))));
    rig.complete(verdict);
    assert_eq!((rig.count("list"), rig.count("complete"), rig.count("initiate"), rig.bytes_sent), (1, 2, 1, 40));
}

// ── keys and clocks

#[test]
fn a_token_that_ended_is_replaced_and_no_part_is_lost() {
    for code in ["ExpiredToken", "InvalidAccessKeyId"] {
        let mut rig = Rig::new(70, parts());
        rig.server.token = Some("one".into());
        rig.keys = [temporary("two")].into();
        rig.restart(temporary("one"));
        let verdict = rig.run_with(lose("part 3", Fate::Rekeys("two", refusal(400, code))));
        rig.complete(verdict);
        assert_eq!((rig.count("initiate"), rig.count("list"), rig.restarts()), (1, 0, 0));
        assert!(rig.keys.is_empty() && rig.bytes_sent <= 70 + 3 * PART, "{:?}", rig.asked);
    }
}

#[test]
fn a_token_that_ended_is_known_by_the_status_of_a_head() {
    for one in [parts(), one_request().forbid_overwrite(true)] {
        let call = if one.one_request_max > 0 { "put" } else { "complete" };
        let mut rig = Rig::new(40, one);
        rig.server.token = Some("one".into());
        rig.keys = [temporary("two")].into();
        rig.restart(temporary("one"));
        let verdict = rig.run_with(|name, nth| match (name, nth) {
            (name, 0) if name == call => Fate::LostAfter,
            ("head", 0) => Fate::Rekeys("two", says(400, "")),
            _ => Fate::Fine,
        });
        rig.complete(verdict);
        assert_eq!((rig.count("head"), rig.keys.len()), (if call == "put" { 2 } else { 3 }, 0), "{:?}", rig.asked);
    }
}

#[test]
fn a_head_that_may_not_be_seen_leads_to_the_list() {
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(|name, nth| match (name, nth) {
        ("complete", 0) => Fate::LostBefore,
        ("head", _) => Fate::Says(says(403, "")),
        _ => Fate::Fine,
    });
    rig.complete(verdict);
    assert_eq!((rig.count("head"), rig.count("list"), rig.count("complete")), (1, 1, 2));
}

#[test]
fn a_wrong_key_is_a_refused_credential() {
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(|_, _| Fate::Says(refusal(403, "SignatureDoesNotMatch")));
    assert!(matches!(verdict, Err(Failure::Credential(_))));
    assert_eq!(rig.asked(), ["initiate"]);
}

fn start_of(rig: &Rig, nth: usize) -> u64 {
    let authorization = rig.requests[nth].headers()["authorization"].to_str().unwrap();
    authorization.split("q-sign-time=").nth(1).unwrap().split(';').next().unwrap().parse().unwrap()
}

#[test]
fn each_way_to_say_that_a_signature_expired_corrects_the_clock() {
    let words = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
    let told = "<ServerTime>2026-01-01T00:20:00Z</ServerTime>";
    for refusal in [
        says(403, words),
        says(403, "<Error><Code>Request has expired</Code><Message>x</Message></Error>"),
        refusal(403, "RequestTimeTooSkewed"),
        refusal_with(403, "RequestTimeTooSkewed", told),
    ] {
        let mut rig = Rig::new(20, parts());
        let skewed = with(refusal, "date", "Thu, 01 Jan 2026 00:20:00 GMT");
        let verdict = rig.run_with(lose("initiate", Fate::Says(skewed)));
        rig.complete(verdict);
        assert_eq!((start_of(&rig, 0), start_of(&rig, 1)), (1_767_225_540, 1_767_225_540 + 1200));
    }
}

#[test]
fn an_old_signature_is_made_again_without_moving_the_clock() {
    let mut rig = Rig::new(20, parts());
    let words = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
    let old = with(says(403, words), "date", "Thu, 01 Jan 2026 00:00:00 GMT");
    let verdict = rig.run_with(lose("part 1", Fate::Says(old)));
    rig.complete(verdict);
    assert_eq!((rig.count("part"), rig.count("initiate")), (3, 1));
    assert!((1_767_225_540..1_767_225_600).contains(&start_of(&rig, rig.requests.len() - 1)));
}

#[test]
fn a_policy_that_denies_is_no_clock() {
    let mut rig = Rig::new(20, parts());
    let verdict = rig.run_with(|_, _| Fate::Says(refusal(403, "AccessDenied")));
    assert!(matches!(verdict, Err(Failure::Refused(_))), "{verdict:?}");
}

// ── what the vendor says for good, and what passes

#[test]
fn what_is_refused_for_good_ends_at_once() {
    for (status, code) in
        [(403, "AccessDenied"), (404, "NoSuchBucket"), (400, "InvalidArgument"), (402, "PaymentRequired")]
    {
        let mut rig = Rig::new(20, parts());
        let verdict = rig.run_with(|_, _| Fate::Says(refusal(status, code)));
        assert!(matches!(verdict, Err(Failure::Refused(_))), "{code}: {verdict:?}");
        assert_eq!(rig.asked.len(), 1);
    }
}

#[test]
fn what_passes_is_tried_again_and_loses_nothing() {
    for (status, code) in [(400, "BadDigest"), (400, "IncompleteBody"), (400, "RequestTimeout"), (503, "SlowDown")] {
        let mut rig = Rig::new(8 * PART, parts());
        let verdict = rig.run_with(|name, nth| match (name, nth) {
            ("part 2" | "part 5" | "part 6", 0) => Fate::Says(refusal(status, code)),
            _ => Fate::Fine,
        });
        rig.complete(verdict);
        assert_eq!((rig.count("part"), rig.count("initiate"), rig.count("list")), (11, 1, 0), "{code}");
    }
    let mut page = says(429, "<html>too many</html>");
    page.headers_mut().remove("x-cos-request-id");
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(lose("part 2", Fate::Says(page)));
    rig.complete(verdict);
}

// ── integrity and overwriting

#[test]
fn an_object_with_another_sum_is_sent_again_once_and_is_then_an_error() {
    for options in [parts(), one_request()] {
        let mut rig = Rig::new(40, options.clone());
        rig.server.wrong_crc64 = 1;
        let verdict = rig.run();
        rig.complete(verdict);
        assert_eq!(rig.bytes_sent, 80);
        let mut rig = Rig::new(40, options);
        rig.server.wrong_crc64 = 2;
        assert!(matches!(rig.run(), Err(Failure::Integrity(Fault::Integrity { .. }))));
    }
}

#[test]
fn a_part_that_arrived_damaged_is_sent_again() {
    for headers in [vec![("x-cos-hash-crc64ecma", "7")], vec![]] {
        let mut rig = Rig::new(40, parts());
        let mut damaged = with(says(200, ""), "etag", "\"00000000000000000000000000000000\"");
        for (name, value) in headers {
            damaged = with(damaged, name, value);
        }
        let verdict = rig.run_with(lose("part 2", Fate::ActsAndSays(damaged)));
        rig.complete(verdict);
        assert_eq!((rig.count("initiate"), rig.count("part")), (1, 4));
    }
}

#[test]
fn an_object_that_may_not_be_overwritten_is_an_error_unless_it_is_ours() {
    for (options, call) in [(parts(), "complete"), (one_request(), "put")] {
        let options = options.forbid_overwrite(true);
        let mut rig = Rig::new(40, options.clone());
        rig.server.object = Some(vec![1]);
        let Err(Failure::Refused(fault)) = rig.run() else { panic!() };
        assert!(fault.to_string().contains("FileAlreadyExists"), "{fault}");
        assert_eq!(rig.server.object, Some(vec![1]));

        let mut rig = Rig::new(40, options.clone());
        let verdict = rig.run_with(lose(call, Fate::LostAfter));
        rig.complete(verdict);

        // A bucket with versions takes no notice.
        let mut rig = Rig::new(40, options);
        rig.server.object = Some(vec![1]);
        rig.server.has_versions = true;
        let verdict = rig.run();
        rig.complete(verdict);
    }
}

#[test]
fn a_file_that_changed_is_found_before_the_end() {
    let mut rig = Rig::new(40, parts());
    rig.changes_at = Some("part 2");
    let verdict = rig.run();
    assert!(matches!(verdict, Err(Failure::Changed { .. })), "{verdict:?}");
    assert!(rig.server.object.is_none());
}

#[test]
fn a_wait_of_the_vendors_is_kept_to() {
    let mut rig = Rig::new(40, parts());
    let slow = with(refusal(503, "SlowDown"), "retry-after", "70");
    let verdict = rig.run_with(lose("part 1", Fate::Says(slow)));
    rig.complete(verdict);
    assert!(rig.now.mono >= Duration::from_secs(70));
}
