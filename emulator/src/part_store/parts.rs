//! The parts of an unfinished upload, and how they become an object.
//!
//! Each part is put behind those that came before it; where it belongs is known at complete. Who sends one after the other
//! leaves the draft as the object has to be.

use std::collections::BTreeMap;
use std::io;
use std::ops::Bound;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use super::Vendor;
use super::description::Description;
use super::digests::{Algorithm, Digests, Hashes};
use crate::body_sink::Received;
use crate::storage::{Assembled, ReadAt, Storage, StoredDraft, are_all, assemble, pieces};

/// What an upload is for.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(bound = "")]
pub(crate) struct Purpose<V: Vendor> {
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// When it began.
    pub(crate) begun: Duration,
    #[serde(flatten)]
    pub(crate) description: Description,
    #[serde(flatten)]
    pub(crate) own: V::Upload,
}

/// What arrived.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    draft: String,
    by_number: BTreeMap<u32, Part>,
    /// Where the next part goes.
    end: u64,
    /// Of all bytes so far, where they come in order.
    sha1: Option<Sha1>,
}

/// One part.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub(crate) struct Part {
    /// Where it is in the draft.
    offset: u64,
    pub(crate) length: u64,
    pub(crate) md5: [u8; 16],
    pub(crate) crc64: u64,
    pub(crate) modified: Duration,
    /// What else was asked for of its bytes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) further: BTreeMap<Algorithm, Vec<u8>>,
}

/// One line of the journal that lets an upload outlive the process.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Line<P> {
    Begin(P),
    Part { number: u32, part: Part },
    Lost { number: u32 },
}

/// An upload that an earlier process left.
pub(crate) struct Restored<V: Vendor> {
    pub(crate) purpose: Purpose<V>,
    pub(crate) parts: Parts,
}

impl Part {
    /// One that a list only claims.
    pub(crate) fn of_nobody(length: u64, clock: Duration) -> Part {
        Part { offset: 0, length, md5: [0x5a; 16], crc64: 0, modified: clock, further: BTreeMap::new() }
    }

    fn place(&self) -> (u64, u64) {
        (self.offset, self.length)
    }
}

impl Parts {
    pub(crate) fn begin<V: Vendor>(upload_id: &str, purpose: &Purpose<V>, storage: &dyn Storage) -> io::Result<Parts> {
        let parts = Parts::new(format!("{}-{upload_id}", V::NAME), V::is_ordered(&purpose.own));
        storage.note(&parts.draft, &Line::Begin(purpose))?;
        Ok(parts)
    }

    fn new(draft: String, is_ordered: bool) -> Parts {
        Parts { draft, by_number: BTreeMap::new(), end: 0, sha1: is_ordered.then(Sha1::new) }
    }

    /// `None` if the journal makes no sense; anybody may have edited it.
    pub(crate) fn restore<V: Vendor>(draft: &StoredDraft, storage: &dyn Storage) -> Option<Restored<V>> {
        let mut lines = draft.journal.iter().map(|line| serde_json::from_str::<Line<Purpose<V>>>(line));
        let Some(Ok(Line::Begin(purpose))) = lines.next() else {
            return None;
        };
        let is_ordered = V::is_ordered(&purpose.own);
        let mut parts = Parts::new(draft.id.clone(), is_ordered);
        for line in lines {
            match line.ok()? {
                Line::Begin(_) => return None,
                Line::Part { number, part } => parts.insert(number, part)?,
                Line::Lost { number } => drop(parts.by_number.remove(&number)),
            }
        }
        if !storage.holds(&parts.draft, parts.end)
            || (is_ordered && !are_all(parts.end, parts.by_number.values().map(Part::place)))
        {
            return None;
        }
        parts.rehash(storage).ok()?;
        Some(Restored { purpose, parts })
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Part> {
        self.by_number.get(&number)
    }

    /// Those of these numbers.
    pub(crate) fn named(&self, numbers: &[u32]) -> Vec<(u32, Part)> {
        numbers.iter().filter_map(|number| Some((*number, self.by_number.get(number)?.clone()))).collect()
    }

    /// Numbers and parts, in the order of the object.
    pub(crate) fn all(&self) -> impl Iterator<Item = (u32, &Part)> {
        self.by_number.iter().map(|(number, part)| (*number, part))
    }

    pub(crate) fn behind(&self, number: u32) -> impl Iterator<Item = (u32, &Part)> {
        let range = (Bound::Excluded(number), Bound::Unbounded);
        self.by_number.range(range).map(|(number, part)| (*number, part))
    }

    /// The number behind the highest.
    pub(crate) fn next(&self) -> u32 {
        self.by_number.last_key_value().map_or(1, |(number, _)| number.saturating_add(1))
    }

    /// Of all parts, where they come in order.
    pub(crate) fn sha1(&self) -> Option<[u8; 20]> {
        self.sha1.clone().map(|sha1| sha1.finalize().into())
    }

    /// Takes a part, or other bytes for one that is there.
    pub(crate) fn put(
        &mut self,
        number: u32,
        mut file: Received,
        digests: &Digests,
        clock: Duration,
        storage: &dyn Storage,
    ) -> io::Result<()> {
        let length = file.length;
        let mut sha1 = self.sha1.clone();
        if let Some(sha1) = &mut sha1 {
            hash(sha1, length, &mut |at, buf| file.spool.read(at, buf))?;
        }
        let offset = match self.by_number.get(&number) {
            Some(older) if older.length == length => older.offset,
            _ => self.end,
        };
        if self.by_number.contains_key(&number) {
            storage.note(&self.draft, &Line::<()>::Lost { number })?;
            self.by_number.remove(&number);
        }
        file.spool.into_draft(&self.draft, offset)?;
        let (md5, crc64, further) = (digests.md5, digests.crc64, digests.further.clone());
        let part = Part { offset, length, md5, crc64, modified: clock, further };
        storage.note(&self.draft, &Line::<()>::Part { number, part: part.clone() })?;
        self.sha1 = sha1;
        self.insert(number, part).ok_or_else(|| io::Error::other("too long"))
    }

    fn insert(&mut self, number: u32, part: Part) -> Option<()> {
        self.end = self.end.max(part.offset.checked_add(part.length)?);
        self.by_number.insert(number, part);
        Some(())
    }

    /// The bytes of an object that consists of these.
    pub(crate) fn assemble(&self, numbers: &[u32], storage: &dyn Storage) -> io::Result<Assembled> {
        let parts = numbers.iter().filter_map(|number| self.by_number.get(number));
        assemble(storage, &self.draft, self.end, parts.map(Part::place))
    }

    /// The first of these parts that has a byte has another bit from now on, and what is known of it is true of that.
    pub(crate) fn spoil(&mut self, numbers: &[u32], storage: &dyn Storage) -> io::Result<()> {
        let part = |number: &u32| self.by_number.get(number).filter(|part| part.length > 0);
        let Some((number, part)) = numbers.iter().find_map(|number| Some((*number, part(number)?.clone()))) else {
            return Ok(());
        };
        if !storage.keeps_bytes() {
            return Ok(());
        }
        let further: Vec<Algorithm> = part.further.keys().copied().collect();
        let (mut spool, mut hashes, mut flip) = (storage.spool()?, Hashes::new(&further), 1);
        pieces(part.place(), &mut |at, buf| storage.read_draft(&self.draft, at, buf), &mut |piece| {
            let mut piece = piece.to_vec();
            piece.iter_mut().take(1).for_each(|byte| *byte ^= std::mem::take(&mut flip));
            hashes.update(&piece);
            spool.write(&piece)
        })?;
        let file = Received { spool, length: part.length };
        self.put(number, file, &hashes.finish(), part.modified, storage)?;
        self.sha1 = self.sha1.take().map(|_| Sha1::new());
        self.rehash(storage)
    }

    pub(crate) fn drop_draft(&self, storage: &dyn Storage) {
        storage.drop_draft(&self.draft);
    }

    /// The hash of what an earlier process received.
    fn rehash(&mut self, storage: &dyn Storage) -> io::Result<()> {
        let Some(sha1) = &mut self.sha1 else { return Ok(()) };
        let draft = &self.draft;
        hash(sha1, self.end, &mut |at, buf| storage.read_draft(draft, at, buf))
    }
}

fn hash(sha1: &mut Sha1, length: u64, read: &mut ReadAt<'_>) -> io::Result<()> {
    pieces((0, length), read, &mut |piece| {
        sha1.update(piece);
        Ok(())
    })
}
