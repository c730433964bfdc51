//! An upload that is given up, from every state: what is asked, what is deleted, and what is said to be left.

mod talk;

use std::time::Duration;

use resumable_core::Intent;
use resumable_core::Invalidated::{Digests, Session};
use resumable_proto_cos_v2::{Integrity, Options};
use serde_json::json;
use talk::*;

const LIST: &str = "upload_slice_list";
const STAT: &str = "stat";
const DELETE: &str = "delete";
const LEN: u64 = 2 * S;

fn halfway(options: Options) -> Talk {
    Talk::halfway(LEN, options).abandoned()
}

#[test]
fn nothing_is_left_of_what_never_began() {
    Talk::new(S, small()).abandoned().ends("left Nothing");
    Talk::new(S, small()).hashes("hash Sha1").abandoned().ends("left Nothing");
    Talk::new(LEN, slices()).abandoned().ends("left Nothing");
    // A file that is too large is given up like any other.
    Talk::new(LEN, slices().file_max(1)).abandoned().ends("left Nothing");
}

/// An init may have opened a session whose name nobody knows.
#[test]
fn what_an_init_may_have_left_is_not_known() {
    Talk::new(LEN, slices()).hashes("hash Sha1 chain/64").abandoned().ends("left Unknown");
    Talk::new(LEN, unhashed()).abandoned().ends("left Unknown");
    Talk::new(LEN, unhashed()).loses("upload_slice_init").abandoned().ends("left Unknown");
}

#[test]
fn a_lost_upload_is_looked_for_before_anything_is_said() {
    let lost = || Talk::new(S, small()).hashes("hash Sha1").loses("upload").abandoned();
    let finished = || lost().asks(LIST, &complete());
    lost().asks(LIST, &nothing()).ends("left Nothing");
    lost().asks(LIST, &listed("S9", &[0], "")).ends("left Nothing");
    finished().asks(STAT, &object(S, Some(&ours(S)))).ends("done OneRequest proven");
    finished().asks(STAT, &object(S, Some(&others()))).ends("left Object");
    finished().asks(STAT, &object(S, None)).ends("left Object");
    finished().asks(STAT, &nothing()).ends("left Nothing");
    let unread = Talk::new(S, small().integrity(Integrity::None)).loses("upload").abandoned();
    // Nobody reads a file only to say whose the object is that is left.
    unread.asks(LIST, &complete()).asks(STAT, &object(S, Some(&ours(S)))).ends("left Object");
}

#[test]
fn only_a_session_of_ours_is_deleted() {
    for options in [slices(), slices().insert_only(false), unhashed()] {
        let found = || halfway(options.clone()).asks(LIST, &listed("S1", &[0], ""));
        let vacant = || found().asks(STAT, &nothing());
        vacant().asks(DELETE, &ok("{}")).ends("left Nothing");
        vacant().asks(DELETE, &nothing()).ends("left Nothing");
        vacant().after(Duration::from_secs(10)).ends(DELETE);
        vacant().after(Duration::from_secs(11)).ends(LIST);
        vacant().loses(DELETE).asks(LIST, &nothing()).ends("left Nothing");
        vacant().loses(DELETE).asks(LIST, &listed("S1", &[0], "")).asks(STAT, &nothing()).ends(DELETE);
        vacant().loses(DELETE).asks(LIST, &listed("S2", &[], "")).ends("left Nothing");
        found().asks(STAT, &half_an_object(LEN, &others())).ends(DELETE);
        // A delete might strike the finished object beside it.
        found().asks(STAT, &object(7, None)).ends("left Parts");
        halfway(options.clone()).asks(LIST, &nothing()).ends("left Nothing");
        halfway(options).asks(LIST, &listed("S2", &[0], &format!(r#","sha":"{}""#, ours(LEN)))).ends("left Nothing");
    }
}

#[test]
fn an_object_where_our_session_was_is_ours_or_is_left() {
    for options in [slices(), slices().insert_only(false)] {
        let finished = || halfway(options.clone()).asks(LIST, &complete());
        finished().asks(STAT, &object(LEN, Some(&ours(LEN)))).ends("done Parts proven");
        finished().asks(STAT, &object(LEN, Some(&others()))).ends("left Object");
        finished().asks(STAT, &object(LEN + 1, None)).ends("left Object");
        finished().falls(STAT, &nothing(), Session).ends("left Unknown");
    }
    let unread = halfway(unhashed()).asks(LIST, &complete());
    unread.asks(STAT, &object(LEN, Some(&ours(LEN)))).ends("left Object");
}

/// The verdicts of the run so far do not keep an upload from being given up.
#[test]
fn an_upload_that_cannot_succeed_is_given_up_all_the_same() {
    let ready = |options| Talk::new(LEN, options).hashes("hash Sha1 chain/64");
    ready(slices()).asks("upload_slice_init", &no(-4020)).abandoned().ends("left Unknown");
    ready(slices()).asks("upload_slice_init", &no(-4019)).abandoned().ends("left Unknown");
    let there = ready(slices()).asks("upload_slice_init", &no(-177)).asks(STAT, &object(LEN, None));
    there.next_is("fail Exists").abandoned().ends("left Object");
    let wrong = || no(-5999);
    let one = Talk::halfway(LEN, slices()).asks(LIST, &listed("S1", &[0], ""));
    let one = one.falls("data 1+64", &wrong(), resumable_core::Invalidated::Nothing);
    let refused = one.asks(LIST, &listed("S1", &[0], "")).asks("data 1+64", &wrong());
    assert!(refused.says().starts_with("fail Vendor"));
    refused.abandoned().ends(LIST);
    let distrusted = Talk::saved(LEN, slices(), |session| {
        session["open"] = json!({"session": "S1", "slice_size": S, "serial": true});
        (session["init"], session["distrusted"]) = (json!("asked"), json!(true));
    });
    let distrusted = distrusted.abandoned().asks(LIST, &listed("S1", &[0], ""));
    distrusted.asks(STAT, &object(7, None)).ends("left Parts");
}

/// Given up while the file is read to be compared with what stands at the path.
#[test]
fn whoever_gives_up_waits_for_no_comparison() {
    let unread = || Talk::new(LEN, unhashed()).asks("upload_slice_init", &no(-177));
    let compared = || unread().asks(STAT, &object(LEN, Some(&others()))).next_is("hash Sha1");
    compared().abandoned().ends("left Object");
    // The pass was under way, and ends.
    let mut late = compared();
    late.knows(resumable_core::HashKind::Sha1);
    late.intent = Intent::Abandon;
    late.hears_of_the_pass().ends("left Object");
    unread().abandoned().asks(STAT, &object(LEN, Some(&others()))).ends("left Object");
}

/// A verdict on our content is of no interest then, but a session that is gone is.
#[test]
fn a_session_that_differs_is_deleted_like_any_other() {
    let one = || Talk::halfway(LEN, slices()).asks(LIST, &listed("S1", &[0], ""));
    let differs = || one().falls("data 1+64", &no(-4016), resumable_core::Invalidated::Nothing);
    let again = differs().asks(LIST, &listed("S1", &[0], "")).falls("data 1+64", &no(-4016), Digests).abandoned();
    again.asks(LIST, &listed("S1", &[0], "")).asks(STAT, &nothing()).asks(DELETE, &ok("{}")).ends("left Nothing");
    differs().abandoned().asks(LIST, &nothing()).ends("left Nothing");
}
