//! A folder that keeps checkpoints: one file an upload, and one lock.
//!
//! A checkpoint is written aside, synced, renamed, and its folder synced: after a loss of power there is the old one or
//! the new one. The lock is a file of its own that is never renamed, held for the whole run by the operating system,
//! which lets go of it however the process ends. Its holder removes it, and nobody else: whoever gets a lock looks
//! whether it is still the one at its path, and else takes the one that is there now.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::file::key::Key;
use crate::file::private::{self, Exposure};
use resumable_core::{Cause, Checkpoint, Envelope, Protocol, ResumeError, StoreError};

/// A checkpoint is below 16 KiB, its label below some more; what is longer is none.
const LONGEST: u64 = 64 * 1024;

/// The longest label, as it is written.
const LONGEST_LABEL: usize = 32 * 1024;

/// A folder of checkpoints.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

/// What the program knows an upload by; kept beside the checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The name of the profile that the upload was begun with.
    pub profile: String,
    /// The source's path, for people.
    pub path: String,
    /// The destination's path within the profile.
    pub destination: String,
}

impl Label {
    /// True if a record with it can be read again.
    pub(crate) fn fits(&self) -> bool {
        serde_json::to_vec(self).is_ok_and(|text| text.len() <= LONGEST_LABEL)
    }
}

/// A file's content. The checkpoint is kept byte for byte, because its checksum is over bytes.
#[derive(Serialize, Deserialize)]
struct Kept {
    label: Label,
    checkpoint: Box<RawValue>,
}

/// One upload in a list.
#[derive(Debug)]
pub struct Listed {
    /// The upload's key: what a person names it by.
    pub key: Key,
    /// Label and envelope; or why they cannot be read.
    pub content: Result<(Label, Envelope), LoadError>,
    /// Who works on it now.
    pub holder: Option<Holder>,
}

/// The process that holds an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
}

/// Why a lock could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Another process works on this upload.
    #[error("{}", held_by(*.0))]
    Held(Option<Holder>),
    /// Others can change what is in the folder, and so what is uploaded and what is taken for uploaded.
    #[error("the state folder {path} cannot be trusted: {exposure}")]
    Exposed {
        /// The folder.
        path: PathBuf,
        /// Who can.
        exposure: Exposure,
    },
    /// The file system keeps no locks, so nothing could keep two processes from working on the same upload.
    #[error(
        "the file system of {path} supports no locks ({error}), like some network file systems; use a folder on a local disk"
    )]
    NoLocks {
        /// Which path.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A store of the program's own cannot be used.
    #[error("the store of checkpoints cannot be used: {0}")]
    Store(#[from] io::Error),
    /// The folder or the lock file cannot be used.
    #[error("the state folder {path} cannot be used: {error}")]
    Io {
        /// Which path.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// Why a checkpoint could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// It is not what was written: cut, edited, or of another program.
    #[error(
        "the checkpoint {path} is damaged ({error}); nothing is lost at the vendor: move the file away to start over"
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What the parser said.
        error: String,
    },
    /// It was written by a newer version of this program.
    #[error(
        "the checkpoint {path} has format {found}, but this version reads formats up to {}: use the version that wrote it, or move the file away to start over",
        resumable_core::FORMAT
    )]
    Format {
        /// Which file.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// It belongs to another vendor.
    #[error("{path}: {error}; move the file away to start over")]
    Protocol {
        /// Which file.
        path: PathBuf,
        /// Of which protocol it is.
        error: String,
    },
    /// It cannot be read at all.
    #[error("the checkpoint {path} cannot be read: {error}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// Why the folder could not be listed.
#[derive(Debug, thiserror::Error)]
#[error("the state folder {path} cannot be listed: {error}")]
pub struct ListError {
    path: PathBuf,
    error: io::Error,
}

fn held_by(holder: Option<Holder>) -> String {
    match holder {
        Some(Holder { pid }) if pid == std::process::id() => {
            format!("this process ({pid}) is already working on this upload; another one needs its own key")
        }
        Some(Holder { pid }) => format!("another process is working on this upload (process {pid})"),
        None => "another process is working on this upload".to_owned(),
    }
}

impl Folder {
    /// The folder at this very path; it is made when the first upload is locked.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The key of an upload: a hash of protocol, target and the source's canonical path.
    pub fn key(protocol: &str, target: &str, source: &Path) -> Key {
        let mut hash = Sha256::new();
        for piece in [protocol.as_bytes(), target.as_bytes(), source.as_os_str().as_encoded_bytes()] {
            hash.update((piece.len() as u64).to_le_bytes());
            hash.update(piece);
        }
        Key::new(hex::encode(&hash.finalize()[..8])).expect("hexadecimal digits")
    }

    /// Locks an upload for this process, until the guard is dropped.
    ///
    /// # Errors
    /// When another process holds it, or the folder cannot be used, be it that others can write to it.
    pub fn lock(&self, key: &Key) -> Result<CheckpointGuard, LockError> {
        let failed = |error| LockError::Io { path: self.path.clone(), error };
        private::make_folder(&self.path).map_err(failed)?;
        if let Some(exposure) = private::exposure(&self.path).map_err(failed)?.filter(|it| it.is_refused()) {
            return Err(LockError::Exposed { path: self.path.clone(), exposure });
        }
        let lock = take(&self.file(key, "lock"))?;
        let guard = CheckpointGuard { folder: self.clone(), key: key.clone(), lock, saving: Mutex::new(()) };
        // What a process that was killed while it saved has left.
        let _ = fs::remove_file(private::aside(&guard.path()));
        Ok(guard)
    }

    /// All uploads in the folder, in the order of their keys; needs no lock. A folder that is not there has none.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(&self) -> Result<Vec<Listed>, ListError> {
        let failed = |error| ListError { path: self.path.clone(), error };
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(failed)?,
        };
        let mut keys = Vec::new();
        for entry in entries {
            let name = entry.map_err(failed)?.file_name();
            keys.extend(name.to_str().and_then(|name| Key::new(name.strip_suffix(".json")?).ok()));
        }
        keys.sort();
        Ok(keys.into_iter().map(|key| self.listed(key)).collect())
    }

    /// What was saved under a key, without its lock; `None` if there is nothing.
    pub(crate) fn read<T>(
        &self,
        key: &Key,
        read: impl Fn(&[u8]) -> Result<T, ResumeError>,
    ) -> Result<Option<(Label, T)>, LoadError> {
        load_if_there(&self.file(key, "json"), read)
    }

    fn listed(&self, key: Key) -> Listed {
        let content = load(&self.file(&key, "json"), Envelope::from_bytes);
        Listed { content, holder: self.holder(&key), key }
    }

    /// Looks whether somebody holds the lock, by trying to share it for a moment.
    fn holder(&self, key: &Key) -> Option<Holder> {
        let mut lock = private::open(&self.file(key, "lock"), File::options().read(true)).ok()?;
        match lock.try_lock_shared() {
            Err(TryLockError::WouldBlock) => read_holder(&mut lock),
            _ => None,
        }
    }

    fn file(&self, key: &Key, ending: &str) -> PathBuf {
        self.path.join(format!("{key}.{ending}"))
    }
}

/// One upload's place in the folder, locked for this process.
#[derive(Debug)]
pub struct CheckpointGuard {
    folder: Folder,
    key: Key,
    lock: File,
    /// One save at a time: two would write to the same file.
    saving: Mutex<()>,
}

impl CheckpointGuard {
    /// The upload's key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The checkpoint's path.
    pub fn path(&self) -> PathBuf {
        self.folder.file(&self.key, "json")
    }

    /// What can be read without knowing the vendor; `None` when nothing was saved.
    ///
    /// # Errors
    /// When there is something, and it cannot be read.
    pub fn envelope(&self) -> Result<Option<(Label, Envelope)>, LoadError> {
        load_if_there(&self.path(), Envelope::from_bytes)
    }

    /// The saved checkpoint; `None` when nothing was saved.
    ///
    /// # Errors
    /// When there is something, and it cannot be read.
    pub fn load<P: Protocol>(&self) -> Result<Option<(Label, Checkpoint<P>)>, LoadError> {
        load_if_there(&self.path(), Checkpoint::from_bytes)
    }

    /// Puts a checkpoint in place of any older one; it survives a loss of power once this returns.
    ///
    /// # Errors
    /// When any step of it fails; then the older one is still there.
    pub fn save<P: Protocol>(&self, label: &Label, checkpoint: &Checkpoint<P>) -> Result<(), StoreError> {
        let text = record(label, checkpoint)?;
        self.save_record(&text).map_err(|error| StoreError(Cause(error.into())))
    }

    /// What was saved, label and all.
    pub(crate) fn load_record(&self) -> io::Result<Option<Vec<u8>>> {
        match private::read(&self.path(), LONGEST) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            other => other.map(Some),
        }
    }

    /// Puts a record in place of any older one.
    pub(crate) fn save_record(&self, record: &[u8]) -> io::Result<()> {
        let _one = self.saving.lock().unwrap_or_else(PoisonError::into_inner);
        private::replace(&self.path(), record)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", self.path().display())))
    }

    /// Keeps what was saved under another key.
    pub(crate) fn rename_record(&self, to: &Key) -> io::Result<()> {
        let _one = self.saving.lock().unwrap_or_else(PoisonError::into_inner);
        private::rename(&self.path(), &self.folder.file(to, "json"))
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", self.path().display())))
    }

    /// Removes the checkpoint, for good once this returns; the lock stays until the guard is dropped.
    ///
    /// # Errors
    /// When it is there and cannot be removed, or might come back after a loss of power.
    pub fn remove(&self) -> Result<(), StoreError> {
        private::remove(&self.path()).map_err(|error| {
            StoreError(Cause::text(format!("{} could not be removed: {error}", self.path().display())))
        })
    }
}

impl Drop for CheckpointGuard {
    /// The lock's file goes while it is held: nobody else can have it then.
    fn drop(&mut self) {
        private::remove_lock(&self.lock, &self.folder.file(&self.key, "lock"));
    }
}

/// The lock at this path, held and with this process's name in it.
fn take(path: &Path) -> Result<File, LockError> {
    /// Each time somebody else removed what was just opened.
    const TRIES: u32 = 1000;
    let failed = |error| LockError::Io { path: path.to_owned(), error };
    for _ in 0..TRIES {
        let mut lock = private::open_lock(path).map_err(failed)?;
        match try_lock(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held(read_holder(&mut lock))),
            Err(TryLockError::Error(error)) if keeps_no_locks(&error) => {
                return Err(LockError::NoLocks { path: path.to_owned(), error });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        if private::is_at(&lock, path).map_err(failed)? {
            write_holder(&mut lock).map_err(failed)?;
            return Ok(lock);
        }
    }
    Err(failed(io::Error::other("it is never the file that was opened")))
}

/// `ENOLCK`, `ENOSYS` and `EOPNOTSUPP`: a network file system without locks, or without the daemon that keeps them.
fn keeps_no_locks(error: &io::Error) -> bool {
    #[cfg(unix)]
    let is_that = [rustix::io::Errno::NOLCK, rustix::io::Errno::NOSYS, rustix::io::Errno::OPNOTSUPP]
        .iter()
        .any(|code| error.raw_os_error() == Some(code.raw_os_error()));
    #[cfg(not(unix))]
    let is_that = false;
    is_that || error.kind() == ErrorKind::Unsupported
}

/// Somebody who lists the folder shares the lock for a moment; that is not worth a refusal.
fn try_lock(lock: &File) -> Result<(), TryLockError> {
    for _ in 0..20 {
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(5)),
            other => return other,
        }
    }
    lock.try_lock()
}

fn write_holder(lock: &mut File) -> io::Result<()> {
    lock.set_len(0)?;
    lock.rewind()?;
    let holder = Holder { pid: std::process::id() };
    lock.write_all(serde_json::to_string(&holder)?.as_bytes())
}

fn read_holder(lock: &mut File) -> Option<Holder> {
    let mut text = String::new();
    lock.take(1024).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn load_if_there<T>(
    path: &Path,
    read: impl Fn(&[u8]) -> Result<T, ResumeError>,
) -> Result<Option<(Label, T)>, LoadError> {
    match load(path, read) {
        Err(LoadError::Io { error, .. }) if error.kind() == ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

fn load<T>(path: &Path, read: impl Fn(&[u8]) -> Result<T, ResumeError>) -> Result<(Label, T), LoadError> {
    let text = private::read(path, LONGEST).map_err(|error| unreadable(path, error))?;
    read_record(path, &text, read)
}

pub(crate) fn unreadable(path: &Path, error: io::Error) -> LoadError {
    match error.kind() {
        ErrorKind::InvalidData => LoadError::Damaged { path: path.to_owned(), error: error.to_string() },
        _ => LoadError::Io { path: path.to_owned(), error },
    }
}

/// A label and a checkpoint as they are kept, in any store.
pub(crate) fn record<P: Protocol>(label: &Label, checkpoint: &Checkpoint<P>) -> Result<Vec<u8>, StoreError> {
    let kept = String::from_utf8(checkpoint.to_bytes())
        .map_err(|error| StoreError(Cause(error.into())))
        .and_then(|text| RawValue::from_string(text).map_err(|error| StoreError(Cause(error.into()))))?;
    serde_json::to_vec(&Kept { label: label.clone(), checkpoint: kept })
        .map_err(|error| StoreError(Cause(error.into())))
}

/// What a record says. Errors name `path` as its place.
pub(crate) fn read_record<T>(
    path: &Path,
    text: &[u8],
    read: impl Fn(&[u8]) -> Result<T, ResumeError>,
) -> Result<(Label, T), LoadError> {
    let damaged = |error: String| LoadError::Damaged { path: path.to_owned(), error };
    let kept: Kept = serde_json::from_slice(text).map_err(|error| damaged(error.to_string()))?;
    match read(kept.checkpoint.get().as_bytes()) {
        Ok(checkpoint) => Ok((kept.label, checkpoint)),
        Err(ResumeError::Format { found }) => Err(LoadError::Format { path: path.to_owned(), found }),
        Err(error @ ResumeError::Protocol { .. }) => {
            Err(LoadError::Protocol { path: path.to_owned(), error: error.to_string() })
        }
        Err(ResumeError::Damaged(damage)) => Err(damaged(damage.what().to_owned())),
        Err(error) => Err(damaged(error.to_string())),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use rustix::io::Errno;

    use super::*;

    #[test]
    fn a_file_system_without_locks_is_told_from_other_trouble() {
        let says = |code: Errno| keeps_no_locks(&io::Error::from_raw_os_error(code.raw_os_error()));
        assert!([Errno::NOLCK, Errno::NOSYS, Errno::OPNOTSUPP].into_iter().all(says));
        assert!(![Errno::ACCESS, Errno::IO, Errno::NOSPC, Errno::INTR].into_iter().any(says));
        assert!(keeps_no_locks(&ErrorKind::Unsupported.into()));
        let error = LockError::NoLocks { path: "/mnt/share".into(), error: Errno::NOLCK.into() };
        let text = error.to_string();
        assert!(text.contains("/mnt/share") && text.contains("a folder on a local disk"), "{text}");
    }
}
