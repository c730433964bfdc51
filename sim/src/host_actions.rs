//! What the machine asks of its host besides requests: two moments each as well.

use std::time::Duration;

use resumable_core::{
    Acquiring, Action, AuthError, Authorizing, Cause, Checking, Digest, HashError, HashJob, Hashing, Input, OpId,
    Options, Protocol, Question, Saving, SourceFailure, SourceFailureKind, SourceInfo, StoreError, Ticket, Upload,
};

use crate::fault::{Fault, Row};
use crate::store::CHECKPOINT_BYTES;
use crate::vendor::{CredentialOf, Scenario as _, Vendor};
use crate::world::{Moment, World};

/// One host action.
pub(crate) struct HostAction<P: Protocol> {
    job: Option<Job<P>>,
    fault: Fault,
    /// Parts that were acknowledged before it began: a checkpoint holds them.
    acknowledged: u64,
    /// The same of restarts.
    restarts: u32,
}

enum Job<P: Protocol> {
    Save(Ticket<Saving>, Vec<u8>),
    Check(Ticket<Checking>, Option<Result<SourceInfo, SourceFailure>>),
    Hash(Ticket<Hashing>, Vec<HashJob>, Option<Result<Vec<Digest>, HashError>>),
    Authorize(Ticket<Authorizing>, Option<P::Credential>),
    Acquire(Ticket<Acquiring>, Option<Question>),
}

impl<P: Protocol> Job<P> {
    fn row(&self) -> Row {
        match self {
            Self::Save(..) => Row::Save,
            Self::Check(..) => Row::Check,
            Self::Hash(..) => Row::Hash,
            Self::Authorize(..) => Row::Authorize,
            Self::Acquire(..) => Row::Acquire,
        }
    }

    fn op(&self) -> OpId {
        match self {
            Self::Save(ticket, _) => ticket.id(),
            Self::Check(ticket, _) => ticket.id(),
            Self::Hash(ticket, ..) => ticket.id(),
            Self::Authorize(ticket, _) => ticket.id(),
            Self::Acquire(ticket, _) => ticket.id(),
        }
    }
}

impl<P: Protocol> HostAction<P> {
    pub(crate) fn is_open(&self) -> bool {
        self.job.is_some()
    }
}

impl<V: Vendor> World<'_, V> {
    /// The machine asks for something.
    pub(crate) fn begin(&mut self, action: Action<V::Protocol>) {
        let job = match action {
            Action::Send { ticket, slot, request, limits, .. } => return self.send(ticket, slot, request, limits),
            Action::Cancel(op) => return self.cancel(op),
            Action::Save { ticket, checkpoint } => Job::Save(ticket, checkpoint.to_bytes()),
            Action::Check { ticket } => Job::Check(ticket, None),
            Action::Hash { ticket, jobs } => Job::Hash(ticket, jobs, None),
            Action::Authorize { ticket, refused, .. } => Job::Authorize(ticket, refused),
            Action::Acquire { ticket, question, .. } => Job::Acquire(ticket, question),
        };
        if let Job::Save(_, bytes) = &job {
            self.inspect(bytes);
            self.process.heard_since_save = false;
        }
        let fault = self.draw_fault(job.row());
        self.note(|| format!("{:?} {:?} meets {fault:?}", job.row(), job.op()));
        let host_action = self.host_actions.len();
        let (work, mut told) = (self.latency(), self.latency());
        if matches!(job, Job::Acquire(..)) && !self.calm {
            // A slot comes when another upload gives one back.
            told += Duration::from_millis(self.chance.u64(0..2_000));
        }
        self.plan(work, Moment::Work(host_action));
        self.plan(work + told, Moment::Told(host_action));
        match fault {
            Fault::CrashBefore { .. } => self.plan(work / 2, Moment::Crash),
            Fault::CrashAfter => self.plan(work + Duration::from_micros(1), Moment::Crash),
            _ => {}
        }
        let (acknowledged, restarts) = (self.process.acknowledged, self.restarts_as_saved());
        self.host_actions.push(HostAction { job: Some(job), fault, acknowledged, restarts });
    }

    /// How many restarts a checkpoint of now knows: an answer after the last one that may be may have ended the upload for its
    /// restarts, and whoever runs it again may have all of them, even if the end was never told.
    fn restarts_as_saved(&self) -> u32 {
        let may_be_over = self.process.heard_since_restart && self.ledger.restarts >= Options::new(0).restarts;
        if may_be_over { 0 } else { self.ledger.restarts }
    }

    /// A checkpoint is small, and holds no secret.
    fn inspect(&mut self, bytes: &[u8]) {
        if bytes.len() >= CHECKPOINT_BYTES {
            self.violated(|| format!("a checkpoint of {} bytes", bytes.len()));
        }
        let text = String::from_utf8_lossy(bytes);
        if let Some(canary) = V::Setting::CANARIES.iter().find(|canary| text.contains(**canary)) {
            self.violated(|| format!("{canary} is in a checkpoint: {text}"));
        }
    }

    /// The first moment: the effect.
    pub(crate) fn work(&mut self, host_action: usize) {
        let it = &mut self.host_actions[host_action];
        let lost = it.fault == Fault::HostLost && host_action.is_multiple_of(2);
        match &mut it.job {
            Some(Job::Save(_, bytes)) if it.fault != Fault::Fails && !lost => {
                self.store.put(std::mem::take(bytes));
                self.process.durable = it.acknowledged;
                self.ledger.durable_restarts = it.restarts;
                self.note(|| "the checkpoint is durable".to_owned());
            }
            Some(Job::Check(_, seen)) if it.fault != Fault::Fails => {
                *seen = Some(self.source.info(self.clock.wall()));
                self.ledger.checked_version = self.source.latest();
            }
            Some(Job::Hash(_, jobs, digests)) if digests.is_none() => {
                *digests = Some(self.source.digests(jobs).map_err(HashError::Source));
            }
            _ => {}
        }
    }

    /// The process dies: what it was about to make durable may be there, or not.
    pub(crate) fn break_off_saves(&mut self) {
        // The last one may have ended the upload for its restarts, and nobody was told.
        let saves = |it: &HostAction<_>| matches!(it.job, Some(Job::Save(..)));
        if self.ledger.restarts_told >= Options::new(0).restarts && self.host_actions.iter().any(saves) {
            (self.ledger.restarts, self.ledger.durable_restarts) = (0, 0);
        }
        for it in &self.host_actions {
            if let Some(Job::Save(_, bytes)) = &it.job
                && !bytes.is_empty()
                && it.fault == (Fault::CrashBefore { late_effect: true })
            {
                self.store.break_off(bytes, &mut self.chance);
                self.census.mark("process died in a save");
            }
        }
    }

    /// The second moment: the machine is told.
    pub(crate) fn tell(&mut self, host_action: usize, upload: &mut Upload<V::Protocol>) {
        let Some(job) = self.host_actions[host_action].job.take() else { return };
        let fails = self.host_actions[host_action].fault == Fault::Fails;
        if self.host_actions[host_action].fault == Fault::HostLost {
            let op = job.op();
            self.note(|| format!("the host loses the ticket of {op:?}"));
            return upload.handle(Input::Lost(op));
        }
        match job {
            Job::Save(ticket, _) if fails => {
                self.ledger.store_failed = true;
                upload.handle(Input::Saved(ticket, Err(StoreError(Cause::text("the disk is full")))));
            }
            Job::Save(ticket, _) => {
                upload.handle(Input::Saved(ticket, Ok(())));
                self.renew(upload);
            }
            Job::Check(ticket, _) if fails => {
                self.ledger.source_failed = true;
                upload.handle(Input::Source(ticket, Err(unreadable())));
            }
            Job::Check(ticket, seen) => {
                self.process.checked = true;
                upload.handle(Input::Source(ticket, seen.unwrap_or_else(|| self.source.info(self.clock.wall()))));
            }
            Job::Hash(ticket, ..) if fails => {
                self.ledger.source_failed = true;
                upload.handle(Input::Digests(ticket, Err(unreadable().into())));
            }
            Job::Hash(ticket, _, digests) => {
                upload.handle(Input::Digests(ticket, digests.unwrap_or(Err(HashError::Cancelled))));
            }
            Job::Authorize(ticket, _) if fails => {
                self.ledger.no_credential = true;
                upload.handle(Input::Credential(ticket, Err(AuthError(Cause::text("the key ring is locked")))));
            }
            Job::Authorize(ticket, refused) => {
                let credential = self.another(refused.as_ref());
                self.ledger.no_credential |= credential.is_err();
                let lease = credential.map(|credential| self.lease(credential));
                upload.handle(Input::Credential(ticket, lease.map_err(|why| AuthError(Cause::text(why)))));
            }
            Job::Acquire(ticket, _) if fails => upload.handle(Input::Slot(ticket, Err(Duration::from_secs(3)))),
            Job::Acquire(ticket, question) => {
                if let Some(known) = question.and_then(|question| self.known(&question)) {
                    return upload.handle(Input::Known(ticket, known));
                }
                let wait = Duration::from_millis(self.chance.u64(0..3_000));
                let slot = if self.chance.u8(0..4) == 0 { Err(wait) } else { Ok(self.slots.grant()) };
                upload.handle(Input::Slot(ticket, slot));
            }
        }
    }

    /// What the host answers to a refusal: mostly another credential, sometimes the same.
    pub(crate) fn another(&mut self, refused: Option<&CredentialOf<V>>) -> Result<CredentialOf<V>, &'static str> {
        let is_wrong = refused.is_some_and(|refused| *refused == V::Setting::credential(2));
        let insists = is_wrong && self.insists_on_wrong();
        let now = self.clock.server();
        if !insists && let Some(renewal) = V::Setting::renewed(&self.server, now, refused, &mut self.chance) {
            self.ledger.renewals += renewal.requests;
            return renewal.credential;
        }
        let right = self.granted(true).unwrap_or_else(|| V::Setting::credential(0));
        Ok(match refused {
            Some(_) if insists => V::Setting::credential(2),
            Some(refused) if *refused == right && !self.calm && self.chance.u8(0..4) > 0 => V::Setting::credential(1),
            _ => right,
        })
    }

    /// Whether one is asked for because the one in hand was refused.
    pub(crate) fn is_refused(&self) -> bool {
        self.host_actions.iter().any(|host_action| matches!(host_action.job, Some(Job::Authorize(_, Some(_)))))
    }

    /// Whether a credential is asked for, and not answered.
    pub(crate) fn is_asked(&self) -> bool {
        self.host_actions.iter().any(|host_action| matches!(host_action.job, Some(Job::Authorize(..))))
    }

    pub(crate) fn cancel_hash(&mut self, op: OpId) {
        for host_action in 0..self.host_actions.len() {
            if let Some(Job::Hash(ticket, _, digests)) = &mut self.host_actions[host_action].job
                && ticket.id() == op
                && digests.is_none()
            {
                *digests = Some(Err(HashError::Cancelled));
            }
        }
    }

    /// The process is dead: what it had not finished will never be.
    pub(crate) fn drop_host_actions(&mut self) {
        self.host_actions.iter_mut().for_each(|host_action| host_action.job = None);
    }
}

fn unreadable() -> SourceFailure {
    SourceFailure { kind: SourceFailureKind::Read, cause: Cause::text("the disk does not answer") }
}
