//! What the vendor finds about our content and our session is remembered until it is acted on, whatever it answers next.

mod far;

use std::time::Duration;

use far::{
    Crash, Run, SLICE, Server, Trouble, Whole, World, content, go_on, parallel, refusal, slices, start, success,
};
use resumable_core::{Failure, How};
use resumable_proto_cos_v1::{CosV1, Fault, ObjectPath, Options, Place};

fn says((status, body): (u16, String)) -> Trouble {
    Trouble::Says(status, body)
}

/// An upload of five slices that was broken off after two of them, and whose file then changed without a trace.
fn changed_in_the_middle(options: &Options) -> Run {
    let mut world = World::new(Server::new(), content(5 * SLICE));
    world.server.whole = Whole::Compared;
    world.crash = Some(Crash { at: 7, after: true });
    let mut first = start(world, options.clone());
    assert!(first.end.is_none() && first.world.server.upload.is_some(), "{:?}", first.asked);
    first.world.crash = None;
    first.world.content[3 * 16 + 1] ^= 1;
    first
}

/// -4016 to the last slice, and then -288 to the same slice: the vendor has thrown the session away.
#[test]
fn field_bug_58_a_verdict_outlives_the_retry_that_asked_for_it() {
    for options in [slices(), parallel()] {
        let first = changed_in_the_middle(&options);
        let saved = first.saved.last().cloned();
        let again = go_on(first.world, &options, saved);
        let sent = again.asked.iter().filter(|name| name.starts_with("slice@")).count();
        assert!(sent <= 5 + 1 + 5, "the rest, the last slice once more, and all of it: {:?}", again.asked);
        assert_eq!(again.complete().how, How::Parts);
    }
}

/// Wherever the run that met it ends, the next one goes on from the verdict.
#[test]
fn field_bug_58_the_next_run_knows_the_verdict() {
    let options = slices();
    let first = changed_in_the_middle(&options);
    let effects = go_on(first.world, &options, first.saved.last().cloned()).effects;
    for at in 0..effects {
        for after in [false, true] {
            let mut first = changed_in_the_middle(&options);
            first.world.crash = Some(Crash { at, after });
            let mut met = go_on(first.world, &options, first.saved.last().cloned());
            met.world.crash = None;
            let saved = met.saved.last().cloned().or(first.saved.last().cloned());
            let next = go_on(met.world, &options, saved);
            let sent = next.asked.iter().filter(|name| name.starts_with("slice@")).count();
            assert!(sent <= 5 + 1 + 5, "{at} {after}: {:?}", next.asked);
            next.complete();
        }
    }
}

/// Whatever comes between the verdict and the retry's answer.
#[test]
fn field_bug_58_no_answer_makes_the_verdict_forgotten() {
    let opened = |offset: u64| success(&format!(r#""offset":{offset},"session":"S9","slice_size":16"#));
    for answer in [refusal(-288), refusal(-166), refusal(-197), success(r#""offset":1,"session":"S1+a/b==""#)] {
        let world = World::new(Server::new(), content(2 * SLICE)).with(2, says(refusal(-4016))).with(3, says(answer));
        let run = start(world, slices());
        assert_eq!(run.asked[..4], ["init", "slice@0", "slice@16", "slice@16"]);
        let mut hashed_again = run;
        hashed_again.world.server.whole = Whole::Compared;
        hashed_again.complete();
    }
    // A lost retry, and then a session that begins anew.
    let mut world = World::new(Server::new(), content(2 * SLICE));
    world = world.with(2, says(refusal(-4016))).with(3, Trouble::LostBefore).with(4, says(opened(0)));
    for request in [5, 6, 7] {
        world = world.with(request, says(refusal(-4016)));
    }
    let run = start(world, slices());
    assert_eq!(run.asked[4..6], ["init S1+a/b==", "init"], "hashed again, and so announced anew: {:?}", run.asked);
}

/// The vendor finds it again after the file was hashed again: an error, not a fourth sending of the file.
#[test]
fn field_bug_58_a_verdict_that_stays_is_an_error_that_says_so() {
    let mut world = World::new(Server::new(), content(2 * SLICE));
    for (request, code) in [(2, -4016), (3, -288), (6, -4016), (7, -288)] {
        world = world.with(request, says(refusal(code)));
    }
    let run = start(world, slices());
    assert_eq!(run.bytes_sent, 2 * (2 * SLICE + SLICE), "{:?}", run.asked);
    let saved = run.saved.last().cloned();
    let end = run.end.unwrap();
    assert!(matches!(end, Err(Failure::Integrity(_))), "{end:?}");
    go_on(run.world, &slices(), saved).complete();
}

/// -5999 may mean an unknown session, or a wrong slice. In each of several that the vendor has just named it is the slice.
#[test]
fn field_bug_58_a_slice_that_is_refused_in_new_sessions_too_is_a_refusal() {
    let mut world = World::new(Server::new(), content(3 * SLICE));
    for request in [1, 3, 5, 7] {
        world = world.with(request, says(refusal(-5999)));
    }
    let run = start(world, slices());
    assert_eq!(run.asked, ["init", "slice@0"].repeat(4));
    let saved = run.saved.last().cloned();
    let end = run.end.unwrap();
    assert!(matches!(&end, Err(Failure::Refused(Fault::Answer(why))) if why.code() == Some(-5999)), "{end:?}");
    go_on(run.world, &slices(), saved).complete();
}

/// A code that no table explains is told at once, whatever the call.
#[test]
fn field_bug_61_a_code_that_nobody_explains_is_told_at_once() {
    let mut small = slices();
    small.one_request_max = 100;
    for (request, options) in [(0, slices()), (1, slices()), (2, slices()), (0, small)] {
        let body = r#"{"code":-4242,"message":"ERROR_ODD","request_id":"NTk5"}"#;
        let world = World::new(Server::new(), content(2 * SLICE)).with(request, Trouble::Says(400, body.into()));
        let run = start(world, options.clone());
        assert_eq!(run.asked.len(), request + 1);
        let saved = run.saved.last().cloned();
        let failure = run.end.unwrap().unwrap_err();
        let text = failure.to_string();
        assert!(matches!(failure, Failure::Refused(_)) && text.contains("code -4242, \"ERROR_ODD\""), "{text}");
        assert!(text.contains("request id NTk5"), "{text}");
        go_on(run.world, &options, saved).complete();
    }
}

#[test]
fn field_bug_78_options_that_no_request_could_be_made_by_are_refused() {
    let place = || Place::new("http://h", "1", "b", ObjectPath::new("/f").unwrap()).unwrap();
    for size in [0, 7, (1 << 20) + 1] {
        let mut options = Options::default();
        options.part_size = size;
        let error = CosV1::new(place(), options).unwrap_err();
        let says = format!("part_size must be 524288, 1048576, 2097152 or 3145728 bytes, and is {size}");
        assert_eq!(error.to_string(), says);
    }
    for life in [0, 59, 90 * 86_400 + 1] {
        let mut options = Options::default();
        options.signature_life = Duration::from_secs(life);
        let error = CosV1::new(place(), options).unwrap_err();
        assert_eq!(error.to_string(), format!("signature_life must be from 1m to 90d, and is {life} s"));
    }
    assert!(CosV1::new(place(), Options::default()).is_ok());
}
