//! The machine over this vendor, driven through the public `Upload` against a small server.

mod far;

use far::{
    Counts, Crash, SLICE, Server, Trouble, URLS, World, abandon, content, credential, go_on, how, parallel, protocol,
    refusal, resume, run, sha, slices, source, start, start_or_resume, success,
};
use proptest::prelude::*;
use resumable_core::{Budget, Checkpoint, Failure, How, Last, Remains, Upload};
use resumable_proto_cos_v1::{BadAnswer, CosV1, Fault, Op, Options};

fn says((status, body): (u16, String)) -> Trouble {
    Trouble::Says(status, body)
}

fn world(len: u64) -> World {
    World::new(Server::new(), content(len))
}

/// Lengths around the borders of slices.
const LENGTHS: [u64; 10] = [0, 1, SLICE - 1, SLICE, SLICE + 1, 2 * SLICE - 1, 2 * SLICE, 2 * SLICE + 1, 5 * SLICE, 71];

// ── without trouble

#[test]
fn a_file_of_any_length_arrives_as_it_is() {
    for options in [slices(), parallel()] {
        for len in LENGTHS {
            let run = start(world(len), options.clone());
            let slices = if len == 0 { 0 } else { len.div_ceil(SLICE) };
            assert_eq!(run.asked.len() as u64, 1 + slices, "{:?}", run.asked);
            assert_eq!(run.bytes_sent, len);
            let uploaded = run.complete();
            assert_eq!(uploaded.how, if len == 0 { How::OneRequest } else { How::Parts });
            assert_eq!(uploaded.sha.unwrap().to_hex(), sha(&content(len)));
            assert_eq!(uploaded.urls.resource_path.as_deref(), Some("/f"));
        }
    }
}

#[test]
fn a_small_file_goes_in_one_request() {
    for len in [0, 1, SLICE, 100] {
        let mut options = slices();
        options.one_request_max = 100;
        let run = start(world(len), options);
        assert_eq!(run.asked(), ["upload"]);
        assert_eq!(run.complete().how, How::OneRequest);
    }
    let mut options = slices();
    options.one_request_max = u64::MAX;
    assert_eq!(start(world(101), options).asked(), ["upload"]);
}

#[test]
fn one_request_is_never_used_above_the_vendors_limit() {
    let mut options = Options::default();
    options.one_request_max = u64::MAX;
    let mut world = World::new(Server::new(), vec![0; 20_000_001]);
    world.crash = Some(Crash { at: 1, after: false });
    assert_eq!(start(world, options).asked(), ["init"]);
}

#[test]
fn slices_go_one_by_one_unless_asked_otherwise() {
    let one_by_one = start(world(71), slices());
    assert_eq!(one_by_one.asked(), ["init", "slice@0", "slice@16", "slice@32", "slice@48", "slice@64"]);
    assert_eq!(one_by_one.most, 1);
}

#[test]
fn side_by_side_slices_keep_to_one_window_and_the_last_goes_alone() {
    for backwards in [false, true] {
        let mut world = world(100 * SLICE);
        world.backwards = backwards;
        let run = start(world, parallel());
        assert_eq!((run.most, run.beside_last, run.ahead), (3, 0, 2 * SLICE));
        run.complete();
    }
}

#[test]
fn an_instant_upload_is_done_without_a_byte() {
    let mut world = world(71);
    world.server.object = Some(world.content.clone());
    let run = start(world, slices());
    assert_eq!((run.asked(), run.bytes_sent), (vec!["init"], 0));
    assert_eq!(run.complete().how, How::Instant);
}

#[test]
fn an_unfinished_upload_of_the_same_content_is_gone_on_with_where_the_vendor_says() {
    for offset in [0, SLICE, 2 * SLICE, 64, 70, 7] {
        let run = start(World::new(Server::holding(&content(71), offset), content(71)), slices());
        assert_eq!(run.asked()[1], format!("slice@{offset}"));
        assert_eq!(run.bytes_sent, 71 - offset);
        run.complete();
    }
}

#[test]
fn the_vendors_slice_size_wins_and_ours_stands_in_where_it_says_none() {
    let mut world = world(20);
    world.server.slice_size = 5;
    assert_eq!(start(world, slices()).asked(), ["init", "slice@0", "slice@5", "slice@10", "slice@15"]);
    let silent = success(r#""offset":0,"session":"S1+a/b==""#);
    let run = start(self::world(20).with(0, Trouble::DoesAndSays(silent.0, silent.1)), slices());
    assert_eq!(run.asked(), ["init", "slice@0", "slice@16"]);
    run.complete();
}

#[test]
fn a_session_is_sent_as_it_came() {
    let run = start(world(20), slices());
    let body = String::from_utf8_lossy(&run.bodies[1]).into_owned();
    assert!(body.contains("name=\"session\"\r\n\r\nS1+a/b==\r\n"), "{body}");
}

#[test]
fn a_file_above_the_limit_is_refused_before_anything_is_sent() {
    let mut options = slices();
    options.file_max = 70;
    let run = start(world(71), options);
    assert!(run.asked.is_empty());
    let fault = Fault::FileTooBig { filesize: 71, file_max: 70 };
    assert!(matches!(run.failure(), Failure::Refused(end) if end == fault));
}

// ── lost replies

#[test]
fn a_lost_init_is_made_again() {
    for trouble in [Trouble::LostBefore, Trouble::LostAfter, says((502, "<html>".into()))] {
        let run = start(world(20).with(0, trouble), slices());
        assert_eq!(run.asked(), ["init", "init", "slice@0", "slice@16"]);
        run.complete();
    }
}

#[test]
fn after_a_lost_slice_the_vendor_says_where_to_go_on() {
    let before = start(world(40).with(2, Trouble::LostBefore), slices());
    assert_eq!(before.asked(), ["init", "slice@0", "slice@16", "init S1+a/b==", "slice@16", "slice@32"]);
    before.complete();
    let after = start(world(40).with(2, Trouble::LostAfter), slices());
    assert_eq!(after.asked(), ["init", "slice@0", "slice@16", "init S1+a/b==", "slice@32"]);
    assert_eq!(after.bytes_sent, 40);
    after.complete();
}

#[test]
fn after_a_lost_last_slice_an_init_tells_whether_it_is_complete() {
    let there = start(world(20).with(2, Trouble::LostAfter), slices());
    assert_eq!(there.asked(), ["init", "slice@0", "slice@16", "init S1+a/b=="]);
    assert_eq!(there.complete().how, How::Parts);
    let not_there = start(world(20).with(2, Trouble::LostBefore), slices());
    assert_eq!(not_there.asked(), ["init", "slice@0", "slice@16", "init S1+a/b==", "slice@16"]);
    not_there.complete();
}

fn one_request() -> Options {
    let mut options = slices();
    options.one_request_max = 100;
    options
}

#[test]
fn after_a_lost_one_request_upload_an_init_tells_whether_it_is_complete() {
    let there = start(world(20).with(0, Trouble::LostAfter), one_request());
    assert_eq!(there.asked(), ["upload", "init"]);
    assert_eq!(there.complete().how, How::OneRequest);
    let not_there = start(world(20).with(0, Trouble::LostBefore), one_request());
    assert_eq!(not_there.asked(), ["upload", "init", "slice@0", "slice@16"]);
    assert_eq!(not_there.complete().how, How::Parts);
    let taken = says(success(&format!(r#"{URLS},"filesize":"5","sha":"00""#)));
    let others =
        start(world(20).with(0, Trouble::LostBefore).with(1, says(refusal(-177))).with(2, taken), one_request());
    assert_eq!(others.asked(), ["upload", "init", "stat"]);
    assert!(matches!(others.failure(), Failure::Refused(Fault::Exists)));
}

#[test]
fn after_a_lost_upload_of_an_empty_file_stat_tells() {
    let there = start(world(0).with(0, Trouble::LostAfter), slices());
    assert_eq!(there.asked(), ["upload", "stat"]);
    assert_eq!(there.complete().how, How::OneRequest);
    let not_there = start(world(0).with(0, Trouble::LostBefore), slices());
    assert_eq!(not_there.asked(), ["upload", "stat", "upload"]);
    not_there.complete();
    let mut other = world(0).with(0, Trouble::LostBefore);
    other.server.object = Some(vec![1]);
    assert!(matches!(start(other, slices()).failure(), Failure::Refused(Fault::Exists)));
}

/// Every way of sending, with the most content bytes that one lost request may cost.
fn ways() -> Vec<(Options, Counts, bool, u64)> {
    let mut ways = vec![(slices(), Counts::FirstGap, false, SLICE), (one_request(), Counts::FirstGap, false, 71)];
    for counts in [Counts::FirstGap, Counts::LastByte] {
        ways.extend([false, true].map(|backwards| (parallel(), counts, backwards, 3 * SLICE)));
    }
    ways
}

fn world_of(len: u64, counts: Counts, backwards: bool) -> World {
    let mut world = world(len);
    world.server.counts = counts;
    world.backwards = backwards;
    world
}

#[test]
fn any_lost_request_and_any_two_cost_little_and_leave_no_hole() {
    for (options, counts, backwards, cost) in ways() {
        let requests = start(world_of(71, counts, backwards), options.clone()).asked.len();
        for first in 0..requests {
            for second in first..requests {
                for trouble in [Trouble::LostBefore, Trouble::LostAfter] {
                    let other = if second % 2 == 0 { Trouble::LostBefore } else { Trouble::LostAfter };
                    let world = world_of(71, counts, backwards).with(second, other).with(first, trouble.clone());
                    let mut run = start(world, options.clone());
                    run.world.troubles.clear();
                    assert!(run.bytes_sent <= 71 + 2 * cost, "{first} {second} {trouble:?}: {:?}", run.asked);
                    run.complete();
                }
            }
        }
    }
}

// ── crashes

#[test]
fn a_crash_before_or_after_any_effect_is_a_lost_reply() {
    for (options, counts, backwards, cost) in ways() {
        let effects = start(world_of(71, counts, backwards), options.clone()).effects;
        for crash in (0..effects).flat_map(|at| [false, true].map(|after| Crash { at, after })) {
            let run = start_or_resume(world_of(71, counts, backwards), &options, Some(crash));
            assert!(run.bytes_sent <= 71 + cost, "{crash:?}: {:?}", run.asked);
            run.complete();
        }
    }
}

proptest! {
    #[test]
    fn any_mishaps_and_crashes_end_in_the_content(
        way in 0usize..6,
        lost in prop::collection::btree_map(0usize..25, 0u8..5, 0..5),
        crashes in prop::collection::vec((0usize..25, any::<bool>()), 0..4),
    ) {
        let (options, counts, backwards, _) = ways().swap_remove(way);
        let mut world = world_of(71, counts, backwards);
        let mut saved = None;
        for (at, after) in crashes {
            world.crash = Some(Crash { at, after });
            let run = go_on(world, &options, saved.clone());
            saved = run.saved.last().cloned().or(saved);
            world = run.world;
        }
        world.crash = None;
        for (request, kind) in lost {
            world = world.with(request, match kind {
                0 => Trouble::LostBefore,
                1 => Trouble::LostAfter,
                2 => Trouble::Says(502, "<html>".into()),
                3 => Trouble::Forgets,
                _ => says(refusal(-5997)),
            });
        }
        let forgotten = world.troubles.values().filter(|trouble| matches!(trouble, Trouble::Forgets)).count();
        let mut run = go_on(world, &options, saved);
        run.world.troubles.clear();
        match &run.end {
            Some(Err(Failure::Exhausted { budget: Budget::Restarts(_), .. })) => prop_assert!(forgotten > 1),
            _ => drop(run.complete()),
        }
    }
}

#[test]
fn every_checkpoint_goes_on_with_every_server() {
    for (options, counts, backwards, _) in ways() {
        let whole = start(world_of(71, counts, backwards), options.clone());
        for saved in whole.saved {
            let mut finished = world_of(71, counts, backwards);
            finished.server.object = Some(content(71));
            resume(finished, options.clone(), saved.clone()).complete();
            resume(world_of(71, counts, backwards), options.clone(), saved.clone()).complete();
            for offset in [0, 5, SLICE, 3 * SLICE, 70] {
                let mut part = world_of(71, counts, backwards);
                part.server = Server::holding(&part.content, offset);
                resume(part, options.clone(), saved.clone()).complete();
            }
        }
    }
}

/// The checkpoint of an upload of five slices, three of them acknowledged.
fn three_of_five(options: &Options) -> Checkpoint<CosV1> {
    let whole = start(world(5 * SLICE), options.clone());
    whole.saved.into_iter().find(|saved| saved.confirmed() == 3 * SLICE).unwrap()
}

#[test]
fn on_resume_the_vendors_offset_counts_not_our_journal() {
    let saved = three_of_five(&slices());
    for offset in [0, SLICE, 3 * SLICE, 4 * SLICE] {
        let mut world = World::new(Server::holding(&content(5 * SLICE), offset), content(5 * SLICE));
        world.server.upload.as_mut().unwrap().session = "S1+a/b==".into();
        let run = resume(world, slices(), saved.clone());
        assert_eq!(run.asked()[..2], ["init S1+a/b==".to_owned(), format!("slice@{offset}")]);
        run.complete();
    }
}

#[test]
fn after_slices_side_by_side_an_offset_bounds_what_is_there_and_the_journal_proves_it() {
    let saved = three_of_five(&parallel());
    for (offset, from) in [(SLICE, SLICE), (3 * SLICE, 3 * SLICE), (4 * SLICE, 3 * SLICE)] {
        let world = World::new(Server::holding(&content(5 * SLICE), offset), content(5 * SLICE));
        let run = resume(world, parallel(), saved.clone());
        assert_eq!(run.asked()[1], format!("slice@{from}"));
        run.complete();
    }
}

#[test]
fn side_by_side_a_crash_costs_a_window_however_seldom_other_saves_are() {
    let len = 40 * SLICE;
    let seldom = || {
        let mut how = how();
        how.save_every = std::time::Duration::from_secs(3600);
        how
    };
    for at in 0..120 {
        let mut world = world(len);
        world.crash = Some(Crash { at, after: true });
        let first = Upload::start(protocol(parallel()), source(&world.content), Some(credential()), seldom());
        let first = run(first, world);
        let (Some(saved), None) = (first.saved.last().cloned(), &first.end) else { continue };
        let mut world = first.world;
        world.crash = None;
        let second = Upload::resume(protocol(parallel()), source(&world.content), Some(credential()), seldom(), saved);
        let second = run(second.unwrap(), world);
        let sent = first.bytes_sent + second.bytes_sent;
        assert!(sent <= len + 3 * SLICE, "crash at {at}: {sent} bytes were sent");
        second.complete();
    }
}

#[test]
fn a_checkpoint_stays_small_whatever_arrived_out_of_order() {
    let mut how = how();
    how.window = resumable_core::MAX_WINDOW;
    let mut world = world(1000 * SLICE);
    world.backwards = true;
    let upload = Upload::start(protocol(parallel()), source(&world.content), Some(credential()), how);
    let run = run(upload, world);
    let longest = run.saved.iter().map(|saved| String::from_utf8(saved.to_bytes()).unwrap().len()).max().unwrap();
    assert!(longest < 16 << 10, "{longest}");
    run.complete();
}

// ── answers that cannot be, and answers that say no

#[test]
fn an_offset_beyond_the_file_drops_the_session_and_then_is_an_error() {
    let beyond = || says(success(r#""offset":72,"session":"S1+a/b==","slice_size":16"#));
    start(world(71).with(0, beyond()), slices()).complete();
    let world = (0..4).fold(world(71), |world, request| world.with(request, beyond()));
    let fault = Fault::BadOffset { offset: 72, filesize: 71 };
    let failure = start(world, slices()).failure();
    assert!(
        matches!(&failure, Failure::Exhausted { budget: Budget::Restarts(4), last: Last::Vendor(last) } if *last == fault),
        "{failure}"
    );
}

#[test]
fn a_slice_size_of_zero_is_an_error_that_says_so() {
    let zero = || says(success(r#""offset":0,"session":"S1","slice_size":0"#));
    start(world(71).with(0, zero()), slices()).complete();
    let world = (0..6).fold(world(71), |world, request| world.with(request, zero()));
    let failure = start(world, slices()).failure();
    assert_eq!(
        failure.to_string(),
        "gave up after one call was refused 6 times; last error: the vendor asks for slices of 0 bytes; between 1 byte and 64 MiB \
         are possible"
    );
}

#[test]
fn an_offset_that_goes_back_is_followed_and_counted() {
    let back = || says(success(r#""offset":16,"session":"S1+a/b==","slice_size":16"#));
    let run = start(world(71).with(3, Trouble::LostBefore).with(4, back()), slices());
    assert_eq!(run.asked()[3..6], ["slice@32", "init S1+a/b==", "slice@16"]);
    run.complete();
    // A vendor that forgets for ever is an error.
    let mut world = world(71);
    for request in 0..8 {
        world = world.with(2 + 3 * request, Trouble::LostBefore);
        world = world.with(3 + 3 * request, says(success(r#""offset":0,"session":"S1+a/b==","slice_size":16"#)));
    }
    let mut run = start(world, slices());
    run.world.troubles.clear();
    assert!(matches!(run.failure(), Failure::Exhausted { budget: Budget::Restarts(4), .. }));
}

#[test]
fn a_slice_acknowledged_with_another_offset_drops_the_session() {
    let wrong = || says(success(r#""offset":48,"session":"S1+a/b==""#));
    let run = start(world(71).with(2, wrong()), slices());
    assert_eq!(run.asked()[..5], ["init", "slice@0", "slice@16", "init", "slice@16"]);
    run.complete();
    let mut world = world(71);
    for request in 1..8 {
        world = world.with(2 * request - 1, wrong());
    }
    let mut run = start(world, slices());
    run.world.troubles.clear();
    let failure = run.failure();
    assert!(
        matches!(&failure, Failure::Exhausted { budget: Budget::Restarts(4), last: Last::Vendor(Fault::WrongEcho(_)) }),
        "{failure}"
    );
}

#[test]
fn a_slice_acknowledged_under_another_session_proves_nothing() {
    let wrong = says(success(r#""offset":16,"session":"S9""#));
    let run = start(world(71).with(2, wrong), slices());
    assert_eq!(run.asked()[2..5], ["slice@16", "init S1+a/b==", "slice@16"]);
    run.complete();
}

#[test]
fn addresses_before_the_end_are_not_believed_alone() {
    let early = says(success(&format!(r#""offset":16,"session":"S1+a/b==",{URLS}"#)));
    let run = start(world(71).with(2, early), slices());
    assert_eq!(run.asked()[2..5], ["slice@16", "init S1+a/b==", "slice@16"]);
    run.complete();
    let early = says(success(&format!(r#""offset":16,"session":"S1+a/b==","slice_size":16,{URLS}"#)));
    let mut holding = World::new(Server::holding(&content(71), 16), content(71)).with(0, early);
    holding.server.upload.as_mut().unwrap().session = "S1+a/b==".into();
    let run = start(holding, slices());
    assert_eq!(run.asked()[..2], ["init", "slice@16"]);
    run.complete();
    // Somebody else brought the rest meanwhile.
    let mut raced = world(71);
    raced.server.object = Some(raced.content.clone());
    let opened = says(success(r#""offset":0,"session":"S1","slice_size":16"#));
    let slice = says(success(&format!(r#""offset":0,"session":"S1",{URLS}"#)));
    let run = start(raced.with(0, opened).with(1, slice), slices());
    assert_eq!(run.asked(), ["init", "slice@0", "init S1"]);
    run.complete();
}

#[test]
fn a_session_that_is_gone_in_any_words_is_opened_once_more() {
    for code in [-288, -166, -197, -5999] {
        let at_slice = start(world(40).with(2, says(refusal(code))), slices());
        assert_eq!(at_slice.asked()[2..], ["slice@16", "init", "slice@16", "slice@32"], "{code}");
        at_slice.complete();
        let world = World::new(Server::holding(&content(5 * SLICE), SLICE), content(5 * SLICE));
        let at_init = resume(world.with(0, says(refusal(code))), slices(), three_of_five(&slices()));
        assert_eq!(at_init.asked()[..3], ["init S1+a/b==", "init", "slice@16"], "{code}");
        at_init.complete();
    }
}

#[test]
fn a_vendor_that_takes_slices_only_in_their_order_gets_them_so() {
    let run = start(world(40 * SLICE).with(2, says(refusal(-5999))), parallel());
    let saved = run.saved.last().cloned().unwrap();
    run.complete();
    let again = resume(world(40 * SLICE), parallel(), saved);
    assert_eq!(again.most, 1, "{:?}", again.asked);
    again.complete();
    let mut world = world(40 * SLICE);
    world.server.serial = true;
    world.backwards = true;
    start(world, parallel()).complete();
}

#[test]
fn an_upload_that_the_vendor_forgot_begins_anew() {
    for options in [slices(), parallel()] {
        for request in 1..6 {
            let run = start(world(71).with(request, Trouble::Forgets), options.clone());
            assert!(run.bytes_sent <= 2 * 71, "{:?}", run.asked);
            run.complete();
        }
    }
}

#[test]
fn a_last_slice_that_could_not_be_put_together_may_be_complete_all_the_same() {
    let (status, body) = refusal(-288);
    let run = start(world(20).with(2, Trouble::DoesAndSays(status, body)), slices());
    assert_eq!(run.asked(), ["init", "slice@0", "slice@16", "init"]);
    assert_eq!(run.complete().how, How::Parts);
    let (status, body) = refusal(-288);
    let run = start(world(20).with(0, Trouble::DoesAndSays(status, body)), one_request());
    assert_eq!(run.asked(), ["upload", "init"]);
    assert_eq!(run.complete().how, How::OneRequest);
}

#[test]
fn the_same_file_there_already_is_success_once_stat_has_shown_our_hash() {
    for (options, calls) in [(slices(), vec!["init", "stat"]), (one_request(), vec!["upload", "stat"])] {
        let mut same = world(20).with(0, says(refusal(-4018)));
        same.server.object = Some(same.content.clone());
        let run = start(same, options.clone());
        assert_eq!(run.asked(), calls);
        assert_eq!(run.complete().how, How::AlreadyThere);
        // The vendor has compared the content, and shows no hash.
        let bare = says(success(&format!(r#"{URLS},"filesize":"20""#)));
        let mut bare = world(20).with(0, says(refusal(-4018))).with(1, bare);
        bare.server.object = Some(bare.content.clone());
        start(bare, options.clone()).complete();
        for seen in [r#""filesize":"19""#, r#""filesize":"20","sha":"00""#] {
            let other = says(success(&format!("{URLS},{seen}")));
            let other = start(world(20).with(0, says(refusal(-4018))).with(1, other), options.clone());
            assert!(matches!(other.failure(), Failure::Refused(Fault::Exists)), "{seen}");
        }
    }
    // A slice comes too late, or so the vendor says.
    let run = start(world(40).with(1, says(refusal(-4018))), slices());
    assert_eq!(run.asked()[..4], ["init", "slice@0", "stat", "init"]);
    run.complete();
    let taken = says(success(&format!(r#"{URLS},"filesize":"5","sha":"00""#)));
    let run = start(world(40).with(1, says(refusal(-177))).with(2, taken), slices());
    assert!(matches!(run.failure(), Failure::Refused(Fault::Exists)));
}

#[test]
fn other_content_at_the_path_is_not_overwritten_unless_asked() {
    for options in [slices(), one_request()] {
        let mut world = world(20);
        world.server.object = Some(content(19));
        let run = start(world, options.clone());
        assert!(matches!(run.failure(), Failure::Refused(Fault::Exists)));
        let mut world = self::world(20);
        world.server.object = Some(content(19));
        let mut overwriting = options;
        overwriting.insert_only = false;
        start(world, overwriting).complete();
    }
}

#[test]
fn a_digest_that_differs_is_taken_once_more_and_then_is_an_error() {
    let differs = || says(refusal(-4016));
    let once = start(world(20).with(2, differs()), slices());
    assert_eq!(once.asked()[2..], ["slice@16", "slice@16"]);
    once.complete();
    // What the vendor holds is not believed any more: everything is sent again, whatever its offset says.
    let twice = start(world(20).with(2, differs()).with(3, differs()), slices());
    assert_eq!(twice.asked()[3..], ["slice@16", "init", "slice@0", "slice@16"]);
    twice.complete();
    let four = [2, 3, 6, 7].into_iter().fold(world(20), |world, request| world.with(request, differs()));
    let run = start(four, slices());
    let saved = run.saved.last().cloned().unwrap();
    assert!(matches!(run.failure(), Failure::Integrity(_)));
    let again = resume(World::new(Server::holding(&content(20), SLICE), content(20)), slices(), saved);
    assert_eq!(again.asked(), ["init", "slice@0", "slice@16"]);
    again.complete();
    let small = start(world(20).with(0, differs()), one_request());
    assert_eq!(small.asked(), ["upload", "upload"]);
    small.complete();
}

#[test]
fn refusals_that_no_try_will_mend_end_the_upload_at_once() {
    for code in [-61, -133, -173, -178, -180, -4020] {
        let failure = start(world(20).with(0, says(refusal(code))), slices()).failure();
        assert!(matches!(&failure, Failure::Refused(fault) if fault.code() == Some(code)), "{failure}");
    }
    let failure = start(world(20).with(0, says(refusal(-5999))), slices()).failure();
    assert!(matches!(failure, Failure::Refused(Fault::Answer(BadAnswer::Vendor { op: Op::Init, .. }))));
}

#[test]
fn an_outage_is_sat_out_even_as_http_400() {
    for request in 0..3 {
        for answer in
            [refusal(-5997), refusal(-71), (503, "<html>".into()), (200, "{".into()), (200, r#"{"code":0}"#.into())]
        {
            start(world(20).with(request, says(answer)), slices()).complete();
        }
    }
}

// ── nothing is missing, and nothing complete

#[test]
fn an_object_that_is_complete_without_a_word_is_found_by_stat() {
    let mut world = world(20).with(3, says(success(r#""offset":20,"session":"S1+a/b==","slice_size":16"#)));
    world.server.tells = false;
    let run = start(world, slices());
    assert_eq!(run.asked(), ["init", "slice@0", "slice@16", "init S1+a/b==", "stat"]);
    assert_eq!(run.complete().how, How::Parts);
}

#[test]
fn what_stat_shows_without_a_hash_counts_only_where_nothing_older_can_be() {
    let whole = || says(success(r#""offset":20,"session":"S1+a/b==","slice_size":16"#));
    let bare = || says(success(&format!(r#"{URLS},"filesize":"20","filelen":"20""#)));
    let mut only = world(20).with(3, whole()).with(4, bare());
    only.server.tells = false;
    let run = start(only, slices());
    assert_eq!(run.asked()[3..], ["init S1+a/b==", "stat"]);
    assert_eq!(run.complete().how, How::Parts);
    let mut overwriting = slices();
    overwriting.insert_only = false;
    let run = start(world(20).with(2, says(success(r#""offset":16"#))).with(3, whole()).with(4, bare()), overwriting);
    assert_eq!(run.asked()[3..], ["init S1+a/b==", "stat", "slice@16"]);
    run.complete();
}

#[test]
fn an_unfinished_upload_that_stat_shows_is_not_the_object() {
    let partly = says(success(&format!(r#"{URLS},"filesize":"20","filelen":"16","sha":"{}""#, sha(&content(20)))));
    let whole = says(success(r#""offset":20,"session":"S1+a/b==","slice_size":16"#));
    let acknowledged = says(success(r#""offset":16"#));
    let run = start(world(20).with(2, acknowledged).with(3, whole).with(4, partly), slices());
    assert_eq!(run.asked()[3..], ["init S1+a/b==", "stat", "slice@16"]);
    run.complete();
}

#[test]
fn an_object_that_never_gets_complete_is_an_error() {
    for options in [slices(), parallel()] {
        let mut world = world(40);
        world.server.completes = false;
        let run = start(world, options);
        assert_eq!(run.asked()[4..8], ["init S1+a/b==", "stat", "slice@32", "init S1+a/b=="]);
        let failure = run.failure();
        assert!(
            matches!(
                &failure,
                Failure::Exhausted { budget: Budget::Restarts(4), last: Last::Vendor(Fault::NotCompleted) }
            ),
            "{failure}"
        );
    }
}

#[test]
fn a_gap_that_somebody_else_left_is_filled_once_it_shows() {
    for options in [slices(), parallel()] {
        let mut server = Server::holding(&content(5 * SLICE), 5 * SLICE);
        server.counts = Counts::LastByte;
        let unfinished = server.upload.as_mut().unwrap();
        unfinished.got = std::iter::once(SLICE..4 * SLICE).collect();
        unfinished.bytes[..16].fill(0);
        start(World::new(server, content(5 * SLICE)), options).complete();
    }
}

// ── giving up

#[test]
fn an_upload_can_be_given_up_at_any_moment() {
    for (options, counts, backwards, _) in ways() {
        let effects = start(world_of(71, counts, backwards), options.clone()).effects;
        let mut ends = Vec::new();
        for at in 0..effects {
            let mut world = world_of(71, counts, backwards);
            world.abort = Some(at);
            let run = start(world, options.clone());
            let (server, asked) = (&run.world.server, &run.asked);
            match run.end.unwrap() {
                Ok(_) => assert!(server.object.as_deref() == Some(&content(71)), "{asked:?}"),
                Err(Failure::Abandoned(remains)) => {
                    assert!(server.object.is_none(), "an object is left unsaid: {asked:?}");
                    let parts = server.upload.as_ref().is_some_and(|upload| upload.got.bytes() > 0);
                    assert!(!parts || remains == Remains::Parts, "{remains:?}: {asked:?}");
                    ends.push(remains);
                }
                Err(other) => panic!("{other}: {asked:?}"),
            }
        }
        assert!(!ends.is_empty());
    }
}

#[test]
fn an_abandoned_upload_asks_only_whether_it_is_complete() {
    let parts = abandon(world(80), slices(), three_of_five(&slices()));
    assert!(parts.asked.is_empty());
    assert!(matches!(parts.failure(), Failure::Abandoned(Remains::Parts)));
    // The last slice was on its way.
    let mut crashed = world(20);
    crashed.crash = Some(Crash { at: start(world(20), slices()).effects - 1, after: true });
    let crashed = start(crashed, slices());
    assert_eq!(crashed.asked().last(), Some(&"slice@16"));
    let saved = crashed.saved.last().cloned().unwrap();
    let complete = abandon(crashed.world, slices(), saved.clone());
    assert_eq!(complete.asked(), ["stat"]);
    assert_eq!(complete.end.unwrap().unwrap().how, How::Parts);
    let not = abandon(world(20), slices(), saved);
    assert_eq!(not.asked(), ["stat"]);
    assert!(matches!(not.failure(), Failure::Abandoned(Remains::Parts)));
}

#[test]
fn what_is_left_after_a_lost_first_call_is_said() {
    let lost_first = |options: &Options| {
        let mut lost = world(20);
        lost.crash = Some(Crash { at: start(world(20), options.clone()).requests[0], after: true });
        start(lost, options.clone())
    };
    let init = lost_first(&slices());
    assert_eq!(init.asked(), ["init"]);
    let saved = init.saved.last().cloned().unwrap();
    assert!(matches!(abandon(init.world, slices(), saved).failure(), Failure::Abandoned(Remains::Unknown)));
    let upload = lost_first(&one_request());
    assert_eq!(upload.asked(), ["upload"]);
    let saved = upload.saved.last().cloned().unwrap();
    let mut other = world(20);
    other.server.object = Some(content(19));
    let other = abandon(other, one_request(), saved.clone());
    assert_eq!(other.asked(), ["stat"]);
    assert!(matches!(other.failure(), Failure::Abandoned(Remains::Object)));
    assert!(matches!(abandon(world(20), one_request(), saved).failure(), Failure::Abandoned(Remains::Nothing)));
}

/// The committing call that a checkpoint holds.
fn in_doubt(saved: &Checkpoint<CosV1>) -> String {
    serde_json::from_slice::<serde_json::Value>(&saved.to_bytes()).unwrap()["in_doubt"].to_string()
}

#[test]
fn the_calls_that_complete_an_object_are_saved_before_they_leave() {
    let committing = |options: Options| {
        let run = start(world(40), options);
        run.saved.iter().map(in_doubt).filter(|call| call != "null").collect::<std::collections::BTreeSet<_>>()
    };
    let last = r#"{"slice":{"datalen":8,"last":true,"offset":32}}"#;
    assert_eq!(committing(slices()), [last.to_owned()].into());
    assert_eq!(committing(parallel()), [last.to_owned()].into());
    assert_eq!(committing(one_request()), [r#""upload""#.to_owned()].into());
}

#[test]
fn no_secret_is_in_a_checkpoint() {
    for saved in start(world(71), slices()).saved {
        let text = String::from_utf8(saved.to_bytes()).unwrap();
        assert!(!text.contains("secret-canary") && !text.contains("AKIDx"), "{text}");
    }
}
