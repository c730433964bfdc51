//! A folder: finished objects are plain files in it, everything else hides in `.work`.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use tempfile::NamedTempFile;

use super::held::Held;
use super::{ObjectName, Spool, Storage, StoredDraft, StoredObject};

const WORK: &str = ".work";
/// A longer body goes to a file while it is received.
const HELD: usize = 4 * 1024 * 1024;

/// A data folder. An object is a plain file below its service's folder (`cos-v2/<appid>/<bucket>/<key>`), complete or not there; bodies being
/// received and the drafts of unfinished sessions are in `.work/`. One store at a time may use a folder; an operating-system lock sees to it.
///
/// Symbolic links are never followed below the folder: they are no objects, and no folder either.
#[derive(Clone, Debug)]
pub struct DiskStorage {
    root: PathBuf,
    /// Locked as long as any clone is there.
    _lock: Arc<Lock>,
}

impl DiskStorage {
    /// Opens a folder, creating it if need be, and clears away bodies an earlier process was still receiving.
    ///
    /// # Errors
    /// The folder cannot be created or written, or another store uses it ([`io::ErrorKind::ResourceBusy`]).
    pub fn open(root: impl Into<PathBuf>) -> io::Result<DiskStorage> {
        let root: PathBuf = root.into();
        fs::create_dir_all(&root)?;
        real_folder(&root.join(WORK))?;
        let storage = DiskStorage { _lock: Arc::new(lock(&root.join(WORK).join("lock"))?), root };
        match fs::remove_dir_all(storage.spools()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        real_folder(&storage.spools())?;
        real_folder(&storage.draft_folder())?;
        Ok(storage)
    }

    fn spools(&self) -> PathBuf {
        self.root.join(WORK).join("spool")
    }

    /// Puts what was held in memory into a file.
    fn spill(&self, held: &Held) -> io::Result<NamedTempFile> {
        let mut file = temporary(&self.spools())?;
        file.as_file_mut().write_all(held.bytes())?;
        Ok(file)
    }

    fn draft_folder(&self) -> PathBuf {
        self.root.join(WORK).join("drafts")
    }

    fn draft(&self, id: &str, extension: &str) -> io::Result<PathBuf> {
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(self.draft_folder().join(format!("{id}.{extension}")))
    }

    /// Where an object is, refusing to look through anything but real folders.
    fn place(&self, object: &ObjectName, create: bool) -> io::Result<PathBuf> {
        let mut path = self.root.clone();
        let mut segments = [object.service()].into_iter().chain(object.path().split('/')).peekable();
        while let Some(segment) = segments.next() {
            path.push(segment);
            if segments.peek().is_none() {
                break;
            }
            if create {
                real_folder(&path)?;
            } else if !fs::symlink_metadata(&path)?.is_dir() {
                return Err(io::ErrorKind::NotADirectory.into());
            }
        }
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_file() => Ok(path),
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound && create => Ok(path),
            Err(error) => Err(error),
        }
    }

    fn sweep_empty_folders(&self, object: &Path) {
        let folders = object.ancestors().skip(1).take_while(|folder| *folder != self.root);
        // One that is not empty stays, and all above it.
        let _ = folders.map(fs::remove_dir).find(Result::is_err);
    }
}

impl Storage for DiskStorage {
    fn spool(&self) -> io::Result<Box<dyn Spool>> {
        Ok(Box::new(DiskSpool { storage: self.clone(), place: Place::Memory(Held::default()) }))
    }

    fn read_draft(&self, draft: &str, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        read_at(&mut File::open(self.draft(draft, "data")?)?, offset, buf)
    }

    fn drop_draft(&self, draft: &str) {
        // The journal first: data without a journal is swept away at the next start.
        for extension in ["journal", "data"] {
            if let Ok(path) = self.draft(draft, extension) {
                let _ = fs::remove_file(path);
            }
        }
    }

    fn publish_draft(&self, draft: &str, length: u64, object: &ObjectName) -> io::Result<()> {
        let data = self.draft(draft, "data")?;
        if fs::metadata(&data)?.len() != length {
            return Err(io::Error::other("the draft has another length"));
        }
        fs::rename(data, self.place(object, true)?)?;
        self.drop_draft(draft);
        Ok(())
    }

    fn keeps_drafts(&self) -> bool {
        true
    }

    fn record(&self, draft: &str, line: &str) -> io::Result<()> {
        let path = self.draft(draft, "journal")?;
        let mut file = OpenOptions::new().append(true).create(true).open(path)?;
        file.write_all(format!("{line}\n").as_bytes())
    }

    fn drafts(&self) -> io::Result<Vec<StoredDraft>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(self.draft_folder())? {
            let path = entry?.path();
            let Some(id) = path.file_stem().and_then(OsStr::to_str) else {
                continue;
            };
            if path.extension() == Some(OsStr::new("journal")) {
                found.push(StoredDraft { id: id.to_owned(), journal: whole_lines(&path)? });
            } else if !path.with_extension("journal").exists() {
                fs::remove_file(&path)?;
            }
        }
        found.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(found)
    }

    fn read_object(&self, object: &ObjectName, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let path = self.place(object, false)?;
        read_at(&mut File::open(path)?, offset, buf)
    }

    fn copy_object(&self, from: &ObjectName, to: &ObjectName) -> io::Result<()> {
        let mut source = File::open(self.place(from, false)?)?;
        let target = self.place(to, true)?;
        let mut copy = temporary(&self.spools())?;
        io::copy(&mut source, copy.as_file_mut())?;
        copy.persist(target).map_err(|error| error.error)?;
        Ok(())
    }

    fn remove_object(&self, object: &ObjectName) -> io::Result<()> {
        let path = self.place(object, false)?;
        fs::remove_file(&path)?;
        self.sweep_empty_folders(&path);
        Ok(())
    }

    fn objects(&self, service: &'static str) -> io::Result<Vec<StoredObject>> {
        let (mut found, folder) = (Vec::new(), self.root.join(service));
        if !fs::symlink_metadata(&folder).is_ok_and(|it| it.is_dir()) {
            return Ok(found);
        }
        walk(&folder, &mut Vec::new(), &mut |segments, metadata| {
            found.extend(stored_object(service, segments, metadata));
        })?;
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }
}

/// A file that is locked until this is dropped, and no longer: a process that is being started has a copy of each file for a
/// moment, and a lock that is not taken off lasts as long as any copy.
#[derive(Debug)]
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

fn lock(path: &Path) -> io::Result<Lock> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(io::Error::new(
            io::ErrorKind::ResourceBusy,
            "another emulator uses it; stop that one, or take another folder",
        )),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// A file that may become an object, and so is as open to others as any file the process makes.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "there are no permissions to set"))]
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Makes sure that a real folder is there: no file, no link.
fn real_folder(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let is_folder = fs::symlink_metadata(path)?.is_dir();
            is_folder.then_some(()).ok_or_else(|| io::ErrorKind::NotADirectory.into())
        }
        other => other,
    }
}

fn walk(folder: &Path, segments: &mut Vec<String>, found: &mut dyn FnMut(&[String], &fs::Metadata)) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(segment) = entry.file_name().into_string() else {
            continue;
        };
        let kind = entry.file_type()?;
        segments.push(segment);
        if kind.is_dir() {
            walk(&entry.path(), segments, found)?;
        } else if kind.is_file() {
            found(segments, &entry.metadata()?);
        }
        segments.pop();
    }
    Ok(())
}

fn stored_object(service: &'static str, segments: &[String], metadata: &fs::Metadata) -> Option<StoredObject> {
    let modified = metadata.modified().ok();
    Some(StoredObject {
        name: ObjectName::new(service, &segments.join("/"))?,
        length: metadata.len(),
        modified: modified.and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or(Duration::ZERO),
    })
}

/// A journal's lines. A last one that was cut short is cut off, or the next would be glued to it.
fn whole_lines(path: &Path) -> io::Result<Vec<String>> {
    let bytes = fs::read(path)?;
    let end = bytes.iter().rposition(|byte| *byte == b'\n');
    let end = end.map_or(0, |last| last + 1);
    if end < bytes.len() {
        let file = OpenOptions::new().write(true).open(path)?;
        file.set_len(end as u64)?;
    }
    let text = String::from_utf8_lossy(&bytes[..end]);
    Ok(text.lines().map(str::to_owned).collect())
}

fn read_at(file: &mut (impl Read + Seek), offset: u64, buf: &mut [u8]) -> io::Result<usize> {
    file.seek(SeekFrom::Start(offset))?;
    let mut filled = 0;
    while filled < buf.len() {
        match file.read(&mut buf[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// A body, in memory as long as it is short.
struct DiskSpool {
    storage: DiskStorage,
    place: Place,
}

enum Place {
    Memory(Held),
    File(NamedTempFile),
}

impl Spool for DiskSpool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Place::Memory(held) = &self.place
            && held.len() + bytes.len() > HELD
        {
            self.place = Place::File(self.storage.spill(held)?);
        }
        match &mut self.place {
            Place::Memory(held) => held.push(bytes),
            Place::File(file) => file.as_file_mut().write_all(bytes)?,
        }
        Ok(())
    }

    fn read(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        match &mut self.place {
            Place::Memory(held) => held.read(offset, buf),
            Place::File(file) => {
                let read = read_at(file.as_file_mut(), offset, buf)?;
                file.as_file_mut().seek(SeekFrom::End(0))?;
                Ok(read)
            }
        }
    }

    fn into_draft(mut self: Box<Self>, draft: &str, offset: u64) -> io::Result<()> {
        let path = self.storage.draft(draft, "data")?;
        let mut target = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        target.seek(SeekFrom::Start(offset))?;
        match &mut self.place {
            Place::Memory(held) => target.write_all(held.bytes()),
            Place::File(file) => {
                let source = file.as_file_mut();
                source.seek(SeekFrom::Start(0))?;
                io::copy(source, &mut target).map(drop)
            }
        }
    }

    fn into_object(self: Box<Self>, object: &ObjectName) -> io::Result<()> {
        let target = self.storage.place(object, true)?;
        let file = match self.place {
            Place::Memory(held) => self.storage.spill(&held)?,
            Place::File(file) => file,
        };
        file.persist(target).map(drop).map_err(|error| error.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_ends_when_it_is_dropped_whoever_has_a_copy_of_its_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        let held = lock(&path).expect("it is free");
        let _copy = held.0.try_clone().expect("a copy");
        assert_eq!(lock(&path).expect_err("it is in use").kind(), io::ErrorKind::ResourceBusy);
        drop(held);
        lock(&path).expect("it is free again");
    }
}
