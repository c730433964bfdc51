//! An upload step by step, until it has a session: what is read and asked, and what follows from each answer.

mod talk;

use std::time::Duration;

use resumable_core::HashKind;
use resumable_core::Invalidated::{Digests, Session};
use resumable_proto_cos_v2::{Call, Integrity, Options};
use serde_json::json;
use talk::*;

const UPLOAD: &str = "upload";
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

fn overwriting(options: Options) -> Options {
    options.insert_only(false)
}

fn replacing() -> Options {
    slices().replace_unfinished(true)
}

// ── what is read before the first byte is sent, and which way a file goes

#[test]
fn one_pass_takes_what_the_first_request_needs() {
    const MIB: u64 = 1 << 20;
    let large = || Options::default().one_request_max(0);
    for (options, len, first, then) in [
        (small(), 0, Some("hash Sha1"), UPLOAD),
        (small(), S, Some("hash Sha1"), UPLOAD),
        (small(), S + 1, Some(HASH), INIT),
        (slices(), 0, Some("hash Sha1"), UPLOAD),
        (slices(), 1, Some(HASH), INIT),
        (small().integrity(Integrity::Sha1), S, Some("hash Sha1"), UPLOAD),
        (small().integrity(Integrity::Sha1), S + 1, Some("hash Sha1"), INIT),
        (small().integrity(Integrity::None), S, None, UPLOAD),
        (small().integrity(Integrity::None), S + 1, None, INIT),
        (large().part_size(MIB / 2), MIB, Some("hash Sha1 chain/524288"), INIT),
        (large(), MIB, Some("hash Sha1 chain/1048576"), INIT),
        (large().part_size(3 * MIB), MIB, Some("hash Sha1 chain/1048576"), INIT),
    ] {
        let talk = Talk::new(len, options);
        match first {
            Some(pass) => talk.hashes(pass),
            None => talk,
        }
        .ends(then);
    }
}

#[test]
fn a_source_without_a_time_of_change_is_hashed_whatever_the_options_say() {
    for (changed, version, expected) in
        [(false, None, "hash Sha1"), (true, None, INIT), (false, Some("v1".to_owned()), INIT)]
    {
        let mut talk = Talk::new(LEN, unhashed());
        talk.source.changed = talk.source.changed.filter(|_| changed);
        talk.source.version = version;
        talk.state.session = resumable_core::Protocol::open(&talk.to, &talk.source, 0);
        talk.ends(expected);
    }
}

#[test]
fn the_largest_file_is_the_one_that_the_options_allow() {
    let most = || slices().file_max(LEN);
    Talk::new(LEN, most()).ends(HASH);
    let too_big = Talk::new(LEN + 1, most());
    assert_eq!(too_big.says(), format!("fail FileTooBig {{ filesize: {} }}", LEN + 1));
}

/// The states are for init alone, and the SHA-1 is in the checkpoint.
#[test]
fn a_session_is_gone_on_with_unread_and_a_new_one_needs_the_states() {
    let gone = Talk::halfway(LEN, slices()).falls(LIST, &nothing(), Session);
    assert_eq!(gone.confirmed(), 0);
    gone.hashes(CHAIN).asks(INIT, &opened(true)).ends("data 0+64");
    let mut unread = Talk::halfway(LEN, slices());
    unread.digests.clear();
    unread.hashes("hash Sha1").ends(LIST);
}

/// Options may change between two runs; what init has begun, `upload` does not end.
#[test]
fn a_small_file_that_was_announced_does_not_go_in_one_request() {
    let announced = |init: &'static str| Talk::saved(S, small(), move |session| session["init"] = json!(init));
    announced("never").ends(UPLOAD);
    announced("asked").hashes(CHAIN).ends(INIT);
    announced("unsure").hashes(CHAIN).ends(INIT);
    Talk::halfway(S, small()).asks(LIST, &listed("S1", &[0], "")).ends(FINISH);
}

/// That an init has no answer is no less true after the file was read.
#[test]
fn a_pass_forgets_no_init_and_invents_none() {
    for (len, options, before, after) in [
        (LEN, slices(), "never", "asked"),
        (LEN, slices(), "asked", "asked"),
        (LEN, slices(), "unsure", "unsure"),
        (S, small(), "never", "never"),
        (S + 1, small(), "never", "asked"),
    ] {
        let mut talk = Talk::saved(len, options, |session| session["init"] = json!(before));
        talk.digests.clear();
        let pass = talk.says();
        let talk = talk.hashes(&pass);
        assert_eq!(serde_json::to_value(&talk.state.session).unwrap()["init"], after, "{len} {before}");
    }
}

// ── the file in one request

#[test]
fn upload_and_its_answers() {
    let to = |options| Talk::new(S, options).hashes("hash Sha1");
    to(small()).asks(UPLOAD, &complete()).ends("done OneRequest proven");
    Talk::new(S, small().integrity(Integrity::None)).asks(UPLOAD, &complete()).ends("done OneRequest unproven");
    to(small()).falls(UPLOAD, &no(-4016), Digests).hashes("hash Sha1").ends(UPLOAD);
    to(small()).falls(UPLOAD, &no(-174), Digests).ends("hash Sha1");
    for code in [-177, -4018] {
        for options in [small(), overwriting(small())] {
            let talk = || to(options.clone()).asks(UPLOAD, &no(code));
            talk().asks(STAT, &object(S, Some(&ours(S)))).ends("done AlreadyThere proven");
            talk().asks(STAT, &object(S, Some(&others()))).ends("fail Exists");
            talk().asks(STAT, &object(S + 1, None)).ends("fail Exists");
            talk().falls(STAT, &nothing(), Session).ends(UPLOAD);
            talk().falls(STAT, &half_an_object(S, &ours(S)), Session).ends(UPLOAD);
        }
    }
}

/// Without a digest in the vendor's answer, only the vendor itself can have compared the content.
#[test]
fn an_object_without_a_digest_is_ours_only_if_the_vendor_says_the_same() {
    let none = || small().integrity(Integrity::None);
    for (options, code, end) in [
        (small(), -4018, "done AlreadyThere proven"),
        (small(), -177, "fail Exists"),
        (none(), -4018, "fail Exists"),
        (none(), -177, "fail Exists"),
    ] {
        let mut talk = Talk::new(S, options);
        if talk.says() == "hash Sha1" {
            talk.knows(HashKind::Sha1);
        }
        talk.asks(UPLOAD, &no(code)).asks(STAT, &object(S, None)).ends(end);
    }
    let unread = || Talk::new(S, none()).asks(UPLOAD, &no(-177));
    unread().asks(STAT, &object(S, Some(&ours(S)))).hashes("hash Sha1").ends("done AlreadyThere proven");
    unread().asks(STAT, &object(S, Some(&others()))).hashes("hash Sha1").ends("fail Exists");
}

#[test]
fn a_lost_upload_is_looked_for() {
    let lost = |options| Talk::new(S, options).hashes("hash Sha1").loses(UPLOAD);
    let finished = |options| lost(options).asks(LIST, &complete());
    for options in [small(), overwriting(small())] {
        lost(options.clone()).asks(LIST, &nothing()).ends(UPLOAD);
        lost(options.clone()).asks(LIST, &listed("S9", &[0], "")).ends(UPLOAD);
        finished(options.clone()).asks(STAT, &object(S, Some(&ours(S)))).ends("done OneRequest proven");
        finished(options.clone()).asks(STAT, &nothing()).ends(UPLOAD);
        finished(options.clone()).asks(STAT, &half_an_object(S, &ours(S))).ends(UPLOAD);
        finished(options).asks(STAT, &object(S, None)).ends(UPLOAD);
    }
    finished(small()).asks(STAT, &object(S, Some(&others()))).ends("fail Exists");
    finished(small()).asks(STAT, &object(S + 1, None)).ends("fail Exists");
    // What stood there before is to be overwritten.
    finished(overwriting(small())).asks(STAT, &object(S, Some(&others()))).ends(UPLOAD);
    finished(overwriting(small())).asks(STAT, &object(S + 1, None)).ends(UPLOAD);
}

// ── init

#[test]
fn init_and_its_answers() {
    let init = |said| hashed(slices()).asks(INIT, &said);
    init(opened(true)).ends("data 0+64");
    init(complete()).ends("done Instant proven");
    for code in [-177, -4018] {
        let there = || hashed(slices()).asks(INIT, &no(code));
        there().asks(STAT, &object(LEN, Some(&ours(LEN)))).ends("done AlreadyThere proven");
        there().asks(STAT, &object(LEN, Some(&others()))).ends("fail Exists");
        there().falls(STAT, &nothing(), Session).ends(INIT);
    }
    init(no(-4020)).ends("fail Occupied");
    hashed(slices()).loses(INIT).ends(INIT);
    // The vendor knows no content that it was given no digest of.
    let unread = || Talk::new(LEN, unhashed()).asks(INIT, &complete());
    unread().asks(STAT, &object(LEN, Some(&ours(LEN)))).hashes("hash Sha1").ends("done AlreadyThere proven");
    unread().asks(STAT, &object(LEN, Some(&others()))).hashes("hash Sha1").ends("fail Exists");
}

/// -4019: ours unless something speaks against it.
#[test]
fn a_leftover_is_gone_on_with_if_it_can_be_ours() {
    let left = || hashed(slices()).asks(INIT, &no(-4019));
    let sha = |sha: &str| format!(r#","sha":"{sha}_9""#);
    let size = |len: u64| format!(r#","filesize":{len}"#);
    let far = ok(&format!(r#"{{"listparts":[{{"datalen":1,"offset":{LEN}}}],"session":"S9","slice_size":{S}}}"#));
    for (said, next, confirmed) in [
        (listed("S9", &[], ""), "data 0+64", 0),
        (listed("S9", &[0], ""), "data 1+64", S),
        (listed("S9", &[1], &size(LEN)), "data 0+64", S),
        (listed("S9", &[0, 1], &sha(&ours(LEN))), FINISH, LEN),
        (listed("S9", &[0], &(sha(&ours(LEN)) + &size(LEN))), "data 1+64", S),
        (listed("S9", &[0], &size(LEN - 1)), "fail Occupied", 0),
        (listed("S9", &[0], &(sha(&ours(LEN)) + &size(LEN + 1))), "fail Occupied", 0),
        (listed("S9", &[0], &sha(&others())), "fail Occupied", 0),
        (listed("S9", &[0, 2], ""), "fail Occupied", 0),
        (listed("S9", &[2], &sha(&ours(LEN))), "fail Occupied", 0),
        (far, "fail Occupied", 0),
    ] {
        let talk = left().asks(LIST, &said);
        assert_eq!((talk.says().as_str(), talk.confirmed()), (next, confirmed), "{said:?}");
    }
    left().falls(LIST, &nothing(), Session).ends(INIT);
}

/// A list does not say whether slices may go side by side.
#[test]
fn the_slices_of_a_session_that_was_found_go_one_after_the_other() {
    let found = hashed(slices()).asks(INIT, &no(-4019)).asks(LIST, &listed("S9", &[], ""));
    found.during([Call::Data { offset: 0, datalen: S }]).ends("wait None");
}

#[test]
fn what_the_list_calls_finished_after_a_leftover_is_compared() {
    let finished = |options| hashed(options).asks(INIT, &no(-4019)).asks(LIST, &complete());
    for options in [slices(), overwriting(slices())] {
        finished(options.clone()).asks(STAT, &object(LEN, Some(&ours(LEN)))).ends("done AlreadyThere proven");
        finished(options).falls(STAT, &nothing(), Session).ends(INIT);
    }
    finished(slices()).asks(STAT, &object(LEN, Some(&others()))).ends("fail Exists");
    finished(slices()).asks(STAT, &object(LEN, None)).ends("fail Exists");
    // The list shows the older object in place of our unfinished upload, which nobody can go on with then.
    finished(overwriting(slices())).asks(STAT, &object(LEN, Some(&others()))).ends("fail Hidden");
    finished(overwriting(slices())).asks(STAT, &object(LEN, None)).ends("fail Hidden");
}

/// Without a hash, an empty session is ours only after an init of ours without an answer.
#[test]
fn without_a_hash_a_session_is_found_by_a_lost_init_alone() {
    for code in [-4019, -4020] {
        let asked = || Talk::new(LEN, unhashed()).asks(INIT, &no(code));
        let unsure = || Talk::new(LEN, unhashed()).loses(INIT).asks(INIT, &no(code));
        let size = |len: u64| format!(r#","filesize":{len}"#);
        unsure().asks(LIST, &listed("S9", &[], "")).ends("data 0+64");
        unsure().asks(LIST, &listed("S9", &[], &size(LEN))).ends("data 0+64");
        unsure().asks(LIST, &listed("S9", &[], &size(LEN + 1))).ends("fail Occupied");
        unsure().asks(LIST, &listed("S9", &[0], "")).ends("fail Occupied");
        asked().asks(LIST, &listed("S9", &[], "")).ends("fail Occupied");
        asked().asks(LIST, &listed("S9", &[0], "")).ends("fail Occupied");
        // A digest of somebody else's says nothing about a file that was not read.
        unsure().asks(LIST, &listed("S9", &[], &format!(r#","sha":"{}""#, others()))).ends("data 0+64");
        asked().falls(LIST, &nothing(), Session).ends(INIT);
    }
}

// ── a stranger's unfinished upload

fn strange() -> Talk {
    hashed(replacing()).asks(INIT, &no(-4020))
}

#[test]
fn a_strangers_upload_is_replaced_once() {
    let deleted = |said| strange().asks(LIST, &listed("x", &[0], "")).asks(STAT, &nothing()).asks(DELETE, &said);
    for said in [ok("{}"), nothing()] {
        deleted(said.clone()).asks(INIT, &opened(true)).ends("data 0+64");
        deleted(said).asks(INIT, &no(-4020)).ends("fail Occupied");
    }
    // One that is gone by itself was not replaced by us.
    let gone = strange().asks(LIST, &nothing()).asks(INIT, &no(-4020));
    gone.asks(LIST, &listed("y", &[], "")).asks(STAT, &nothing()).asks(DELETE, &ok("{}")).ends(INIT);
    strange().asks(LIST, &listed("x", &[], "")).asks(STAT, &object(7, None)).ends("fail Occupied");
    strange().asks(LIST, &listed("x", &[], "")).asks(STAT, &half_an_object(7, &others())).ends(DELETE);
    let finished = || strange().asks(LIST, &complete());
    finished().asks(STAT, &object(LEN, Some(&ours(LEN)))).ends("done AlreadyThere proven");
    finished().asks(STAT, &object(LEN, Some(&others()))).ends("fail Exists");
}

#[test]
fn a_lost_delete_is_looked_for_and_strikes_nobody_else() {
    let lost = || strange().asks(LIST, &listed("x", &[0], "")).asks(STAT, &nothing()).loses(DELETE);
    lost().asks(LIST, &listed("x", &[0], "")).asks(STAT, &nothing()).asks(DELETE, &ok("{}")).ends(INIT);
    lost().asks(LIST, &listed("y", &[], "")).ends("fail Occupied");
    lost().asks(LIST, &nothing()).asks(INIT, &no(-4020)).ends("fail Occupied");
    lost().asks(LIST, &nothing()).asks(INIT, &opened(true)).ends("data 0+64");
}

/// What was seen more than ten seconds ago proves nothing.
#[test]
fn what_was_seen_a_while_ago_is_looked_at_again_before_a_delete() {
    let vacant = || strange().asks(LIST, &listed("x", &[0], "")).asks(STAT, &nothing());
    vacant().ends(DELETE);
    vacant().after(Duration::from_secs(10)).ends(DELETE);
    vacant()
        .after(Duration::from_millis(10_001))
        .asks(LIST, &listed("x", &[0], ""))
        .asks(STAT, &nothing())
        .ends(DELETE);
}
