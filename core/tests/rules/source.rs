//! Rule 12: a checkpoint belongs to one target and one source.

use std::time::Duration;

use resumable_core::{
    Action, Checkpoint, Difference, Digest, Failure, HashError, HashKind, HashPass, Hasher, Input, Modified,
    ResumeError, SourceInfo, Upload,
};
use serde_json::{Value, json};

use crate::toy::{Fate, Integrity, Key, Rig, Setup, Toy, says};

fn half_way_with(setup: Setup) -> Rig<false> {
    let mut rig = Rig::<false>::new(95, setup);
    for _ in 0..3 {
        rig.run_until("part");
        rig.answer("part", Fate::Fine);
    }
    save_all(&mut rig);
    rig
}

fn save_all(rig: &mut Rig<false>) {
    while rig.poll_until_waiting().is_none() && rig.waiting_for("save") > 0 {
        rig.answer("save", Fate::Fine);
    }
}

fn half_way() -> Rig<false> {
    half_way_with(Setup::default())
}

fn resume(rig: &Rig<false>, target: &str, info: SourceInfo, text: &str) -> Result<(), ResumeError> {
    let toy = Toy::<false> { target: target.to_owned(), ..Toy::default() };
    let (key, options) = (Some(Key(String::new())), rig.setup.options.clone());
    Upload::resume(toy, info, key, options, Checkpoint::from_bytes(text.as_bytes())?).map(|_| ())
}

fn at(secs: i64) -> Modified {
    Modified { secs, nanos: 6 }
}

/// What can only be another content.
fn changes(info: &SourceInfo) -> [(SourceInfo, Difference); 2] {
    [
        (SourceInfo { len: 94, ..info.clone() }, Difference::Length),
        (SourceInfo { sample: [1; 32], ..info.clone() }, Difference::Ends),
    ]
}

/// What may be the same content: touched, copied, moved, restored; or a system that keeps no such times.
fn doubts(info: &SourceInfo) -> [SourceInfo; 5] {
    [
        SourceInfo { modified: Some(at(1_700_000_009)), changed: Some(at(1_700_000_009)), ..info.clone() },
        SourceInfo { changed: Some(at(1_700_000_009)), ..info.clone() },
        SourceInfo { modified: None, ..info.clone() },
        SourceInfo { id: Some(5), ..info.clone() },
        SourceInfo { changed: None, looked_at: None, ..info.clone() },
    ]
}

#[test]
fn rule_12_a_checkpoint_binds_to_source_and_target() {
    let rig = half_way();
    let text = rig.durable.clone().unwrap();
    for (changed, what) in changes(&rig.info) {
        let refused = resume(&rig, "shelf", changed, &text);
        assert!(matches!(refused, Err(ResumeError::Changed { difference, .. }) if difference == what), "{refused:?}");
    }
    let refused = resume(&rig, "another shelf", rig.info.clone(), &text);
    assert!(matches!(refused, Err(ResumeError::Target { .. })), "{refused:?}");
    let another = Checkpoint::<Toy<true>>::from_bytes(text.as_bytes());
    assert!(matches!(another, Err(ResumeError::Protocol { .. })), "{another:?}");
}

/// What was acknowledged is read again, and nothing else, before anything is sent.
#[test]
fn rule_12_a_source_in_doubt_is_read_again_and_compared() {
    for doubt in doubts(&half_way().info) {
        let mut rig = half_way();
        let before = rig.server.count("part");
        rig.info = doubt;
        rig.crash();
        rig.poll_until_waiting();
        let Some(Action::Hash { jobs, .. }) = rig.pending.first() else { panic!("{:?}", rig.pending) };
        assert!(jobs.len() == 1 && jobs[0].range == (0..30), "{jobs:?}");
        rig.run().unwrap();
        rig.assert_stored();
        assert_eq!((rig.done["hash"], rig.server.count("part")), (1, before + 7), "sent once");
        assert_eq!(rig.saved_field("source")["changed"], json!(rig.info.changed), "the new looks are saved");
    }
}

#[test]
fn rule_12_another_content_under_the_same_length_and_ends_is_seen() {
    for doubt in doubts(&half_way().info) {
        let mut rig = half_way();
        (rig.source[15], rig.info) = (0, doubt);
        rig.crash();
        let verdict = rig.run();
        let content =
            |failure: &Failure<_>| matches!(failure, Failure::Changed { difference: Difference::Content, .. });
        assert!(matches!(&verdict, Err(failure) if content(failure)), "{verdict:?}");
        assert_eq!((rig.server.count("part"), rig.server.count("finish")), (3, 0), "nothing was sent");
    }
}

/// A write within the tick of a file system may leave the time of change as it was.
#[test]
fn rule_12_a_time_of_change_that_is_too_fresh_tells_nothing() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.info.changed = Some(at(1_799_999_999));
    rig.crash();
    rig.run_until("part");
    rig.answer("part", Fate::Fine);
    save_all(&mut rig);
    rig.source[5] = 0;
    rig.info.looked_at = Some(at(1_800_000_100));
    rig.crash();
    let verdict = rig.run();
    assert!(matches!(&verdict, Err(Failure::Changed { difference: Difference::Content, .. })), "{verdict:?}");
}

#[test]
fn rule_12_a_source_without_any_time_is_compared_too() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.info = SourceInfo::new(rig.info.len, rig.info.sample);
    rig.crash();
    rig.run_until("part");
    rig.answer("part", Fate::Fine);
    save_all(&mut rig);
    let text = rig.durable.clone().unwrap();
    rig.crash();
    rig.run().unwrap();
    assert_eq!(rig.done["hash"], 1);
    (rig.durable, rig.source[5]) = (Some(text), 0);
    rig.crash();
    let verdict = rig.run();
    assert!(matches!(&verdict, Err(Failure::Changed { difference: Difference::Content, .. })), "{verdict:?}");
}

#[test]
fn rule_12_equal_versions_are_equal_content() {
    let mut rig = half_way();
    let named = |version: &str| SourceInfo { version: Some(version.to_owned()), ..SourceInfo::new(95, [3; 32]) };
    rig.durable = None;
    rig.info = named("1");
    rig.crash();
    rig.run_until("part");
    rig.answer("part", Fate::Fine);
    save_all(&mut rig);
    let text = rig.durable.clone().unwrap();
    let refused = resume(&rig, "shelf", named("2"), &text);
    assert!(matches!(refused, Err(ResumeError::Changed { difference: Difference::Version, .. })), "{refused:?}");
    rig.crash();
    rig.run().unwrap();
    assert_eq!(rig.done.get("hash"), None);
}

/// Where the user wants no integrity, nothing is digested; a doubt then means that the file changed.
#[test]
fn rule_12_what_was_not_digested_cannot_be_compared() {
    let rig = half_way_with(Setup { integrity: Integrity::None, ..Setup::default() });
    let text = rig.durable.clone().unwrap();
    resume(&rig, "shelf", rig.info.clone(), &text).unwrap();
    for doubt in doubts(&rig.info) {
        let refused = resume(&rig, "shelf", doubt, &text);
        let plain = matches!(refused, Err(ResumeError::Changed { difference: Difference::NotDigested, .. }));
        assert!(plain, "{refused:?}");
    }
}

/// What left and was not answered may be at the vendor all the same, and its list may show it.
#[test]
fn rule_12_what_left_undigested_just_before_a_crash_cannot_be_compared_either() {
    let mut rig = Rig::<false>::new(95, Setup { integrity: Integrity::None, ..Setup::default() });
    rig.run_until("part");
    let text = rig.durable.clone().unwrap();
    for doubt in doubts(&rig.info) {
        let refused = resume(&rig, "shelf", doubt, &text);
        let plain = matches!(refused, Err(ResumeError::Changed { difference: Difference::NotDigested, .. }));
        assert!(plain, "{refused:?}");
    }
}

/// A reply that takes no bytes, and comes before they were all sent, leaves nothing that cannot be compared later.
#[test]
fn rule_12_an_early_reply_that_takes_nothing_leaves_everything_comparable() {
    let mut rig = Rig::<false>::new(95, Setup::default());
    rig.run_until("part");
    rig.answer("part", Fate::SaysEarly(says(200, &json!({"code": "behind"}))));
    for _ in 0..3 {
        rig.run_until("part");
        rig.answer("part", Fate::Fine);
    }
    save_all(&mut rig);
    rig.info.changed = Some(at(1_700_000_009));
    rig.crash();
    rig.run().unwrap();
    rig.assert_stored();
    assert_eq!(rig.done["hash"], 1);
}

/// `chmod` and `ln` while the upload runs are no writes: it is settled once, before the next committing call.
#[test]
fn rule_12_a_change_of_attributes_within_a_run_is_a_doubt() {
    for (damage, writes) in [(None, false), (Some(40), true)] {
        let mut rig = Rig::<false>::new(95, Setup::default());
        rig.run_until("check");
        rig.info.changed = Some(at(1_800_000_000));
        damage.into_iter().for_each(|at: usize| rig.source[at] = 0);
        let verdict = rig.run();
        assert_eq!((rig.done["hash"], rig.done["check"]), (1, 1));
        assert_eq!(matches!(&verdict, Err(Failure::Changed { .. })), writes, "{verdict:?}");
        assert_eq!(rig.server.count("finish"), usize::from(!writes));
    }
}

/// Where the vendor was given the digest of the whole file, that is taken again: it also covers what was not sent.
#[test]
fn rule_12_a_known_digest_of_all_settles_a_doubt() {
    for damage in [None, Some(80)] {
        let mut rig = half_way_with(Setup { hash_first: true, ..Setup::default() });
        rig.info.changed = Some(at(1_700_000_009));
        damage.into_iter().for_each(|at: usize| rig.source[at] = 0);
        rig.crash();
        let verdict = rig.run();
        assert_eq!(matches!(&verdict, Err(Failure::Changed { .. })), damage.is_some(), "{verdict:?}");
        assert_eq!(rig.done["hash"], 2);
    }
}

/// A large file that was made just now is not read before its looks tell, or it would have to be read twice. A clock that is
/// set back makes it fresh again: it is given time once more, but not for ever.
#[test]
fn rule_12_a_large_fresh_file_is_given_time() {
    for set_back in 0..4_u8 {
        let large = 1 << 30;
        let mut rig = Rig::<false>::new(10, Setup::default());
        rig.info = SourceInfo { changed: Some(at(1_799_999_999)), ..SourceInfo::new(large, [1; 32]) };
        rig.info.looked_at = Some(at(1_800_000_000));
        rig.durable = None;
        rig.crash();
        rig.run_until("init");
        rig.answer("init", Fate::Fine);
        assert!(rig.poll_until_waiting().is_none());
        for rest in 0..=set_back.min(2) {
            while rig.pending.iter().any(|action| matches!(action, Action::Save { .. })) {
                rig.answer("save", Fate::Fine);
                assert!(rig.poll_until_waiting().is_none());
            }
            assert!(rig.pending.is_empty(), "{:?}", rig.pending);
            rig.sleep();
            if rest < set_back {
                rig.now.unix = Duration::from_secs(1_800_000_000);
            }
            rig.info.looked_at = Some(at(rig.now.unix.as_secs().cast_signed()));
            assert!(rig.poll_until_waiting().is_none());
            rig.answer("check", Fate::Fine);
            assert!(rig.poll_until_waiting().is_none());
        }
        rig.run_until("part");
        assert_eq!(rig.done.get("hash"), None);
        assert_eq!(rig.done["check"], usize::from(set_back.min(2)) + 1);
    }
}

/// Format 1 had no time of change and no digests.
fn as_format_1(text: &str) -> String {
    let mut saved: Value = serde_json::from_str(text).unwrap();
    let fields = saved.as_object_mut().unwrap();
    fields.remove("checksum");
    fields.remove("fingerprint");
    fields["format"] = 1.into();
    let source = fields["source"].as_object_mut().unwrap();
    source.remove("changed");
    source.remove("looked_at");
    saved.to_string()
}

#[test]
fn rule_12_a_checkpoint_of_the_first_format_resumes_if_nothing_speaks_against_it() {
    let rig = half_way();
    let old = as_format_1(rig.durable.as_ref().unwrap());
    resume(&rig, "shelf", rig.info.clone(), &old).unwrap();
    for doubt in doubts(&rig.info) {
        // Whether the time of change is another one, it cannot know: it is older than the checkpoint.
        let same = (doubt.modified, doubt.id) == (rig.info.modified, rig.info.id) && doubt.changed.is_some();
        let resumed = resume(&rig, "shelf", doubt, &old);
        let refused = matches!(resumed, Err(ResumeError::Changed { difference: Difference::OldCheckpoint, .. }));
        assert!(if same { resumed.is_ok() } else { refused }, "{resumed:?}");
    }
    let since = SourceInfo { changed: Some(at(1_800_000_000)), looked_at: Some(at(1_800_000_900)), ..rig.info.clone() };
    let refused = resume(&rig, "shelf", since, &old);
    assert!(matches!(refused, Err(ResumeError::Changed { difference: Difference::OldCheckpoint, .. })), "{refused:?}");
    let mut hashed = half_way_with(Setup { hash_first: true, ..Setup::default() });
    hashed.durable = Some(as_format_1(hashed.durable.as_ref().unwrap()));
    (hashed.info.changed, hashed.info.looked_at) = (Some(at(1_800_000_000)), Some(at(1_800_000_900)));
    hashed.crash();
    hashed.run().unwrap();
    hashed.assert_stored();
    assert_eq!(hashed.done["hash"], 2, "the digest of all is in it");
}

#[test]
fn rule_12_the_source_is_looked_at_before_every_call_that_commits() {
    for one_request in [false, true] {
        let setup = Setup { one_request, ..Setup::default() };
        let (info, seal) = (Rig::<false>::new(95, setup.clone()).info, if one_request { "put" } else { "finish" });
        for (changed, _) in changes(&info) {
            let mut rig = Rig::<false>::new(95, setup.clone());
            rig.run_until("check");
            rig.info = changed;
            let verdict = rig.run();
            assert!(matches!(&verdict, Err(f @ Failure::Changed { .. }) if !f.resumable()), "{verdict:?}");
            assert_eq!(rig.server.count(seal), 0);
        }
        // A retry of it commits no less.
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

#[test]
fn rule_12_a_digest_that_the_host_knows_is_not_taken_again_and_one_that_cannot_be_is() {
    let mut sha1 = Hasher::new(HashKind::Sha1).unwrap();
    let (setup, crc64) = (Setup { hash_first: true, ..Setup::default() }, Digest::new([0; 8]));
    sha1.update(&Rig::<false>::new(95, setup.clone()).source);
    for (known, passes) in [(sha1.finish(), 0), (crc64, 1)] {
        let mut rig = Rig::<false>::new(95, setup.clone());
        rig.upload = rig.upload.knowing(HashKind::Sha1, known);
        rig.run().unwrap();
        rig.assert_stored();
        assert_eq!(rig.done.get("hash").copied().unwrap_or_default(), passes);
    }
}

#[test]
fn rule_12_digests_of_a_pass_that_was_fed_too_little_or_too_much_are_none() {
    let mut rig = Rig::<false>::new(95, Setup { hash_first: true, ..Setup::default() });
    rig.run_until("hash");
    let Action::Hash { ticket, jobs } = rig.pending.remove(0) else { panic!("no hash") };
    let mut pass = HashPass::new(&jobs).unwrap();
    assert!(pass.feed(&rig.source[..90]).is_ok() && pass.feed(&rig.source[..6]).is_err());
    rig.upload.handle(Input::Digests(ticket, pass.finish().map_err(HashError::from)));
    let verdict = rig.run();
    assert!(matches!(&verdict, Err(Failure::Defect(what)) if what.contains("of 95 bytes, and 90")), "{verdict:?}");
    assert_eq!(rig.server.received, 0);
}
