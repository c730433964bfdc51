//! The machine over this vendor, driven through the public `Upload` against a small server.

mod rig;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use resumable_core::{Budget, Checkpoint, Command, Event, Failure, How, Receipt, Remains, ResumeError};
use resumable_proto_xfyun::{DigestMode, Fault, Limits, Xfyun};
use rig::{Again, Fate, Rig, SLICE, Stop, code, parallel, says, tiny};

// ── sizes

#[test]
fn every_size_around_the_threshold_and_the_slices() {
    for options in [tiny(), parallel()] {
        for len in 0..=61 {
            let mut rig = Rig::new(len, options.clone());
            let uploaded = rig.run().unwrap();
            rig.assert_stored(&uploaded);
            assert_eq!((rig.server.received(), uploaded.orphans), (len, 0), "{len}: nothing twice, nothing left out");
            if len < 20 {
                assert_eq!((rig.asked(), uploaded.how), (vec!["upload"], How::OneRequest), "{len}");
            } else {
                let slices = usize::try_from(len.div_ceil(SLICE)).unwrap();
                let expected = [vec!["init"], vec!["slice"; slices], vec!["complete"]].concat();
                assert_eq!((rig.asked(), uploaded.how), (expected, How::Parts), "{len}");
                assert!(rig.server.slice_ids().iter().copied().eq(1..=slices as u64), "{len}");
                assert!(rig.server.seen.iter().filter(|seen| seen.kind == "slice").all(|seen| seen.source_bytes > 0));
            }
            assert_eq!(Receipt::from(uploaded.clone()).url, Some(uploaded.url));
        }
    }
}

#[test]
fn an_empty_file_goes_in_one_request_whatever_the_threshold() {
    let mut options = tiny();
    options.one_request_max = 0;
    for (len, expected) in [(0, vec!["upload"]), (1, vec!["init", "slice", "complete"])] {
        let mut rig = Rig::new(len, options.clone());
        let uploaded = rig.run().unwrap();
        rig.assert_stored(&uploaded);
        assert_eq!(rig.asked(), expected);
    }
}

#[test]
fn slices_grow_so_that_their_number_suffices() {
    for (len, size) in [(119, 10), (120, 10), (121, 11), (132, 11), (133, 12), (479, 40), (480, 40)] {
        let mut rig = Rig::new(len, tiny());
        let uploaded = rig.run().unwrap();
        rig.assert_stored(&uploaded);
        let sizes: Vec<u64> = rig.server.seen.iter().map(|seen| seen.source_bytes).filter(|size| *size > 0).collect();
        assert!(sizes.len() <= 12 && sizes[..sizes.len() - 1].iter().all(|sent| *sent == size), "{len}: {sizes:?}");
    }
}

#[test]
fn what_the_vendor_would_refuse_is_not_sent() {
    let mut rig = Rig::new(481, tiny());
    let verdict = rig.run();
    assert!(rig.asked.is_empty());
    let too_big = Fault::FileTooBig { len: 481, most: 480 };
    assert!(matches!(&verdict, Err(Failure::Refused(fault)) if *fault == too_big), "{verdict:?}");
}

// ── order

#[test]
fn slices_go_one_after_the_other_unless_asked_otherwise() {
    let mut rig = Rig::new(120, tiny());
    rig.run().unwrap();
    assert_eq!(rig.most_in_flight, 1);
}

#[test]
fn side_by_side_they_keep_to_the_window_and_start_at_most_four_windows_ahead() {
    for newest_first in [false, true] {
        for window in [1, 2, 3] {
            let mut core = resumable_core::Options::new(7);
            core.window = window;
            let mut options = parallel();
            options.limits.parts = 60;
            let mut rig = Rig::with(600, options, core);
            rig.newest_first = newest_first;
            // The first slice is not answered well before many others are.
            let uploaded = rig.run_with(|kind, nth| match (kind, nth) {
                ("slice", 0..4) => Fate::Says(code(500, 10002)),
                _ => Fate::Fine,
            });
            let uploaded = uploaded.unwrap();
            rig.assert_stored(&uploaded);
            assert_eq!(rig.most_in_flight, window, "a window of {window}");
            let (mut arrived, mut furthest) = (BTreeSet::new(), 0);
            for slice_id in rig.server.slice_ids() {
                let first_missing = (1..=60).find(|id| !arrived.contains(id)).unwrap();
                furthest = furthest.max(slice_id - first_missing);
                arrived.insert(slice_id);
            }
            assert!(furthest < 4 * window as u64, "{furthest} ahead with a window of {window}");
        }
    }
}

#[test]
fn a_checkpoint_stays_small_with_the_worst_holes() {
    let mut core = resumable_core::Options::new(7);
    core.window = resumable_core::MAX_WINDOW;
    core.answers = 100_000;
    core.patience = Duration::from_secs(1_000_000);
    let mut options = parallel();
    options.part_size = 5 << 30;
    options.limits = Limits::default();
    let len = options.limits.file_max();
    let source = resumable_core::SourceInfo { id: Some(u64::MAX), ..resumable_core::SourceInfo::new(len, [1; 32]) };
    let app = resumable_proto_xfyun::App::new("https://h", "app00001", None).unwrap();
    let protocol = Xfyun::new(app, options).unwrap();
    let upload = resumable_core::Upload::start(protocol, source, Some(rig::credential()), core);
    let worst = worst_checkpoint(upload);
    assert!(worst > 3000, "the holes are in it: {worst}");
    assert!(worst < 16 * 1024, "{worst}");
}

/// Every other slice is refused, so that as many holes stay open as the window has places: the largest checkpoint.
fn worst_checkpoint(mut upload: resumable_core::Upload<Xfyun>) -> usize {
    use resumable_core::{Action, Answer, Input, Observed, Output};
    let mut now = resumable_core::Now { mono: Duration::ZERO, unix: Duration::from_secs(1_641_374_954) };
    let (mut worst, mut slices) = (0, 0);
    for _ in 0..6000 {
        match upload.poll(now) {
            Output::Do(Action::Send { ticket, request, .. }) => {
                slices += usize::from(request.body().source_len() > 0);
                let response = match slices {
                    0 => says(200, &format!(r#"{{"code":0,"data":{{"upload_id":"{}"}}}}"#, "u".repeat(256))),
                    odd if odd % 2 == 1 => code(500, 10002),
                    _ => says(200, r#"{"code":0}"#),
                };
                upload.handle(Input::Response(ticket, Ok(Answer { response, observed: Observed::none() })));
            }
            Output::Do(Action::Save { ticket, checkpoint }) => {
                worst = worst.max(String::from_utf8(checkpoint.to_bytes()).unwrap().len());
                upload.handle(Input::Saved(ticket, Ok(())));
            }
            Output::Do(Action::Check { ticket }) => {
                let source = upload.source().clone();
                upload.handle(Input::Source(ticket, Ok(source)));
            }
            Output::Wait { until, .. } => now.mono = until.unwrap(),
            Output::Do(_) | Output::Tell(_) | Output::Share { .. } => {}
            Output::Finished(verdict) => panic!("{verdict:?}"),
        }
    }
    worst
}

#[test]
fn what_is_not_durable_keeps_its_place_in_the_window() {
    for (options, window) in [(tiny(), 1), (tiny(), 3), (parallel(), 1), (parallel(), 3)] {
        let mut core = resumable_core::Options::new(7);
        core.window = window;
        let mut rig = Rig::with(120, options, core);
        rig.slow_store = true;
        let uploaded = rig.run().unwrap();
        rig.assert_stored(&uploaded);
        assert!((1..=window).contains(&rig.most_unsaved), "{} with a window of {window}", rig.most_unsaved);
    }
}

// ── lost replies

/// Runs an upload of three slices (or in one request) with one call that meets this fate.
fn meets(len: u64, kind: &str, nth: usize, fate: &Fate) -> (Rig, resumable_proto_xfyun::Uploaded) {
    let mut rig = Rig::new(len, tiny());
    let met = |asked: &str, times| if asked == kind && times == nth { fate.clone() } else { Fate::Fine };
    let uploaded = rig.run_with(met).unwrap();
    rig.assert_stored(&uploaded);
    (rig, uploaded)
}

#[test]
fn a_lost_slice_is_sent_again_under_its_own_id() {
    for fate in [Fate::LostBefore, Fate::LostAfter] {
        let (rig, uploaded) = meets(25, "slice", 1, &fate);
        assert_eq!(rig.asked(), ["init", "slice", "slice", "slice", "slice", "complete"]);
        let ids = rig.server.slice_ids();
        assert!(ids == [1, 2, 2, 3] || ids == [1, 2, 3], "{ids:?}");
        assert_eq!((uploaded.orphans, rig.restarts()), (0, 0));
    }
}

/// An upload to a vendor that takes no slice twice.
fn once(len: u64) -> Rig {
    let mut rig = Rig::new(len, tiny());
    rig.server.once = true;
    rig
}

#[test]
fn a_lost_slice_that_the_vendor_takes_once_begins_the_upload_again() {
    for (fate, restarts) in [(Fate::LostBefore, 0), (Fate::LostAfter, 1)] {
        let mut rig = once(25);
        let lost = |asked: &str, nth| if asked == "slice" && nth == 1 { fate.clone() } else { Fate::Fine };
        let uploaded = rig.run_with(lost).unwrap();
        rig.assert_stored(&uploaded);
        assert_eq!((rig.restarts(), uploaded.orphans), (restarts, u32::try_from(restarts).unwrap()));
    }
    // Only of that slice can it be believed.
    let mut rig = once(25);
    let verdict = rig.run_with(|asked, nth| match (asked, nth) {
        ("slice", 0) => Fate::LostBefore,
        ("slice", 2) => Fate::Says(code(500, 10001)),
        _ => Fate::Fine,
    });
    assert!(matches!(&verdict, Err(Failure::Refused(fault)) if fault.code() == Some(10001)), "{verdict:?}");
}

#[test]
fn a_slice_that_an_earlier_process_may_have_sent_begins_the_upload_again() {
    let mut rig = once(25);
    rig.run_until(Stop::At("slice", 2), |_, _| Fate::Fine);
    let saved = rig.last_saved();
    let arrived = rig.source[10..20].to_vec();
    rig.server.open.values_mut().for_each(|slices| _ = slices.insert(2, arrived.clone()));
    rig.resume(&saved);
    let uploaded = rig.run().unwrap();
    rig.assert_stored(&uploaded);
    assert_eq!((rig.restarts(), uploaded.orphans), (1, 1));
    assert_eq!(Receipt::from(uploaded).orphans, 1);
}

#[test]
fn slices_that_are_lost_and_then_refused_without_end_end_the_upload() {
    let mut rig = once(25);
    let lost =
        |asked: &str, nth: usize| if asked == "slice" && nth.is_multiple_of(2) { Fate::LostAfter } else { Fate::Fine };
    let verdict = rig.run_with(lost);
    assert!(matches!(verdict, Err(Failure::Exhausted { budget: Budget::Restarts(4), .. })), "{verdict:?}");
}

#[test]
fn a_lost_init_is_made_again_and_what_it_may_have_opened_is_said() {
    for (fate, open) in [(Fate::LostBefore, 0), (Fate::LostAfter, 1)] {
        let (rig, uploaded) = meets(25, "init", 0, &fate);
        assert_eq!(rig.asked(), ["init", "init", "slice", "slice", "slice", "complete"]);
        assert_eq!((uploaded.orphans, rig.server.open.len()), (1, open));
    }
    let (_, uploaded) = meets(25, "init", 0, &Fate::Unsent);
    assert_eq!(uploaded.orphans, 0, "no byte had left");
}

#[test]
fn a_lost_upload_is_made_again_and_the_copy_that_may_be_left_is_said() {
    for (fate, files) in [(Fate::LostBefore, 1), (Fate::LostAfter, 2)] {
        let (rig, uploaded) = meets(7, "upload", 0, &fate);
        assert_eq!(rig.asked(), ["upload", "upload"]);
        assert_eq!((uploaded.orphans, rig.server.files.len()), (1, files));
    }
}

#[test]
fn a_lost_complete_is_asked_again() {
    let (rig, uploaded) = meets(25, "complete", 0, &Fate::LostBefore);
    assert_eq!(rig.asked(), ["init", "slice", "slice", "slice", "complete", "complete"]);
    assert_eq!((uploaded.orphans, rig.urls_lost()), (0, 0));
    let mut rig = Rig::new(25, tiny());
    rig.server.again = Again::SameUrl;
    let lost = |kind: &str, nth| if kind == "complete" && nth == 0 { Fate::LostAfter } else { Fate::Fine };
    let uploaded = rig.run_with(lost).unwrap();
    rig.assert_stored(&uploaded);
    assert_eq!((rig.server.files.len(), uploaded.orphans), (1, 0));
}

#[test]
fn a_lost_url_is_told_and_the_file_is_sent_again_once() {
    let after: [Fate; 3] = [
        Fate::LostAfter,
        Fate::ActsAndSays(says(502, "<html>Bad Gateway</html>")),
        Fate::ActsAndSays(says(200, r#"{"code":0,"data":{},"message":"success"}"#)),
    ];
    for fate in after {
        let (rig, uploaded) = meets(25, "complete", 0, &fate);
        let whole = ["init", "slice", "slice", "slice", "complete"];
        assert_eq!(rig.asked(), [&whole[..], &["complete"], &whole[..]].concat());
        assert_eq!((rig.urls_lost(), rig.restarts(), uploaded.orphans), (1, 0, 1));
        assert_eq!(rig.server.files.len(), 2, "the file whose url is lost is still there");
    }
}

#[test]
fn a_second_lost_url_ends_the_run_and_the_next_one_may_lose_one_again() {
    let mut rig = Rig::new(25, tiny());
    let odd = |kind: &str, nth| if kind == "complete" && nth % 2 == 0 { Fate::LostAfter } else { Fate::Fine };
    let verdict = rig.run_with(odd);
    assert!(matches!(&verdict, Err(Failure::Refused(Fault::UrlLost(why))) if why.code() == Some(10005)), "{verdict:?}");
    assert_eq!((rig.urls_lost(), rig.count("complete"), rig.count("init")), (1, 4, 2));
    let saved = rig.last_saved();
    rig.resume(&saved);
    let uploaded = rig.run().unwrap();
    rig.assert_stored(&uploaded);
    assert_eq!((rig.urls_lost(), rig.count("complete"), rig.count("init"), uploaded.orphans), (2, 6, 3, 2));
}

#[test]
fn a_crash_does_not_renew_the_budget_for_lost_urls() {
    let mut rig = Rig::new(25, tiny());
    for (kind, nth) in [("complete", 1), ("init", 2), ("complete", 3)] {
        assert!(rig.run_until(Stop::At(kind, nth), |_, _| Fate::Fine).is_none());
        rig.server.open.clear();
        let saved = rig.last_saved();
        rig.resume(&saved);
    }
    assert!(matches!(rig.run(), Err(Failure::Refused(Fault::UrlLost(_)))));
    assert_eq!(rig.urls_lost(), 1);
}

#[test]
fn unsent_requests_are_planned_again_and_nothing_is_in_doubt() {
    for (len, kind) in [(7, "upload"), (25, "init"), (25, "slice"), (25, "complete")] {
        let (rig, uploaded) = meets(len, kind, 0, &Fate::Unsent);
        assert_eq!((uploaded.orphans, rig.urls_lost(), rig.restarts()), (0, 0, 0), "{kind}");
    }
}

// ── refusals

#[test]
fn the_vendors_own_failures_are_tried_again() {
    for failure in [10002, 10003, 10004, 10006, 10007] {
        for status in [200, 500] {
            for (len, kind) in [(7, "upload"), (25, "init"), (25, "slice"), (25, "complete")] {
                let (rig, _) = meets(len, kind, 0, &Fate::Says(code(status, failure)));
                assert_eq!((rig.restarts(), rig.urls_lost()), (0, 0));
                assert_eq!(rig.asked.len(), if len == 7 { 2 } else { 6 }, "{failure} to {kind}");
            }
        }
    }
}

#[test]
fn a_failure_that_lasts_ends_the_upload_with_the_vendors_words() {
    for (len, kind) in [(7, "upload"), (25, "init"), (25, "slice"), (25, "complete")] {
        let mut rig = Rig::new(len, tiny());
        let verdict = rig.run_with(|asked, _| if asked == kind { Fate::Says(code(500, 10002)) } else { Fate::Fine });
        let Err(failure) = verdict else { panic!() };
        assert!(matches!(failure, Failure::Exhausted { budget: Budget::Patience(_), .. }) && failure.resumable());
        let text = failure.to_string();
        assert!(text.contains("code 10002") && text.contains("sid ost0001@dx1") && text.contains("ticket"), "{text}");
        let saved = rig.last_saved();
        rig.resume(&saved);
        let uploaded = rig.run().unwrap();
        rig.assert_stored(&uploaded);
    }
}

#[test]
fn a_wrong_parameter_ends_the_upload_at_once() {
    for (len, kind) in [(7, "upload"), (25, "init"), (25, "slice"), (25, "complete")] {
        let mut rig = Rig::new(len, tiny());
        let verdict = rig.run_with(|asked, _| if asked == kind { Fate::Says(code(500, 10001)) } else { Fate::Fine });
        assert!(matches!(&verdict, Err(Failure::Refused(fault)) if fault.code() == Some(10001)), "{verdict:?}");
        assert_eq!(rig.count(kind), 1);
    }
}

#[test]
fn an_upload_that_is_gone_is_begun_again_within_the_budget() {
    for (len, kind) in [(7, "upload"), (25, "init"), (25, "slice"), (25, "complete")] {
        for nth in 0..3 {
            let mut rig = Rig::new(len, tiny());
            let gone = |asked: &str, times| {
                if asked == kind && times == nth { Fate::Says(code(500, 10005)) } else { Fate::Fine }
            };
            let uploaded = rig.run_with(gone).unwrap();
            rig.assert_stored(&uploaded);
            let met = nth == 0 || kind == "slice";
            assert_eq!((rig.restarts(), rig.urls_lost()), (usize::from(met), 0), "{kind} {nth}");
        }
        let mut rig = Rig::new(len, tiny());
        let verdict = rig.run_with(|asked, _| if asked == kind { Fate::Says(code(200, 10005)) } else { Fate::Fine });
        assert!(matches!(verdict, Err(Failure::Exhausted { budget: Budget::Restarts(4), .. })), "{verdict:?}");
        assert_eq!(rig.count(kind), 4);
    }
}

#[test]
fn slices_of_an_upload_that_is_gone_count_for_nothing() {
    let mut core = resumable_core::Options::new(7);
    core.window = 3;
    let mut rig = Rig::with(95, parallel(), core);
    let gone = |kind: &str, nth| if kind == "slice" && nth == 4 { Fate::Says(code(500, 10005)) } else { Fate::Fine };
    let uploaded = rig.run_with(gone).unwrap();
    rig.assert_stored(&uploaded);
    let second: BTreeSet<_> = rig
        .server
        .seen
        .iter()
        .filter(|seen| seen.fields.get("upload_id").is_some_and(|id| id == "up_2"))
        .collect::<Vec<_>>()
        .iter()
        .filter_map(|seen| seen.fields.get("slice_id").cloned())
        .collect();
    assert_eq!(second.len(), 10);
}

#[test]
fn a_refused_key_is_asked_for_once_more() {
    let refusal = || says(401, r#"{"message":"HMAC signature does not match"}"#);
    let mut rig = Rig::new(25, tiny());
    let verdict = rig.run_with(|_, _| Fate::Says(refusal()));
    let Err(Failure::Credential(fault)) = verdict else { panic!("{verdict:?}") };
    assert!(fault.to_string().contains("check the APIKey"), "{fault}");
    assert!(rig.events.iter().any(|event| matches!(event, Event::Reauthorizing { .. })));
}

// ── time and names

#[test]
fn a_clock_that_is_off_is_corrected_once_by_the_vendors_date() {
    for server_unix in [1_641_374_954 + 3600, 1_641_374_954 - 3600] {
        for len in [7, 65] {
            let mut rig = Rig::new(len, tiny());
            rig.server.unix = Duration::from_secs(server_unix);
            let uploaded = rig.run().unwrap();
            rig.assert_stored(&uploaded);
            let corrections = rig.events.iter().filter(|event| matches!(event, Event::ClockCorrected { .. })).count();
            assert_eq!((corrections, uploaded.orphans), (1, 0));
            assert_eq!(rig.asked.len(), if len == 7 { 2 } else { 10 }, "one request more than needed");
        }
    }
}

#[test]
fn a_date_that_cannot_be_helped_is_an_error_about_the_clock() {
    let refusal = says(
        403,
        r#"{"message":"HMAC signature cannot be verified, a valid date or x-date header is required for HMAC Authentication"}"#,
    );
    let mut rig = Rig::new(25, tiny());
    let verdict = rig.run_with(|_, _| Fate::Says(refusal.clone()));
    let Err(failure @ Failure::Credential(_)) = verdict else { panic!("{verdict:?}") };
    assert!(failure.to_string().contains("check this machine's clock"), "{failure}");
    assert_eq!(rig.asked.len(), 2);
}

#[test]
fn every_request_has_a_name_of_its_own_and_no_cloud() {
    let mut rig = Rig::new(95, tiny());
    rig.run_with(|kind, nth| if kind == "slice" && nth % 3 == 0 { Fate::LostAfter } else { Fate::Fine }).unwrap();
    let names: BTreeSet<_> = rig.server.seen.iter().map(|seen| seen.fields["request_id"].clone()).collect();
    assert_eq!(names.len(), rig.server.seen.len());
    assert!(rig.server.seen.iter().all(|seen| !seen.fields.contains_key("cloud_id")));
}

#[test]
fn json_calls_can_be_sent_with_the_digest_of_their_body() {
    let mut options = tiny();
    options.digest = DigestMode::Body;
    let mut rig = Rig::new(25, options);
    let uploaded = rig.run().unwrap();
    rig.assert_stored(&uploaded);
}

// ── crashes

#[test]
fn every_saved_checkpoint_can_be_resumed_and_loses_nothing_that_it_holds() {
    for (len, options) in [(7, tiny()), (95, tiny()), (95, parallel())] {
        for again in [Again::Gone, Again::SameUrl] {
            let mut whole = Rig::new(len, options.clone());
            whole.run().unwrap();
            for count in 1..=whole.saved.len() {
                for arrives in [false, true] {
                    let mut rig = Rig::new(len, options.clone());
                    rig.server.again = again;
                    let stop = Stop::AtSave { count, arrives };
                    if rig.run_until(stop, |_, _| Fate::Fine).is_some() {
                        continue;
                    }
                    let saved = rig.last_saved();
                    let (before, held) = (rig.server.received(), saved.confirmed());
                    rig.resume(&saved);
                    let uploaded = rig.run().unwrap();
                    rig.assert_stored(&uploaded);
                    let (after, lost) = (rig.server.received() - before, rig.urls_lost() as u64);
                    assert_eq!(after, len - held + lost * len, "{len} at save {count}, arrives: {arrives}");
                    assert!(lost == 0 || again == Again::Gone);
                }
            }
        }
    }
}

#[test]
fn a_crash_between_complete_and_its_answer_takes_the_way_of_a_lost_reply() {
    for (again, lost) in [(Again::Gone, 1), (Again::SameUrl, 0)] {
        let mut rig = Rig::new(25, tiny());
        rig.server.again = again;
        // The last save before a complete leaves names it.
        rig.run_until(Stop::At("complete", 1), |_, _| Fate::Fine);
        let saved = rig.last_saved();
        rig.resume(&saved);
        rig.server.open.clear();
        let mut other = Rig::new(25, tiny());
        other.server.again = again;
        other.run().unwrap();
        if again == Again::SameUrl {
            rig.server = other.server;
        }
        let uploaded = rig.run().unwrap();
        rig.assert_stored(&uploaded);
        assert_eq!((rig.urls_lost(), u64::from(uploaded.orphans)), (lost, lost as u64));
    }
}

#[test]
fn a_crash_while_an_init_is_under_way_is_remembered() {
    for arrives in [false, true] {
        let mut rig = Rig::new(25, tiny());
        rig.run_until(Stop::At("init", 1), |_, _| Fate::Fine);
        assert_eq!(rig.in_doubt(), "init");
        let saved = rig.last_saved();
        if arrives {
            rig.server.open.insert("up_0".to_owned(), BTreeMap::default());
        }
        rig.resume(&saved);
        let uploaded = rig.run().unwrap();
        rig.assert_stored(&uploaded);
        assert_eq!((uploaded.orphans, rig.server.open.len()), (1, usize::from(arrives)));
        rig.abandon(&saved);
        assert_eq!(left(&rig.run()), Remains::Unknown);
    }
}

#[test]
fn a_damaged_checkpoint_never_puts_a_file_together() {
    let (rig, saved) = half_done();
    let text = String::from_utf8(saved.to_bytes()).unwrap();
    for acknowledged in [r#"[{"start":0,"end":99}]"#, r#"[{"start":0,"end":10},{"start":3,"end":7}]"#] {
        // As the first format had it, without a checksum.
        let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
        json["session"]["stage"]["open"]["acknowledged"] = serde_json::from_str(acknowledged).unwrap();
        json["format"] = 1.into();
        json.as_object_mut().unwrap().retain(|name, _| name != "checksum" && name != "fingerprint");
        let refused = Checkpoint::from_bytes(json.to_string().as_bytes()).and_then(|saved| rig.try_resume(saved));
        assert!(matches!(refused.err(), Some(ResumeError::Damaged(_))), "{acknowledged}");
    }
}

#[test]
fn a_finished_upload_is_still_finished_when_it_is_resumed() {
    let mut rig = Rig::new(25, tiny());
    let first = rig.run().unwrap();
    let (asked, saved) = (rig.asked.len(), rig.last_saved());
    rig.resume(&saved);
    let second = rig.run().unwrap();
    assert_eq!((first, rig.asked.len()), (second, asked), "the url was saved, and nothing is asked");
}

#[test]
fn options_are_pinned_when_the_upload_begins() {
    let mut rig = Rig::new(95, tiny());
    rig.run_until(Stop::At("slice", 4), |_, _| Fate::Fine);
    let saved = rig.last_saved();
    rig.options.part_size = 25;
    rig.options.one_request_max = 999;
    rig.resume(&saved);
    let uploaded = rig.run().unwrap();
    rig.assert_stored(&uploaded);
}

// ── giving up

fn left(verdict: &rig::Verdict) -> Remains {
    match verdict {
        Err(Failure::Abandoned(remains)) => *remains,
        other => panic!("{other:?}"),
    }
}

fn half_done() -> (Rig, Checkpoint<Xfyun>) {
    let mut rig = Rig::new(95, tiny());
    rig.run_until(Stop::At("slice", 4), |_, _| Fate::Fine);
    let saved = rig.last_saved();
    (rig, saved)
}

#[test]
fn an_abandoned_upload_is_cancelled() {
    for fate in
        [Fate::Fine, Fate::LostBefore, Fate::LostAfter, Fate::Says(code(500, 10003)), Fate::Says(code(500, 10005))]
    {
        let (mut rig, saved) = half_done();
        rig.abandon(&saved);
        let verdict = rig.run_with(|kind, nth| if kind == "cancel" && nth == 0 { fate.clone() } else { Fate::Fine });
        assert_eq!(left(&verdict), Remains::Nothing);
        assert_eq!((rig.asked.last().unwrap().as_str(), rig.restarts()), ("cancel", 0));
        assert_eq!(rig.count("init") + rig.count("complete"), 1);
    }
}

#[test]
fn an_abort_in_any_phase_says_what_may_be_left() {
    for (kind, nth, arrives, remains) in [
        ("init", 1, false, Remains::Unknown),
        ("init", 1, true, Remains::Nothing),
        ("slice", 1, false, Remains::Nothing),
        ("slice", 4, true, Remains::Nothing),
        ("complete", 1, false, Remains::Nothing),
    ] {
        let mut rig = Rig::new(95, tiny());
        rig.run_until(Stop::At(kind, nth), |_, _| Fate::Fine);
        rig.upload.handle(Command::Abort);
        let fate = if arrives { Fate::Fine } else { Fate::LostBefore };
        let verdict = rig.run_with(|asked, _| if asked == "cancel" { Fate::Fine } else { fate.clone() });
        assert_eq!(left(&verdict), remains, "{kind} {nth} {arrives}");
        assert!(rig.server.open.is_empty() && rig.server.files.is_empty(), "{kind} {nth} {arrives}");
    }
    let mut before = Rig::new(95, tiny());
    before.upload.handle(Command::Abort);
    assert_eq!(left(&before.run()), Remains::Nothing);
    assert!(before.asked.is_empty());
}

#[test]
fn an_upload_that_completes_while_it_is_aborted_is_complete() {
    for (len, kind) in [(7, "upload"), (95, "complete")] {
        let mut rig = Rig::new(len, tiny());
        rig.run_until(Stop::At(kind, 1), |_, _| Fate::Fine);
        rig.upload.handle(Command::Abort);
        let uploaded = rig.run().unwrap();
        rig.assert_stored(&uploaded);
    }
}

#[test]
fn an_abort_with_a_complete_in_doubt_never_claims_too_much() {
    for (fate, files, remains) in [(Fate::LostAfter, 1, Remains::Unknown), (Fate::LostBefore, 0, Remains::Nothing)] {
        let mut rig = Rig::new(95, tiny());
        rig.run_until(Stop::At("complete", 1), |_, _| Fate::Fine);
        rig.upload.handle(Command::Abort);
        let verdict = rig.run_with(|kind, _| if kind == "complete" { fate.clone() } else { Fate::Fine });
        assert_eq!(left(&verdict), remains);
        assert_eq!((rig.asked.last().unwrap().as_str(), rig.server.files.len()), ("cancel", files));
        // The same from a checkpoint, in another process.
        let mut rig = Rig::new(95, tiny());
        rig.run_until(Stop::At("complete", 1), |_, _| Fate::Fine);
        let saved = rig.last_saved();
        if files == 1 {
            rig.run().unwrap();
        }
        rig.abandon(&saved);
        assert_eq!(left(&rig.run()), remains);
    }
}

#[test]
fn a_lost_cancel_with_a_complete_in_doubt_leaves_it_unknown() {
    let mut rig = Rig::new(95, tiny());
    rig.run_until(Stop::At("complete", 1), |_, _| Fate::Fine);
    rig.upload.handle(Command::Abort);
    let verdict = rig.run_with(|kind, nth| match (kind, nth) {
        ("complete", _) => Fate::LostBefore,
        ("cancel", 0) => Fate::LostAfter,
        _ => Fate::Fine,
    });
    assert_eq!(left(&verdict), Remains::Unknown);
}

#[test]
fn an_abort_after_a_second_lost_url_ends_too() {
    let mut rig = Rig::new(95, tiny());
    let lost = |kind: &str, nth| if kind == "complete" && nth % 2 == 0 { Fate::LostAfter } else { Fate::Fine };
    rig.run_until(Stop::At("complete", 3), lost);
    rig.upload.handle(Command::Abort);
    assert_eq!(left(&rig.run_with(lost)), Remains::Unknown);
    assert_eq!((rig.urls_lost(), rig.count("cancel"), rig.restarts()), (1, 1, 0));
}

#[test]
fn slices_side_by_side_end_before_they_are_cancelled() {
    let mut core = resumable_core::Options::new(7);
    core.window = 3;
    let mut rig = Rig::with(95, parallel(), core);
    rig.run_until(Stop::At("slice", 3), |_, _| Fate::Fine);
    rig.upload.handle(Command::Abort);
    assert_eq!(left(&rig.run()), Remains::Nothing);
    assert!(rig.server.open.is_empty());
}

#[test]
fn a_one_request_upload_in_doubt_may_have_left_the_file() {
    let mut rig = Rig::new(7, tiny());
    rig.run_until(Stop::At("upload", 1), |_, _| Fate::Fine);
    let saved = rig.last_saved();
    rig.abandon(&saved);
    assert_eq!(left(&rig.run()), Remains::Unknown);
    assert_eq!(rig.count("cancel"), 0, "there is nothing to cancel");
}

#[test]
fn an_abort_that_was_killed_before_its_end_can_be_resumed_either_way() {
    for arrives in [false, true] {
        for finish in [false, true] {
            let (mut rig, saved) = half_done();
            rig.abandon(&saved);
            rig.run_until(Stop::At("cancel", 1), |_, _| Fate::Fine);
            assert_eq!(rig.in_doubt(), "cancel");
            let saved = rig.last_saved();
            if arrives {
                rig.server.open.clear();
            }
            if finish {
                rig.resume(&saved);
                let uploaded = rig.run().unwrap();
                rig.assert_stored(&uploaded);
                assert_eq!(rig.restarts(), usize::from(arrives));
            } else {
                rig.abandon(&saved);
                assert_eq!(left(&rig.run()), Remains::Nothing);
            }
        }
    }
}

#[test]
fn a_checkpoint_belongs_to_its_endpoint_and_application() {
    let (_, saved) = half_done();
    assert_eq!(saved.target(), "http://127.0.0.1:18099 app_id=app00001");
}
