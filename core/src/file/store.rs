//! A folder that keeps checkpoints: one file an upload, and one lock.
//!
//! A checkpoint is written aside, synced, renamed, and its folder synced: after a loss of power there is the old one or
//! the new one. The lock is a file of its own that is never renamed or deleted, held for the whole run by the operating
//! system, which lets go of it however the process ends.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::checkpoint::{self, Checkpoint, ResumeError};
use crate::file::private;
use crate::host_error::{Cause, StoreError};
use crate::protocol::Protocol;
use crate::source::SourceInfo;

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

/// What can be read of a checkpoint without knowing its vendor.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Envelope {
    /// The format version.
    pub format: u32,
    /// Name and version of the vendor's protocol.
    pub protocol: String,
    /// Where the upload goes.
    pub target: String,
    /// The source when the upload began.
    pub source: SourceInfo,
    /// When the checkpoint was made, as time since 1970.
    pub saved_unix: Duration,
    /// Bytes that the vendor had acknowledged.
    pub confirmed: u64,
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
    pub key: String,
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
    #[error("another process holds this upload{}", holder_text(*.0))]
    Held(Option<Holder>),
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
        "the checkpoint {path} is damaged ({error}); nothing is lost at the vendor: move the file away to begin anew"
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What the parser said.
        error: String,
    },
    /// It was written by a newer version of this program.
    #[error(
        "the checkpoint {path} has format {found}, this version reads formats up to {}: use the version that wrote it, or move the file away to start over",
        crate::FORMAT
    )]
    Format {
        /// Which file.
        path: PathBuf,
        /// Its format.
        found: u32,
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

fn holder_text(holder: Option<Holder>) -> String {
    holder.map_or_else(String::new, |holder| format!(" (process {})", holder.pid))
}

impl Folder {
    /// The folder at this very path; it is made when the first upload is locked.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The key of an upload: a hash of protocol, target and the source's canonical path.
    pub fn key(protocol: &str, target: &str, source: &Path) -> String {
        let mut hash = Sha256::new();
        for piece in [protocol.as_bytes(), target.as_bytes(), source.as_os_str().as_encoded_bytes()] {
            hash.update((piece.len() as u64).to_le_bytes());
            hash.update(piece);
        }
        hex::encode(&hash.finalize()[..8])
    }

    /// Locks an upload for this process, until the slot is dropped.
    ///
    /// # Errors
    /// When another process holds it, or the folder cannot be used.
    pub fn lock(&self, key: &str) -> Result<Slot, LockError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |error| LockError::Io { path, error }
        };
        private::make_folder(&self.path).map_err(failed(&self.path))?;
        let path = self.path.join(format!("{key}.lock"));
        let mut options = OpenOptions::new();
        let mut lock =
            options.read(true).write(true).create(true).truncate(false).open(&path).map_err(failed(&path))?;
        match try_lock(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held(read_holder(&mut lock))),
            Err(TryLockError::Error(error)) => return Err(failed(&path)(error)),
        }
        write_holder(&mut lock).map_err(failed(&path))?;
        let slot = Slot { folder: self.path.clone(), key: key.to_owned(), lock };
        slot.clear_away();
        Ok(slot)
    }

    /// All uploads in the folder, in the order of their keys; needs no lock. A folder that is not there has none.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(&self) -> Result<Vec<Listed>, ListError> {
        let failed = |error| ListError { path: self.path.clone(), error };
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(failed)?,
        };
        let mut keys = Vec::new();
        for entry in entries {
            let name = entry.map_err(failed)?.file_name();
            keys.extend(name.to_str().and_then(|name| name.strip_suffix(".json")).map(str::to_owned));
        }
        keys.sort();
        Ok(keys.into_iter().map(|key| self.listed(key)).collect())
    }

    fn listed(&self, key: String) -> Listed {
        let content = load(&self.path.join(format!("{key}.json")), envelope);
        Listed { content, holder: self.holder(&key), key }
    }

    /// Looks whether somebody holds the lock, by trying to share it for a moment.
    fn holder(&self, key: &str) -> Option<Holder> {
        let mut lock = File::open(self.path.join(format!("{key}.lock"))).ok()?;
        match lock.try_lock_shared() {
            Err(TryLockError::WouldBlock) => read_holder(&mut lock),
            _ => None,
        }
    }
}

/// One upload's place in the folder, locked for this process.
#[derive(Debug)]
pub struct Slot {
    folder: PathBuf,
    key: String,
    lock: File,
}

impl Slot {
    /// The upload's key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The checkpoint's path.
    pub fn path(&self) -> PathBuf {
        self.folder.join(format!("{}.json", self.key))
    }

    /// What can be read without knowing the vendor; `None` when nothing was saved.
    ///
    /// # Errors
    /// When there is something, and it cannot be read.
    pub fn envelope(&self) -> Result<Option<(Label, Envelope)>, LoadError> {
        load_if_there(&self.path(), envelope)
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
        let kept = String::from_utf8(checkpoint.to_bytes())
            .map_err(|error| StoreError(Cause(error.into())))
            .and_then(|text| RawValue::from_string(text).map_err(|error| StoreError(Cause(error.into()))))?;
        let text = serde_json::to_vec(&Kept { label: label.clone(), checkpoint: kept })
            .map_err(|error| StoreError(Cause(error.into())))?;
        self.replace(&text).map_err(|error| StoreError(Cause::text(format!("{}: {error}", self.path().display()))))
    }

    /// Removes the checkpoint; the lock stays until the slot is dropped.
    ///
    /// # Errors
    /// When it is there and cannot be removed.
    pub fn remove(&self) -> Result<(), StoreError> {
        match fs::remove_file(self.path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(StoreError(Cause::text(format!("{} could not be removed: {error}", self.path().display()))))
            }
            _ => Ok(()),
        }
    }

    /// What a process that was killed while it saved has left.
    fn clear_away(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let rest = name.to_str().and_then(|name| name.strip_prefix(&self.key)?.strip_suffix(".part"));
            if rest.is_some() {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn replace(&self, text: &[u8]) -> io::Result<()> {
        private::replace(&self.path(), text)
    }
}

impl Drop for Slot {
    /// Closing the file would be enough; a name left in it would not be wrong, only stale.
    fn drop(&mut self) {
        let _ = self.lock.set_len(0);
    }
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
        Err(LoadError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

fn load<T>(path: &Path, read: impl Fn(&[u8]) -> Result<T, ResumeError>) -> Result<(Label, T), LoadError> {
    let text = fs::read(path).map_err(|error| LoadError::Io { path: path.to_owned(), error })?;
    let damaged = |error: String| LoadError::Damaged { path: path.to_owned(), error };
    let kept: Kept = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
    match read(kept.checkpoint.get().as_bytes()) {
        Ok(checkpoint) => Ok((kept.label, checkpoint)),
        Err(ResumeError::Format { found }) => Err(LoadError::Format { path: path.to_owned(), found }),
        Err(error) => Err(damaged(error.to_string())),
    }
}

fn envelope(bytes: &[u8]) -> Result<Envelope, ResumeError> {
    let text = checkpoint::sound(bytes)?;
    serde_json::from_str(&text).map_err(checkpoint::damaged).map_err(Into::into)
}
