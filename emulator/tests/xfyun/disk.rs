//! The folder: plain files, what a restart finds, and how much memory it takes.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use resumable_emulator::{
    DiskStorage, Emulator, MemoryStorage, NullStorage, ObjectName, Spool, Storage, StoredDraft, StoredObject,
};

use crate::client::*;

fn at(folder: &Path) -> Emulator {
    let storage = DiskStorage::open(folder).expect("a folder");
    Emulator::new(tiny(|_| {}), Box::new(storage)).expect("an emulator")
}

/// The files of a folder; none for one that is not there.
fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn an_object_is_a_plain_file_and_work_is_swept() {
    let folder = tempfile::tempdir().expect("a folder");
    let (drafts, objects) = (folder.path().join(".work/drafts"), folder.path().join("xfyun"));
    let emulator = at(folder.path());
    let file = bytes(3 * MIN);
    let object = upload(&emulator, &file).object();
    assert_eq!(fs::read(objects.join(object)).expect("a file"), file);
    for order in [[1, 2, 3], [3, 1, 2]] {
        let id = init(&emulator).upload_id();
        for slice_id in order {
            let end = slice_id as usize * MIN;
            slice(&emulator, &id, slice_id, &file[end - MIN..end]).succeeds();
        }
        assert_eq!(files(&drafts).len(), 2);
        let object = complete(&emulator, &id).object();
        assert_eq!(fs::read(objects.join(object)).expect("a file"), file, "{order:?}");
        assert_eq!(files(&drafts), [""; 0]);
    }
    let id = init(&emulator).upload_id();
    slice(&emulator, &id, 1, b"x").succeeds();
    cancel(&emulator, &id).succeeds();
    assert_eq!(files(&drafts), [""; 0]);
    assert_eq!(files(&objects).len(), 3);
    assert_eq!(files(&folder.path().join(".work/spool")), [""; 0]);
}

#[test]
fn a_restart_finds_unfinished_uploads() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = bytes(3 * MIN);
    let (id, empty) = {
        let emulator = at(folder.path());
        let (id, empty) = (init(&emulator).upload_id(), init(&emulator).upload_id());
        slice(&emulator, &id, 3, &file[2 * MIN..]).succeeds();
        slice(&emulator, &id, 1, &file[..MIN - 1]).succeeds();
        slice(&emulator, &id, 1, &file[..MIN]).succeeds();
        (id, empty)
    };
    let emulator = at(folder.path());
    assert_eq!(emulator.xfyun().slices(&id), Some(vec![(1, 64), (3, 64)]));
    assert_eq!(emulator.xfyun().slices(&empty), Some(vec![]));
    assert!(![id.clone(), empty].contains(&init(&emulator).upload_id()));
    slice(&emulator, &id, 2, &file[MIN..2 * MIN]).succeeds();
    let object = complete(&emulator, &id).object();
    assert_eq!(fs::read(folder.path().join("xfyun").join(object)).expect("a file"), file);
    drop(emulator);
    complete(&at(folder.path()), &id).refuses(10_005);
}

#[test]
fn a_slice_that_was_being_replaced_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let emulator = at(folder.path());
    let id = init(&emulator).upload_id();
    slice(&emulator, &id, 1, &bytes(MIN)).succeeds();
    slice(&emulator, &id, 2, &bytes(MIN)).succeeds();
    drop(emulator);
    let journal = format!(".work/drafts/xfyun-{}.journal", id.strip_prefix("up_").expect("a prefix"));
    let mut journal = fs::OpenOptions::new().append(true).open(folder.path().join(journal)).expect("a journal");
    // The last line is cut short, as by a crash.
    journal.write_all(b"{\"lost\":{\"id\":1}}\n{\"slice\":{\"id\":1,\"off").expect("written");
    assert_eq!(at(folder.path()).xfyun().slices(&id), Some(vec![(2, 64)]));
}

#[test]
fn a_journal_that_makes_no_sense_is_dropped() {
    let folder = tempfile::tempdir().expect("a folder");
    let drafts = folder.path().join(".work/drafts");
    let id = init(&at(folder.path())).upload_id();
    let journal = drafts.join(format!("xfyun-{}.journal", id.strip_prefix("up_").expect("a prefix")));
    let begin = fs::read_to_string(&journal).expect("a journal");
    for rest in [
        r#"{"slice":{"id":1,"offset":0,"length":64}}"#,
        r#"{"slice":{"id":1,"offset":18446744073709551615,"length":2}}"#,
        r#"{"slice":{"id":-1,"offset":0,"length":0}}"#,
        "nonsense",
        begin.trim_end(),
    ] {
        fs::write(&journal, format!("{begin}{rest}\n")).expect("written");
        slice(&at(folder.path()), &id, 1, b"x").refuses(10_005);
        assert_eq!(files(&drafts), [""; 0], "{rest}");
    }
}

#[test]
fn nothing_has_to_be_kept() {
    let emulator = Emulator::new(tiny(|_| {}), Box::new(NullStorage::new())).expect("an emulator");
    upload(&emulator, b"x").succeeds();
    for order in [[1, 2, 3], [3, 2, 1]] {
        let id = init(&emulator).upload_id();
        for slice_id in order {
            slice(&emulator, &id, slice_id, &bytes(MIN)).succeeds();
        }
        complete(&emulator, &id).succeeds();
    }
    assert_eq!(emulator.totals().file_bytes, 1 + 6 * MIN as u64);
}

/// Takes note of the longest piece that the emulator held at once.
struct Watched {
    inner: MemoryStorage,
    longest: Arc<AtomicUsize>,
}

struct WatchedSpool {
    inner: Box<dyn Spool>,
    longest: Arc<AtomicUsize>,
}

impl Storage for Watched {
    fn spool(&self) -> std::io::Result<Box<dyn Spool>> {
        Ok(Box::new(WatchedSpool { inner: self.inner.spool()?, longest: Arc::clone(&self.longest) }))
    }

    fn read_draft(&self, draft: &str, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
        self.longest.fetch_max(buf.len(), Ordering::SeqCst);
        self.inner.read_draft(draft, offset, buf)
    }

    fn drop_draft(&self, draft: &str) {
        self.inner.drop_draft(draft);
    }

    fn publish_draft(&self, draft: &str, length: u64, object: &ObjectName) -> std::io::Result<()> {
        self.inner.publish_draft(draft, length, object)
    }

    fn drafts(&self) -> std::io::Result<Vec<StoredDraft>> {
        self.inner.drafts()
    }

    fn read_object(&self, object: &ObjectName, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
        self.inner.read_object(object, offset, buf)
    }

    fn copy_object(&self, from: &ObjectName, to: &ObjectName) -> std::io::Result<()> {
        self.inner.copy_object(from, to)
    }

    fn remove_object(&self, object: &ObjectName) -> std::io::Result<()> {
        self.inner.remove_object(object)
    }

    fn objects(&self, service: &'static str) -> std::io::Result<Vec<StoredObject>> {
        self.inner.objects(service)
    }
}

impl Spool for WatchedSpool {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.longest.fetch_max(bytes.len(), Ordering::SeqCst);
        self.inner.write(bytes)
    }

    fn read(&mut self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
        self.inner.read(offset, buf)
    }

    fn into_draft(self: Box<Self>, draft: &str, offset: u64) -> std::io::Result<()> {
        self.inner.into_draft(draft, offset)
    }

    fn into_object(self: Box<Self>, object: &ObjectName) -> std::io::Result<()> {
        self.inner.into_object(object)
    }
}

/// Whatever the client's chunks and slices, only the store ever has more than a piece.
#[test]
fn memory_is_bounded() {
    let longest = Arc::new(AtomicUsize::new(0));
    let storage = Watched { inner: MemoryStorage::new(), longest: Arc::clone(&longest) };
    let config = tiny(|config| {
        config.xfyun.limits.slice_min = 1;
        config.xfyun.limits.slice_max = 1 << 30;
    });
    let emulator = Emulator::new(config, Box::new(storage)).expect("an emulator");
    let file = bytes(3 << 20);
    upload(&emulator, &file).succeeds();
    let id = init(&emulator).upload_id();
    for (slice_id, part) in [(2, &file[1..]), (1, &file[..1])] {
        slice(&emulator, &id, slice_id, part).succeeds();
    }
    let object = complete(&emulator, &id).object();
    assert!(stored(&emulator, &object).is_some_and(|stored| stored == file));
    let longest = longest.load(Ordering::SeqCst);
    assert!((1024..=256 * 1024).contains(&longest), "{longest}");
}

/// Text is not kept beyond a bound: a field, a head, what is no form, JSON without end, or fields without number.
#[test]
fn endless_texts_are_refused() {
    let endless = "x".repeat(4 << 20);
    let many: Vec<String> = (0..1000).map(|number| format!("f{number}")).collect();
    let good = || vec![Text("app_id", "emulator"), File(b"x"), Text("request_id", "r")];
    let with = |more: Part<'_>| {
        let mut parts = good();
        parts.insert(0, more);
        send_form(&emulator(), UPLOAD, &parts)
    };
    let long = &endless[..60_000];
    with(Text("cloud_id", long)).succeeds();
    let json = format!(r#"{{"request_id":"r","app_id":"emulator","cloud_id":"{endless}"}}"#);
    let mut fields: Vec<Part<'_>> = many.iter().map(|name| Text(name, "")).collect();
    fields.extend(good());
    for answer in [
        with(Text("cloud_id", &endless)),
        with(Raw(&format!("Content-Disposition: form-data; name=\"more\"\r\nX: {endless}"), b"")),
        send(&emulator(), UPLOAD, &form_type(), [endless.as_bytes(), &form(&good())].concat()),
        send(&emulator(), INIT, "application/json", json.into_bytes()),
        send_form(&emulator(), UPLOAD, &fields),
    ] {
        answer.refuses(10_001);
        assert_eq!(answer.body["message"], "request body is too long");
    }
}
