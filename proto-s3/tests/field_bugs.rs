//! What goes wrong in other clients of S3, and not here: `docs/field-bugs.md` says what each is.

mod far;

use far::{Fate, Object, PART, Rig, lose, one_request, parts, parts_of, refusal, says, temporary};
use http::HeaderMap;
use resumable_core::{Failure, Protocol, SourceInfo};
use resumable_proto_s3::*;

#[test]
fn field_bug_96_an_object_of_somebody_else_is_no_proof() {
    for name in ["aws", "minio"] {
        let mut rig = Rig::new(40, parts_of(name));
        // Theirs has our length, and they had the upload removed.
        let verdict = rig.run_with(|name, nth| match (name, nth) {
            ("complete", 0) => Fate::LostBefore,
            ("head", 0) => Fate::Overtaken,
            ("list 0", 0) => Fate::Forgets,
            _ => Fate::Fine,
        });
        rig.complete(verdict);
        assert_eq!((rig.count("create"), rig.bytes_sent), (2, 80), "{name}: {:?}", rig.asked());
    }
}

#[test]
fn field_bug_97_a_lost_complete_that_was_done_sends_nothing_again() {
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(lose("complete", Fate::LostAfter));
    rig.complete(verdict);
    assert_eq!((rig.count("complete"), rig.bytes_sent), (1, 40));
    // The head is lost, too, and the upload is asked for by another process.
    let mut rig = Rig::new(40, parts());
    rig.killed_at(5, true);
    rig.go_on();
    let verdict = rig.run_with(lose("head", Fate::Says(says(503, ""))));
    rig.complete(verdict);
    assert_eq!((rig.count("complete"), rig.bytes_sent), (1, 40), "{:?}", rig.asked());
}

#[test]
fn field_bug_98_a_200_with_an_error_in_it_is_no_success() {
    for (code, ends) in
        [("InternalError", false), ("SlowDown", false), ("AccessDenied", true), ("EntityTooSmall", true)]
    {
        let mut rig = Rig::new(40, parts());
        let verdict = rig.run_with(lose("complete", Fate::Says(refusal(200, code))));
        if ends {
            assert!(matches!(verdict, Err(Failure::Refused(_))), "{code}: {verdict:?}");
            assert_eq!(rig.server.object, None);
        } else {
            rig.complete(verdict);
        }
    }
}

#[test]
fn field_bug_99_an_internal_error_in_a_200_is_tried_again() {
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(lose("complete", Fate::Says(refusal(200, "InternalError"))));
    rig.complete(verdict);
    assert_eq!((rig.count("complete"), rig.bytes_sent, rig.restarts()), (2, 40, 0));
}

#[test]
fn field_bug_99_a_200_without_a_result_is_no_answer() {
    for body in ["", "   ", "<?xml version=\"1.0\"?>", "<html></html>", "<CompleteMultipartUploadResult><ETag>\"a\""] {
        let mut rig = Rig::new(40, parts());
        let verdict = rig.run_with(lose("complete", Fate::Says(says(200, body))));
        rig.complete(verdict);
        assert_eq!((rig.count("complete"), rig.count("head"), rig.bytes_sent), (2, 1, 40), "{body}: {:?}", rig.asked());
    }
}

#[test]
fn field_bug_101_all_parts_but_the_last_are_equal() {
    for len in [10 * PART, 10 * PART + 1, 11 * PART - 1] {
        let mut rig = Rig::new(len, parts_of("r2"));
        rig.killed_at(6, true);
        // Another size for whoever begins from now on.
        rig.options.part_size = 2 * PART;
        rig.go_on();
        let verdict = rig.run();
        rig.complete(verdict);
        let sizes: Vec<u64> =
            rig.sent.iter().filter(|(name, _)| name.starts_with("part")).map(|(_, len)| *len).collect();
        let last = len - (len - 1) / PART * PART;
        assert!(sizes.iter().all(|size| *size == PART || *size == last), "{sizes:?}");
        assert!(sizes.iter().filter(|size| **size != PART).count() <= 1, "{sizes:?}");
    }
}

/// How a file of this length would be cut.
fn cut(options: &Options, len: u64) -> stage::Stage {
    let s3 = S3::new(far::protocol(&parts()).object().clone(), options.clone()).unwrap();
    s3.open(&SourceInfo::new(len, [0; 32]), 0)
}

#[test]
fn field_bug_102_no_upload_needs_more_parts_than_the_service_takes() {
    for preset in PRESETS {
        let (options, limits) = (Options::of(*preset), preset.limits);
        for len in [1 << 30, 79_999 << 20, 80_001 << 20, 1 << 40, limits.file_max()] {
            let stage = cut(&options, len.min(limits.file_max()));
            let size = stage.part_size().unwrap();
            assert!(stage.check().is_ok() && stage.parts() <= u64::from(limits.parts), "{} {len}", preset.name);
            assert!((limits.part_min..=limits.part_max).contains(&size), "{} {len}: {size}", preset.name);
        }
        let refused = cut(&options, limits.file_max() + 1).check();
        assert!(matches!(refused, Err(Fault::FileTooBig { .. })), "{}", preset.name);
    }
}

#[test]
fn field_bug_103_the_number_of_parts_is_the_presets() {
    let swift = cut(&Options::of(*Preset::named("swift").unwrap()), 80_000 << 20);
    assert!(swift.parts() <= 1000, "{}", swift.parts());
    assert_eq!(cut(&Options::default(), 80_000 << 20).parts(), 10_000);
}

#[test]
fn field_bug_104_an_expired_token_costs_one_part_at_most() {
    let mut core = far::core();
    core.window = 1;
    let mut rig = Rig::with(70, parts(), core);
    rig.server.token = Some("one".into());
    rig.keys = [temporary("two")].into();
    rig.restart(temporary("one"));
    let verdict = rig.run_with(lose("part 3", Fate::Rekeys("two", refusal(400, "ExpiredToken"))));
    rig.complete(verdict);
    assert_eq!((rig.count("create"), rig.count("part"), rig.restarts()), (1, 6, 0), "{:?}", rig.asked());
}

#[test]
fn field_bug_105_bodies_are_never_framed() {
    for preset in PRESETS {
        for options in [parts_of(preset.name), parts_of(preset.name).one_request_max(1000)] {
            let mut rig = Rig::new(40, options);
            let verdict =
                rig.run_with(|name, nth| if nth == 0 && name == "complete" { Fate::LostBefore } else { Fate::Fine });
            rig.complete(verdict);
            for request in &rig.requests {
                let headers: &HeaderMap = request.headers();
                for name in [
                    "content-encoding",
                    "x-amz-trailer",
                    "x-amz-sdk-checksum-algorithm",
                    "x-amz-decoded-content-length",
                ] {
                    assert!(!headers.contains_key(name), "{}: {name}", preset.name);
                }
                let sum = headers.keys().find(|name| name.as_str().starts_with("x-amz-checksum"));
                assert!(sum.is_none() || preset.checksum.is_some(), "{}: {sum:?}", preset.name);
                assert!(!headers["x-amz-content-sha256"].to_str().unwrap().starts_with("STREAMING"), "{}", preset.name);
            }
        }
    }
}

#[test]
fn field_bug_106_the_region_of_the_refusal_is_taken_once() {
    let elsewhere = || {
        let more = "<Endpoint>emubucket.s3.eu-west-1.amazonaws.com</Endpoint><Bucket>emubucket</Bucket>";
        far::refusal_with(301, "PermanentRedirect", more)
    };
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(|_, nth| {
        if nth == 0 { Fate::Says(elsewhere()) } else { Fate::Says(refusal(400, "AuthorizationHeaderMalformed")) }
    });
    let Err(Failure::Refused(fault)) = verdict else { panic!("{verdict:?}") };
    assert!(rig.requests[1].headers()["authorization"].to_str().unwrap().contains("/eu-west-1/s3/"));
    assert_eq!((rig.asked().len(), fault.class()), (2, Some(Class::Region)));
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(|_, _| Fate::Says(elsewhere()));
    let Err(Failure::Refused(fault)) = verdict else { panic!("{verdict:?}") };
    assert_eq!(rig.asked().len(), 2);
    assert!(fault.to_string().contains("eu-west-1"), "{fault}");
}

#[test]
fn field_bug_107_our_own_object_is_no_conflict() {
    let mut rig = Rig::new(40, one_request().forbid_overwrite(true));
    let verdict = rig.run_with(lose("put", Fate::LostAfter));
    rig.complete(verdict);
    assert_eq!(rig.asked(), ["put", "put", "head"]);
    let mut rig = Rig::new(40, parts().forbid_overwrite(true));
    // The object is there, and neither shows at once: the complete is repeated, and meets it.
    let verdict = rig.run_with(|name, nth| match (name, nth) {
        ("complete", 0) => Fate::LostAfter,
        ("head", 0) => Fate::Says(says(404, "")),
        ("list 0", 0) => Fate::Says(says(200, &listed(&far::content(40)))),
        ("complete", 1) => Fate::Says(refusal(412, "PreconditionFailed")),
        _ => Fate::Fine,
    });
    rig.complete(verdict);
    assert_eq!((rig.count("complete"), rig.bytes_sent), (2, 40), "{:?}", rig.asked());
}

/// A page that has all parts of a file.
fn listed(content: &[u8]) -> String {
    let part = |(at, part): (usize, &[u8])| {
        let (number, etag, size) = (at + 1, far::hex_md5(part), part.len());
        format!("<Part><PartNumber>{number}</PartNumber><ETag>\"{etag}\"</ETag><Size>{size}</Size></Part>")
    };
    let parts: String = content.chunks(16).enumerate().map(part).collect();
    format!("<ListPartsResult><IsTruncated>false</IsTruncated>{parts}</ListPartsResult>")
}

#[test]
fn field_bug_108_a_conditional_conflict_is_tried_again() {
    for (options, call) in [(parts(), "complete"), (one_request(), "put")] {
        let mut rig = Rig::new(40, options.clone().forbid_overwrite(true));
        let verdict = rig.run_with(lose(call, Fate::Says(refusal(409, "ConditionalRequestConflict"))));
        rig.complete(verdict);
        let mut rig = Rig::new(40, options.forbid_overwrite(true));
        let verdict = rig.run_with(|name, _| {
            if name == call { Fate::Says(refusal(409, "ConditionalRequestConflict")) } else { Fate::Fine }
        });
        assert!(verdict.is_err() && rig.count(call) <= 16, "{call}: {} times", rig.count(call));
    }
}

#[test]
fn field_bug_109_a_tag_under_kms_is_no_md5() {
    for name in ["aws", "minio"] {
        let mut rig = Rig::new(10 * PART, parts_of(name));
        rig.server.habits.insert(far::Habit::Encrypts);
        rig.killed_at(6, true);
        rig.go_on();
        let verdict = rig.run();
        rig.complete(verdict);
        assert_eq!((rig.count("create"), rig.restarts()), (1, 0), "{name}");
        assert!(rig.bytes_sent <= 13 * PART, "{name}: {}", rig.bytes_sent);
    }
}

#[test]
fn field_bug_110_parts_beyond_the_first_page_are_kept() {
    let mut options = parts();
    options.preset.limits.part_min = 1;
    let mut rig = Rig::new(2500, options.part_size(1));
    rig.killed_at(2300, true);
    rig.go_on();
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!(rig.count("list"), 3);
    assert!(rig.bytes_sent <= 2503, "{}", rig.bytes_sent);
}

#[test]
fn field_bug_111_a_marker_that_is_ignored_or_inclusive_costs_nothing() {
    let content = far::content(40);
    let page = |from: usize, next: Option<u32>| {
        let all = listed(&content);
        let parts: Vec<&str> =
            all.split_inclusive("</Part>").filter_map(|part| Some(&part[part.find("<Part>")?..])).collect();
        let parts = parts[from..parts.len().min(from + 2)].concat();
        let more = next
            .map(|next| format!("<IsTruncated>true</IsTruncated><NextPartNumberMarker>{next}</NextPartNumberMarker>"));
        says(200, &format!("<ListPartsResult>{}{parts}</ListPartsResult>", more.unwrap_or_default()))
    };
    let resumed = |pages: &dyn Fn(&str) -> Option<http::Response<bytes::Bytes>>| {
        let mut rig = Rig::new(40, parts());
        rig.killed_at(4, true);
        rig.go_on();
        let verdict = rig.run_with(|name, _| pages(name).map_or(Fate::Fine, Fate::Says));
        rig.complete(verdict);
        assert_eq!((rig.count("create"), rig.bytes_sent), (1, 40), "{:?}", rig.asked());
        rig.count("list")
    };
    // Part 2 twice: its marker counts the part that it names.
    let inclusive = |name: &str| match name {
        "list 0" => Some(page(0, Some(2))),
        "list 2" => Some(page(1, None)),
        _ => None,
    };
    assert_eq!(resumed(&inclusive), 2);
    // All of them, whatever was asked.
    let ignored = |name: &str| name.starts_with("list").then(|| says(200, &listed(&content)));
    assert_eq!(resumed(&ignored), 1);
    // A marker that does not grow is no page, and not asked for ever.
    let mut rig = Rig::new(40, parts());
    rig.killed_at(4, true);
    rig.go_on();
    let verdict =
        rig.run_with(|name, _| if name.starts_with("list") { Fate::Says(page(0, Some(0))) } else { Fate::Fine });
    assert!(verdict.is_err() && rig.count("list") < 40, "{verdict:?} {}", rig.count("list"));
}

#[test]
fn field_bug_112_a_403_to_a_probe_is_not_an_answer() {
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!(rig.count("head"), 0, "nothing is asked before the first byte");
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(|name, nth| match (name, nth) {
        ("complete", 0) => Fate::LostAfter,
        ("head", _) => Fate::Says(says(403, "")),
        _ => Fate::Fine,
    });
    // It may be there: neither success nor a second upload.
    assert!(matches!(verdict, Err(Failure::Refused(_))), "{verdict:?} {:?}", rig.asked());
    assert_eq!((rig.count("create"), rig.bytes_sent), (1, 40));
}

#[test]
fn field_bug_113_odd_keys_are_signed_as_they_are_sent() {
    for (key, path) in [
        ("a+b c@d", "/emubucket/a%2Bb%20c%40d"),
        ("a//b", "/emubucket/a//b"),
        ("/lead", "/emubucket//lead"),
        ("end/", "/emubucket/end/"),
        ("a%2Fb", "/emubucket/a%252Fb"),
        ("e\u{301}", "/emubucket/e%CC%81"),
        ("\u{e9}", "/emubucket/%C3%A9"),
        ("a~*'()!", "/emubucket/a~%2A%27%28%29%21"),
    ] {
        let s3 = at("http://127.0.0.1:9000", "emubucket", key).unwrap();
        let credential = far::credential();
        let now = std::time::Duration::from_secs(1_767_225_600);
        let wire = S3Wire { object: s3.object(), options: s3.options(), credential: &credential, now };
        let request = head_object::encode(&Said::bare(Op::HeadObject), &wire).unwrap();
        assert_eq!(request.uri().path(), path);
        let subject = sign::Subject { method: request.method(), uri: request.uri(), headers: request.headers() };
        assert_eq!(subject.canonical_request().lines().nth(1), Some(path));
    }
    for key in ["a/../b", "./a", ".."] {
        assert!(at("http://127.0.0.1:9000", "emubucket", key).is_err(), "{key}: it would be normalised on the way");
    }
}

#[test]
fn field_bug_115_a_request_timeout_is_tried_again() {
    let mut rig = Rig::new(70, parts());
    let verdict = rig.run_with(|name, nth| match (name, nth) {
        ("part 2" | "complete", 0) => Fate::Says(refusal(400, "RequestTimeout")),
        _ => Fate::Fine,
    });
    rig.complete(verdict);
    assert_eq!((rig.count("create"), rig.count("part"), rig.count("abort"), rig.count("complete")), (1, 6, 0, 2));
}

#[test]
fn field_bug_116_complete_names_every_byte_of_the_file() {
    for killed in [None, Some(4), Some(7)] {
        let mut rig = Rig::new(10 * PART + 3, parts());
        if let Some(count) = killed {
            rig.killed_at(count, false);
            rig.go_on();
        }
        let verdict = rig.run();
        rig.complete(verdict);
        assert_eq!(rig.last("complete").headers()["x-amz-mp-object-size"], "163");
    }
    // A part that is lost for good is missed before the object is put together.
    let mut rig = Rig::new(40, parts());
    let verdict =
        rig.run_with(|name, _| if name == "part 2" { Fate::Says(refusal(500, "InternalError")) } else { Fate::Fine });
    assert!(verdict.is_err() && rig.count("complete") == 0, "{verdict:?}");
    assert_eq!(rig.server.object, None::<Object>);
}
