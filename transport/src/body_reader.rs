use std::borrow::Borrow;

use crate::source::{Source, SourceError};
use resumable_core::{Body, HashKind, Hasher, Observed, Segment};

/// Reads a [`Body`] once, from its first byte to its last: memory segments and ranges of the source, which are hashed
/// as they pass ([`Body::observe`]).
///
/// It owns or borrows both, as it is given them.
pub struct BodyReader<B, S> {
    body: B,
    source: S,
    hashers: Vec<(HashKind, Hasher)>,
    segment: usize,
    within: u64,
    source_read: u64,
}

impl<B: Borrow<Body>, S: Source> BodyReader<B, S> {
    /// A reader at the first byte of `body`.
    pub fn new(body: B, source: S) -> Self {
        let hashers =
            body.borrow().observe().iter().filter_map(|kind| Some((*kind, Hasher::new(*kind).ok()?))).collect();
        Self { body, source, hashers, segment: 0, within: 0, source_read: 0 }
    }

    /// How many source bytes were read so far.
    pub fn source_read(&self) -> u64 {
        self.source_read
    }

    /// The digests of the source bytes, if all of them were read.
    pub fn observed(&self) -> Observed {
        if self.source_read < self.body.borrow().source_len() {
            return Observed::none();
        }
        Observed::all(self.hashers.iter().map(|(kind, hasher)| (*kind, hasher.clone().finish())).collect())
    }

    /// Reads some bytes of one segment, and says how many: 0 only at the end of the body, or into an empty buffer.
    ///
    /// # Errors
    /// When the source cannot be read, or ends before a range of the body does.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, SourceError> {
        let read = self.read_by(buffer, |source, from, room| source.read_at(from, room).map(Some))?;
        Ok(read.unwrap_or_default())
    }

    /// The same of what is at hand: `None` where that would have to wait ([`Source::read_now`]).
    #[cfg(feature = "async")]
    pub(crate) fn read_now(&mut self, buffer: &mut [u8]) -> Result<Option<usize>, SourceError> {
        self.read_by(buffer, S::read_now)
    }

    fn read_by(
        &mut self,
        buffer: &mut [u8],
        read: impl FnOnce(&S, u64, &mut [u8]) -> Result<Option<usize>, SourceError>,
    ) -> Result<Option<usize>, SourceError> {
        let segments = self.body.borrow().segments();
        let Some(segment) = segments.get(self.segment).filter(|_| !buffer.is_empty()) else { return Ok(Some(0)) };
        let len = segment.len();
        let room = usize::try_from(len - self.within).unwrap_or(usize::MAX).min(buffer.len());
        let count = match segment {
            Segment::Bytes(bytes) => {
                let from = usize::try_from(self.within).unwrap_or(usize::MAX);
                buffer[..room].copy_from_slice(&bytes[from..from + room]);
                room
            }
            Segment::Source(range) => {
                let from = range.start + self.within;
                let Some(count) = self.read_source(from, &mut buffer[..room], read)? else { return Ok(None) };
                count
            }
        };
        self.within += count as u64;
        if self.within == len {
            self.segment += 1;
            self.within = 0;
        }
        Ok(Some(count))
    }

    fn read_source(
        &mut self,
        from: u64,
        buffer: &mut [u8],
        read: impl FnOnce(&S, u64, &mut [u8]) -> Result<Option<usize>, SourceError>,
    ) -> Result<Option<usize>, SourceError> {
        let Some(count) = read(&self.source, from, buffer)? else { return Ok(None) };
        if count == 0 {
            return Err(SourceError::Ended { at: from, expected: from + buffer.len() as u64 });
        }
        self.hashers.iter_mut().for_each(|(_, hasher)| hasher.update(&buffer[..count]));
        self.source_read += count as u64;
        Ok(Some(count))
    }
}
