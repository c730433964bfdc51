//! Nothing but lengths: for benchmarks.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::held::Held;
use super::{ObjectName, Spool, Storage};

/// Takes every byte and keeps none: only the lengths of drafts and objects, which it forgets with the process. What cannot
/// be verified while a body is here is believed. Clones share one store.
#[derive(Clone, Debug, Default)]
pub struct NullStorage {
    lengths: Arc<Mutex<Lengths>>,
}

#[derive(Debug, Default)]
struct Lengths {
    drafts: HashMap<String, u64>,
    objects: HashMap<ObjectName, u64>,
}

impl NullStorage {
    /// An empty store.
    pub fn new() -> NullStorage {
        NullStorage::default()
    }

    fn lock(&self) -> MutexGuard<'_, Lengths> {
        self.lengths.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage for NullStorage {
    fn spool(&self) -> io::Result<Box<dyn Spool>> {
        Ok(Box::new(NullSpool { storage: self.clone(), held: Held::default() }))
    }

    fn keeps_bytes(&self) -> bool {
        false
    }

    fn read_draft(&self, _draft: &str, _offset: u64, _buf: &mut [u8]) -> io::Result<usize> {
        Err(gone())
    }

    fn drop_draft(&self, draft: &str) {
        self.lock().drafts.remove(draft);
    }

    fn publish_draft(&self, draft: &str, length: u64, object: &ObjectName) -> io::Result<()> {
        let mut lengths = self.lock();
        if lengths.drafts.get(draft) != Some(&length) {
            return Err(io::Error::other("the draft has another length"));
        }
        lengths.drafts.remove(draft);
        lengths.objects.insert(object.clone(), length);
        Ok(())
    }

    fn read_object(&self, _object: &ObjectName, _offset: u64, _buf: &mut [u8]) -> io::Result<usize> {
        Err(gone())
    }

    fn copy_object(&self, from: &ObjectName, to: &ObjectName) -> io::Result<()> {
        let mut lengths = self.lock();
        let length = lengths.objects.get(from).copied().ok_or(io::ErrorKind::NotFound)?;
        lengths.objects.insert(to.clone(), length);
        Ok(())
    }

    fn remove_object(&self, object: &ObjectName) -> io::Result<()> {
        let removed = self.lock().objects.remove(object);
        removed.map(drop).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

struct NullSpool {
    storage: NullStorage,
    held: Held,
}

impl Spool for NullSpool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.held.push(bytes);
        Ok(())
    }

    fn read(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.held.read(offset, buf)
    }

    fn into_draft(self: Box<Self>, draft: &str, offset: u64) -> io::Result<()> {
        let end = offset.saturating_add(self.held.len() as u64);
        let mut lengths = self.storage.lock();
        let length = lengths.drafts.entry(draft.to_owned()).or_default();
        *length = end.max(*length);
        Ok(())
    }

    fn into_object(self: Box<Self>, object: &ObjectName) -> io::Result<()> {
        self.storage.lock().objects.insert(object.clone(), self.held.len() as u64);
        Ok(())
    }
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "the bytes were not kept")
}
