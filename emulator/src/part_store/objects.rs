//! The finished objects: what is known of each beside its bytes.

use std::collections::BTreeMap;
use std::io;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Vendor;
use super::description::Description;
use super::digests::{Digests, Hashes};
use crate::storage::{ObjectName, Storage, StoredObject, pieces};

/// All objects by bucket and key.
#[derive(Debug)]
pub(crate) struct Objects<V: Vendor> {
    by_place: Mutex<BTreeMap<(String, String), Known<V>>>,
}

/// One object.
#[derive(Clone, Debug)]
pub(crate) struct Object<V: Vendor> {
    pub(crate) length: u64,
    pub(crate) modified: Duration,
    /// Without quotes.
    pub(crate) etag: String,
    /// CRC-64/XZ.
    pub(crate) crc64: u64,
    pub(crate) is_multipart: bool,
    pub(crate) description: Description,
    pub(crate) own: V::Object,
}

#[derive(Clone, Debug)]
enum Known<V: Vendor> {
    All(Object<V>),
    /// An earlier process left it, and nobody has asked yet what it holds.
    Found {
        length: u64,
        modified: Duration,
    },
}

/// Whether an object may take the place of an older one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overwrite {
    Allowed,
    Forbidden,
}

/// Why an object was not put in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotPut {
    /// There is one already.
    Exists,
    /// Its key cannot be the name of a file, or a part of it is the name of one.
    BadName,
    /// The store failed.
    Failed,
}

impl<V: Vendor> Objects<V> {
    /// What an earlier process left, or somebody put there.
    pub(crate) fn found(stored: Vec<StoredObject>) -> Objects<V> {
        let objects = stored.into_iter().filter_map(|stored| {
            let (bucket, path) = stored.name.path().split_once('/')?;
            let known = Known::Found { length: stored.length, modified: stored.modified };
            Some(((bucket.to_owned(), V::key_of(path)), known))
        });
        Objects { by_place: Mutex::new(objects.collect()) }
    }

    /// Puts an object there; `publish` does the same with its bytes.
    pub(crate) fn put(
        &self,
        (bucket, key): (&str, &str),
        object: Object<V>,
        overwrite: Overwrite,
        publish: impl FnOnce(&ObjectName) -> io::Result<()>,
    ) -> Result<(), NotPut> {
        let name = Objects::<V>::name(bucket, key).ok_or(NotPut::BadName)?;
        let place = (bucket.to_owned(), key.to_owned());
        let mut objects = self.lock();
        if overwrite == Overwrite::Forbidden && objects.contains_key(&place) {
            return Err(NotPut::Exists);
        }
        publish(&name).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory => {
                NotPut::BadName
            }
            _ => NotPut::Failed,
        })?;
        objects.insert(place, Known::All(object));
        Ok(())
    }

    pub(crate) fn has(&self, bucket: &str, key: &str) -> bool {
        self.lock().contains_key(&(bucket.to_owned(), key.to_owned()))
    }

    /// An object; `None` if it is not there. Its digests are computed if need be.
    pub(crate) fn find(&self, bucket: &str, key: &str, storage: &dyn Storage) -> Option<Object<V>> {
        let place = (bucket.to_owned(), key.to_owned());
        let known = self.lock().get(&place).cloned()?;
        let (length, modified) = match known {
            Known::All(object) => return Some(object),
            Known::Found { length, modified } => (length, modified),
        };
        let digests = digests::<V>(&Objects::<V>::name(bucket, key)?, length, storage).ok()?;
        let (etag, own) = V::found(&digests);
        let (crc64, description) = (digests.crc64, Description::default());
        let object = Object { length, modified, etag, crc64, is_multipart: false, description, own };
        if let Some(known) = self.lock().get_mut(&place).filter(|known| matches!(known, Known::Found { .. })) {
            *known = Known::All(object.clone());
        }
        Some(object)
    }

    /// Takes an object away; whether it was there. `remove` does the same with its bytes.
    pub(crate) fn remove(
        &self,
        (bucket, key): (&str, &str),
        remove: impl FnOnce(&ObjectName) -> io::Result<()>,
    ) -> io::Result<bool> {
        let mut objects = self.lock();
        let place = (bucket.to_owned(), key.to_owned());
        let Some(name) = Objects::<V>::name(bucket, key).filter(|_| objects.contains_key(&place)) else {
            return Ok(false);
        };
        remove(&name)?;
        objects.remove(&place);
        Ok(true)
    }

    /// The keys of a bucket that begin so and stand behind another, in their order.
    pub(crate) fn keys(&self, bucket: &str, prefix: &str, behind: &str) -> Vec<String> {
        let from = (Bound::Included((bucket.to_owned(), prefix.to_owned())), Bound::Unbounded);
        let objects = self.lock();
        let found = objects.range(from).map(|((bucket, key), _)| (bucket, key));
        let found = found.take_while(|(found, key)| *found == bucket && key.starts_with(prefix));
        found.filter(|(_, key)| behind.is_empty() || key.as_str() > behind).map(|(_, key)| key.clone()).collect()
    }

    /// Where an object is in the store; none for a key that is too long or cannot be the name of a file.
    pub(crate) fn name(bucket: &str, key: &str) -> Option<ObjectName> {
        let name = ObjectName::new(V::NAME, &format!("{bucket}/{}", V::path_of(key)));
        name.filter(|_| key.len() <= V::KEY_MAX)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, String), Known<V>>> {
        self.by_place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn digests<V: Vendor>(name: &ObjectName, length: u64, storage: &dyn Storage) -> io::Result<Digests> {
    let mut hashes = Hashes::new(V::OF_FOUND);
    pieces((0, length), &mut |at, buf| storage.read_object(name, at, buf), &mut |piece| {
        hashes.update(piece);
        Ok(())
    })?;
    Ok(hashes.finish())
}
