//! The record of what was sent: the same file is not sent again.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use resumable::file::LockError;
use resumable::machine;
use resumable::{ErrorKind, Event, How, IfExists, Key, MemoryStore, SentRecord, Store, StoreGuard};

use super::in_both_styles;
use super::world::{PART, World, content, object};

/// A folder with a file and a record.
struct Room {
    folder: tempfile::TempDir,
    record: SentRecord,
}

impl Room {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let record = SentRecord::open(folder.path().join("sent")).unwrap();
        Self { folder, record }
    }

    fn file(&self, seed: u64) -> PathBuf {
        let path = self.folder.path().join("file");
        fs::write(&path, content(3 * PART, seed)).unwrap();
        path
    }
}

/// A file whose last change is long ago.
fn old_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")
}

/// How often this is told of.
fn count(told: &Arc<AtomicUsize>, is_it: fn(&Event) -> bool) -> impl Fn(&Event) + Send + Sync + 'static {
    let told = Arc::clone(told);
    move |event| {
        told.fetch_add(usize::from(is_it(event)), Ordering::SeqCst);
    }
}

fn is_hashing(event: &Event) -> bool {
    matches!(event, Event::Machine(machine::Event::Hashing { .. }))
}

/// A store that removes nothing while it is told so: as if the process were killed before.
#[derive(Clone, Default)]
struct Keeps {
    store: MemoryStore,
    keeps: Arc<AtomicBool>,
}

struct KeepsGuard(Box<dyn StoreGuard>, Arc<AtomicBool>);

impl Store for Keeps {
    fn lock(&self, key: &Key) -> Result<Box<dyn StoreGuard>, LockError> {
        Ok(Box::new(KeepsGuard(self.store.lock(key)?, Arc::clone(&self.keeps))))
    }
}

impl StoreGuard for KeepsGuard {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        self.0.load()
    }

    fn save(&self, record: &[u8]) -> io::Result<()> {
        self.0.save(record)
    }

    fn remove(&self) -> io::Result<()> {
        if self.1.load(Ordering::SeqCst) { Err(io::Error::other("it stays")) } else { self.0.remove() }
    }
}

in_both_styles! {
    fn what_was_sent_is_not_sent_again(world, client, send) {
        let room = Room::new();
        let client = client().store(MemoryStore::new()).sent(room.record.clone()).build().unwrap();
        let put = || client.put(object("x"), world.key()).file(old_file());
        let first = send!(put().send()).unwrap();
        let (requests, hashed) = (world.requests(), Arc::new(AtomicUsize::new(0)));
        let delivered = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&delivered);
        let again = put().on_event(count(&hashed, is_hashing)).deliver(move |receipt| {
            *kept.lock().unwrap() = Some(receipt.clone());
            Ok::<_, String>(())
        });
        let handle = again.handle();
        let again = send!(again.send()).unwrap();
        assert_eq!((again.how, &again.url, &again.digest), (How::SentBefore, &first.url, &first.digest));
        assert_eq!(delivered.lock().unwrap().as_ref(), Some(&again));
        assert_eq!(world.requests(), requests, "nobody was asked");
        assert_eq!(hashed.load(Ordering::SeqCst), 0, "and nothing read");
        let (progress, len) = (handle.progress(), old_file().metadata().unwrap().len());
        assert_eq!((progress.confirmed, progress.total, progress.stats.bytes_sent), (len, len, 0));
        let elsewhere = send!(client.put(object("y"), world.key()).file(old_file()).send()).unwrap();
        assert_eq!(elsewhere.how, How::OneRequest, "another destination");
    }

    fn a_file_in_doubt_is_read_and_one_that_changed_is_sent(world, client, send) {
        let room = Room::new();
        let client = client().store(MemoryStore::new()).sent(room.record.clone()).build().unwrap();
        let (file, hashed) = (room.file(1), Arc::new(AtomicUsize::new(0)));
        let put = || client.put(object("x"), world.key()).file(&file).on_event(count(&hashed, is_hashing));
        send!(put().send()).unwrap();
        let modified = file.metadata().unwrap().modified().unwrap();
        let (received, before) = (world.received(), hashed.load(Ordering::SeqCst));
        // Touched, and fresh besides.
        File::options().write(true).open(&file).unwrap().set_modified(modified - std::time::Duration::from_secs(9)).unwrap();
        assert_eq!(send!(put().send()).unwrap().how, How::SentBefore);
        assert_eq!(world.received(), received);
        assert!(hashed.load(Ordering::SeqCst) > before, "it was read");
        let mut changed = content(3 * PART, 1);
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        fs::write(&file, &changed).unwrap();
        File::options().write(true).open(&file).unwrap().set_modified(modified).unwrap();
        assert_eq!(send!(put().send()).unwrap().how, How::Parts, "a byte between its ends");
        assert_eq!(world.object("x"), Some(changed));
    }

    fn resend_and_start_over_send_again(world, client, send) {
        let room = Room::new();
        let client = client().store(MemoryStore::new()).sent(room.record.clone()).build().unwrap();
        let put = || client.put(object("x"), world.key()).memory(content(1000, 1));
        assert_eq!(send!(put().send()).unwrap().how, How::OneRequest);
        assert_eq!(send!(put().send()).unwrap().how, How::SentBefore);
        assert_eq!(send!(put().resend(true).send()).unwrap().how, How::OneRequest);
        assert_eq!(send!(put().start_over(true).send()).unwrap().how, How::OneRequest);
        assert_eq!(send!(put().send()).unwrap().how, How::SentBefore);
    }

    fn what_was_there_already_counts_as_sent_and_is_written_down_once(world, client, send) {
        let room = Room::new();
        let plain = client().store(MemoryStore::new()).build().unwrap();
        let recording = client().store(MemoryStore::new()).sent(room.record.clone()).build().unwrap();
        send!(plain.put(object("x"), world.key()).key("k").memory(content(1000, 1)).send()).unwrap();
        let put = || recording.put(object("x"), world.key()).key("k").memory(content(1000, 1)).if_exists(IfExists::Skip);
        assert_eq!((send!(put().send()).unwrap().how, room.record.len()), (How::AlreadyThere, 1));
        let (log, requests) = (room.record.folder().join("sent.jsonl"), world.requests());
        let written = fs::read(&log).unwrap();
        assert_eq!(send!(put().send()).unwrap().how, How::SentBefore);
        assert_eq!((world.requests(), fs::read(&log).unwrap()), (requests, written));
    }

    fn a_checksum_reads_what_seems_to_be_the_same(world, client, send) {
        let room = Room::new();
        let client = client().store(MemoryStore::new()).sent(room.record.clone()).build().unwrap();
        let hashed = Arc::new(AtomicUsize::new(0));
        let put = || client.put(object("x"), world.key()).file(old_file());
        send!(put().send()).unwrap();
        let requests = world.requests();
        let again = send!(put().checksum(true).on_event(count(&hashed, is_hashing)).send()).unwrap();
        assert_eq!((again.how, world.requests()), (How::SentBefore, requests));
        assert!(hashed.load(Ordering::SeqCst) > 0);
        // The record has another digest: the file was changed in a way that no time tells.
        let key = Key::new("mine").unwrap();
        send!(put().key(key.clone()).send()).unwrap();
        let mut sent = room.record.find(&key).unwrap().unwrap();
        sent.digest = Some((machine::HashKind::Crc64, machine::Digest::new([0; 8])));
        room.record.add(&key, &sent).unwrap();
        assert_eq!(send!(put().key(key.clone()).send()).unwrap().how, How::SentBefore);
        assert_eq!(send!(put().key(key.clone()).checksum(true).send()).unwrap().how, How::OneRequest);
    }

    fn a_process_that_is_killed_before_it_removes_the_checkpoint_has_sent_it(world, client, send) {
        let (room, store) = (Room::new(), Keeps::default());
        let client = client().store(store.clone()).sent(room.record.clone()).build().unwrap();
        let put = || client.put(object("x"), world.key()).key("k").memory(content(3 * PART, 1));
        store.keeps.store(true, Ordering::SeqCst);
        let stays = Arc::new(AtomicUsize::new(0));
        let is_staying: fn(&Event) -> bool = |event| matches!(event, Event::CheckpointStays { .. });
        send!(put().on_event(count(&stays, is_staying)).send()).unwrap();
        assert_eq!(stays.load(Ordering::SeqCst), 1);
        let requests = world.requests();
        store.keeps.store(false, Ordering::SeqCst);
        assert_eq!(store.store.keys().len(), 1);
        assert_eq!(send!(put().send()).unwrap().how, How::SentBefore);
        assert_eq!((world.requests(), store.store.keys().len()), (requests, 0));
    }

    fn what_is_sent_again_does_not_count_as_sent_until_it_is(world, client, send) {
        let room = Room::new();
        let client = client().store(MemoryStore::new()).sent(room.record.clone()).build().unwrap();
        let put = || client.put(object("x"), world.key()).key("k").memory(content(30 * PART, 1)).window(1);
        send!(put().send()).unwrap();
        let again = put().resend(true);
        let handle = again.handle();
        world.before(world.requests() + 2, move |_| handle.stop());
        assert_eq!(send!(again.send()).unwrap_err().kind(), ErrorKind::Stopped);
        assert_eq!(send!(put().send()).unwrap().how, How::Parts, "it is resumed");
    }

    fn what_cannot_be_handed_over_is_not_recorded(world, client, send) {
        let room = Room::new();
        let client = client().store(MemoryStore::new()).sent(room.record.clone()).build().unwrap();
        let put = || client.put(object("x"), world.key()).key("k").memory(content(1000, 1));
        let failed = send!(put().deliver(|_| Err("no room")).send()).unwrap_err();
        assert_eq!((failed.kind(), room.record.len()), (ErrorKind::Delivery, 0));
        send!(put().send()).unwrap();
        let failed = send!(put().deliver(|_| Err("no room")).send()).unwrap_err();
        assert_eq!((failed.kind(), room.record.len()), (ErrorKind::Delivery, 1), "it was sent all the same");
    }

    fn a_record_that_cannot_be_used_costs_no_upload(world, client, send) {
        let room = Room::new();
        let client = client().store(MemoryStore::new()).sent(room.record.clone()).build().unwrap();
        let put = || client.put(object("x"), world.key()).key("k").memory(content(1000, 1));
        send!(put().send()).unwrap();
        fs::write(room.record.folder().join("sent.jsonl"), "rubbish\n").unwrap();
        let told = Arc::new(AtomicUsize::new(0));
        let is_told: fn(&Event) -> bool = |event| matches!(event, Event::NotRecorded { .. });
        assert_eq!(send!(put().on_event(count(&told, is_told)).send()).unwrap().how, How::OneRequest);
        assert!(told.load(Ordering::SeqCst) > 0);
    }

    fn what_another_file_took_the_place_of_is_sent_again(world, client, send) {
        let room = Room::new();
        let client = client().store(MemoryStore::new()).sent(room.record.clone()).build().unwrap();
        let put = |key: &'static str, seed| client.put(object("x"), world.key()).key(key).memory(content(1000, seed));
        send!(put("one", 1).send()).unwrap();
        send!(put("other", 2).send()).unwrap();
        assert_eq!(send!(put("one", 1).send()).unwrap().how, How::OneRequest);
        assert_eq!(world.object("x"), Some(content(1000, 1)));
    }

    fn many_uploads_count_those_that_were_sent_before(world, client, send) {
        let room = Room::new();
        let client = client().store(MemoryStore::new()).sent(room.record.clone()).build().unwrap();
        let puts = |count: u64| {
            let put = |at: u64| {
                client.put(object(&format!("{at}")), world.key()).key(format!("k{at}")).memory(content(1000, at))
            };
            (0..count).map(put).collect::<Vec<_>>()
        };
        send!(client.put_all(puts(3)).send());
        let many = client.put_all(puts(5));
        let handle = many.handle();
        let results = send!(many.send());
        let hows: Vec<How> = results.into_iter().map(|result| result.unwrap().how).collect();
        assert_eq!(hows, [How::SentBefore, How::SentBefore, How::SentBefore, How::OneRequest, How::OneRequest]);
        let total = handle.progress();
        assert_eq!((total.done, total.skipped, total.failed, total.confirmed), (5, 3, 0, 5000));
    }
}
