//! Where the file of a request goes while nobody knows yet whether it is wanted.

use std::sync::Arc;

use crate::log::Counters;
use crate::storage::{Spool, Storage};

/// The file of a request, received and not yet anybody's.
pub(crate) struct Received {
    pub(crate) spool: Box<dyn Spool>,
    pub(crate) length: u64,
}

/// Takes a file as it arrives, and keeps it as long as it may be wanted.
pub(crate) struct BodySink {
    storage: Arc<dyn Storage>,
    counters: Arc<Counters>,
    received: u64,
    state: State,
}

enum State {
    /// Nothing has come yet.
    Ready {
        cap: u64,
    },
    Taking {
        file: Received,
        cap: u64,
    },
    /// What comes is only counted.
    Idle,
    TooLong,
    Failed,
}

/// Why there is no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoFile {
    TooLong,
    /// The store could not take it.
    Failed,
}

impl BodySink {
    /// `cap`: the longest file to keep; `None` keeps nothing.
    pub(crate) fn new(storage: Arc<dyn Storage>, counters: Arc<Counters>, cap: Option<u64>) -> BodySink {
        let state = cap.map_or(State::Idle, |cap| State::Ready { cap });
        BodySink { storage, counters, received: 0, state }
    }

    /// Bytes that came, kept or not.
    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    /// A file begins, though it may have no byte.
    pub(crate) fn open(&mut self) {
        if let State::Ready { cap } = self.state {
            self.state = match self.storage.spool() {
                Ok(spool) => State::Taking { file: Received { spool, length: 0 }, cap },
                Err(_) => State::Failed,
            };
        }
    }

    /// A file begins in place of one that began before.
    pub(crate) fn restart(&mut self) {
        if let State::Taking { cap, .. } = self.state {
            self.state = State::Ready { cap };
        }
        self.open();
    }

    /// More of the file that began.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        self.received += bytes.len() as u64;
        self.counters.received(bytes.len());
        let State::Taking { file, cap } = &mut self.state else { return };
        file.length += bytes.len() as u64;
        if file.length > *cap {
            self.state = State::TooLong;
        } else if file.spool.write(bytes).is_err() {
            self.state = State::Failed;
        }
    }

    /// What came is not wanted any more.
    pub(crate) fn give_up(&mut self) {
        self.state = State::Idle;
    }

    /// What was received; `None` if no file began.
    pub(crate) fn finish(self) -> Result<Option<Received>, NoFile> {
        match self.state {
            State::Ready { .. } | State::Idle => Ok(None),
            State::Taking { file, .. } => Ok(Some(file)),
            State::TooLong => Err(NoFile::TooLong),
            State::Failed => Err(NoFile::Failed),
        }
    }
}
