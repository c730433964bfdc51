//! Which parts count: those that were seen acknowledged, and those of the list that prove to be the file's.

use alloc::collections::BTreeMap;

use resumable_core::{Digest, Env, HashKind, MAX_WINDOW, Ranges, Tally, Transition};

use super::Stage;
use super::ephemeral::{Ephemeral, Known, Listing};
use super::phase::{Phase, index_of};
use super::plan::PASS;
use super::settings::Tags;
use crate::checksum::Checksum;
use crate::etag::Etag;
use crate::fault::Fault;
use crate::list_parts::{ListedPart, Page};

/// No part that we sent begins further after the first missing one.
const FURTHEST: u64 = 4 * MAX_WINDOW as u64;

impl Stage {
    /// A part counts.
    pub(super) fn acknowledge(&mut self, ephemeral: &mut Ephemeral, number: u32, known: Known) {
        let (span, count) = (self.span(number), self.count());
        let Some(open) = self.open_mut() else { return };
        if !open.counts(number) {
            open.acknowledged.add(index_of(number));
            open.tally.add(u64::from(number), span.end - span.start, known.etag.canonical().as_bytes());
        }
        ephemeral.unsure.remove(&number);
        ephemeral.disputes.remove(&number);
        ephemeral.known.insert(number, known);
        if open.acknowledged.full(count) {
            let whole = self.combined(ephemeral);
            if let Some(open) = self.open_mut() {
                open.sum = whole;
            }
        }
    }

    /// The file's sum from those of all its parts.
    fn combined(&self, ephemeral: &Ephemeral) -> Option<u64> {
        let kind = self.checksum?;
        let mut whole = 0;
        for (number, known) in &ephemeral.known {
            let span = self.span(*number);
            whole = kind.combine(whole, known.sum?, span.end - span.start);
        }
        Some(whole).filter(|_| ephemeral.known.len() as u64 == self.count())
    }

    /// The file's sum, if it is known.
    pub(super) fn own_sum(&self, env: &Env<'_>) -> Option<u64> {
        let kind = self.checksum?;
        let saved = match &self.phase {
            Phase::Open(open) => open.sum,
            Phase::Unknown { sum, .. } => *sum,
            _ => None,
        };
        let empty = (self.len == 0).then_some(0);
        let hashed = || env.digest(kind.hash(), &(0..self.len)).and_then(|digest| kind.of_digest(digest));
        saved.or(empty).or_else(hashed)
    }

    /// The value of a sum that the vendor told, if it is of the kind that this upload goes by.
    pub(super) fn told(&self, checksum: Option<Checksum>) -> Option<u64> {
        checksum.filter(|told| Some(told.kind) == self.checksum).map(|told| told.value)
    }

    /// The MD5 that a tag is, where tags are MD5s.
    pub(super) fn md5_of(&self, ephemeral: &Ephemeral, etag: &Etag) -> Option<[u8; 16]> {
        etag.md5().filter(|_| self.has_md5_tags(ephemeral))
    }

    pub(super) fn has_md5_tags(&self, ephemeral: &Ephemeral) -> bool {
        self.tags == Tags::Md5 && ephemeral.evidence.has_md5()
    }

    /// Whether anything could tell that a part at the vendor is the file's.
    pub(super) fn can_be_proven(&self, ephemeral: &Ephemeral, known: &Known) -> bool {
        known.sum.is_some() || self.has_md5_tags(ephemeral)
    }

    /// A page of the list.
    pub(super) fn page(&mut self, ephemeral: &mut Ephemeral, page: Page, env: &Env<'_>) -> Transition<Fault> {
        if matches!(self.phase, Phase::Aborted { .. }) {
            return self.not_aborted(ephemeral);
        }
        if ephemeral.listing == Listing::IfOpen {
            ephemeral.listing = Listing::Whole;
            return Transition::Forward;
        }
        // One part that cannot be ours says as much as many, and takes less room.
        let count = self.count();
        let possible = page.parts.iter().map(|part| part.part_number).filter(|number| u64::from(*number) <= count);
        let (before, last) = (ephemeral.listed_up_to, possible.max().unwrap_or_default());
        ephemeral.listed_up_to = before.max(last);
        for part in page.parts {
            let last = ephemeral.listed.keys().next_back().map_or(0, |number| u64::from(*number));
            if u64::from(part.part_number) <= count || last <= count {
                ephemeral.listed.insert(part.part_number, part);
            }
        }
        if let Some(next) = page.next {
            ephemeral.listing = Listing::After(next);
            return if last > before { Transition::Listed } else { Transition::Forward };
        }
        ephemeral.listing = Listing::Whole;
        let listed = core::mem::take(&mut ephemeral.listed);
        let fitting = match self.fitting(listed) {
            Ok(fitting) => fitting,
            Err(why) => return self.discard(ephemeral, why),
        };
        self.compare(ephemeral, fitting);
        self.settle_disputes(ephemeral, env)
    }

    /// The parts that this upload can have sent. In sequential mode the list is nothing but them: a part that does not
    /// fit cannot be replaced.
    fn fitting(&self, listed: BTreeMap<u32, ListedPart>) -> Result<BTreeMap<u32, ListedPart>, Fault> {
        let fits = |part: &ListedPart| {
            let span = self.span(part.part_number);
            part.part_number > 0 && span.end > span.start && part.size == span.end - span.start
        };
        if self.sequential {
            let in_order = (1..).zip(listed.values()).find(|(number, part)| *number != part.part_number || !fits(part));
            return match in_order {
                None => Ok(listed),
                Some((_, part)) => Err(Fault::PartsDoNotFit { part_number: part.part_number, size: part.size }),
            };
        }
        let fitting: BTreeMap<u32, ListedPart> = listed.into_iter().filter(|(_, part)| fits(part)).collect();
        let gap = (1..).zip(fitting.keys()).find(|(number, there)| number != *there).map(|(number, _)| number);
        let first_missing = gap.map_or(u64::MAX, u64::from);
        let near = |number: &u32| u64::from(*number) < first_missing.saturating_add(FURTHEST);
        Ok(fitting.into_iter().filter(|(number, _)| near(number)).collect())
    }

    /// Believes of the list what was seen acknowledged, and disputes the rest.
    fn compare(&mut self, ephemeral: &mut Ephemeral, listed: BTreeMap<u32, ListedPart>) {
        let Some(open) = self.open_mut() else { return };
        let mut tally = Tally::default();
        for part in listed.values().filter(|part| open.counts(part.part_number)) {
            tally.add(u64::from(part.part_number), part.size, part.etag.canonical().as_bytes());
        }
        let agrees = tally == open.tally;
        let counted = core::mem::replace(&mut open.acknowledged, Ranges::new());
        open.tally = Tally::default();
        open.sum = None;
        let before = core::mem::take(&mut ephemeral.known);
        ephemeral.disputes.clear();
        for (number, part) in listed {
            let ours = before.get(&number).filter(|known| known.etag == part.etag);
            let believed = counted.contains(&index_of(number)) && (agrees || ours.is_some());
            let sum = ours.and_then(|known| known.sum).or(self.told(part.checksum));
            let known = Known { etag: part.etag, sum };
            if believed {
                self.acknowledge(ephemeral, number, known);
            } else if self.can_be_proven(ephemeral, &known) {
                ephemeral.disputes.insert(number, known);
            }
        }
    }

    /// A part is at the vendor, and nobody knows whether it is the file's.
    pub(super) fn dispute(
        &mut self,
        ephemeral: &mut Ephemeral,
        number: u32,
        known: Known,
        env: &Env<'_>,
    ) -> Transition<Fault> {
        ephemeral.disputes.insert(number, known);
        self.settle_disputes(ephemeral, env)
    }

    /// Decides about the disputed parts that were read again. It looks no further than the next pass reads: to look
    /// for a digest that is not there takes as long as there are digests.
    pub(super) fn settle_disputes(&mut self, ephemeral: &mut Ephemeral, env: &Env<'_>) -> Transition<Fault> {
        let (mut unread, mut after) = (0, 0);
        while unread < PASS {
            let Some((number, known)) =
                ephemeral.disputes.range(after..).next().map(|(at, known)| (*at, known.clone()))
            else {
                break;
            };
            after = number.saturating_add(1);
            let span = self.span(number);
            if !self.jobs(ephemeral, number).iter().all(|job| env.digest(job.kind, &job.range).is_some()) {
                unread += 1;
                continue;
            }
            let md5 = env.digest(HashKind::Md5, &span).map(Digest::as_bytes);
            let sum = self.checksum.and_then(|kind| kind.of_digest(env.digest(kind.hash(), &span)?));
            ephemeral.disputes.remove(&number);
            let same = match self.md5_of(ephemeral, &known.etag) {
                Some(tag) => md5 == Some(&tag),
                None => known.sum.is_some() && known.sum == sum,
            };
            if same {
                self.acknowledge(ephemeral, number, Known { etag: known.etag, sum: sum.or(known.sum) });
            } else if self.sequential {
                return self.discard(ephemeral, Fault::PartDiffers { part_number: number });
            }
        }
        Transition::Forward
    }
}
