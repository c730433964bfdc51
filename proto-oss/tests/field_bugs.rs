//! What goes wrong in clients that people use: one test a row.

mod far;

use far::{Fate, PART, Rig, Stop, callback, lose, one_request, parts, refusal, says, sequential, stopped};
use proptest::prelude::*;
use resumable_core::Failure;
use resumable_proto_oss::stage::{Settings, Stage};
use resumable_proto_oss::{Fault, Limits};

#[test]
fn field_bug_01_an_error_while_listing_drops_no_upload() {
    for answer in [refusal(500, "InternalError"), says(404, "<html>"), refusal(400, "BadRequest"), says(200, "x")] {
        let mut rig = stopped(parts(), 8);
        rig.go_on();
        let verdict = rig.run_with(lose("list 0", Fate::Says(answer)));
        rig.complete(verdict);
        assert_eq!((rig.count("initiate"), rig.restarts()), (1, 0));
    }
    // A refusal for good ends the run, and not the upload.
    for code in ["Unheard", "AccessDenied"] {
        let mut rig = stopped(parts(), 8);
        rig.go_on();
        let verdict = rig.run_with(lose("list 0", Fate::Says(refusal(403, code))));
        assert!(matches!(verdict, Err(Failure::Refused(_))), "{verdict:?}");
        rig.go_on();
        let verdict = rig.run();
        rig.complete(verdict);
        assert_eq!((rig.count("initiate"), rig.restarts()), (1, 0));
    }
}

#[test]
fn field_bug_02_parts_behind_a_gap_are_kept() {
    let mut rig = stopped(parts(), 9);
    rig.server.uploads.get_mut("U1").unwrap().parts.remove(&2);
    let there = rig.server.uploads["U1"].parts.len();
    rig.go_on();
    let sent = rig.count("part");
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!(rig.count("part") - sent, 10 - there);
}

#[test]
fn field_bug_07_an_upload_that_is_gone_heals_itself() {
    let mut rig = stopped(parts(), 6);
    rig.server.uploads.clear();
    rig.go_on();
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!((rig.count("initiate"), rig.restarts()), (2, 1));
}

#[test]
fn field_bug_08_and_09_a_listed_part_counts_by_its_length_and_digest_before_anything_is_sent() {
    let mut rig = stopped(parts(), 6);
    for (number, content) in [(1, vec![9; 16]), (2, vec![1; 15])] {
        rig.server.uploads.get_mut("U1").unwrap().parts.insert(number, content);
    }
    rig.go_on();
    let before = rig.asked.len();
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!(rig.asked[before..before + 3], ["list 0", "part 1", "part 2"]);
    assert_eq!(rig.count("initiate"), 1);
}

#[test]
fn field_bug_10_an_upload_of_somebody_else_is_not_adopted() {
    let mut rig = Rig::new(40, parts());
    rig.server.uploads.insert("theirs".into(), far::Unfinished::default());
    let verdict = rig.run();
    rig.complete(verdict);
    assert!(rig.server.uploads.contains_key("theirs"));
}

#[test]
fn field_bug_11_one_bad_part_costs_one_part() {
    let mut rig = Rig::new(10 * PART, parts());
    let mut damaged = says(200, "");
    damaged.headers_mut().insert("etag", "\"00000000000000000000000000000000\"".parse().unwrap());
    damaged.headers_mut().insert("x-oss-hash-crc64ecma", "7".parse().unwrap());
    let verdict = rig.run_with(lose("part 5", Fate::ActsAndSays(damaged)));
    rig.complete(verdict);
    assert_eq!(rig.bytes_sent, 11 * PART);
}

#[test]
fn field_bug_17_http_203_is_no_success() {
    let mut options = parts();
    options.callback = Some(callback());
    let mut rig = Rig::new(40, options);
    rig.server.callback = None;
    assert!(matches!(rig.run(), Err(Failure::Refused(Fault::CallbackFailed { .. }))));
}

#[test]
fn field_bug_19_a_part_that_is_there_already_is_compared() {
    let mut rig = Rig::new(40, sequential());
    let verdict = rig.run_with(lose("part 3", Fate::LostAfter));
    rig.complete(verdict);
    assert_eq!((rig.count("part"), rig.restarts()), (4, 0));
    let mut rig = Rig::new(40, sequential());
    let conflict = "<Error><Code>PartAlreadyExist</Code><ETag>\"0\"</ETag></Error>";
    let verdict = rig.run_with(lose("part 3", Fate::Says(says(409, conflict))));
    rig.complete(verdict);
    assert_eq!(rig.count("initiate"), 2, "never blindly");
}

#[test]
fn field_bug_20_every_page_is_read_and_one_that_does_not_advance_is_an_error() {
    let mut rig = Rig::new(1005 * PART, sequential());
    assert!(rig.run_until(Stop::AtRequest { count: 1005, arrives: true }, |_, _| Fate::Fine).is_none());
    rig.go_on();
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!((rig.count("list"), rig.count("part"), rig.count("initiate")), (2, 1005, 1));
    let mut rig = stopped(parts(), 4);
    rig.go_on();
    let stuck = "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>0</NextPartNumberMarker></ListPartsResult>";
    let verdict = rig.run_with(|name, _| if name == "list 0" { Fate::Says(says(200, stuck)) } else { Fate::Fine });
    assert!(verdict.unwrap_err().to_string().contains("ListParts did not advance"));
}

#[test]
fn field_bug_21_a_lost_complete_is_neither_a_failure_nor_blindly_a_success() {
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(lose("complete", Fate::LostAfter));
    rig.complete(verdict);
    assert_eq!(rig.bytes_sent, 40);
    let mut rig = Rig::new(40, parts());
    rig.server.object = Some(vec![0; 40]);
    let verdict = rig.run_with(|name, nth| match (name, nth) {
        ("complete", 0) => Fate::LostBefore,
        ("complete", 1) => Fate::Forgets,
        _ => Fate::Fine,
    });
    rig.complete(verdict);
    assert_eq!(rig.bytes_sent, 80);
}

#[test]
fn field_bug_27_an_empty_file_is_put() {
    for options in [parts(), sequential(), one_request()] {
        let mut rig = Rig::new(0, options);
        let verdict = rig.run();
        rig.complete(verdict);
        assert_eq!(rig.asked(), ["put"]);
    }
}

#[test]
fn field_bug_29_parts_in_order_are_a_prefix_or_none() {
    let mut rig = stopped(sequential(), 6);
    rig.server.uploads.get_mut("U1").unwrap().parts.remove(&2);
    rig.go_on();
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!((rig.count("abort"), rig.count("initiate")), (1, 2));
}

proptest! {
    #[test]
    fn field_bug_32_the_part_size_is_the_sessions_and_parts_cover_the_file(
        len in 1u64..(60 << 40), part_size in (100u64 << 10)..(1 << 30),
    ) {
        let settings = |part_size| {
            let mut settings = Settings::default();
            settings.part_size = part_size;
            settings.one_request_max = 0;
            settings
        };
        let stage = Stage::new(&settings(part_size), len);
        if len <= Limits::default().file_max() {
            let size = stage.part_size().unwrap();
            prop_assert!(size >= part_size && len.div_ceil(size) <= 10_000 && size <= 5 << 30);
            let saved = serde_json::to_string(&stage).unwrap();
            let again: Stage = serde_json::from_str(&saved).unwrap();
            prop_assert_eq!(again.part_size(), Some(size), "whatever the options say now");
        }
    }
}

/// The Go SDK v1 writes the whole list of parts anew for each. The largest number of parts, out of order as far as the window lets them: checkpoints stay small (the rig looks at
/// each), and the work for a part does not grow with their number.
#[test]
fn field_bug_06_and_32_ten_thousand_parts_go_on_after_a_crash_and_their_checkpoint_stays_small() {
    let mut core = far::core();
    core.window = 128;
    let mut rig = Rig::with(10_000 * PART, parts(), core);
    rig.newest_first = true;
    assert!(rig.run_until(Stop::AtRequest { count: 9_000, arrives: true }, |_, _| Fate::Fine).is_none());
    let lengths: Vec<usize> =
        rig.saved.iter().map(|saved| String::from_utf8(saved.to_bytes()).unwrap().len()).collect();
    let (most, all) = (lengths.iter().max().unwrap(), lengths.iter().sum::<usize>());
    assert!(*most < 16 << 10, "{most}");
    assert!(all < 9_000 * (4 << 10), "{all} bytes written, with a checkpoint for every part");
    rig.go_on();
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!((rig.count("initiate"), rig.count("list")), (1, 9));
}

/// Nothing but the beginning was saved: all that is at the vendor is read again, a pass at a time, and none is sent.
#[test]
fn parts_that_were_never_saved_are_read_again_and_not_sent() {
    let mut core = far::core();
    core.save_every = std::time::Duration::from_secs(1);
    let mut rig = Rig::with(5_000 * PART, sequential(), core);
    assert!(rig.run_until(Stop::AtRequest { count: 4_001, arrives: true }, |_, _| Fate::Fine).is_none());
    rig.go_on();
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!((rig.count("initiate"), rig.count("part")), (1, 5_000));
}
