//! The machine over this vendor, driven through the public `Upload` against a small server.

mod far;

use far::{
    Fate, PART, Rig, Stop, callback, content, crc64, lose, one_request, parts, refusal, says, sequential, stopped,
    temporary,
};
use resumable_core::{Budget, Failure, HashKind, How, Last, Receipt, Remains};
use resumable_proto_oss::stage::InvalidSizes;
use resumable_proto_oss::{Called, Checksum, ChecksumKind, Fault, Found, InvalidOptions};

/// Lengths around the borders of parts.
const LENGTHS: [u64; 9] = [1, PART - 1, PART, PART + 1, 2 * PART - 1, 2 * PART, 2 * PART + 1, 5 * PART, 71];

// ── without trouble

#[test]
fn a_file_of_any_length_arrives_as_it_is() {
    for options in [parts(), sequential()] {
        for len in LENGTHS {
            let mut rig = Rig::new(len, options.clone());
            let verdict = rig.run();
            let uploaded = rig.complete(verdict);
            assert_eq!(rig.asked.len() as u64, 2 + len.div_ceil(PART), "{:?}", rig.asked);
            assert_eq!((rig.bytes_sent, rig.hashed.len()), (len, 0));
            assert_eq!((uploaded.how, uploaded.crc64), (How::Parts, Some(crc64(&rig.source))));
            assert_eq!((uploaded.called, uploaded.orphans), (Called::No, 0));
            assert_eq!(uploaded.url, "http://127.0.0.1:18099/emubucket/f");
            assert!(rig.server.uploads.is_empty());
        }
    }
}

#[test]
fn empty_and_small_files_go_in_one_request() {
    for len in [0, 1, 1000] {
        let mut rig = Rig::new(len, one_request());
        let verdict = rig.run();
        let uploaded = rig.complete(verdict);
        assert_eq!(rig.asked(), ["put"]);
        assert_eq!((uploaded.how, uploaded.crc64), (How::OneRequest, Some(crc64(&rig.source))));
        let receipt = Receipt::from(uploaded);
        assert_eq!(receipt.digest.unwrap().1.as_bytes(), crc64(&rig.source).to_be_bytes());
    }
    let mut rig = Rig::new(0, parts());
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!(rig.asked(), ["put"]);
}

#[test]
fn parts_go_side_by_side_unless_the_mode_is_sequential() {
    let mut rig = Rig::new(20 * PART, parts());
    rig.newest_first = true;
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!(rig.most_in_flight, 3);
    let mut rig = Rig::new(4 * PART, sequential());
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!(rig.most_in_flight, 1);
    assert_eq!(rig.asked(), ["initiate", "part 1", "part 2", "part 3", "part 4", "complete"]);
}

#[test]
fn only_the_crc64_is_observed_where_no_md5_will_be_wanted() {
    let mut rig = Rig::new(40, sequential());
    let verdict = rig.run_with(|name, nth| if (name, nth) == ("part 2", 0) { Fate::LostBefore } else { Fate::Fine });
    rig.complete(verdict);
    let (crc64, both) = (vec![HashKind::Crc64], vec![HashKind::Crc64, HashKind::Md5]);
    assert_eq!(rig.asked(), ["initiate", "part 1", "part 2", "part 2", "part 3", "complete"]);
    assert_eq!(rig.observed[1..5], [crc64.clone(), crc64.clone(), both, crc64]);
}

#[test]
fn a_file_that_cannot_fit_is_refused_before_anything_is_sent() {
    let mut options = parts();
    options.limits.parts = 2;
    let mut rig = Rig::new(129, options.clone());
    let fault = Fault::FileTooBig { len: 129, most: 128 };
    assert!(matches!(rig.run(), Err(Failure::Refused(end)) if end == fault));
    options.part_size = 3;
    assert!(rig.asked.is_empty());
    let refused = far::protocol(&parts()).with_options(options).unwrap_err();
    assert_eq!(refused, InvalidOptions::Sizes(InvalidSizes::PartSize { size: 3, least: 4, most: 64 }));
}

#[test]
fn the_vendor_may_leave_the_crc64_out() {
    for options in [parts(), sequential(), one_request()] {
        let mut rig = Rig::new(100, options);
        rig.server.no_crc64 = true;
        let verdict = rig.run();
        let uploaded = rig.complete(verdict);
        assert_eq!((uploaded.crc64, rig.bytes_sent), (Some(crc64(&rig.source)), 100));
        // What was sent before this was known is read once more, and no more than that.
        assert!(rig.hashed.len() <= 3, "{:?}", rig.hashed);
    }
}

// ── lost replies

#[test]
fn a_lost_initiate_is_made_again_and_its_stray_is_counted() {
    for fate in [Fate::LostBefore, Fate::LostAfter, Fate::Says(says(502, "<html>")), Fate::ActsAndSays(says(200, "x"))]
    {
        let mut rig = Rig::new(20, parts());
        let verdict = rig.run_with(lose("initiate", fate));
        assert_eq!(rig.complete(verdict).orphans, 1);
        assert_eq!(rig.asked(), ["initiate", "initiate", "part 1", "part 2", "complete"]);
    }
}

#[test]
fn a_lost_part_is_sent_again_and_replaces_itself() {
    for fate in [Fate::LostBefore, Fate::LostAfter, Fate::Says(refusal(500, "InternalError"))] {
        let mut rig = Rig::new(40, parts());
        let verdict = rig.run_with(lose("part 2", fate));
        rig.complete(verdict);
        assert_eq!((rig.count("part"), rig.bytes_sent, rig.hashed.len()), (4, 56, 0));
    }
}

#[test]
fn a_part_that_is_there_already_counts_if_its_tag_is_our_md5() {
    let mut rig = Rig::new(40, sequential());
    let verdict = rig.run_with(lose("part 2", Fate::LostAfter));
    rig.complete(verdict);
    assert_eq!(rig.asked(), ["initiate", "part 1", "part 2", "part 2", "part 3", "complete"]);
    assert!(rig.hashed.is_empty(), "the MD5 was observed: {:?}", rig.hashed);
}

#[test]
fn a_refusal_that_comes_before_the_whole_part_costs_one_reading_of_that_part() {
    let mut rig = Rig::new(70, sequential());
    let verdict = rig.run_with(|name, nth| match (name, nth) {
        ("part 2", 0) => Fate::LostAfter,
        ("part 2", 1) => Fate::Early,
        _ => Fate::Fine,
    });
    rig.complete(verdict);
    assert!(matches!(&rig.hashed[..], [part] if *part == (PART..2 * PART)), "{:?}", rig.hashed);
}

#[test]
fn a_part_that_is_there_with_other_content_begins_the_upload_anew() {
    let mut rig = Rig::new(40, sequential());
    let mut swapped = false;
    let other = "<Error><Code>PartAlreadyExist</Code><ETag>\"00000000000000000000000000000000\"</ETag>\
                 <PartNumber>2</PartNumber></Error>";
    let verdict = rig.run_with(|name, _| {
        if name == "part 2" && !swapped {
            swapped = true;
            return Fate::Says(says(409, other));
        }
        Fate::Fine
    });
    rig.complete(verdict);
    // The first refusal finds the part unread: it was not in doubt.
    assert!(matches!(&rig.hashed[..], [part] if *part == (PART..2 * PART)), "{:?}", rig.hashed);
    assert_eq!((rig.restarts(), rig.count("abort"), rig.count("initiate")), (1, 1, 2));
}

#[test]
fn a_part_that_is_there_with_other_content_than_was_just_sent_begins_the_upload_anew() {
    let mut rig = Rig::new(40, sequential());
    let other = "<Error><Code>PartAlreadyExist</Code><ETag>\"00000000000000000000000000000000\"</ETag></Error>";
    let verdict = rig.run_with(|name, nth| match (name, nth) {
        ("part 2", 0) => Fate::LostBefore,
        ("part 2", 1) => Fate::ActsAndSays(says(409, other)),
        _ => Fate::Fine,
    });
    rig.complete(verdict);
    assert_eq!((rig.restarts(), rig.count("abort"), rig.hashed.len()), (1, 1, 0));
}

#[test]
fn a_lost_complete_is_found_by_its_length_and_crc64() {
    for options in [parts(), sequential()] {
        for hides in [0, 1, 2] {
            let mut rig = Rig::new(40, options.clone());
            rig.server.hides = hides;
            let verdict = rig.run_with(lose("complete", Fate::LostAfter));
            let uploaded = rig.complete(verdict);
            assert_eq!((uploaded.how, uploaded.crc64), (How::Parts, Some(crc64(&rig.source))));
            assert_eq!((rig.count("complete"), rig.count("head")), (2, 1 + hides as usize));
            assert_eq!((rig.bytes_sent, rig.hashed.len(), rig.restarts()), (40, 0, 0));
        }
    }
}

#[test]
fn a_complete_that_did_not_arrive_is_made_again() {
    for fate in [Fate::LostBefore, Fate::Says(refusal(503, "ServiceUnavailable")), Fate::Says(says(200, "<html>"))] {
        let mut rig = Rig::new(40, parts());
        let verdict = rig.run_with(lose("complete", fate));
        rig.complete(verdict);
        assert_eq!((rig.count("complete"), rig.count("head"), rig.bytes_sent), (2, 0, 40));
    }
}

#[test]
fn an_upload_that_is_gone_without_a_doubt_is_begun_anew() {
    for what in ["part 2", "complete"] {
        let mut rig = Rig::new(40, parts());
        let verdict = rig.run_with(lose(what, Fate::Forgets));
        rig.complete(verdict);
        assert_eq!((rig.restarts(), rig.count("initiate"), rig.count("head")), (1, 2, 0));
    }
}

#[test]
fn an_upload_that_is_gone_in_doubt_is_begun_anew_if_the_key_has_something_else() {
    for there in [None, Some(content(39)), Some(vec![7; 40])] {
        let mut rig = Rig::new(40, parts());
        rig.server.object = there.clone();
        let verdict = rig.run_with(|name, nth| match (name, nth) {
            ("complete", 0) => Fate::LostBefore,
            ("complete", 1) => Fate::Forgets,
            _ => Fate::Fine,
        });
        rig.complete(verdict);
        assert_eq!((rig.restarts(), rig.count("head")), (1, if there.is_none() { 3 } else { 1 }));
    }
}

#[test]
fn an_object_that_cannot_be_compared_is_not_taken_for_ours() {
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(|name, nth| match (name, nth) {
        ("complete", 0) => Fate::LostAfter,
        ("head", _) => {
            let mut head = says(200, "");
            head.headers_mut().insert("content-length", "40".parse().unwrap());
            head.headers_mut().insert("etag", "\"3579E39A1324C2788D22AB4FA35C4918-3\"".parse().unwrap());
            Fate::Says(head)
        }
        _ => Fate::Fine,
    });
    rig.complete(verdict);
    assert_eq!((rig.restarts(), rig.count("initiate")), (1, 2));
}

#[test]
fn a_lost_put_is_made_again() {
    for fate in [Fate::LostBefore, Fate::LostAfter, Fate::Early, Fate::Says(says(200, "<html>"))] {
        let mut rig = Rig::new(40, one_request());
        let verdict = rig.run_with(lose("put", fate));
        rig.complete(verdict);
        assert_eq!(rig.asked(), ["put", "put"]);
    }
}

// ── keys and clocks

#[test]
fn keys_that_ended_are_replaced_and_nothing_is_lost() {
    for code in ["SecurityTokenExpired", "InvalidAccessKeyId", "InvalidSecurityToken"] {
        for options in [parts(), sequential()] {
            let mut rig = Rig::new(70, options);
            rig.server.token = Some("one".into());
            rig.keys = [temporary("two")].into();
            rig.restart(temporary("one"));
            let rekeys = Fate::Rekeys("two", refusal(403, code));
            let verdict = rig.run_with(lose("part 3", rekeys));
            rig.complete(verdict);
            assert_eq!((rig.count("initiate"), rig.count("list"), rig.restarts()), (1, 0, 0));
            assert!(rig.keys.is_empty() && rig.bytes_sent <= 70 + 3 * PART, "{:?}", rig.asked);
        }
    }
}

#[test]
fn a_wrong_secret_is_a_refused_credential() {
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(|_, _| Fate::Says(refusal(403, "SignatureDoesNotMatch")));
    assert!(matches!(verdict, Err(Failure::Credential(_))));
    assert_eq!(rig.asked(), ["initiate"]);
}

#[test]
fn a_skewed_clock_is_corrected_by_the_answers_date() {
    let mut rig = Rig::new(20, parts());
    let mut skewed = refusal(403, "RequestTimeTooSkewed");
    skewed.headers_mut().insert("date", "Thu, 01 Jan 2026 00:20:00 GMT".parse().unwrap());
    let verdict = rig.run_with(lose("initiate", Fate::Says(skewed)));
    rig.complete(verdict);
    assert!(rig.requests[1].contains("20260101T002000Z"), "{}", rig.requests[1]);
}

#[test]
fn what_is_refused_for_good_ends_at_once() {
    for code in ["AccessDenied", "NoSuchBucket", "InvalidArgument", "EntityTooLarge", "UserDisable"] {
        let mut rig = Rig::new(20, parts());
        let verdict = rig.run_with(|_, _| Fate::Says(refusal(403, code)));
        assert!(matches!(verdict, Err(Failure::Refused(_))), "{code}: {verdict:?}");
        assert_eq!(rig.asked.len(), 1);
    }
}

// ── integrity, overwriting, callbacks

#[test]
fn an_object_with_another_crc64_is_sent_again_once_and_is_then_an_error() {
    for options in [parts(), one_request()] {
        let mut rig = Rig::new(40, options.clone());
        rig.server.wrong_crc64 = 1;
        let verdict = rig.run();
        rig.complete(verdict);
        assert_eq!(rig.bytes_sent, 80);
        let mut rig = Rig::new(40, options);
        rig.server.wrong_crc64 = 2;
        let Err(Failure::Integrity(Fault::Integrity { ours, .. })) = rig.run() else { panic!() };
        assert_eq!(ours, Checksum { kind: ChecksumKind::Crc64, value: crc64(&rig.source) });
    }
}

#[test]
fn a_part_that_arrived_damaged_is_sent_again() {
    for options in [parts(), sequential()] {
        let in_order = options.sequential;
        let mut rig = Rig::new(40, options);
        let mut damaged = says(200, "");
        damaged.headers_mut().insert("etag", "\"00000000000000000000000000000000\"".parse().unwrap());
        damaged.headers_mut().insert("x-oss-hash-crc64ecma", "7".parse().unwrap());
        let verdict = rig.run_with(lose("part 2", Fate::ActsAndSays(damaged)));
        rig.complete(verdict);
        assert_eq!(rig.count("initiate"), if in_order { 2 } else { 1 });
    }
}

#[test]
fn an_object_that_may_not_be_overwritten_is_an_error_unless_it_is_ours() {
    for (mut options, call) in [(parts(), "complete"), (one_request(), "put")] {
        options.forbid_overwrite = true;
        let mut rig = Rig::new(40, options.clone());
        rig.server.object = Some(vec![1]);
        let Err(Failure::Refused(fault)) = rig.run() else { panic!() };
        assert!(fault.to_string().contains("FileAlreadyExists"), "{fault}");
        assert_eq!(rig.server.object, Some(vec![1]));

        let mut rig = Rig::new(40, options.clone());
        let verdict = rig.run_with(lose(call, Fate::LostAfter));
        rig.complete(verdict);
        assert_eq!((rig.count("head"), rig.bytes_sent), (1, if call == "put" { 80 } else { 40 }));

        let mut rig = Rig::new(40, options);
        let fate = if call == "put" { Fate::LostBefore } else { Fate::LostAfter };
        let end = rig
            .run_until(Stop::AtRequest { count: if call == "put" { 2 } else { 6 }, arrives: false }, lose(call, fate));
        assert!(end.is_none());
        rig.server.object = Some(vec![2; 40]);
        rig.server.uploads.clear();
        rig.go_on();
        let verdict = rig.run();
        assert!(matches!(verdict, Err(Failure::Refused(Fault::Taken))), "{verdict:?} {:?}", rig.asked);
        assert_eq!(rig.server.object, Some(vec![2; 40]));
    }
}

#[test]
fn the_callbacks_answer_is_part_of_the_outcome() {
    for mut options in [parts(), one_request()] {
        options.callback = Some(callback());
        let mut rig = Rig::new(40, options.clone());
        let verdict = rig.run();
        let uploaded = rig.complete(verdict);
        assert_eq!(uploaded.called, Called::Replied("{\"ok\":true}".into()));
        assert_eq!(rig.server.calls_back, 1);
        let etag = uploaded.etag.as_ref().map(|etag| ("etag".to_owned(), etag.to_string()));
        let callback = ("callback".to_owned(), "{\"ok\":true}".to_owned());
        assert_eq!(Receipt::from(uploaded).rows, etag.into_iter().chain([callback]).collect::<Vec<_>>());
        let mut rig = Rig::new(40, options);
        let verdict = rig.run_with(|name, nth| match (name, nth) {
            ("complete" | "put", 0) => Fate::LostAfter,
            _ => Fate::Fine,
        });
        let one = rig.count("put") > 0;
        let called = rig.complete(verdict).called;
        assert_eq!(called == Called::Unknown, !one, "{called:?}");
    }
}

#[test]
fn a_failed_callback_is_an_error_that_sends_nothing_again() {
    for mut options in [parts(), one_request()] {
        options.callback = Some(callback());
        let mut rig = Rig::new(40, options);
        rig.server.callback = None;
        for _ in 0..2 {
            let verdict = rig.run();
            let Err(Failure::Refused(fault)) = &verdict else { panic!("{verdict:?}") };
            assert!(fault.to_string().contains("stored at OSS, but its callback failed"), "{fault}");
            assert_eq!((rig.bytes_sent, rig.server.calls_back), (40, 1));
            rig.go_on();
        }
        let saved = rig.last_saved();
        rig.abandon(&saved);
        assert!(matches!(rig.run(), Err(Failure::Abandoned(Remains::Object))));
    }
}

// ── giving up

#[test]
fn an_upload_that_is_given_up_is_aborted_until_it_is_gone() {
    for (sticky, left) in [(0, Remains::Nothing), (2, Remains::Nothing), (9, Remains::Parts)] {
        let mut rig = stopped(parts(), 6);
        rig.server.sticky = sticky;
        let saved = rig.last_saved();
        rig.abandon(&saved);
        let verdict = rig.run_with(lose("abort", Fate::LostBefore));
        assert!(matches!(verdict, Err(Failure::Abandoned(remains)) if remains == left), "{verdict:?}");
        assert_eq!(rig.server.uploads.is_empty(), left == Remains::Nothing);
        assert!(rig.server.object.is_none());
    }
}

#[test]
fn an_object_that_is_not_the_file_is_left_by_an_upload_that_is_given_up_later() {
    // Before the second initiate, and after its first part.
    for count in [6, 7] {
        let mut rig = Rig::new(40, parts());
        rig.server.wrong_crc64 = 1;
        assert!(rig.run_until(Stop::AtRequest { count, arrives: true }, |_, _| Fate::Fine).is_none());
        let saved = rig.last_saved();
        rig.abandon(&saved);
        let verdict = rig.run();
        assert!(matches!(verdict, Err(Failure::Abandoned(Remains::Object))), "{verdict:?} {:?}", rig.asked());
        assert!(rig.server.object.is_some());
    }
}

#[test]
fn an_upload_that_turns_out_to_be_complete_is_not_given_up() {
    let mut rig = Rig::new(40, parts());
    assert!(rig.run_until(Stop::AtRequest { count: 5, arrives: true }, |_, _| Fate::Fine).is_none());
    let saved = rig.last_saved();
    rig.abandon(&saved);
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!(rig.asked()[5..], ["abort", "head"]);
}

#[test]
fn what_cannot_be_found_out_is_said_so() {
    let mut rig = Rig::new(40, one_request());
    assert!(rig.run_until(Stop::AtRequest { count: 1, arrives: true }, |_, _| Fate::Fine).is_none());
    let saved = rig.last_saved();
    rig.abandon(&saved);
    assert!(matches!(rig.run(), Err(Failure::Abandoned(Remains::Unknown))));
    for (there, left) in [(None, Remains::Nothing), (Some(vec![1; 39]), Remains::Unknown)] {
        let mut rig = Rig::new(40, one_request());
        assert!(rig.run_until(Stop::AtRequest { count: 1, arrives: false }, |_, _| Fate::Fine).is_none());
        rig.server.object = there;
        let saved = rig.last_saved();
        rig.abandon(&saved);
        let verdict = rig.run();
        assert!(matches!(verdict, Err(Failure::Abandoned(remains)) if remains == left), "{verdict:?}");
    }
}

#[test]
fn the_last_lost_object_is_told() {
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(|name, nth| match (name, nth % 2) {
        ("complete", 0) => Fate::LostBefore,
        ("complete", 1) => Fate::Forgets,
        _ => Fate::Fine,
    });
    let Err(Failure::Exhausted { budget: Budget::Restarts(4), last: Last::Vendor(fault) }) = verdict else {
        panic!("{verdict:?}")
    };
    assert_eq!(fault, Fault::Lost { found: Found::Nothing });
}
