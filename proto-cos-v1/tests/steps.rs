//! An upload step by step: what is asked, and what follows from each answer.

mod talk;

use resumable_core::Invalidated::{Digests, Nothing, Session};
use resumable_proto_cos_v1::Call;
use serde_json::json;
use talk::*;

/// The file's length in most tests: three slices, the last one shorter.
const LEN: u64 = 2 * S + 5;
const LAST: &str = "slice 32+5 last";

fn begun() -> Talk {
    Talk::new(LEN, slices()).asks("init", &opened(0))
}

/// All but the last slice are acknowledged.
fn nearly() -> Talk {
    let talk = begun().asks("slice 0+16", &stored(0));
    assert_eq!(talk.confirmed(), S);
    let talk = talk.asks("slice 16+16", &stored(S));
    assert_eq!(talk.confirmed(), 2 * S);
    talk
}

fn slice(offset: u64) -> Call {
    let datalen = S.min(LEN - offset);
    Call::Slice { offset, datalen, last: offset + datalen == LEN }
}

// ── what is read first, and which way a file goes

#[test]
fn every_file_is_read_first_and_small_ones_go_in_one_request() {
    for (len, options, next) in [
        (0, slices(), "upload"),
        (1, slices(), "init"),
        (0, small(), "upload"),
        (S, small(), "upload"),
        (S + 1, small(), "init"),
        (S, parallel(), "init"),
    ] {
        Talk::unread(len, options).hashes().ends(next);
    }
    let most = slices().file_max(LEN);
    Talk::unread(LEN, most.clone()).ends("hash all");
    let filesize = LEN + 1;
    Talk::unread(filesize, most).ends(&format!("fail FileTooBig {{ filesize: {filesize}, file_max: {LEN} }}"));
}

/// Options may change between two runs; what was begun in slices, or may be there, is asked for.
#[test]
fn what_may_be_there_is_asked_for_whatever_the_size() {
    begun().later(slices().one_request_max(LEN)).ends("init S1");
    Talk::new(S, small()).loses("upload").later(small()).ends("init");
    Talk::new(S, small()).later(small()).ends("upload");
}

// ── the file in one request

#[test]
fn upload_and_its_answers() {
    let to = |options| Talk::new(S, options);
    to(small()).asks("upload", &complete()).ends("done OneRequest");
    for code in [-4016, -174] {
        to(small()).falls("upload", &no(code), Digests).hashes().ends("upload");
    }
    for code in [-177, -4018] {
        for options in [small(), overwriting(small())] {
            let there = || to(options.clone()).asks("upload", &no(code));
            there().asks("stat", &object(S, Some(&ours(S)))).ends("done AlreadyThere");
            there().asks("stat", &object(S, Some(&others()))).ends("fail Exists");
            there().asks("stat", &object(S + 1, Some(&ours(S)))).ends("fail Exists");
            there().falls("stat", &nothing(), Session).ends("upload");
            there().falls("stat", &half_an_object(S, &ours(S)), Session).ends("upload");
            // Only the vendor itself can have compared the content then.
            let end = if code == -4018 { "done AlreadyThere" } else { "fail Exists" };
            there().asks("stat", &object(S, None)).ends(end);
        }
    }
}

#[test]
fn a_lost_upload_is_asked_for_by_init() {
    let lost = || Talk::new(S, small()).loses("upload");
    let gone = || Talk::new(S, small()).falls("upload", &no(-288), Nothing);
    for talk in [lost, gone] {
        talk().asks("init", &complete()).ends("done OneRequest");
        talk().asks("init", &opened(0)).ends("slice 0+16 last");
        talk().asks("init", &opened_and_complete(S)).ends("done OneRequest");
        talk().asks("init", &no(-177)).asks("stat", &object(S, Some(&ours(S)))).ends("done AlreadyThere");
    }
    // An empty file has no slices that an init could ask for.
    for options in [small(), overwriting(small())] {
        let empty = || Talk::new(0, options.clone()).loses("upload");
        empty().asks("stat", &object(0, Some(&ours(0)))).ends("done OneRequest");
        empty().asks("stat", &nothing()).ends("upload");
        empty().asks("stat", &object(0, Some(&others()))).ends("upload");
        empty().asks("stat", &object(0, None)).ends("upload");
        empty().asks("stat", &object(1, None)).ends("upload");
    }
}

// ── init

#[test]
fn init_and_its_answers() {
    let init = |said| Talk::new(LEN, slices()).asks("init", &said);
    init(complete()).ends("done Instant");
    init(opened(0)).ends("slice 0+16");
    init(opened(S)).ends("slice 16+16");
    init(opened(20)).ends("slice 20+16");
    init(opened(2 * S)).ends(LAST);
    init(opened_and_complete(LEN)).ends("done Instant");
    // Less than everything is not complete, whatever addresses it comes with.
    init(opened_and_complete(LEN - 1)).ends("slice 36+1 last");
    init(ok(r#""session":"S1","offset":0"#)).ends("slice 0+16");
    init(ok(r#""session":"S1","offset":0,"slice_size":20"#)).ends("slice 0+20");
    Talk::new(LEN, slices()).loses("init").ends("init");
    Talk::new(LEN, slices()).falls("init", &opened(LEN + 1), Session).ends("init");
    Talk::new(LEN, slices()).falls("init", &no(-288), Session).ends("init");
    Talk::new(LEN, slices()).falls("init", &no(-4016), Digests).ends("hash all");
    for code in [-177, -4018] {
        let there = || init(no(code));
        there().asks("stat", &object(LEN, Some(&ours(LEN)))).ends("done AlreadyThere");
        there().asks("stat", &object(LEN, Some(&others()))).ends("fail Exists");
        there().falls("stat", &nothing(), Session).ends("init");
        let end = if code == -4018 { "done AlreadyThere" } else { "fail Exists" };
        there().asks("stat", &object(LEN, None)).ends(end);
    }
    assert_eq!(init(opened(S)).confirmed(), S);
}

#[test]
fn a_session_of_ours_is_named_and_may_be_gone() {
    let later = || begun().asks("slice 0+16", &stored(0)).later(slices());
    later().asks("init S1", &opened(S)).ends("slice 16+16");
    // The vendor's word counts, and not ours.
    later().asks("init S1", &opened(0)).ends("slice 0+16");
    later().asks("init S1", &opened(2 * S)).ends(LAST);
    later().asks("init S1", &complete()).ends("done Parts");
    for code in [-166, -197, -288, -5999] {
        let gone = later().falls("init S1", &no(code), Session);
        assert_eq!(gone.confirmed(), 0);
        gone.ends("init");
    }
}

// ── everything is there, and nothing complete

#[test]
fn what_is_whole_is_looked_for_then_nudged_once() {
    let whole = |options| Talk::new(LEN, options).asks("init", &opened(LEN));
    for options in [slices(), overwriting(slices())] {
        let whole = || whole(options.clone());
        whole().asks("stat", &object(LEN, Some(&ours(LEN)))).ends("done Parts");
        for there in [nothing(), object(LEN, Some(&others())), object(LEN + 1, None), half_an_object(LEN, &ours(LEN))] {
            let nudged = || whole().asks("stat", &there).next_is(LAST);
            nudged().asks(LAST, &stored_and_complete(2 * S)).ends("done Parts");
            let again = nudged().asks(LAST, &stored(2 * S)).asks("init S1", &opened(LEN));
            let again = again.falls("stat", &there, Session);
            assert_eq!(again.session()["offset"], "bounds", "the offset may have been of the last byte that is there");
            again.asks("init", &opened(LEN)).ends("slice 0+16");
            nudged().loses(LAST).asks("init S1", &complete()).ends("done Parts");
        }
    }
    // Without a digest: the length is right, and nothing older can be there.
    whole(slices()).asks("stat", &object(LEN, None)).ends("done Parts");
    whole(slices()).asks("stat", &complete()).ends(LAST);
    whole(overwriting(slices())).asks("stat", &object(LEN, None)).ends(LAST);
    let exact = Talk::new(2 * S, slices()).asks("init", &opened(2 * S)).asks("stat", &nothing());
    exact.ends("slice 16+16 last");
}

// ── slices

#[test]
fn the_last_slice_completes_the_object() {
    let done = nearly().asks(LAST, &stored_and_complete(2 * S));
    assert_eq!(done.confirmed(), LEN);
    done.ends("done Parts");
    nearly().asks(LAST, &complete()).ends("done Parts");
    for talk in [nearly().asks(LAST, &stored(2 * S)), nearly().loses(LAST)] {
        let talk = talk.asks("init S1", &opened(LEN));
        talk.asks("stat", &object(LEN, None)).ends("done Parts");
    }
    nearly().loses(LAST).asks("init S1", &opened(2 * S)).ends(LAST);
    // Its session is gone; the object may be complete all the same.
    for code in [-166, -197, -288, -5999] {
        let gone = || nearly().falls(LAST, &no(code), Session);
        gone().asks("init", &complete()).ends("done Parts");
        gone().asks("init", &opened(0)).ends("slice 0+16");
    }
}

#[test]
fn a_slice_and_its_answers() {
    begun().loses("slice 0+16").asks("init S1", &opened(S)).ends("slice 16+16");
    begun().falls("slice 0+16", &stored(S), Session).ends("init");
    let other = ok(r#""offset":0,"session":"S2""#);
    let proves_nothing = begun().falls("slice 0+16", &other, Nothing);
    assert_eq!(proves_nothing.confirmed(), 0);
    proves_nothing.ends("init S1");
    begun().asks("slice 0+16", &ok(r#""offset":0"#)).ends("slice 16+16");
    // Addresses before the end.
    begun().asks("slice 0+16", &stored_and_complete(0)).asks("init S1", &complete()).ends("done Parts");
    begun().asks("slice 0+16", &complete()).asks("init S1", &opened(S)).ends("slice 16+16");
    for code in [-166, -197, -288, -5999] {
        begun().falls("slice 0+16", &no(code), Session).ends("init");
    }
    begun().asks("slice 0+16", &no(-4018)).asks("stat", &object(LEN, None)).ends("done AlreadyThere");
    begun().asks("slice 0+16", &no(-177)).asks("stat", &object(LEN, None)).ends("fail Exists");
    begun().asks("slice 0+16", &no(-177)).falls("stat", &nothing(), Session).ends("init");
}

#[test]
fn a_slice_that_the_vendor_finds_different() {
    let differs = || begun().asks("slice 0+16", &stored(0)).falls("slice 16+16", &no(-4016), Nothing);
    differs().asks("slice 16+16", &stored(S)).ends(LAST);
    // Settled, so that the next time is a first time.
    let settled = differs().asks("slice 16+16", &stored(S));
    settled.hears(slice(S), &no(-4016)).next_is(LAST).falls(LAST, &no(-4016), Nothing).ends(LAST);
    let twice = differs().falls("slice 16+16", &no(-4016), Digests);
    assert_eq!((twice.confirmed(), &twice.session()["offset"]), (0, &json!("bounds")));
    // What is there is of no use then, and is sent again.
    twice.hashes().asks("init", &opened(S)).ends("slice 0+16");
    // What is thrown away for it is not sent again unread.
    differs().loses("slice 16+16").asks("init S1", &opened(S)).ends("slice 16+16");
    differs().loses("slice 16+16").falls("init S1", &opened(S - 1), Digests).ends("hash all");
    differs().loses("slice 16+16").falls("init S1", &no(-288), Digests).ends("hash all");
    differs().falls("slice 16+16", &no(-288), Digests).ends("hash all");
    // Without a session, an offset says nothing of what was sent.
    Talk::new(LEN, slices()).falls("init", &no(-4016), Digests).hashes().asks("init", &opened(S)).ends("slice 16+16");
}

/// What is said of the last slice may be said of the whole: only the complete object answers that.
#[test]
fn the_last_slice_acknowledged_settles_nothing() {
    let differs = nearly().falls(LAST, &no(-4016), Nothing);
    let stored = differs.asks(LAST, &stored(2 * S)).asks("init S1", &opened(2 * S));
    stored.falls(LAST, &no(-4016), Digests).ends("hash all");
    let complete = nearly().falls(LAST, &no(-4016), Nothing).asks(LAST, &stored_and_complete(2 * S));
    assert_eq!(complete.session()["differed"], json!(null));
}

/// -5999 may mean an unknown session, or a wrong slice: in the fourth session in a row it is the slice.
#[test]
fn a_slice_that_is_refused_in_each_new_session() {
    let again = |talk: Talk| talk.falls("slice 0+16", &no(-5999), Session).asks("init", &opened(0));
    let thrice = || again(again(again(begun())));
    thrice().asks("slice 0+16", &no(-5999)).ends("fail Some(-5999)");
    // One that is taken is a new beginning.
    let taken = thrice().asks("slice 0+16", &stored(0)).falls("slice 16+16", &no(-5999), Session);
    again(again(taken.asks("init", &opened(0)))).falls("slice 0+16", &no(-288), Session).ends("init");
    let refused = thrice().asks("slice 0+16", &no(-5999));
    refused.during([slice(S)]).next_is("wait None").abandoned().during([]).ends("left Parts");
}

/// Slices side by side may be what the vendor finds wrong: they go one after the other from then on.
#[test]
fn slices_that_are_refused_side_by_side_go_one_after_the_other() {
    let talk = Talk::new(LEN, parallel()).asks("init", &opened(0)).falls("slice 0+16", &no(-5999), Session);
    let talk = talk.asks("init", &opened(0));
    talk.during([slice(0)]).next_is("wait None").during([]).falls("slice 0+16", &no(-5999), Session).ends("init");
}

// ── side by side

/// The offset bounds what is there, and the journal proves it.
#[test]
fn after_slices_side_by_side_only_what_was_acknowledged_counts() {
    let talk = || {
        let mut talk = Talk::new(5 * S, parallel()).asks("init", &opened(0));
        talk.window = 3;
        let (first, second) =
            (Call::Slice { offset: 0, datalen: S, last: false }, Call::Slice { offset: S, datalen: S, last: false });
        talk.during([first, second]).asks("slice 32+16", &stored(2 * S)).during([])
    };
    assert_eq!(talk().confirmed(), 0);
    for (offset, next) in [(3 * S, "slice 0+16"), (5 * S, "slice 0+16"), (0, "slice 0+16"), (2 * S + 1, "slice 0+16")] {
        let later = talk().later(parallel()).asks("init S1", &opened(offset)).next_is(next);
        let expected = match offset {
            0 => json!([]),
            33 => json!([{"start": 32, "end": 33}]),
            _ => json!([{"start": 32, "end": 48}]),
        };
        assert_eq!(later.session()["got"], expected, "{offset}");
    }
    let filled = talk().asks("slice 0+16", &stored(0)).asks("slice 16+16", &stored(S));
    assert_eq!(filled.confirmed(), 3 * S);
    filled.ends("slice 48+16");
}

#[test]
fn slices_keep_to_the_window_and_the_last_goes_alone() {
    let begun = || Talk::new(LEN, parallel()).asks("init", &opened(0));
    begun().during([slice(0)]).ends("slice 16+16");
    begun().during([slice(S)]).ends("slice 0+16");
    // Two at once, and none begins a window after the first missing byte.
    begun().during([slice(0), slice(S)]).ends("wait None");
    begun().during([slice(0)]).asks("slice 16+16", &stored(S)).ends("wait None");
    begun().during([slice(S)]).asks("slice 0+16", &stored(0)).next_is("wait None").during([]).ends("slice 16+16");
    begun().asks("slice 0+16", &stored(0)).asks("slice 16+16", &stored(S)).ends(LAST);
    let wide = |window: usize| {
        let mut talk = Talk::new(9 * S, parallel()).asks("init", &opened(0));
        talk.window = window;
        let calls = (0..8).map(|at| Call::Slice { offset: at * S, datalen: S, last: false });
        (talk, calls.collect::<Vec<_>>())
    };
    for window in 1..8 {
        let (talk, calls) = wide(window);
        let talk = talk.during(calls[..window - 1].to_vec()).next_is(&format!("slice {}+16", (window as u64 - 1) * S));
        talk.during(calls[..window].to_vec()).ends("wait None");
    }
}

#[test]
fn one_call_at_a_time_but_for_slices_side_by_side() {
    for call in [Call::Upload, Call::Init { with_session: true }, Call::Init { with_session: false }, Call::Stat] {
        for talk in [Talk::new(S, small()), begun(), nearly(), Talk::new(LEN, parallel()).asks("init", &opened(0))] {
            talk.during([call.clone()]).next_is("wait None").abandoned().ends("wait None");
        }
    }
    begun().during([slice(0)]).ends("wait None");
    // What needs a quiet moment waits for the slices that are on their way.
    let parallel = || Talk::new(LEN, parallel()).asks("init", &opened(0));
    for quiet in [
        parallel().loses("slice 0+16"),
        parallel().asks("slice 0+16", &no(-177)),
        parallel().asks("slice 0+16", &stored(0)).asks("slice 16+16", &stored(S)),
        Talk::new(LEN, slices()).asks("init", &opened(LEN)).asks("stat", &nothing()),
        parallel().abandoned(),
    ] {
        let next = quiet.says();
        quiet.during([slice(S)]).next_is("wait None").during([]).ends(&next);
    }
}

// ── an upload that is given up

/// There is no call to take it back: all that can be found out is whether it is complete.
#[test]
fn an_upload_that_is_given_up_says_what_is_left() {
    Talk::unread(LEN, slices()).abandoned().ends("left Nothing");
    Talk::unread(LEN, slices().file_max(1)).abandoned().ends("left Nothing");
    Talk::new(0, slices()).abandoned().ends("left Nothing");
    Talk::new(S, small()).abandoned().ends("left Nothing");
    // It may have been announced, and opened.
    Talk::new(S + 1, small()).abandoned().ends("left Unknown");
    Talk::new(LEN, slices()).loses("init").abandoned().ends("left Unknown");
    begun().abandoned().ends("left Parts");
    begun().loses("slice 0+16").abandoned().ends("left Parts");
    Talk::new(S, small()).asks("upload", &complete()).abandoned().ends("done OneRequest");
}

#[test]
fn what_may_be_complete_is_looked_for_before_it_is_given_up() {
    let lost_upload = || Talk::new(S, small()).loses("upload").abandoned();
    lost_upload().asks("stat", &object(S, Some(&ours(S)))).ends("done OneRequest");
    lost_upload().asks("stat", &object(S, Some(&others()))).ends("left Object");
    lost_upload().asks("stat", &nothing()).ends("left Nothing");
    lost_upload().asks("stat", &half_an_object(S, &ours(S))).ends("left Nothing");
    lost_upload().loses("stat").ends("stat");
    let lost_slice = || nearly().loses(LAST).abandoned();
    lost_slice().asks("stat", &object(LEN, Some(&ours(LEN)))).ends("done Parts");
    lost_slice().asks("stat", &object(LEN, None)).ends("done Parts");
    // The object is another one, and the slices stay.
    lost_slice().asks("stat", &object(LEN, Some(&others()))).ends("left Parts");
    lost_slice().asks("stat", &nothing()).ends("left Parts");
    let gone = || nearly().falls(LAST, &no(-288), Session).abandoned();
    gone().asks("stat", &object(LEN, Some(&ours(LEN)))).ends("done Parts");
    gone().asks("stat", &object(LEN, Some(&others()))).ends("left Object");
    gone().asks("stat", &nothing()).ends("left Unknown");
    // While something at the path was about to be compared.
    for code in [-177, -4018] {
        let there = || Talk::new(LEN, slices()).asks("init", &no(code)).abandoned();
        there().asks("stat", &object(LEN, Some(&ours(LEN)))).ends("done AlreadyThere");
        there().asks("stat", &object(LEN, Some(&others()))).ends("left Object");
        there().asks("stat", &nothing()).ends("left Unknown");
    }
    let taken = || Talk::new(S, small()).asks("upload", &no(-177)).asks("stat", &object(S, None));
    taken().next_is("fail Exists").abandoned().ends("left Object");
    let whole = Talk::new(LEN, slices()).asks("init", &opened(LEN)).abandoned();
    whole.asks("stat", &nothing()).ends("left Parts");
}
