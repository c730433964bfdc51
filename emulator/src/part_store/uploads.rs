//! The uploads that were begun, until they are complete or given up.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use super::Vendor;
use super::objects::Object;
use super::parts::{Parts, Purpose, Restored};
use crate::storage::Storage;

/// All uploads. Locks are taken in this order: an upload, then the index; the index only for moments.
#[derive(Debug)]
pub(crate) struct Uploads<V: Vendor> {
    index: Mutex<Index<V>>,
}

#[derive(Debug)]
struct Index<V: Vendor> {
    by_id: BTreeMap<String, Entry<V>>,
    serial: u64,
}

/// What an upload is for can be told without waiting for it.
#[derive(Debug)]
struct Entry<V: Vendor> {
    purpose: Arc<Purpose<V>>,
    upload: Arc<Mutex<Upload<V>>>,
}

/// One upload.
#[derive(Debug)]
pub(crate) struct Upload<V: Vendor> {
    pub(crate) purpose: Arc<Purpose<V>>,
    pub(crate) phase: Phase<V>,
}

#[derive(Debug)]
pub(crate) enum Phase<V: Vendor> {
    Open(Parts),
    /// Kept only where complete may be asked again.
    Complete(Object<V>),
    Gone,
}

/// No upload of this id is there, or none that is for this key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoSuchUpload(pub(crate) String);

impl<V: Vendor> Uploads<V> {
    /// What an earlier process left; what makes no sense of it is thrown away.
    pub(crate) fn found(storage: &dyn Storage) -> io::Result<Uploads<V>> {
        let uploads = Uploads { index: Mutex::new(Index { by_id: BTreeMap::new(), serial: 0 }) };
        for stored in storage.drafts()? {
            let Some(id) = stored.id.strip_prefix(V::NAME).and_then(|rest| rest.strip_prefix('-')) else { continue };
            match Parts::restore(&stored, storage) {
                Some(Restored { purpose, parts }) => uploads.add(id.to_owned(), purpose, parts),
                None => storage.drop_draft(&stored.id),
            }
        }
        Ok(uploads)
    }

    /// Begins an upload; its id. Several may be for one key.
    pub(crate) fn begin(&self, purpose: Purpose<V>, storage: &dyn Storage) -> io::Result<String> {
        let id = lock(&self.index).fresh_id(&purpose);
        let parts = Parts::begin(&id, &purpose, storage)?;
        self.add(id.clone(), purpose, parts);
        Ok(id)
    }

    fn add(&self, id: String, purpose: Purpose<V>, parts: Parts) {
        let purpose = Arc::new(purpose);
        let upload = Upload { purpose: Arc::clone(&purpose), phase: Phase::Open(parts) };
        lock(&self.index).by_id.insert(id, Entry { purpose, upload: Arc::new(Mutex::new(upload)) });
    }

    /// Does something with an upload that nobody else does anything with meanwhile.
    pub(crate) fn with<T, E: From<NoSuchUpload>>(
        &self,
        id: &str,
        (bucket, key): (&str, &str),
        work: impl FnOnce(&mut Upload<V>) -> Result<T, E>,
    ) -> Result<T, E> {
        let known = lock(&self.index).by_id.get(id).cloned();
        let known = known.filter(|it| it.purpose.bucket == bucket && it.purpose.key == key);
        let entry = known.ok_or_else(|| NoSuchUpload(id.to_owned()))?;
        let mut upload = lock(&entry.upload);
        if matches!(upload.phase, Phase::Gone) {
            return Err(NoSuchUpload(id.to_owned()).into());
        }
        let done = work(&mut upload);
        if matches!(upload.phase, Phase::Gone) {
            lock(&self.index).by_id.remove(id);
        }
        done
    }

    /// Loses an upload, if there is one.
    pub(crate) fn forget(&self, id: &str, storage: &dyn Storage) {
        let known = lock(&self.index).by_id.remove(id);
        if let Some(entry) = known {
            lock(&entry.upload).leave(storage);
        }
    }

    /// Looks at an upload that is open.
    pub(crate) fn look<T>(&self, id: &str, look: impl FnOnce(&Parts) -> T) -> Option<T> {
        let known = lock(&self.index).by_id.get(id).cloned()?;
        match &lock(&known.upload).phase {
            Phase::Open(parts) => Some(look(parts)),
            Phase::Complete(_) | Phase::Gone => None,
        }
    }

    /// What an upload is for, whether or not it is open; none if it is not known.
    pub(crate) fn purpose(&self, id: &str) -> Option<Arc<Purpose<V>>> {
        lock(&self.index).by_id.get(id).map(|entry| Arc::clone(&entry.purpose))
    }

    /// The uploads of a bucket, by key and then by id.
    pub(crate) fn of_bucket(&self, bucket: &str) -> Vec<(Arc<Purpose<V>>, String)> {
        let all: Vec<(String, Entry<V>)> =
            lock(&self.index).by_id.iter().map(|(id, entry)| (id.clone(), entry.clone())).collect();
        let open = |entry: &Entry<V>| matches!(lock(&entry.upload).phase, Phase::Open(_));
        let mut found: Vec<(Arc<Purpose<V>>, String)> = all
            .into_iter()
            .filter(|(_, entry)| entry.purpose.bucket == bucket && open(entry))
            .map(|(id, entry)| (entry.purpose, id))
            .collect();
        found.sort_by(|(a, a_id), (b, b_id)| (&a.key, a_id).cmp(&(&b.key, b_id)));
        found
    }
}

impl<V: Vendor> Clone for Entry<V> {
    fn clone(&self) -> Self {
        Entry { purpose: Arc::clone(&self.purpose), upload: Arc::clone(&self.upload) }
    }
}

impl<V: Vendor> Index<V> {
    /// Unlike all others, also those of another process.
    fn fresh_id(&mut self, purpose: &Purpose<V>) -> String {
        loop {
            self.serial += 1;
            let mut hasher = Sha256::new();
            hasher.update(purpose.begun.as_nanos().to_be_bytes());
            hasher.update(self.serial.to_be_bytes());
            hasher.update(purpose.key.as_bytes());
            let id = V::upload_id(purpose.begun, self.serial, &hasher.finalize().into());
            if !self.by_id.contains_key(&id) {
                return id;
            }
        }
    }
}

impl<V: Vendor> Upload<V> {
    /// It is gone, with all that came.
    pub(crate) fn leave(&mut self, storage: &dyn Storage) {
        if let Phase::Open(parts) = &self.phase {
            parts.drop_draft(storage);
        }
        self.phase = Phase::Gone;
    }

    /// What came, as long as more may come.
    pub(crate) fn open(&mut self, id: &str) -> Result<&mut Parts, NoSuchUpload> {
        match &mut self.phase {
            Phase::Open(parts) => Ok(parts),
            Phase::Complete(_) | Phase::Gone => Err(NoSuchUpload(id.to_owned())),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
