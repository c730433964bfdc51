//! The machine over this vendor, driven through the public `Upload` against a small server.

mod far;

use far::{Fate, Habit, Object, PART, Rig, lose, one_request, parts, parts_of, refusal, says, temporary};
use resumable_core::{Failure, HashKind, How, Receipt, Remains};
use resumable_proto_s3::*;

/// Lengths around the borders of parts.
const LENGTHS: [u64; 8] = [1, PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 1, 5 * PART, 71];

#[test]
fn a_file_of_any_length_arrives_as_it_is_at_each_service() {
    for preset in PRESETS {
        for len in LENGTHS {
            let mut rig = Rig::new(len, parts_of(preset.name));
            let verdict = rig.run();
            let uploaded = rig.complete(verdict);
            let count = len.div_ceil(PART);
            assert_eq!(rig.asked().len() as u64, 2 + count, "{}: {:?}", preset.name, rig.asked());
            assert_eq!((rig.bytes_sent, rig.hashed.len(), rig.restarts()), (len, 0, 0), "{}", preset.name);
            assert_eq!((uploaded.how, uploaded.orphans), (How::Parts, 0));
            assert_eq!(uploaded.url, "http://127.0.0.1:9000/emubucket/f");
            assert_eq!(uploaded.checksum.is_some(), preset.checksum.is_some(), "{}", preset.name);
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
        assert_eq!(uploaded.how, How::OneRequest);
        let (kind, digest) = Receipt::from(uploaded).digest.unwrap();
        assert_eq!((kind, digest), (HashKind::Crc64Nvme, far::digest(HashKind::Crc64Nvme, &rig.source)));
    }
    let mut rig = Rig::new(0, parts());
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!(rig.asked(), ["put"]);
}

#[test]
fn sums_are_declared_at_the_beginning_and_said_at_the_end_where_the_service_takes_them() {
    let names = |rig: &Rig, call: &str| -> Vec<String> {
        let names = rig.last(call).headers().keys().map(|name| name.as_str().to_owned());
        let mut names: Vec<String> =
            names.filter(|name| name.starts_with("x-amz-checksum") || name.contains("size")).collect();
        names.sort();
        names
    };
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!(names(&rig, "create"), ["x-amz-checksum-algorithm", "x-amz-checksum-type"]);
    assert!(names(&rig, "part 1").is_empty());
    assert_eq!(names(&rig, "complete"), ["x-amz-checksum-crc64nvme", "x-amz-checksum-type", "x-amz-mp-object-size"]);
    let complete = rig.last("complete").headers();
    assert_eq!(complete["x-amz-checksum-crc64nvme"], far::crc(&rig.source));
    assert_eq!(complete["x-amz-mp-object-size"], "40");
    // Whoever is sent one there refuses the request.
    let mut rig = Rig::new(40, parts_of("b2"));
    let verdict = rig.run_with(lose("complete", Fate::LostAfter));
    rig.complete(verdict);
    for call in ["create", "part 1", "complete", "head"] {
        assert!(names(&rig, call).is_empty(), "{call}");
    }
}

#[test]
fn each_attempt_has_a_random_name_that_is_saved_before_it_is_sent() {
    let name = |rig: &Rig, call: &str| rig.last(call).headers()["x-amz-meta-resumable-id"].to_str().unwrap().to_owned();
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(lose("part 2", Fate::Forgets));
    rig.complete(verdict);
    let creates: Vec<_> = (0..rig.asked.len()).filter(|at| rig.asked[*at].0 == "create").collect();
    let sent = |at: usize| rig.requests[at].headers()["x-amz-meta-resumable-id"].to_str().unwrap().to_owned();
    let (first, second) = (sent(creates[0]), sent(creates[1]));
    assert!(first.len() == 32 && second.len() == 32 && first != second, "{first} {second}");
    assert_eq!(rig.server.object.as_ref().unwrap().name.as_deref(), Some(second.as_str()));
    let mut rig = Rig::new(40, one_request());
    let verdict = rig.run_with(lose("put", Fate::LostAfter));
    rig.complete(verdict);
    assert_eq!(name(&rig, "put").len(), 32);
}

#[test]
fn the_content_is_signed_where_that_is_wanted() {
    for (options, calls) in [(parts(), vec!["part 1", "part 2", "part 3"]), (one_request(), vec!["put"])] {
        let mut rig = Rig::new(40, options.payload(Payload::Signed));
        let verdict = rig.run();
        rig.complete(verdict);
        for call in calls {
            assert_eq!(rig.last(call).headers()["x-amz-content-sha256"].len(), 64, "{call}");
        }
        assert_eq!(rig.hashed.iter().map(|range| range.end - range.start).sum::<u64>(), 40);
    }
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!(rig.last("part 1").headers()["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
    assert_eq!(rig.last("complete").headers()["x-amz-content-sha256"].len(), 64);
}

#[test]
fn what_was_read_for_a_signature_is_not_read_again_for_another_upload() {
    let mut rig = Rig::new(40, parts().payload(Payload::Signed));
    let verdict = rig.run_with(lose("complete", Fate::Forgets));
    rig.complete(verdict);
    assert_eq!((rig.count("create"), rig.bytes_sent), (2, 80));
    assert_eq!(rig.hashed.iter().map(|range| range.end - range.start).sum::<u64>(), 40);
    // A digest of the whole that differs may be a file that was read amiss.
    let mut rig = Rig::new(40, parts().payload(Payload::Signed));
    rig.server.wrong_sums = 1;
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!(rig.hashed.iter().map(|range| range.end - range.start).sum::<u64>(), 80);
}

#[test]
fn tags_that_are_no_md5_prove_nothing_and_stop_nothing() {
    // Looks like an MD5, and is none: the content is encrypted with a key of the owner's.
    for name in ["aws", "minio"] {
        let mut rig = Rig::new(70, parts_of(name));
        rig.server.habits.insert(Habit::Encrypts);
        let verdict = rig.run();
        rig.complete(verdict);
        assert_eq!((rig.bytes_sent, rig.restarts()), (70, 0), "{name}");
        let mut rig = Rig::new(70, parts_of(name).one_request_max(1000));
        rig.server.habits.insert(Habit::Encrypts);
        let verdict = rig.run();
        rig.complete(verdict);
        assert_eq!(rig.bytes_sent, 70, "{name}");
    }
}

#[test]
fn an_upload_goes_on_wherever_it_was_killed() {
    for name in ["aws", "minio", "r2", "swift"] {
        for encrypts in [false, true] {
            for (count, arrives) in (1..12).flat_map(|count| [(count, false), (count, true)]) {
                let mut rig = Rig::new(10 * PART, parts_of(name));
                rig.server.habits.extend(encrypts.then_some(Habit::Encrypts));
                rig.killed_at(count, arrives);
                rig.go_on();
                let verdict = rig.run();
                rig.complete(verdict);
                let most = 10 * PART + 3 * PART;
                assert!(rig.bytes_sent <= most, "{name} {count}: {} bytes, {:?}", rig.bytes_sent, rig.asked());
                assert_eq!(rig.count("create"), if count == 1 { 2 } else { 1 }, "{name} {count}: {:?}", rig.asked());
            }
        }
    }
}

#[test]
fn a_list_of_several_pages_is_read_to_its_end() {
    let mut rig = Rig::new(10 * PART, parts());
    rig.server.page = 3;
    rig.killed_at(11, true);
    rig.go_on();
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!(rig.count("list"), 4);
    assert_eq!(
        rig.asked().iter().filter(|asked| asked.starts_with("list")).copied().collect::<Vec<_>>(),
        ["list 0", "list 3", "list 6", "list 9"]
    );
}

// ── regions, keys, clocks

#[test]
fn requests_are_signed_again_for_the_region_that_the_vendor_names() {
    for options in [parts(), one_request()] {
        let mut rig = Rig::new(40, options);
        rig.server.region = "eu-west-1";
        let verdict = rig.run();
        rig.complete(verdict);
        let first = rig.asked()[0].to_owned();
        assert_eq!(rig.count(&first), 2, "only the first request is refused: {:?}", rig.asked());
        let authorization = rig.requests.last().unwrap().headers()["authorization"].to_str().unwrap();
        assert!(authorization.contains("/eu-west-1/s3/"), "{authorization}");
        assert_eq!(rig.bytes_sent, if first == "put" { 80 } else { 40 });
    }
}

#[test]
fn a_vendor_that_sends_us_about_is_an_error() {
    let mut rig = Rig::new(40, parts());
    let mut nth = 0;
    let verdict = rig.run_with(|_, _| {
        nth += 1;
        let region = if nth % 2 == 0 { "a-1" } else { "b-2" };
        Fate::Says(far_region(region))
    });
    let Err(Failure::Refused(fault)) = verdict else { panic!("{verdict:?}") };
    assert_eq!(fault.class(), Some(Class::Region));
    assert_eq!(rig.asked(), ["create", "create"]);
}

#[test]
fn no_region_that_a_server_names_leads_a_signed_request_to_another_domain() {
    let domain = |request: &http::Request<()>| request.uri().authority().unwrap() == "127.0.0.1:9000";
    for region in
        ["evil.example", "evil.example/", "me@evil.example", "evil.example:80", "..", "a/b?c#d", "\\evil", "ä", ""]
    {
        let mut rig = Rig::new(40, parts());
        let verdict = rig.run_with(|_, _| Fate::Says(far_region(region)));
        assert!(matches!(verdict, Err(Failure::Refused(_))), "{region}: {verdict:?}");
        assert!(rig.requests.iter().all(domain), "{region}: {:?}", rig.requests);
    }
}

fn far_region(region: &str) -> http::Response<bytes::Bytes> {
    let mut response = refusal(301, "PermanentRedirect");
    response.headers_mut().insert("x-amz-bucket-region", region.parse().unwrap());
    response
}

#[test]
fn a_region_that_is_not_named_is_a_refusal() {
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(|_, _| Fate::Says(refusal(400, "AuthorizationHeaderMalformed")));
    assert!(matches!(verdict, Err(Failure::Refused(_))), "{verdict:?}");
    assert_eq!(rig.asked(), ["create"]);
}

#[test]
fn keys_that_ended_are_replaced_and_nothing_is_lost() {
    // 400, not 403.
    for code in ["ExpiredToken", "InvalidToken", "TokenRefreshRequired"] {
        let mut rig = Rig::new(70, parts());
        rig.server.token = Some("one".into());
        rig.keys = [temporary("two")].into();
        rig.restart(temporary("one"));
        let verdict = rig.run_with(lose("part 3", Fate::Rekeys("two", refusal(400, code))));
        rig.complete(verdict);
        assert_eq!((rig.count("create"), rig.count("list"), rig.restarts()), (1, 0, 0));
        assert!(rig.keys.is_empty() && rig.bytes_sent <= 70 + 3 * PART, "{:?}", rig.asked());
    }
}

#[test]
fn a_token_that_ends_before_a_look_at_the_key_is_replaced() {
    for name in ["aws", "r2"] {
        let mut rig = Rig::new(40, parts_of(name));
        rig.server.token = Some("one".into());
        rig.keys = [temporary("two")].into();
        rig.restart(temporary("one"));
        let verdict = rig.run_with(|name, nth| match (name, nth) {
            ("complete", 0) => Fate::LostAfter,
            ("head", 0) => Fate::Rekeys("two", says(400, "")),
            _ => Fate::Fine,
        });
        rig.complete(verdict);
        assert_eq!((rig.count("head"), rig.bytes_sent, rig.keys.len()), (2, 40, 0), "{name}: {:?}", rig.asked());
    }
}

#[test]
fn a_wrong_secret_is_a_refused_credential() {
    for code in ["SignatureDoesNotMatch", "InvalidAccessKeyId"] {
        let mut rig = Rig::new(40, parts());
        let verdict = rig.run_with(|_, _| Fate::Says(refusal(403, code)));
        assert!(matches!(verdict, Err(Failure::Credential(_))), "{verdict:?}");
    }
}

#[test]
fn a_skewed_clock_is_corrected_by_the_servers_time() {
    for (time, date) in [("<ServerTime>2026-01-01T00:20:00Z</ServerTime>", ""), ("", "Thu, 01 Jan 2026 00:20:00 GMT")] {
        let mut rig = Rig::new(20, parts());
        let mut skewed = far::refusal_with(403, "RequestTimeTooSkewed", time);
        if !date.is_empty() {
            skewed.headers_mut().insert("date", date.parse().unwrap());
        }
        let verdict = rig.run_with(lose("create", Fate::Says(skewed)));
        rig.complete(verdict);
        assert_eq!(rig.requests[1].headers()["x-amz-date"], "20260101T002000Z");
    }
}

#[test]
fn what_is_refused_for_good_ends_at_once() {
    // A 501 is no outage: the service does not know a header.
    for (status, code) in [
        (501, "NotImplemented"),
        (403, "AccessDenied"),
        (404, "NoSuchBucket"),
        (400, "InvalidArgument"),
        (400, "EntityTooLarge"),
        (403, "AllAccessDisabled"),
        (400, "KMS.DisabledException"),
    ] {
        let mut rig = Rig::new(20, parts());
        let verdict = rig.run_with(|_, _| Fate::Says(refusal(status, code)));
        assert!(matches!(verdict, Err(Failure::Refused(_))), "{code}: {verdict:?}");
        assert_eq!(rig.asked().len(), 1);
    }
}

#[test]
fn what_passes_is_tried_again() {
    for (status, code) in [
        (503, "SlowDown"),
        (503, "SlowDownWrite"),
        (500, "InternalError"),
        (503, "ServiceUnavailable"),
        (400, "RequestTimeout"),
        (400, "IncompleteBody"),
        (400, "BadDigest"),
        (400, "XAmzContentSHA256Mismatch"),
        (409, "OperationAborted"),
    ] {
        let mut rig = Rig::new(40, parts());
        let verdict = rig.run_with(lose("part 2", Fate::Says(refusal(status, code))));
        rig.complete(verdict);
        assert_eq!((rig.count("part"), rig.count("create")), (4, 1), "{code}");
    }
}

// ── integrity, overwriting

#[test]
fn an_object_with_another_sum_is_sent_again_once_and_is_then_an_error() {
    for options in [parts(), one_request()] {
        let mut rig = Rig::new(40, options.clone());
        rig.server.wrong_sums = 1;
        let verdict = rig.run();
        rig.complete(verdict);
        assert_eq!(rig.bytes_sent, 80);
        let mut rig = Rig::new(40, options);
        rig.server.wrong_sums = 2;
        let verdict = rig.run();
        assert!(matches!(verdict, Err(Failure::Integrity(Fault::Integrity { .. }))), "{verdict:?}");
    }
}

#[test]
fn a_part_that_arrived_damaged_is_sent_again() {
    for name in ["aws", "minio"] {
        let mut rig = Rig::new(40, parts_of(name));
        let mut damaged = says(200, "");
        damaged.headers_mut().insert("etag", "\"00000000000000000000000000000000\"".parse().unwrap());
        if name == "aws" {
            damaged.headers_mut().insert("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=".parse().unwrap());
        }
        let verdict = rig.run_with(lose("part 2", Fate::ActsAndSays(damaged)));
        rig.complete(verdict);
        assert_eq!((rig.count("create"), rig.count("part")), (1, 4), "{name}");
    }
}

#[test]
fn a_digest_that_is_refused_at_the_end_is_not_repeated_for_ever() {
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(lose("complete", Fate::Says(refusal(400, "BadDigest"))));
    rig.complete(verdict);
    assert_eq!((rig.count("create"), rig.count("complete")), (2, 2));
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(|name, _| match name {
        "complete" => Fate::Says(refusal(400, "BadDigest")),
        _ => Fate::Fine,
    });
    assert!(verdict.is_err() && rig.count("complete") < 10, "{verdict:?}");
}

#[test]
fn parts_that_complete_does_not_find_are_listed_and_sent_again() {
    for fragile in [false, true] {
        let mut rig = Rig::new(40, parts());
        rig.server.habits.extend(fragile.then_some(Habit::Fragile));
        let fate = if fragile { Fate::Forgets } else { Fate::Says(refusal(400, "InvalidPart")) };
        let verdict = rig.run_with(lose("complete", fate));
        rig.complete(verdict);
        assert_eq!(rig.count("create"), if fragile { 2 } else { 1 });
    }
}

#[test]
fn an_object_that_is_there_stays_if_it_must() {
    for (options, call) in [(parts(), "complete"), (one_request(), "put")] {
        let options = options.forbid_overwrite(true);
        let mut rig = Rig::new(40, options.clone());
        rig.server.object = Some(Object::of(vec![1]));
        let Err(Failure::Refused(fault)) = rig.run() else { panic!() };
        assert!(fault.to_string().contains("PreconditionFailed"), "{fault}");
        assert_eq!(rig.server.object, Some(Object::of(vec![1])));
        assert_eq!(rig.last(call).headers()["if-none-match"], "*");
    }
    let mut rig = Rig::new(40, parts().forbid_overwrite(true));
    let verdict = rig.run_with(lose("complete", Fate::Says(refusal(409, "ConditionalRequestConflict"))));
    rig.complete(verdict);
    assert_eq!(rig.count("create"), 2, "the upload is lost with the race");
    let mut rig = Rig::new(40, one_request().forbid_overwrite(true));
    let verdict = rig.run_with(lose("put", Fate::Says(refusal(409, "ConditionalRequestConflict"))));
    rig.complete(verdict);
    assert_eq!(rig.asked(), ["put", "put"]);
}

#[test]
fn a_service_that_would_overwrite_all_the_same_is_not_asked_to_keep_an_object() {
    for preset in PRESETS {
        let refused = Options::of(*preset).forbid_overwrite(true);
        let made = S3::new(far::protocol(&parts()).object().clone(), refused);
        assert_eq!(made.is_ok(), preset.conditional, "{}", preset.name);
    }
}

// ── giving up

#[test]
fn an_upload_that_is_given_up_is_aborted_until_it_is_gone() {
    for (sticky, left) in [(0, Remains::Nothing), (2, Remains::Nothing), (9, Remains::Parts)] {
        let mut rig = Rig::new(10 * PART, parts());
        rig.killed_at(6, false);
        rig.server.sticky = sticky;
        rig.abandon();
        let verdict = rig.run_with(lose("abort", Fate::LostBefore));
        assert!(matches!(verdict, Err(Failure::Abandoned(remains)) if remains == left), "{verdict:?}");
        assert_eq!(rig.server.uploads.is_empty(), left == Remains::Nothing);
        assert!(rig.server.object.is_none());
    }
}

#[test]
fn an_upload_that_turns_out_to_be_complete_is_not_given_up() {
    let mut rig = Rig::new(40, parts());
    rig.killed_at(5, true);
    rig.abandon();
    let verdict = rig.run();
    rig.complete(verdict);
    assert!(rig.server.object.is_some());
}
