//! An upload step by step: what is asked, what follows from each answer, and what is said to be left of one that is given
//! up.

mod far;
mod talk;

use std::time::Duration;

use far::{refusal, says, success};
use resumable_core::Invalidated::{Digests, Nothing, Session};
use resumable_proto_115::{Call, Fault};
use serde_json::json;
use talk::*;

/// The file's length in most tests: two parts and a half.
const LEN: u64 = 250;
/// One that goes in one request.
const SMALL: u64 = 60;

/// The bytes are wanted.
fn announced() -> Talk {
    Talk::new(LEN).asks("init", &wanted("object1"))
}

/// An upload is open at the storage.
fn begun() -> Talk {
    announced().asks("get_token", &keys()).asks("InitiateMultipartUpload", &opened())
}

/// All parts are there.
fn sent() -> Talk {
    begun().sends(1).sends(2).sends(3)
}

/// Nobody knows whether the file is in the drive.
fn doubtful() -> Talk {
    sent().asks("CompleteMultipartUpload", &error(203, "CallbackFailed"))
}

/// The vendor has said that it has the file, and no more.
fn unseen() -> Talk {
    sent().asks("CompleteMultipartUpload", &success(&json!({"file_id": "77"})))
}

#[test]
fn a_file_and_its_answers() {
    let talk = Talk::new(LEN).next_is("hash 0..250").hashed().next_is("init");
    assert_eq!(talk.confirmed(), 0);
    assert_eq!(begun().sends(1).confirmed(), 100);
    let sha1 = talk.sha1();
    let done = sent().asks("CompleteMultipartUpload", &registered(LEN, &sha1));
    assert_eq!(done.confirmed(), LEN);
    done.later().ends("done Parts Some(\"77\") Some(\"x(2)\")");
    let small = Talk::new(SMALL).asks("init", &wanted("object1")).asks("get_token", &keys());
    let sha1 = small.sha1();
    let small = small.asks("PutObject", &registered(SMALL, &sha1));
    assert_eq!(small.confirmed(), SMALL);
    small.ends("done OneRequest Some(\"77\") Some(\"x(2)\")");
    let known = Talk::new(LEN).asks("init", &success(&json!({"status": 2, "file_id": "5", "file_name": "y"})));
    known.ends("done Instant Some(\"5\") Some(\"y\")");
}

/// The beginning is a digest of its own where the file is longer, and the same one where it is not.
#[test]
fn a_file_is_hashed_before_it_is_announced() {
    for (len, expected) in [
        (0, "hash 0..0"),
        (131_071, "hash 0..131071"),
        (131_072, "hash 0..131072"),
        (131_073, "hash 0..131073 0..131072"),
    ] {
        Talk::new(len).ends(expected);
    }
    Talk::to("/a/x", LEN, tiny()).ends("look 1");
}

#[test]
fn one_call_at_a_time() {
    for call in [Call::Init { proof: false }, Call::Resume, Call::GetToken, Call::Check, Call::Look { depth: 1 }] {
        for talk in [Talk::new(LEN), begun(), doubtful(), unseen()] {
            talk.during([call.clone()]).next_is("wait").abandoned().ends("wait");
        }
    }
}

// ── proofs

/// A question counts against the three while the key of the one before is not old.
#[test]
fn questions_that_come_soon_are_counted_and_late_ones_are_not() {
    let asked = |pause| {
        let mut talk = Talk::new(LEN).asks("init", &question("3-9"));
        for _ in 0..2 {
            talk = talk.after(Duration::from_secs(pause)).asks("prove", &question("3-9"));
        }
        talk.after(Duration::from_secs(pause))
    };
    for pause in [0, 59] {
        asked(pause).asks("prove", &wanted("object1")).ends("get_token");
        let fell = asked(pause).falls("prove", &question("3-9"), Digests);
        fell.next_is("hash 0..250").hashed().ends("init");
    }
    for pause in [60, 3600] {
        asked(pause).asks("prove", &question("3-9")).ends("prove");
    }
}

#[test]
fn a_refused_proof_is_counted_like_a_question() {
    let refused = |pause: u64| {
        let mut talk = Talk::new(LEN).asks("init", &question("3-9")).after(Duration::from_secs(pause));
        for _ in 0..2 {
            talk = talk.falls("prove", &disbelief(), Nothing);
        }
        talk
    };
    refused(0).falls("prove", &disbelief(), Digests).next_is("hash 0..250").hashed().ends("init");
    refused(59).falls("prove", &disbelief(), Digests).next_is("hash 0..250").hashed().ends("init");
    refused(60).falls("prove", &disbelief(), Nothing).falls("prove", &disbelief(), Nothing).ends("prove");
    // Before anything was asked, nothing is counted.
    let mut talk = Talk::new(LEN);
    for _ in 0..4 {
        talk = talk.falls("init", &disbelief(), Nothing);
    }
    talk.ends("init");
}

#[test]
fn a_lost_proof_is_no_refused_one() {
    let twice = || Talk::new(LEN).asks("init", &question("3-9")).asks("prove", &question("3-9"));
    let thrice = twice().asks("prove", &question("3-9")).loses("prove");
    assert_eq!(thrice.session()["unsure_init"], json!(true));
    thrice.asks("prove", &question("3-9")).asks("prove", &question("3-9")).ends("prove");
}

#[test]
fn a_proof_is_of_bytes_that_there_are() {
    for (sign_check, next) in [("0-249", "prove"), ("249-249", "prove"), ("0-250", "fail BadChallenge")] {
        Talk::new(LEN).asks("init", &question(sign_check)).hashed().ends(next);
    }
    Talk::new(LEN).asks("init", &question("3-9")).ends("hash 3..10");
}

// ── resume

#[test]
fn a_new_run_asks_where_the_bytes_go() {
    let later = || begun().sends(1).later();
    let same = later().asks("resume", &resumed("task2", "object1")).asks("get_token", &keys()).next_is("ListParts");
    assert_eq!(same.session()["phase"]["send"]["task"]["pick_code"], json!("task2"));
    let unnamed = later().asks("resume", &resumed("", "object1"));
    assert_eq!(unnamed.session()["phase"]["send"]["task"]["pick_code"], json!("task1"));
    // Nothing was sent to the old place.
    announced()
        .later()
        .asks("resume", &resumed("task2", "object2"))
        .asks("get_token", &keys())
        .ends("InitiateMultipartUpload");
    let moved = later().falls("resume", &resumed("task2", "object2"), Session);
    assert_eq!((moved.confirmed(), &moved.session()["phase"]["send"]["task"]["object"]), (0, &json!("object2")));
    moved.asks("get_token", &keys()).ends("InitiateMultipartUpload");
    let bucket = success(&json!({"bucket": "another", "object": "object1", "callback": far::callback("t")}));
    later().falls("resume", &bucket, Session).ends("get_token");
}

#[test]
fn a_resume_that_is_refused_ends_the_task_at_once_or_after_three_tries() {
    for code in [20_018, 990_002, 10_014, 10_002] {
        begun().later().falls("resume", &refusal(code), Session).ends("init");
    }
    begun().later().falls("resume", &nothing(), Session).ends("init");
    for code in [990_003, 4242] {
        let mut talk = begun().later();
        for _ in 0..3 {
            talk = talk.falls("resume", &refusal(code), Nothing);
        }
        talk.falls("resume", &refusal(code), Session).ends("init");
    }
}

/// What may be finished is not sent again before 115 was asked.
#[test]
fn a_task_in_doubt_is_asked_for_before_it_is_given_up() {
    let doubt = || sent().loses("CompleteMultipartUpload").later();
    for answer in [refusal(20_018), nothing(), resumed("task2", "object2")] {
        doubt().asks("resume", &answer).next_is("wait 2s").after(Duration::from_secs(2)).ends("init");
    }
    doubt().asks("resume", &resumed("task2", "object1")).asks("get_token", &keys()).ends("ListParts");
    let gone = doubt().asks("resume", &resumed("task2", "object1")).asks("get_token", &keys());
    gone.asks("ListParts", &error(404, "NoSuchUpload")).next_is("wait 2s").after(Duration::from_secs(2)).ends("init");
}

#[test]
fn only_what_finishes_an_object_leaves_a_doubt() {
    for (talk, name, doubt) in [
        (announced().asks("get_token", &keys()), "InitiateMultipartUpload", false),
        (begun(), "part 1", false),
        (sent(), "CompleteMultipartUpload", true),
        (Talk::new(SMALL).asks("init", &wanted("o")).asks("get_token", &keys()), "PutObject", true),
    ] {
        let lost = talk.loses(name);
        assert_eq!(lost.session()["phase"]["send"]["doubt"], json!(doubt), "{name}");
    }
    for (talk, name) in
        [(announced(), "get_token"), (begun().later(), "resume"), (Talk::to("/a/x", LEN, tiny()), "look 1")]
    {
        let before = talk.session();
        let lost = talk.loses(name);
        assert_eq!((lost.session(), lost.says().as_str()), (before, name));
    }
}

// ── keys of the storage

#[test]
fn keys_are_replaced_five_minutes_before_their_end() {
    let talk = || begun().sends(1);
    talk().after(Duration::from_secs(3299)).ends("part 2");
    talk().after(Duration::from_secs(3300)).asks("get_token", &keys()).ends("part 2");
    // Keys that live shortly are good for half of their life.
    let mut short = keys();
    short.headers_mut().insert("date", "Thu, 01 Jan 2026 00:58:20 GMT".parse().unwrap());
    let talk = || announced().asks("get_token", &short);
    talk().after(Duration::from_secs(49)).ends("InitiateMultipartUpload");
    talk().after(Duration::from_secs(50)).ends("get_token");
    // Those that are dead already, or do not say when they die, are used until they are refused.
    let mut dead = keys();
    dead.headers_mut().insert("date", "Thu, 01 Jan 2026 01:00:00 GMT".parse().unwrap());
    announced().asks("get_token", &dead).after(Duration::from_secs(7200)).ends("InitiateMultipartUpload");
}

#[test]
fn keys_that_are_refused_three_times_in_a_row_are_an_error() {
    let refused = || error(403, "InvalidAccessKeyId");
    let twice = || begun().asks("part 1", &refused()).asks("get_token", &keys()).asks("part 1", &refused());
    twice().asks("get_token", &keys()).asks("part 1", &refused()).ends("fail KeysRefused");
    // One that was taken begins the count again.
    let taken = twice().asks("get_token", &keys()).sends(1).asks("part 2", &refused()).asks("get_token", &keys());
    taken.asks("part 2", &refused()).asks("get_token", &keys()).ends("part 2");
    // So does a new run.
    let over = twice().asks("get_token", &keys()).asks("part 1", &refused()).later();
    over.ends("resume");
}

#[test]
fn what_115_says_of_its_storage_may_be_of_no_use() {
    let with = |endpoint: &str| {
        success(&json!({"endpoint": endpoint, "AccessKeyId": "STS.x", "AccessKeySecret": "s", "SecurityToken": "t"}))
    };
    announced().asks("get_token", &with("http://a b")).ends("fail Storage");
    announced()
        .asks("get_token", &with("oss-cn-shenzhen.aliyuncs.com"))
        .after(Duration::from_secs(90_000))
        .ends("InitiateMultipartUpload");
}

// ── what the callback says

#[test]
fn a_callback_decides_what_follows() {
    let sha1 = sent().sha1();
    let says_of = |data: serde_json::Value| success(&data);
    for (said, next) in [
        (registered(LEN, &sha1), "done Parts Some(\"77\") Some(\"x(2)\")"),
        (registered(LEN, &sha1.to_ascii_lowercase()), "done Parts Some(\"77\") Some(\"x(2)\")"),
        // It says too little to be believed.
        (says_of(json!({"file_id": "77", "sha1": sha1})), "wait 2s"),
        (says_of(json!({"file_id": "77", "file_size": LEN})), "wait 2s"),
        (says_of(json!({"file_id": "77"})), "wait 2s"),
        // It says nothing.
        (says_of(json!({"file_id": "0"})), "wait 2s"),
        (refusal(990_009), "wait 2s"),
        (error(203, "CallbackFailed"), "wait 2s"),
        // 115 does not take the file.
        (refusal(91_005), "fail Vendor"),
        (refusal(10_014), "fail Vendor"),
        (refusal(990_002), "fail Vendor"),
        (refusal(4242), "fail Vendor"),
    ] {
        let talk = sent().asks("CompleteMultipartUpload", &said);
        assert_eq!(talk.says(), next, "{said:?}");
        // A verdict is of one run; what may be in the drive is asked for in the next one.
        if next.starts_with("fail") {
            talk.later().ends("init");
        }
    }
    for said in [registered(LEN, &"0".repeat(40)), registered(LEN - 1, &sha1), refusal(10_002)] {
        let fell = sent().falls("CompleteMultipartUpload", &said, Digests);
        assert_eq!(fell.confirmed(), 0);
        fell.next_is("hash 0..250").hashed().ends("init");
    }
}

#[test]
fn a_file_that_is_not_shown_is_asked_for_five_times_and_then_announced() {
    let mut talk = unseen().next_is("wait 2s");
    for (passes, then) in [(2, "wait 5s"), (5, "wait 15s"), (15, "wait 60s"), (60, "wait 240s")] {
        talk = talk
            .after(Duration::from_secs(passes - 1))
            .next_is("wait 1s")
            .after(Duration::from_secs(1))
            .asks("check", &nothing())
            .next_is(then);
    }
    let talk =
        talk.after(Duration::from_secs(240)).asks("check", &nothing()).next_is("wait 2s").after(Duration::from_secs(2));
    talk.asks("init", &success(&json!({"status": 2}))).ends("done AlreadyThere None None");
    // A new run asks at once, and that one does not count.
    unseen()
        .later()
        .asks("check", &nothing())
        .next_is("wait 2s")
        .after(Duration::from_secs(2))
        .asks("check", &nothing())
        .ends("wait 5s");
}

#[test]
fn a_file_that_is_shown_is_compared() {
    let shown = |sha1: &str, size: u64| success(&json!({"file_id": "77", "sha1": sha1, "size_byte": size}));
    let sha1 = sent().sha1();
    let check = || unseen().after(Duration::from_secs(2));
    check().asks("check", &shown(&sha1, LEN)).ends("done Parts Some(\"77\") None");
    check().asks("check", &file(77)).ends("done Parts Some(\"77\") Some(\"x(1)\")");
    check().falls("check", &shown(&sha1, LEN + 1), Digests).next_is("hash 0..250").hashed().ends("init");
    check().falls("check", &shown(&"0".repeat(40), LEN), Digests).next_is("hash 0..250").hashed().ends("init");
}

#[test]
fn a_doubtful_file_is_announced_until_it_is_wanted_for_the_third_time() {
    let mut talk = doubtful().next_is("wait 2s");
    for (passes, then) in [(2, "wait 5s"), (5, "wait 15s")] {
        talk = talk.after(Duration::from_secs(passes)).asks("init", &wanted("object2")).next_is(then);
    }
    let there = talk.after(Duration::from_secs(15)).falls("init", &wanted("object2"), Session);
    assert_eq!((there.confirmed(), &there.session()["phase"]["send"]["task"]["object"]), (0, &json!("object2")));
    there.ends("InitiateMultipartUpload");
    // A proof may be wanted on the way.
    let proof =
        doubtful().after(Duration::from_secs(2)).asks("init", &question("3-9")).asks("prove", &wanted("object2"));
    proof
        .next_is("wait 5s")
        .after(Duration::from_secs(5))
        .asks("init", &success(&json!({"status": 2})))
        .ends("done AlreadyThere None None");
}

// ── folders

fn below(create: bool) -> Talk {
    Talk::to("/a/b/c/x", LEN, tiny().create_folders(create))
}

#[test]
fn the_way_to_a_folder() {
    let pinned = below(false).asks("look 3", &folder(13));
    assert_eq!(pinned.session()["folder"], json!("13"));
    pinned.later().hashed().ends("init");
    for create in [false, true] {
        let blocked = below(create).asks("look 3", &file(13));
        assert_eq!(blocked.fault(), Fault::NotAFolder { path: "/a/b/c".to_owned() });
    }
    assert_eq!(below(false).asks("look 3", &nothing()).fault(), Fault::NoFolder { path: "/a/b/c".to_owned() });
    let missing = || below(true).asks("look 3", &nothing()).asks("look 2", &nothing());
    let made = missing().asks("look 1", &folder(11)).asks("add 2", &folder(12)).asks("add 3", &folder(13));
    assert_eq!(made.session()["folder"], json!("13"));
    let made = missing().asks("look 1", &nothing()).asks("add 1", &folder(11)).asks("add 2", &folder(12));
    made.asks("add 3", &folder(13)).hashed().ends("init");
    let blocked = missing().asks("look 1", &file(11));
    assert_eq!(blocked.fault(), Fault::NotAFolder { path: "/a".to_owned() });
    // Somebody else was quicker.
    let exists = missing().asks("look 1", &nothing()).falls("add 1", &refusal(20_004), Nothing);
    exists.asks("look 1", &folder(11)).ends("add 2");
}

/// What was known of the way may be old, once.
#[test]
fn a_folder_that_is_gone_is_looked_for_once_more() {
    let parent = || below(true).asks("look 3", &nothing()).asks("look 2", &folder(12));
    let again = parent().falls("add 3", &refusal(20_009), Nothing).asks("look 3", &nothing());
    again.asks("look 2", &folder(12)).asks("add 3", &refusal(20_009)).ends("fail Vendor");
    let found = || below(false).asks("look 3", &folder(13));
    let gone = || found().falls("init", &refusal(10_014), Session);
    assert_eq!(gone().session()["folder"], json!(null));
    gone().asks("look 3", &folder(14)).falls("init", &refusal(10_014), Session).ends("look 3");
    gone().asks("look 3", &folder(13)).asks("init", &refusal(10_014)).ends("fail Vendor");
    // One that was named by its id is looked for nowhere.
    Talk::to("13:x", LEN, tiny()).asks("init", &refusal(10_014)).ends("fail Vendor");
    Talk::to("/x", LEN, tiny()).asks("init", &refusal(10_014)).ends("fail Vendor");
}

// ── an upload that is given up

#[test]
fn what_is_left_of_an_upload_that_is_given_up() {
    let left = |talk: Talk, expected: &str| talk.abandoned().ends(expected);
    left(Talk::new(LEN), "left Nothing");
    left(below(true), "left Nothing");
    left(Talk::new(LEN).loses("init"), "left Unknown");
    left(announced(), "left Nothing");
    left(begun(), "AbortMultipartUpload");
    left(doubtful(), "left Unknown");
    left(doubtful().after(Duration::from_secs(2)), "left Unknown");
    left(unseen(), "left Object");
    // One that can still be aborted was not completed.
    let gone = || error(404, "NoSuchUpload");
    let lost = || sent().loses("CompleteMultipartUpload").abandoned();
    let aborted = |talk: Talk| talk.asks("AbortMultipartUpload", &says(204, "")).asks("ListParts", &gone());
    aborted(lost()).ends("left Nothing");
    lost().asks("AbortMultipartUpload", &gone()).ends("left Unknown");
    left(Talk::new(LEN).asks("init", &success(&json!({"status": 2}))), "done Instant None None");
    aborted(begun().abandoned()).ends("left Nothing");
    begun().later().abandoned().asks("get_token", &keys()).ends("AbortMultipartUpload");
    let refused = begun().abandoned().asks("AbortMultipartUpload", &error(403, "InvalidAccessKeyId"));
    let refused = refused.asks("get_token", &keys()).asks("AbortMultipartUpload", &error(403, "InvalidAccessKeyId"));
    let refused = refused.asks("get_token", &keys()).asks("AbortMultipartUpload", &error(403, "InvalidAccessKeyId"));
    refused.ends("fail KeysRefused");
}

/// Answers that come late belong to nothing any more.
#[test]
fn late_answers_of_the_storage_change_nothing() {
    let part = Call::Oss(resumable_proto_oss::stage::Call::Part { number: 1 });
    let mut ok = says(200, "");
    ok.headers_mut().insert("etag", "\"0CC175B9C0F1B6A831C399E269772661\"".parse().unwrap());
    for talk in [Talk::new(LEN), doubtful(), unseen()] {
        let before = talk.session();
        let after = talk.hears(part.clone(), &ok);
        assert_eq!((after.session(), after.fell), (before, None));
    }
    let resumed = doubtful().hears(Call::Resume, &resumed("t", "o"));
    resumed.ends("wait 2s");
}
