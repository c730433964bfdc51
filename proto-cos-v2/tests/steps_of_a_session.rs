//! An upload that has a session, step by step: what the list shows, what slices and finish are answered with, and what
//! waits while something is in flight.

mod talk;

use resumable_core::Invalidated::{Digests, Nothing, Session};
use resumable_proto_cos_v2::{Call, Options};
use serde_json::json;
use talk::*;

const INIT: &str = "upload_slice_init";
const LIST: &str = "upload_slice_list";
const FINISH: &str = "upload_slice_finish";
const STAT: &str = "stat";
const DELETE: &str = "delete";
const HASH: &str = "hash Sha1 chain/64";
const CHAIN: &str = "hash chain/64";
/// The file's length in most tests: two slices.
const LEN: u64 = 2 * S;

/// Up to the answer of the first init.
fn hashed(options: Options) -> Talk {
    Talk::new(LEN, options).hashes(HASH)
}

/// A session whose slices go one after the other, and both are stored.
fn sent() -> Talk {
    let talk = hashed(slices()).asks(INIT, &opened(true)).asks("data 0+64", &stored(0));
    assert_eq!(talk.confirmed(), S);
    let talk = talk.asks("data 1+64", &stored(S));
    assert_eq!(talk.confirmed(), LEN);
    talk
}

fn overwriting(options: Options) -> Options {
    options.insert_only(false)
}

// ── a session of ours

#[test]
fn a_later_run_lists_its_session_and_goes_on() {
    let talk = || Talk::halfway(LEN, slices());
    let size = |len: u64| format!(r#","filesize":{len}"#);
    let sha = |sha: &str| format!(r#","sha":"{sha}""#);
    for (said, next) in [
        (listed("S1", &[], ""), "data 0+64"),
        (listed("S1", &[0], &size(LEN)), "data 1+64"),
        (listed("S1", &[0], &sha(&ours(LEN))), "data 1+64"),
        (listed("S1", &[0, 1], ""), FINISH),
        // Another session, but tied to our content by the vendor.
        (listed("S2", &[0], &sha(&ours(LEN))), "data 1+64"),
    ] {
        talk().asks(LIST, &said).ends(next);
    }
    for said in [
        listed("S1", &[0], &size(LEN + 1)),
        listed("S1", &[0], &sha(&others())),
        listed("S1", &[2], ""),
        listed("S2", &[0], &sha(&others())),
        listed("S2", &[0], ""),
        listed("S2", &[], ""),
        nothing(),
    ] {
        talk().falls(LIST, &said, Session).ends(CHAIN);
    }
    let unread = || Talk::halfway(LEN, unhashed());
    unread().asks(LIST, &listed("S1", &[0], &sha(&others()))).ends("data 1+64");
    unread().falls(LIST, &listed("S2", &[], ""), Session).ends(INIT);
}

#[test]
fn an_object_where_our_session_was_is_compared() {
    let finished = |options| Talk::halfway(LEN, options).asks(LIST, &complete());
    for options in [slices(), overwriting(slices())] {
        finished(options.clone()).asks(STAT, &object(LEN, Some(&ours(LEN)))).ends("done Parts proven");
        finished(options).falls(STAT, &nothing(), Session).ends(CHAIN);
    }
    finished(slices()).asks(STAT, &object(LEN, Some(&others()))).ends("fail Exists");
    finished(slices()).asks(STAT, &object(LEN, None)).ends("fail Exists");
    // The list hides our session behind the older object: everything is sent into it once more, and only once.
    for there in [object(LEN, None), object(LEN, Some(&others())), object(LEN + 1, None)] {
        let again = finished(overwriting(slices())).asks(STAT, &there);
        assert_eq!(again.confirmed(), 0);
        let again = again.asks("data 0+64", &stored(0)).asks("data 1+64", &stored(S)).loses(FINISH);
        again.asks(LIST, &complete()).falls(STAT, &there, Session).ends(CHAIN);
    }
}

/// A finish of ours without an answer, the right length, and nothing older can be there.
#[test]
fn an_object_without_a_digest_is_ours_after_a_lost_finish_alone() {
    let lost = |options| {
        let talk = Talk::halfway(LEN, options).asks(LIST, &listed("S1", &[0, 1], "")).loses(FINISH);
        talk.asks(LIST, &complete())
    };
    lost(slices()).asks(STAT, &object(LEN, None)).ends("done Parts proven");
    lost(unhashed()).asks(STAT, &object(LEN, None)).ends("done Parts unproven");
    lost(slices()).asks(STAT, &object(LEN + 1, None)).ends("fail Exists");
    lost(slices()).asks(STAT, &complete()).ends("fail Exists");
    lost(slices()).asks(STAT, &object(LEN, Some(&others()))).ends("fail Exists");
    lost(overwriting(slices())).asks(STAT, &object(LEN, None)).ends("data 0+64");
    let unread = || lost(unhashed()).asks(STAT, &object(LEN, Some(&ours(LEN))));
    unread().hashes("hash Sha1").ends("done Parts proven");
    lost(unhashed()).asks(STAT, &object(LEN, Some(&others()))).hashes("hash Sha1").ends("fail Exists");
}

#[test]
fn a_slice_that_the_vendor_finds_different() {
    let differs = |talk: Talk| talk.falls("data 1+64", &no(-4016), Nothing);
    let one = || Talk::halfway(LEN, slices()).asks(LIST, &listed("S1", &[0], ""));
    // Once more; stored, it is settled, and the next time is a first time.
    let listed_again = || differs(one()).asks(LIST, &listed("S1", &[0], ""));
    listed_again().asks("data 1+64", &stored(S)).ends(FINISH);
    let settled = || listed_again().asks("data 1+64", &stored(S)).falls(FINISH, &no(-175), Nothing);
    differs(settled().asks(LIST, &listed("S1", &[0], ""))).ends(LIST);
    // Not settled: the file is read again, and the session deleted.
    let twice = listed_again().falls("data 1+64", &no(-4016), Digests);
    assert_eq!(twice.confirmed(), 0);
    let removed = twice.hashes("hash Sha1").asks(LIST, &listed("S1", &[0], "")).asks(STAT, &nothing());
    removed.asks(DELETE, &ok("{}")).hashes(CHAIN).ends(INIT);
    // Another slice stored settles nothing; another one that differs is a first time.
    let other = differs(one()).asks(LIST, &listed("S1", &[], "")).asks("data 0+64", &stored(0));
    other.falls("data 1+64", &no(-4016), Digests).ends("hash Sha1");
    differs(one()).asks(LIST, &listed("S1", &[], "")).falls("data 0+64", &no(-4016), Nothing).ends(LIST);
    // What is thrown away for it is not sent again unread.
    for gone in [nothing(), listed("S2", &[], "")] {
        differs(one()).falls(LIST, &gone, Digests).ends("hash Sha1");
    }
}

#[test]
fn slices_and_their_other_answers() {
    let one = || Talk::halfway(LEN, slices()).asks(LIST, &listed("S1", &[0], ""));
    one().falls("data 1+64", &stored_in("S2", S), Nothing).ends(LIST);
    for code in [-166, -197, -288] {
        one().falls("data 1+64", &no(code), Session).ends(CHAIN);
    }
    one().asks("data 1+64", &no(-4018)).asks(STAT, &object(LEN, None)).ends("done AlreadyThere proven");
    one().asks("data 1+64", &no(-177)).asks(STAT, &object(LEN, None)).ends("fail Exists");
    one().loses("data 1+64").ends("data 1+64");
    // A wrong parameter: an unknown session, unless the list shows it; and a stored slice makes it a first time again.
    let wrong = |talk: Talk| talk.falls("data 1+64", &no(-5999), Nothing);
    wrong(one()).falls(LIST, &nothing(), Session).ends(CHAIN);
    let again = wrong(one()).asks(LIST, &listed("S1", &[0], "")).asks("data 1+64", &no(-5999));
    assert!(again.says().starts_with("fail Vendor") && again.says().contains("-5999"), "{}", again.says());
    let stored_between = wrong(one()).asks(LIST, &listed("S1", &[], "")).asks("data 0+64", &stored(0));
    wrong(stored_between).ends(LIST);
}

/// Two slices side by side, both refused: only what is refused after the list has shown the session is the slice's fault.
#[test]
fn refusals_side_by_side_count_once() {
    let talk = hashed(slices()).asks(INIT, &opened(false)).falls("data 0+64", &no(-5999), Nothing);
    let second = Call::Data { offset: S, datalen: S };
    let talk = talk.hears(second, &no(-5999));
    assert_eq!(talk.fell, Some(Nothing));
    talk.ends(LIST);
}

#[test]
fn finish_and_its_answers() {
    sent().asks(FINISH, &complete()).ends("done Parts proven");
    sent().falls(FINISH, &no(-4016), Digests).hashes("hash Sha1").ends(LIST);
    sent().asks(FINISH, &no(-4018)).asks(STAT, &object(LEN, None)).ends("done AlreadyThere proven");
    sent().asks(FINISH, &no(-177)).asks(STAT, &object(LEN, None)).ends("fail Exists");
    sent().loses(FINISH).asks(LIST, &listed("S1", &[0, 1], "")).ends(FINISH);
    sent().loses(FINISH).falls(LIST, &nothing(), Session).ends(INIT);
    for code in [-175, -4019, -166, -197, -288, -5999] {
        sent().falls(FINISH, &no(code), Nothing).asks(LIST, &listed("S1", &[1], "")).ends("data 0+64");
        // Finished after all, by one whose answer was lost.
        let there = || sent().falls(FINISH, &no(code), Nothing).asks(LIST, &complete());
        there().asks(STAT, &object(LEN, Some(&ours(LEN)))).ends("done Parts proven");
    }
}

/// The list shows every slice, and finish says otherwise: so many times, then the session is deleted, and another one
/// opened, once.
#[test]
fn a_session_that_cannot_be_finished() {
    let all = || listed("S1", &[0, 1], "");
    for (code, times) in [(-175, 3), (-4019, 3), (-288, 1), (-5999, 1)] {
        let refused =
            |talk: Talk| (0..times).fold(talk, |talk, _| talk.falls(FINISH, &no(code), Nothing).asks(LIST, &all()));
        let given_up = refused(sent()).falls(FINISH, &no(code), Session);
        assert_eq!(given_up.confirmed(), 0);
        let given_up = given_up.asks(LIST, &all()).asks(STAT, &nothing()).asks(DELETE, &ok("{}"));
        let again = given_up.asks(INIT, &opened(true)).asks("data 0+64", &stored(0)).asks("data 1+64", &stored(S));
        let end = refused(again).asks(FINISH, &no(code)).says();
        assert!(end.starts_with("fail"), "{code}: {end}");
        // A slice that arrives between is new hope.
        let between = sent().falls(FINISH, &no(code), Nothing).asks(LIST, &listed("S1", &[0], ""));
        refused(between.asks("data 1+64", &stored(S))).falls(FINISH, &no(code), Session).ends(LIST);
    }
}

/// A session with other content than it should have.
#[test]
fn a_distrusted_session_is_deleted_or_sent_again_whole() {
    let distrusted = || {
        Talk::saved(LEN, slices(), |session| {
            session["open"] = json!({"session": "S1", "slice_size": S, "serial": true});
            (session["init"], session["distrusted"]) = (json!("asked"), json!(true));
        })
    };
    let all = || listed("S1", &[0, 1], "");
    distrusted().asks(LIST, &all()).asks(STAT, &nothing()).asks(DELETE, &ok("{}")).ends(CHAIN);
    distrusted().asks(LIST, &all()).asks(STAT, &nothing()).loses(DELETE).ends(LIST);
    distrusted().asks(LIST, &nothing()).ends(CHAIN);
    distrusted().falls(LIST, &listed("S2", &[0], ""), Session).ends(CHAIN);
    distrusted().asks(LIST, &complete()).asks(STAT, &object(LEN, Some(&others()))).ends("fail Exists");
    // A finished object stands beside it, so that nothing is deleted.
    let beside = || distrusted().asks(LIST, &all()).asks(STAT, &object(7, None));
    let whole = || beside().asks("data 0+64", &stored(0)).asks("data 1+64", &stored(S));
    whole().asks(FINISH, &complete()).ends("done Parts proven");
    // To send it once more would be of no use.
    whole().asks(FINISH, &no(-4016)).ends("fail Occupied");
}

// ── what is in flight

/// While a call without slices is on its way, nothing else leaves.
#[test]
fn one_call_at_a_time_but_for_slices() {
    let slice = || Call::Data { offset: 0, datalen: S };
    let begun = || hashed(slices()).asks(INIT, &opened(false));
    for call in [Call::Upload, Call::Init, Call::List, Call::Finish, Call::Delete, Call::Stat] {
        hashed(slices()).during([call.clone()]).ends("wait None");
        begun().during([call.clone()]).ends("wait None");
        begun().during([slice(), call]).ends("wait None");
    }
    begun().during([slice()]).ends("data 1+64");
    hashed(slices()).asks(INIT, &opened(true)).during([slice()]).ends("wait None");
    let unsaid = ok(&format!(r#"{{"session":"S1","slice_size":{S}}}"#));
    hashed(slices()).asks(INIT, &unsaid).during([slice()]).ends("data 1+64");
}

/// What needs a quiet moment waits for the slices that are on their way.
#[test]
fn slices_on_their_way_are_waited_for() {
    let last = || [Call::Data { offset: S, datalen: S }];
    for quiet in [
        sent(),
        Talk::halfway(LEN, slices()),
        hashed(slices()).asks(INIT, &no(-177)),
        sent().falls(FINISH, &no(-4016), Digests).hashes("hash Sha1"),
        Talk::halfway(LEN, slices()).abandoned(),
    ] {
        let next = quiet.says();
        quiet.during(last()).next_is("wait None").during([]).ends(&next);
    }
    let wrong =
        Talk::halfway(LEN, slices()).asks(LIST, &listed("S1", &[0], "")).falls("data 1+64", &no(-5999), Nothing);
    let wrong = wrong.asks(LIST, &listed("S1", &[0], "")).asks("data 1+64", &no(-5999));
    wrong.during(last()).ends("wait None");
    let both = hashed(slices()).asks(INIT, &opened(false)).asks("data 0+64", &stored(0));
    both.during(last()).ends("wait None");
}

/// No slice begins more than four windows after the first one that is missing.
#[test]
fn slices_do_not_run_away_from_the_first_missing_one() {
    let mut talk = Talk::new(20 * S, slices()).hashes(HASH).asks(INIT, &opened(false));
    talk.in_flight = vec![Call::Data { offset: 0, datalen: S }];
    for slice in 1..8 {
        talk = talk.asks(&format!("data {slice}+64"), &stored(slice * S));
    }
    talk.ends("wait None");
}
