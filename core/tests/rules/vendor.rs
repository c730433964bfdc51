//! Rules 9 to 11: what counts as success, lost replies, and what arrived.

use http::Response;
use resumable_core::{Event, HashKind, Hasher};
use serde_json::json;

use crate::toy::{Call, Fate, PART, Rig, Setup, says};

#[test]
fn rule_09_the_body_decides_and_not_the_status() {
    let lies = [
        says(200, &json!({"code": "again"})),
        says(203, &json!({"message": "not even a code"})),
        says(200, &json!({"code": "ok", "offset": 10, "len": 3})),
        says(200, &json!({"code": "ok", "offset": 0, "len": 10, "echo": "of another part"})),
        Response::new("<html>ok</html>".into()),
        Response::new(String::new().into()),
    ];
    for lie in lies {
        let mut rig = Rig::<false>::new(95, Setup::default());
        let verdict = rig.run_with(|kind, nth| match (kind, nth) {
            ("part", 1) => Fate::Says(lie.clone()),
            _ => Fate::Fine,
        });
        verdict.unwrap();
        rig.assert_stored();
        assert!(rig.upload.stats().retries > 0, "{lie:?}");
    }
}

#[test]
fn rule_09_digests_taken_while_sending_reach_decode() {
    let mut rig = Rig::<false>::new(25, Setup::default());
    rig.run().unwrap();
    let expected = rig.source.chunks(usize::try_from(PART).unwrap()).map(|part| {
        let mut hasher = Hasher::new(HashKind::Sha256).unwrap();
        hasher.update(part);
        Some(hasher.finish())
    });
    assert_eq!(rig.upload.protocol().log().observed, expected.collect::<Vec<_>>());
}

fn survives<const JOURNAL: bool>(kind: &str, one_request: bool, fate: impl Fn() -> Fate) -> Rig<JOURNAL> {
    let mut rig = Rig::<JOURNAL>::new(25, Setup { one_request, ..Setup::default() });
    rig.run_with(|met, nth| if met == kind && nth == 0 { fate() } else { Fate::Fine }).unwrap();
    rig.assert_stored();
    rig
}

#[test]
fn rule_10_a_lost_reply_is_neither_success_nor_failure() {
    let fates: [fn() -> Fate; 6] = [
        || Fate::LostBefore,
        || Fate::LostAfter,
        || Fate::Forgotten,
        || Fate::Says(says(502, &json!(null))),
        || Fate::ActsAndSays(says(502, &json!(null))),
        || Fate::ActsAndSays(Response::new("<html>".into())),
    ];
    for fate in fates {
        for (kind, call) in
            [("init", Call::Init), ("part", Call::Part { offset: 0, len: PART }), ("finish", Call::Finish)]
        {
            assert_eq!(survives::<false>(kind, false, fate).all_unsure(), std::slice::from_ref(&call));
            assert_eq!(survives::<true>(kind, false, fate).all_unsure(), [call]);
        }
        assert_eq!(survives::<false>("put", true, fate).all_unsure(), [Call::Put]);
    }
    assert_eq!(survives::<false>("part", false, || Fate::Fails).all_unsure(), [], "no byte had left");
}

#[test]
fn rule_10_a_finish_in_doubt_is_not_done_twice() {
    let rig = survives::<false>("finish", false, || Fate::LostAfter);
    assert_eq!((rig.server.count("finish"), rig.server.count("list")), (1, 1));
    assert_eq!(survives::<true>("finish", false, || Fate::LostAfter).server.headers("finish", "x-doubt"), ["0", "1"]);
}

#[test]
fn rule_11_what_the_server_does_not_list_is_sent_again() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("part");
    (0..4).for_each(|_| rig.answer("part", Fate::Fine));
    rig.run_until("part");
    (0..3).for_each(|_| rig.answer("part", Fate::Fine));
    rig.run_until("save");
    rig.run_until("part");
    rig.server.sessions.get_mut(&1).unwrap().remove(&20);
    rig.crash();
    rig.run().unwrap();
    rig.assert_stored();
    let sent = rig.server.headers("part", "x-offset");
    assert_eq!(sent.iter().filter(|offset| *offset == "20").count(), 2);
    assert_eq!(sent.iter().filter(|offset| *offset == "10").count(), 1);
}

#[test]
fn rule_11_trouble_while_listing_drops_no_session() {
    let fates: [fn() -> Fate; 5] = [
        || Fate::LostBefore,
        || Fate::Fails,
        || Fate::Says(says(500, &json!(null))),
        || Fate::Says(says(429, &json!(null))),
        || Fate::Says(Response::new("<html>".into())),
    ];
    for fate in fates {
        let mut rig = Rig::<false>::new(95, Setup::default());
        rig.run_until("part");
        rig.answer("part", Fate::Fine);
        rig.run_until("save");
        rig.answer("save", Fate::Fine);
        rig.crash();
        rig.run_with(|kind, nth| if kind == "list" && nth < 3 { fate() } else { Fate::Fine }).unwrap();
        rig.assert_stored();
        assert_eq!((rig.server.count("init"), rig.upload.stats().restarts), (1, 0));
        assert!(!rig.events.iter().any(|event| matches!(event, Event::Restarting { .. })));
    }
}

#[test]
fn rule_11_no_such_upload_does_drop_it() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("part");
    rig.server.sessions.clear();
    rig.run().unwrap();
    rig.assert_stored();
    assert_eq!((rig.server.count("init"), rig.upload.stats().restarts), (2, 1));
}
