//! What went wrong with folders of checkpoints: one test a bug, numbered as in the list that this project keeps. That a
//! power cut leaves the old checkpoint or the new one (91) is in `src/file/private.rs`, below the system's calls.
#![cfg(unix)]

#[expect(dead_code, unused_imports, reason = "the store needs only a checkpoint of the toy vendor")]
#[path = "../../core/tests/toy/mod.rs"]
mod toy;

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use resumable::file::{Folder, InvalidKey, Key, Label, LoadError, LockError};
use resumable_core::{Checkpoint, Now, Options, SourceInfo, Upload};
use tempfile::TempDir;

use self::toy::Toy;

type Vendor = Toy<false>;

fn checkpoint() -> Checkpoint<Vendor> {
    let toy = Toy { target: "here".to_owned(), part: toy::PART, ..Toy::default() };
    let source = SourceInfo::new(100, [3; 32]);
    let upload = Upload::start(toy, source, None, Options::new(1));
    upload.checkpoint(Now { mono: Duration::ZERO, unix: Duration::from_secs(1) })
}

fn label() -> Label {
    Label { profile: "p".to_owned(), path: "/f".to_owned(), destination: "/d".to_owned() }
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// A folder that is made when it is needed.
fn folder() -> (TempDir, PathBuf, Folder) {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("state");
    (room, path.clone(), Folder::new(path))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn field_bug_71_a_lock_goes_away_with_its_slot() {
    let (_room, path, folder) = folder();
    let guard = folder.lock(&key("done")).unwrap();
    guard.save(&label(), &checkpoint()).unwrap();
    guard.remove().unwrap();
    drop(guard);
    folder.lock(&key("unfinished")).unwrap().save(&label(), &checkpoint()).unwrap();
    assert_eq!(names(&path), ["unfinished.json"]);
}

/// Between opening the lock's file and locking it, its holder may have removed it, and another one made it anew.
#[test]
fn field_bug_71_of_all_who_race_for_a_lock_that_comes_and_goes_one_has_it() {
    const THREADS: u32 = 4;
    const TURNS: u32 = 100;
    let (_room, path, folder) = folder();
    let (inside, turns) = (AtomicBool::new(false), AtomicU32::new(0));
    let take_turns = || {
        let mut had = 0;
        while had < TURNS {
            let guard = match folder.lock(&key("k")) {
                Ok(guard) => guard,
                Err(LockError::Held(_)) => continue,
                Err(error) => panic!("{error}"),
            };
            assert!(!inside.swap(true, Ordering::SeqCst), "two have the lock at once");
            guard.save(&label(), &checkpoint()).unwrap();
            assert!(guard.load::<Vendor>().unwrap().is_some());
            guard.remove().unwrap();
            inside.store(false, Ordering::SeqCst);
            drop(guard);
            had += 1;
            turns.fetch_add(1, Ordering::SeqCst);
        }
    };
    thread::scope(|scope| (0..THREADS).for_each(|_| drop(scope.spawn(take_turns))));
    assert_eq!(turns.into_inner(), THREADS * TURNS);
    assert!(names(&path).is_empty());
}

/// Whoever finds the folder gone and made anew has the lock of the new one: it is not the old holder's to remove.
#[test]
fn field_bug_71_a_lock_that_somebody_else_made_stays() {
    let (room, path, folder) = folder();
    let old = folder.lock(&key("k")).unwrap();
    fs::rename(&path, room.path().join("away")).unwrap();
    let new = folder.lock(&key("k")).unwrap();
    drop(old);
    assert_eq!(names(&path), ["k.lock"]);
    assert!(matches!(folder.lock(&key("k")), Err(LockError::Held(Some(_)))));
    drop(new);
    assert!(names(&path).is_empty());
}

/// What a killed process left aside has a name that is known: nothing looks through the folder, so a file whose name only
/// a listing could find stays.
#[test]
fn field_bug_71_a_lock_lists_nothing() {
    let (_room, path, folder) = folder();
    drop(folder.lock(&key("k")).unwrap());
    fs::write(path.join("k.json.part"), "half").unwrap();
    fs::write(path.join("kX1y2Z3.part"), "of nobody").unwrap();
    let _guard = folder.lock(&key("k")).unwrap();
    assert_eq!(names(&path), ["k.lock", "kX1y2Z3.part"]);
}

#[test]
fn field_bug_77_a_key_is_checked_and_no_other_uploads_files_begin_with_it() {
    let longest = "k".repeat(100);
    for good in ["k", "job-17", "A_b", "1eede0123456789a", &longest] {
        assert_eq!(Key::new(good).unwrap().as_str(), good);
        assert_eq!(good.parse::<Key>().unwrap().to_string(), good);
    }
    let too_long = "k".repeat(101);
    for bad in ["", ".", "..", "../x", "a/b", "a\\b", "a.b", "a b", "ä", "a\0", "a\n", &too_long] {
        assert_eq!(Key::new(bad), Err(InvalidKey), "{bad:?}");
        assert_eq!((Key::try_from(bad), bad.parse::<Key>()), (Err(InvalidKey), Err(InvalidKey)), "{bad:?}");
    }
    assert_eq!(
        Key::new(Folder::key("p", "t", Path::new("/f")).as_str()).unwrap(),
        Folder::key("p", "t", Path::new("/f"))
    );
    let (_room, path, folder) = folder();
    let _report = folder.lock(&key("report")).unwrap();
    fs::write(path.join("report.json.part"), "half of it is written").unwrap();
    let _rep = folder.lock(&key("rep")).unwrap();
    assert_eq!(names(&path), ["rep.lock", "report.json.part", "report.lock"]);
}

/// In a list there are keys alone, whatever else lies in the folder.
#[test]
fn field_bug_77_what_has_no_key_for_a_name_is_no_upload() {
    let (_room, path, folder) = folder();
    folder.lock(&key("k")).unwrap().save(&label(), &checkpoint()).unwrap();
    for name in ["a b.json", "k.old.json", ".json", "k.damaged", "notes.txt"] {
        fs::write(path.join(name), "{").unwrap();
    }
    assert_eq!(folder.list().unwrap().iter().map(|listed| listed.key.as_str()).collect::<Vec<_>>(), ["k"]);
}

#[test]
fn field_bug_89_no_link_is_followed() {
    let (room, path, folder) = folder();
    let victim = room.path().join("victim");
    fs::write(&victim, "{\"pid\":1}").unwrap();
    drop(folder.lock(&key("k")).unwrap());
    for name in ["k.lock", "k.json"] {
        symlink(&victim, path.join(name)).unwrap();
        match folder.lock(&key("k")) {
            Err(error @ LockError::Io { .. }) => assert!(error.to_string().contains("symbolic link"), "{error}"),
            Ok(guard) => {
                let error = guard.load::<Vendor>().map(|found| found.is_some()).unwrap_err();
                assert!(error.to_string().contains("symbolic link"), "{error}");
                guard.save(&label(), &checkpoint()).unwrap();
                assert!(!guard.path().is_symlink(), "the link itself is replaced");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(folder.list().unwrap().first().and_then(|listed| listed.holder), None);
        fs::remove_file(path.join(name)).unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "{\"pid\":1}", "{name}");
    }
}

#[test]
fn field_bug_89_what_is_made_is_for_its_owner_alone() {
    let (_room, path, folder) = folder();
    let guard = folder.lock(&key("k")).unwrap();
    guard.save(&label(), &checkpoint()).unwrap();
    assert_eq!((mode(&path), mode(&path.join("k.lock")), mode(&guard.path())), (0o700, 0o600, 0o600));
}

/// Who can put a checkpoint there says what is uploaded, and what is taken for uploaded.
#[test]
fn field_bug_89_a_folder_that_everybody_can_write_to_is_refused() {
    let (_room, path, folder) = folder();
    fs::create_dir(&path).unwrap();
    for refused in [0o777, 0o1777, 0o702] {
        fs::set_permissions(&path, Permissions::from_mode(refused)).unwrap();
        let error = folder.lock(&key("k")).unwrap_err();
        assert!(matches!(error, LockError::Exposed { .. }), "{error}");
        assert!(
            error.to_string().contains(&format!("every user of this machine can write to it (mode {refused:03o})"))
        );
        assert!(names(&path).is_empty());
    }
    for taken in [0o700, 0o750, 0o755, 0o775] {
        fs::set_permissions(&path, Permissions::from_mode(taken)).unwrap();
        folder.lock(&key("k")).unwrap();
    }
}

#[test]
fn field_bug_90_only_a_file_of_at_most_64_kib_is_a_checkpoint() {
    let (_room, path, folder) = folder();
    let guard = folder.lock(&key("k")).unwrap();
    let refused = |why: &str| {
        for error in [
            guard.load::<Vendor>().map(drop).unwrap_err(),
            guard.envelope().map(drop).unwrap_err(),
            folder.list().unwrap().remove(0).content.map(drop).unwrap_err(),
        ] {
            assert!(matches!(error, LoadError::Damaged { .. }) && error.to_string().contains(why), "{error}");
        }
    };
    guard.save(&label(), &checkpoint()).unwrap();
    let mut text = fs::read(guard.path()).unwrap();
    text.resize(64 * 1024, b' ');
    fs::write(guard.path(), &text).unwrap();
    assert!(guard.load::<Vendor>().unwrap().is_some());
    text.push(b' ');
    fs::write(guard.path(), &text).unwrap();
    refused("longer than 65536 bytes");
    File::create(guard.path()).unwrap().set_len(1 << 40).unwrap();
    refused("longer than 65536 bytes");
    fs::remove_file(guard.path()).unwrap();
    // Nobody writes into it: to open it, and to read from it, would block.
    assert!(Command::new("mkfifo").arg(path.join("k.json")).status().unwrap().success());
    refused("no regular file");
    guard.save(&label(), &checkpoint()).unwrap();
    assert!(guard.load::<Vendor>().unwrap().is_some());
}
