//! What happened: the last exchanges, and totals since the start.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;

use crate::faults::{Fault, VendorCode};

/// One finished exchange.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// When it ended, since the Unix epoch.
    pub at: Duration,
    /// Which vendor's service; empty if no service has such a path.
    pub service: &'static str,
    /// The request's operation, or empty.
    pub op: String,
    /// The request's path as it was sent.
    pub path: String,
    /// HTTP status of the answer, even if the answer was then lost.
    pub status: u16,
    /// The vendor's code in the answer; absent where it had none.
    pub code: Option<VendorCode>,
    /// Where in the object the request's bytes belong, if it said so.
    pub offset: Option<u64>,
    /// File bytes this exchange added to the store.
    pub body_bytes: u64,
    /// File bytes this exchange received.
    pub received_bytes: u64,
    /// The fault it met.
    pub fault: Option<Fault>,
}

/// Sums since the start.
#[derive(Clone, Copy, Debug, Default, Serialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// Exchanges that ended.
    pub requests: u64,
    /// Exchanges that were cut before their end.
    pub cut: u64,
    /// File bytes stored: slices and whole files accepted; a slice sent again unchanged adds nothing.
    pub file_bytes: u64,
    /// File bytes received, also in requests that were refused or cut.
    pub received_file_bytes: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    requests: AtomicU64,
    cut: AtomicU64,
    file_bytes: AtomicU64,
    received_file_bytes: AtomicU64,
}

impl Counters {
    pub(crate) fn ended(&self, stored: u64) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.file_bytes.fetch_add(stored, Ordering::Relaxed);
    }

    pub(crate) fn cut(&self) {
        self.cut.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn received(&self, bytes: usize) {
        self.received_file_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn totals(&self) -> Totals {
        Totals {
            requests: self.requests.load(Ordering::Relaxed),
            cut: self.cut.load(Ordering::Relaxed),
            file_bytes: self.file_bytes.load(Ordering::Relaxed),
            received_file_bytes: self.received_file_bytes.load(Ordering::Relaxed),
        }
    }
}

/// The last exchanges, oldest first.
#[derive(Debug)]
pub(crate) struct Log {
    entries: VecDeque<Entry>,
    keep: usize,
}

impl Log {
    pub(crate) fn new(keep: usize) -> Log {
        Log { entries: VecDeque::new(), keep }
    }

    pub(crate) fn push(&mut self, entry: impl FnOnce() -> Entry) {
        if self.keep == 0 {
            return;
        }
        if self.entries.len() >= self.keep {
            self.entries.pop_front();
        }
        self.entries.push_back(entry());
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.entries.iter().cloned().collect()
    }
}
