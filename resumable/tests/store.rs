//! The folder of checkpoints: what survives, what is refused, who is named.

#[expect(dead_code, unused_imports, reason = "the store needs only a checkpoint of the toy vendor")]
#[path = "../../core/tests/toy/mod.rs"]
mod toy;

mod store_model;

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[cfg(unix)]
use resumable::file::private::Exposure;
use resumable::file::{Folder, Key as Name, Label, LoadError, LockError};
use resumable::{MemoryStore, Store, StoreGuard};
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

/// A folder of another user is the program's own business only where root runs it.
#[cfg(unix)]
#[test]
fn a_folder_that_others_may_write_to_is_refused_but_for_ones_own_group() {
    let is_root = rustix::process::geteuid().is_root();
    for (exposure, refused) in [
        (Exposure::Everybody { mode: 0o777 }, true),
        (Exposure::Group { mode: 0o770 }, false),
        (Exposure::Owner { owner: 4711 }, !is_root),
    ] {
        assert_eq!(exposure.is_refused(), refused, "{exposure}");
    }
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

/// What every store keeps to, behind the trait: whatever was kept before.
#[test]
fn a_place_holds_what_was_put_there_until_it_is_removed_or_moved() {
    let (_keep, path) = state();
    let memory = MemoryStore::new();
    let stores: [(&str, Box<dyn Store>); 3] = [
        ("folder", Box::new(Folder::new(&path))),
        ("memory", Box::new(memory.clone())),
        ("shared", Box::new(Arc::new(MemoryStore::new()))),
    ];
    for (name, store) in stores {
        let (here, there) = (key("here"), key("there"));
        let guard = store.lock(&here).unwrap();
        assert!(matches!(store.lock(&here), Err(LockError::Held(_))), "{name}");
        assert_eq!(guard.load().unwrap(), None, "{name}");
        guard.remove().unwrap();
        assert_eq!(guard.rename(&there).unwrap_err().kind(), ErrorKind::NotFound, "{name}");
        for record in ["one", "another"] {
            guard.save(record.as_bytes()).unwrap();
            assert_eq!(guard.load().unwrap().as_deref(), Some(record.as_bytes()), "{name}");
        }
        guard.rename(&there).unwrap();
        assert_eq!(guard.load().unwrap(), None, "{name}");
        let moved = store.lock(&there).unwrap();
        assert_eq!(moved.load().unwrap().as_deref(), Some(&b"another"[..]), "{name}");
        moved.remove().unwrap();
        assert_eq!(moved.load().unwrap(), None, "{name}");
        drop(guard);
        store.lock(&here).unwrap();
    }
    memory.lock(&key("k")).unwrap().save(b"x").unwrap();
    assert_eq!(memory.keys(), [key("k")]);
    assert_eq!(format!("{memory:?}"), r#"MemoryStore { keys: [Key("k")] }"#);
}

#[test]
fn what_is_set_aside_is_told_and_is_not_there_any_more() {
    let (_keep, path) = state();
    let guard: Box<dyn StoreGuard> = Box::new(Folder::new(&path).lock(&key("k")).unwrap());
    assert_eq!(guard.place(), Some(path.join("k.json").display().to_string()));
    assert_eq!(guard.set_aside().unwrap(), None, "there is nothing");
    guard.save(b"damaged").unwrap();
    let aside = path.join("k.damaged");
    assert_eq!(guard.set_aside().unwrap(), Some(aside.display().to_string()));
    assert_eq!((guard.load().unwrap(), fs::read(&aside).unwrap()), (None, b"damaged".to_vec()));
    fs::remove_file(&aside).unwrap();
    // Something stands in its way that cannot be replaced.
    fs::create_dir(&aside).unwrap();
    guard.save(b"damaged").unwrap();
    assert_ne!(guard.set_aside().unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(guard.load().unwrap().as_deref(), Some(&b"damaged"[..]));
}

/// What a store of the program's own need not say.
#[test]
fn a_place_that_only_keeps_removes_what_is_set_aside_and_moves_nothing() {
    struct Keeps(Mutex<Option<Vec<u8>>>);

    impl StoreGuard for Keeps {
        fn load(&self) -> io::Result<Option<Vec<u8>>> {
            Ok(self.0.lock().unwrap().clone())
        }

        fn save(&self, record: &[u8]) -> io::Result<()> {
            *self.0.lock().unwrap() = Some(record.to_vec());
            Ok(())
        }

        fn remove(&self) -> io::Result<()> {
            *self.0.lock().unwrap() = None;
            Ok(())
        }
    }

    let guard = Keeps(Mutex::default());
    guard.save(b"x").unwrap();
    assert_eq!(guard.place(), None);
    assert_eq!(guard.rename(&key("other")).unwrap_err().kind(), ErrorKind::Unsupported);
    assert!(guard.load().unwrap().is_some());
    assert_eq!(guard.set_aside().unwrap(), None);
    assert_eq!(guard.load().unwrap(), None);
}

/// What is there and cannot be read is not taken for nothing.
#[test]
fn what_cannot_be_read_is_an_error() {
    let (keep, path) = state();
    let file = keep.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(Folder::new(&file).list().is_err());
    let guard = Folder::new(&path).lock(&key("k")).unwrap();
    fs::create_dir(path.join("k.json")).unwrap();
    assert!(StoreGuard::load(&guard).is_err());
    assert!(guard.load::<Vendor>().is_err() && guard.envelope().is_err());
}

#[test]
fn no_secret_is_in_the_file() {
    let (_keep, path) = state();
    let guard = Folder::new(&path).lock(&key("k")).unwrap();
    guard.save(&label(), &checkpoint(1)).unwrap();
    assert!(!fs::read_to_string(guard.path()).unwrap().contains("secret"));
}
