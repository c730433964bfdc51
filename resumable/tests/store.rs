//! The folder of checkpoints: what survives, what is refused, who is named.

#[expect(dead_code, unused_imports, reason = "the store needs only a checkpoint of the toy vendor")]
#[path = "../../core/tests/toy/mod.rs"]
mod toy;

mod store_model;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use resumable::file::{Folder, Key as Name, Label, LoadError, LockError};
use resumable_core::{Checkpoint, Now, Options, SourceInfo, Upload};

use self::toy::{Key, Toy};

type Vendor = Toy<false>;

fn checkpoint(at: u64) -> Checkpoint<Vendor> {
    let toy = Toy { target: "here".to_owned(), part: toy::PART, ..Toy::default() };
    let source = SourceInfo::new(100, [3; 32]);
    let upload = Upload::start(toy, source, Some(Key("secret".to_owned())), Options::new(1));
    upload.checkpoint(Now { mono: Duration::ZERO, unix: Duration::from_secs(at) })
}

fn label() -> Label {
    Label { profile: "p".to_owned(), path: "/tmp/ä b".to_owned(), destination: "/d".to_owned() }
}

fn key(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn state() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made/when/needed");
    (folder, path)
}

#[test]
fn what_was_saved_last_is_what_is_loaded() {
    let (_keep, path) = state();
    let guard = Folder::new(&path).lock(&key("k")).unwrap();
    assert!(guard.load::<Vendor>().unwrap().is_none() && guard.envelope().unwrap().is_none());
    for at in [1, 2] {
        guard.save(&label(), &checkpoint(at)).unwrap();
        let (found, saved) = guard.load::<Vendor>().unwrap().unwrap();
        assert_eq!((found, saved.saved_unix()), (label(), Duration::from_secs(at)));
    }
    assert_eq!(names(&path), ["k.json", "k.lock"], "nothing is left aside");
    guard.remove().unwrap();
    guard.remove().unwrap();
    assert_eq!(names(&path), ["k.lock"], "the lock is there while it is held");
}

#[test]
fn field_bug_03_the_path_given_is_the_path_used() {
    let (keep, path) = state();
    let guard = Folder::new(&path).lock(&key("k")).unwrap();
    guard.save(&label(), &checkpoint(1)).unwrap();
    assert_eq!(guard.path(), path.join("k.json"));
    assert_eq!(names(keep.path()), ["made"]);
}

#[cfg(unix)]
#[test]
fn the_folder_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_keep, path) = state();
    let _guard = Folder::new(&path).lock(&key("k")).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
}

#[test]
fn a_held_upload_names_its_holder_and_is_free_again_afterwards() {
    let (_keep, path) = state();
    let folder = Folder::new(&path);
    let guard = folder.lock(&key("k")).unwrap();
    guard.save(&label(), &checkpoint(1)).unwrap();
    match folder.lock(&key("k")) {
        Err(LockError::Held(Some(holder))) => assert_eq!(holder.pid, std::process::id()),
        other => panic!("{other:?}"),
    }
    assert!(folder.lock(&key("k")).unwrap_err().to_string().contains(&std::process::id().to_string()));
    assert!(folder.lock(&key("other")).is_ok());
    assert_eq!(folder.list().unwrap()[0].holder.map(|holder| holder.pid), Some(std::process::id()));
    drop(guard);
    assert_eq!(folder.list().unwrap()[0].holder, None);
    folder.lock(&key("k")).unwrap();
}

#[test]
fn a_list_tells_of_every_upload_and_of_damage() {
    let (_keep, path) = state();
    let folder = Folder::new(&path);
    assert!(folder.list().unwrap().is_empty(), "a folder that is not there has no uploads");
    folder.lock(&key("a")).unwrap().save(&label(), &checkpoint(1)).unwrap();
    folder.lock(&key("b")).unwrap();
    fs::write(path.join("c.json"), "{").unwrap();
    let list = folder.list().unwrap();
    assert_eq!(list.iter().map(|listed| listed.key.as_str()).collect::<Vec<_>>(), ["a", "c"]);
    let (found, envelope) = list[0].content.as_ref().unwrap();
    assert_eq!((found, envelope.target.as_str(), envelope.source.len), (&label(), "here", 100));
    assert!(matches!(list[1].content, Err(LoadError::Damaged { .. })));
}

#[test]
fn a_checkpoint_cut_anywhere_is_damage_that_says_so() {
    let (_keep, path) = state();
    let guard = Folder::new(&path).lock(&key("k")).unwrap();
    guard.save(&label(), &checkpoint(1)).unwrap();
    let whole = fs::read(guard.path()).unwrap();
    for end in 0..whole.len() {
        fs::write(guard.path(), &whole[..end]).unwrap();
        match guard.load::<Vendor>().map(|found| found.is_some()) {
            Err(error @ LoadError::Damaged { .. }) => {
                let text = error.to_string();
                assert!(text.contains("k.json") && text.contains("nothing is lost at the vendor"), "{text}");
            }
            other => panic!("{end} bytes: {other:?}"),
        }
    }
}

#[test]
fn another_format_is_named_and_is_no_damage() {
    let (_keep, path) = state();
    let guard = Folder::new(&path).lock(&key("k")).unwrap();
    guard.save(&label(), &checkpoint(1)).unwrap();
    let text = fs::read_to_string(guard.path()).unwrap().replace("\"format\":2", "\"format\":3");
    fs::write(guard.path(), text.replace("\"session\"", "\"what_comes_next\"")).unwrap();
    match guard.load::<Vendor>().map(|found| found.is_some()) {
        Err(LoadError::Format { found: 3, .. }) => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn field_bug_04_a_failed_save_is_an_error_and_leaves_the_older_one() {
    let (_keep, path) = state();
    let guard = Folder::new(&path).lock(&key("k")).unwrap();
    guard.save(&label(), &checkpoint(1)).unwrap();
    let away = path.with_extension("away");
    fs::rename(&path, &away).unwrap();
    let error = guard.save(&label(), &checkpoint(2)).unwrap_err().to_string();
    assert!(error.contains("k.json"), "{error}");
    fs::rename(&away, &path).unwrap();
    assert_eq!(guard.load::<Vendor>().unwrap().unwrap().1.saved_unix(), Duration::from_secs(1));
}

#[test]
fn what_a_killed_save_left_is_cleared_away_by_the_next_run() {
    let (_keep, path) = state();
    let folder = Folder::new(&path);
    drop(folder.lock(&key("k")).unwrap());
    fs::write(path.join("k.json.part"), "half").unwrap();
    fs::write(path.join("other.json.part"), "half").unwrap();
    let _guard = folder.lock(&key("k")).unwrap();
    assert_eq!(names(&path), ["k.lock", "other.json.part"]);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let keep = tempfile::tempdir().unwrap();
    let file = keep.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Folder::new(file.join("below")).lock(&key("k")).unwrap_err();
    assert!(matches!(error, LockError::Io { .. }) && error.to_string().contains("below"), "{error}");
}

#[test]
fn a_key_depends_on_protocol_target_and_path() {
    let key = |protocol, target, path: &str| Folder::key(protocol, target, Path::new(path));
    assert_eq!(key("p", "t", "/f"), key("p", "t", "/f"));
    assert_ne!(key("p", "t", "/f"), key("p", "t", "/g"));
    assert_ne!(key("p", "t", "/f"), key("p", "u", "/f"));
    assert_ne!(key("p", "t", "/f"), key("q", "t", "/f"));
    assert_ne!(key("p", "tx", "/f"), key("px", "t", "/f"));
}

#[test]
fn no_secret_is_in_the_file() {
    let (_keep, path) = state();
    let guard = Folder::new(&path).lock(&key("k")).unwrap();
    guard.save(&label(), &checkpoint(1)).unwrap();
    assert!(!fs::read_to_string(guard.path()).unwrap().contains("secret"));
}
