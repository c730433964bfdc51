//! Where checkpoints are kept: a folder, memory, or a place of the program's own.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::file::{CheckpointGuard, Folder, Key, LockError};

/// A place for checkpoints, one under each key. What is kept is bytes, below 64 KiB, and means nothing to the store.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no store of checkpoints",
    note = "a folder is one by its path: `.checkpoints(\"uploads\")`; `MemoryStore` and your own `impl Store` go to `.store(…)`"
)]
pub trait Store: Send + Sync {
    /// Locks the place of one upload until the guard is dropped, so that nobody else works on it, in this process or
    /// another. Does not wait.
    ///
    /// # Errors
    /// [`LockError::Held`] when somebody has it; any other when the store cannot be used.
    fn lock(&self, key: &Key) -> Result<Box<dyn StoreGuard>, LockError>;
}

/// The locked place of one upload. Called from several threads, one at a time.
pub trait StoreGuard: Send + Sync {
    /// What was saved last; `None` when nothing was, or it was removed.
    ///
    /// # Errors
    /// When there is something, and it cannot be read.
    fn load(&self) -> io::Result<Option<Vec<u8>>>;

    /// Puts this in place of what was saved before. It has to survive whatever the store is meant to survive, once this
    /// returns: a checkpoint that is lost after that is a file sent twice.
    ///
    /// # Errors
    /// When it might not survive. What was saved before must still be there then.
    fn save(&self, record: &[u8]) -> io::Result<()>;

    /// Removes what was saved.
    ///
    /// # Errors
    /// When it is there and cannot be removed, or might come back.
    fn remove(&self) -> io::Result<()>;

    /// Keeps what was saved where [`load`](Self::load) does not find it, and says where: for a checkpoint that cannot be
    /// read, before the upload starts over. Without an own place for it, it is removed.
    ///
    /// # Errors
    /// When it can be neither kept nor removed.
    fn set_aside(&self) -> io::Result<Option<String>> {
        self.remove().map(|()| None)
    }

    /// Keeps what was saved under another key from now on, in place of whatever is saved there; the caller has that one
    /// locked, too. After a crash it has to be under one of the two, and not under both.
    ///
    /// # Errors
    /// When it is where it was. A store that does not implement this says [`io::ErrorKind::Unsupported`], and its uploads
    /// cannot be [continued under another key](crate::Put::continue_from).
    fn rename(&self, to: &Key) -> io::Result<()> {
        let _ = to;
        Err(io::Error::new(io::ErrorKind::Unsupported, "this store keeps no upload under another key"))
    }

    /// Where it is, for people: a path.
    fn place(&self) -> Option<String> {
        None
    }
}

impl<S: Store + ?Sized> Store for Arc<S> {
    fn lock(&self, key: &Key) -> Result<Box<dyn StoreGuard>, LockError> {
        (**self).lock(key)
    }
}

impl<S: Store + ?Sized> Store for Box<S> {
    fn lock(&self, key: &Key) -> Result<Box<dyn StoreGuard>, LockError> {
        (**self).lock(key)
    }
}

impl Store for Folder {
    fn lock(&self, key: &Key) -> Result<Box<dyn StoreGuard>, LockError> {
        Ok(Box::new(Folder::lock(self, key)?))
    }
}

impl StoreGuard for CheckpointGuard {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        self.load_record()
    }

    fn save(&self, record: &[u8]) -> io::Result<()> {
        self.save_record(record)
    }

    fn remove(&self) -> io::Result<()> {
        CheckpointGuard::remove(self).map_err(io::Error::other)
    }

    fn set_aside(&self) -> io::Result<Option<String>> {
        let aside = self.path().with_extension("damaged");
        match std::fs::rename(self.path(), &aside) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            renamed => renamed.map(|()| Some(aside.display().to_string())),
        }
    }

    fn rename(&self, to: &Key) -> io::Result<()> {
        self.rename_record(to)
    }

    fn place(&self) -> Option<String> {
        Some(self.path().display().to_string())
    }
}

/// Checkpoints in memory: uploads survive lost replies and broken connections, but not the end of the process. Clones
/// share them.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    records: BTreeMap<Key, Vec<u8>>,
    locked: BTreeSet<Key>,
}

impl MemoryStore {
    /// A store with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// The keys of the uploads that are not finished.
    pub fn keys(&self) -> Vec<Key> {
        self.kept().records.keys().cloned().collect()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStore").field("keys", &self.keys()).finish()
    }
}

impl Store for MemoryStore {
    fn lock(&self, key: &Key) -> Result<Box<dyn StoreGuard>, LockError> {
        if !self.kept().locked.insert(key.clone()) {
            return Err(LockError::Held(None));
        }
        Ok(Box::new(MemoryGuard { store: self.clone(), key: key.clone() }))
    }
}

struct MemoryGuard {
    store: MemoryStore,
    key: Key,
}

impl StoreGuard for MemoryGuard {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        Ok(self.store.kept().records.get(&self.key).cloned())
    }

    fn save(&self, record: &[u8]) -> io::Result<()> {
        self.store.kept().records.insert(self.key.clone(), record.to_vec());
        Ok(())
    }

    fn remove(&self) -> io::Result<()> {
        self.store.kept().records.remove(&self.key);
        Ok(())
    }

    fn rename(&self, to: &Key) -> io::Result<()> {
        let mut kept = self.store.kept();
        let record = kept.records.remove(&self.key).ok_or(io::ErrorKind::NotFound)?;
        kept.records.insert(to.clone(), record);
        Ok(())
    }
}

impl Drop for MemoryGuard {
    fn drop(&mut self) {
        self.store.kept().locked.remove(&self.key);
    }
}

/// No place at all: for what is not to be resumed.
pub(crate) struct NoStore;

impl StoreGuard for NoStore {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn save(&self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn remove(&self) -> io::Result<()> {
        Ok(())
    }
}
