//! Rule 12: a checkpoint belongs to one target and one source.

use resumable_core::{Failure, ResumeError, SourceInfo, Upload};
use serde_json::{Value, json};

use crate::toy::{Fate, Key, Rig, Setup, Toy, says};

fn half_way() -> Rig<false> {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("part");
    rig.answer("part", Fate::Fine);
    rig.run_until("save");
    rig.answer("save", Fate::Fine);
    rig
}

fn resume(rig: &Rig<false>, target: &str, info: SourceInfo, text: &str) -> Result<(), ResumeError> {
    let toy = Toy::<false> { target: target.to_owned(), ..Toy::default() };
    let (key, options) = (Some(Key(String::new())), rig.setup.options.clone());
    Upload::resume(toy, info, key, options, serde_json::from_str(text).unwrap()).map(|_| ())
}

fn changes(info: &SourceInfo) -> [SourceInfo; 4] {
    let later = |nanos| resumable_core::Modified { secs: 1_700_000_000, nanos };
    [
        SourceInfo { len: 94, ..info.clone() },
        SourceInfo { modified: Some(later(6)), ..info.clone() },
        SourceInfo { modified: None, ..info.clone() },
        SourceInfo { sample: [1; 32], ..info.clone() },
    ]
}

#[test]
fn rule_12_a_checkpoint_binds_to_source_and_target() {
    let rig = half_way();
    let text = rig.durable.clone().unwrap();
    for changed in changes(&rig.info) {
        let refused = resume(&rig, "shelf", changed, &text);
        assert!(matches!(refused, Err(ResumeError::Changed { .. })), "{refused:?}");
    }
    let refused = resume(&rig, "another shelf", rig.info.clone(), &text);
    assert!(matches!(refused, Err(ResumeError::Target { .. })), "{refused:?}");

    let mut saved: Value = serde_json::from_str(&text).unwrap();
    saved["protocol"] = "toy/2".into();
    let refused = resume(&rig, "shelf", rig.info.clone(), &saved.to_string());
    assert!(matches!(refused, Err(ResumeError::Protocol { .. })), "{refused:?}");
    saved["format"] = 2.into();
    let refused = resume(&rig, "shelf", rig.info.clone(), &saved.to_string());
    assert!(matches!(refused, Err(ResumeError::Format { found: 2 })), "{refused:?}");
}

#[test]
fn rule_12_another_inode_alone_is_no_change() {
    let mut rig = half_way();
    let text = rig.durable.clone().unwrap();
    for id in [None, Some(5)] {
        resume(&rig, "shelf", SourceInfo { id, ..rig.info.clone() }, &text).unwrap();
    }
    rig.info.id = Some(99);
    rig.run().unwrap();
    rig.assert_stored();
}

#[test]
fn rule_12_the_source_is_looked_at_before_every_call_that_seals() {
    for one_request in [false, true] {
        let setup = Setup { one_request, ..Setup::default() };
        let (info, seal) = (Rig::<false>::new(95, setup.clone()).info, if one_request { "put" } else { "finish" });
        for changed in changes(&info) {
            let mut rig = Rig::<false>::new(95, setup.clone());
            rig.run_until("check");
            rig.info = changed;
            let verdict = rig.run();
            assert!(matches!(&verdict, Err(f @ Failure::Changed { .. }) if !f.resumable()), "{verdict:?}");
            assert_eq!(rig.server.count(seal), 0);
        }
        // A retry of it seals no less.
        let mut rig = Rig::<true>::new(95, setup);
        rig.run_with(|kind, nth| if kind == seal && nth < 2 { Fate::LostBefore } else { Fate::Fine }).unwrap();
        assert_eq!((rig.done["check"], rig.done[seal]), (3, 3));
    }
}

#[test]
fn rule_12_the_source_is_looked_at_before_it_is_hashed_again() {
    let mut rig = Rig::<false>::new(95, Setup { hash_first: true, ..Setup::default() });
    rig.run_until("finish");
    rig.info.sample = [9; 32];
    rig.answer("finish", Fate::Says(says(200, &json!({"code": "digest"}))));
    let verdict = rig.run();
    assert!(matches!(verdict, Err(Failure::Changed { .. })), "{verdict:?}");
    assert_eq!(rig.done["hash"], 1);
}

#[test]
fn rule_12_a_file_that_is_gone_is_an_error_of_the_source() {
    for kind in ["check", "hash"] {
        let mut rig = Rig::<false>::new(95, Setup { hash_first: true, ..Setup::default() });
        let verdict = rig.run_with(|met, _| if met == kind { Fate::Fails } else { Fate::Fine });
        assert!(matches!(verdict, Err(Failure::Source(_))), "{verdict:?}");
    }
}
