//! Is the source still what was sent? Looks answer that where they can; where they cannot, what was read is read again.
//!
//! ```text
//! looks ─ Same ─────────────────────────────────────────────────────────► go on
//!       ├ Doubt ─ what is known of the content is taken again ─ equal ──► go on, with the new looks
//!       │          │                                          └ differs ─► Changed
//!       │          ├ nothing is known, and nothing was sent ────────────► go on, with the new looks
//!       │          └ not all that was sent is known ────────────────────► Changed
//!       └ Changed ──────────────────────────────────────────────────────► Changed
//! ```
//!
//! What is known is the digest of the whole source where the vendor was given one, and else the [`Fingerprint`] of
//! what was sent.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

use super::Upload;
use super::in_flight::Sent;
use super::plan::Turn;
use super::preconditions::{Pass, Pending};
use crate::checkpoint::{Checkpoint, ResumeError};
use crate::digest::{Digest, HashJob, HashKind};
use crate::failure::Failure;
use crate::output::{Action, Output};
use crate::protocol::{Answer, CallProps, Now, Protocol};
use crate::source::{Comparison, Difference, Doubt, Modified, SourceInfo, TICK};

/// A fresh source above this many bytes is not read before looks can tell: to read it again would take longer than to
/// wait.
const READ_AGAIN: u64 = 256 << 20;

/// How often a fresh source is given the time that it takes until looks can tell. A clock that is set back makes it fresh
/// again.
const RESTS: u8 = 3;

/// The time that is given to a fresh source.
#[derive(Clone, Copy)]
pub(super) enum Rest {
    Left(u8),
    Until(Duration, u8),
}

impl Rest {
    pub(super) const ALL: Self = Self::Left(RESTS);
}

/// What a source in doubt looks like now, and the committing call that waits until it is settled.
pub(super) struct InDoubt<C> {
    pub(super) looks: Box<SourceInfo>,
    pub(super) call: Option<C>,
}

impl<P: Protocol> Upload<P> {
    /// A source was looked at in this run.
    pub(super) fn looked(&mut self, looks: SourceInfo, call: Option<P::Call>, now: Now) {
        match self.job.source.compare(&looks) {
            // What has no time of change is believed for as long as one process has it open.
            Comparison::Same | Comparison::Doubt(Doubt::Timeless) => self.go_on(call),
            Comparison::Doubt(_) => {
                self.calls.next.compare(InDoubt { looks: Box::new(looks), call });
            }
            Comparison::Changed(difference) => self.changed(looks, difference, now),
        }
    }

    /// A source is looked at for the first time since a checkpoint was made.
    pub(super) fn looked_after(&mut self, saved: &LastLook, looks: SourceInfo) -> Result<(), ResumeError> {
        match saved.compare(&looks) {
            Comparison::Same => self.job.source = looks,
            Comparison::Changed(difference) => return Err(self.refuse(looks, difference)),
            Comparison::Doubt(_) => {
                if let Err(difference) = self.comparison() {
                    return Err(self.refuse(looks, difference));
                }
                self.calls.next.compare(InDoubt { looks: Box::new(looks), call: None });
            }
        }
        Ok(())
    }

    fn refuse(&self, now: SourceInfo, difference: Difference) -> ResumeError {
        ResumeError::Changed { was: Box::new(self.job.source.clone()), now: Box::new(now), difference }
    }

    fn changed(&mut self, looks: SourceInfo, difference: Difference, now: Now) {
        let was = Box::new(self.job.source.clone());
        self.end(Err(Failure::Changed { was, now: Box::new(looks), difference }), now);
    }

    fn go_on(&mut self, call: Option<P::Call>) {
        if call.is_some() {
            self.calls.next.save(call);
        }
    }

    /// What is to be read again to settle a doubt.
    fn comparison(&self) -> Result<Vec<HashJob>, Difference> {
        match self.whole() {
            Some((job, _)) => Ok(vec![job.clone()]),
            None => self.known.fingerprint.jobs(self.confirmed()),
        }
    }

    /// The digest that the vendor was given of the whole source.
    fn whole(&self) -> Option<&(HashJob, Digest)> {
        let whole = 0..self.job.source.len;
        self.known.digests.iter().find(|(job, _)| job.kind == HashKind::Sha1 && job.range == whole)
    }

    /// Reads again what is known, if anything is.
    pub(super) fn compare(&mut self, now: Now) -> Turn<P> {
        let Pending::Compare { doubt, .. } = self.calls.next.take() else { return Turn::Again };
        match self.comparison() {
            Ok(jobs) if jobs.is_empty() => self.settled(doubt),
            Ok(jobs) => {
                let total = jobs.iter().map(|job| job.range.end - job.range.start).sum();
                let ticket = self.host.ticket();
                let pass = Pass { op: ticket.id(), jobs: jobs.clone(), done: 0, total };
                self.calls.next.pending = Pending::Compare { pass: Some(pass), doubt };
                return Turn::Out(Output::Do(Action::Hash { ticket, jobs }));
            }
            Err(difference) => self.changed(*doubt.looks, difference, now),
        }
        Turn::Again
    }

    /// What was known was read again.
    pub(super) fn compared(&mut self, jobs: &[HashJob], digests: &[Digest], doubt: InDoubt<P::Call>, now: Now) {
        let same = match self.whole() {
            Some((_, known)) => digests == [known.clone()],
            None => self.known.fingerprint.agrees(jobs, digests, self.job.source.len),
        };
        if self.comparison().as_deref() != Ok(jobs) {
            // More was acknowledged meanwhile, or all of it became useless.
            self.calls.next.compare(doubt);
        } else if same {
            self.settled(doubt);
        } else {
            self.changed(*doubt.looks, Difference::Content, now);
        }
    }

    fn settled(&mut self, doubt: InDoubt<P::Call>) {
        self.job.source = *doubt.looks;
        self.calls.saves.changed();
        self.go_on(doubt.call);
    }

    /// Nothing is read yet of a source that changed just now, where that would have to be read again later: until then
    /// looks tell nothing. Whoever goes on writing has their file compared.
    pub(super) fn let_it_rest(&mut self, comparable: bool, now: Now) -> Option<Turn<P>> {
        let worth_it = self.job.source.len > READ_AGAIN || !comparable;
        match self.known.rest {
            Rest::Left(left @ 1..) if worth_it && self.job.source.is_fresh() && self.job.source.version.is_none() => {
                let rest = self.job.source.settled_at().map_or(TICK, |at| until(at, now));
                self.known.rest = Rest::Until(now.mono.saturating_add(rest), left - 1);
                self.let_it_rest(comparable, now)
            }
            Rest::Until(until, _) if now.mono < until => Some(Turn::Idle(Some(until))),
            Rest::Until(_, left) => {
                self.known.rest = Rest::Left(left);
                self.calls.next.check(None);
                Some(Turn::Again)
            }
            Rest::Left(_) => None,
        }
    }

    /// Whether the source bytes of a call are digested while they are sent: where nothing else tells later what they were.
    pub(super) fn is_digested(&self, props: &CallProps) -> bool {
        props.carries_source && self.needs_digests() && (props.digested || self.job.source.changed.is_none())
    }

    /// Before a call leaves whose bytes are not known later: a crash must not forget that the vendor may hold them.
    pub(super) fn leave_out_undigested(&mut self, props: &CallProps) {
        if !self.is_comparable(props) && self.known.fingerprint.leave_out() {
            self.calls.next.saved = false;
        }
    }

    /// Whether a doubt about what a call carries can be settled. What commits is whole: no later version of the file can be
    /// added to it.
    pub(super) fn is_comparable(&self, props: &CallProps) -> bool {
        props.digested || props.commits || self.job.source.changed.is_none() || !self.needs_digests()
    }

    fn needs_digests(&self) -> bool {
        self.job.source.version.is_none() && self.whole().is_none()
    }

    /// What an answered call carried is known by its digest from now on. False if there is none: what the vendor took of
    /// it could not be compared.
    pub(super) fn remember(&mut self, sent: &Sent, answer: &Answer) -> bool {
        if sent.source_len == 0 || !self.needs_digests() {
            return true;
        }
        let (Some(range), Some(digest)) = (&sent.range, answer.observed.get(HashKind::Crc64)) else { return false };
        self.known.fingerprint.add(range, digest, self.job.source.len);
        true
    }

    /// What was read to be compared with what the vendor holds is known by its digest, too.
    pub(super) fn remember_hashed(&mut self, jobs: &[HashJob], digests: &[Digest]) {
        for (job, digest) in jobs.iter().zip(digests).filter(|(job, _)| job.kind == HashKind::Crc64) {
            if !self.known.fingerprint.overlaps(&job.range) {
                self.known.fingerprint.add(&job.range, digest, self.job.source.len);
            }
        }
    }
}

/// How long it is until that time: not longer than file systems need, whatever their clock says.
fn until(at: Modified, now: Now) -> Duration {
    let secs = u64::try_from(at.secs).unwrap_or(0);
    Duration::new(secs, at.nanos).saturating_sub(now.unix).min(TICK)
}

/// The last look at a source that a checkpoint remembers.
pub(super) struct LastLook {
    looks: SourceInfo,
    /// When the checkpoint was made, if it is of the format that had no times of change.
    before_format_2: Option<Duration>,
}

impl LastLook {
    pub(super) fn of<P: Protocol>(saved: &Checkpoint<P>) -> Self {
        Self { looks: saved.source.clone(), before_format_2: saved.is_of_first_format().then_some(saved.saved_unix) }
    }

    fn compare(&self, later: &SourceInfo) -> Comparison {
        let Some(saved) = self.before_format_2 else { return self.looks.compare(later) };
        // The older version saw this time of change, or a write after its first look moved it.
        let settled =
            later.settled_at().is_some_and(|at| u64::try_from(at.secs).is_ok_and(|secs| secs < saved.as_secs()));
        let was = SourceInfo { changed: later.changed, looked_at: later.looked_at, ..self.looks.clone() };
        match was.compare(later) {
            Comparison::Same | Comparison::Doubt(Doubt::Fresh) if settled => Comparison::Same,
            Comparison::Same => Comparison::Doubt(Doubt::Touched),
            other => other,
        }
    }
}
