//! One bucket: finished objects, unfinished sessions, and which names are taken.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::path::Name;
use super::session::Session;
use super::sha::{self, Sha};
use crate::storage::Storage;

/// What is known of a finished object beside its bytes.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) length: u64,
    /// Not known for an object of an earlier process, until somebody asks.
    pub(crate) sha: Option<Sha>,
    pub(crate) created: u64,
    pub(crate) modified: u64,
    pub(crate) biz_attr: String,
    /// The session that made it.
    pub(crate) session: Option<String>,
}

impl Object {
    /// One that an earlier process left.
    pub(crate) fn found(length: u64, modified: u64) -> Object {
        Object { length, sha: None, created: modified, modified, biz_attr: String::new(), session: None }
    }
}

/// Locks are taken in this order: a path's, then that of the objects; the latter only for moments.
#[derive(Debug)]
pub(crate) struct Bucket {
    service: &'static str,
    pub(crate) appid: String,
    pub(crate) name: String,
    objects: Mutex<Objects>,
    path_locks: Mutex<HashMap<String, PathLock>>,
}

/// The unfinished uploads of a path, oldest first. Who holds it has the path to itself.
type PathLock = Arc<Mutex<Vec<Session>>>;

/// The finished objects.
#[derive(Debug, Default)]
struct Objects {
    by_key: BTreeMap<String, Object>,
    by_sha: HashMap<Sha, BTreeSet<String>>,
    unhashed: BTreeSet<String>,
}

impl Bucket {
    pub(crate) fn new(service: &'static str, appid: &str, name: &str) -> Bucket {
        let (appid, name) = (appid.to_owned(), name.to_owned());
        Bucket { service, appid, name, objects: Mutex::default(), path_locks: Mutex::default() }
    }

    /// Does something with a path that nobody else does anything with meanwhile.
    pub(crate) fn with_path<T>(&self, key: &str, work: impl FnOnce(&mut Vec<Session>) -> T) -> T {
        let path_lock = Arc::clone(lock(&self.path_locks).entry(key.to_owned()).or_default());
        let mut sessions = lock(&path_lock);
        let done = work(&mut sessions);
        let is_empty = sessions.is_empty();
        drop(sessions);
        let mut path_locks = lock(&self.path_locks);
        // The map's and ours: who wants another one has to wait for the map.
        if is_empty && Arc::strong_count(&path_lock) == 2 {
            path_locks.remove(key);
        }
        done
    }

    pub(crate) fn object(&self, key: &str) -> Option<Object> {
        lock(&self.objects).by_key.get(key).cloned()
    }

    pub(crate) fn put_object(&self, key: &str, object: Object) {
        lock(&self.objects).put(key, object);
    }

    pub(crate) fn take_object(&self, key: &str) {
        lock(&self.objects).take(key);
    }

    /// An object's digest, worked out and kept if it was not known.
    pub(crate) fn sha_of(&self, key: &str, storage: &dyn Storage) -> io::Result<Option<Sha>> {
        let Some(object) = self.object(key) else {
            return Ok(None);
        };
        let name = Name::new(&self.appid, &self.name, key);
        let (None, Some(name), true) = (object.sha, name, storage.keeps_bytes()) else {
            return Ok(object.sha);
        };
        let stored = name.stored(self.service)?;
        let digest = sha::of(object.length, &mut |at, buf| storage.read_object(&stored, at, buf))?;
        lock(&self.objects).learn(key, digest);
        Ok(Some(digest))
    }

    /// An object with these bytes, wherever it is in the bucket.
    pub(crate) fn twin(&self, sha: &Sha, length: u64, storage: &dyn Storage) -> io::Result<Option<String>> {
        let candidates = lock(&self.objects).unhashed_of(length);
        for key in candidates {
            self.sha_of(&key, storage)?;
        }
        Ok(lock(&self.objects).twin(sha, length))
    }

    /// Whether a name is a folder already, or passes through a file.
    pub(crate) fn conflicts(&self, key: &str) -> bool {
        let finished = lock(&self.objects);
        finished.is_folder(key) || folders_of(key).any(|folder| finished.by_key.contains_key(folder))
    }

    /// Whether the folder an object would be in exists: the bucket itself, or any folder with an object below.
    pub(crate) fn has_folder_for(&self, key: &str) -> bool {
        key.rsplit_once('/').is_none_or(|(folder, _)| lock(&self.objects).is_folder(folder))
    }
}

impl Objects {
    fn put(&mut self, key: &str, object: Object) {
        self.take(key);
        match object.sha {
            Some(sha) => self.by_sha.entry(sha).or_default().insert(key.to_owned()),
            None => self.unhashed.insert(key.to_owned()),
        };
        self.by_key.insert(key.to_owned(), object);
    }

    fn take(&mut self, key: &str) {
        let Some(object) = self.by_key.remove(key) else { return };
        self.unhashed.remove(key);
        if let Some(sha) = object.sha
            && let Some(keys) = self.by_sha.get_mut(&sha)
        {
            keys.remove(key);
            if keys.is_empty() {
                self.by_sha.remove(&sha);
            }
        }
    }

    fn learn(&mut self, key: &str, sha: Sha) {
        if let Some(object) = self.by_key.get_mut(key)
            && self.unhashed.remove(key)
        {
            object.sha = Some(sha);
            self.by_sha.entry(sha).or_default().insert(key.to_owned());
        }
    }

    fn has_length(&self, key: &str, length: u64) -> bool {
        self.by_key.get(key).is_some_and(|object| object.length == length)
    }

    fn unhashed_of(&self, length: u64) -> Vec<String> {
        self.unhashed.iter().filter(|key| self.has_length(key, length)).cloned().collect()
    }

    fn twin(&self, sha: &Sha, length: u64) -> Option<String> {
        let keys = self.by_sha.get(sha).into_iter().flatten();
        keys.filter(|key| self.has_length(key, length)).min().cloned()
    }

    fn is_folder(&self, key: &str) -> bool {
        let below = format!("{key}/");
        let first = self.by_key.range(below.clone()..).next();
        first.is_some_and(|(name, _)| name.starts_with(&below))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn folders_of(key: &str) -> impl Iterator<Item = &str> {
    key.match_indices('/').map(|(at, _)| &key[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object() -> Object {
        Object { length: 0, sha: Some([0; 20]), created: 0, modified: 0, biz_attr: String::new(), session: None }
    }

    #[test]
    fn a_name_is_a_file_or_a_folder() {
        let bucket = Bucket::new("cos-v2", "1", "b");
        bucket.put_object("a/b/c", object());
        assert!(bucket.conflicts("a"));
        assert!(bucket.conflicts("a/b"));
        assert!(bucket.conflicts("a/b/c/d"));
        assert!(!bucket.conflicts("a/b/c"));
        assert!(!bucket.conflicts("a/b/d"));
        assert!(!bucket.conflicts("a/bc"));
        assert!(bucket.has_folder_for("a/b/x"));
        assert!(bucket.has_folder_for("x"));
        assert!(!bucket.has_folder_for("a/bc/x"));
    }

    #[test]
    fn a_removed_object_is_nobodys_twin() {
        let bucket = Bucket::new("cos-v2", "1", "b");
        let storage = crate::MemoryStorage::new();
        bucket.put_object("x", object());
        let twin = bucket.twin(&[0; 20], 0, &storage).expect("memory");
        assert_eq!(twin.as_deref(), Some("x"));
        bucket.put_object("x", Object { sha: Some([1; 20]), ..object() });
        assert_eq!(bucket.twin(&[0; 20], 0, &storage).expect("memory"), None);
        bucket.take_object("x");
        assert_eq!(bucket.twin(&[1; 20], 0, &storage).expect("memory"), None);
    }
}
