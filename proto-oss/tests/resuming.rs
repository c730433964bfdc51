//! What an upload goes on with: lists of parts, and crashes anywhere.

mod far;

use far::{Fate, PART, Rig, Stop, at, callback, core, lose, one_request, parts, refusal, says, sequential, stopped};
use proptest::prelude::*;
use resumable_core::{Budget, Failure, Last};
use resumable_proto_oss::Fault;

// ── lists

#[test]
fn every_page_of_the_list_is_read() {
    for options in [parts(), sequential()] {
        let mut rig = Rig::new(50 * PART, options);
        rig.server.page = 7;
        assert!(rig.run_until(Stop::AtRequest { count: 42, arrives: false }, |_, _| Fate::Fine).is_none());
        rig.go_on();
        let (before, there) = (rig.asked.len(), rig.server.uploads["U1"].parts.len());
        let verdict = rig.run();
        rig.complete(verdict);
        let pages = there / 7 + usize::from(there % 7 > 0);
        assert_eq!(rig.asked[before..].iter().filter(|asked| asked.starts_with("list")).count(), pages);
        assert_eq!(rig.count("initiate"), 1);
        assert!(rig.hashed.is_empty(), "what counted is believed: {:?}", rig.hashed);
    }
}

#[test]
fn a_page_that_does_not_advance_is_an_error_and_drops_nothing() {
    for marker in ["<NextPartNumberMarker>0</NextPartNumberMarker>", ""] {
        let mut rig = stopped(parts(), 4);
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
fn a_list_that_fails_for_now_drops_nothing() {
    for answer in [refusal(500, "InternalError"), refusal(503, "SlowDown"), says(404, "<html>"), says(200, "nonsense")]
    {
        let mut rig = stopped(parts(), 6);
        rig.go_on();
        let verdict = rig.run_with(lose("list 0", Fate::Says(answer)));
        rig.complete(verdict);
        assert_eq!((rig.count("initiate"), rig.count("list")), (1, 2));
    }
}

#[test]
fn a_listed_part_that_never_counted_is_read_again_and_no_other() {
    for options in [parts(), sequential()] {
        let mut rig = Rig::new(10 * PART, options);
        assert!(rig.run_until(Stop::AtRequest { count: 5, arrives: true }, |_, _| Fate::Fine).is_none());
        let there = rig.server.uploads["U1"].parts.len();
        rig.go_on();
        let verdict = rig.run();
        rig.complete(verdict);
        let read: u64 = rig.hashed.iter().map(|range| range.end - range.start).sum();
        assert!((1..=3).contains(&(read / PART)), "{:?}", rig.hashed);
        assert_eq!(rig.count("part"), 4 + 10 - there);
    }
}

#[test]
fn a_bad_part_costs_that_part_in_the_parallel_mode_and_the_upload_in_the_sequential_one() {
    for bad in [vec![0; at(PART)], vec![0; 3]] {
        for options in [parts(), sequential()] {
            let in_order = options.sequential;
            let mut rig = stopped(options, 6);
            let unfinished = rig.server.uploads.get_mut("U1").unwrap();
            *unfinished.parts.get_mut(&2).unwrap() = bad.clone();
            rig.go_on();
            let sent = rig.count("part");
            let verdict = rig.run();
            rig.complete(verdict);
            let (again, opened) = (rig.count("part") - sent, rig.count("initiate"));
            if in_order {
                assert_eq!((again, opened, rig.count("abort")), (10, 2, 1));
            } else {
                // Parts 3 to 5 did not arrive, and part 2 is another one.
                assert_eq!((again, opened), (9, 1));
            }
        }
    }
}

#[test]
fn a_gap_costs_the_upload_in_the_sequential_mode_and_the_missing_part_in_the_parallel_one() {
    for options in [parts(), sequential()] {
        let in_order = options.sequential;
        let mut rig = stopped(options, 6);
        rig.server.uploads.get_mut("U1").unwrap().parts.remove(&1);
        rig.go_on();
        let verdict = rig.run();
        rig.complete(verdict);
        assert_eq!(rig.count("initiate"), if in_order { 2 } else { 1 });
    }
}

#[test]
fn parts_behind_a_gap_are_kept() {
    let mut rig = Rig::new(10 * PART, parts());
    // Part 1 stays away as long as it can.
    let verdict = rig.run_until(Stop::AtRequest { count: 14, arrives: false }, |name, nth| match name {
        "part 1" if nth < 4 => Fate::LostBefore,
        _ => Fate::Fine,
    });
    assert!(verdict.is_none() && !rig.server.uploads["U1"].parts.is_empty());
    let there = rig.server.uploads["U1"].parts.len();
    rig.go_on();
    let sent = rig.count("part");
    let verdict = rig.run();
    rig.complete(verdict);
    assert_eq!(rig.count("part") - sent, 10 - there);
}

#[test]
fn parts_that_the_vendor_does_not_find_are_listed_and_sent_again() {
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(lose("complete", Fate::Says(refusal(400, "InvalidPart"))));
    rig.complete(verdict);
    assert_eq!((rig.count("list"), rig.count("complete"), rig.count("initiate"), rig.bytes_sent), (1, 2, 1, 40));
    let mut rig = Rig::new(40, parts());
    let invalid = |name: &str, nth| match (name, nth) {
        ("complete", 0 | 1) => Fate::Says(refusal(400, "InvalidPart")),
        _ => Fate::Fine,
    };
    let verdict = rig.run_with(invalid);
    rig.complete(verdict);
    assert_eq!((rig.count("list"), rig.count("abort"), rig.count("initiate")), (1, 1, 2));
}

#[test]
fn a_part_that_is_not_the_next_one_leads_to_the_list() {
    let mut rig = Rig::new(60, sequential());
    let mut lost = false;
    // The server forgets a part that it acknowledged.
    let verdict = rig.run_until(Stop::AtRequest { count: 4, arrives: true }, |_, _| Fate::Fine);
    assert!(verdict.is_none());
    rig.go_on();
    rig.server.uploads.get_mut("U1").unwrap().parts.remove(&3);
    let verdict = rig.run_with(|name, _| {
        if name == "part 4" && !lost {
            lost = true;
            return Fate::Says(refusal(400, "PartNotSequential"));
        }
        Fate::Fine
    });
    rig.complete(verdict);
    assert_eq!((rig.count("list"), rig.count("initiate")), (2, 1));
}

// ── crashes

#[test]
fn a_crash_anywhere_costs_little() {
    let others = [parts(), sequential(), one_request()];
    for options in others {
        for arrives in [false, true] {
            for count in 1..30 {
                for stop in [Stop::AtRequest { count, arrives }, Stop::AtSave { count, arrives }] {
                    let mut rig = Rig::new(10 * PART, options.clone());
                    if let Some(verdict) = rig.run_until(stop, |_, _| Fate::Fine) {
                        rig.complete(verdict);
                        continue;
                    }
                    rig.go_on();
                    let verdict = rig.run();
                    let one = options.one_request_max > 0;
                    let most = if one { 10 * PART } else { 3 * PART };
                    assert!(rig.bytes_sent <= 10 * PART + most, "{stop:?}: {:?}", rig.asked);
                    assert_eq!(rig.restarts(), 0, "{stop:?}: {:?}", rig.asked);
                    rig.complete(verdict);
                }
            }
        }
    }
}

#[test]
fn a_crash_after_the_complete_is_found_without_sending_a_byte() {
    for listed in [true, false] {
        let mut rig = stopped(parts(), 6);
        rig.server.no_listed_crc64 = !listed;
        rig.go_on();
        let stop = Stop::AtRequest { count: 1 + 10 - rig.server.uploads["U1"].parts.len() + 1, arrives: true };
        assert!(rig.run_until(stop, |_, _| Fate::Fine).is_none());
        assert!(rig.server.object.is_some() && rig.server.uploads.is_empty(), "{:?}", rig.asked);
        let sent = rig.bytes_sent;
        rig.hashed.clear();
        rig.go_on();
        let verdict = rig.run();
        rig.complete(verdict);
        assert_eq!(rig.bytes_sent, sent);
        let read: u64 = rig.hashed.iter().map(|range| range.end - range.start).sum();
        assert_eq!(read, if listed { 0 } else { 10 * PART }, "the file is read only where no CRC-64 was listed");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn whatever_befalls_the_file_arrives_or_the_end_is_honest(
        len in 0u64..300, mode in 0usize..3, newest_first: bool, no_crc64: bool, seed: u64,
        fates in prop::collection::vec((0usize..40, 0usize..7), 0..12),
        crashes in prop::collection::vec((1usize..12, any::<bool>()), 0..4),
    ) {
        let options = [parts(), sequential(), one_request()][mode].clone();
        let mut core = core();
        core.seed = seed;
        let mut rig = Rig::with(len, options, core);
        rig.newest_first = newest_first;
        rig.server.no_crc64 = no_crc64;
        rig.server.page = 5;
        let mut nth = 0;
        let mut fate = |_: &str, _| {
            let fate = fates.iter().find(|(at, _)| *at == nth).map_or(6, |(_, fate)| *fate);
            nth += 1;
            match fate {
                0 => Fate::LostBefore,
                1 => Fate::LostAfter,
                2 => Fate::Says(refusal(500, "InternalError")),
                3 => Fate::ActsAndSays(says(502, "<html>")),
                4 => Fate::Forgets,
                5 => Fate::Early,
                _ => Fate::Fine,
            }
        };
        let mut end = None;
        for (count, arrives) in crashes {
            end = rig.run_until(Stop::AtRequest { count, arrives }, &mut fate);
            if end.is_some() {
                break;
            }
            rig.go_on();
        }
        let verdict = end.unwrap_or_else(|| rig.run_with(&mut fate));
        match verdict {
            Ok(_) => prop_assert!(rig.server.object.as_deref() == Some(&rig.source[..]), "{:?}", rig.asked),
            Err(Failure::Exhausted { .. }) => {}
            Err(other) => prop_assert!(false, "{other}: {:?}", rig.asked),
        }
    }
}

const LIES: [(u16, &str); 16] = [
    (404, "NoSuchUpload"),
    (409, "PartAlreadyExist"),
    (400, "PartNotSequential"),
    (400, "InvalidPart"),
    (409, "FileAlreadyExists"),
    (203, "CallbackFailed"),
    (400, "EntityTooSmall"),
    (503, "SlowDown"),
    (403, "RequestTimeTooSkewed"),
    (403, "SecurityTokenExpired"),
    (403, "AccessDenied"),
    (404, "NoSuchKey"),
    (400, "RequestTimeout"),
    (418, "Unheard"),
    (500, "InternalError"),
    (200, "InternalError"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    /// Refusals that are not true, at any call, before or after the work: whatever it ends in, it is no defect, and a
    /// success is one.
    #[test]
    fn no_lie_makes_a_success_of_nothing(
        len in 0u64..200, mode in 0usize..3, forbid: bool, called: bool, abandons: bool,
        lies in prop::collection::vec((0usize..25, 0usize..LIES.len(), any::<bool>()), 1..8),
        crash in prop::option::of((1usize..20, any::<bool>())),
    ) {
        let mut options = [parts(), sequential(), one_request()][mode].clone();
        options.forbid_overwrite = forbid;
        options.callback = called.then(callback);
        let mut rig = Rig::new(len, options);
        rig.server.page = 5;
        let mut nth = 0;
        let mut fate = |_: &str, _| {
            let lie = lies.iter().find(|(at, ..)| *at == nth);
            nth += 1;
            match lie.map(|(_, lie, acts)| (LIES[*lie], *acts)) {
                None => Fate::Fine,
                Some(((status, code), false)) => Fate::Says(refusal(status, code)),
                Some(((status, code), true)) => Fate::ActsAndSays(refusal(status, code)),
            }
        };
        let stop = crash.map_or(Stop::Never, |(count, arrives)| Stop::AtRequest { count, arrives });
        let verdict = rig.run_until(stop, &mut fate).unwrap_or_else(|| {
            match rig.saved.last().cloned() {
                Some(saved) if abandons => rig.abandon(&saved),
                _ => rig.go_on(),
            }
            rig.run_with(&mut fate)
        });
        match verdict {
            Ok(_) => prop_assert!(rig.server.object.as_deref() == Some(&rig.source[..]), "{:?}", rig.asked),
            Err(Failure::Defect(what)) => prop_assert!(false, "{what}: {:?}", rig.asked),
            Err(Failure::Abandoned(_)) => prop_assert!(abandons),
            Err(_) => {}
        }
    }
}
