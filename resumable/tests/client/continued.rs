//! Uploads that continue another one: of a file that was moved.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use resumable::file::{Listed, LockError};
use resumable::{ErrorKind, Event, Folder, Handle, Key, MemoryStore, Relation, Store, StoreGuard};

use super::in_both_styles;
use super::world::{PART, World, content, object};

/// More than its ends, so that these do not tell all of it.
const LEN: u64 = 12 * PART + 17;

fn stop_after(bytes: u64, handle: &Handle) -> impl Fn(&resumable::Progress) + Send + Sync + use<> {
    let handle = handle.clone();
    move |progress| {
        if progress.confirmed >= bytes {
            handle.stop();
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn unfinished(state: &Path) -> Vec<Listed> {
    Folder::new(state).list().unwrap()
}

/// A file that was uploaded in part, and where its upload is kept.
struct Begun {
    folder: tempfile::TempDir,
    file: PathBuf,
    state: PathBuf,
}

impl Begun {
    fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (file, state) = (folder.path().join("old"), folder.path().join("state"));
        fs::write(&file, content(LEN, seed)).unwrap();
        Self { folder, file, state }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn key(&self) -> Key {
        let [one] = &unfinished(&self.state)[..] else { panic!("{:?}", names(&self.state)) };
        one.key.clone()
    }

    fn record(&self, key: &Key) -> Option<Vec<u8>> {
        fs::read(self.state.join(format!("{key}.json"))).ok()
    }
}

/// Uploads the file until five parts are stored.
macro_rules! break_off {
    ($begun:ident, $world:ident, $client:ident, $send:ident) => {
        let put = $client.put(object("f"), $world.key()).file(&$begun.file);
        let handle = put.handle();
        let stopped = $send!(put.on_progress(stop_after(5 * PART, &handle)).send()).unwrap_err();
        assert_eq!(stopped.kind(), ErrorKind::Stopped);
    };
}

in_both_styles! {
    fn a_file_that_was_renamed_is_continued_under_its_new_name(world, client, send) {
        let begun = Begun::new(1);
        let client = client().checkpoints(&begun.state).window(2).build().unwrap();
        break_off!(begun, world, client, send);
        let (old, new, sent) = (begun.key(), begun.path("new"), world.received());
        fs::rename(&begun.file, &new).unwrap();
        let put = client.put(object("f"), world.key()).file(&new);
        let related = put.related(&unfinished(&begun.state));
        assert_eq!((related.len(), &related[0].key, related[0].relation), (1, &old, Relation::Moved));
        let handle = put.handle();
        let stopping = stop_after(8 * PART, &handle);
        assert_eq!(send!(put.continue_from(&*old.to_string()).on_progress(stopping).send()).unwrap_err().kind(), ErrorKind::Stopped);
        let moved = unfinished(&begun.state);
        let label = &moved[0].content.as_ref().unwrap().0;
        assert!(moved.len() == 1 && moved[0].key != old && label.path == new.canonicalize().unwrap().display().to_string());
        // From now on it is an upload like any other, and whoever names the old key again has what he wants, too.
        send!(client.put(object("f"), world.key()).file(&new).continue_from(&*old.to_string()).send()).unwrap();
        assert!(world.received() - sent <= LEN - 5 * PART + 4 * PART, "what was sent is not sent again");
        assert_eq!(world.object("f").unwrap(), content(LEN, 1));
        assert!(names(&begun.state).is_empty());
    }

    fn what_is_of_another_content_is_not_continued_and_stays_as_it_was(world, client, send) {
        let begun = Begun::new(2);
        let client = client().checkpoints(&begun.state).window(1).build().unwrap();
        break_off!(begun, world, client, send);
        let (key, new) = (begun.key(), begun.path("new"));
        let before = begun.record(&key);
        // Within what was sent, and not at an end.
        let mut other = content(LEN, 2);
        other[usize::try_from(2 * PART).unwrap()] ^= 1;
        fs::write(&new, &other).unwrap();
        fs::remove_file(&begun.file).unwrap();
        let put = || client.put(object("f"), world.key()).file(&new);
        let asked = world.requests();
        let error = send!(put().continue_from(&*key.to_string()).send()).unwrap_err();
        assert_eq!((error.kind(), world.requests()), (ErrorKind::Changed, asked), "{error}");
        assert_eq!((begun.record(&key), names(&begun.state).len()), (before.clone(), 1));
        let (told, telling) = (Arc::new(Mutex::new(Vec::new())), ());
        let events = Arc::clone(&told);
        let telling = (telling, move |event: &Event| match event {
            Event::NotContinued { key, why } => events.lock().unwrap().push(format!("not {key}: {why}")),
            Event::Began { resumed_from, .. } => events.lock().unwrap().push(format!("from {resumed_from:?}")),
            _ => {}
        }).1;
        send!(put().continue_if_same(&*key.to_string()).on_event(telling).send()).unwrap();
        let told = told.lock().unwrap();
        assert!(told.len() == 3 && told[1].starts_with(&format!("not {key}: its times differ")) && told[2] == "from None", "{told:?}");
        assert_eq!(world.object("f").unwrap(), other);
        assert_eq!(begun.record(&key), before, "it can still be cleaned up");
    }

    fn looks_that_tell_of_another_content_end_it_before_anything_is_read(world, client, send) {
        let begun = Begun::new(3);
        let client = client().checkpoints(&begun.state).window(1).build().unwrap();
        break_off!(begun, world, client, send);
        let (key, new) = (begun.key(), begun.path("new"));
        let before = begun.record(&key);
        fs::write(&new, content(LEN + 1, 3)).unwrap();
        fs::remove_file(&begun.file).unwrap();
        let put = || client.put(object("f"), world.key()).file(&new);
        assert!(put().related(&unfinished(&begun.state)).is_empty());
        assert_eq!(send!(put().continue_from(&*key.to_string()).send()).unwrap_err().kind(), ErrorKind::Changed);
        send!(put().continue_if_same(&*key.to_string()).send()).unwrap();
        assert_eq!(world.object("f").unwrap(), content(LEN + 1, 3));
        assert_eq!(begun.record(&key), before);
    }

    fn what_cannot_be_continued_is_an_error_and_nothing_is_sent(world, client, send) {
        let begun = Begun::new(4);
        let client = client().checkpoints(&begun.state).window(1).build().unwrap();
        break_off!(begun, world, client, send);
        let (key, new) = (begun.key(), begun.path("new"));
        fs::rename(&begun.file, &new).unwrap();
        let (before, asked) = (begun.record(&key), world.requests());
        let put = |name: &str| client.put(object(name), world.key()).file(&new).continue_from(&*key.to_string());
        let held = Folder::new(&begun.state).lock(&key).unwrap();
        let error = send!(put("f").send()).unwrap_err();
        assert_eq!((error.kind(), error.key()), (ErrorKind::Held, Some(&key)));
        drop(held);
        let elsewhere = send!(put("another").send()).unwrap_err();
        assert_eq!((elsewhere.kind(), elsewhere.key()), (ErrorKind::Checkpoint, Some(&key)), "{elsewhere}");
        let none = send!(client.put(object("f"), world.key()).file(&new).continue_from("none").send()).unwrap_err();
        assert_eq!(none.kind(), ErrorKind::Checkpoint);
        assert_eq!(send!(put("f").start_over(true).send()).unwrap_err().kind(), ErrorKind::Argument);
        assert_eq!(send!(client.put(object("f"), world.key()).file(&new).continue_from("../x").send()).unwrap_err().kind(), ErrorKind::Argument);
        assert_eq!((begun.record(&key), world.requests(), names(&begun.state).len()), (before, asked, 1));
        // One that has a place of its own is not given another one's.
        let other = client.put(object("f"), world.key()).file(&new);
        let handle = other.handle();
        send!(other.on_progress(stop_after(PART, &handle)).send()).unwrap_err();
        assert_eq!(send!(put("f").send()).unwrap_err().kind(), ErrorKind::Checkpoint);
        send!(client.put(object("f"), world.key()).file(&new).continue_if_same(&*key.to_string()).send()).unwrap();
        assert_eq!(begun.key(), key, "the other one is left");
    }

    fn a_store_that_keeps_nothing_under_another_key_says_so(world, client, send) {
        let store = Plain(MemoryStore::new());
        let client = client().store(store.clone()).window(1).build().unwrap();
        let put = |key: &str| client.put(object("f"), world.key()).key(key).memory(content(LEN, 5));
        let first = put("one");
        let handle = first.handle();
        send!(first.on_progress(stop_after(5 * PART, &handle)).send()).unwrap_err();
        let error = send!(put("two").continue_from("one").send()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store, "{error}");
        assert_eq!(store.0.keys().iter().map(Key::to_string).collect::<Vec<_>>(), ["one"]);
        send!(put("one").send()).unwrap();
    }

    fn what_is_in_memory_is_continued_under_another_key(world, client, send) {
        let store = MemoryStore::new();
        let client = client().store(store.clone()).window(1).build().unwrap();
        let put = |key: &str| client.put(object("f"), world.key()).key(key).memory(content(LEN, 6));
        let first = put("one");
        let handle = first.handle();
        send!(first.on_progress(stop_after(5 * PART, &handle)).send()).unwrap_err();
        let sent = world.received();
        let second = put("two").continue_from("one");
        let handle = second.handle();
        send!(second.on_progress(stop_after(7 * PART, &handle)).send()).unwrap_err();
        assert_eq!(store.keys().iter().map(Key::to_string).collect::<Vec<_>>(), ["two"]);
        send!(put("two").send()).unwrap();
        assert!(world.received() - sent <= LEN - 5 * PART + 2 * PART);
        assert_eq!(world.object("f").unwrap(), content(LEN, 6));
    }

    fn an_upload_that_is_given_up_while_it_continues_leaves_nothing(world, client, send) {
        let begun = Begun::new(7);
        let client = client().checkpoints(&begun.state).window(1).build().unwrap();
        break_off!(begun, world, client, send);
        let (key, new) = (begun.key(), begun.path("new"));
        fs::rename(&begun.file, &new).unwrap();
        let put = client.put(object("f"), world.key()).file(&new).continue_from(&*key.to_string());
        put.handle().abort();
        assert_eq!(send!(put.send()).unwrap_err().kind(), ErrorKind::Abandoned);
        assert!(names(&begun.state).is_empty() && world.unfinished() == 0);
    }

    fn uploads_of_moved_files_are_told_from_others(world, client, send) {
        let begun = Begun::new(8);
        let client = client().checkpoints(&begun.state).window(1).build().unwrap();
        break_off!(begun, world, client, send);
        let new = begun.path("new");
        let relations = |name: &str| {
            let put = client.put(object(name), world.key()).file(&new);
            put.related(&unfinished(&begun.state)).iter().map(|one| one.relation).collect::<Vec<_>>()
        };
        fs::copy(&begun.file, &new).unwrap();
        assert_eq!(relations("f"), [Relation::Copied]);
        assert!(relations("another").is_empty());
        fs::write(&begun.file, content(LEN + 1, 9)).unwrap();
        assert_eq!(relations("f"), [Relation::Moved], "something else is where it was");
        fs::remove_file(&begun.file).unwrap();
        fs::hard_link(&new, &begun.file).unwrap();
        assert_eq!(relations("f"), [Relation::Moved], "one file by two paths");
        fs::remove_file(&begun.file).unwrap();
        assert_eq!(relations("f"), [Relation::Moved]);
        fs::rename(&new, &begun.file).unwrap();
        assert!(client.put(object("f"), world.key()).file(&begun.file).related(&unfinished(&begun.state)).is_empty(), "its own");
        assert!(client.put(object("f"), world.key()).memory("x").related(&unfinished(&begun.state)).is_empty());
    }
}

/// A store of a program that knows nothing of other keys.
#[derive(Clone)]
struct Plain(MemoryStore);

struct PlainGuard(Box<dyn StoreGuard>);

impl Store for Plain {
    fn lock(&self, key: &Key) -> Result<Box<dyn StoreGuard>, LockError> {
        Ok(Box::new(PlainGuard(self.0.lock(key)?)))
    }
}

impl StoreGuard for PlainGuard {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        self.0.load()
    }

    fn save(&self, record: &[u8]) -> io::Result<()> {
        self.0.save(record)
    }

    fn remove(&self) -> io::Result<()> {
        self.0.remove()
    }
}
