//! The finished objects: what is known of each beside its bytes.

use std::collections::BTreeMap;
use std::io;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::description::Description;
use super::digests::{Digests, Hashes};
use super::error::{Error, FILE_ALREADY_EXISTS, INTERNAL_ERROR, INVALID_OBJECT_NAME};
use super::op::NAME;
use crate::storage::{ObjectName, Storage, StoredObject, pieces};

/// All objects by bucket and key.
#[derive(Debug, Default)]
pub(super) struct Objects {
    by_place: Mutex<BTreeMap<(String, String), Object>>,
}

/// One object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) length: u64,
    pub(super) modified: Duration,
    pub(super) description: Description,
    /// Who may read it, in the vendor's word.
    pub(super) acl: String,
    pub(super) is_multipart: bool,
    /// Absent for one that an earlier process left, until somebody asks.
    known: Option<Known>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    etag: String,
    crc64: u64,
}

/// What is known of an object that was just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) length: u64,
    /// Without quotes.
    pub(super) etag: String,
    pub(super) crc64: u64,
    pub(super) sha1: Option<[u8; 20]>,
    pub(super) description: Description,
    pub(super) acl: String,
    pub(super) is_multipart: bool,
}

impl Objects {
    /// What an earlier process left, or somebody put there.
    pub(super) fn found(stored: Vec<StoredObject>) -> Objects {
        let objects = stored.into_iter().filter_map(|stored| {
            let (bucket, key) = stored.name.path().split_once('/')?;
            let object = Object {
                length: stored.length,
                modified: stored.modified,
                description: Description::default(),
                acl: "default".to_owned(),
                is_multipart: false,
                known: None,
            };
            Some(((bucket.to_owned(), key.to_owned()), object))
        });
        Objects { by_place: Mutex::new(objects.collect()) }
    }

    /// Puts an object there, replacing an older one unless that is forbidden; `publish` does the same with its bytes.
    pub(super) fn put(
        &self,
        (bucket, key): (&str, &str),
        made: &Made,
        clock: Duration,
        forbid_overwrite: bool,
        publish: impl FnOnce(&ObjectName) -> io::Result<()>,
    ) -> Result<(), Error> {
        let name = name(bucket, key)?;
        let place = (bucket.to_owned(), key.to_owned());
        let mut objects = self.lock();
        if forbid_overwrite && objects.contains_key(&place) {
            return Err(FILE_ALREADY_EXISTS.error());
        }
        publish(&name).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory => {
                INVALID_OBJECT_NAME.error()
            }
            _ => INTERNAL_ERROR.error(),
        })?;
        let object = Object {
            length: made.length,
            modified: clock,
            description: made.description.clone(),
            acl: made.acl.clone(),
            is_multipart: made.is_multipart,
            known: Some(Known { etag: made.etag.clone(), crc64: made.crc64 }),
        };
        objects.insert(place, object);
        Ok(())
    }

    pub(super) fn has(&self, bucket: &str, key: &str) -> bool {
        self.lock().contains_key(&(bucket.to_owned(), key.to_owned()))
    }

    /// An object with its tag and its CRC-64, computed if need be; `None` if it is not there.
    pub(super) fn find(&self, bucket: &str, key: &str, storage: &dyn Storage) -> Option<(Object, String, u64)> {
        let place = (bucket.to_owned(), key.to_owned());
        let object = self.lock().get(&place).cloned()?;
        if let Some(Known { etag, crc64 }) = object.known.clone() {
            return Some((object, etag, crc64));
        }
        let digests = digests(&name(bucket, key).ok()?, object.length, storage).ok()?;
        let (etag, crc64) = (hex::encode_upper(digests.md5), digests.crc64);
        if let Some(found) = self.lock().get_mut(&place).filter(|found| found.known.is_none()) {
            found.known = Some(Known { etag: etag.clone(), crc64 });
        }
        Some((object, etag, crc64))
    }

    /// The keys of a bucket that begin so and stand behind another, in their order.
    pub(super) fn keys(&self, bucket: &str, prefix: &str, behind: &str) -> Vec<String> {
        let from = (Bound::Included((bucket.to_owned(), prefix.to_owned())), Bound::Unbounded);
        let objects = self.lock();
        let found = objects.range(from).map(|((bucket, key), _)| (bucket, key));
        let found = found.take_while(|(found, key)| *found == bucket && key.starts_with(prefix));
        found.filter(|(_, key)| behind.is_empty() || key.as_str() > behind).map(|(_, key)| key.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, String), Object>> {
        self.by_place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where an object is in the store: not every key can be the name of a file.
pub(super) fn name(bucket: &str, key: &str) -> Result<ObjectName, Error> {
    let too_long = key.len() > 1023;
    let name = ObjectName::new(NAME, &format!("{bucket}/{key}")).filter(|_| !too_long);
    name.ok_or_else(|| INVALID_OBJECT_NAME.error().with("ObjectName", key))
}

fn digests(name: &ObjectName, length: u64, storage: &dyn Storage) -> io::Result<Digests> {
    let mut hashes = Hashes::new(false);
    pieces((0, length), &mut |at, buf| storage.read_object(name, at, buf), &mut |piece| {
        hashes.update(piece);
        Ok(())
    })?;
    Ok(hashes.finish())
}
