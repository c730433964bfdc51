//! The slices of an unfinished upload, and how they become an object.
//!
//! No request says how long a slice will be, so each is put behind those that came before it; where it belongs is known at
//! complete. A client that sends one after the other leaves the draft as the object has to be.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

use crate::body_sink::Received;
use crate::storage::{ObjectName, Storage, StoredDraft, assemble};

/// How the names of our drafts begin.
pub(super) const DRAFTS: &str = "xfyun-";
/// How the upload ids begin; the rest are digits.
const IDS: &str = "up_";

/// What arrived.
#[derive(Debug)]
pub(super) struct Slices {
    draft: String,
    by_id: BTreeMap<u32, Place>,
    /// Where the next slice goes.
    end: u64,
}

/// Where a slice is in the draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    offset: u64,
    length: u64,
}

/// One line of the journal that lets an upload outlive the process.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Begin { app_id: String, created: u64 },
    Slice { id: u32, offset: u64, length: u64 },
    Lost { id: u32 },
}

/// An unfinished upload that an earlier process left.
pub(super) struct Restored {
    pub(super) upload_id: String,
    pub(super) app_id: String,
    /// In seconds since the Unix epoch.
    pub(super) created: u64,
    pub(super) slices: Slices,
}

impl Slices {
    fn new(draft: String) -> Slices {
        Slices { draft, by_id: BTreeMap::new(), end: 0 }
    }

    /// None yet, of an upload that begins.
    pub(super) fn begin(upload_id: &str, app_id: &str, created: u64, storage: &dyn Storage) -> io::Result<Slices> {
        let slices = Slices::new(format!("{DRAFTS}{}", upload_id.strip_prefix(IDS).unwrap_or(upload_id)));
        storage.note(&slices.draft, &Line::Begin { app_id: app_id.to_owned(), created })?;
        Ok(slices)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    pub(super) fn has(&self, id: u32) -> bool {
        self.by_id.contains_key(&id)
    }

    /// Ids and lengths, in the order of the object.
    pub(super) fn lengths(&self) -> impl DoubleEndedIterator<Item = (u32, u64)> {
        self.by_id.iter().map(|(id, place)| (*id, place.length))
    }

    /// Whether an id below the highest is missing.
    pub(super) fn have_gaps(&self) -> bool {
        let highest = self.by_id.last_key_value().map_or(0, |(id, _)| *id);
        usize::try_from(highest).is_ok_and(|highest| highest > self.by_id.len())
    }

    /// Takes a slice, or other bytes for one that is there.
    pub(super) fn put(&mut self, id: u32, file: Received, storage: &dyn Storage) -> io::Result<()> {
        let length = file.length;
        let offset = match self.by_id.get(&id) {
            Some(older) if older.length == length => older.offset,
            _ => self.end,
        };
        if self.has(id) {
            storage.note(&self.draft, &Line::Lost { id })?;
            self.by_id.remove(&id);
        }
        file.spool.into_draft(&self.draft, offset)?;
        storage.note(&self.draft, &Line::Slice { id, offset, length })?;
        self.insert(id, Place { offset, length }).ok_or_else(|| io::Error::other("too long"))
    }

    fn insert(&mut self, id: u32, place: Place) -> Option<()> {
        self.end = self.end.max(place.offset.checked_add(place.length)?);
        self.by_id.insert(id, place);
        Some(())
    }

    /// Makes them an object, in the order of their ids, and forgets the draft.
    pub(super) fn publish(&self, object: &ObjectName, storage: &dyn Storage) -> io::Result<()> {
        let places = self.by_id.values().map(|place| (place.offset, place.length));
        assemble(storage, &self.draft, self.end, places)?.publish(storage, object)?;
        self.drop_draft(storage);
        Ok(())
    }

    pub(super) fn drop_draft(&self, storage: &dyn Storage) {
        storage.drop_draft(&self.draft);
    }
}

impl Restored {
    /// `None` if the journal makes no sense; anybody may have edited it.
    pub(super) fn of(draft: &StoredDraft, storage: &dyn Storage) -> Option<Restored> {
        let mut lines = draft.journal.iter().map(|line| serde_json::from_str(line));
        let Some(Ok(Line::Begin { app_id, created })) = lines.next() else {
            return None;
        };
        let mut slices = Slices::new(draft.id.clone());
        for line in lines {
            match line.ok()? {
                Line::Begin { .. } => return None,
                Line::Slice { id, offset, length } => slices.insert(id, Place { offset, length })?,
                Line::Lost { id } => drop(slices.by_id.remove(&id)),
            }
        }
        let upload_id = format!("{IDS}{}", draft.id.strip_prefix(DRAFTS)?);
        storage.holds(&slices.draft, slices.end).then_some(Restored { upload_id, app_id, created, slices })
    }
}
