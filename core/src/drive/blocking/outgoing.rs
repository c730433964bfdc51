//! A request body on its way out.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::body::{Body, Segment};
use crate::digest::{Digest, HashKind, Hasher, Observed};
use crate::source::{Source, SourceError};

/// Set once, seen by everything that works for one request.
#[derive(Clone, Debug, Default)]
pub struct CancelFlag(Arc<AtomicBool>);

impl CancelFlag {
    /// A flag that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the work to end soon.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// True once [`cancel`](Self::cancel) was called.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Told how many source bytes were read so far, before they are sent; may block to slow the upload down.
pub type OnRead<'a> = dyn FnMut(u64) + 'a;

/// A [`Body`] as a stream of exactly [`len`](Self::len) bytes: memory segments and ranges of the source, read when
/// they are asked for, hashed as they pass.
pub struct Outgoing<'a> {
    body: &'a Body,
    source: &'a dyn Source,
    cancel: CancelFlag,
    on_read: Box<OnRead<'a>>,
    hashers: Vec<(HashKind, Hasher)>,
    segment: usize,
    within: u64,
    source_read: u64,
    error: Option<SourceError>,
}

impl<'a> Outgoing<'a> {
    /// A stream of `body` over `source`.
    pub fn new(body: &'a Body, source: &'a dyn Source, cancel: CancelFlag, on_read: Box<OnRead<'a>>) -> Self {
        let hashers = body.observe().iter().filter_map(|kind| Some((*kind, Hasher::new(*kind).ok()?))).collect();
        Self { body, source, cancel, on_read, hashers, segment: 0, within: 0, source_read: 0, error: None }
    }

    /// How many bytes the stream has in all: the request's `Content-Length`.
    pub fn len(&self) -> u64 {
        self.body.len()
    }

    /// True for a body without bytes.
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// True when the request should end soon: reads fail from then on.
    pub fn cancelled(&self) -> bool {
        self.cancel.is_set()
    }

    /// The flag itself, for a transport that waits elsewhere than in a read.
    pub fn cancel_flag(&self) -> CancelFlag {
        self.cancel.clone()
    }

    /// How many source bytes were read so far.
    pub fn source_read(&self) -> u64 {
        self.source_read
    }

    /// What went wrong with the source, if a read failed for that.
    pub fn take_source_error(&mut self) -> Option<SourceError> {
        self.error.take()
    }

    /// The digests of the source bytes, if all of them were read.
    pub fn observed(&self) -> Observed {
        if self.source_read < self.body.source_len() {
            return Observed::none();
        }
        let digest = |(kind, hasher): &(HashKind, Hasher)| (*kind, hasher.clone().finish());
        let digests: Vec<(HashKind, Digest)> = self.hashers.iter().map(digest).collect();
        Observed::all(digests)
    }

    fn read_source(&mut self, from: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match self.source.read_at(from, buffer) {
            Ok(0) => Err(SourceError::Ended { at: from, expected: from + buffer.len() as u64 }),
            other => other,
        };
        let count = count.map_err(|error| {
            let text = io::Error::other(error.to_string());
            self.error = Some(error);
            text
        })?;
        self.hashers.iter_mut().for_each(|(_, hasher)| hasher.update(&buffer[..count]));
        self.source_read += count as u64;
        (self.on_read)(self.source_read);
        Ok(count)
    }
}

impl Read for Outgoing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.cancelled() {
            return Err(io::Error::other("the request was cancelled"));
        }
        let body = self.body;
        let Some(segment) = body.segments().get(self.segment).filter(|_| !buffer.is_empty()) else { return Ok(0) };
        let room = usize::try_from(segment.len() - self.within).unwrap_or(usize::MAX).min(buffer.len());
        let count = match segment {
            Segment::Bytes(bytes) => {
                let from = usize::try_from(self.within).unwrap_or(usize::MAX);
                buffer[..room].copy_from_slice(&bytes[from..from + room]);
                room
            }
            Segment::Source(range) => self.read_source(range.start + self.within, &mut buffer[..room])?,
        };
        self.within += count as u64;
        if self.within == segment.len() {
            self.segment += 1;
            self.within = 0;
        }
        Ok(count)
    }
}
