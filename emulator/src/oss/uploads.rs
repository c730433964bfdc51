//! The uploads that were begun, until they are complete or given up.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::error::{Error, NO_SUCH_UPLOAD};
use super::objects::Made;
use super::parts::{Parts, Purpose};
use crate::storage::Storage;

/// All uploads. Locks are taken in this order: an upload, then the index; the index only for moments.
#[derive(Debug, Default)]
pub(super) struct Uploads {
    index: Mutex<Index>,
}

#[derive(Debug, Default)]
struct Index {
    by_id: BTreeMap<String, Entry>,
    serial: u64,
}

/// What an upload is for can be told without waiting for it.
#[derive(Clone, Debug)]
struct Entry {
    purpose: Arc<Purpose>,
    upload: Arc<Mutex<Upload>>,
}

/// One upload.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) purpose: Arc<Purpose>,
    pub(super) phase: Phase,
}

#[derive(Debug)]
pub(super) enum Phase {
    Open(Parts),
    /// Kept only where complete may be asked again.
    Complete(Made),
    Gone,
}

impl Uploads {
    /// Begins an upload; its id. Several may be for one key.
    pub(super) fn begin(&self, purpose: Purpose, storage: &dyn Storage) -> io::Result<String> {
        let id = lock(&self.index).fresh_id(&purpose);
        let parts = Parts::begin(&id, &purpose, storage)?;
        self.restore(id.clone(), purpose, parts);
        Ok(id)
    }

    /// Takes up what an earlier process left.
    pub(super) fn restore(&self, id: String, purpose: Purpose, parts: Parts) {
        let purpose = Arc::new(purpose);
        let upload = Upload { purpose: Arc::clone(&purpose), phase: Phase::Open(parts) };
        lock(&self.index).by_id.insert(id, Entry { purpose, upload: Arc::new(Mutex::new(upload)) });
    }

    /// Does something with an upload that nobody else does anything with meanwhile.
    pub(super) fn with<T>(
        &self,
        id: &str,
        bucket: &str,
        key: &str,
        work: impl FnOnce(&mut Upload) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let known = lock(&self.index).by_id.get(id).cloned();
        let known = known.filter(|it| it.purpose.bucket == bucket && it.purpose.key == key);
        let entry = known.ok_or_else(|| unknown(id))?;
        let mut upload = lock(&entry.upload);
        if matches!(upload.phase, Phase::Gone) {
            return Err(unknown(id));
        }
        let done = work(&mut upload);
        if matches!(upload.phase, Phase::Gone) {
            lock(&self.index).by_id.remove(id);
        }
        done
    }

    /// Loses an upload, if there is one.
    pub(super) fn forget(&self, id: &str, storage: &dyn Storage) {
        let known = lock(&self.index).by_id.remove(id);
        if let Some(entry) = known {
            lock(&entry.upload).leave(storage);
        }
    }

    /// Looks at an upload that is open.
    pub(super) fn look<T>(&self, id: &str, look: impl FnOnce(&Parts) -> T) -> Option<T> {
        let known = lock(&self.index).by_id.get(id).cloned()?;
        match &lock(&known.upload).phase {
            Phase::Open(parts) => Some(look(parts)),
            Phase::Complete(_) | Phase::Gone => None,
        }
    }

    /// The uploads of a bucket, by key and then by id.
    pub(super) fn of_bucket(&self, bucket: &str) -> Vec<(Arc<Purpose>, String)> {
        let all: Vec<(String, Entry)> =
            lock(&self.index).by_id.iter().map(|(id, entry)| (id.clone(), entry.clone())).collect();
        let open = |entry: &Entry| matches!(lock(&entry.upload).phase, Phase::Open(_));
        let mut found: Vec<(Arc<Purpose>, String)> = all
            .into_iter()
            .filter(|(_, entry)| entry.purpose.bucket == bucket && open(entry))
            .map(|(id, entry)| (entry.purpose, id))
            .collect();
        found.sort_by(|(a, a_id), (b, b_id)| (&a.key, a_id).cmp(&(&b.key, b_id)));
        found
    }
}

impl Index {
    /// 32 digits of upper-case hex, unlike all others, also those of another process.
    fn fresh_id(&mut self, purpose: &Purpose) -> String {
        loop {
            self.serial += 1;
            let mut hasher = Sha256::new();
            hasher.update(purpose.begun.as_nanos().to_be_bytes());
            hasher.update(self.serial.to_be_bytes());
            hasher.update(purpose.key.as_bytes());
            let id = hex::encode_upper(&hasher.finalize()[..16]);
            if !self.by_id.contains_key(&id) {
                return id;
            }
        }
    }
}

impl Upload {
    /// It is gone, with all that came.
    pub(super) fn leave(&mut self, storage: &dyn Storage) {
        if let Phase::Open(parts) = &self.phase {
            parts.drop_draft(storage);
        }
        self.phase = Phase::Gone;
    }

    /// What came, as long as more may come.
    pub(super) fn open(&mut self, id: &str) -> Result<&mut Parts, Error> {
        match &mut self.phase {
            Phase::Open(parts) => Ok(parts),
            Phase::Complete(_) | Phase::Gone => Err(unknown(id)),
        }
    }
}

pub(super) fn unknown(id: &str) -> Error {
    NO_SUCH_UPLOAD.error().with("UploadId", id)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// When an upload began, for one that begins now.
pub(super) fn begun(clock: Duration) -> Duration {
    Duration::from_millis(u64::try_from(clock.as_millis()).unwrap_or(u64::MAX))
}
