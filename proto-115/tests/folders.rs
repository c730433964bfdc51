//! Finding, and making, the folder that a path leads to; and giving uploads up.

mod far;

use far::{Fate, Rig, uploaded};
use resumable_core::{Command, Failure, How, Remains};
use resumable_proto_115::Fault;

#[test]
fn a_folder_is_found_by_its_path_and_pinned() {
    let mut rig = Rig::new(250);
    rig.target = "/a/示例 b/x";
    rig.server.folders.insert((0, "a".to_owned()), 11);
    rig.server.folders.insert((11, "示例 b".to_owned()), 12);
    let verdict =
        rig.run_with(|kind, nth| if (kind, nth) == ("part", 1) { Fate::Crash { after: true } } else { Fate::Fine });
    assert_eq!(uploaded(&rig, verdict), How::Parts);
    assert_eq!(rig.count("look"), 1, "a new run does not look again");
    assert!(
        rig.server.seen.iter().filter(|text| text.contains("target=U_1_12&")).count() == 2,
        "{:?}",
        rig.server.seen
    );
}

#[test]
fn missing_folders_are_made_if_they_may_be() {
    for (there, looks, adds) in [(0, 3, 3), (1, 3, 2), (2, 2, 1), (3, 1, 0)] {
        let mut rig = Rig::new(50);
        (rig.target, rig.options.create_folders) = ("/a/b/c/x", true);
        for (depth, name) in ["a", "b", "c"].into_iter().take(there).enumerate() {
            let id = |depth: usize| if depth == 0 { 0 } else { 10 + depth as u64 };
            rig.server.folders.insert((id(depth), name.to_owned()), id(depth + 1));
        }
        let verdict = rig.run();
        uploaded(&rig, verdict);
        assert_eq!((rig.count("look"), rig.count("add")), (looks, adds), "{there}");
        assert_eq!(rig.server.folders.len(), 3);
    }
}

#[test]
fn the_deepest_folder_can_be_made() {
    let mut rig = Rig::new(50);
    rig.target = Box::leak(format!("{}/x", "/d".repeat(24)).into_boxed_str());
    rig.options.create_folders = true;
    let verdict = rig.run();
    uploaded(&rig, verdict);
    assert_eq!(rig.server.folders.len(), 24);
}

#[test]
fn a_folder_that_is_missing_is_an_honest_error() {
    let mut rig = Rig::new(50);
    rig.target = "/a/b/x";
    let failure = rig.run().unwrap_err();
    assert!(matches!(&failure, Failure::Refused(Fault::NoFolder { path }) if path == "/a/b"), "{failure}");
    assert_eq!(rig.asked, ["look"], "and nothing is hashed for it");

    let mut rig = Rig::new(50);
    rig.target = "999:x";
    let failure = rig.run().unwrap_err();
    assert!(matches!(&failure, Failure::Refused(fault) if fault.code() == Some(10_014)), "{failure}");
    assert!(failure.to_string().contains("the target folder does not exist"), "{failure}");
}

#[test]
fn a_file_in_the_way_is_an_honest_error() {
    let mut rig = Rig::knowing(50);
    (rig.target, rig.options.create_folders) = ("/other/b/x", true);
    let failure = rig.run().unwrap_err();
    assert!(
        matches!(&failure, Failure::Refused(Fault::NotAFolder { path }) if path.starts_with("/other")),
        "{failure}"
    );
}

#[test]
fn a_folder_that_somebody_else_makes_meanwhile_is_taken() {
    let mut rig = Rig::new(50);
    (rig.target, rig.options.create_folders) = ("/a/x", true);
    rig.server.folders.insert((0, "a".to_owned()), 11);
    let nothing = far::success(&serde_json::json!([]));
    let verdict =
        rig.run_with(|kind, nth| if (kind, nth) == ("look", 0) { Fate::Says(nothing.clone()) } else { Fate::Fine });
    uploaded(&rig, verdict);
    assert_eq!(rig.asked[..3], ["look", "add", "look"]);
}

#[test]
fn a_folder_that_exists_and_is_never_shown_is_an_error() {
    let mut rig = Rig::new(50);
    (rig.target, rig.options.create_folders) = ("/a/x", true);
    rig.server.folders.insert((0, "a".to_owned()), 11);
    let nothing = far::success(&serde_json::json!([]));
    let failure = rig.run_with(|kind, _| if kind == "look" { Fate::Says(nothing.clone()) } else { Fate::Fine });
    assert!(matches!(failure.unwrap_err(), Failure::Exhausted { .. }));
    assert_eq!(rig.count("add"), 6);
}

#[test]
fn a_folder_that_was_deleted_since_is_looked_for_again() {
    for create in [false, true] {
        let mut rig = Rig::new(250);
        (rig.target, rig.options.create_folders) = ("/a/x", create);
        rig.server.folders.insert((0, "a".to_owned()), 11);
        rig.server.forgets = Some(20_018);
        let upload = rig.start();
        let mut dies =
            |kind: &str, nth| if (kind, nth) == ("part", 1) { Fate::Crash { after: true } } else { Fate::Fine };
        assert!(rig.drive(upload, &mut dies).is_none());
        rig.server.folders.clear();
        let upload = rig.again();
        let verdict = rig.drive(upload, &mut |_, _| Fate::Fine).unwrap();
        if create {
            uploaded(&rig, verdict);
            assert_eq!(rig.server.folders.len(), 1);
        } else {
            let failure = verdict.unwrap_err();
            assert!(matches!(failure, Failure::Refused(Fault::NoFolder { .. })), "{failure}");
        }
    }
}

fn given_up(rig: &mut Rig) -> Remains {
    let upload = rig.abandon();
    match rig.drive(upload, &mut |_, _| Fate::Fine).unwrap() {
        Err(Failure::Abandoned(remains)) => remains,
        other => panic!("{other:?}"),
    }
}

#[test]
fn giving_up_aborts_the_storages_upload_with_keys_of_its_own() {
    let mut rig = Rig::new(350);
    let upload = rig.start();
    let mut dies = |kind: &str, nth| if (kind, nth) == ("part", 1) { Fate::Crash { after: true } } else { Fate::Fine };
    assert!(rig.drive(upload, &mut dies).is_none());
    let before = rig.asked.len();
    assert_eq!(given_up(&mut rig), Remains::Nothing);
    assert_eq!(rig.asked[before..][..2], ["token", "abort"]);
    assert!(rig.server.storage.uploads.is_empty() && rig.server.files.is_empty());
}

#[test]
fn giving_up_says_what_is_not_known() {
    for (kind, remains) in [("init", Remains::Unknown), ("put", Remains::Unknown), ("complete", Remains::Unknown)] {
        let mut rig = Rig::new(if kind == "complete" { 250 } else { 50 });
        let upload = rig.start();
        let mut dies = |asked: &str, _| if asked == kind { Fate::Crash { after: true } } else { Fate::Fine };
        assert!(rig.drive(upload, &mut dies).is_none());
        assert_eq!(given_up(&mut rig), remains, "{kind}: {:?}", rig.asked);
    }
}

#[test]
fn an_upload_that_is_stopped_goes_on_where_it_was() {
    let mut rig = Rig::new(350);
    let mut upload = rig.start();
    upload.handle(Command::Stop);
    assert!(matches!(rig.drive(upload, &mut |_, _| Fate::Fine), Some(Err(Failure::Stopped))));
    let upload = rig.again();
    let verdict = rig.drive(upload, &mut |_, _| Fate::Fine).unwrap();
    uploaded(&rig, verdict);
}

#[test]
fn a_checkpoint_belongs_to_its_account_and_target() {
    let mut rig = Rig::new(350);
    let upload = rig.start();
    let mut dies = |kind: &str, nth| if (kind, nth) == ("part", 1) { Fate::Crash { after: true } } else { Fate::Fine };
    assert!(rig.drive(upload, &mut dies).is_none());
    let label = serde_json::from_slice::<serde_json::Value>(&rig.last_saved().to_bytes()).unwrap()["target"].clone();
    assert_eq!(label, "https://proapi.test account 0:x");
    rig.target = "0:y";
    let other = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| rig.again()));
    assert!(other.is_err());
}
