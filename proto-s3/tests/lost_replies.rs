//! Answers that never came: what may be true then, how it is found out, and what is sent again.

mod far;

use std::time::Duration;

use far::{Again, Fate, Habit, Object, Rig, lose, one_request, parts, parts_of, refusal, says};
use resumable_core::Failure;
use resumable_proto_s3::*;

/// The head of an answer whose body was white space and then nothing: a connection that broke while parts were put together.
fn cut_off() -> http::Response<bytes::Bytes> {
    says(200, "<?xml version=\"1.0\"?>\n   \n  ")
}

#[test]
fn create_is_sent_again_and_its_orphan_is_counted() {
    for fate in [
        Fate::LostBefore,
        Fate::LostAfter,
        Fate::Says(says(502, "<html>")),
        Fate::ActsAndSays(refusal(500, "InternalError")),
    ] {
        let mut rig = Rig::new(20, parts());
        let verdict = rig.run_with(lose("create", fate));
        assert_eq!(rig.complete(verdict).orphans, 1);
        assert_eq!(rig.asked(), ["create", "create", "part 1", "part 2", "complete"]);
    }
}

#[test]
fn a_part_is_sent_again_and_replaces_itself() {
    for fate in [Fate::LostBefore, Fate::LostAfter, Fate::Says(refusal(500, "InternalError"))] {
        let mut rig = Rig::new(40, parts());
        let verdict = rig.run_with(lose("part 2", fate));
        rig.complete(verdict);
        assert_eq!((rig.count("part"), rig.bytes_sent, rig.hashed.len()), (4, 56, 0));
    }
}

#[test]
fn a_list_is_asked_again() {
    let mut rig = Rig::new(160, parts());
    rig.killed_at(6, true);
    rig.go_on();
    let verdict = rig.run_with(lose("list 0", Fate::LostBefore));
    rig.complete(verdict);
    assert_eq!((rig.count("list"), rig.count("create")), (2, 1));
}

#[test]
fn a_put_is_sent_again() {
    for fate in [Fate::LostBefore, Fate::LostAfter, Fate::Says(says(200, "<html>"))] {
        let mut rig = Rig::new(40, one_request());
        let verdict = rig.run_with(lose("put", fate));
        rig.complete(verdict);
        assert_eq!(rig.asked(), ["put", "put"]);
    }
}

#[test]
fn a_conditional_put_that_finds_something_is_ours_if_it_has_our_name() {
    let options = one_request().forbid_overwrite(true);
    let mut rig = Rig::new(40, options.clone());
    let verdict = rig.run_with(lose("put", Fate::LostAfter));
    rig.complete(verdict);
    assert_eq!(rig.asked(), ["put", "put", "head"]);
    let mut rig = Rig::new(40, options);
    let verdict = rig.run_with(|name, nth| match (name, nth) {
        ("put", 0) => Fate::LostBefore,
        ("put", 1) => Fate::Overtaken,
        _ => Fate::Fine,
    });
    assert!(matches!(verdict, Err(Failure::Refused(Fault::Taken))), "{verdict:?}");
    assert_eq!(rig.server.object, Some(Object::of(vec![7; 40])), "it stays");
}

#[test]
fn an_abort_is_sent_again_until_the_upload_is_gone() {
    let mut rig = Rig::new(160, parts());
    rig.killed_at(6, true);
    rig.abandon();
    let verdict = rig.run_with(lose("abort", Fate::LostAfter));
    assert!(matches!(verdict, Err(Failure::Abandoned(_))), "{verdict:?}");
    assert!(rig.server.uploads.is_empty());
}

// ── complete

#[test]
fn a_complete_that_took_effect_is_found_by_its_name_and_never_sent_again() {
    for name in ["aws", "minio", "r2", "b2", "garage", "swift"] {
        for again in [Again::Same, Again::Unknown] {
            for fate in [Fate::LostAfter, Fate::ActsAndSays(cut_off()), Fate::ActsAndSays(says(502, "<html>"))] {
                let mut rig = Rig::new(40, parts_of(name));
                rig.server.again = again;
                rig.server.habits.extend((name == "minio").then_some(Habit::Encrypts));
                let verdict = rig.run_with(lose("complete", fate));
                rig.complete(verdict);
                assert_eq!((rig.count("complete"), rig.count("head")), (1, 1), "{name}: {:?}", rig.asked());
                assert_eq!((rig.bytes_sent, rig.hashed.len(), rig.restarts()), (40, 0, 0), "{name}");
                let (complete, head) = (rig.asked.len() - 2, rig.asked.len() - 1);
                let pause = rig.asked[head].1.checked_sub(rig.asked[complete].1).unwrap();
                assert!(pause >= Duration::from_secs(2), "the vendor may be at it still: {pause:?}");
            }
        }
    }
}

#[test]
fn a_complete_that_never_arrived_is_sent_again_with_the_same_parts_and_no_content() {
    for fate in [
        Fate::LostBefore,
        Fate::Says(says(503, "<html>")),
        Fate::Says(refusal(200, "InternalError")),
        Fate::Says(refusal(400, "RequestTimeout")),
        Fate::Says(cut_off()),
    ] {
        let mut rig = Rig::new(40, parts());
        let verdict = rig.run_with(lose("complete", fate));
        rig.complete(verdict);
        assert_eq!((rig.count("complete"), rig.count("create"), rig.bytes_sent), (2, 1, 40), "{:?}", rig.asked());
    }
}

#[test]
fn throttling_in_a_success_is_throttling() {
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(lose("complete", Fate::Says(refusal(200, "SlowDown"))));
    rig.complete(verdict);
    assert_eq!((rig.count("complete"), rig.bytes_sent), (2, 40), "{:?}", rig.asked());
}

#[test]
fn a_complete_that_goes_on_after_its_connection_broke_is_waited_for() {
    // Nothing at the key, and the upload is open: both are so while parts are put together.
    for calls in 1..6 {
        let mut rig = Rig::new(40, parts());
        rig.server.slow = Some(calls);
        let verdict = rig.run_with(lose("complete", Fate::LostAfter));
        rig.complete(verdict);
        assert_eq!((rig.bytes_sent, rig.count("create")), (40, 1), "{calls}: {:?}", rig.asked());
    }
}

#[test]
fn an_object_that_shows_late_is_waited_for_while_the_upload_is_gone() {
    for lags in 1..=4 {
        let mut rig = Rig::new(40, parts());
        rig.server.lags = lags;
        let verdict = rig.run_with(lose("complete", Fate::LostAfter));
        rig.complete(verdict);
        assert_eq!((rig.bytes_sent, rig.count("create")), (40, 1), "{lags}: {:?}", rig.asked());
    }
}

#[test]
fn an_upload_that_is_gone_with_nothing_at_its_key_begins_anew() {
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(|name, nth| match (name, nth) {
        ("complete", 0) => Fate::LostBefore,
        ("list 0", 0) => Fate::Forgets,
        _ => Fate::Fine,
    });
    rig.complete(verdict);
    assert_eq!((rig.count("create"), rig.restarts(), rig.bytes_sent), (2, 1, 80), "{:?}", rig.asked());
    assert!(rig.count("head") >= 3, "it may show late: {:?}", rig.asked());
}

#[test]
fn another_object_at_the_key_is_not_ours_whatever_its_length() {
    for name in ["aws", "minio"] {
        let mut rig = Rig::new(40, parts_of(name));
        let verdict = rig.run_with(|name, nth| match (name, nth) {
            ("complete", 0) => Fate::LostBefore,
            ("head", 0) => Fate::Overtaken,
            _ => Fate::Fine,
        });
        rig.complete(verdict);
        assert_eq!((rig.count("complete"), rig.bytes_sent), (2, 40), "the upload is there still: {:?}", rig.asked());
    }
}

/// Without a sum at the vendor the name alone tells whose it is.
#[test]
fn an_object_of_the_same_length_that_another_upload_has_named_is_not_ours() {
    for name in ["aws", "minio"] {
        let mut rig = Rig::new(40, parts_of(name));
        let mut object = Object::of(vec![7; 40]);
        object.name = Some("another".to_owned());
        rig.server.object = Some(object);
        let verdict = rig.run_with(lose("complete", Fate::LostBefore));
        rig.complete(verdict);
        assert_eq!(rig.count("head"), 1, "{name}: {:?}", rig.asked());
        assert_eq!((rig.count("complete"), rig.bytes_sent), (2, 40), "{name}: {:?}", rig.asked());
    }
}

#[test]
fn an_upload_that_is_unknown_at_the_first_complete_may_have_been_completed_by_a_box_that_asked_twice() {
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(lose("complete", Fate::ActsAndSays(refusal(404, "NoSuchUpload"))));
    rig.complete(verdict);
    assert_eq!((rig.bytes_sent, rig.count("create")), (40, 1), "{:?}", rig.asked());
    let mut rig = Rig::new(40, parts());
    let verdict = rig.run_with(lose("complete", Fate::Forgets));
    rig.complete(verdict);
    assert_eq!((rig.bytes_sent, rig.count("create")), (80, 2), "{:?}", rig.asked());
}

#[test]
fn a_condition_that_fails_after_a_lost_complete_may_be_our_own_object() {
    let options = parts().forbid_overwrite(true);
    let mut rig = Rig::new(40, options.clone());
    let verdict = rig.run_with(|name, nth| match (name, nth) {
        ("complete", 0) => Fate::LostAfter,
        ("head", 0) => Fate::Says(says(404, "")),
        ("list 0", 0) => Fate::Says(says(503, "")),
        _ => Fate::Fine,
    });
    rig.complete(verdict);
    assert_eq!(rig.bytes_sent, 40, "{:?}", rig.asked());
    let mut rig = Rig::new(40, options);
    let verdict = rig.run_with(|name, nth| match (name, nth) {
        ("complete", 0) => Fate::LostBefore,
        ("complete", 1) => Fate::Overtaken,
        _ => Fate::Fine,
    });
    assert!(matches!(verdict, Err(Failure::Refused(Fault::Taken))), "{verdict:?} {:?}", rig.asked());
    assert_eq!(rig.server.object, Some(Object::of(vec![7; 40])));
}

#[test]
fn keys_that_may_not_list_see_no_absence_and_the_list_of_parts_tells() {
    let mut rig = Rig::new(40, parts());
    rig.server.habits.insert(Habit::HidesAbsence);
    let verdict = rig.run_with(lose("complete", Fate::LostBefore));
    rig.complete(verdict);
    assert_eq!((rig.count("complete"), rig.bytes_sent), (2, 40), "{:?}", rig.asked());
    // Gone, and nobody may know whether it is there: no guess.
    let mut rig = Rig::new(40, parts());
    rig.server.habits.insert(Habit::HidesAbsence);
    let verdict = rig.run_with(|name, nth| match (name, nth) {
        ("complete", 0) => Fate::LostBefore,
        ("list 0", 0) => Fate::Forgets,
        _ => Fate::Fine,
    });
    assert!(matches!(verdict, Err(Failure::Refused(_))), "{verdict:?} {:?}", rig.asked());
}

#[test]
fn a_kill_after_complete_left_is_a_lost_reply() {
    for name in ["aws", "minio"] {
        for arrives in [false, true] {
            let mut rig = Rig::new(40, parts_of(name));
            rig.killed_at(5, arrives);
            rig.go_on();
            let verdict = rig.run();
            rig.complete(verdict);
            assert_eq!((rig.bytes_sent, rig.count("create")), (40, 1), "{name}: {:?}", rig.asked());
            assert_eq!(rig.count("complete"), if arrives { 1 } else { 2 }, "{name}: {:?}", rig.asked());
        }
    }
}
