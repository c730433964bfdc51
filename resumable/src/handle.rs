//! What is done with an upload while it runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fmt, mem};

use resumable_core::{Command, Event, Stats};

/// A handle to one upload, from before it begins until after it has ended. Clones are handles to the same upload; they
/// go to other threads, and dropping them changes nothing.
///
/// What is asked before the upload runs is done as soon as it does. What is asked after its end does nothing.
#[derive(Clone)]
pub struct Handle(pub(crate) Arc<Watch>);

impl Handle {
    /// Sends nothing new until [`resume`](Self::resume). What is under way is let finish.
    pub fn pause(&self) {
        self.0.send(Command::Pause);
    }

    /// Ends a pause.
    pub fn resume(&self) {
        self.0.send(Command::Unpause);
    }

    /// Begins nothing new, lets what is under way arrive, for at most `within`, and ends the upload so that it can be
    /// resumed: with [`ErrorKind::Stopped`](crate::ErrorKind::Stopped), or successfully if it is complete by then.
    pub fn drain(&self, within: Duration) {
        self.0.send(Command::Drain { within });
    }

    /// Ends the upload within seconds so that it can be resumed, with
    /// [`ErrorKind::Stopped`](crate::ErrorKind::Stopped). What is under way is sent again by the next run.
    pub fn stop(&self) {
        self.0.send(Command::Stop);
    }

    /// Gives the upload up, and removes what can be removed at the vendor. It ends with
    /// [`ErrorKind::Abandoned`](crate::ErrorKind::Abandoned), or successfully if it turns out to be complete.
    pub fn abort(&self) {
        self.0.send(Command::Abort);
    }

    /// How far the upload is.
    pub fn progress(&self) -> Progress {
        self.0.state().progress.clone()
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("progress", &self.progress()).finish_non_exhaustive()
    }
}

/// How far an upload is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// What it is doing.
    pub phase: Phase,
    /// Bytes that the vendor has acknowledged.
    pub confirmed: u64,
    /// Bytes that were acknowledged when this run began: what an earlier one had sent.
    pub resumed_from: u64,
    /// Bytes that were read for requests that are not answered yet.
    pub in_flight: u64,
    /// The source's length; 0 until it is known.
    pub total: u64,
    /// What was sent in this run, in requests and bytes. Counted when the run has ended.
    pub stats: Stats,
}

/// What an upload is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// It was not begun.
    #[default]
    Ready,
    /// It reads the source for digests: so many of its bytes.
    Hashing {
        /// Bytes that were read.
        done: u64,
        /// Bytes to read.
        total: u64,
    },
    /// It sends.
    Sending,
    /// All bytes have arrived or are on their way; the vendor is to answer, and to complete the object.
    Completing,
    /// Its last call failed, and is tried again after this long.
    Waiting(Duration),
    /// It has ended.
    Ended,
}

/// What the handles of one upload and the upload itself share.
#[derive(Default)]
pub(crate) struct Watch(Mutex<State>);

#[derive(Default)]
struct State {
    /// The last command of each kind, in the order in which they came.
    commands: Vec<Command>,
    mail: Mail,
    progress: Progress,
}

/// Where commands go.
#[derive(Default)]
enum Mail {
    /// Nowhere yet: nothing runs.
    #[default]
    Kept,
    Delivered(Arc<dyn Fn(Command) + Send + Sync>),
    Closed,
}

impl Watch {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn send(&self, command: Command) {
        let mut state = self.state();
        state.commands.retain(|before| mem::discriminant(before) != mem::discriminant(&command));
        state.commands.push(command);
        let deliver = match &state.mail {
            Mail::Delivered(deliver) => Arc::clone(deliver),
            Mail::Kept | Mail::Closed => return,
        };
        drop(state);
        deliver(command);
    }

    /// Commands go there from now on, those of before first: also those that went elsewhere, because an upload that starts
    /// over runs twice, and what was commanded while the old one was removed is meant for the new one, too.
    pub(crate) fn open(&self, deliver: impl Fn(Command) + Send + Sync + 'static) {
        let mut state = self.state();
        state.commands.iter().copied().for_each(&deliver);
        state.mail = Mail::Delivered(Arc::new(deliver));
    }

    /// True if nothing that begins now would be sent: the upload has ended, or is to end.
    pub(crate) fn is_over(&self) -> bool {
        let state = self.state();
        matches!(state.mail, Mail::Closed) || state.commands.iter().copied().any(ends)
    }

    pub(crate) fn begin(&self, confirmed: u64, total: u64) {
        let progress = &mut self.state().progress;
        (progress.confirmed, progress.resumed_from, progress.total) = (confirmed, confirmed, total);
        progress.phase = Phase::Sending;
    }

    pub(crate) fn note(&self, event: &Event) {
        let progress = &mut self.state().progress;
        match *event {
            Event::Progress { confirmed, in_flight, total } => {
                (progress.confirmed, progress.in_flight, progress.total) = (confirmed, in_flight, total);
                let all = total > 0 && confirmed.saturating_add(in_flight) >= total;
                progress.phase = if all { Phase::Completing } else { Phase::Sending };
            }
            Event::Hashing { done, total } => progress.phase = Phase::Hashing { done, total },
            Event::Retrying { after, .. } => progress.phase = Phase::Waiting(after),
            _ => {}
        }
    }

    pub(crate) fn end(&self, confirmed: u64, stats: Stats) {
        let State { mail, progress, .. } = &mut *self.state();
        *mail = Mail::Closed;
        (progress.phase, progress.in_flight, progress.confirmed, progress.stats) = (Phase::Ended, 0, confirmed, stats);
    }
}

/// True if nothing that begins after this command is sent.
pub(crate) fn ends(command: Command) -> bool {
    matches!(command, Command::Stop | Command::Drain { .. } | Command::Abort)
}

/// When it is dropped, the upload has ended for its handles, however that came about.
pub(crate) struct Ends(pub(crate) Arc<Watch>);

impl Drop for Ends {
    fn drop(&mut self) {
        let State { mail, progress, .. } = &mut *self.0.state();
        *mail = Mail::Closed;
        (progress.phase, progress.in_flight) = (Phase::Ended, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wholly_sent_is_completed() {
        let watch = Watch::default();
        let phase = |confirmed, in_flight, total| {
            watch.note(&Event::Progress { confirmed, in_flight, total });
            watch.state().progress.phase
        };
        assert_eq!((phase(0, 0, 0), phase(3, 6, 10)), (Phase::Sending, Phase::Sending));
        assert_eq!((phase(3, 7, 10), phase(10, 0, 10)), (Phase::Completing, Phase::Completing));
        assert_eq!(phase(3, 0, 10), Phase::Sending, "what was on its way has failed");
    }
}
