//! What one thread does for one action.

use std::sync::mpsc::Sender;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::{CancelFlag, Clock, Command, Host, Outgoing, Transport};
use crate::body::Body;
use crate::digest::{Digest, HashJob, HashPass};
use crate::host_error::{AuthError, HashError, SendError, StoreError};
use crate::output::Action;
use crate::pace::Pace;
use crate::protocol::{Answer, Limits, Protocol};
use crate::source::{Source, SourceError, SourceInfo};
use crate::ticket::{Authorizing, Checking, Hashing, OpId, Permitting, Saving, Sending, Ticket};
use crate::upload::Upload;

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_millis(100);
/// How much is hashed between two looks at the cancel flag.
const HASH_STEP: u64 = 256 * 1024;
/// The longest sleep between two looks at the cancel flag.
const NAP: Duration = Duration::from_millis(100);

/// What a thread, or the host, tells the loop.
pub(super) enum Told<P: Protocol> {
    Response(Ticket<Sending>, Result<Answer, SendError>),
    Digest(Ticket<Hashing>, Result<Vec<Digest>, HashError>),
    Saved(Ticket<Saving>, Result<(), StoreError>),
    Source(Ticket<Checking>, Result<SourceInfo, SourceError>),
    Credential(Ticket<Authorizing>, Result<P::Credential, AuthError>),
    Permit(Ticket<Permitting>, Result<(), Duration>),
    Progress(OpId, u64),
    Lost(OpId),
    Command(Command),
}

impl<P: Protocol> Told<P> {
    pub(super) fn hand_to(self, upload: &mut Upload<P>, flags: &mut Vec<(OpId, CancelFlag)>) {
        if let Some(done) = self.ends() {
            flags.retain(|(op, _)| *op != done);
        }
        match self {
            Self::Response(ticket, answer) => upload.handle_response(ticket, answer),
            Self::Digest(ticket, digests) => upload.handle_digest(ticket, digests),
            Self::Saved(ticket, saved) => upload.handle_saved(ticket, saved),
            Self::Source(ticket, source) => upload.handle_source(ticket, source),
            Self::Credential(ticket, credential) => upload.handle_credential(ticket, credential),
            Self::Permit(ticket, permit) => upload.handle_permit(ticket, permit),
            Self::Progress(op, bytes) => upload.handle_progress(op, bytes),
            Self::Lost(op) => upload.handle_lost(op),
            Self::Command(Command::Pause) => upload.pause(),
            Self::Command(Command::Unpause) => upload.unpause(),
            Self::Command(Command::Stop) => upload.stop(),
            Self::Command(Command::Abort) => upload.abort(),
            Self::Command(Command::Window(window)) => upload.set_window(window),
        }
    }

    fn ends(&self) -> Option<OpId> {
        match self {
            Self::Response(ticket, _) => Some(ticket.id()),
            Self::Digest(ticket, _) => Some(ticket.id()),
            Self::Saved(ticket, _) => Some(ticket.id()),
            Self::Source(ticket, _) => Some(ticket.id()),
            Self::Credential(ticket, _) => Some(ticket.id()),
            Self::Permit(ticket, _) => Some(ticket.id()),
            Self::Lost(op) => Some(*op),
            Self::Progress(..) | Self::Command(_) => None,
        }
    }
}

/// The operation that an action asks for.
pub(super) fn op_of<P: Protocol>(action: &Action<P>) -> OpId {
    match action {
        Action::Send { ticket, .. } => ticket.id(),
        Action::Hash { ticket, .. } => ticket.id(),
        Action::Save { ticket, .. } => ticket.id(),
        Action::Check { ticket } => ticket.id(),
        Action::Authorize { ticket, .. } => ticket.id(),
        Action::Permit { ticket, .. } => ticket.id(),
        Action::Cancel(op) => *op,
    }
}

/// The world outside the machine.
pub(super) struct Work<'a, T, S, H> {
    pub(super) transport: &'a T,
    pub(super) source: &'a S,
    pub(super) host: &'a H,
    pub(super) pace: Option<&'a Mutex<Pace>>,
    pub(super) clock: Clock,
}

impl<T, S, H> Clone for Work<'_, T, S, H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, S, H> Copy for Work<'_, T, S, H> {}

/// Tells the loop that an answer will never come, should the thread panic, and stops the upload: it is saved, and then
/// the panic goes on to the caller.
struct Lifeline<'a, P: Protocol> {
    op: OpId,
    tell: &'a Sender<Told<P>>,
}

impl<P: Protocol> Drop for Lifeline<'_, P> {
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = self.tell.send(Told::Lost(self.op));
            let _ = self.tell.send(Told::Command(Command::Stop));
        }
    }
}

impl<T: Transport, S: Source, H> Work<'_, T, S, H> {
    pub(super) fn perform<P: Protocol>(self, action: Action<P>, flag: &CancelFlag, tell: &Sender<Told<P>>)
    where
        H: Host<P>,
    {
        let op = op_of(&action);
        let _lifeline = Lifeline { op, tell };
        let mut last = Instant::now();
        let mut progress = |bytes| {
            if last.elapsed() >= TELL_EVERY {
                last = Instant::now();
                let _ = tell.send(Told::Progress(op, bytes));
            }
        };
        let told = match action {
            Action::Send { ticket, request, limits } => {
                Told::Response(ticket, self.send(request, limits, flag, &mut progress))
            }
            Action::Hash { ticket, jobs } => Told::Digest(ticket, self.hash(&jobs, flag, &mut progress)),
            Action::Save { ticket, checkpoint } => Told::Saved(ticket, self.host.save(&checkpoint)),
            Action::Check { ticket } => Told::Source(ticket, self.source.info()),
            Action::Authorize { ticket, reason, refused } => {
                Told::Credential(ticket, self.host.credential(reason, refused.as_ref()))
            }
            Action::Permit { ticket, lane } => Told::Permit(ticket, self.host.permit(lane)),
            Action::Cancel(_) => return,
        };
        let _ = tell.send(told);
    }

    fn send(
        self,
        request: http::Request<Body>,
        limits: Limits,
        flag: &CancelFlag,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Answer, SendError> {
        let (head, body) = request.into_parts();
        let mut before = 0;
        let on_read = Box::new(|read: u64| {
            progress(read);
            self.keep_pace(read - before, flag);
            before = read;
        });
        let mut outgoing = Outgoing::new(&body, self.source, flag.clone(), on_read).in_pieces(self.piece());
        match self.transport.send(head, &mut outgoing, &limits) {
            Ok(response) => Ok(Answer { response, observed: outgoing.observed() }),
            Err(error) => Err(outgoing.take_source_error().map_or(error, SendError::Source)),
        }
    }

    /// A tenth of a second's worth, if the rate is limited.
    fn piece(self) -> usize {
        let rate = self.pace.map(|pace| pace.lock().unwrap_or_else(PoisonError::into_inner).bytes_per_second());
        rate.map_or(usize::MAX, |rate| usize::try_from(rate / 10).unwrap_or(usize::MAX))
    }

    /// Sleeps as long as the rate limit wants, in naps, so that a cancelled request ends soon.
    fn keep_pace(self, bytes: u64, flag: &CancelFlag) {
        let Some(pace) = self.pace else { return };
        let now = self.clock.now().mono;
        let wait = pace.lock().unwrap_or_else(PoisonError::into_inner).take(bytes, now);
        let until = now + wait;
        while !flag.is_set() {
            let left = until.saturating_sub(self.clock.now().mono);
            if left.is_zero() {
                break;
            }
            thread::sleep(left.min(NAP));
        }
    }

    fn hash(
        self,
        jobs: &[HashJob],
        flag: &CancelFlag,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Vec<Digest>, HashError> {
        let mut pass = HashPass::new(jobs).map_err(|error| SourceError::Read(std::io::Error::other(error)))?;
        let mut buffer = vec![0; usize::try_from(HASH_STEP).unwrap_or(usize::MAX)];
        let mut done = 0;
        while let Some(range) = pass.wants(HASH_STEP) {
            if flag.is_set() {
                return Err(HashError::Cancelled);
            }
            let room = usize::try_from(range.end - range.start).unwrap_or(buffer.len());
            let count = self.source.read_at(range.start, &mut buffer[..room])?;
            if count == 0 {
                return Err(SourceError::Ended { at: range.start, expected: range.end }.into());
            }
            pass.feed(&buffer[..count]);
            done += count as u64;
            progress(done);
        }
        Ok(pass.finish())
    }
}
