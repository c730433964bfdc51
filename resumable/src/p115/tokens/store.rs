//! A file with the newest pair of tokens, and the lock that stands for the right to change it.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::mem;
use std::path::{Path, PathBuf};

use resumable_proto_115::{AccessToken, RefreshToken, Tokens};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use super::Origin;
use crate::file::{Key, private};
use crate::printable;

/// What the file looks like.
const FORMAT: u32 = 1;
/// A pair of tokens takes a few KiB at most.
const LONGEST: u64 = 64 * 1024;

/// The place of one line of pairs.
pub(crate) struct TokenStore {
    folder: PathBuf,
    key: Key,
    account: String,
}

/// The right to change what is stored; the system takes it back however the process ends.
pub(crate) struct LockGuard(#[expect(dead_code, reason = "what matters is that it is open")] File);

/// Why a store cannot be used, in words; no token in them.
#[derive(Debug)]
pub(crate) enum Unusable {
    /// What is in it is no pair.
    Damaged(String),
    /// A newer version of this program has written it.
    Newer(String),
    /// The folder or a file in it cannot be read or written.
    Folder(String),
}

/// A pair that was read. Its age is not known, so neither is how long it is good for.
pub(crate) struct Pair {
    /// For every call.
    pub(crate) access_token: AccessToken,
    /// For the next refresh.
    pub(crate) refresh_token: RefreshToken,
}

/// What every version of the file has.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// Wiped when it goes.
#[derive(Serialize, Deserialize)]
struct Kept {
    format: u32,
    /// For people.
    account: String,
    access_token: String,
    refresh_token: String,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.access_token.zeroize();
        self.refresh_token.zeroize();
    }
}

impl TokenStore {
    /// The place for what begins at `origin`.
    pub(crate) fn new(folder: &Path, origin: &Origin) -> Self {
        Self { folder: folder.to_owned(), key: origin.key(), account: origin.account.clone() }
    }

    /// The file.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join(format!("{}.json", self.key))
    }

    /// What is stored, if anything is.
    ///
    /// # Errors
    /// When something is, and cannot be read.
    pub(crate) fn load(&self) -> Result<Option<Pair>, Unusable> {
        self.trusted()?;
        // Not the parser's own words: they may repeat what is in the file.
        let damaged = || Unusable::Damaged(format!("the tokens in {} are damaged", printable::path(&self.path())));
        let bytes = match private::read(&self.path(), LONGEST) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == ErrorKind::InvalidData => return Err(damaged()),
            other => other.map(Zeroizing::new).map_err(|error| self.unusable("cannot be read", &error))?,
        };
        let Format { format } = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
        if format > FORMAT {
            let path = printable::path(&self.path());
            return Err(Unusable::Newer(format!(
                "the tokens in {path} were written by a newer version of this program"
            )));
        }
        let mut kept: Kept = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
        let access_token = AccessToken::new(mem::take(&mut kept.access_token)).map_err(|_| damaged())?;
        let refresh_token = RefreshToken::new(mem::take(&mut kept.refresh_token)).map_err(|_| damaged())?;
        Ok(Some(Pair { access_token, refresh_token }))
    }

    /// Takes the lock, unless somebody else has it.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub(crate) fn try_lock(&self) -> Result<Option<LockGuard>, Unusable> {
        private::make_folder(&self.folder).map_err(|error| self.unusable("cannot be used", &error))?;
        self.trusted()?;
        let lock = private::open_lock(&self.folder.join(format!("{}.lock", self.key)));
        let lock = lock.map_err(|error| self.unusable("cannot be used", &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(LockGuard(lock))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(self.unusable("cannot be locked", &error)),
        }
    }

    /// Writes as much as a pair takes, and takes it away again: a folder that cannot take the new pair is noticed while
    /// the old one is still good.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn preflight(&self, _: &LockGuard) -> Result<(), Unusable> {
        let path = self.folder.join(format!("{}.trial", self.key));
        let written = private::replace(&path, &[b' '; 16 * 1024]);
        written.and_then(|()| fs::remove_file(&path)).map_err(|error| self.unusable("cannot be written", &error))
    }

    /// Puts a pair in place of any older one; it survives a loss of power once this returns.
    ///
    /// # Errors
    /// When any step fails, or a newer version has written what is there; that is still there then.
    pub(crate) fn save(&self, _: &LockGuard, tokens: &Tokens) -> Result<(), Unusable> {
        self.own()?;
        let kept = Kept {
            format: FORMAT,
            account: self.account.clone(),
            access_token: tokens.access_token.expose().to_owned(),
            refresh_token: tokens.refresh_token.expose().to_owned(),
        };
        let bytes = Zeroizing::new(serde_json::to_vec_pretty(&kept).expect("texts and a number"));
        private::replace(&self.path(), &bytes).map_err(|error| self.unusable("cannot be written", &error))
    }

    /// What is stored may be replaced: it is a pair, or damaged, or nothing.
    ///
    /// # Errors
    /// When a newer version of this program has written it.
    pub(crate) fn own(&self) -> Result<(), Unusable> {
        match self.load() {
            Err(newer @ Unusable::Newer(_)) => Err(newer),
            _ => Ok(()),
        }
    }

    /// Whoever could write there could say with whose account files are uploaded.
    fn trusted(&self) -> Result<(), Unusable> {
        match private::exposure(&self.folder) {
            Ok(Some(exposure)) if exposure.is_refused() => {
                let folder = printable::path(&self.folder);
                Err(Unusable::Folder(format!("the folder of tokens {folder} cannot be trusted: {exposure}")))
            }
            _ => Ok(()),
        }
    }

    fn unusable(&self, what: &str, error: &io::Error) -> Unusable {
        Unusable::Folder(format!("the file of tokens {} {what}: {error}", printable::path(&self.path())))
    }
}
