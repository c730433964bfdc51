//! The pieces of a body, one after the other.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::channel::oneshot;
use resumable_core::{Body, HashKind};

use super::offload::{Offload, Work};
use super::report::Shared;
use crate::body_reader::BodyReader;
use crate::source::{Source, SourceError};

/// Some bytes, and how many of the source were read up to their end.
pub(super) struct Piece {
    pub(super) bytes: Bytes,
    pub(super) source_read: u64,
}

impl Piece {
    /// Keeps so many bytes at most, all of the source or none, and gives the rest.
    pub(super) fn split_off(&mut self, most: usize) -> Option<Self> {
        if self.bytes.len() <= most {
            return None;
        }
        let rest = Self { bytes: self.bytes.split_off(most), source_read: self.source_read };
        self.source_read -= rest.bytes.len() as u64;
        Some(rest)
    }
}

/// A body that is read piece by piece: it goes into a job with each piece, and comes back with it.
pub(super) struct Reader {
    body: BodyReader<Body, Arc<dyn Source>>,
    left: u64,
    shared: Arc<Shared>,
    /// How many pieces are read elsewhere before one may be at hand.
    jobs: u32,
    buffers: Buffers,
}

/// After a piece was not at hand, so many are read elsewhere.
const JOBS: u32 = 8;

/// Taken so fast that another thread would cost more.
fn is_cheap(kind: HashKind) -> bool {
    matches!(kind, HashKind::Crc64 | HashKind::Crc64Nvme | HashKind::Crc32c)
}

/// A piece, and the reader for the next one.
pub(super) type Read = io::Result<(Piece, Reader)>;

impl Reader {
    pub(super) fn new(body: Body, source: Arc<dyn Source>, shared: Arc<Shared>) -> Self {
        let left = body.len();
        let cheap = body.observe().iter().all(|kind| is_cheap(*kind));
        let jobs = if cheap { 0 } else { u32::MAX };
        Self { body: BodyReader::new(body, source), left, shared, jobs, buffers: Buffers::default() }
    }

    /// How many bytes of the body are not read yet.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    /// The next piece is none that may be at hand.
    pub(super) fn reads_elsewhere(&self) -> bool {
        self.jobs > 0
    }

    /// The next piece, if it is at hand.
    pub(super) fn piece_now(mut self, most: usize) -> io::Result<(Option<Piece>, Self)> {
        if self.reads_elsewhere() {
            return Ok((None, self));
        }
        let shared = Arc::clone(&self.shared);
        let read = catch_unwind(AssertUnwindSafe(|| {
            let (mut buffer, room) = self.room(most);
            let Some(count) = self.body.read_now(&mut buffer[..room])? else {
                self.jobs = JOBS;
                self.buffers.keep(buffer.freeze());
                return Ok((None, self));
            };
            Ok((Some(self.took(buffer, count)), self))
        }));
        match read {
            Ok(read) => read.map_err(|error| shared.failed(error)),
            Err(panic) => Err(shared.panicked(panic)),
        }
    }

    /// Reads a piece, which fails with what it panics with.
    pub(super) fn begin(mut self, most: usize, offload: &dyn Offload) -> io::Result<oneshot::Receiver<Read>> {
        self.jobs -= u32::from(self.jobs < u32::MAX);
        let (tell, told) = oneshot::channel();
        let job = move || {
            let shared = Arc::clone(&self.shared);
            let read = match catch_unwind(AssertUnwindSafe(|| self.piece(most))) {
                Ok(Ok(read)) => Ok(read),
                Ok(Err(error)) => Err(shared.failed(error)),
                Err(panic) => Err(shared.panicked(panic)),
            };
            // Whoever does not wait any more wants no piece: the reader ends here.
            let _ = tell.send(read);
        };
        offload.run(Work::Read, Box::new(job))?;
        Ok(told)
    }

    fn piece(mut self, most: usize) -> Result<(Piece, Self), SourceError> {
        let (mut buffer, room) = self.room(most);
        let count = self.body.read(&mut buffer[..room])?;
        Ok((self.took(buffer, count), self))
    }

    /// A buffer, and how many bytes to read into it.
    fn room(&mut self, most: usize) -> (BytesMut, usize) {
        let room = usize::try_from(self.left).unwrap_or(most).min(most);
        (self.buffers.take(room), room)
    }

    fn took(&mut self, buffer: BytesMut, count: usize) -> Piece {
        self.left -= count as u64;
        let source_read = self.body.source_read();
        if source_read > 0 && source_read == self.shared.source_len() {
            self.shared.is_read(self.body.observed());
        }
        let buffer = buffer.freeze();
        let bytes = buffer.slice(..count);
        self.buffers.keep(buffer);
        Piece { bytes, source_read }
    }
}

/// Buffers that were given away as pieces, the oldest first. When the connection has sent one, it is filled again: a new one
/// costs as much as the reading.
#[derive(Default)]
struct Buffers(VecDeque<Bytes>);

/// As many as are under way where the connection takes what it is given: two of them are sent, one is cut up, one is filled.
const BUFFERS: usize = 4;

impl Buffers {
    /// One of at least so many bytes, whatever is in them.
    fn take(&mut self, len: usize) -> BytesMut {
        let new = || BytesMut::zeroed(len);
        match self.0.pop_front().map(Bytes::try_into_mut) {
            Some(Ok(buffer)) if buffer.len() >= len => buffer,
            Some(Err(is_sent)) => {
                self.0.push_front(is_sent);
                new()
            }
            _ => new(),
        }
    }

    fn keep(&mut self, buffer: Bytes) {
        if self.0.len() == BUFFERS {
            self.0.pop_front();
        }
        self.0.push_back(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_filled_again_when_nobody_has_a_piece_of_it() {
        let mut buffers = Buffers::default();
        let buffer = buffers.take(100).freeze();
        let (at, mut piece) = (buffer.as_ptr(), buffer.slice(..90));
        buffers.keep(buffer);
        let sent = piece.split_to(50);
        drop(piece);
        assert_ne!(buffers.take(100).as_ptr(), at, "a part of it is being sent");
        drop(sent);
        let again = buffers.take(80);
        assert_eq!((again.as_ptr(), again.len()), (at, 100));
        buffers.keep(again.freeze());
        assert_eq!(buffers.take(101).len(), 101, "it is too short");
    }

    #[test]
    fn no_more_buffers_are_kept_than_are_under_way() {
        let mut buffers = Buffers::default();
        let pieces: Vec<Bytes> = (0..10).map(|_| Bytes::from(vec![0; 10])).collect();
        pieces.iter().for_each(|piece| buffers.keep(piece.clone()));
        assert!(pieces.iter().map(Bytes::is_unique).eq((0..10).map(|at| at < 6)));
    }
}
