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
    most: usize,
    error: Option<SourceError>,
}

impl<'a> Outgoing<'a> {
    /// A stream of `body` over `source`.
    pub fn new(body: &'a Body, source: &'a dyn Source, cancel: CancelFlag, on_read: Box<OnRead<'a>>) -> Self {
        let hashers = body.observe().iter().filter_map(|kind| Some((*kind, Hasher::new(*kind).ok()?))).collect();
        Self {
            body,
            source,
            cancel,
            on_read,
            hashers,
            segment: 0,
            within: 0,
            source_read: 0,
            most: usize::MAX,
            error: None,
        }
    }

    /// Reads at most so many bytes of the source at a time, so that a limited rate is an even one.
    #[must_use]
    pub fn in_pieces(mut self, most: usize) -> Self {
        self.most = most.max(1);
        self
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
            Segment::Source(range) => {
                self.read_source(range.start + self.within, &mut buffer[..room.min(self.most)])?
            }
        };
        self.within += count as u64;
        if self.within == segment.len() {
            self.segment += 1;
            self.within = 0;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::source::SourceInfo;

    /// Gives at most 3 bytes at a time.
    struct Small(Vec<u8>);

    impl Source for Small {
        fn info(&self) -> Result<SourceInfo, SourceError> {
            Err(SourceError::Missing("not asked for".to_owned()))
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
            let rest = &self.0[usize::try_from(offset).unwrap().min(self.0.len())..];
            let count = rest.len().min(buffer.len()).min(3);
            buffer[..count].copy_from_slice(&rest[..count]);
            Ok(count)
        }
    }

    fn body(range: std::ops::Range<u64>) -> Body {
        let mut body = Body::from(Bytes::from_static(b"<")).observing(&[HashKind::Md5]);
        body.push(Segment::Source(range));
        body.push(Segment::Bytes(Bytes::from_static(b">")));
        body
    }

    fn read_all(outgoing: &mut Outgoing<'_>) -> io::Result<String> {
        let mut text = String::new();
        outgoing.read_to_string(&mut text).map(|_| text)
    }

    #[test]
    fn gives_exactly_its_length_and_hashes_the_source_bytes_alone() {
        let (source, body, mut seen) = (Small(b"0123456789".to_vec()), body(2..9), Vec::new());
        let mut outgoing = Outgoing::new(&body, &source, CancelFlag::new(), Box::new(|read| seen.push(read)));
        assert_eq!(outgoing.len(), 9);
        assert_eq!(outgoing.observed(), Observed::none());
        assert_eq!(read_all(&mut outgoing).unwrap(), "<2345678>");
        let mut md5 = Hasher::new(HashKind::Md5).unwrap();
        md5.update(b"2345678");
        assert_eq!(outgoing.observed().get(HashKind::Md5), Some(&md5.finish()));
        drop(outgoing);
        assert_eq!(seen, [3, 6, 7]);
    }

    #[test]
    fn a_source_that_shrank_is_named_and_nothing_is_observed() {
        let (source, body) = (Small(b"01234".to_vec()), body(2..9));
        let mut outgoing = Outgoing::new(&body, &source, CancelFlag::new(), Box::new(|_| ()));
        assert!(read_all(&mut outgoing).is_err());
        assert!(matches!(outgoing.take_source_error(), Some(SourceError::Ended { at: 5, .. })));
        assert_eq!(outgoing.observed(), Observed::none());
    }

    #[test]
    fn a_cancelled_request_reads_no_further() {
        let (source, body, flag) = (Small(b"0123456789".to_vec()), body(0..10), CancelFlag::new());
        let mut outgoing = Outgoing::new(&body, &source, flag.clone(), Box::new(|_| flag.cancel()));
        assert!(read_all(&mut outgoing).is_err());
        assert_eq!(outgoing.source_read(), 3);
        assert!(outgoing.take_source_error().is_none());
    }
}
