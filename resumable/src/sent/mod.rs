//! What was sent: a record of finished uploads, so that the same file is not sent again.
//!
//! Each finished upload is one line of a file that only grows, and is rewritten now and then without the lines that count no
//! more. Uploads of many threads and processes may write to it at once. What cannot be read costs an upload at most: a file
//! that is not in the record is sent.
//!
//! An upload is in the record under its [`Key`], with how the source looked. The next upload of the same key is not sent if the
//! source is the same by its times, its inode and both ends ([`SourceInfo::compare`]), or, where those leave a doubt, if its
//! whole content has the digest that was recorded. A length alone never counts.
//!
//! The record says what this machine has sent, not what the vendor still has. An object that was deleted at the vendor is
//! not sent again, unless [`Put::resend`](crate::Put::resend) says so.

mod check;
mod log;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use resumable_core::{Comparison, Digest, HashKind, How, Receipt, SourceInfo};
use serde::{Deserialize, Serialize};

pub(crate) use self::check::{Check, check, has_digest};
use self::log::Log;
use crate::file::private::{self, Exposure};
use crate::file::{Key, Label};
use crate::put::name_row;

/// The record of what was sent, in a folder. Clones are the same record.
#[derive(Clone)]
pub struct SentRecord {
    folder: Arc<Path>,
    log: Arc<Mutex<Log>>,
}

/// An upload that is complete.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Sent {
    /// The vendor's protocol and its version, as checkpoints name it.
    pub protocol: String,
    /// Where it led: endpoint, account, bucket and path, as checkpoints name it.
    pub target: String,
    /// What the program called it.
    pub label: Label,
    /// How the source looked that was sent.
    pub source: SourceInfo,
    /// How it came to be complete.
    pub how: How,
    /// Where it can be fetched, if the vendor said.
    pub url: Option<String>,
    /// The vendor's identifier for it, if there is one.
    pub id: Option<String>,
    /// The name that it took in place of the one that was asked for, because that was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// It took the place of whatever stood at the destination, which does not count as sent any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replaces: bool,
    /// A digest of the whole content, if the vendor took one or was given one.
    pub digest: Option<(HashKind, Digest)>,
    /// When it was complete: seconds since 1970-01-01 UTC.
    pub at: u64,
}

/// Why a record cannot be used. Uploads can do without: they only send more than they must.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SentError {
    /// A newer version of this program wrote it. It is left as it is.
    #[error("the record of sent files {path} has format {found}, and this version reads format {}", log::FORMAT)]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// It does not begin as a record does.
    #[error("the record of sent files {path} is damaged: its first line cannot be read")]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
    /// Others can change what counts as sent.
    #[error("the record of sent files {path} cannot be trusted: {exposure}")]
    Exposed {
        /// The folder.
        path: PathBuf,
        /// Who can.
        exposure: Exposure,
    },
    /// It cannot be read or written.
    #[error("the record of sent files {path} cannot be used: {error}")]
    Io {
        /// Which path.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

impl SentRecord {
    /// Opens the record in this folder, or one that is made there when the first upload is complete.
    ///
    /// # Errors
    /// When there is one that cannot be used.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, SentError> {
        let folder = folder.into();
        if let Some(exposure) = exposure(&folder)? {
            return Err(SentError::Exposed { path: folder, exposure });
        }
        let mut log = Log::new(&folder);
        log.refresh()?;
        Ok(Self { folder: folder.into(), log: Arc::new(Mutex::new(log)) })
    }

    /// The folder that it is in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How many uploads it knows.
    pub fn len(&self) -> usize {
        self.log().len()
    }

    /// True if it knows none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many of its lines could not be read, and are left out: a line that was half written when the power went, or that
    /// was edited. Their files are sent again.
    pub fn damaged(&self) -> usize {
        self.log().damaged()
    }

    /// The upload of this key, if it is complete. What other processes have written meanwhile counts.
    ///
    /// # Errors
    /// When the record cannot be used any more.
    pub fn find(&self, key: &Key) -> Result<Option<Sent>, SentError> {
        self.log().find(key)
    }

    /// The SHA-1 of a source, if an upload of the very same content was recorded with one, wherever it went: the same by its
    /// times, its inode and both ends ([`SourceInfo::compare`]).
    pub(crate) fn sha1_of(&self, source: &SourceInfo) -> Result<Option<Digest>, SentError> {
        let sent = self.log().find_content(source)?;
        let same = sent.filter(|sent| sent.source.compare(source) == Comparison::Same);
        Ok(same.and_then(|sent| sent.digest).and_then(|(kind, digest)| (kind == HashKind::Sha1).then_some(digest)))
    }

    /// Writes that an upload is complete, in place of what was known of its key. It survives a loss of power once this
    /// returns.
    ///
    /// # Errors
    /// When it could not be written.
    pub fn add(&self, key: &Key, sent: &Sent) -> Result<(), SentError> {
        let written = self.log().add(key, sent)?;
        // The others need not wait for the disk.
        written.sync().map_err(|error| self.failed(error))
    }

    /// Forgets an upload, so that it is sent again. It stays forgotten after a loss of power once this returns.
    ///
    /// # Errors
    /// When that could not be written.
    pub fn forget(&self, key: &Key) -> Result<(), SentError> {
        let written = self.log().forget(key)?;
        written.map_or(Ok(()), log::Written::sync).map_err(|error| self.failed(error))
    }

    fn failed(&self, error: std::io::Error) -> SentError {
        SentError::Io { path: self.folder.to_path_buf(), error }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who else can change what is in the folder, if that is not to be borne.
fn exposure(folder: &Path) -> Result<Option<Exposure>, SentError> {
    match private::exposure(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SentError::Io { path: folder.to_owned(), error }),
        Ok(exposure) => Ok(exposure.filter(|exposure| exposure.is_refused())),
    }
}

impl Sent {
    /// What is kept of a receipt.
    pub(crate) fn new(
        (protocol, target): (&str, String),
        label: Label,
        source: SourceInfo,
        receipt: &Receipt,
        at: u64,
    ) -> Self {
        let Receipt { how, url, id, digest, .. } = receipt.clone();
        Self {
            protocol: protocol.to_owned(),
            target,
            label,
            source,
            how,
            url,
            id,
            name: None,
            replaces: false,
            digest,
            at,
        }
    }

    /// What an upload that need not be sent again is told with.
    pub(crate) fn receipt(&self) -> Receipt {
        let mut receipt = Receipt::new(How::SentBefore);
        receipt.url.clone_from(&self.url);
        receipt.id.clone_from(&self.id);
        receipt.digest.clone_from(&self.digest);
        receipt.rows.extend(self.name.as_deref().map(name_row));
        receipt
    }
}

impl fmt::Debug for SentRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentRecord").field("folder", &self.folder).finish_non_exhaustive()
    }
}

// A vendor's url may be all that it takes to fetch the object.
impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sent").field("target", &self.target).field("at", &self.at).finish_non_exhaustive()
    }
}
