//! One bucket: finished objects, unfinished sessions, and which names are taken.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;

use crate::cos_v2::session::Session;
use crate::cos_v2::sha::{self, Sha};
use crate::path::ObjectName;
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

#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) appid: String,
    pub(crate) name: String,
    objects: BTreeMap<String, Object>,
    sessions: HashMap<String, Session>,
    by_sha: HashMap<Sha, BTreeSet<String>>,
    unhashed: BTreeSet<String>,
}

impl Bucket {
    pub(crate) fn new(appid: &str, name: &str) -> Bucket {
        Bucket {
            appid: appid.to_owned(),
            name: name.to_owned(),
            objects: BTreeMap::new(),
            sessions: HashMap::new(),
            by_sha: HashMap::new(),
            unhashed: BTreeSet::new(),
        }
    }

    pub(crate) fn object(&self, key: &str) -> Option<&Object> {
        self.objects.get(key)
    }

    pub(crate) fn session(&self, key: &str) -> Option<&Session> {
        self.sessions.get(key)
    }

    pub(crate) fn session_mut(&mut self, key: &str) -> Option<&mut Session> {
        self.sessions.get_mut(key)
    }

    pub(crate) fn put_session(&mut self, key: &str, session: Session) {
        self.sessions.insert(key.to_owned(), session);
    }

    pub(crate) fn take_session(&mut self, key: &str) -> Option<Session> {
        self.sessions.remove(key)
    }

    pub(crate) fn put_object(&mut self, key: &str, object: Object) {
        self.take_object(key);
        match object.sha {
            Some(sha) => self.by_sha.entry(sha).or_default().insert(key.to_owned()),
            None => self.unhashed.insert(key.to_owned()),
        };
        self.objects.insert(key.to_owned(), object);
    }

    pub(crate) fn take_object(&mut self, key: &str) -> Option<Object> {
        let object = self.objects.remove(key)?;
        self.unhashed.remove(key);
        if let Some(sha) = object.sha
            && let Some(keys) = self.by_sha.get_mut(&sha)
        {
            keys.remove(key);
            if keys.is_empty() {
                self.by_sha.remove(&sha);
            }
        }
        Some(object)
    }

    /// An object's digest, worked out and kept if it was not known.
    pub(crate) fn sha_of(&mut self, key: &str, storage: &dyn Storage) -> io::Result<Option<Sha>> {
        let Some(object) = self.objects.get_mut(key) else {
            return Ok(None);
        };
        if object.sha.is_none()
            && let Some(name) = ObjectName::new(&self.appid, &self.name, key)
        {
            let digest = sha::of(object.length, &mut |at, buf| storage.read_object(&name, at, buf))?;
            object.sha = Some(digest);
            self.unhashed.remove(key);
            self.by_sha.entry(digest).or_default().insert(key.to_owned());
        }
        Ok(object.sha)
    }

    /// An object with these bytes, wherever it is in the bucket.
    pub(crate) fn twin(&mut self, sha: &Sha, length: u64, storage: &dyn Storage) -> io::Result<Option<String>> {
        let candidates: Vec<String> = self
            .unhashed
            .iter()
            .filter(|key| self.objects.get(*key).is_some_and(|it| it.length == length))
            .cloned()
            .collect();
        for key in candidates {
            self.sha_of(&key, storage)?;
        }
        let keys = self.by_sha.get(sha).into_iter().flatten();
        let found = keys.filter(|key| self.objects.get(*key).is_some_and(|it| it.length == length)).min();
        Ok(found.cloned())
    }

    /// Whether a name is a folder already, or passes through a file.
    pub(crate) fn conflicts(&self, key: &str) -> bool {
        if self.is_folder(key) {
            return true;
        }
        folders_of(key).any(|folder| self.objects.contains_key(folder))
    }

    /// Whether the folder an object would be in exists: the bucket itself, or any folder with an object below.
    pub(crate) fn has_folder_for(&self, key: &str) -> bool {
        key.rsplit_once('/').is_none_or(|(folder, _)| self.is_folder(folder))
    }

    fn is_folder(&self, key: &str) -> bool {
        let below = format!("{key}/");
        let first = self.objects.range(below.clone()..).next();
        first.is_some_and(|(name, _)| name.starts_with(&below))
    }
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
        let mut bucket = Bucket::new("1", "b");
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
        let mut bucket = Bucket::new("1", "b");
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
