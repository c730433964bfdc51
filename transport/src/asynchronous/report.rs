//! What is known of a body that is sent.

use std::any::Any;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use resumable_core::{Body, Observed};

use crate::body_reader::BodyReader;
use crate::source::{Source, SourceError};

/// What is known of a body, whoever holds its [`Outgoing`](super::Outgoing).
#[derive(Clone)]
pub struct Report(Arc<Shared>);

impl Report {
    pub(super) fn of(shared: &Arc<Shared>) -> Self {
        Self(Arc::clone(shared))
    }

    /// How many source bytes were given to the transport so far.
    pub fn source_read(&self) -> u64 {
        self.0.source_read()
    }

    /// The digests of the source bytes, if all of them were given to the transport.
    pub fn observed(&self) -> Observed {
        if self.0.source_read() < self.0.source_len {
            return Observed::none();
        }
        self.0.found(|found| found.observed.clone())
    }

    /// What went wrong with the source, if a read failed for that.
    pub fn take_source_error(&self) -> Option<SourceError> {
        self.0.found(|found| found.error.take())
    }

    /// What the source panicked with, if it did.
    pub fn take_panic(&self) -> Option<Panic> {
        self.0.found(|found| found.panic.take())
    }
}

/// What somebody panicked with.
pub type Panic = Box<dyn Any + Send>;

pub(super) struct Shared {
    source_len: u64,
    source_read: AtomicU64,
    found: Mutex<Found>,
}

/// What the thread found out.
struct Found {
    observed: Observed,
    error: Option<SourceError>,
    panic: Option<Panic>,
}

impl Shared {
    pub(super) fn new(body: &Body, source: &dyn Source) -> Self {
        let found = Found { observed: BodyReader::new(body, source).observed(), error: None, panic: None };
        Self { source_len: body.source_len(), source_read: AtomicU64::new(0), found: Mutex::new(found) }
    }

    pub(super) fn source_len(&self) -> u64 {
        self.source_len
    }

    pub(super) fn source_read(&self) -> u64 {
        self.source_read.load(Ordering::Acquire)
    }

    /// So many source bytes were given to the transport.
    pub(super) fn gave(&self, source_read: u64) {
        self.source_read.store(source_read, Ordering::Release);
    }

    /// All source bytes were read.
    pub(super) fn is_read(&self, observed: Observed) {
        self.found(|found| found.observed = observed);
    }

    pub(super) fn failed(&self, error: SourceError) -> io::Error {
        let text = io::Error::other(error.to_string());
        self.found(|found| found.error = Some(error));
        text
    }

    pub(super) fn panicked(&self, panic: Panic) -> io::Error {
        self.found(|found| found.panic = Some(panic));
        io::Error::other("the source panicked")
    }

    fn found<T>(&self, look: impl FnOnce(&mut Found) -> T) -> T {
        look(&mut self.found.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
