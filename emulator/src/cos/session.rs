//! An unfinished sliced upload.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use super::parts::{Claim, UploadParts};
use super::path::Name;
use super::sha::{self, Sha};
use crate::storage::{Storage, StoredDraft};

/// What the server knows of an upload between init and its end.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    /// The name of its draft in the store.
    pub(crate) draft: String,
    pub(crate) file_size: u64,
    pub(crate) slice_size: u64,
    pub(crate) sha: Option<Sha>,
    pub(crate) biz_attr: String,
    pub(crate) insert_only: bool,
    pub(crate) created: u64,
    /// Lengths by offset; they never overlap.
    slices: BTreeMap<u64, u64>,
    /// All bytes before it are there.
    frontier: u64,
    check: Check,
}

/// What a file's bytes come to.
pub(crate) enum Verdict {
    /// All are there, every claim holds, and this is their digest.
    Whole(Sha),
    /// All are there, but nobody kept them.
    Unknown,
    Broken,
}

/// Whether a part's bytes are right, found out before the session was held.
pub(crate) struct Proof {
    pub(crate) index: usize,
    pub(crate) holds: bool,
}

/// How the bytes are checked.
#[derive(Debug)]
enum Check {
    /// Part by part, as soon as a part is complete.
    Parts(UploadParts),
    /// From the front, as far as there are no gaps.
    Running { hasher: Sha1, hashed: u64 },
}

/// One line of the journal that lets a session outlive the process.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Begin(Box<Begin>),
    Slice {
        offset: u64,
        length: u64,
    },
    Lost {
        offset: u64,
    },
    /// The session has another id from here on.
    Renamed {
        id: String,
    },
}

#[derive(Deserialize, Serialize)]
struct Begin {
    id: String,
    appid: String,
    bucket: String,
    key: String,
    file_size: u64,
    slice_size: u64,
    sha: Option<String>,
    biz_attr: String,
    insert_only: bool,
    created: u64,
    uploadparts: Option<String>,
}

/// What init asks for.
pub(crate) struct Plan {
    pub(crate) file_size: u64,
    pub(crate) slice_size: u64,
    pub(crate) sha: Option<Sha>,
    pub(crate) parts: Option<UploadParts>,
    pub(crate) biz_attr: String,
    pub(crate) insert_only: bool,
}

impl Session {
    pub(crate) fn new(id: String, draft: String, plan: Plan, created: u64) -> Session {
        Session {
            id,
            draft,
            file_size: plan.file_size,
            slice_size: plan.slice_size,
            sha: plan.sha,
            biz_attr: plan.biz_attr,
            insert_only: plan.insert_only,
            created,
            slices: BTreeMap::new(),
            frontier: 0,
            check: match plan.parts {
                Some(parts) => Check::Parts(parts),
                None => Check::running(),
            },
        }
    }

    pub(crate) fn slices(&self) -> impl Iterator<Item = (u64, u64)> {
        self.slices.iter().map(|(offset, length)| (*offset, *length))
    }

    pub(crate) fn length_at(&self, offset: u64) -> Option<u64> {
        self.slices.get(&offset).copied()
    }

    pub(crate) fn frontier(&self) -> u64 {
        self.frontier
    }

    /// Behind the last byte that is there.
    pub(crate) fn end(&self) -> u64 {
        self.slices().last().map_or(0, |(offset, length)| offset + length)
    }

    pub(crate) fn received(&self) -> u64 {
        self.slices.values().sum()
    }

    pub(crate) fn has_parts(&self) -> bool {
        matches!(self.check, Check::Parts(_))
    }

    pub(crate) fn overlaps(&self, start: u64, end: u64) -> bool {
        self.touching(start, end).next().is_some()
    }

    fn touching(&self, start: u64, end: u64) -> impl Iterator<Item = u64> {
        let before = self.slices.range(..start).next_back();
        let reaching = before.filter(move |(offset, length)| *offset + *length > start);
        let inside = self.slices.range(start..end.max(start));
        reaching.into_iter().chain(inside).map(|(offset, _)| *offset)
    }

    fn covers(&self, start: u64, end: u64) -> bool {
        // The common case, in constant time: the byte at the frontier is missing, all before it are there.
        if start <= self.frontier {
            return end <= self.frontier;
        }
        let mut at = start;
        for offset in self.touching(start, end) {
            if offset > at {
                return false;
            }
            at = offset + self.slices.get(&offset).copied().unwrap_or_default();
        }
        at >= end
    }

    /// The claims for parts that lie in a range, and their indices.
    pub(crate) fn claims(&self, start: u64, end: u64) -> Vec<(usize, Claim)> {
        let Check::Parts(parts) = &self.check else {
            return Vec::new();
        };
        let inside = |index: &usize| {
            parts.get(*index).is_some_and(|part| part.offset >= start && part.offset + part.length <= end)
        };
        let indices = parts.touching(start, end).filter(inside);
        indices.filter_map(|index| Some((index, parts.claim(index)?))).collect()
    }

    /// A slice is in the draft. True if all that can be checked by now holds; else the slices in doubt are forgotten.
    pub(crate) fn add(
        &mut self,
        offset: u64,
        length: u64,
        proofs: &[Proof],
        storage: &dyn Storage,
    ) -> io::Result<bool> {
        storage.note(&self.draft, &Line::Slice { offset, length })?;
        self.insert(offset, length);
        match &mut self.check {
            Check::Running { .. } => self.advance(storage).map(|()| true),
            Check::Parts(_) if proofs.iter().any(|proof| !proof.holds) => {
                self.forget_all(offset, offset + length, storage).map(|()| false)
            }
            Check::Parts(parts) => {
                proofs.iter().for_each(|proof| parts.set_verified(proof.index, true));
                self.check_parts(offset, offset + length, storage)
            }
        }
    }

    /// A slice is about to change.
    pub(crate) fn forget(&mut self, offset: u64, storage: &dyn Storage) -> io::Result<()> {
        storage.note(&self.draft, &Line::Lost { offset })?;
        self.remove(offset);
        Ok(())
    }

    /// Gives it another id.
    pub(crate) fn rename(&mut self, id: String, storage: &dyn Storage) -> io::Result<()> {
        storage.note(&self.draft, &Line::Renamed { id: id.clone() })?;
        self.id = id;
        Ok(())
    }

    /// What the whole file's bytes come to.
    pub(crate) fn verdict(&mut self, storage: &dyn Storage) -> io::Result<Verdict> {
        if self.has_parts() && !self.check_parts(0, self.file_size, storage)? {
            return Ok(Verdict::Broken);
        }
        self.advance(storage)?;
        let digest = match &self.check {
            Check::Parts(parts) => self.sha.filter(|_| parts.all_verified()),
            Check::Running { .. } if !storage.keeps_bytes() => {
                return Ok(self.sha.map_or(Verdict::Unknown, Verdict::Whole));
            }
            Check::Running { hasher, hashed } => (*hashed == self.file_size)
                .then(|| hasher.clone().finalize().into())
                .filter(|digest| self.sha.is_none_or(|sha| sha == *digest)),
        };
        Ok(digest.map_or(Verdict::Broken, Verdict::Whole))
    }

    fn insert(&mut self, offset: u64, length: u64) {
        self.slices.insert(offset, length);
        while let Some(next) = self.slices.get(&self.frontier) {
            self.frontier += next;
        }
    }

    fn remove(&mut self, offset: u64) {
        let length = self.slices.remove(&offset).unwrap_or_default();
        self.frontier = self.frontier.min(offset);
        match &mut self.check {
            Check::Parts(parts) => {
                for index in parts.touching(offset, offset + length) {
                    parts.set_verified(index, false);
                }
            }
            Check::Running { hashed, .. } if *hashed > offset => self.check = Check::running(),
            Check::Running { .. } => {}
        }
    }

    fn check_parts(&mut self, start: u64, end: u64, storage: &dyn Storage) -> io::Result<bool> {
        let Check::Parts(parts) = &self.check else {
            return Ok(true);
        };
        for index in parts.touching(start, end) {
            match self.check_part(index, storage)? {
                Outcome::Holds => {
                    if let Check::Parts(parts) = &mut self.check {
                        parts.set_verified(index, true);
                    }
                }
                Outcome::Waits => {}
                Outcome::Fails(start, end) => {
                    self.forget_all(start, end, storage)?;
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn check_part(&self, index: usize, storage: &dyn Storage) -> io::Result<Outcome> {
        let Check::Parts(parts) = &self.check else {
            return Ok(Outcome::Waits);
        };
        let Some(part) = parts.get(index) else {
            return Ok(Outcome::Waits);
        };
        let end = part.offset + part.length;
        if part.verified {
            return Ok(Outcome::Holds);
        }
        let Some(claim) = parts.claim(index).filter(|_| self.covers(part.offset, end)) else {
            return Ok(Outcome::Waits);
        };
        if !storage.keeps_bytes() {
            return Ok(Outcome::Holds);
        }
        let holds = claim.holds(&mut |at, buf| storage.read_draft(&self.draft, at, buf))?;
        Ok(if holds { Outcome::Holds } else { Outcome::Fails(part.offset, end) })
    }

    /// Which of the slices of a broken part is wrong cannot be told: all of them must come again.
    fn forget_all(&mut self, start: u64, end: u64, storage: &dyn Storage) -> io::Result<()> {
        let doubtful: Vec<u64> = self.touching(start, end).collect();
        doubtful.into_iter().try_for_each(|offset| self.forget(offset, storage))
    }

    fn advance(&mut self, storage: &dyn Storage) -> io::Result<()> {
        if let Check::Running { hasher, hashed } = &mut self.check
            && storage.keeps_bytes()
        {
            let draft = &self.draft;
            let fresh = self.frontier - *hashed;
            sha::update(hasher, *hashed, fresh, &mut |at, buf| storage.read_draft(draft, at, buf))?;
            *hashed = self.frontier;
        }
        Ok(())
    }

    /// Whether the draft holds the bytes the journal speaks of.
    pub(crate) fn is_backed(&self, storage: &dyn Storage) -> bool {
        storage.holds(&self.draft, self.end())
    }

    /// Writes the journal's first line.
    pub(crate) fn begin_journal(&self, name: &Name, storage: &dyn Storage) -> io::Result<()> {
        if !storage.keeps_drafts() {
            return Ok(());
        }
        let begin = Begin {
            id: self.id.clone(),
            appid: name.appid().to_owned(),
            bucket: name.bucket().to_owned(),
            key: name.key().to_owned(),
            file_size: self.file_size,
            slice_size: self.slice_size,
            sha: self.sha.map(hex::encode),
            biz_attr: self.biz_attr.clone(),
            insert_only: self.insert_only,
            created: self.created,
            uploadparts: match &self.check {
                Check::Parts(parts) => Some(parts.to_text()),
                Check::Running { .. } => None,
            },
        };
        storage.note(&self.draft, &Line::Begin(Box::new(begin)))
    }

    /// A slice out of a journal, which anybody may have edited.
    fn restore_slice(&mut self, offset: u64, length: u64) -> Option<()> {
        let end = offset.checked_add(length)?;
        let fits = length > 0 && end <= self.file_size && !self.overlaps(offset, end);
        fits.then(|| self.insert(offset, length))
    }

    /// A session an earlier process left, with the object it is for.
    pub(crate) fn restore(draft: &StoredDraft) -> Option<(Name, Session)> {
        let mut lines = draft.journal.iter().map(|line| serde_json::from_str(line));
        let Some(Ok(Line::Begin(begin))) = lines.next() else {
            return None;
        };
        let name = Name::new(&begin.appid, &begin.bucket, &begin.key)?;
        let mut session = begin.session(draft.id.clone())?;
        for line in lines {
            match line.ok()? {
                Line::Begin(_) => return None,
                Line::Slice { offset, length } => session.restore_slice(offset, length)?,
                Line::Lost { offset } => session.remove(offset),
                Line::Renamed { id } => session.id = id,
            }
        }
        Some((name, session))
    }
}

enum Outcome {
    Holds,
    Waits,
    Fails(u64, u64),
}

impl Check {
    fn running() -> Check {
        Check::Running { hasher: Sha1::new(), hashed: 0 }
    }
}

impl Begin {
    fn session(&self, draft: String) -> Option<Session> {
        let sha = match &self.sha {
            Some(text) => Some(sha::parse_hex(text)?),
            None => None,
        };
        let parts = match (&self.uploadparts, sha) {
            (Some(text), Some(sha)) => Some(UploadParts::parse(text, self.file_size, &sha).ok()?),
            _ => None,
        };
        let plan = Plan {
            file_size: self.file_size,
            slice_size: self.slice_size,
            sha,
            parts,
            biz_attr: self.biz_attr.clone(),
            insert_only: self.insert_only,
        };
        Some(Session::new(self.id.clone(), draft, plan, self.created))
    }
}
