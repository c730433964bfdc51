//! Everything in memory: for simulators and tests.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::held::{Held, copy};
use super::{ObjectName, Spool, Storage};

/// Keeps everything in memory, and forgets it with the process. Clones share one store.
#[derive(Clone, Debug, Default)]
pub struct MemoryStorage {
    contents: Arc<Mutex<Contents>>,
}

#[derive(Debug, Default)]
struct Contents {
    drafts: HashMap<String, Vec<u8>>,
    objects: HashMap<ObjectName, Bytes>,
}

impl MemoryStorage {
    /// An empty store.
    pub fn new() -> MemoryStorage {
        MemoryStorage::default()
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage for MemoryStorage {
    fn spool(&self) -> io::Result<Box<dyn Spool>> {
        Ok(Box::new(MemorySpool { storage: self.clone(), held: Held::default() }))
    }

    fn read_draft(&self, draft: &str, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let contents = self.lock();
        copy(contents.drafts.get(draft).ok_or_else(missing)?, offset, buf)
    }

    fn drop_draft(&self, draft: &str) {
        self.lock().drafts.remove(draft);
    }

    fn publish_draft(&self, draft: &str, length: u64, object: &ObjectName) -> io::Result<()> {
        let mut contents = self.lock();
        let bytes = contents.drafts.get(draft).ok_or_else(missing)?;
        if bytes.len() as u64 != length {
            return Err(io::Error::other("the draft has another length"));
        }
        let bytes = contents.drafts.remove(draft).unwrap_or_default();
        contents.objects.insert(object.clone(), bytes.into());
        Ok(())
    }

    fn read_object(&self, object: &ObjectName, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let contents = self.lock();
        copy(contents.objects.get(object).ok_or_else(missing)?, offset, buf)
    }

    fn copy_object(&self, from: &ObjectName, to: &ObjectName) -> io::Result<()> {
        let mut contents = self.lock();
        let bytes = contents.objects.get(from).cloned().ok_or_else(missing)?;
        contents.objects.insert(to.clone(), bytes);
        Ok(())
    }

    fn remove_object(&self, object: &ObjectName) -> io::Result<()> {
        let removed = self.lock().objects.remove(object);
        removed.map(drop).ok_or_else(missing)
    }
}

struct MemorySpool {
    storage: MemoryStorage,
    held: Held,
}

impl Spool for MemorySpool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.held.push(bytes);
        Ok(())
    }

    fn read(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.held.read(offset, buf)
    }

    fn into_draft(self: Box<Self>, draft: &str, offset: u64) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let end = start.checked_add(self.held.len()).ok_or_else(|| io::Error::other("too long"))?;
        let mut contents = self.storage.lock();
        let target = contents.drafts.entry(draft.to_owned()).or_default();
        if target.len() < end {
            target.resize(end, 0);
        }
        target[start..end].copy_from_slice(self.held.bytes());
        Ok(())
    }

    fn into_object(self: Box<Self>, object: &ObjectName) -> io::Result<()> {
        let MemorySpool { storage, held } = *self;
        storage.lock().objects.insert(object.clone(), held.into_bytes().into());
        Ok(())
    }
}

fn missing() -> io::Error {
    io::ErrorKind::NotFound.into()
}
