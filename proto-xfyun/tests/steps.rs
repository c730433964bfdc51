//! An upload step by step: what is asked, what follows from each answer, and what is said to be left of one that is given
//! up.

mod talk;

use resumable_core::Invalidated::{Session, Url};
use resumable_proto_xfyun::{Call, Limits};
use serde_json::json;
use talk::*;

/// The file's length in most tests: two slices and a half.
const LEN: u64 = 25;
const SMALL: u64 = 19;
const DONE: &str = "done Parts https://files.example/1";

/// An upload that was opened in this run.
fn begun() -> Talk {
    Talk::new(LEN, tiny()).asks("init", &opened())
}

/// All three slices are acknowledged.
fn sent() -> Talk {
    let talk = begun();
    assert_eq!(talk.confirmed(), 0);
    let talk = talk.asks("slice 1", &fine());
    assert_eq!(talk.confirmed(), 10);
    let talk = talk.asks("slice 2", &fine());
    assert_eq!(talk.confirmed(), 20);
    let talk = talk.asks("slice 3", &fine());
    assert_eq!(talk.confirmed(), LEN);
    talk
}

fn slice(slice_id: u64) -> Call {
    Call::Slice { slice_id }
}

#[test]
fn a_small_file_and_its_answers() {
    for len in [0, 1, SMALL] {
        let talk = Talk::new(len, tiny()).asks("upload", &stored());
        assert_eq!(talk.confirmed(), len);
        talk.ends("done OneRequest https://files.example/1 0");
    }
    let lost = Talk::new(SMALL, tiny()).loses("upload").loses("upload").asks("upload", &stored());
    lost.ends("done OneRequest https://files.example/1 2");
    Talk::new(SMALL + 1, tiny()).ends("init");
}

#[test]
fn a_large_file_and_its_answers() {
    sent().asks("complete", &stored()).ends(&format!("{DONE} 0"));
    let lost = Talk::new(LEN, tiny()).loses("init").asks("init", &opened()).loses("slice 1").asks("slice 1", &fine());
    let lost = lost.asks("slice 2", &fine()).asks("slice 3", &fine()).loses("complete").asks("complete", &stored());
    lost.ends(&format!("{DONE} 1"));
}

/// Nobody explains the code, and the status is no help: the end, and what the call may have left is counted.
#[test]
fn an_unexplained_refusal_is_the_end_and_may_have_left_something() {
    for (talk, name, orphans, doubt) in [
        (Talk::new(SMALL, tiny()), "upload", 1, None),
        (Talk::new(LEN, tiny()), "init", 1, None),
        (sent(), "complete", 0, Some(true)),
    ] {
        let talk = talk.asks(name, &no(10_401));
        assert_eq!((talk.says(), talk.orphans()), ("fail 10401".to_owned(), json!(orphans)), "{name}");
        assert_eq!(talk.session()["stage"]["open"]["doubt"].as_bool(), doubt, "{name}");
        talk.later(tiny()).ends(name);
    }
}

// ── an upload that is gone

#[test]
fn an_upload_that_is_gone_is_begun_again() {
    for (talk, name) in [(begun(), "slice 1"), (begun().loses("slice 1"), "slice 1"), (sent(), "complete")] {
        let gone = talk.falls(name, &no(10_005), Session);
        assert_eq!((gone.confirmed(), gone.orphans()), (0, json!(0)), "{name}");
        gone.asks("init", &opened()).ends("slice 1");
    }
}

/// A complete without an answer, and then no such upload: the file is there, and nobody will say where.
#[test]
fn a_lost_url_is_a_lost_upload_once() {
    let once = sent().loses("complete").falls("complete", &no(10_005), Url);
    assert_eq!((once.orphans(), &once.session()["urls_lost"]), (json!(1), &json!(1)));
    let again = once.asks("init", &opened()).asks("slice 1", &fine()).asks("slice 2", &fine());
    // One that is gone without a complete in doubt is no second one.
    let other = again.falls("slice 3", &no(10_005), Session).asks("init", &opened());
    let again = other.asks("slice 1", &fine()).asks("slice 2", &fine()).asks("slice 3", &fine());
    let twice = again.loses("complete").asks("complete", &no(10_005)).next_is("fail url lost Some(10005)");
    assert_eq!((twice.orphans(), &twice.session()["urls_lost"]), (json!(1), &json!(0)));
    // The next run asks once more, and may lose one again.
    let next = twice.later(tiny()).falls("complete", &no(10_005), Url);
    assert_eq!(next.orphans(), json!(2));
    next.ends("init");
}

// ── a slice that is refused for good

/// The vendor cannot have it: the run ends, and the next one cancels the upload and opens another.
#[test]
fn a_slice_that_the_vendor_cannot_have() {
    let refused = |talk: Talk| talk.asks("slice 1", &no(10_001));
    refused(begun()).ends("fail 10001");
    // Another slice was lost; that says nothing of this one.
    let others = Talk::new(LEN, parallel()).asks("init", &opened()).during([slice(1)]).loses("slice 2");
    others.hears(slice(1), &no(10_001)).ends("fail 10001");
    let next = || refused(begun()).later(tiny());
    assert_eq!(next().orphans(), json!(0));
    next().asks("cancel", &fine()).asks("init", &opened()).ends("slice 1");
    next().loses("cancel").ends("cancel");
    next().falls("cancel", &no(10_005), Session).ends("init");
    next().during([slice(2)]).ends("wait None");
    let kept = next().asks("cancel", &no(10_001));
    assert_eq!(kept.orphans(), json!(1), "it stays, and is not gone on with");
    kept.ends("init");
}

/// It may have it: nothing says so, and to count it would be a guess.
#[test]
fn a_slice_that_the_vendor_may_have() {
    let later = || begun().asks("slice 1", &fine()).later(tiny());
    for talk in [begun().asks("slice 1", &fine()).loses("slice 2"), later()] {
        let again = talk.falls("slice 2", &no(10_001), Session);
        assert_eq!((again.orphans(), again.confirmed()), (json!(1), 0));
        // What was lost of the old upload is no excuse for the new one.
        again.asks("init", &opened()).asks("slice 1", &fine()).asks("slice 2", &no(10_001)).ends("fail 10001");
    }
}

// ── options and limits

#[test]
fn what_is_open_keeps_to_how_it_was_opened_and_what_is_not_goes_by_today() {
    let larger = || tiny().part_size(20);
    begun().asks("slice 1", &fine()).later(larger()).asks("slice 2", &fine()).asks("slice 3", &fine()).ends("complete");
    let anew = begun().later(larger()).falls("slice 1", &no(10_005), Session);
    anew.asks("init", &opened()).asks("slice 1", &fine()).asks("slice 2", &fine()).ends("complete");
    begun().later(tiny().one_request_max(LEN)).ends("slice 1");
    Talk::new(LEN, tiny()).later(tiny().one_request_max(LEN)).ends("upload");
    let small = Talk::new(LEN, tiny().one_request_max(LEN)).later(tiny()).asks("init", &opened());
    assert_eq!(small.session()["way"], json!({"slices": {"len": LEN, "size": SLICE}}));
    small.ends("slice 1");
}

#[test]
fn what_the_vendor_would_refuse_is_not_begun() {
    let limits = |part_min, part_max, parts| Limits { part_min, part_max, parts };
    for (len, options, next) in [
        (120, tiny(), "init"),
        (121, tiny(), "init"),
        (480, tiny(), "init"),
        (481, tiny(), "fail FileTooBig { len: 481, most: 480 }"),
        (LEN, tiny().limits(limits(10, 10, 3)), "init"),
        (31, tiny().limits(limits(10, 10, 3)), "fail FileTooBig { len: 31, most: 30 }"),
    ] {
        Talk::new(len, options).ends(next);
    }
    // Limits may change while an upload is open.
    begun()
        .later(tiny().part_size(11).limits(limits(11, 40, 12)))
        .ends("fail BadPartSize { size: 10, least: 11, most: 40 }");
    begun()
        .later(tiny().part_size(9).limits(limits(5, 9, 12)))
        .ends("fail BadPartSize { size: 10, least: 5, most: 9 }");
    begun().later(tiny().limits(limits(10, 10, 12))).ends("slice 1");
}

// ── what is in flight

#[test]
fn one_call_at_a_time_but_for_slices_side_by_side() {
    for call in [Call::Upload, Call::Init, Call::Complete, Call::Cancel] {
        for talk in [Talk::new(SMALL, tiny()), begun(), Talk::new(LEN, parallel()).asks("init", &opened()), sent()] {
            talk.during([call.clone()]).next_is("wait None").abandoned().ends("wait None");
        }
    }
    begun().during([slice(1)]).ends("wait None");
    let side_by_side = || Talk::new(LEN, parallel()).asks("init", &opened());
    side_by_side().during([slice(1)]).ends("slice 2");
    side_by_side().during([slice(2)]).ends("slice 1");
    side_by_side().during([slice(1), slice(2)]).ends("slice 3");
    side_by_side().during([slice(1), slice(2), slice(3)]).ends("wait None");
    // The file is put together when every slice is acknowledged, and not before.
    let last = side_by_side().asks("slice 1", &fine()).asks("slice 2", &fine()).during([slice(3)]).next_is("wait None");
    last.hears(slice(3), &fine()).next_is("wait None").during([]).ends("complete");
    begun().during([slice(1)]).abandoned().ends("wait None");
}

/// No slice begins more than four windows after the first one that is missing.
#[test]
fn slices_do_not_run_away_from_the_first_missing_one() {
    let mut talk = Talk::new(110, parallel()).asks("init", &opened()).during([slice(1)]);
    for slice_id in 2..=8 {
        talk = talk.asks(&format!("slice {slice_id}"), &fine());
    }
    assert_eq!(talk.confirmed(), 70);
    talk.next_is("wait None").hears(slice(1), &fine()).during([]).ends("slice 9");
}

// ── an upload that is given up

#[test]
fn what_is_open_is_cancelled_and_what_nobody_can_name_is_said() {
    let left = |talk: Talk, expected: &str| talk.abandoned().ends(expected);
    left(Talk::new(LEN, tiny()), "left Nothing");
    left(Talk::new(SMALL, tiny()), "left Nothing");
    left(Talk::new(481, tiny()), "left Nothing");
    left(Talk::new(LEN, tiny()).loses("init"), "left Unknown");
    left(Talk::new(SMALL, tiny()).loses("upload"), "left Unknown");
    left(Talk::new(SMALL, tiny()).asks("upload", &stored()), "done OneRequest https://files.example/1 0");
    left(Talk::new(SMALL, tiny()).asks("upload", &no(10_401)), "left Unknown");
    let cancelled = |talk: Talk, said: &Said| talk.abandoned().asks("cancel", said);
    for said in [fine(), no(10_005)] {
        cancelled(begun(), &said).ends("left Nothing");
        cancelled(sent(), &said).ends("left Nothing");
        cancelled(begun().asks("slice 1", &no(10_001)), &said).ends("left Nothing");
        cancelled(Talk::new(LEN, tiny()).loses("init").asks("init", &opened()), &said).ends("left Unknown");
    }
    begun().abandoned().loses("cancel").ends("cancel");
    cancelled(begun(), &no(10_001)).ends("fail 10001");
}

/// While a complete is in doubt: an upload that could still be cancelled was not completed by it.
#[test]
fn a_complete_in_doubt_is_settled_by_the_cancel() {
    let doubt = || sent().loses("complete").abandoned();
    doubt().asks("cancel", &fine()).ends("left Nothing");
    doubt().asks("cancel", &no(10_005)).ends("left Unknown");
    let again = sent().loses("complete").falls("complete", &no(10_005), Url).asks("init", &opened());
    let again = again.asks("slice 1", &fine()).asks("slice 2", &fine()).asks("slice 3", &fine()).loses("complete");
    let twice = again.abandoned().asks("cancel", &no(10_005));
    assert_eq!(twice.orphans(), json!(2));
    twice.ends("left Unknown");
}

/// What is answered after the decision to give up is no reason to begin again.
#[test]
fn late_answers_do_not_begin_it_again() {
    for code in [10_001, 10_005] {
        for (talk, next) in
            [(begun().during([slice(1)]), "cancel"), (begun().loses("slice 1").during([slice(1)]), "cancel")]
        {
            let talk = talk.abandoned().hears(slice(1), &no(code));
            assert_eq!(talk.fell, None, "{code}");
            let next = if code == 10_005 { "left Nothing" } else { next };
            talk.during([]).ends(next);
        }
    }
    let complete = sent().abandoned().during([Call::Complete]).hears(Call::Complete, &stored());
    complete.during([]).ends(&format!("{DONE} 0"));
}
